"""Another project's vehicle: it charges by the EVCC of the package `iso15118`.

    PEER/bin/python tools/ev_iso15118.py --interface eth0 [--config EV.json] [--on-line]
        [--plan '[{"pauses": true}, {"session_id": "ours"}]']

Run it with the Python that the package is installed for (`tools/peer-requirements.txt`), this
project on its PYTHONPATH; it needs a Java runtime. Prints JSON lines: warm, sent and received
messages as the package's codec sees them, ended. Its JVM is warmed up before it asks for a
charger, or its own timers of 2 s would not hold. With --on-line it begins when it is given a
line on standard input.

A plan has one item for each session, and with --on-line each waits for its line. What an item
may say, the package never wants by itself: `pauses`, the session ends with a pause;
`renegotiates_at`, the turn of the charging loop at which the vehicle negotiates anew;
`session_id`, of the session to go on with, `ours` for the one before; `services`, beside
charging, each with the number of one of its parameter sets; `updates`, another contract;
`control`, of ISO 15118-20: 2, the charger decides; `seconds`, until it gives up. How it then
pauses, negotiates and goes on, is the package's own.

Exit code 0 if the vehicle stopped its last session as it wanted to, else 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from iso15118.evcc import EVCCHandler, evcc_settings  # type: ignore[import-not-found]
from iso15118.evcc.comm_session_handler import (  # type: ignore[import-not-found]
    EVCCCommunicationSession,
)
from iso15118.evcc.controller.simulator import (  # type: ignore[import-not-found]
    SimEVController,
)
from iso15118.evcc.evcc_config import EVCCConfig  # type: ignore[import-not-found]
from iso15118.evcc.states import iso15118_2_states as states  # type: ignore[import-not-found]
from iso15118.shared.exificient_exi_codec import (  # type: ignore[import-not-found]
    ExificientEXICodec,
)
from iso15118.shared.iexi_codec import IEXICodec  # type: ignore[import-not-found]
from iso15118.shared.messages.iso15118_2.datatypes import (  # type: ignore[import-not-found]
    ChargingSession,
)
from iso15118.shared.notifications import (  # type: ignore[import-not-found]
    StopNotification,
)
from iso15118.shared.settings import load_shared_settings  # type: ignore[import-not-found]

from tools import ev_iso15118_wishes

AC_WITHOUT_TLS = {
    "supportedProtocols": ["ISO_15118_2"],
    "supportedEnergyServices": ["AC"],
    "energyTransferMode": "AC_three_phase_core",
    "useTls": False,
    "enforceTls": False,
    "isCertInstallNeeded": False,
    "sdpRetryCycles": 1,
    "maxContractCerts": 3,
    "maxSupportingPoints": 1024,
    "chargeLoopCycle": 5,
    "chargeLoopDelay": 0,
}
HEADER = {"SessionID": "0000000000000000"}
WARM_UP = {
    "urn:iso:15118:2:2010:AppProtocol": {
        "supportedAppProtocolReq": {
            "AppProtocol": [
                {
                    "ProtocolNamespace": "urn:iso:15118:2:2013:MsgDef",
                    "VersionNumberMajor": 2,
                    "VersionNumberMinor": 0,
                    "SchemaID": 1,
                    "Priority": 1,
                }
            ]
        }
    },
    "urn:iso:15118:2:2013:MsgDef": {
        "V2G_Message": {
            "Header": HEADER,
            "Body": {"SessionSetupReq": {"EVCCID": "000000000000"}},
        }
    },
}
WARM_UP_OF_DIN = {
    "urn:din:70121:2012:MsgDef": {
        "V2G_Message": {
            "Header": HEADER,
            "Body": {"SessionSetupReq": {"EVCCID": "000000000000"}},
        }
    },
}
RATIONAL = {"Exponent": 0, "Value": 0}
NEW_HEADER = {**HEADER, "TimeStamp": 0}
WARM_UP_OF_20 = {  # the loop waits for half a second, and not for Java
    "urn:iso:std:iso:15118:-20:CommonMessages": {
        "SessionSetupReq": {"Header": NEW_HEADER, "EVCCID": "WMIV1234567890ABCDEX"}
    },
    "urn:iso:std:iso:15118:-20:AC": {
        "AC_ChargeLoopReq": {
            "Header": NEW_HEADER,
            "MeterInfoRequested": False,
            "Scheduled_AC_CLReqControlMode": {"EVPresentActivePower": RATIONAL},
        }
    },
    "urn:iso:std:iso:15118:-20:DC": {
        "DC_ChargeLoopReq": {
            "Header": NEW_HEADER,
            "MeterInfoRequested": False,
            "EVPresentVoltage": RATIONAL,
            "Scheduled_DC_CLReqControlMode": {
                "EVTargetCurrent": RATIONAL,
                "EVTargetVoltage": RATIONAL,
            },
        }
    },
}
WARM_UPS = 20  # messages per namespace; the first takes a second or more, the last 20 ms


class ToldCodec(IEXICodec):  # type: ignore[misc]
    """The package's own codec, which tells what passes through it."""

    def __init__(self) -> None:
        self._codec = ExificientEXICodec()

    def warm_up(self, protocols: list[str]) -> None:
        """Encode and decode so that Java has seen it all."""
        newest = any("_20_" in name for name in protocols)
        messages: dict[str, Any] = WARM_UP | (WARM_UP_OF_20 if newest else {})
        messages |= WARM_UP_OF_DIN if "DIN_SPEC_70121" in protocols else {}
        for namespace, message in messages.items():
            for _ in range(WARM_UPS):
                stream = self._codec.encode(json.dumps(message), namespace)
                self._codec.decode(stream, namespace)

    def encode(self, message: str, namespace: str) -> bytes:
        """Encode what the vehicle sends."""
        say(event="sent", message=json.loads(message))
        return bytes(self._codec.encode(message, namespace))

    def decode(self, stream: bytes, namespace: str) -> str:
        """Decode what the vehicle received."""
        message = str(self._codec.decode(stream, namespace))
        say(event="received", message=json.loads(message))
        return message

    def get_version(self) -> str:
        """Return the version of the codec."""
        return str(self._codec.get_version())


