"""ISO 15118-20: what energy costs, handed on as it is, or left out and said."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack.auth.decision import Granted
from seccstack.messages.codec import Schema, encode, encode_fragment
from seccstack.messages.iso20_common import SessionStopRes
from seccstack.messages.iso20_types import MessageHeader, RationalNumber, ResponseCode
from seccstack.session import signature
from seccstack.session.events import (
    Decided,
    ForecastChanged,
    Ignored,
    LimitChanged,
    ProvideTariffs,
    SignatureVerified,
)
from seccstack.session.iso20.exchange import TARIFF_PATIENCE
from seccstack.session.iso20.record import State
from tests.session.iso20 import pricing
from tests.session.iso20.test_contract import prove
from tests.session.iso20.vehicle import (
    CHARGER,
    PROVEN,
    Ev,
    ac,
    detail,
    discovery,
    scheduled,
    selection,
    stop,
)

SOLD = replace(CHARGER, tariffs=True, phases=1)
ABSOLUTE, DYNAMIC_SET, LEVELS, UNPRICED = 1, 2, 3, 4


def negotiating(parameter_set=ABSOLUTE, contract=False, charger=SOLD):
    ev = Ev(charger)
    ev.tell(LimitChanged(16.0), Decided(Granted("contract")))
    if contract:
        prove(ev.challenged())
        ev.verify(PROVEN)
        ev.confirm()
        for request in (discovery(), detail(), selection(1, parameter_set), ac()):
            ev.ask(request)
        return ev
    return ev.negotiate(parameter_set)


def asked(parameter_set=ABSOLUTE, contract=False, most=12, **known):
    """It has asked, and so have we."""
    ev = negotiating(parameter_set, contract, **known)
    assert ev.ask(scheduled(most)) is None
    return ev


def given(ev):
    return pricing.answered(ev.wanted(ProvideTariffs))


def left_out(ev):
    return [action.why for action in ev.last if isinstance(action, Ignored)]


def sets(charger):
    response = Ev(charger).discover().ask(detail())
    found = [
        {one.name: one.int_value for one in known.parameter}
        for known in response.service_parameter_list.parameter_set
    ]
    return [(one["Connector"], one["ControlMode"], one["Pricing"]) for one in found]


def test_prices_are_on_offer_where_somebody_says_them():
    assert sets(SOLD) == [(1, 1, 1), (1, 2, 0), (1, 1, 2), (1, 1, 0)]


def test_four_parameter_sets_at_most_and_each_connector_in_both_control_modes():
    """Codecs made with cbexigen take no more."""
    assert sets(replace(SOLD, phases=3)) == [(2, 1, 1), (2, 2, 0), (1, 1, 0), (1, 2, 0)]


def test_the_seller_is_told_who_pays_what_is_offered_and_how_it_is_to_be_priced():
    question = asked(contract=True, most=20).wanted(ProvideTariffs)
    assert (question.emaid, question.entries) == (PROVEN.emaid, 20)
    assert question.pricing == "absolute"
    [one] = pricing.schedules_of(pricing.message_of(question.response))
    assert one.power_schedule.power_schedule_entries.power_schedule_entry[0].power.value == 3680


def test_more_entries_than_every_codec_takes_are_not_asked_for():
    question = asked(LEVELS, most=1024).wanted(ProvideTariffs)
    assert (question.emaid, question.entries, question.pricing) == ("", 63, "levels")


@pytest.mark.parametrize("contract", [False, True])
def test_prices_and_their_signature_reach_the_vehicle_as_they_are(contract):
    ev = asked(contract=contract)
    answer = given(ev)
    response = ev.price(answer)
    assert pricing.absolute_of(response) == pricing.absolute_of(pricing.message_of(answer))
    assert pricing.levels_of(response) == [None]
    assert pricing.holds(response)
    assert (left_out(ev), ev.session.state) == ([], State.AGREED)


def test_price_levels_do_so_too():
    ev = asked(LEVELS)
    response = ev.price(given(ev))
    [levels] = pricing.levels_of(response)
    entries = levels.price_level_schedule_entries.price_level_schedule_entry
    assert [(one.duration, one.price_level) for one in entries] == [
        (36_000, 2),
        (28_800, 1),
        (21_600, 2),
    ]
    assert pricing.absolute_of(response) == [None]
    assert pricing.holds(response)


@pytest.mark.parametrize(("parameter_set", "code"), [(ABSOLUTE, 0), (LEVELS, 167)])
def test_what_is_digested_begins_as_with_exificient(parameter_set, code):
    """The event codes are those that EXIficient gives to these elements in fragments."""
    ev = asked(parameter_set)
    response = ev.price(given(ev))
    [prices] = [p for p in pricing.absolute_of(response) + pricing.levels_of(response) if p]
    octets = encode_fragment(Schema.ISO20_COMMON, prices, type(prices).__name__)
    assert int.from_bytes(octets[:3]) >> 7 & 0x1FF == code


def test_who_wants_no_prices_is_asked_for_none():
    ev = negotiating(UNPRICED)
    response = ev.ask(scheduled())
    assert pricing.levels_of(response)[0].number_of_price_levels == 1


def test_two_schedules_have_prices_each_signed_at_once():
    ev = negotiating()
    ev.tell(ForecastChanged(((ev.now + 3600, 10.0),)))
    ev.ask(scheduled())
    response = ev.price(given(ev))
    assert [one.id for one in pricing.absolute_of(response)] == ["id1", "id2"]
    assert pricing.holds(response)


def test_a_vehicle_whose_seller_takes_a_while_is_told_ongoing_and_then_what_it_costs():
    ev = asked()
    ev.wait(1.2)
    assert ev.answer().evse_processing.value == "Ongoing"
    assert ev.session.state is State.NEGOTIATING
    assert ev.ask(scheduled()) is None
    assert pricing.holds(ev.price(given(ev)))


def test_an_answer_between_two_requests_counts_from_when_it_was_asked():
    ev = asked()
    ev.wait(1.2)
    ev.price(given(ev))
    response = ev.ask(scheduled())
    assert pricing.holds(response)
    [one] = pricing.schedules_of(response)
    assert one.power_schedule.time_anchor < response.header.time_stamp
    assert len([a for a in ev.done if isinstance(a, ProvideTariffs)]) == 1


def test_a_limit_that_changes_meanwhile_is_asked_about_anew():
    ev = asked()
    first = ev.wanted(ProvideTariffs)
    ev.tell(LimitChanged(10.0))
    assert ev.price(pricing.answered(first)) is None
    assert ev.wanted(ProvideTariffs).ticket != first.ticket
    response = ev.price(given(ev))
    [one] = pricing.schedules_of(response)
    assert one.power_schedule.power_schedule_entries.power_schedule_entry[0].power.value == 2300
    assert pricing.holds(response)


def until_finished(ev):
    """Ask again and again, as long as that is the answer."""
    while (response := ev.answer()) is None or response.evse_processing.value == "Ongoing":
        ev.wait(1.3)
        if ev.answer() is not None and ev.answer().evse_processing.value == "Ongoing":
            ev.ask(scheduled())
    return response


def test_a_seller_who_is_silent_is_not_waited_for_for_ever():
    ev = asked()
    start = ev.now
    response = until_finished(ev)
    assert TARIFF_PATIENCE <= ev.now - start < TARIFF_PATIENCE + 4
    assert pricing.absolute_of(response) == [None]
    assert pricing.levels_of(response)[0].number_of_price_levels == 1
    assert left_out(ev) == ["nobody has answered in time"]


def test_an_offer_that_has_changed_until_nobody_waits_any_more_is_made_anew():
    ev = asked()
    ev.tell(LimitChanged(10.0))
    response = until_finished(ev)
    [one] = pricing.schedules_of(response)
    assert one.power_schedule.power_schedule_entries.power_schedule_entry[0].power.value == 2300


def test_a_vehicle_that_chooses_anew_is_asked_about_anew():
    ev = asked()
    ev.wait(1.2)
    ev.ask(stop("ServiceRenegotiation"))
    for request in (discovery(), detail(), selection(1, LEVELS), ac()):
        ev.ask(request)
    assert ev.ask(scheduled()) is None
    assert ev.wanted(ProvideTariffs).pricing == "levels"
    assert pricing.holds(ev.price(given(ev)))


def test_there_need_not_be_prices_and_a_failure_is_said():
    assert pricing.absolute_of(asked().price(None)) == [None]
    ev = asked()
    assert pricing.absolute_of(ev.price(None, "the line is cut")) == [None]
    assert left_out(ev) == ["the line is cut"]


def test_an_answer_to_another_question_is_none():
    ev = asked()
    ev.tell(SignatureVerified(ev.wanted(ProvideTariffs).ticket, True))
    assert left_out(ev) == ["nobody has answered in time"]


# What does not fit.


def changed(octets, change, sign=True):
    """An answer with its first prices changed, and signed anew; or not signed at all."""
    message = pricing.message_of(octets)
    first, *rest = message.scheduled_se_res_control_mode.schedule_tuple
    schedule = first.charging_schedule
    field = "absolute_price_schedule" if schedule.absolute_price_schedule else None
    field = field or "price_level_schedule"
    made = change(getattr(schedule, field))
    first = structs.replace(first, charging_schedule=structs.replace(schedule, **{field: made}))
    mode = structs.replace(message.scheduled_se_res_control_mode, schedule_tuple=(first, *rest))
    message = structs.replace(message, scheduled_se_res_control_mode=mode)
    prices = [p for p in pricing.absolute_of(message) + pricing.levels_of(message) if p]
    elements = {one.id or "": (type(one).__name__, one) for one in prices}
    signed = None
    if sign:
        rules, method = signature.ISO20, signature.ECDSA_SHA512
        signed = signature.made(elements, lambda _: bytes(132), rules, method)
    header = structs.replace(message.header, signature=signed)
    return encode(Schema.ISO20_COMMON, structs.replace(message, header=header))


def with_(**changes):
    return lambda prices: structs.replace(prices, **changes)


def stacks(change):
    def changing(prices):
        listed = structs.replace(
            prices.price_rule_stacks,
            price_rule_stack=change(prices.price_rule_stacks.price_rule_stack),
        )
        return structs.replace(prices, price_rule_stacks=listed)

    return changing


def rules_twice(all_of_them):
    first, *rest = all_of_them
    return (structs.replace(first, price_rule=first.price_rule * 2), *rest)


def rules_by_power(all_of_them):
    first, *rest = all_of_them
    [rule] = first.price_rule
    more = structs.replace(rule, power_range_start=RationalNumber(exponent=3, value=5))
    return (structs.replace(first, price_rule=(rule, more)), *rest)


SPAN = "it does not last from the beginning of what is offered to its end"
MISFITS = [
    (ABSOLUTE, with_(time_anchor=2_000_000_000), SPAN),
    (ABSOLUTE, stacks(lambda s: s[:-1]), SPAN),
    (
        ABSOLUTE,
        stacks(lambda s: (structs.replace(s[0], duration=0), *s)),
        "an entry of it lasts no time",
    ),
    (ABSOLUTE, stacks(lambda s: s * 5), "15 entries, and the vehicle can take 12"),
    (
        ABSOLUTE,
        stacks(rules_twice),
        "the rules of an entry do not follow each other by power",
    ),
    (LEVELS, with_(number_of_price_levels=1), "its price levels are not of 1"),
]


@pytest.mark.parametrize(("parameter_set", "change", "why"), MISFITS)
def test_prices_that_do_not_fit_are_left_out(parameter_set, change, why):
    ev = asked(parameter_set)
    response = ev.price(changed(given(ev), change))
    assert pricing.absolute_of(response) == [None]
    assert pricing.levels_of(response)[0].number_of_price_levels == 1
    assert left_out(ev) == [f"price schedule 1: {why}"]
    assert response.header.signature is None


def test_prices_may_depend_on_the_power():
    ev = asked()
    response = ev.price(changed(given(ev), stacks(rules_by_power)))
    [prices] = pricing.absolute_of(response)
    assert len(prices.price_rule_stacks.price_rule_stack[0].price_rule) == 2


def test_what_is_signed_has_an_id():
    ev = asked()
    ev.price(changed(given(ev), with_(id=None)))
    assert left_out(ev) == ["what is signed has no Id of its own"]


@pytest.mark.parametrize(("contract", "kept"), [(False, True), (True, False)])
def test_who_pays_by_a_contract_is_told_signed_prices_only(contract, kept):
    ev = asked(contract=contract)
    response = ev.price(changed(given(ev), lambda prices: prices, sign=False))
    assert (pricing.absolute_of(response) != [None]) is kept
    assert left_out(ev) == ([] if kept else ["there is no signature"])


def test_prices_that_were_changed_after_they_were_signed_are_left_out():
    ev = asked(contract=True)
    message = pricing.message_of(given(ev))
    forged = pricing.message_of(changed(given(ev), with_(currency="XXX")))
    forged = structs.replace(forged, header=message.header)
    ev.price(encode(Schema.ISO20_COMMON, forged))
    assert left_out(ev) == ["AbsolutePriceSchedule is not what was signed"]


def test_in_a_lab_without_tls_signatures_are_those_of_labs():
    plain = replace(SOLD, iso20_in_plain=True)
    ev = asked(charger=plain)
    assert pricing.holds(ev.price(given(ev)))


def test_the_other_kind_of_prices_is_none():
    ev = asked()
    levels = replace(ev.wanted(ProvideTariffs), pricing="levels")
    ev.price(pricing.answered(levels))
    assert left_out(ev) == ["the answer has no prices of the kind that was asked for"]


def tuples(octets, change):
    message = pricing.message_of(octets)
    mode = message.scheduled_se_res_control_mode
    mode = structs.replace(mode, schedule_tuple=change(mode.schedule_tuple))
    message = structs.replace(message, scheduled_se_res_control_mode=mode)
    return encode(Schema.ISO20_COMMON, message)


def test_prices_for_no_schedule_of_ours_are_left_out():
    ev = asked()
    ev.price(tuples(given(ev), lambda t: (structs.replace(t[0], schedule_tuple_id=7),)))
    assert left_out(ev) == ["there is no schedule 7 to have prices"]


def two_schedules():
    ev = negotiating()
    ev.tell(ForecastChanged(((ev.now + 3600, 10.0),)))
    ev.ask(scheduled())
    return ev


def test_two_price_schedules_of_one_name_are_left_out():
    ev = two_schedules()
    ev.price(changed(given(ev), with_(price_schedule_id=2)))
    assert left_out(ev) == ["two price schedules have one PriceScheduleID: [2, 2]"]


def test_a_schedule_that_was_given_no_prices_keeps_the_level_that_it_has():
    ev = two_schedules()
    question = ev.wanted(ProvideTariffs)
    first = tuples(question.response, lambda t: t[:1])
    response = ev.price(pricing.answered(replace(question, response=first)))
    assert [one is None for one in pricing.absolute_of(response)] == [False, True]
    assert [one is None for one in pricing.levels_of(response)] == [True, False]


@pytest.mark.parametrize("octets", [b"", b"\x80\x9a", b"no message"])
def test_an_answer_that_is_no_message_is_none(octets):
    ev = asked()
    assert pricing.absolute_of(ev.price(octets)) == [None]
    assert len(left_out(ev)) == 1


def test_an_answer_without_schedules_is_none():
    ev = asked()
    header = MessageHeader(session_id=bytes(8), time_stamp=0)
    ended = SessionStopRes(header=header, response_code=ResponseCode.OK)
    ev.price(encode(Schema.ISO20_COMMON, ended))
    assert left_out(ev) == ["the answer is no ScheduleExchangeRes with schedules"]
