"""Weighing what speaks for a plug-in, and what against it: functions, no machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from seccstack.auth.addresses import format_mac, rotating
from seccstack.auth.claims import by_claims, unanswered, unread
from seccstack.auth.decision import (
    CONTRACT,
    CardRecord,
    Decision,
    Denied,
    Granted,
    Pending,
    Policy,
    VehicleRecord,
    objection,
)
from seccstack.auth.events import Prove
from seccstack.auth.fingerprint import likeness
from seccstack.auth.judgement import (
    REGISTERING,
    Below,
    CardLookup,
    Settings,
    Visit,
)
from seccstack.auth.policies import Factor, Way, name_of, rests_on
from seccstack.auth.suspicion import RotatingUse, like, named

Shown = Mapping[Factor, Granted | tuple[str, ...]]  # of each factor: a grant, or what it lacks


def decide(
    weighed: Granted | tuple[str, ...],
    visit: Visit,
    settings: Settings,
    wanted_at: float,
    now: float,
) -> Decision:
    """Decide from everything that is known and was weighed, whatever was decided before."""
    if isinstance(weighed, Granted):
        return weighed
    if barred(visit) is not None:
        return Denied(weighed)
    if doubted(visit, settings, now) and not any(
        point > now for point in silences(visit, settings)
    ):
        return Denied(weighed)
    if now < wanted_at + settings.card_wait_seconds:
        return Pending((*weighed, *awaited(visit, settings)))
    if any(now < point for point in silences(visit, settings)):
        return Pending(weighed)
    return Denied((*weighed, *missed(visit, settings)))


def awaited(visit: Visit, settings: Settings) -> Iterator[str]:
    """Say what may still come."""
    if visit.registering:
        return
    if settings.asks_for(Factor.CARD):
        yield "a card is awaited"
    if _wants_contract(visit, settings):
        yield "a contract is awaited"


def missed(visit: Visit, settings: Settings) -> Iterator[str]:
    """Say what has not come."""
    if visit.registering:
        return
    waited = f"in {settings.card_wait_seconds:g} s"
    if settings.asks_for(Factor.CARD) and not visit.cards:
        yield f"no card was held to the reader {waited}"
    if _wants_contract(visit, settings):
        yield f"no contract was proven {waited}"


def _wants_contract(visit: Visit, settings: Settings) -> bool:
    """Whether a contract is more than what a vehicle may pay by as well."""
    return any(Factor.CONTRACT in way for way in settings.ways) and not visit.vouched


def weigh(visit: Visit, settings: Settings, now: float) -> Granted | tuple[str, ...]:
    """Grant, or say everything that has kept us from it so far."""
    if visit.registering:
        return (REGISTERING,)
    if why := barred(visit):
        return (why,)
    shown = shown_by(visit, settings, now)
    grant = by_any(visit, settings, shown)
    if grant is None:
        return (*lacking(visit, settings, shown), *card_obstacles(visit, settings, now))
    return limited(grant, visit)


def by_any(visit: Visit, settings: Settings, shown: Shown) -> Granted | None:
    """Grant if everything is there that one of the ways asks for, or nothing is asked for."""
    for way in settings.asked:
        if visit.halted is not None and Factor.CARD not in way:
            continue  # only a card starts again what a card has stopped
        if (grant := granted_by(way, shown)) is not None:
            return grant
    if settings.open and visit.halted is None:
        reasons = ("everybody may charge here", *visit.identity.disagreements)
        return Granted(Policy.OPEN.value, reasons)
    return None


def barred(visit: Visit) -> str | None:
    """Say that its owner lets this very vehicle charge by nothing at all here, if so.

    Whatever else it says of itself: nobody gets in by contradicting themselves.
    """
    lookup = visit.vehicle
    record = None if lookup is None else lookup.record
    if lookup is None or record is None or record.enabled:
        return None
    why = objection(record)
    vehicle = f"vehicle {format_mac(lookup.key)}"
    return f"{vehicle} {why}: neither a card nor a contract lets it charge here"


def shown_by(visit: Visit, settings: Settings, now: float) -> Shown:
    """Say of each factor that is asked for whether it is there, or what it lacks."""
    card, contract = by_card(visit), by_contract(visit)
    shown: dict[Factor, Granted | tuple[str, ...]] = {
        Factor.CARD: card or (),
        Factor.CONTRACT: contract or (),
    }
    if settings.asks_for(Factor.AUTOCHARGE):
        backed = card is not None or contract is not None
        shown[Factor.AUTOCHARGE] = by_claims(visit, settings, now, backed)
    return shown


def granted_by(way: Way, shown: Shown) -> Granted | None:
    """Grant if all factors of a way are there."""
    grants = [grant for factor in way if isinstance(grant := shown[factor], Granted)]
    if len(grants) < len(way):
        return None
    amps = [grant.max_amps for grant in grants if grant.max_amps is not None]
    reasons = tuple(dict.fromkeys(why for grant in grants for why in grant.reasons))
    return Granted(name_of(way), reasons, min(amps, default=None))


def limited(grant: Granted, visit: Visit) -> Granted:
    """Have a registered vehicle draw no more than its owner lets it."""
    lookup = visit.vehicle
    record = lookup.record if lookup is not None else None
    if record is None or record.max_amps is None:
        return grant
    if grant.max_amps is not None and grant.max_amps <= record.max_amps:
        return grant
    why = f"it is registered for {record.max_amps:g} A at most"
    return replace(grant, max_amps=record.max_amps, reasons=(*grant.reasons, why))


def lacking(visit: Visit, settings: Settings, shown: Shown) -> Iterator[str]:
    """Say what keeps the vehicle from charging, of all but its cards."""
    if visit.halted is not None:
        yield visit.halted
        return
    claims = shown.get(Factor.AUTOCHARGE, ())
    if not isinstance(claims, Granted):
        yield from claims
    there = [factor for factor, grant in shown.items() if isinstance(grant, Granted)]
    ways = [way for way in settings.asked if len(way) > 1 and set(way) & set(there)]
    for way in ways:
        has = name_of(tuple(factor for factor in way if factor in there))
        lacks = name_of(tuple(factor for factor in way if factor not in there))
        yield f"there is its {has}, and {lacks} is wanted besides"


def doubted(visit: Visit, settings: Settings, now: float) -> bool:
    """Whether it is to be refused at once, as it is not sure enough that it is registered.

    A stranger as well: else who has to wait would tell which addresses are registered.
    """
    if settings.below is not Below.REFUSE or not settings.asks_for(Factor.AUTOCHARGE):
        return False
    if visit.identity.conflicts:
        return True
    lookup = visit.vehicle
    if lookup is None or not lookup.answered or lookup.failed:
        return False
    return not isinstance(by_claims(visit, settings, now, backed=False), Granted)


def by_card(visit: Visit) -> Granted | None:
    """Grant if a valid card was held to the reader, whatever the vehicle says of itself."""
    card = valid_card(visit)
    if card is None:
        return None
    known = f"{named('card', card.uid, card.label)} is registered"
    return Granted(Factor.CARD.value, (known, *visit.identity.disagreements))


def valid_card(visit: Visit) -> CardRecord | None:
    """Return the first card that grants."""
    return next((card.record for card in visit.cards if by_one(card)), None)


def by_one(card: CardLookup) -> bool:
    """Whether this card grants."""
    record = card.record
    return record is not None and not record.setup and objection(record) is None


def by_contract(visit: Visit) -> Granted | None:
    """Grant for a contract that is proven, whatever the vehicle says of itself besides."""
    return Granted(CONTRACT, visit.vouched) if visit.vouched else None


def card_obstacles(visit: Visit, settings: Settings, now: float) -> Iterator[str]:
    """Say of every card why it does not grant."""
    for card in visit.cards:
        if not card.answered:
            yield unanswered(f"card {card.key}", card.asked_at, settings, now)
        elif card.failed:
            yield unread(f"card {card.key}")
        elif card.record is None:
            yield f"card {card.key} is not registered"
        elif card.record.setup:
            yield f"card {card.key} is a setup card, which charges nothing"
        elif why := objection(card.record):
            yield f"card {card.key} {why}"


def silences(visit: Visit, settings: Settings) -> Iterator[float]:
    """Yield when each unanswered question to the registry is given up."""
    for lookup in (visit.vehicle, *visit.cards):
        if lookup is not None and not lookup.answered:
            yield lookup.asked_at + settings.registry_wait_seconds


def certain_for(visit: Visit) -> bytes | None:
    """Return the registered vehicle that a visit was certain to be, so that it is learned from.

    What was granted to a likeness alone teaches nothing, nor does a visit unlike the others,
    nor one that was given less than it might draw: so nobody can make a vehicle's fingerprint
    their own by coming often.
    """
    lookup = visit.vehicle
    if lookup is None or not isinstance(visit.decision, Granted) or visit.identity.conflicts:
        return None
    if visit.enrolled or rests_on(visit.decision, Policy.OPEN):
        return None  # it has been learned from in this visit; or nobody has asked who it is
    with_card = rests_on(visit.decision, Factor.CARD)
    if lookup.record is not None:
        alike = likeness(lookup.prints, visit.fingerprint)
        return lookup.record.mac if with_card or not (alike.low or reduced(visit)) else None
    found = like(lookup.family, visit.fingerprint)
    if not found and len(lookup.family) == 1 and not lookup.family[0].prints:
        found = list(lookup.family)  # its first: nothing to compare it with yet
    return found[0].record.mac if with_card and len(found) == 1 else None


def reduced(visit: Visit) -> bool:
    """Whether it was granted less than its owner lets this vehicle draw."""
    decision, lookup = visit.decision, visit.vehicle
    if not isinstance(decision, Granted) or decision.max_amps is None:
        return False
    record = None if lookup is None else lookup.record
    most = None if record is None else record.max_amps
    return most is None or decision.max_amps < most


def proved_by(visit: Visit) -> Prove | None:
    """Return the registered vehicle that has just shown that it can prove itself.

    Not one that is unlike it: who can prove another contract, or has another certificate, could
    copy an address only to have its owner locked out. And a certificate becomes a vehicle's own
    only where that was let in as it, by something that was asked for.
    """
    lookup = visit.vehicle
    record = None if lookup is None else lookup.record
    if lookup is None or record is None or visit.identity.conflicts:
        return None
    if likeness(lookup.prints, visit.fingerprint).low:
        return None
    own = _own_certificate(visit, record)
    if own is None and not rests_on(visit.decision, Factor.CONTRACT):
        return None
    return Prove(record.mac, own)


def _own_certificate(visit: Visit, record: VehicleRecord) -> str | None:
    """Return the holder of the certificate that is this vehicle's, if it has shown that."""
    holders = visit.identity.holders
    let_in = any(rests_on(visit.decision, factor) for factor in Factor) and not reduced(visit)
    if record.certificate is None:
        return holders[0] if let_in and len(holders) == 1 else None
    return record.certificate if record.certificate in holders else None


def vouched_by(visit: Visit, settings: Settings) -> tuple[bytes, str] | None:
    """Return the vehicle that this one probably is, and the card that has said so.

    Only where that card was needed for it: not for a vehicle that came under its own address.
    """
    lookup, card = visit.vehicle, valid_card(visit)
    if lookup is None or card is None or not rests_on(visit.decision, Factor.CARD):
        return None
    if not settings.asks_for(Factor.AUTOCHARGE):
        return None
    if settings.rotating is not RotatingUse.ONCE or visit.identity.conflicts:
        return None
    if lookup.record is not None or not rotating(lookup.key):
        return None
    found = like(lookup.family, visit.fingerprint)
    return (found[0].record.mac, card.uid) if len(found) == 1 else None
