"""Reading captures: packets and V2G messages per second, over a capture of our own making.

Beside it, on the same file: tshark and scapy, which dissect packets up to TCP. Neither puts
streams together for V2G nor reads EXI, so theirs is the lesser work.
"""

from __future__ import annotations

import io
import secrets
import struct
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from statistics import median
from tempfile import TemporaryDirectory

from seccstack import v2gtp
from seccstack.auth.decision import Policy
from seccstack.bench.figures import RATE, Figure, figure_of
from seccstack.capture.reader import read_packets
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.events import Action, Event
from seccstack.session.events import Exchanged
from seccstack.sim.demo import END, stage
from seccstack.sim.world import EVSE_MAC
from seccstack.slac import station

COPIES = 40  # charges, one after the other
RUNS = 5
PEER_RUNS = 3
EV, EVSE = bytes.fromhex("EC65CC010203"), EVSE_MAC
ETHERNET, PCAP = 1, 0xA1B2C3D4
FILE_HEADER = struct.pack("<IHHiIII", PCAP, 2, 4, 0, 0, 65535, ETHERNET)


def figures() -> Iterator[Figure]:
    """Measure the reading of one such capture, and what the peers need for it."""
    capture, packets, messages = _capture()
    by_packet, by_message = [], []
    for _ in range(RUNS):
        begun = time.perf_counter()
        trace = read_trace("bench", read_packets(io.BytesIO(capture).read))
        found = sum(len(session.messages) for session in sessions_of(trace))
        took = time.perf_counter() - begun
        if (trace.packets, found) != (packets, messages):
            raise RuntimeError(f"{found} messages in {trace.packets} packets, not {messages}")
        by_packet.append(packets / took)
        by_message.append(messages / took)
    note = f"{packets} packets, {messages} messages, EXI decoded"
    ours = figure_of("capture replay, packets", RATE, by_packet, note=note)
    for name, peer, is_there in (
        ("tshark", _tshark, which("tshark") is not None),
        ("scapy", _scapy, find_spec("scapy") is not None),
    ):
        beside = f"beside {name}, without EXI" if is_there else f"{name} is not installed"
        rate = _rate(peer, capture, packets) if is_there else None
        yield replace(ours, name=f"{ours.name} ({name})", peer=rate, note=beside)
    yield figure_of("capture replay, V2G messages", RATE, by_message, note=note)


def _rate(peer: Callable[[Path], None], capture: bytes, packets: int) -> float:
    """Return a peer's packets per second, without the time that it takes to start."""
    took = []
    with TemporaryDirectory() as folder:
        whole, empty = Path(folder, "whole.pcap"), Path(folder, "empty.pcap")
        whole.write_bytes(capture)
        empty.write_bytes(FILE_HEADER)
        for _ in range(PEER_RUNS):
            begun = time.perf_counter()
            peer(empty)
            started = time.perf_counter()
            peer(whole)
            took.append((time.perf_counter() - started) - (started - begun))
    return packets / median(took)


def _tshark(path: Path) -> None:
    # -V: without it no field is dissected that the summary line does not show.
    subprocess.run(  # noqa: S603 - a fixed program on a file of our own
        [str(which("tshark")), "-n", "-V", "-r", str(path)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # it warns of being root
    )


def _scapy(path: Path) -> None:
    from scapy.contrib import homepluggp  # noqa: F401 - it binds its layers
    from scapy.utils import PcapReader

    with PcapReader(str(path)) as reader:
        for packet in reader:
            packet.summary()


def _capture() -> tuple[bytes, int, int]:
    """Return a pcap file of simulated charges, and how much is in it.

    Each is a charge of its own, with another SessionID: no message is one of another's again.
    """
    file = [FILE_HEADER]
    packets = messages = 0
    for copy in range(COPIES):
        stream = _Stream(50000 + copy)
        for at, what in _charge():
            octets = stream.segment(what) if isinstance(what, Exchanged) else what
            seconds = copy * END + at
            micro = int(seconds % 1 * 1_000_000)
            size = len(octets)
            file += [struct.pack("<IIII", int(seconds), micro, size, size), octets]
            packets += 1
        messages += stream.count
    return b"".join(file), packets, messages


def _charge() -> list[tuple[float, bytes | Exchanged]]:
    """Return what crosses the line in a simulated charge, and when."""
    world = stage(Policy.AUTOCHARGE, secrets.token_bytes)
    told: list[tuple[float, bytes | Exchanged]] = []

    def observe(now: float, event: Event | None, actions: Sequence[Action]) -> None:
        if isinstance(event, station.FrameReceived):
            told.append((now, event.octets))
        for action in actions:
            match action:
                case station.SendFrame(octets):
                    told.append((now, octets))
                case Exchanged():
                    told.append((now, action))
                case _:
                    pass

    world.observers.append(observe)
    world.run(END)
    return told


class _Stream:
    """Puts V2G messages into TCP segments of one connection."""

    def __init__(self, port: int) -> None:
        self.count = 0
        self._port = port
        self._sequence = {"ev": 1000, "evse": 2000}

    def segment(self, message: Exchanged) -> bytes:
        """Return the Ethernet frame that carries this message."""
        self.count += 1
        sender = message.direction
        payload = v2gtp.encode(v2gtp.EXI, message.exi)
        other = "evse" if sender == "ev" else "ev"
        sequence, acknowledged = self._sequence[sender], self._sequence[other]
        self._sequence[sender] += len(payload)
        ports = (self._port, 49152) if sender == "ev" else (49152, self._port)
        tcp = struct.pack(">HHIIBBHHH", *ports, sequence, acknowledged, 0x50, 0x18, 8192, 0, 0)
        ends = [bytes.fromhex("fe80") + bytes(6) + _interface(mac) for mac in (EV, EVSE)]
        source, destination = ends if sender == "ev" else ends[::-1]
        length = len(tcp) + len(payload)
        ip = struct.pack(">IHBB", 0x60000000, length, 6, 64) + source + destination
        macs = EVSE + EV if sender == "ev" else EV + EVSE
        return macs + b"\x86\xdd" + ip + tcp + payload


def _interface(mac: bytes) -> bytes:
    return bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
