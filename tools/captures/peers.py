"""Sessions of the package `iso15118` over real sockets, sniffed between the two.

Its EVCC and its SECC speak what this project's SECC may not speak yet; its EVCC also charges at
ours, with SLAC by emulated modems. Both use the package's own EXI codec, so what is recorded
was encoded by another than us. Needs root, a Java runtime, and SECCSTACK_PEER_PYTHON.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from seccstack import __version__
from seccstack.recording import blocks
from tools.captures.card import Recording
from tools.captures.places import PROJECT, FailedError, Program, cable, place

PEER = Path(os.environ.get("SECCSTACK_PEER_PYTHON", PROJECT / ".venv-peer/bin/python"))
CHARGER, CAR = "plc0", "ev0"
CHARGER_MAC, CAR_MAC = "02:fe:ed:00:00:01", "02:ca:50:00:00:01"
ATTEMPTS = 3
CLOSING_SECONDS = 1.0  # from a session's end to the last packet of its connection
CONFIG = f"""
[powerline]
kind = "ethernet"
interface = "{CHARGER}"
[log]
level = "debug"
"""
TLS = {"useTls": True, "enforceTls": True}
DC = {"energyTransferMode": "DC_extended", "supportedEnergyServices": ["DC"]}
TLS13 = {"ENABLE_TLS_1_3": "True"}
EIM, PNC = {"AUTH_MODES": "EIM"}, {"AUTH_MODES": "PNC"}


@dataclass(frozen=True, slots=True)
class Session:
    """One session to record: what the vehicle is told, and the environment of both."""

    what: str
    settings: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)


def _of(*protocols: str) -> dict[str, Any]:
    return {"supportedProtocols": list(protocols), "chargeLoopCycle": 3}


SESSIONS = {
    "peer-din-dc": Session("DIN 70121, DC", _of("DIN_SPEC_70121") | DC, EIM),
    "peer-2-dc": Session("ISO 15118-2, DC", _of("ISO_15118_2") | DC, EIM),
    "peer-2-ac-tls": Session("ISO 15118-2, AC over TLS 1.2", _of("ISO_15118_2") | TLS, EIM),
    "peer-2-ac-contract-tls": Session(
        "ISO 15118-2, AC on a contract over TLS 1.2", _of("ISO_15118_2") | TLS, PNC
    ),
    "peer-2-ac-installation-tls": Session(
        "ISO 15118-2, AC on a contract that is installed first, over TLS 1.2",
        _of("ISO_15118_2") | TLS | {"isCertInstallNeeded": True},
        PNC,
    ),
    "peer-20-ac-tls": Session(
        "ISO 15118-20, AC over TLS 1.3",
        _of("ISO_15118_20_AC") | TLS | {"supportedEnergyServices": ["AC"]},
        EIM | TLS13,
    ),
    "peer-20-dc-tls": Session(
        "ISO 15118-20, DC over TLS 1.3", _of("ISO_15118_20_DC") | TLS | DC, EIM | TLS13
    ),
}
UNKNOWN_CA = "peer-tls-unknown-ca"
WHAT_UNKNOWN_CA = "A vehicle refuses a charger's certificate, whose root it lacks: unknown_ca"
AT_OURS = "peer-ac-at-ours"
WHAT_AT_OURS = "The vehicle of the package iso15118 charges at our charger: ISO 15118-2, AC"


NAMES = (AT_OURS, UNKNOWN_CA, *SESSIONS)


class Stage:
    """Where a recording is made; what is started on it ends with it."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.charger = stack.enter_context(place())
        self.car = stack.enter_context(place())
        self.keys = folder / "keys.log"
        self._sniffer: Program | None = None

    def start(self, where: str, *command: object, **how: Any) -> Program:
        """Start a program there."""
        return self.stack.enter_context(Program(where, *command, **how))

    def sniff(self) -> None:
        """Begin to record what passes the charger's interface."""
        module = (sys.executable, "-u", "-m", "tools.captures.sniffer", CHARGER)
        self._sniffer = self.start(self.charger, *module)
        if self._sniffer.next() != "ready\n":
            raise FailedError("nothing can be sniffed")

    def recorded(self, comment: str) -> bytes:
        """Return what was recorded, as a pcapng."""
        assert self._sniffer is not None  # noqa: S101 - `sniff` comes first
        time.sleep(CLOSING_SECONDS)
        self._sniffer.end()
        found = [blocks.section(f"seccstack {__version__}", comment)]
        if self.keys.is_file():
            found.append(blocks.secrets(self.keys.read_bytes()))
        for line in self._sniffer.lines[1:]:
            nanoseconds, octets = line.split()
            packet = bytes.fromhex(octets)
            found.append(blocks.packet(blocks.Interface.ETHERNET, int(nanoseconds), packet))
        return b"".join(found)

    def peer(
        self, where: str, side: str, interface: str, environment: dict[str, str]
    ) -> Program:
        """Start one side of the package's."""
        module = (PEER, "-u", "-m", "tools.captures.logged_iso15118", side)
        words = ("--interface", interface, "--codec", "exificient")
        words += ("--config", self.folder / "ev.json")  # type: ignore[assignment]
        told = environment | ({"SSLKEYLOGFILE": str(self.keys)} if side == "secc" else {})
        return self.start(where, *module, *words, environment=told)


def certificates(folder: Path) -> dict[str, str]:
    """Make the certificates of all parties, by the package's own script."""
    where = "import iso15118; print(iso15118.__path__[0])"
    asked = subprocess.run([PEER, "-c", where], capture_output=True, text=True, check=True)  # noqa: S603
    shutil.copytree(Path(asked.stdout.strip()) / "shared" / "pki", folder)
    script = ["bash", "create_certs.sh", "-v", "iso-2"]
    subprocess.run(script, cwd=folder, check=True, capture_output=True)  # noqa: S603
    return {"PKI_PATH": f"{folder}/"}


