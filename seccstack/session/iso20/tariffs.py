"""ISO 15118-20, price schedules: what energy will cost, said by whoever sells it.

A vehicle has selected to be told prices as they are, or levels from the cheapest on. A charger
only hands on what it is given, with the signature that it was given for it; where a contract
pays, there has to be one. What does not fit the offer, or what was signed, is left out and
said: then energy has the one price level that an offer has of itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import msgspec

from seccstack.errors import PeerError, SeccError
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso20_common import (
    AbsolutePriceSchedule,
    ChargingSchedule,
    PowerSchedule,
    PriceLevelSchedule,
    Scheduled_SEResControlMode,
    ScheduleExchangeRes,
    ScheduleTuple,
)
from seccstack.messages.xmldsig import Signature
from seccstack.session import signature
from seccstack.session.events import Ignored, ProvideTariffs, TariffsProvided
from seccstack.session.iso20 import rational
from seccstack.session.iso20.record import Pricing, Reply, Session
from seccstack.session.iso20.requests import Response
from seccstack.session.signature import SignatureError, statement

MOST_STACKS = (
    63  # of a price schedule: codecs made with cbexigen take 64, not of every list all
)
KINDS: Mapping[Pricing, Literal["absolute", "levels"]] = {
    Pricing.ABSOLUTE: "absolute",
    Pricing.LEVELS: "levels",
}

Prices = AbsolutePriceSchedule | PriceLevelSchedule


def question(response: ScheduleExchangeRes, most: int, session: Session) -> ProvideTariffs:
    """Ask what energy costs for as long as the response's schedules last."""
    payment, contract = session.payment, session.payment.contract
    emaid = contract.emaid if payment.chosen and contract is not None else ""
    octets = encode(Schema.ISO20_COMMON, response)
    kind = KINDS[_selected(session)]
    return ProvideTariffs(payment.ask(), emaid, min(most, MOST_STACKS), octets, kind)


def joined(reply: Reply, most: int, session: Session) -> Reply:
    """Add the answer's prices to the reply; ``most``: the entries that the vehicle takes."""
    answer, response = session.payment.answer, reply.response
    if not isinstance(answer, TariffsProvided):
        return _without(reply, "nobody has answered in time")
    if answer.response is None:
        return _without(reply, answer.why) if answer.why else reply
    offered = schedules_of(response)
    try:
        prices, signed = _read(answer.response, _selected(session))
        _check(prices, offered, min(most, MOST_STACKS))
        kept = _signed(prices, signed, session)
    except SeccError as error:
        return _without(reply, str(error))
    mode = Scheduled_SEResControlMode(
        schedule_tuple=tuple(_priced(one, prices.get(one.schedule_tuple_id)) for one in offered)
    )
    whole = msgspec.structs.replace(response, scheduled_se_res_control_mode=mode)
    return Reply(whole, reply.next, reply.actions, reply.how, kept)


def schedules_of(response: Response | object) -> tuple[ScheduleTuple, ...]:
    """Return the schedules of a response; none, if it has none."""
    found = isinstance(response, ScheduleExchangeRes) and response.scheduled_se_res_control_mode
    return found.schedule_tuple if found else ()


def _selected(session: Session) -> Pricing:
    assert session.chosen is not None  # noqa: S101 - nobody is asked before SELECTED
    return session.chosen.pricing


def _without(reply: Reply, why: str) -> Reply:
    return replace(reply, actions=(*reply.actions, Ignored("tariffs", why)))


def _priced(one: ScheduleTuple, prices: Prices | None) -> ScheduleTuple:
    if prices is None:
        return one
    schedule = ChargingSchedule(
        power_schedule=one.charging_schedule.power_schedule,
        absolute_price_schedule=prices if isinstance(prices, AbsolutePriceSchedule) else None,
        price_level_schedule=prices if isinstance(prices, PriceLevelSchedule) else None,
    )
    return msgspec.structs.replace(one, charging_schedule=schedule)


def _read(octets: bytes, pricing: Pricing) -> tuple[dict[int, Prices], Signature | None]:
    message = decode(Schema.ISO20_COMMON, octets).message
    encode(Schema.ISO20_COMMON, message)  # what was borne with in it would not be again
    schedules = schedules_of(message)
    if not isinstance(message, ScheduleExchangeRes) or not schedules:
        raise PeerError("the answer is no ScheduleExchangeRes with schedules")
    found: dict[int, Prices] = {}
    for one in schedules:
        levels, absolute = (
            one.charging_schedule.price_level_schedule,
            one.charging_schedule.absolute_price_schedule,
        )
        prices = absolute if pricing is Pricing.ABSOLUTE else levels
        if prices is not None:
            found[one.schedule_tuple_id] = prices
    return found, message.header.signature


def _check(prices: dict[int, Prices], offered: tuple[ScheduleTuple, ...], most: int) -> None:
    if not prices:
        raise PeerError("the answer has no prices of the kind that was asked for")
    powers = {one.schedule_tuple_id: one.charging_schedule.power_schedule for one in offered}
    if strange := sorted(prices.keys() - powers.keys()):
        raise PeerError(f"there is no schedule {strange[0]} to have prices")
    names = [one.price_schedule_id for one in prices.values()]
    if len(set(names)) != len(names):
        raise PeerError(f"two price schedules have one PriceScheduleID: {names}")
    for number, one in prices.items():
        if (fault := _fault(one, powers[number], most)) is not None:
            raise PeerError(f"price schedule {one.price_schedule_id}: {fault}")


def _fault(prices: Prices, power: PowerSchedule, most: int) -> str | None:
    lasting = _durations(prices)
    if len(lasting) > most:
        return f"{len(lasting)} entries, and the vehicle can take {most}"
    if 0 in lasting:
        return "an entry of it lasts no time"
    entries = power.power_schedule_entries.power_schedule_entry
    needed = power.time_anchor + sum(entry.duration for entry in entries)
    if prices.time_anchor > power.time_anchor or prices.time_anchor + sum(lasting) < needed:
        return "it does not last from the beginning of what is offered to its end"
    return _kind_fault(prices)


def _durations(prices: Prices) -> list[int]:
    if isinstance(prices, AbsolutePriceSchedule):
        return [stack.duration for stack in prices.price_rule_stacks.price_rule_stack]
    levels = prices.price_level_schedule_entries.price_level_schedule_entry
    return [level.duration for level in levels]


def _kind_fault(prices: Prices) -> str | None:
    if isinstance(prices, PriceLevelSchedule):
        levels = prices.price_level_schedule_entries.price_level_schedule_entry
        count = prices.number_of_price_levels
        if any(level.price_level > count for level in levels):
            return f"its price levels are not of {count}"
        return None
    for stack in prices.price_rule_stacks.price_rule_stack:
        starts = [rational.plain(rule.power_range_start) for rule in stack.price_rule]
        if starts != sorted(set(starts)):
            return "the rules of an entry do not follow each other by power"
    return None


def _signed(
    prices: dict[int, Prices], given: Signature | None, session: Session
) -> Signature | None:
    """Return the signature if it is about just these; whose it is, the vehicle finds out."""
    if given is None and not session.payment.chosen:
        return None
    elements = {one.id or "": (type(one).__name__, one) for one in prices.values()}
    if "" in elements or len(elements) != len(prices):
        raise SignatureError("what is signed has no Id of its own")
    rules = signature.LAB20 if session.charger.iso20_in_plain else signature.ISO20
    statement(given, elements, rules)
    return given
