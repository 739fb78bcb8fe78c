"""Which of all that happened belongs to which plug-in.

Theory of operation
-------------------
A capture rarely tells when a plug was put in or pulled. So a plug-in is one vehicle from its
matching on, with all its V2G connections, for it may pause and come back. A matching after V2G
messages begins another one: the vehicle was plugged in again, or had lost its link for good.

Other vehicles are heard too, at other chargers. So runs of matching without a match make a
plug-in of their own only if one of the capture's chargers answered, and no other vehicle was
here meanwhile; or if the capture has nothing else. Else they are told in `PlugIn.notes`, and
as `PlugIn.crosstalk`.

Connections go to the vehicle with the same MAC address. One without (a modem that bridges to a
host of another address) goes to the vehicle that was matched last and has said nothing yet.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from ipaddress import IPv6Address
from itertools import accumulate

from seccstack.auth.addresses import format_mac
from seccstack.auth.vehicle import mac_from_ipv6
from seccstack.capture.frames import Endpoint
from seccstack.capture.items import Discovery, Item, Link, Powerline, V2gMessage
from seccstack.capture.matching import Attempt, FromCharger, outcome_of, run_of, vehicle_of
from seccstack.capture.pilotlog import MAX_READINGS, Reading, reading_of
from seccstack.capture.rounds import Crosstalk
from seccstack.capture.trace import Loss, Trace
from seccstack.homeplug.frame import Frame


@dataclass(eq=False, slots=True)
class PlugIn:
    """What a capture holds of one plug-in; `items` are in the order of the capture."""

    source: str
    vehicle: bytes | None
    attempts: list[Attempt] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    notes: list[Loss] = field(default_factory=list)
    crosstalk: list[Crosstalk] = field(default_factory=list)
    pilot: list[Reading] = field(default_factory=list)
    until: float | None = None  # when the capture ends, or reading stopped
    unread: str = ""  # why the capture was not read to its end
    unplugged_at: float | None = None  # where our own charger has told it
    talked: bool = False  # whether there was a V2G message
    connected: bool = False  # whether there was anything but matching

    @property
    def matched(self) -> bool:
        """Whether any of its attempts came to a match."""
        return any(attempt.matched for attempt in self.attempts)

    @property
    def real(self) -> bool:
        """Whether it is certain that a vehicle was at a charger of this capture."""
        return self.matched or self.connected

    @property
    def began(self) -> int:
        """The number of its first packet."""
        return self.items[0].number

    @property
    def ended(self) -> int:
        """The number of its last packet."""
        return self.items[-1].number


def plug_ins_of(trace: Trace) -> list[PlugIn]:
    """Return the plug-ins of a capture, in the order in which they began."""
    sorter = _Sorter(trace.source)
    for item in trace.items:
        sorter.take(item)
    plug_ins = _separate(sorter.plug_ins, _chargers(trace.items))
    if not plug_ins and any(reading.plugged for reading, _ in sorter.pilot):
        plug_ins = [PlugIn(trace.source, None, items=[item for _, item in sorter.pilot])]
    order = _Order(plug_ins)
    for loss in trace.losses:
        for plug_in in order.at(loss.number):
            plug_in.notes.append(loss)
    for plug_in in plug_ins:
        plug_in.until, plug_in.unread = trace.ended, trace.unread
        plug_in.notes.sort(key=lambda note: note.number)
    for reading in (*(reading for reading, _ in sorter.pilot), *trace.pilot):
        for plug_in in order.at(reading.number):
            if len(plug_in.pilot) < MAX_READINGS:
                plug_in.pilot.append(reading)
    for unplugged in trace.unplugged:
        for plug_in in order.at(unplugged.number):
            plug_in.unplugged_at = plug_in.unplugged_at or unplugged.time
    return plug_ins


class _Order:
    """Finds among many plug-ins, in the order in which they came up, by packet numbers."""

    def __init__(self, plug_ins: Sequence[PlugIn]) -> None:
        self._plug_ins = plug_ins
        # What was only heard is gone from some, so that they may begin later than the next.
        began = [plug_in.began for plug_in in plug_ins]
        self._began = list(accumulate(reversed(began), min))[::-1]
        self._ended = list(accumulate((plug_in.ended for plug_in in plug_ins), max))

    def at(self, number: int) -> Sequence[PlugIn]:
        """Return the one that a packet is about, if nothing else tells: the last to begin."""
        begun = bisect_right(self._began, number)
        return self._plug_ins[begun - 1 : begun] if begun else self._plug_ins[:1]

    def before(self, number: int) -> Sequence[PlugIn]:
        """Return the last that began before a packet."""
        begun = bisect_left(self._began, number)
        return self._plug_ins[begun - 1 : begun] if begun else ()

    def during(self, plug_in: PlugIn) -> bool:
        """Whether one of them was there while another was."""
        begun = bisect_left(self._began, plug_in.ended)
        return begun > 0 and plug_in.began < self._ended[begun - 1]


class _Sorter:
    """Gives each item to a plug-in, as they come."""

    def __init__(self, source: str) -> None:
        self.plug_ins: list[PlugIn] = []
        self.pilot: list[tuple[Reading, Powerline]] = []
        self._source = source
        self._present: dict[bytes, PlugIn] = {}  # by MAC address, or IPv6 address without one
        self._known: dict[PlugIn, list[bytes]] = {}  # as what they are present
        self._places: dict[PlugIn, int] = {}
        self._silent: list[int] = []  # a heap: places of those that matched, the last first
        self._links: dict[Link, PlugIn] = {}
        self._macs: dict[bytes, bytes] = {}  # by IPv6 address

    def take(self, item: Item) -> None:
        """Give the next item to its plug-in; powerline frames about no vehicle go to none."""
        match item:
            case Powerline(frame=Frame() as frame):
                vehicle = vehicle_of(frame)
                if vehicle is not None:
                    self._match(vehicle, item, frame)
                elif reading := reading_of(frame, item.number, item.time):
                    self.pilot.append((reading, item))
            case Powerline():
                pass
            case Discovery():
                self._add(item, self._of_station(item.ev, item.ev_mac))
            case _:
                if item.link not in self._links:
                    self._links[item.link] = self._of_station(item.link.ev, item.link.ev_mac)
                self._add(item, self._links[item.link])

    def _add(self, item: Item, plug_in: PlugIn) -> None:
        plug_in.items.append(item)
        plug_in.connected = True
        plug_in.talked = plug_in.talked or isinstance(item, V2gMessage)

    def _match(self, vehicle: bytes, item: Powerline, frame: Frame) -> None:
        plug_in = self._present.get(vehicle)
        if plug_in is None:
            plug_in = self._new(vehicle)
        if not plug_in.attempts or not plug_in.attempts[-1].takes(frame.message):
            if plug_in.talked:
                plug_in = self._new(vehicle)
            plug_in.attempts.append(Attempt(vehicle, run_of(frame.message)))
        attempt = plug_in.attempts[-1]
        matched = attempt.matched
        attempt.add(item, frame)
        if attempt.matched and not matched:
            heappush(self._silent, -self._places[plug_in])
        plug_in.items.append(item)

    def _new(self, vehicle: bytes | None) -> PlugIn:
        """Begin a plug-in, and forget what the one before it was known by."""
        if vehicle in self._present:
            for key in self._known.pop(self._present[vehicle]):
                del self._present[key]
        plug_in = PlugIn(self._source, vehicle)
        self._places[plug_in] = len(self.plug_ins)
        self.plug_ins.append(plug_in)
        if vehicle is not None:
            self._is(vehicle, plug_in)
        return plug_in

    def _is(self, key: bytes, plug_in: PlugIn) -> None:
        self._present[key] = plug_in
        self._known.setdefault(plug_in, []).append(key)

    def _of_station(self, ev: Endpoint | None, mac: bytes | None) -> PlugIn:
        """Return the plug-in of the vehicle with this address."""
        if ev is None:
            return self._new(None)
        if mac is None:
            mac = self._macs.get(ev.address) or mac_from_ipv6(str(IPv6Address(ev.address)))
        else:
            self._macs[ev.address] = mac
        key = mac or ev.address
        if key not in self._present:
            silent = self._matched_last()
            plug_in = self._new(mac) if silent is None else silent
            if key not in self._present:
                self._is(key, plug_in)
        return self._present[key]

    def _matched_last(self) -> PlugIn | None:
        """Return the vehicle that was matched last and has said nothing yet."""
        while self._silent and self.plug_ins[-self._silent[0]].connected:
            heappop(self._silent)
        return self.plug_ins[-self._silent[0]] if self._silent else None


def _chargers(items: Iterable[Item]) -> frozenset[bytes]:
    """Return the MAC addresses of all chargers that answered any vehicle."""
    frames = [item.frame for item in items if isinstance(item, Powerline) and item.frame]
    return frozenset(f.source for f in frames if isinstance(f.message, FromCharger))


def _separate(plug_ins: list[PlugIn], chargers: frozenset[bytes]) -> list[PlugIn]:
    """Keep what is a plug-in; the other runs of matching are told with those."""
    real = [plug_in for plug_in in plug_ins if plug_in.real]
    order = _Order(real)
    own: dict[bytes | None, list[PlugIn]] = {}
    for plug_in in real:
        own.setdefault(plug_in.vehicle, []).append(plug_in)
    orders = {vehicle: _Order(of_it) for vehicle, of_it in own.items()}
    kept: list[PlugIn] = []
    heard: list[tuple[str, PlugIn, list[Attempt]]] = []
    for plug_in in plug_ins:
        elsewhere = [a for a in plug_in.attempts if _went_elsewhere(a, chargers)]
        before = orders.get(plug_in.vehicle, _Order(())).before(plug_in.began)
        if plug_in.real:
            kept.append(plug_in)
            if elsewhere:
                heard.append(("the vehicle", plug_in, elsewhere))
        elif before:
            who = "the vehicle, after its session,"
            heard.append((who, before[-1], plug_in.attempts))
        elif real and (elsewhere or not _was_here(plug_in, order)):
            who = f"another vehicle, {format_mac(plug_in.vehicle or b'')},"
            [present] = order.at(plug_in.began)
            heard.append((who, present, plug_in.attempts))
        else:
            kept.append(plug_in)
    for who, plug_in, attempts in heard:
        _tell(who, plug_in, attempts)
    return kept


def _went_elsewhere(attempt: Attempt, chargers: frozenset[bytes]) -> bool:
    return not attempt.matched and attempt.chosen is not None and attempt.chosen not in chargers


def _was_here(plug_in: PlugIn, others: _Order) -> bool:
    """Whether a charger of the capture answered it, while no other vehicle was there."""
    answered = any(attempt.answered for attempt in plug_in.attempts)
    return answered and not others.during(plug_in)


def _without(plug_in: PlugIn, attempts: list[Attempt]) -> None:
    gone = {frame.number for attempt in attempts for frame in attempt.frames}
    heard = {id(attempt) for attempt in attempts}
    plug_in.attempts = [a for a in plug_in.attempts if id(a) not in heard]
    plug_in.items = [item for item in plug_in.items if item.number not in gone]


def _tell(who: str, plug_in: PlugIn, attempts: list[Attempt]) -> None:
    """Turn these runs into words, and into crosstalk of a plug-in."""
    first = attempts[0].frames[0]
    what = f"{who} asked for a match {outcome_of(attempts)}"
    plug_in.notes.append(Loss(first.number, first.time, what))
    plug_in.crosstalk.append(Crosstalk(attempts[0].vehicle, attempts))
    _without(plug_in, attempts)