def recordings(names: Sequence[str], folder: Path) -> Iterator[Recording]:
    """Record the sessions with these names, or all."""
    wanted = [name for name in NAMES if not names or name in names]
    if not wanted:
        return
    require(wanted)
    lab = certificates(folder / "lab")
    for name in wanted:
        yield insistently(name, folder, partial(_record, name, lab))


def require(wanted: Sequence[str]) -> None:
    """Raise FailedError where sessions with the package cannot be had."""
    if os.geteuid() != 0 or not PEER.is_file() or not shutil.which("java"):
        raise FailedError(f"root, a Java runtime and {PEER} are needed for {', '.join(wanted)}")


def insistently(name: str, folder: Path, record: Callable[[Stage], Recording]) -> Recording:
    """Record a session; again, where it failed: on a busy machine the package is too slow."""
    for attempt in range(ATTEMPTS):
        own = folder / f"{name}-{attempt}"
        own.mkdir()
        try:
            with ExitStack() as stack:
                return record(Stage(own, stack))
        except FailedError as error:
            if attempt + 1 == ATTEMPTS:
                raise
            print(f"{name}: {error}; again", file=sys.stderr)
    raise AssertionError


def _record(name: str, lab: dict[str, str], stage: Stage) -> Recording:
    if name == AT_OURS:
        return recording_of(name, WHAT_AT_OURS, _at_ours(stage))
    if name == UNKNOWN_CA:
        return recording_of(name, WHAT_UNKNOWN_CA, _refused(stage, lab))
    session = SESSIONS[name]
    return recording_of(name, session.what, _between(stage, session, lab))


def recording_of(name: str, what: str, octets: bytes) -> Recording:
    """Name what was recorded, and say how."""
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    command = f"python -m tools.record_captures {name}"
    origin = f"{command}; {day}, iso15118 0.31.2 with EXIficient, seccstack {__version__}"
    return Recording(name, what, origin, octets)


def _between(stage: Stage, session: Session, lab: dict[str, str]) -> bytes:
    """Record the package's EVCC at its own SECC."""
    cable(stage.charger, CHARGER, CHARGER_MAC, stage.car, CAR, CAR_MAC)
    (stage.folder / "ev.json").write_text(json.dumps(session.settings))
    secc = stage.peer(stage.charger, "secc", CHARGER, session.environment | lab)
    evcc = stage.peer(stage.car, "evcc", CAR, session.environment | lab)
    secc.expect(event="ready")
    evcc.expect(event="ready")
    stage.sniff()
    evcc.begin()
    if not (ended := evcc.expect(event="ended"))["successful"]:
        raise FailedError(f"{session.what}: {ended['why']}")
    return stage.recorded(session.what)


def _refused(stage: Stage, lab: dict[str, str]) -> bytes:
    """Record a vehicle that does not trust the package's SECC."""
    cable(stage.charger, CHARGER, CHARGER_MAC, stage.car, CAR, CAR_MAC)
    (stage.folder / "ev.json").write_text("{}")
    stage.peer(stage.charger, "secc", CHARGER, EIM | lab).expect(event="ready")
    stage.sniff()
    vehicle = (sys.executable, "-m", "tools.captures.stranger", CAR)
    if stage.start(stage.car, *vehicle).next() != "refused\n":
        raise FailedError("the certificate was not refused")
    return stage.recorded(WHAT_UNKNOWN_CA)


def _at_ours(stage: Stage) -> bytes:
    """Record the package's EVCC at our charger, with a modem at each end of a power line."""
    line = stage.stack.enter_context(place())
    cable(stage.charger, CHARGER, CHARGER_MAC, line, "evse", "02:00:00:00:0e:01")
    cable(stage.car, CAR, CAR_MAC, line, "ev", "02:00:00:00:0e:02")
    modems = (sys.executable, "-m", "tools.emulated_modems", "--evse", "evse", "--ev", "ev")
    stage.start(line, *modems).expect(event="ready")
    config = stage.folder / "secc.toml"
    socket, registry = stage.folder / "control.sock", stage.folder / "registry.sqlite"
    places = f'[control]\nsocket = "{socket}"\n[registry]\npath = "{registry}"\n'
    config.write_text(CONFIG + places)
    ours = (sys.executable, "-m", "seccstack", "run", "--config", config)
    stage.sniff()
    charger = stage.start(stage.charger, *ours, told_on="stderr")
    charger.expect(event="ready")
    (stage.folder / "ev.json").write_text(json.dumps({"chargeLoopCycle": 5}))
    tool = (PROJECT / "tools" / "ev_iso15118.py", "--interface", CAR, "--on-line")
    car = stage.start(stage.car, PEER, "-u", *tool, "--config", stage.folder / "ev.json")
    car.expect(event="warm")
    tell(config, "pilot", "B")
    slac = (sys.executable, "-m", "tools.slac_ev", "--interface", CAR)
    stage.start(stage.car, *slac).expect(event="link", up=True)
    car.begin()
    charger.expect(event="message", sender="evse", name="ChargeParameterDiscoveryRes")
    tell(config, "pilot", "C")
    if not car.expect(event="ended")["successful"]:
        raise FailedError("the car did not charge at our charger")
    return stage.recorded(WHAT_AT_OURS)


def tell(config: Path, *words: str) -> None:
    """Give our charger an order."""
    command = [sys.executable, "-m", "seccstack", "tell", *words, "--config", str(config)]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True)  # noqa: S603
