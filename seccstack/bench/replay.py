"""Reading captures: packets and V2G messages per second, over a capture of our own making."""

from __future__ import annotations

import io
import secrets
import struct
import time
from collections.abc import Iterator, Sequence

from seccstack import v2gtp
from seccstack.auth.decision import Policy
from seccstack.bench.figures import Figure, figure_of
from seccstack.capture.reader import read_packets
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.events import Action, Event
from seccstack.session.events import Exchanged
from seccstack.sim.demo import END, stage
from seccstack.sim.world import EVSE_MAC
from seccstack.slac import station

COPIES = 40  # of one charge, one after the other
RUNS = 5
EV, EVSE = bytes.fromhex("EC65CC010203"), EVSE_MAC
ETHERNET, PCAP = 1, 0xA1B2C3D4


def figures() -> Iterator[Figure]:
    """Measure the reading of one such capture."""
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
    yield figure_of("capture replay, packets", "1/s", by_packet, note=note)
    yield figure_of("capture replay, V2G messages", "1/s", by_message, note=note)


def _capture() -> tuple[bytes, int, int]:
    """Return a pcap file of simulated charges, and how much is in it."""
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
    file = [struct.pack("<IHHiIII", PCAP, 2, 4, 0, 0, 65535, ETHERNET)]
    messages = 0
    for copy in range(COPIES):
        stream = _Stream(50000 + copy)
        for at, what in told:
            octets = stream.segment(what) if isinstance(what, Exchanged) else what
            seconds = copy * END + at
            micro = int(seconds % 1 * 1_000_000)
            size = len(octets)
            file += [struct.pack("<IIII", int(seconds), micro, size, size), octets]
        messages += stream.count
    return b"".join(file), COPIES * len(told), messages


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
