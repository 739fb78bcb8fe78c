"""The SECC or the EVCC of the package `iso15118`, with its own EXI codec or with ours.

    PEER/bin/python tools/run_iso15118.py secc --interface eth0 --codec seccstack
    PEER/bin/python tools/run_iso15118.py evcc --interface eth1 --codec exificient

Run it with the Python that the package is installed for (`tools/peer-requirements.txt`), this
project on its PYTHONPATH. Prints JSON lines: ready, the messages and signed elements as they
pass through the codec, ended. The EVCC begins when it is given a line on standard input. The
SECC takes its settings from the environment, as the package has it, and never ends by itself.

Exit code of the EVCC: 0 if its session ended as it wanted, else 1.
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
from iso15118.secc import SECCHandler  # type: ignore[import-not-found]
from iso15118.secc.controller.interface import (  # type: ignore[import-not-found]
    ServiceStatus,
)
from iso15118.secc.controller.simulator import (  # type: ignore[import-not-found]
    SimEVSEController,
)
from iso15118.secc.secc_settings import Config  # type: ignore[import-not-found]
from iso15118.shared.comm_session import (  # type: ignore[import-not-found]
    V2GCommunicationSession,
)
from iso15118.shared.exificient_exi_codec import (  # type: ignore[import-not-found]
    ExificientEXICodec,
)
from iso15118.shared.iexi_codec import IEXICodec  # type: ignore[import-not-found]
from iso15118.shared.settings import load_shared_settings  # type: ignore[import-not-found]

from seccstack.messages.for_iso15118 import SeccstackEXICodec
from tools.ev_iso15118 import AC_WITHOUT_TLS, WARM_UP, say

CODECS = {"exificient": ExificientEXICodec, "seccstack": SeccstackEXICodec}
HEADER = {"SessionID": "0000000000000000", "TimeStamp": 0}
MODE = {"Scheduled_AC_CLReqControlMode": {"EVPresentActivePower": {"Exponent": 0, "Value": 0}}}
LOOP = {"Header": HEADER, "MeterInfoRequested": False, **MODE}
WARM_UPS = WARM_UP | {
    "urn:iso:std:iso:15118:-20:CommonMessages": {
        "SessionSetupReq": {"Header": HEADER, "EVCCID": "WMIV1234567890ABCDEX"}
    },
    "urn:iso:std:iso:15118:-20:AC": {"AC_ChargeLoopReq": LOOP},
}


class ToldCodec(IEXICodec):  # type: ignore[misc]
    """A codec that tells what passes through it."""

    def __init__(self, codec: IEXICodec) -> None:
        self._codec = codec

    def encode(self, message: str, namespace: str) -> bytes:
        """Encode what is sent, or signed."""
        stream = bytes(self._codec.encode(message, namespace))
        say(event="sent", message=json.loads(message), exi=stream.hex())
        return stream

    def decode(self, stream: bytes, namespace: str) -> str:
        """Decode what is received."""
        message = str(self._codec.decode(stream, namespace))
        say(event="received", message=json.loads(message), exi=stream.hex())
        return message

    def get_version(self) -> str:
        """Return the version of the codec."""
        return str(self._codec.get_version())


class Station(SimEVSEController):  # type: ignore[misc]
    """The package's simulated charger; it tells when it can be found."""

    async def set_status(self, status: ServiceStatus) -> None:
        """Tell."""
        if status is ServiceStatus.READY:
            say(event="ready")


def watch_the_end() -> asyncio.Queue[bool]:
    """Have sessions tell whether they end as wanted, before they take five seconds to close."""
    close, ended = V2GCommunicationSession.stop, asyncio.Queue[bool]()

    async def stop(session: Any, reason: str) -> None:
        successful = bool(session.stop_reason and session.stop_reason.successful)
        say(event="ended", successful=successful, why=reason)
        ended.put_nowait(successful)
        await close(session, reason)

    V2GCommunicationSession.stop = stop
    return ended


async def serve(interface: str, codec: IEXICodec) -> None:
    """Be a charger."""
    config = Config()
    config.load_envs()
    watch_the_end()
    await SECCHandler(codec, Station(), config).start(interface)


async def charge(interface: str, codec: IEXICodec, settings: dict[str, Any]) -> bool:
    """Be a vehicle for one session; return whether it ended as wanted."""
    load_shared_settings()
    config = EVCCConfig(**settings)
    config.load_raw_values()
    ended = watch_the_end()
    vehicle = EVCCHandler(config, interface, codec, SimEVController(config))
    say(event="ready")
    await asyncio.to_thread(sys.stdin.readline)
    working = asyncio.create_task(vehicle.start())
    successful = await ended.get()
    working.cancel()
    return successful


def warm(codec: IEXICodec) -> None:
    """Use every schema once: EXIficient first takes longer for one than a car waits."""
    for namespace, message in WARM_UPS.items():
        codec.decode(codec.encode(json.dumps(message), namespace), namespace)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("side", choices=("secc", "evcc"))
    parser.add_argument("--interface", required=True)
    parser.add_argument("--codec", choices=sorted(CODECS), required=True)
    parser.add_argument("--config", type=Path, help="keys that differ from -2 AC without TLS")
    given = parser.parse_args()
    for handler in logging.getLogger().handlers:
        handler.setStream(sys.stderr)  # type: ignore[attr-defined]
    codec = CODECS[given.codec]()
    warm(codec)
    if given.side == "secc":
        asyncio.run(serve(given.interface, ToldCodec(codec)))
    else:
        settings = dict(AC_WITHOUT_TLS)
        if given.config is not None:
            settings |= json.loads(given.config.read_text())
        stopped = asyncio.run(charge(given.interface, ToldCodec(codec), settings))
        sys.exit(0 if stopped else 1)


if __name__ == "__main__":
    main()
