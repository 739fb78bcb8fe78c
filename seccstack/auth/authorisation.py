"""Whether the vehicle at this outlet may charge: one decision per plug-in.

Theory of operation
-------------------
What is known of the present plug-in is one value, `Visit`: what the vehicle has said, what the
registry has answered, which cards were held to the reader. `decide` is a function of it and of
the time, and is asked anew after every event; the machine speaks only where the answer has
changed. So the order in which card, vehicle and registry come makes no difference.

- What is asked for is one or several ways (`seccstack.auth.policies`). Usually a registered
  card is one. A vehicle whose claims disagree is never granted for them, but a card still can.
- `Granted` stays until the vehicle is unplugged, with three exceptions. What was granted for
  the claims alone is `Revoked` when they come to disagree. Who was granted for a record is
  asked about again while it charges, and is to `Stop` when the owner has taken the record away.
  And who was granted for a card is to stop when that card, or another of the same holder, is
  held to the reader again; then only a card starts it again.
- Who was granted less than there is (`LimitAccess`) has all of it once a card is held up.
- A vehicle that has proven itself (`Prove`) is not granted for claims alone any more. A card
  that was needed for a vehicle whose address rotates vouches for it for a while (`Vouch`).
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

from seccstack.auth.decision import Decision, Granted, Pending
from seccstack.auth.events import (
    Action,
    CardFound,
    CardPresented,
    Event,
    KeepLockOut,
    LockedOut,
    LockOutFound,
    LockOutLifted,
    PluggedIn,
    RegistrationTurned,
    Unplugged,
    VehicleEnrolled,
    VisitEvent,
)
from seccstack.auth.judgement import CardLookup, Settings, Visit
from seccstack.auth.limiter import CALM
from seccstack.auth.policies import CARD, Factor, rests_on
from seccstack.auth.recognition import Recognition, recognised
from seccstack.auth.visiting import (
    asked_again,
    found,
    on_event,
    presented,
    registered,
    settled,
)
from seccstack.auth.weighing import by_card, certain_for, silences

RECHECK_SECONDS = 10.0  # how soon an owner's word counts for who is charging already


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
        alone = CARD in self._settings.asked and not self._registering
        return alone and by_card(visit) is not None

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
            if not rests_on(visit.decision, Factor.CARD) or self._limiter == CALM:
                return []
            self._limiter = CALM
            return [KeepLockOut(CALM)]
        if visit.registering or visit.enrolled:
            return []  # it did not come to charge
        lookup = visit.vehicle
        if lookup is not None and (lookup.failed or not lookup.answered):
            return []  # nobody has said that it is one
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
