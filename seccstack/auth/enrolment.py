"""The ritual of registration: a setup card, then vehicles and cards, then the setup card.

Theory of operation
-------------------
The setup card begins it, if no vehicle is connected: one short beep. From then on each card
that is held to the reader, and each vehicle that is plugged in, is registered: two short beeps.
The setup card ends it, or that nothing happens for a while: one long beep. Everything else has
a signal of its own (`enrolment_events.PATTERNS`), and a sentence for whoever can read.

- The two short beeps are the registry's word that it is written for good, and are given
  whenever that word comes: if it is late, even after the end. An end waits a moment for it. So
  exactly that is registered for which they were heard.
- A card is looked up first: it may be a setup card. A vehicle is looked up once it has said all
  that it will say of itself, with SessionSetupReq. What is asked in one ritual is not answered
  in the next.
- A vehicle that goes on by pulse width is given up with a signal, but it is listened to all the
  same: some wake up late.
- A vehicle of those that change their address is refused. If it comes again in the same ritual
  and still has it, it is none of them.
- While the ritual is on, nobody is let in: `RegistrationTurned` says so to whoever decides. A
  card is passed on to them only while it is off.
- A card that is still at the reader is the same gesture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from seccstack.auth.decision import CardRecord, VehicleRecord, objection
from seccstack.auth.enrolling import (
    Refusal,
    Settings,
    already,
    card_of,
    card_refused,
    name_of,
    outcome_of,
    record_of,
    refused_when_known,
    unanswered,
)
from seccstack.auth.enrolment_events import (
    PATTERNS,
    Action,
    Arrived,
    Beep,
    BeginWanted,
    EndWanted,
    Enrol,
    EnrolAnswered,
    Event,
    Followed,
    Hushed,
    Identified,
    Left,
    PassOn,
    Step,
    Told,
)
from seccstack.auth.enrolment_states import (
    Asked,
    Closing,
    DealtWith,
    GivenUp,
    Guest,
    Identifying,
    LookedUp,
    Open,
    Writing,
)
from seccstack.auth.events import (
    CardFound,
    CardPresented,
    LookUpCard,
    LookUpVehicle,
    RegistrationTurned,
    VehicleEnrolled,
    VehicleFound,
)
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.port import Enrolled
from seccstack.auth.visiting import MAX_CARDS, SAME_CARD_SECONDS

MAX_WRITES = 8  # that a registry has not answered yet: more than that are not held up by hand
MAX_DOUBTED = 8  # vehicles that one ritual has turned away; the oldest goes
FOLLOWED_SECONDS = 10.0  # an operator's program asks four times a second
DEFAULTS = Settings()


class Enrolment:
    """The ritual at one outlet."""

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        self._settings = settings
        self._mode: Open | Closing | None = None
        self._plug_in = 0  # nobody's
        self._guest: Guest = DealtWith()
        self._cards: tuple[Asked, ...] = ()
        self._doubted: tuple[tuple[bytes, Fingerprint], ...] = ()
        self._writing: tuple[Writing, ...] = ()
        self._tickets = 0
        self._gesture: tuple[str, float] | None = None

    @property
    def on(self) -> bool:
        """Whether it is on."""
        return self._mode is not None

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        waits = self._waits() if self._mode is not None else []
        if isinstance(self._mode, Open):
            return min(self._mode.followed_until, *(waits or [self._mode.until]))
        return min(waits, default=None)

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        if self.deadline is None or now < self.deadline:
            return []
        actions = [*self._written_late(now), *self._asked_late(now), *self._overdue(now)]
        return [*actions, *self._settle(now)]

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; a deadline that was missed comes first."""
        return [*self.tick(now), *self._take(event, now), *self._settle(now)]

    def _take(self, event: Event, now: float) -> list[Action]:
        match event:
            case CardPresented(uid):
                return self._held(event, self._same_gesture(uid, now), now)
            case CardFound(uid):
                asked = any(card.uid == uid for card in self._cards)
                self._cards = tuple(card for card in self._cards if card.uid != uid)
                return self._card_found(event, now) if asked else []
            case VehicleFound(mac):
                guest = self._guest
                if not isinstance(guest, LookedUp) or guest.record.mac != mac:
                    return []
                return self._vehicle_found(event, guest, now)
            case Arrived(plug_in):
                return self._arrived(plug_in, now)
            case Left():
                return self._left(now)
            case Identified():
                return self._identified(event, now)
            case Hushed(why):
                return self._hushed(why, now)
            case BeginWanted():
                return self._begin(event, now)
            case EndWanted():
                return self._close("it was ended by order")
            case Followed():
                return self._followed(now)
            case _:
                return self._answered(event, now)

    # Beginning and ending.

    def _begin(self, wishes: BeginWanted, now: float) -> list[Action]:
        if self._mode is not None:
            return [Told(True, Step.REFUSED, "registration mode is on already")]
        if self._plug_in:
            why = "registration mode does not start with a vehicle connected: unplug it first"
            return self._say((Step.REFUSED, why))
        self._cards, self._doubted = (), ()  # what was before is no part of it
        self._mode = Open(wishes, 0.0)
        self._followed(now)
        self._go_on(now)
        says = "registration mode is on: hold a card to the reader, or plug a vehicle in"
        says += f"; {meaning}" if (meaning := self._settings.meaning) else ""
        return [RegistrationTurned(True), *self._say((Step.STARTED, says))]

    def _close(self, why: str) -> list[Action]:
        if isinstance(self._mode, Open):
            self._mode = Closing(why, self._mode.registered)
            self._guest, self._cards = DealtWith(), ()
        return []

    def _settle(self, now: float) -> list[Action]:
        """End it, if it is time."""
        mode = self._mode
        if isinstance(mode, Open) and now >= mode.followed_until:
            self._close(f"who began it has not been heard of for {FOLLOWED_SECONDS:g} s")
        elif isinstance(mode, Open) and not self._waits() and now >= mode.until:
            seconds = mode.wishes.wait_seconds or self._settings.wait_seconds
            self._close(f"nothing has happened for {seconds:g} s")
        mode = self._mode
        if not isinstance(mode, Closing) or self._waits():
            return []
        self._mode = None
        says = f"registration mode ends, {mode.registered} registered: {mode.why}"
        return [*self._say((Step.ENDED, says)), RegistrationTurned(False)]

    def _followed(self, now: float) -> list[Action]:
        """Go on, as far as that depends on who began it: nobody there registers nobody."""
        if isinstance(self._mode, Open) and self._mode.wishes.followed:
            self._mode = replace(self._mode, followed_until=now + FOLLOWED_SECONDS)
        return []

    def _go_on(self, now: float) -> None:
        """Begin anew to wait for something to happen."""
        if isinstance(self._mode, Open):
            seconds = self._mode.wishes.wait_seconds or self._settings.wait_seconds
            self._mode = replace(self._mode, until=now + seconds)

    def _waits(self) -> list[float]:
        """Return until when what is going on may take."""
        waits = [one.until for one in self._writing if one.until is not None]
        waits += [card.until for card in self._cards if isinstance(self._mode, Open)]
        if isinstance(self._guest, Identifying | LookedUp):
            waits.append(self._guest.until)
        return waits

    # Cards.

    def _same_gesture(self, uid: str, now: float) -> bool:
        """Whether the card was never taken away."""
        before, self._gesture = self._gesture, (uid, now)
        return before is not None and before[0] == uid and now < before[1] + SAME_CARD_SECONDS

    def _held(self, card: CardPresented, same: bool, now: float) -> list[Action]:
        if card.uid in self._settings.setup_cards:
            return [] if same else self._turn(card.uid, now)
        if self._mode is None:
            if not same:
                self._ask(card.uid, now)
            return [PassOn(card, ask=not same)]
        if same or isinstance(self._mode, Closing):
            return []
        self._go_on(now)
        if (refusal := card_refused(card.uid)) is not None:
            return self._say(refusal, card=card.uid)
        self._ask(card.uid, now)
        return [LookUpCard(card.uid)]

    def _ask(self, uid: str, now: float) -> None:
        others = [card for card in self._cards if card.uid != uid]
        asked = Asked(uid, now + self._settings.registry_wait_seconds)
        self._cards = (*others, asked)[-MAX_CARDS:]

    def _card_found(self, found: CardFound, now: float) -> list[Action]:
        record = found.record
        if record is not None and record.setup and objection(record) is None:
            return self._turn(record.uid, now)
        if self._mode is None:
            return []
        self._go_on(now)
        if found.failed:
            why = f"the registry cannot be read, so card {found.uid} is not registered"
            return self._say((Step.REGISTRY, why), card=found.uid)
        if record is not None:
            return self._say((Step.KNOWN, already(record)), card=record.uid)
        return self._write(card_of(found.uid, self._wishes), 0, (), now)

    def _turn(self, uid: str, now: float) -> list[Action]:
        """Take a setup card."""
        if self._mode is None:
            return self._begin(BeginWanted(), now)
        return self._close(f"setup card {uid} was held to the reader")

    def _asked_late(self, now: float) -> list[Action]:
        late = [card for card in self._cards if card.until <= now]
        self._cards = tuple(card for card in self._cards if card.until > now)
        return [a for card in late for a in self._unanswered(CardRecord(uid=card.uid), now)]

    # The vehicle.

    def _arrived(self, plug_in: int, now: float) -> list[Action]:
        self._plug_in, self._guest = plug_in, DealtWith()
        if not isinstance(self._mode, Open):
            return []
        self._guest = Identifying(now + self._settings.identify_seconds)
        self._go_on(now)
        return self._say((Step.IDENTIFYING, "a vehicle is connected, and is being identified"))

    def _left(self, now: float) -> list[Action]:
        guest, self._plug_in, self._guest = self._guest, 0, DealtWith()
        self._go_on(now)
        if not isinstance(guest, Identifying | LookedUp):
            return []
        why = "the vehicle was unplugged before it was identified: it is not registered"
        return self._say((Step.LEFT, why))

    def _identified(self, vehicle: Identified, now: float) -> list[Action]:
        if isinstance(self._guest, DealtWith):
            return []
        self._go_on(now)
        mac = name_of(vehicle.identity)
        if not isinstance(mac, bytes):
            return self._turned_away(mac, vehicle.identity.first_mac)
        until = now + self._settings.registry_wait_seconds
        record = record_of(vehicle.identity, mac, self._wishes)
        self._guest = LookedUp(record, vehicle.fingerprint, until)
        return [LookUpVehicle(mac)]

    def _vehicle_found(self, found: VehicleFound, guest: LookedUp, now: float) -> list[Action]:
        self._go_on(now)
        before = tuple(shown for mac, shown in self._doubted if mac == found.mac)
        shown = (*before, guest.fingerprint)
        refusal = refused_when_known(
            found, guest.fingerprint, self._settings, kept=bool(before)
        )
        if refusal is not None:
            doubted = (found.mac, guest.fingerprint)
            self._doubted = (*self._doubted, doubted)[-MAX_DOUBTED:]
            return self._turned_away(refusal, found.mac)
        self._guest = DealtWith()
        return self._write(guest.record, self._plug_in, shown, now)

    def _turned_away(self, refusal: Refusal, mac: bytes | None) -> list[Action]:
        self._guest = DealtWith()
        return self._say(refusal, vehicle=mac)

    def _hushed(self, why: str, now: float) -> list[Action]:
        if not isinstance(self._guest, Identifying):
            return []
        self._guest = GivenUp()
        self._go_on(now)
        says = f"the vehicle does not say who it is: {why}; if it goes on so, it needs a card"
        return self._say((Step.SILENT, says))

    def _overdue(self, now: float) -> list[Action]:
        match self._guest:
            case Identifying(until) if until <= now:
                return self._hushed(f"not in {self._settings.identify_seconds:g} s", now)
            case LookedUp(record, _, until) if until <= now:
                self._guest = DealtWith()
                return self._unanswered(record, now)
            case _:
                return []

    # The registry.

    def _write(
        self,
        record: VehicleRecord | CardRecord,
        plug_in: int,
        shown: tuple[Fingerprint, ...],
        now: float,
    ) -> list[Action]:
        if len(self._writing) == MAX_WRITES:
            return self._unanswered(record, now)
        self._tickets += 1
        until = now + self._settings.registry_wait_seconds
        self._writing += (Writing(self._tickets, record, plug_in, until),)
        return [Enrol(self._tickets, record, self._settings.most, shown)]

    def _answered(self, answer: EnrolAnswered, now: float) -> list[Action]:
        done = [one for one in self._writing if one.ticket == answer.ticket]
        self._writing = tuple(one for one in self._writing if one.ticket != answer.ticket)
        return [action for one in done for action in self._done(one, answer.outcome, now)]

    def _done(self, writing: Writing, outcome: Enrolled | None, now: float) -> list[Action]:
        self._go_on(now)
        actions: list[Action] = []
        if outcome is Enrolled.ADDED:
            if writing.plug_in and writing.plug_in == self._plug_in:
                actions.append(VehicleEnrolled(writing.plug_in))
            if self._mode is not None:
                self._mode = replace(self._mode, registered=self._mode.registered + 1)
        says = outcome_of(writing.record, outcome, self._settings)
        actions += self._say_of(writing.record, says)
        if outcome is Enrolled.ADDED and self._wishes.once:
            self._close("that was all that was wanted")
        return actions

    def _written_late(self, now: float) -> list[Action]:
        """Say of what the registry has not answered yet that it may do so later."""
        late = [one for one in self._writing if one.until is not None and one.until <= now]
        self._writing = tuple(
            replace(one, until=None) if one in late else one for one in self._writing
        )
        return [action for one in late for action in self._unanswered(one.record, now)]

    def _unanswered(self, record: VehicleRecord | CardRecord, now: float) -> list[Action]:
        self._go_on(now)
        return self._say_of(record, unanswered(record, self._settings))

    # What is said.

    @property
    def _wishes(self) -> BeginWanted:
        return self._mode.wishes if isinstance(self._mode, Open) else BeginWanted()

    def _say_of(self, record: VehicleRecord | CardRecord, said: Refusal) -> list[Action]:
        if isinstance(record, CardRecord):
            return self._say(said, card=record.uid)
        return self._say(said, vehicle=record.mac)

    def _say(
        self, said: Refusal, vehicle: bytes | None = None, card: str | None = None
    ) -> list[Action]:
        step, words = said
        pattern = PATTERNS[step]
        heard: list[Action] = [] if pattern is None else [Beep(pattern)]
        return [*heard, Told(self.on, step, words, vehicle, card)]
