"""The transitions of one plug-in: an event in, out what is to be done, and the visit then."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from seccstack.auth.decision import Denied, Granted, Pending
from seccstack.auth.events import (
    Action,
    AuthorisationWanted,
    CardFound,
    CardPresented,
    ContractVouched,
    Decided,
    FingerprintSeen,
    IdentityLearned,
    LimitAccess,
    LookUpCard,
    LookUpVehicle,
    Revoked,
    Stop,
    StreamSeen,
    VehicleFound,
    VisitEvent,
    Vouch,
)
from seccstack.auth.judgement import CardLookup, Settings, VehicleLookup, Visit
from seccstack.auth.policies import Factor, rests_on
from seccstack.auth.suspicion import Relative
from seccstack.auth.vehicle import Identity
from seccstack.auth.weighing import (
    barred,
    by_one,
    decide,
    proved_by,
    reduced,
    vouched_by,
    weigh,
)

# Per plug-in, and waiting for one: a purse held to the reader has a few cards; the oldest goes.
MAX_CARDS = 8
SAME_CARD_SECONDS = 3.0  # for so long a card that is still at the reader is the same gesture


def on_event(
    visit: Visit, event: VisitEvent, settings: Settings, now: float
) -> tuple[Visit, list[Action]]:
    """Take an event that concerns a plug-in."""
    asked: list[Action] = []
    match event:
        case AuthorisationWanted(identity):
            return wanted(visit, identity, settings, now)
        case IdentityLearned(identity):
            visit, asked = learned(visit, identity, now)
        case VehicleFound():
            visit = vehicle_answered(visit, event)
        case StreamSeen(tls):
            visit = replace(visit, tls=tls)
        case FingerprintSeen(fingerprint):
            granted = isinstance(visit.decision, Granted)
            judged = visit.judged if granted else fingerprint
            visit = replace(visit, fingerprint=fingerprint, judged=judged)
        case CardPresented(uid):
            if isinstance(visit.decision, Granted) and not helps(visit):
                return presented_again(visit, uid, settings, now)
            cards, asked = presented(visit.cards, uid, settings, now)
            visit = replace(visit, cards=cards)
        case CardFound():
            if same_holder(visit, event):
                return halt(visit, f"card {event.uid}, of who started it, was held up", now)
            visit = replace(visit, cards=found(visit.cards, event))
        case ContractVouched(reasons):
            visit = replace(visit, vouched=reasons)
        case _:
            assert_never(event)
    visit, news = settled(visit, settings, now)
    return visit, asked + news


def learned(visit: Visit, identity: Identity, now: float) -> tuple[Visit, list[Action]]:
    """Take what the vehicle says of itself; look it up as soon as it has a name.

    Under any policy: its owner may have barred it, or have it draw less than others.
    """
    visit = replace(visit, identity=visit.identity.joined(identity))
    mac = visit.identity.first_mac
    if mac is None or visit.vehicle is not None:
        return visit, []
    if visit.registering:
        return visit, []  # what is registered afterwards counts
    return replace(visit, vehicle=VehicleLookup(mac, now)), [LookUpVehicle(mac)]


def wanted(
    visit: Visit, identity: Identity, settings: Settings, now: float
) -> tuple[Visit, list[Action]]:
    """Decide, and say so in any case. After a refusal, ask the registry and wait anew."""
    again: list[Action] = []
    if isinstance(visit.decision, Denied):
        visit, again = anew(visit)
    visit, asked = learned(visit, identity, now)
    since = now if visit.wanted_at is None else visit.wanted_at
    visit, news = settled(replace(visit, wanted_at=since), settings, now)
    if not any(isinstance(action, Decided) for action in news):
        visit, said = settled(replace(visit, decision=None), settings, now)
        news += said
    return visit, [*again, *asked, *news]


def anew(visit: Visit) -> tuple[Visit, list[Action]]:
    """Ask and wait as if it had come only now; what is barred stays so until the answer."""
    visit = replace(visit, wanted_at=None, decision=None)
    if visit.vehicle is None or barred(visit) is None:
        return replace(visit, vehicle=None), []
    vehicle = replace(visit.vehicle, again=True)
    return replace(visit, vehicle=vehicle), [LookUpVehicle(vehicle.key)]


def registered(visit: Visit, settings: Settings, now: float) -> tuple[Visit, list[Action]]:
    """Treat a vehicle that came while vehicles were registered as any other from now on."""
    visit = replace(visit, registering=False)
    if visit.wanted_at is None:
        return learned(visit, visit.identity, now)
    return wanted(visit, visit.identity, settings, now)


def settled(visit: Visit, settings: Settings, now: float) -> tuple[Visit, list[Action]]:
    """Decide anew, and say so if it is news."""
    if visit.wanted_at is None:
        return visit, []
    old, weighed = visit.decision, weigh(visit, settings, now)
    if isinstance(old, Granted) and not isinstance(weighed, Granted):
        ended = replace(visit, decision=Denied(weighed))
        if visit.identity.conflicts and rests_on(old, Factor.AUTOCHARGE):
            return ended, [Revoked(visit.plug_in, weighed)]
        return ended, [Stop(visit.plug_in, "; ".join(weighed) or "nothing grants it any more")]
    new = decide(weighed, visit, settings, visit.wanted_at, now)
    news: list[Action] = []
    if isinstance(new, Granted) and new.max_amps != visit.amps:
        visit = replace(visit, amps=new.max_amps)
        news.append(LimitAccess(visit.plug_in, new.max_amps, new.reasons))
    same_grant = isinstance(old, Granted) and isinstance(new, Granted) and old.by == new.by
    only_hope = isinstance(old, Denied) and isinstance(new, Pending)
    if same_grant:  # it may draw more or less than before, and that was no decision
        visit = replace(visit, decision=new) if news else visit
    elif new != old and not only_hope:
        visit = replace(visit, decision=new, checked_at=now)
        news.append(Decided(visit.plug_in, new))
    return remembered(visit, settings, news)


def remembered(
    visit: Visit, settings: Settings, news: list[Action]
) -> tuple[Visit, list[Action]]:
    """Have kept, once, what this visit has shown for later ones."""
    proven = None if visit.proved else proved_by(visit)
    if proven is not None:
        visit, news = replace(visit, proved=True), [*news, proven]
    vouched = None if visit.vouched_for is not None else vouched_by(visit, settings)
    if vouched is not None:
        mac, uid = vouched
        visit, news = replace(visit, vouched_for=mac), [*news, Vouch(mac, uid)]
    return visit, news


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
        failed=answer.failed,
        used_tls=answer.used_tls,
        prints=() if visit.enrolled else answer.prints,  # which are of this very visit
        family=_as_of_grant(vehicle.family, answer.family) if vehicle.again else answer.family,
    )
    return replace(visit, vehicle=known)


def _as_of_grant(
    before: tuple[Relative, ...], after: tuple[Relative, ...]
) -> tuple[Relative, ...]:
    """Let what ran out meanwhile hold for this charge; what was withdrawn does not."""
    then = {relative.record.mac: relative.vouched for relative in before}
    return tuple(
        replace(relative, vouched=then.get(relative.record.mac))
        if relative.vouched is not None
        else relative
        for relative in after
    )


def asked_again(visit: Visit) -> tuple[Visit, list[Action]]:
    """Ask the registry whether what a grant rests on is still there, and nothing bars it."""
    asked: list[Action] = []
    if rests_on(visit.decision, Factor.CARD):
        cards = tuple(replace(card, again=by_one(card)) for card in visit.cards)
        visit = replace(visit, cards=cards)
        asked += [LookUpCard(card.key) for card in cards if card.again]
    vehicle = visit.vehicle
    if vehicle is not None and isinstance(visit.decision, Granted):
        visit = replace(visit, vehicle=replace(vehicle, again=True))
        asked.append(LookUpVehicle(vehicle.key))
    return visit, asked


def helps(visit: Visit) -> bool:
    """Whether a card gets a vehicle that charges already more than it has."""
    return reduced(visit) and not rests_on(visit.decision, Factor.CARD)


def presented_again(
    visit: Visit, uid: str, settings: Settings, now: float
) -> tuple[Visit, list[Action]]:
    """Take a card while the vehicle charges: who started it, with whichever card, stops it."""
    starter = starter_of(visit)
    if starter is None:
        return visit, []
    if starter.key == uid:
        if now >= starter.asked_at + SAME_CARD_SECONDS:
            return halt(
                visit, f"card {uid}, which started it, was held to the reader again", now
            )
        # It was never taken away.
        cards = tuple(
            replace(card, asked_at=now) if card.key == uid else card for card in visit.cards
        )
        return replace(visit, cards=cards), []
    holder = starter.record.label if starter.record is not None else ""
    if not holder or now < starter.asked_at + SAME_CARD_SECONDS:  # a purse has several cards
        return visit, []
    waits = () if visit.stopper is None else (visit.stopper,)
    others, asked = presented(waits, uid, settings, now)
    return replace(visit, stopper=others[-1]), asked


def same_holder(visit: Visit, answer: CardFound) -> bool:
    """Whether it is another card of the one who started the charge, by what it is called."""
    starter, stopper, record = starter_of(visit), visit.stopper, answer.record
    if starter is None or starter.record is None or stopper is None or record is None:
        return False
    other = replace(stopper, answered=True, record=record)
    return stopper.key == answer.uid and by_one(other) and record.label == starter.record.label


def starter_of(visit: Visit) -> CardLookup | None:
    """Return the card that started the charge, if one did."""
    if not rests_on(visit.decision, Factor.CARD):
        return None
    return next((card for card in visit.cards if by_one(card)), None)


def halt(visit: Visit, why: str, now: float) -> tuple[Visit, list[Action]]:
    """Stop it; from now on only a card starts it again."""
    halted = replace(
        visit, cards=(), halted=why, decision=Denied((why,)), wanted_at=now, stopper=None
    )
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
        replace(card, answered=True, again=False, record=answer.record, failed=answer.failed)
        if card.key == answer.uid and _awaited(card, answer)
        else card
        for card in cards
    )


def _awaited(card: CardLookup, answer: CardFound) -> bool:
    return not answer.failed if card.again else not card.answered