class WatchedQueue(asyncio.Queue[Any]):
    """The package's own queue; it knows when a session has ended, and how."""

    def __init__(self) -> None:
        super().__init__()
        self.ended: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def put_nowait(self, item: Any) -> None:
        """Watch what passes."""
        if isinstance(item, StopNotification) and not self.ended.done():
            self.ended.set_result(item)
        super().put_nowait(item)


class Driver(SimEVController):  # type: ignore[misc]
    """The package's simulated vehicle, with wishes for one session."""

    def __init__(self, config: EVCCConfig, wishes: dict[str, Any]) -> None:
        super().__init__(config)
        self.pauses = bool(wishes.get("pauses"))
        self._until_anew = int(wishes.get("renegotiates_at", 0))
        self.services = {int(n): one for n, one in wishes.get("services", {}).items()}
        self.updates = bool(wishes.get("updates"))
        self._control = int(wishes.get("control", 1))

    async def select_energy_service_v20(self, services: list[Any]) -> Any:
        """Take the package's choice with another of its parameter sets, if that is wished."""
        chosen = await super().select_energy_service_v20(services)
        for offered in services[0].parameter_sets:
            known = {one.name: one.int_value for one in offered.parameters}
            if known.get("ControlMode") == self._control:
                chosen.parameter_set = offered
                break
        return chosen

    def wants_anew(self) -> bool:
        """Whether this is the turn of the charging loop at which it negotiates anew."""
        self._until_anew -= 1
        return self._until_anew == 0


class ChargingStatus(states.ChargingStatus):  # type: ignore[misc]
    """The package's own state, in which a vehicle has a will."""

    async def process_message(self, message: Any, message_exi: bytes | None = None) -> None:
        """Do for the vehicle's own wish what the package does for the charger's."""
        if self.comm_session.ev_controller.wants_anew():
            status = message.body.charging_status_res.ac_evse_status
            status.evse_notification = states.EVSENotification.RE_NEGOTIATION
        await super().process_message(message, message_exi)

    async def stop_charging(self) -> None:
        """Stop for a while only; remember what the package would."""
        await super().stop_charging()
        stop(self.comm_session)


