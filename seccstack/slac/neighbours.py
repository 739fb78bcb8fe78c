"""Other vehicles that our powerline carries: crosstalk, as the owner should know of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.slac import timing


@dataclass(frozen=True, slots=True)
class NeighbourHeard:
    """A vehicle that is not the one at our outlet is heard, at this mean attenuation."""

    ev_mac: bytes
    attenuation_db: float


@dataclass(slots=True)
class Neighbours:
    """Who was heard in this plug-in; who of them is a neighbour is known once it matches."""

    _heard: dict[bytes, float] = field(default_factory=dict)
    _ours: bytes | None = None

    def hear(self, ev_mac: bytes, attenuations: bytes) -> list[NeighbourHeard]:
        """Note how a vehicle is heard; of each the first time counts."""
        known = ev_mac in self._heard or len(self._heard) >= timing.MAX_NEIGHBOURS
        if known or ev_mac == self._ours:
            return []
        self._heard[ev_mac] = mean_db(attenuations)
        return [] if self._ours is None else self._told([ev_mac])

    def matched(self, ev_mac: bytes) -> list[NeighbourHeard]:
        """Learn which one is ours."""
        first, self._ours = self._ours is None, ev_mac
        return self._told(self._heard) if first else []

    def clear(self) -> None:
        """Forget everybody: the vehicle has left."""
        self._heard.clear()
        self._ours = None

    def _told(self, macs: list[bytes] | dict[bytes, float]) -> list[NeighbourHeard]:
        return [NeighbourHeard(mac, self._heard[mac]) for mac in macs if mac != self._ours]


def mean_db(attenuations: bytes) -> float:
    """Return the mean of all groups."""
    return sum(attenuations) / len(attenuations)
