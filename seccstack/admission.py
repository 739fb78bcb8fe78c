"""Who is at the outlet, and may it charge: claims in from every layer, a decision out.

`seccstack.auth.authorisation` decides; what it has to be told is gathered here, since a vehicle
says who it is in pieces, and the whole of it is what has to be kept for the owner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.auth import authorisation, decision, judgement
from seccstack.auth import events as auth_events
from seccstack.auth.decision import Decision, Granted
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.recognition import Recognition
from seccstack.auth.vehicle import MAX_ALARMS, Claim, Identity, Proven
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
    source: str


@dataclass(frozen=True, slots=True)
class Proved:
    """It has proven this."""

    kind: Proven
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Doubled:
    """Something was heard that only a second station with its address does."""

    why: str


@dataclass(frozen=True, slots=True)
class Watched:
    """This is all that was seen so far of how it speaks."""

    fingerprint: Fingerprint


@dataclass(frozen=True, slots=True)
class Connected:
    """It has opened a connection; ``tls``: an encrypted one."""

    tls: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """It wants to charge: a decision is needed."""


RegistryEvent = auth_events.VehicleFound | auth_events.CardPresented | auth_events.CardFound
Event = (
    Arrived
    | Left
    | Claimed
    | AddressSeen
    | Proved
    | Doubled
    | Watched
    | Connected
    | Wanted
    | RegistryEvent
    | auth_events.RegistrationTurned
    | auth_events.VehicleEnrolled
    | auth_events.LockOutFound
    | auth_events.LockOutLifted
)
Action = Noted | RecordSighting | auth_events.Action


class Admission:
    """The vehicle that is plugged in, as far as it has said who it is."""

    def __init__(self, settings: judgement.Settings) -> None:
        self._authorisation = authorisation.Authorisation(settings)
        self._plugged_in = False
        self._identity = Identity()
        self._tls: bool | None = None
        self._fingerprint = NOTHING
        self._recognition: Recognition | None = None
        self._doubled: set[str] = set()  # why, as told: as many as there are kinds

    @property
    def decision(self) -> Decision | None:
        """What the present plug-in has been told; None: nothing, or there is none."""
        return self._authorisation.decision

    @property
    def identity(self) -> Identity:
        """What the vehicle has said of itself."""
        return self._identity

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
                self._fingerprint, self._recognition = NOTHING, None
                self._doubled.clear()
                return self._tell(auth_events.PluggedIn(plug_in), now)
            case Left():
                seen = self._sighting(self._authorisation.certain_for)
                self._plugged_in = False
                return [*seen, *self._tell(auth_events.Unplugged(), now)]
            case Claimed(claim, value, source):
                return self._learn(self._identity.learn(claim, value, source, now), now)
            case AddressSeen(address, source):
                return self._learn(self._identity.learn_address(address, source, now), now)
            case Proved(kind, value, source):
                return self._learn(self._identity.prove(kind, value, source, now), now)
            case Doubled(why):
                return self._double(why, now)
            case Watched(fingerprint):
                return self._watch(fingerprint, now)
            case Connected(tls):
                return self._connect(tls, now)
            case Wanted():
                return self._want(now)
            case auth_events.LockOutLifted():
                return [Noted("lock-out lifted"), *self._tell(event, now)]
            case _:
                return self._tell(event, now)

    def _learn(self, identity: Identity, now: float) -> list[Action]:
        if not self._plugged_in or identity == self._identity:
            return []
        named = identity.evccid != self._identity.evccid
        self._identity = identity
        told = self._tell(auth_events.IdentityLearned(identity), now)
        # An EVCCID is the last that is learned: should the power fail, the rest is kept too.
        return [
            Noted("identity", identity.to_json()),
            *(self._sighting() if named else []),
            *told,
        ]

    def _double(self, why: str, now: float) -> list[Action]:
        """Believe it of a vehicle that has not been let in; else everybody could stop a charge.

        Whoever uses its address elsewhere draws nothing here: this outlet has one vehicle.
        """
        if not self._plugged_in or why in self._doubled or len(self._doubled) == MAX_ALARMS:
            return []
        self._doubled.add(why)
        noted = Noted("second station", {"why": why})
        if isinstance(self.decision, Granted):
            return [noted]
        return [noted, *self._learn(self._identity.alarm(why), now)]

    def _watch(self, fingerprint: Fingerprint, now: float) -> list[Action]:
        if not self._plugged_in or fingerprint == self._fingerprint:
            return []
        self._fingerprint = fingerprint
        return self._tell(auth_events.FingerprintSeen(fingerprint), now)

    def _connect(self, tls: bool, now: float) -> list[Action]:
        if not self._plugged_in:
            return []
        otherwise = self._tls not in (None, tls)
        self._tls = tls
        again = self._sighting() if otherwise and self._identity.evccid else []
        return [*again, *self._tell(auth_events.StreamSeen(tls), now)]

    def _want(self, now: float) -> list[Action]:
        """Have it decided, unless it may charge already: a grant said twice is a new one."""
        if not self._plugged_in or isinstance(self.decision, Granted):
            return []
        return self._tell(auth_events.AuthorisationWanted(self._identity), now)

    def _sighting(self, certain_for: bytes | None = None) -> list[Action]:
        seen = self._plugged_in and self._identity.evidence
        sighting = RecordSighting(self._identity, self._tls, self._fingerprint, certain_for)
        return [sighting] if seen else []

    def _tell(self, event: auth_events.Event, now: float) -> list[Action]:
        return self._said(self._authorisation.receive(event, now))

    def _said(self, told: Sequence[auth_events.Action]) -> list[Action]:
        actions: list[Action] = []
        for action in told:
            if isinstance(action, auth_events.Decided):
                actions.append(Noted("decision", decision.to_json(action.decision)))
            if isinstance(action, auth_events.Revoked):
                actions.append(Noted("revoked", {"reasons": list(action.reasons)}))
            if isinstance(action, auth_events.Stop):
                actions.append(Noted("halted", {"why": action.why}))
            if isinstance(action, auth_events.LockedOut):
                actions.append(Noted("locked out", {"seconds": action.seconds}))
                continue
            actions.append(action)
        return [*self._recognise(), *actions]

    def _recognise(self) -> list[Action]:
        """Say who it seems to be, where that is news."""
        before, self._recognition = self._recognition, self._authorisation.recognition
        known = self._recognition
        if known is None or not self._identity.evidence:
            return []
        if before is not None and _gist(before) == _gist(known):
            return []
        return [Noted("recognition", known.to_json())]


def _gist(known: Recognition) -> tuple[object, ...]:
    return known.stage, known.confidence, known.mac, known.label
