"""How a charger and the microcontroller at its pilot line talk over a serial line, version 1.

The microcontroller (MCU) makes the pulses, measures the line, moves the contactor, and keeps
the rules of the first hundred milliseconds. The charger (host) decides. Everything that
firmware needs is on this page; `seccstack.sim.microcontroller` is such an end, and
`python -m tools.pilot_mcu` runs it on a pseudo-terminal.

The line: 115200 baud, 8 bits, no parity, 1 stop bit, no flow control. Numbers are big-endian.
A frame is encoded by COBS, so that no octet of it is zero, and stands between zeros:

    00 | COBS( TYPE SESSION SEQ LENGTH PAYLOAD... CRC ) | 00        at most 48 octets inside

    TYPE     u8       SESSION  u8 from BEGIN, 0: none    SEQ  u8 what the frame is about
    LENGTH   u8       of the payload                     CRC  u16 of all octets before it:
    CRC-16/CCITT-FALSE, polynomial 0x1021, initial 0xFFFF; of "123456789" it is 0x29B1.

ORDER 3 of session 7, 100 steps high, the second order to close, is in hexadecimal
00 05 02 07 03 03 05 64 02 CB CE 00.

What is broken, longer, or of an unknown TYPE is dropped without an answer; so is a payload that
is too short. Further octets of a payload are left unread: later versions may add some.

    host to MCU       SEQ               payload
    01 BEGIN          0                 u8 version
    02 ORDER          number of order   u16 high, u8 closing
    03 HEARD          number of change  (nothing)

    MCU to host       SEQ               payload
    81 IDENTITY       0                 u8 version, u16 steps, u32 boot, name (ASCII, 1 to 32)
    82 STATUS         last order done   u8 trouble, and with sensors: u16 ohms,
                                        i16 tenths of a degree, u8 inputs
    83 CHANGE         number of change  u8 what, u8 value, i16 high_mv, i16 low_mv

BEGIN opens a session under the number in SESSION, never the one before. The MCU goes to X1,
opens the contactor, forgets orders and changes, answers IDENTITY, and tells CHANGE 1, the pilot
state, and CHANGE 2, the contactor. Before that, and once a session is over, it takes nothing
but BEGIN, and frames of another session are not taken by either side.

ORDER is the whole of what is wanted, and repeated every 200 ms: that is the host's heartbeat.
`high` is for how many of the period's `steps` the line is high (`steps`: X1; 0: F). `closing`
is 0: open; or the number, 1 to 255, of an order to close. The MCU closes only in C or D, and
opens by itself within 100 ms of any other state, F too; the closing order that it broke off is
used up, and the next has another number. Orders count 1 to 255, then 1 again; a number again is
only a heartbeat. STATUS answers once the line carries what was ordered, and comes every 200 ms,
too: that is the MCU's. An order without an answer is repeated after 30 ms.

CHANGE is what the MCU has to say: `what` is 'P' and `value` 'A' to 'F', debounced as
`seccstack.pilot.voltage` has it; or `what` is 'K' and `value` 1 or 0, closed or open as the
feedback contact has it. `high_mv` and `low_mv` are the peaks behind it, for the log; -32768:
not measured. Changes count like orders, each is told in order, and repeated every 30 ms until
HEARD has its number or a later one. At most 32 wait; with one more the MCU ends the session.

Silence. Where the MCU has had no frame of the session for 1 s, it goes to X1, opens the
contactor and ends the session; it then sends STATUS in session 0, every 200 ms, as it does
after a reset. A host that hears this, or nothing for 1 s, takes vehicle and contactor as
unknown, and begins a new session. Behind all this are the MCU's own watchdog, and a relay that
falls without power.

`ohms` is the resistance of a socket's proximity contact to earth, 65534 if it is open, 65535 if
there is none; `tenths` are of a degree Celsius, -32768: not measured; bit 0 of `inputs` is the
network operator's contact, and 255 says that there is none. What has none of them ends after
`trouble`.

`trouble` is 0: none, 1: generator, 2: measurement, 3: contactor, 4: residual current,
5: temperature, 255: other. It is for people; where it forbids charging, the MCU opens, drives F
and tells state F by itself.
"""

