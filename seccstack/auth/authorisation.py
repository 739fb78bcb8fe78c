"""Whether the vehicle at this outlet may charge: one decision per plug-in.

Theory of operation
-------------------
What is known of the present plug-in is one value, `Visit`: what the vehicle has said, what the
registry has answered, which cards were held to the reader. `decide` is a function of it and of
the time, and is asked anew after every event; the machine speaks only where the answer has
changed. So the order in which card, vehicle and registry come makes no difference.

- A registered card grants under every policy. A vehicle whose claims disagree is never granted
  for them, but a card still can.
- `Granted` stays until the vehicle is unplugged, with three exceptions. What was granted for
  the claims alone is `Revoked` when they come to disagree. Who was granted for a record is
  asked about again while it charges, and is to `Stop` when the owner has taken the record away.
  And who was granted for a card is to stop when that card is held to the reader again; then
  only a card starts it again.
- `Denied` stays until a card grants, or the vehicle asks again.
- Who came while vehicles and cards are registered (`RegistrationTurned`) waits for the end of
  that, and is then decided upon as if it had come only now.
- An answer of the registry counts only for the plug-in in which it was asked.
- A vehicle that left without having been let in was a stranger; of those there may not be many
  (`seccstack.auth.limiter`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from seccstack.auth.decision import (
    Decision,
    Denied,
    Granted,
    Pending,
    Policy,
)
from seccstack.auth.events import (
    Action,
    AuthorisationWanted,
    CardFound,
    CardPresented,
    ContractVouched,
    Decided,
    Event,
    FingerprintSeen,
    IdentityLearned,
    KeepLockOut,
    LockedOut,
    LockOutFound,
    LockOutLifted,
    LookUpCard,
    LookUpVehicle,
    PluggedIn,
    RegistrationTurned,
    Revoked,
    Stop,
    StreamSeen,
    Unplugged,
    VehicleEnrolled,
    VehicleFound,
    VisitEvent,
)
from seccstack.auth.judgement import (
    CardLookup,
    Settings,
    VehicleLookup,
    Visit,
    by_card,
    by_one,
    certain_for,
    decide,
    silences,
    weigh,
)
from seccstack.auth.limiter import CALM
from seccstack.auth.recognition import Recognition, recognised
from seccstack.auth.vehicle import Identity

# Per plug-in, and waiting for one: a purse held to the reader has a few cards; the oldest goes.
MAX_CARDS = 8
RECHECK_SECONDS = 10.0  # how soon an owner's word counts for who is charging already
SAME_CARD_SECONDS = 3.0  # for so long a card that is still at the reader is the same gesture

# The transitions of one plug-in.


def on_event(
    visit: Visit, event: VisitEvent, settings: Settings, now: float
) -> tuple[Visit, list[Action]]:
    """Take an event that concerns a plug-in."""
    asked: list[Action] = []
    match event:
        case AuthorisationWanted(identity):
            return wanted(visit, identity, settings, now)
        case IdentityLearned(identity):
            visit, asked = learned(visit, identity, settings, now)
        case VehicleFound():
            visit = vehicle_answered(visit, event)
        case StreamSeen(tls):
            visit = replace(visit, tls=tls)
        case FingerprintSeen(fingerprint):
            granted = isinstance(visit.decision, Granted)
            judged = visit.judged if granted else fingerprint
            visit = replace(visit, fingerprint=fingerprint, judged=judged)
        case CardPresented(uid):
            if isinstance(visit.decision, Granted):
                return presented_again(visit, uid, now)
            cards, asked = presented(visit.cards, uid, settings, now)
            visit = replace(visit, cards=cards)
        case CardFound():
            visit = replace(visit, cards=found(visit.cards, event))
        case ContractVouched(reasons):
            visit = replace(visit, vouched=reasons)
        case _:
            assert_never(event)
    visit, news = settled(visit, settings, now)
    return visit, asked + news


def learned(
    visit: Visit, identity: Identity, settings: Settings, now: float
) -> tuple[Visit, list[Action]]:
    """Take what the vehicle says of itself; look it up as soon as it has a name."""
    visit = replace(visit, identity=visit.identity.joined(identity))
    mac = visit.identity.common_mac
    if settings.policy is not Policy.AUTOCHARGE or mac is None or visit.vehicle is not None:
        return visit, []
    if visit.registering:
        return visit, []  # what is registered afterwards counts
    return replace(visit, vehicle=VehicleLookup(mac, now)), [LookUpVehicle(mac)]


def wanted(
    visit: Visit, identity: Identity, settings: Settings, now: float
) -> tuple[Visit, list[Action]]:
    """Decide, and say so in any case. After a refusal, ask the registry and wait anew."""
    if isinstance(visit.decision, Denied):
        visit = replace(visit, vehicle=None, wanted_at=None, decision=None)
    visit, asked = learned(visit, identity, settings, now)
    since = now if visit.wanted_at is None else visit.wanted_at
    visit, news = settled(replace(visit, wanted_at=since), settings, now)
    if not any(isinstance(action, Decided) for action in news):
        visit, said = settled(replace(visit, decision=None), settings, now)
        news += said
    return visit, asked + news


def registered(visit: Visit, settings: Settings, now: float) -> tuple[Visit, list[Action]]:
    """Treat a vehicle that came while vehicles were registered as any other from now on."""
    visit = replace(visit, registering=False)
    if visit.wanted_at is None:
        return learned(visit, visit.identity, settings, now)
    return wanted(visit, visit.identity, settings, now)


def settled(visit: Visit, settings: Settings, now: float) -> tuple[Visit, list[Action]]:
    """Decide anew, and say so if it is news."""
    if visit.wanted_at is None:
        return visit, []
    old, weighed = visit.decision, weigh(visit, settings, now)
    if isinstance(old, Granted) and not isinstance(weighed, Granted):
        ended = replace(visit, decision=Denied(weighed))
        if visit.identity.conflicts and old.by == Policy.AUTOCHARGE.value:
            return ended, [Revoked(visit.plug_in, weighed)]
        return ended, [Stop(visit.plug_in, "; ".join(weighed) or "nothing grants it any more")]
    new = decide(visit, settings, visit.wanted_at, now)
    same_grant = isinstance(old, Granted) and isinstance(new, Granted) and old.by == new.by
    only_hope = isinstance(old, Denied) and isinstance(new, Pending)
    if new == old or same_grant or only_hope:
        return visit, []
    return replace(visit, decision=new, checked_at=now), [Decided(visit.plug_in, new)]


def vehicle_answered(visit: Visit, answer: VehicleFound) -> Visit:
    """Take the registry's answer about the vehicle; a later one only to who was let in."""
    vehicle = visit.vehicle
    if vehicle is None or vehicle.key != answer.mac:
        return visit
    if vehicle.answered and not vehicle.again:
        return visit
    if vehicle.again and answer.failed:
        return visit  # a disk that fails says nothing of the owner's wishes
    known = replace(
        vehicle,
        answered=True,
        again=False,
        record=answer.record,
        used_tls=answer.used_tls,
        prints=() if visit.enrolled else answer.prints,  # which are of this very visit
        family=answer.family,
    )
    return replace(visit, vehicle=known)


