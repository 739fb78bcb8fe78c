"""Who is at the outlet, and may it charge: claims in from every layer, a decision out.

`seccstack.auth.authorisation` decides; what it has to be told is gathered here, since a vehicle
says who it is in pieces, and the whole of it is what has to be kept for the owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.auth import authorisation, decision, judgement
from seccstack.auth.decision import Decision, Granted
from seccstack.auth.vehicle import Claim, Identity
from seccstack.events import Noted, RecordSighting


@dataclass(frozen=True, slots=True)
class Arrived:
    """A vehicle is at the outlet; the number is a new one each time."""

    plug_in: int


@dataclass(frozen=True, slots=True)
class Left:
    """It is gone, and with it what it claimed and what it was allowed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """It said so of itself, or its frames did."""

    claim: Claim
    value: bytes
    source: str


@dataclass(frozen=True, slots=True)
class AddressSeen:
    """It uses this IPv6 address, in which there may be a MAC address."""

    address: str


@dataclass(frozen=True, slots=True)
class Connected:
    """It has opened a connection; ``tls``: an encrypted one."""

    tls: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """It wants to charge: a decision is needed."""


RegistryEvent = (
    authorisation.VehicleFound | authorisation.CardPresented | authorisation.CardFound
)
Event = Arrived | Left | Claimed | AddressSeen | Connected | Wanted | RegistryEvent
Action = Noted | RecordSighting | authorisation.Action


class Admission:
    """The vehicle that is plugged in, as far as it has said who it is."""

    def __init__(self, settings: judgement.Settings) -> None:
        self._authorisation = authorisation.Authorisation(settings)
        self._plugged_in = False
        self._identity = Identity()
        self._tls: bool | None = None

    @property
    def decision(self) -> Decision | None:
        """What the present plug-in has been told; None: nothing, or there is none."""
        return self._authorisation.decision

    def card_grants(self, now: float) -> bool:
        """Whether a card grants, to the present plug-in or, if there is none, to the next."""
        return self._authorisation.card_grants(now)

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        return self._authorisation.deadline

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        return self._said(self._authorisation.tick(now))

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case Arrived(plug_in):
                self._plugged_in, self._identity, self._tls = True, Identity(), None
                return self._tell(authorisation.PluggedIn(plug_in), now)
            case Left():
                seen = self._sighting()
                self._plugged_in = False
                return [*seen, *self._tell(authorisation.Unplugged(), now)]
            case Claimed(claim, value, source):
                return self._learn(self._identity.learn(claim, value, source, now), now)
            case AddressSeen(address):
                learned = self._identity.learn_address(address, "TCP peer", now)
                return self._learn(learned, now)
            case Connected(tls):
                return self._connect(tls, now)
            case Wanted():
                return self._want(now)
            case _:
                return self._tell(event, now)

    def _learn(self, identity: Identity, now: float) -> list[Action]:
        if not self._plugged_in or identity == self._identity:
            return []
        named = identity.evccid != self._identity.evccid
        self._identity = identity
        told = self._tell(authorisation.IdentityLearned(identity), now)
        # An EVCCID is the last that is learned: should the power fail, the rest is kept too.
        return [
            Noted("identity", identity.to_json()),
            *(self._sighting() if named else []),
            *told,
        ]

    def _connect(self, tls: bool, now: float) -> list[Action]:
        if not self._plugged_in:
            return []
        otherwise = self._tls not in (None, tls)
        self._tls = tls
        again = self._sighting() if otherwise and self._identity.evccid else []
        return [*again, *self._tell(authorisation.StreamSeen(tls), now)]

    def _want(self, now: float) -> list[Action]:
        """Have it decided, unless it may charge already: a grant said twice is a new one."""
        if not self._plugged_in or isinstance(self.decision, Granted):
            return []
        return self._tell(authorisation.AuthorisationWanted(self._identity), now)

    def _sighting(self) -> list[Action]:
        seen = self._plugged_in and self._identity.evidence
        return [RecordSighting(self._identity, self._tls)] if seen else []

    def _tell(self, event: authorisation.Event, now: float) -> list[Action]:
        return self._said(self._authorisation.receive(event, now))

    def _said(self, told: Sequence[authorisation.Action]) -> list[Action]:
        actions: list[Action] = []
        for action in told:
            if isinstance(action, authorisation.Decided):
                actions.append(Noted("decision", decision.to_json(action.decision)))
            if isinstance(action, authorisation.Revoked):
                actions.append(Noted("revoked", {"reasons": list(action.reasons)}))
            actions.append(action)
        return actions