from __future__ import annotations

import binascii
import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from seccstack.pilot.port import ContactorState, PilotState, Sensed

VERSION = 1
HEARTBEAT = 0.2  # seconds
REPEAT = 0.03  # of what was not answered
SILENCE = 1.0  # after which the other end is gone
NUMBERS = 255  # orders, changes and sessions count from 1 to it, and begin again

LONGEST = 48  # octets between two zeros
LONGEST_NAME = 32
MOST_WAITING = 32  # changes not heard yet; few enough that a number is never an old one
NOT_MEASURED = -32768
OPEN = 65534  # ohms
NO_CONTACT = 65535  # ohms
NO_INPUTS = 255
PEAK_LOAD = 1  # of the inputs
NOTHING_SENSED = Sensed()

HEADER = struct.Struct(">BBBB")
SENSORS = struct.Struct(">HhB")
CRC = struct.Struct(">H")


class Trouble(Enum):
    """What a microcontroller may find wrong with itself."""

    NONE = 0
    GENERATOR = 1
    MEASUREMENT = 2
    CONTACTOR = 3
    RESIDUAL_CURRENT = 4
    TEMPERATURE = 5
    OTHER = 255


@dataclass(frozen=True, slots=True)
class Begin:
    """The host opens a session."""

    session: int
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Order:
    """All that the host wants; the same number again is a heartbeat."""

    session: int
    number: int
    high: int
    closing: int


@dataclass(frozen=True, slots=True)
class Heard:
    """The host has taken every change up to this one."""

    session: int
    number: int


@dataclass(frozen=True, slots=True)
class Identity:
    """The microcontroller answers `Begin`."""

    session: int
    steps: int  # of a period
    boot: int  # another one after each reset
    name: str
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Status:
    """The microcontroller is alive, and has carried out this order."""

    session: int
    order: int
    trouble: Trouble = Trouble.NONE
    sensed: Sensed = NOTHING_SENSED


@dataclass(frozen=True, slots=True)
class Change:
    """Something else is now the case, or is told first in a session."""

    session: int
    number: int
    now: PilotState | ContactorState
    high_mv: int = NOT_MEASURED
    low_mv: int = NOT_MEASURED


Frame = Begin | Order | Heard | Identity | Status | Change


def following(number: int) -> int:
    """Return the number after this one."""
    return number % NUMBERS + 1


def encode(frame: Frame) -> bytes:
    """Return a frame as it goes over the line, with the zeros around it."""
    kind, seq, payload = _parts(frame)
    inner = HEADER.pack(kind, frame.session, seq, len(payload)) + payload
    return b"\0" + _stuffed(inner + CRC.pack(_crc(inner))) + b"\0"


def decode(inner: bytes) -> Frame | None:
    """Read what stood between two zeros. None: it is no frame."""
    octets = _unstuffed(inner)
    if octets is None or len(octets) < HEADER.size + CRC.size:
        return None
    body, crc = octets[: -CRC.size], octets[-CRC.size :]
    kind, session, seq, length = HEADER.unpack_from(body)
    payload = body[HEADER.size :]
    if CRC.pack(_crc(body)) != crc or length != len(payload):
        return None
    if (kind == 0x01 and not session) or (kind in (0x02, 0x83) and not seq):
        return None
    try:
        return _read(kind, session, seq, payload)
    except (ValueError, struct.error):
        return None


class Deframer:
    """Finds frames in octets as they come; of what is no frame only the number is kept."""

    def __init__(self) -> None:
        self._partial = bytearray()
        self._too_long = False
        self.broken = 0

    def receive(self, octets: bytes) -> Sequence[Frame]:
        """Take some more octets, and return the frames that they complete."""
        frames = []
        for place, piece in enumerate(octets.split(b"\0")):
            if place and (frame := self._end()) is not None:
                frames.append(frame)
            self._too_long = self._too_long or len(self._partial) + len(piece) > LONGEST
            if not self._too_long:
                self._partial += piece
        return frames

    def _end(self) -> Frame | None:
        inner, too_long = bytes(self._partial), self._too_long
        self._partial.clear()
        self._too_long = False
        frame = None if too_long else decode(inner)
        if frame is None and (inner or too_long):
            self.broken += 1
        return frame