class CurrentDemand(states.CurrentDemand):  # type: ignore[misc]
    """The package's own state on DC, in which a vehicle may want to pause."""

    async def stop_charging(self) -> None:
        """Stop for a while only; remember what the package would."""
        await super().stop_charging()
        stop(self.comm_session)


def stop(session: Any) -> None:
    """Keep what the package would keep of a session that stops, and pause it if wished."""
    kept["session_id"] = session.session_id
    kept["auth"], kept["mode"] = session.selected_auth_option, session.selected_energy_mode
    if session.ev_controller.pauses:
        session.charging_session_stop_v2 = ChargingSession.PAUSE


kept: dict[str, Any] = {}  # of the session before


def resume(wanted: str) -> None:
    """Have the package go on with a session; it reads these settings, and never writes them."""
    evcc_settings.RESUME_SESSION_ID = kept["session_id"] if wanted == "ours" else wanted
    evcc_settings.RESUME_SELECTED_AUTH_OPTION = kept["auth"]
    if kept["mode"].value.startswith("AC"):  # with a mode of DC it would go on as if on AC
        evcc_settings.RESUME_REQUESTED_ENERGY_MODE = kept["mode"]


async def hang_up(session: Any, reason: str) -> None:
    """End a session, of which there are more, without the package's five seconds."""
    session.writer.close()


async def charge(
    interface: str, settings: dict[str, Any], seconds: float, on_line: bool, plan: list[Any]
) -> bool:
    """Charge; return whether the last session ended as the vehicle wanted."""
    for handler in logging.getLogger().handlers:
        handler.setStream(sys.stderr)  # type: ignore[attr-defined]
    load_shared_settings()
    states.ChargingStatus, states.CurrentDemand = ChargingStatus, CurrentDemand
    ev_iso15118_wishes.install()
    if len(plan) > 1:
        EVCCCommunicationSession.stop = hang_up
    codec = ToldCodec()
    codec.warm_up(settings["supportedProtocols"])
    say(event="warm", settings=settings)
    successful = False
    for number, wishes in enumerate(plan, start=1):
        if on_line:
            await asyncio.to_thread(sys.stdin.readline)
        if "session_id" in wishes:
            resume(wishes["session_id"])
        config = EVCCConfig(**settings)
        config.load_raw_values()
        evcc = EVCCHandler(config, interface, codec, Driver(config, wishes))
        successful, why = await charge_once(evcc, wishes.get("seconds", seconds))
        say(event="ended", session=number, successful=successful, why=why)
    return successful


async def charge_once(evcc: Any, seconds: float) -> tuple[bool, str]:
    """Have one session; return whether it ended as the vehicle wanted, and why it ended."""
    evcc._rcv_queue = queue = WatchedQueue()
    working = asyncio.create_task(evcc.start())
    try:
        async with asyncio.timeout(seconds):
            ended = await queue.ended
    except TimeoutError:
        return False, f"still not done after {seconds:g} s"
    finally:
        working.cancel()
    return bool(ended.successful), str(ended.reason)


def say(**what: object) -> None:
    """Print a JSON line."""
    print(json.dumps(what), flush=True)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--interface", required=True)
    parser.add_argument("--config", type=Path, help="keys that differ from -2 AC without TLS")
    parser.add_argument("--seconds", type=float, default=60.0, help="give up after these")
    parser.add_argument("--on-line", action="store_true", help="begin at a line on stdin")
    parser.add_argument("--plan", type=json.loads, default=[{}], help="of several sessions")
    given = parser.parse_args()
    settings = dict(AC_WITHOUT_TLS)
    if given.config is not None:
        settings |= json.loads(given.config.read_text())
    how = (given.seconds, given.on_line, given.plan)
    stopped = asyncio.run(charge(given.interface, settings, *how))
    sys.exit(0 if stopped else 1)


if __name__ == "__main__":
    main()