def asked_again(visit: Visit) -> tuple[Visit, list[Action]]:
    """Ask the registry whether what a grant rests on is still there."""
    by = visit.decision.by if isinstance(visit.decision, Granted) else None
    if by == Policy.CARD.value:
        cards = tuple(replace(card, again=by_one(card)) for card in visit.cards)
        return replace(visit, cards=cards), [
            LookUpCard(card.key) for card in cards if card.again
        ]
    if by == Policy.AUTOCHARGE.value and visit.vehicle is not None:
        again = replace(visit, vehicle=replace(visit.vehicle, again=True))
        return again, [LookUpVehicle(visit.vehicle.key)]
    return visit, []


def presented_again(visit: Visit, uid: str, now: float) -> tuple[Visit, list[Action]]:
    """Take a card while the vehicle charges: the one that started it stops it."""
    by = isinstance(visit.decision, Granted) and visit.decision.by == Policy.CARD.value
    starters = [card for card in visit.cards if by and by_one(card)]
    if not starters or starters[0].key != uid:
        return visit, []
    if now < starters[0].asked_at + SAME_CARD_SECONDS:  # it was never taken away
        cards = tuple(
            replace(card, asked_at=now) if card.key == uid else card for card in visit.cards
        )
        return replace(visit, cards=cards), []
    why = f"card {uid}, which started it, was held to the reader again"
    halted = replace(visit, cards=(), halted=why, decision=Denied((why,)), wanted_at=now)
    return halted, [Stop(visit.plug_in, why)]


