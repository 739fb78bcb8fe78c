"""One vehicle at the outlet, from plug to unplug: what is dropped with it, all in one place."""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.auth.vehicle import Claim, Identity
from seccstack.events import StreamOpened
from seccstack.session.events import Paused, StopCharging
from seccstack.session.plant import Charger, Plant
from seccstack.session.session import V2gSession


@dataclass(slots=True)
class PlugIn:
    """``number`` never comes twice; ``stop``: why this charge is to end, if it is."""

    number: int
    identity: Identity = field(default_factory=Identity)
    stream: int | None = None
    session: V2gSession | None = None
    resumable: Paused | None = None
    stop: str | None = None

    def learn(self, claim: Claim, value: bytes, source: str, now: float) -> bool:
        """Keep what the vehicle claims; return whether it is news."""
        return self._know(self.identity.learn(claim, value, source, now))

    def learn_address(self, address: str, now: float) -> bool:
        """Keep the MAC in an IPv6 address; return whether it is news."""
        return self._know(self.identity.learn_address(address, "TCP peer", now))

    def _know(self, identity: Identity) -> bool:
        news = identity != self.identity
        self.identity = identity
        return news

    def begin_session(
        self, charger: Charger, opened: StreamOpened, plant: Plant, now: float
    ) -> None:
        """Begin a session on a new stream; a paused one may be joined by it, once."""
        plant.stop = StopCharging(self.stop) if self.stop else None
        self.stream = opened.stream
        self.session = V2gSession(
            charger,
            session_id=opened.session_id,
            timestamp=opened.wall_time,
            now=now,
            plant=plant,
            resumable=self.resumable,
        )
        self.resumable = None
