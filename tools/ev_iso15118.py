"""Another project's vehicle: one charge by the EVCC of the package `iso15118`.

    PEER/bin/python tools/ev_iso15118.py --interface eth0 [--config EV.json] [--on-line]

Run it with the Python that the package is installed for (`tools/peer-requirements.txt`); it
needs a Java runtime. Prints JSON lines: warm, sent and received messages as the package's codec
sees them, ended. Its JVM is warmed up before it asks for a charger, or its own timers of 2 s
would not hold. With --on-line it begins when it is given a line on standard input.

Exit code 0 if the vehicle stopped its session as it wanted to, else 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from iso15118.evcc import EVCCHandler  # type: ignore[import-not-found]
from iso15118.evcc.controller.simulator import (  # type: ignore[import-not-found]
    SimEVController,
)
from iso15118.evcc.evcc_config import EVCCConfig  # type: ignore[import-not-found]
from iso15118.shared.exificient_exi_codec import (  # type: ignore[import-not-found]
    ExificientEXICodec,
)
from iso15118.shared.iexi_codec import IEXICodec  # type: ignore[import-not-found]
from iso15118.shared.notifications import (  # type: ignore[import-not-found]
    StopNotification,
)
from iso15118.shared.settings import load_shared_settings  # type: ignore[import-not-found]

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
WARM_UPS = 20  # messages per namespace; the first takes a second or more, the last 20 ms


class ToldCodec(IEXICodec):  # type: ignore[misc]
    """The package's own codec, which tells what passes through it."""

    def __init__(self) -> None:
        self._codec = ExificientEXICodec()

    def warm_up(self) -> None:
        """Encode and decode so that Java has seen it all."""
        for namespace, message in WARM_UP.items():
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


async def charge(
    interface: str, settings: dict[str, Any], seconds: float, on_line: bool
) -> bool:
    """Charge once; return whether the session ended as the vehicle wanted."""
    for handler in logging.getLogger().handlers:
        handler.setStream(sys.stderr)  # type: ignore[attr-defined]
    load_shared_settings()
    config = EVCCConfig(**settings)
    config.load_raw_values()
    codec = ToldCodec()
    codec.warm_up()
    say(event="warm", settings=settings)
    if on_line:
        await asyncio.to_thread(sys.stdin.readline)
    evcc = EVCCHandler(config, interface, codec, SimEVController(config))
    evcc._rcv_queue = queue = WatchedQueue()
    working = asyncio.create_task(evcc.start())
    try:
        async with asyncio.timeout(seconds):
            ended = await queue.ended
    except TimeoutError:
        say(event="ended", successful=False, why=f"still not done after {seconds:g} s")
        return False
    finally:
        working.cancel()
    say(event="ended", successful=ended.successful, why=str(ended.reason))
    return bool(ended.successful)


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
    given = parser.parse_args()
    settings = dict(AC_WITHOUT_TLS)
    if given.config is not None:
        settings |= json.loads(given.config.read_text())
    stopped = asyncio.run(charge(given.interface, settings, given.seconds, given.on_line))
    sys.exit(0 if stopped else 1)


if __name__ == "__main__":
    main()
