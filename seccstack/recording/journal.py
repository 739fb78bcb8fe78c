"""A recording per plug-in: what goes into which file, and when one begins and ends.

Theory of operation
-------------------
What the recorder is told waits as entries until `settle`, which is called between two steps of
the machine: only then is its state the one after the last entry.

While nothing is plugged in, entries are kept in memory for a while: the *prologue*, a chapter
or two of it. A chapter begins with a fresh machine, or with the state that the machine had
then. So does a recording that begins with it, and what led to the plug-in is in it.

A recording has a bound. It is written in parts: the first may have half of it and is kept; of
those that follow, each of a quarter, only the last two are. Each begins with the machine's
state, so each can be run again, and it is seen how a charge began and how it ended, though not
a night in between. A part also begins anew after octets had to be dropped, because a disk was
too slow.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seccstack import __version__, events
from seccstack.chargepoint import ChargePoint
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.recording.entries import Entry, Octets, Secrets, Step
from seccstack.recording.lines import Ended, Leg, ended_line, leg_line, step_line
from seccstack.recording.redaction import Redaction
from seccstack.recording.state import UnstorableError, dump
from seccstack.recording.wire import Wire
from seccstack.slac import station

CHAPTER_SECONDS = 60.0  # what a driver did before plugging in; a card held up counts as long
MAX_CHAPTER = 1000  # entries; a flood cuts it shorter
FIRST, FOLLOWING = 2, 4  # what part of the bound the parts may have
MAC = re.compile(r"[0-9A-F]{12}")
CLAIMS = ("slac_mac", "match_mac", "ethernet_mac")  # by which a vehicle is named

# What is to be done with files.


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a recording."""

    plug_in: int
    nanoseconds: int  # since 1970, when the vehicle was plugged in


@dataclass(frozen=True, slots=True)
class Write:
    """Append to a part of the recording, in both its files."""

    part: int
    sidecar: bytes = field(repr=False)
    packets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Discard:
    """Delete a part: there is something newer in its place."""

    part: int


@dataclass(frozen=True, slots=True)
class End:
    """The recording is complete; ``vehicle`` is its address in hexadecimal, if it is known."""

    vehicle: str


Order = Begin | Write | Discard | End


@dataclass(slots=True)
class Chapter:
    """What happened before a plug-in, from a known state on."""

    leg: Leg
    entries: list[Entry] = field(default_factory=list)


@dataclass(slots=True)
class Recording:
    """The present one."""

    plug_in: int
    part: int = 0
    octets: int = 0  # of this part
    skips: bool = False  # octets were dropped: the next part has to begin
    vehicle: str = ""
    unplugged: bool = False


