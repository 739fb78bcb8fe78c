"""The host behind a simulated vehicle's modem: matching, and the modem itself, frame by frame.

What `seccstack.slac.station` is for a charger. Frames go out as octets; what else comes of it
is that matching has failed, or that the link has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from seccstack.errors import MalformedError
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.slac import ev, modem_events
from seccstack.slac.events import Heard, LinkChanged, Send
from seccstack.slac.modem import ModemHost

Outcome = bytes | ev.MatchFailed | LinkChanged


class PowerlineHost:
    """``octets(n)`` gives n random octets."""

    def __init__(
        self, mac: bytes, octets: Callable[[int], bytes], character: ev.Character
    ) -> None:
        self._mac = mac
        self._octets = octets
        self._slac = ev.SlacEv(mac, octets, character)
        self._modem = ModemHost(supervises=False)

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        deadlines = (self._slac.deadline, self._modem.deadline)
        return min((d for d in deadlines if d is not None), default=None)

    def match(self, now: float) -> Sequence[Outcome]:
        """Begin matching, or begin anew."""
        return self._carry(self._slac.receive(ev.PluggedIn(), now), now)

    def receive(self, octets: bytes, now: float) -> Sequence[Outcome]:
        """Take a frame from the modem."""
        try:
            frame = decode_frame(octets)
        except MalformedError:
            return []
        heard = Heard(frame.destination, frame.source, frame.message)
        return self._carry(
            [*self._slac.receive(heard, now), *self._modem.receive(heard, now)], now
        )

    def tick(self, now: float) -> Sequence[Outcome]:
        """Let every deadline up to now pass."""
        return self._carry([*self._slac.tick(now), *self._modem.tick(now)], now)

    def _carry(
        self, told: Sequence[ev.Action | modem_events.Action], now: float
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for action in told:
            match action:
                case Send(destination, message):
                    outcomes.append(encode_frame(Frame(destination, self._mac, message)))
                case ev.Joined(key, network, _):
                    use = modem_events.UseKey(key, network, self._octets(4))
                    outcomes += self._carry(self._modem.receive(use, now), now)
                    watch = self._modem.receive(modem_events.WatchLink(True), now)
                    outcomes += self._carry(watch, now)
                case ev.MatchFailed() | LinkChanged():
                    outcomes.append(action)
                case _:
                    pass  # the modem's own affairs
        return outcomes
