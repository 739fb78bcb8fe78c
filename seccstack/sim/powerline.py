"""A simulated power line with modems on it, in virtual time.

A host is plugged in at a port, behind a modem of its own. It gives whole Ethernet frames to the
line and is given such frames by it, so the same line serves hosts in memory and, through an
adapter, hosts at the end of a real network interface.

Management messages (type 0x88E1) reach every modem within hearing, with latency and losses;
each sound a charger's modem hears makes it report the sound's attenuation to its host. Every
other type passes only between modems that have had the same key for long enough.

It does *not* simulate: collisions, noise, bandwidth and the time long frames take; losses of
data frames (real modems repeat them); encryption (a frame passes or does not); attenuation that
varies by time, or by direction but for the power that a modem sends with; a modem learning
which host is where from anything but what that host sends; frames of the modems' own, beacons,
or networks seeing each other.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from seccstack.errors import MalformedError
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import MnbcSoundInd
from seccstack.sim.modem import SimModem

MAX_IN_FLIGHT = 4096  # frames; a host that floods the line loses the rest, as on a real one
GROUPS = 58
SOUND = MnbcSoundInd.mmtype.to_bytes(2, "little")  # measured, however it goes on


@dataclass(frozen=True, slots=True)
class FrameSent:
    """The host at this port has sent a frame."""

    port: str
    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ModemRestarted:
    """The modem at this port has lost power for a moment."""

    port: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Give a frame to the host at this port."""

    port: str
    octets: bytes = field(repr=False)


Event = FrameSent | ModemRestarted


@dataclass(frozen=True, kw_only=True, slots=True)
class LineSettings:
    """How the line behaves; losses are shares of 1, per frame and hearer."""

    modem_seconds: float = 0.0004  # between host and modem
    line_seconds: float = 0.002
    profile_seconds: float = 0.0005  # from a sound's delivery to the report of it
    join_seconds: float = 1.0  # from the same key on both sides to the link
    attenuation_db: int = 20
    hearing_db: int = 100  # a line that attenuates so much carries nothing
    noise_db: int = 0  # how far a group's report may differ from how it is
    mme_loss: float = 0.0
    profile_loss: float = 0.0