def presented(
    cards: tuple[CardLookup, ...], uid: str, settings: Settings, now: float
) -> tuple[tuple[CardLookup, ...], list[Action]]:
    """Take a card; one that the registry is just being asked about is not asked about again."""
    for card in cards:
        silent = now >= card.asked_at + settings.registry_wait_seconds
        if card.key == uid and not card.answered and not silent:
            return cards, []
    others = tuple(card for card in cards if card.key != uid)
    return (*others, CardLookup(uid, now))[-MAX_CARDS:], [LookUpCard(uid)]


def found(cards: tuple[CardLookup, ...], answer: CardFound) -> tuple[CardLookup, ...]:
    """Take the registry's answer about a card, if it is being waited for."""
    return tuple(
        replace(card, answered=True, again=False, record=answer.record)
        if card.key == answer.uid and _awaited(card, answer)
        else card
        for card in cards
    )


def _awaited(card: CardLookup, answer: CardFound) -> bool:
    return not answer.failed if card.again else not card.answered


class Authorisation:
    """The decisions of one outlet."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._visit: Visit | None = None
        self._ahead: tuple[CardLookup, ...] = ()  # held to the reader before plugging in
        self._now = float("-inf")
        self._limiter = CALM
        self._registering = False

    @property
    def recognition(self) -> Recognition | None:
        """Who it seems to be; None: nothing is plugged in."""
        return recognised(self._visit) if self._visit else None

    @property
    def certain_for(self) -> bytes | None:
        """The registered vehicle that the present one is certain to be, if any."""
        return certain_for(self._visit) if self._visit else None

    @property
    def decision(self) -> Decision | None:
        """What the present plug-in has been told; None: nothing, or there is none."""
        return self._visit.decision if self._visit else None

    def card_grants(self, now: float) -> bool:
        """Whether a card grants, to the present plug-in or, if there is none, to the next."""
        visit = self._visit or Visit(0, cards=self._still_ahead(now))
        return by_card(visit) is not None and not self._registering

    @property
    def deadline(self) -> float | None:
        """When the next thing that is being waited for has taken too long."""
        later = (point for point in self._points() if point > self._now)
        return min(later, default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        self._now = now
        if isinstance(event, PluggedIn):
            return self._plugged_in(event.plug_in, now)
        if isinstance(event, Unplugged):
            visit, self._visit = self._visit, None
            return [] if visit is None else self._count(visit, now)
        if isinstance(event, RegistrationTurned):
            return self._turn(event.on, now)
        if isinstance(event, VehicleEnrolled):
            return self._enrolled(event.plug_in)
        if isinstance(event, LockOutFound | LockOutLifted):
            return self._relock(event, now)
        if self._visit is None:
            return self._received_ahead(event, now)
        self._visit, actions = on_event(self._visit, event, self._settings, now)
        return actions

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        if self.deadline is None or now < self.deadline:
            return []
        self._now = now
        if self._visit is None:
            self._ahead = self._still_ahead(now)
            return []
        asked: list[Action] = []
        if now >= self._visit.checked_at + RECHECK_SECONDS:
            self._visit, asked = asked_again(replace(self._visit, checked_at=now))
        self._visit, actions = settled(self._visit, self._settings, now)
        return [*asked, *actions]

    def _count(self, visit: Visit, now: float) -> Sequence[Action]:
        """Count who leaves without having been let in; a card makes up for all of them."""
        if isinstance(visit.decision, Granted):
            if visit.decision.by != Policy.CARD.value or self._limiter == CALM:
                return []
            self._limiter = CALM
            return [KeepLockOut(CALM)]
        if visit.registering or visit.enrolled:
            return []  # it did not come to charge
        who = visit.identity.first_mac
        if who is None or visit.wanted_at is None or visit.halted is not None:
            return []
        before, self._limiter = self._limiter, self._limiter.failed(who.hex(), now)
        if self._limiter == before:
            return []
        until, kept = self._limiter.locked_until, KeepLockOut(self._limiter.seen_from(now))
        return [LockedOut(until - now), kept] if until != before.locked_until else [kept]

    def _relock(self, event: LockOutFound | LockOutLifted, now: float) -> Sequence[Action]:
        """Take what was counted from elsewhere; whoever is there is judged by it, too."""
        found = event.limiter if isinstance(event, LockOutFound) else CALM
        self._limiter, actions = found.dated(now), list[Action]()
        if self._visit is not None and not isinstance(self._visit.decision, Granted):
            relocked = replace(self._visit, limiter=self._limiter)
            self._visit, actions = settled(relocked, self._settings, now)
        left = found.locked_until
        told: list[Action] = [LockedOut(left)] if left > 0 else []
        kept = [KeepLockOut(CALM)] if isinstance(event, LockOutLifted) else []
        return [*told, *kept, *actions]

    def _plugged_in(self, plug_in: int, now: float) -> Sequence[Action]:
        if self._visit is None or self._visit.plug_in != plug_in:
            cards = self._still_ahead(now)
            self._visit = Visit(
                plug_in, cards=cards, limiter=self._limiter, registering=self._registering
            )
            self._ahead = ()
        return []

    def _turn(self, on: bool, now: float) -> Sequence[Action]:
        self._registering, self._ahead = on, ()
        if on or self._visit is None or not self._visit.registering:
            return []
        self._visit, actions = registered(self._visit, self._settings, now)
        return actions

    def _enrolled(self, plug_in: int) -> Sequence[Action]:
        if self._visit is not None and self._visit.plug_in == plug_in:
            self._visit = replace(self._visit, enrolled=True)
        return []

    def _received_ahead(self, event: VisitEvent, now: float) -> Sequence[Action]:
        """Take an event while nothing is plugged in: only cards matter then."""
        asked: list[Action] = []
        if isinstance(event, CardPresented):
            cards = self._still_ahead(now)
            self._ahead, asked = presented(cards, event.uid, self._settings, now)
        elif isinstance(event, CardFound):
            self._ahead = found(self._ahead, event)
        return asked

    def _still_ahead(self, now: float) -> tuple[CardLookup, ...]:
        window = self._settings.card_ahead_seconds
        return tuple(card for card in self._ahead if now < card.asked_at + window)

    def _points(self) -> list[float]:
        if self._visit is None:
            window = self._settings.card_ahead_seconds
            return [card.asked_at + window for card in self._ahead]
        visit = self._visit
        if isinstance(visit.decision, Granted):
            return [visit.checked_at + RECHECK_SECONDS] if asked_again(visit)[1] else []
        if visit.wanted_at is None or not isinstance(visit.decision, Pending):
            return []
        card_wait = visit.wanted_at + self._settings.card_wait_seconds
        return [card_wait, visit.limiter.locked_until, *silences(visit, self._settings)]