def _parts(frame: Frame) -> tuple[int, int, bytes]:
    match frame:
        case Begin():
            return 0x01, 0, struct.pack(">B", frame.version)
        case Order():
            return 0x02, frame.number, struct.pack(">HB", frame.high, frame.closing)
        case Heard():
            return 0x03, frame.number, b""
        case Identity():
            name = frame.name.encode("ascii")
            return 0x81, 0, struct.pack(">BHI", frame.version, frame.steps, frame.boot) + name
        case Status():
            trouble = struct.pack(">B", frame.trouble.value)
            return 0x82, frame.order, trouble + _senses(frame.sensed)
        case Change():
            volts = struct.pack(">hh", frame.high_mv, frame.low_mv)
            return 0x83, frame.number, _said(frame.now) + volts
        case _:
            assert_never(frame)


def _read(kind: int, session: int, seq: int, payload: bytes) -> Frame | None:
    match kind:
        case 0x01:
            return Begin(session, *struct.unpack_from(">B", payload))
        case 0x02:
            return Order(session, seq, *struct.unpack_from(">HB", payload))
        case 0x03:
            return Heard(session, seq)
        case 0x81:
            return _identity(session, payload)
        case 0x82:
            [trouble] = struct.unpack_from(">B", payload)
            known = trouble in {known.value for known in Trouble}
            found = Trouble(trouble) if known else Trouble.OTHER
            return Status(session, seq, found, _sensed(payload[1:]))
        case 0x83:
            what, value, high, low = struct.unpack_from(">cchh", payload)
            return Change(session, seq, _heard(what, value), high, low)
        case _:
            return None


def _identity(session: int, payload: bytes) -> Identity:
    version, steps, boot = struct.unpack_from(">BHI", payload)
    name = payload[7 : 7 + LONGEST_NAME].decode("ascii")
    if not (name and name.isprintable() and steps >= 100):
        raise ValueError("a duty cycle of coarser steps than 1 %, or no name")
    return Identity(session, steps, boot, name, version)


def _senses(sensed: Sensed) -> bytes:
    if sensed == NOTHING_SENSED:
        return b""
    ohms, celsius, peak = sensed.proximity_ohms, sensed.celsius, sensed.peak_load
    counted = NO_CONTACT if ohms is None else round(max(0.0, min(ohms, OPEN)))
    tenths = NOT_MEASURED if celsius is None else round(10 * celsius)
    return SENSORS.pack(counted, tenths, NO_INPUTS if peak is None else PEAK_LOAD * peak)


def _sensed(octets: bytes) -> Sensed:
    if len(octets) < SENSORS.size:
        return NOTHING_SENSED
    ohms, tenths, inputs = SENSORS.unpack_from(octets)
    return Sensed(
        None if ohms == NO_CONTACT else math.inf if ohms == OPEN else float(ohms),
        None if tenths == NOT_MEASURED else tenths / 10,
        None if inputs == NO_INPUTS else bool(inputs & PEAK_LOAD),
    )


def _said(state: PilotState | ContactorState) -> bytes:
    if isinstance(state, PilotState):
        return b"P" + state.value.encode()
    return b"K\1" if state is ContactorState.CLOSED else b"K\0"


def _heard(what: bytes, value: bytes) -> PilotState | ContactorState:
    if what == b"P":
        return PilotState(value.decode("ascii"))
    if what != b"K" or value > b"\1":
        raise ValueError("a change of something else")
    return ContactorState.CLOSED if value == b"\1" else ContactorState.OPEN


def _crc(octets: bytes) -> int:
    return binascii.crc_hqx(octets, 0xFFFF)


def _stuffed(octets: bytes) -> bytes:
    """Encode by COBS: each zero becomes the distance to the next one; no block is full."""
    return b"".join(bytes((len(block) + 1,)) + block for block in octets.split(b"\0"))


def _unstuffed(inner: bytes) -> bytes | None:
    blocks, place = [], 0
    while place < len(inner):
        end = place + inner[place]
        if end > len(inner) or end == place:
            return None
        blocks.append(inner[place + 1 : end])
        place = end
    return b"\0".join(blocks) if blocks else None