class Powerline:
    """The line. ``chance`` gives numbers of [0, 1) to decide losses by.

    ``deaf`` names messages that reach nobody.
    """

    def __init__(
        self, settings: LineSettings | None = None, chance: Iterator[float] | None = None
    ) -> None:
        self.deaf: frozenset[type[Mme]] = frozenset()
        self._settings = settings or LineSettings()
        self._chance = repeat(1.0) if chance is None else chance
        self._modems: dict[str, SimModem] = {}
        self._attenuations: dict[frozenset[str], bytes] = {}
        self._in_flight: list[tuple[float, int, Deliver]] = []
        self._sent = 0

    @property
    def deadline(self) -> float | None:
        """When the next frame arrives."""
        return self._in_flight[0][0] if self._in_flight else None

    @property
    def modems(self) -> Mapping[str, SimModem]:
        """The modems, by port."""
        return self._modems

    def attach(self, port: str, modem: SimModem) -> None:
        """Put a modem on the line, and a host behind it."""
        self._modems[port] = modem

    def detach(self, port: str) -> None:
        """Take a modem off the line: a plug is pulled."""
        del self._modems[port]

    def attenuate(self, one: str, other: str, db: int, groups: Sequence[int] = ()) -> None:
        """Set the attenuation between two ports, and how each group differs from it."""
        differences = groups or (0,) * GROUPS
        values = (min(max(db + difference, 0), 255) for difference in differences)
        self._attenuations[frozenset((one, other))] = bytes(values)

    def heard_db(self, port: str, at: str) -> Sequence[int]:
        """How weak a port's modem is at another, by group: the line's share and its own."""
        quieter = self._modems[port].quieter_db(GROUPS)
        between = self._between(port, at)
        return [min(db + less, 255) for db, less in zip(between, quieter, strict=True)]

    def linked(self, port: str, now: float) -> Sequence[str]:
        """The ports whose modems are in one network with this port's."""
        return [other for other in self._modems if self._have_joined(port, other, now)]

    def receive(self, event: Event, now: float) -> Sequence[Deliver]:
        """Take a frame from a host, or let a modem restart."""
        modem = self._modems.get(event.port)
        if modem is None or not modem.is_up(now):
            return []
        match event:
            case ModemRestarted(port):
                self._schedule(port, encode_frame(modem.restart()), now)
            case FrameSent(port, octets) if len(octets) >= 14:
                modem.learn_host(octets[6:12])
                self._take(port, modem, octets, now)
            case _:
                pass
        return []

    def carry(self, source: bytes, octets: bytes, now: float) -> Sequence[Deliver]:
        """Take a frame from the host with this address, wherever it was last heard of."""
        for port, modem in self._modems.items():
            if source in modem.hosts:
                return self.receive(FrameSent(port, octets), now)
        return []

    def tick(self, now: float) -> Sequence[Deliver]:
        """Let frames arrive."""
        arrived = []
        while self._in_flight and self._in_flight[0][0] <= now:
            arrived.append(heapq.heappop(self._in_flight)[2])
        return [deliver for deliver in arrived if deliver.port in self._modems]

    def _take(self, port: str, modem: SimModem, octets: bytes, now: float) -> None:
        if octets[12:14] != b"\x88\xe1":
            self._bridge(port, octets, now)
            return
        try:
            frame = decode_frame(octets)
        except MalformedError:  # a modem passes on what only the other host can judge
            self._broadcast(port, octets, None, now)
            return
        if not modem.is_for_us(frame):
            self._broadcast(port, octets, frame, now)
            return
        others = [self._modems[other] for other in self.linked(port, now)]
        answer = modem.answer(frame, others, now)
        if answer is not None:
            self._schedule(port, encode_frame(answer), now + self._settings.modem_seconds)
        if not modem.is_up(now):  # it has been told to restart
            self._schedule(port, encode_frame(modem.restart()), modem.up_at)

    def _bridge(self, port: str, octets: bytes, now: float) -> None:
        for other in self.linked(port, now):
            if self._may_be_at(other, octets[:6]):
                self._schedule(other, octets, now + self._crossing())

    def _broadcast(self, port: str, octets: bytes, frame: Frame | None, now: float) -> None:
        message = None if frame is None else frame.message
        if type(message) in self.deaf:
            return
        for other, modem in self._modems.items():
            heard = self._hear_each_other(port, other) and modem.passes(message)
            heard = heard and modem.is_up(now)
            if not heard or self._lost(self._settings.mme_loss):
                continue
            arrival = now + self._crossing()
            if self._may_be_at(other, octets[:6]):
                self._schedule(other, octets, arrival)
            if octets[15:17] == SOUND:
                source, heard_db = octets[6:12], bytes(self.heard_db(port, other))
                self._report(other, modem, source, heard_db, arrival)

    def _report(
        self, port: str, modem: SimModem, source: bytes, attenuations: bytes, now: float
    ) -> None:
        if not self._lost(self._settings.profile_loss):
            profile = modem.profile(source, self._as_heard(attenuations))
            self._schedule(port, encode_frame(profile), now + self._settings.profile_seconds)

    def _as_heard(self, attenuations: bytes) -> bytes:
        noise = self._settings.noise_db
        if not noise:
            return attenuations
        heard = (db + round((2 * next(self._chance) - 1) * noise) for db in attenuations)
        return bytes(min(max(db, 0), 255) for db in heard)

    def _schedule(self, port: str, octets: bytes, at: float) -> None:
        if len(self._in_flight) < MAX_IN_FLIGHT:
            self._sent += 1
            heapq.heappush(self._in_flight, (at, self._sent, Deliver(port, octets)))

    def _crossing(self) -> float:
        return 2 * self._settings.modem_seconds + self._settings.line_seconds

    def _lost(self, share: float) -> bool:
        return share > 0 and next(self._chance) < share

    def _between(self, one: str, other: str) -> bytes:
        usual = bytes([self._settings.attenuation_db]) * GROUPS
        return self._attenuations.get(frozenset((one, other)), usual)

    def _hear_each_other(self, one: str, other: str) -> bool:
        return (
            one != other and sum(self._between(one, other)) < self._settings.hearing_db * GROUPS
        )

    def _may_be_at(self, port: str, mac: bytes) -> bool:
        if mac[0] & 1:
            return True
        known = [at for at, modem in self._modems.items() if mac in modem.hosts]
        return not known or port in known

    def _have_joined(self, one: str, other: str, now: float) -> bool:
        first, second = self._modems[one], self._modems[other]
        if first.network_key is None or not self._hear_each_other(one, other):
            return False
        same = (first.network_id, first.network_key) == (second.network_id, second.network_key)
        ripe_at = max(first.keyed_at, second.keyed_at) + self._settings.join_seconds
        return same and now >= ripe_at