class Journal:
    """Turns what happens at one outlet into orders to files.

    ``most_octets`` bounds a plug-in; ``secrets``: whether keys and TLS secrets are disclosed.
    """

    def __init__(
        self, machine: ChargePoint, settings: Settings, *, most_octets: int, secrets: bool
    ) -> None:
        self._machine = machine
        self._settings = settings
        self._most = most_octets
        self._redaction = Redaction(off=secrets)
        self._wire = Wire(self._redaction)
        self._waiting: deque[Entry] = deque()
        self._prologue = [Chapter(self._leg(0.0, 0))]  # a fresh machine
        self._limit: tuple[float, float, str] | None = None
        self._steps = 0
        self._closed = False  # the contactor
        self._recording: Recording | None = None
        self._orders: list[Order] = []

    def note(self, entry: Entry) -> None:
        """Take note of what has happened.

        What makes TLS secrets known is encrypted with them: who reads on needs them before it.
        """
        last = self._waiting[-1] if self._waiting else None
        if isinstance(entry, Secrets) and isinstance(last, Octets):
            self._waiting.insert(len(self._waiting) - 1, entry)
        else:
            self._waiting.append(entry)

    def skip(self) -> None:
        """What was ordered last has not been written: go on with a new part."""
        if self._recording is not None:
            self._recording.skips = True

    def settle(self, offset: int, now: float) -> Sequence[Order]:
        """Return what is to be done about all that was noted; between steps of the machine."""
        ended = False
        while self._waiting:
            entry = self._waiting.popleft()
            self._follow(entry)
            ended |= self._take(entry, offset)
        if self._recording is not None:
            self._turn_page(self._recording, offset, now)
        elif ended:
            self._prologue = [Chapter(self._present(offset, now))]
        elif self._chapter_is_long(now):
            self._begin_chapter(offset, now)
        orders, self._orders = self._orders, []
        return orders

    def close(self, offset: int, now: float, why: str) -> Sequence[Order]:
        """End what is being recorded."""
        orders = list(self.settle(offset, now))
        if self._recording is not None:
            self._end(self._recording, now, why)
        return [*orders, *self._orders]

    # What is known of the outlet, recorded or not.

    def _follow(self, entry: Entry) -> None:
        if not isinstance(entry, Step):
            return
        self._steps += 1
        if isinstance(entry.event, station.KeyDrawn):
            self._redaction.draw(entry.event.network_key)
        if isinstance(entry.event, limits.ContactorChanged):
            self._closed = entry.event.closed
        for noted in _notes(entry):
            if noted.event == "limit":
                details = noted.details
                self._limit = (entry.now, details["amps"], details["source"])

    # Recordings.

    def _take(self, entry: Entry, offset: int) -> bool:
        """Record it, where something is plugged in; return whether a recording has ended."""
        arrived = [n.details["plug_in"] for n in _notes(entry) if n.event == "plugged in"]
        ended = False
        if arrived and self._recording is not None:
            self._end(self._recording, entry.now, "another was plugged in")
        if arrived:
            self._begin(arrived[0], entry, offset)
        if self._recording is None:
            self._prologue[-1].entries.append(entry)
            return False
        self._write(self._recording, entry, offset)
        if self._is_over(self._recording, entry):
            self._end(self._recording, entry.now, "unplugged")
            ended = True
        return ended

    def _begin(self, number: int, entry: Entry, offset: int) -> None:
        recording = self._recording = Recording(number)
        self._orders.append(Begin(number, offset + round(entry.now * 1e9)))
        leg = self._prologue[0].leg
        entries = [earlier for chapter in self._prologue for earlier in chapter.entries]
        began = [*entries, entry][0].now if leg.state is None else leg.t
        self._open_part(recording, replace(leg, t=began, offset=offset, plug_in=number))
        for earlier in entries:
            self._write(recording, earlier, offset)

    def _open_part(self, recording: Recording, leg: Leg) -> None:
        comment = f"plug-in {leg.plug_in}, part {leg.part}; settings and decisions: the .jsonl"
        hidden = "; network keys are replaced, TLS secrets left out" if leg.redacted else ""
        packets = self._wire.begin(
            f"seccstack {__version__}", comment + hidden, first=leg.part == 0
        )
        recording.octets = 0
        self._order(recording, leg_line(leg), packets)

    def _order(self, recording: Recording, sidecar: bytes, packets: bytes) -> None:
        recording.octets += len(sidecar) + len(packets)
        self._orders.append(Write(recording.part, sidecar, packets))

    def _write(self, recording: Recording, entry: Entry, offset: int) -> None:
        packets = self._wire.write(entry, offset)
        sidecar = step_line(entry, self._redaction) if isinstance(entry, Step) else b""
        if sidecar or packets:
            self._order(recording, sidecar, packets)

    def _is_over(self, recording: Recording, entry: Entry) -> bool:
        """Whether the vehicle is gone and the contactor open, or known not to open."""
        for noted in _notes(entry):
            recording.unplugged |= noted.event == "unplugged"
            if noted.event == "identity":
                recording.vehicle = _name(noted.details) or recording.vehicle
            if noted.event == "contactor fault" and recording.unplugged:
                return True
        return recording.unplugged and not self._closed

    def _end(self, recording: Recording, now: float, why: str) -> None:
        self._order(recording, ended_line(Ended(now, why)), b"")
        self._orders.append(End(recording.vehicle))
        self._recording = None
        # Until `settle` takes the machine's state. Rarely, another is plugged in before that.
        why = "the plug-in before it had only just ended"
        self._prologue = [Chapter(replace(self._leg(now, 0), steps=self._steps, unknown=why))]

    # Parts, and what they begin with.

    def _turn_page(self, recording: Recording, offset: int, now: float) -> None:
        """Begin the next part where this one has its share."""
        share = self._most // (FOLLOWING if recording.part else FIRST)
        if recording.octets < share and not recording.skips:
            return
        leg = self._present(offset, now)
        if leg.unknown and recording.octets < 2 * share and not recording.skips:
            return  # a moment later it can be written
        recording.part += 1
        recording.skips = False
        if recording.part > FOLLOWING - FIRST:
            self._orders.append(Discard(recording.part - (FOLLOWING - FIRST)))
        self._open_part(recording, replace(leg, part=recording.part))

    def _present(self, offset: int, now: float) -> Leg:
        """Return what a leg that begins now begins with."""
        leg = replace(self._leg(now, offset), steps=self._steps, limit=self._limit)
        if self._recording is not None:
            leg = replace(leg, plug_in=self._recording.plug_in)
        try:
            return replace(leg, state=dump(self._machine, self._redaction.text))
        except UnstorableError as error:
            return replace(leg, unknown=str(error))

    def _leg(self, now: float, offset: int) -> Leg:
        return Leg(
            version=__version__,
            plug_in=0,
            part=0,
            t=now,
            offset=offset,
            redacted=not self._redaction.off,
            settings=self._settings,
        )

    def _chapter_is_long(self, now: float) -> bool:
        entries = self._prologue[-1].entries
        return bool(entries) and (
            len(entries) >= MAX_CHAPTER or now - entries[0].now >= CHAPTER_SECONDS
        )

    def _begin_chapter(self, offset: int, now: float) -> None:
        """Forget all but the last chapter."""
        for chapter in self._prologue[:-1]:
            for entry in chapter.entries:
                self._wire.write(entry, offset)  # to no file: it only learns who is who
        self._prologue = [self._prologue[-1], Chapter(self._present(offset, now))]


def _notes(entry: Entry) -> list[events.Noted]:
    if not isinstance(entry, Step):
        return []
    return [action for action in entry.actions if isinstance(action, events.Noted)]


def _name(identity: Any) -> str:
    """Return the address that names a file; it is a peer's word, so it is checked."""
    for claim in CLAIMS:
        value = identity[claim]
        if value is not None and MAC.fullmatch(value):
            return str(value)
    return ""
