"""What energy costs: asked of whoever sells it, handed on as it is, or left out and said."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack.auth.decision import Granted
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso2 import RelativeTimeInterval
from seccstack.session.events import (
    Decided,
    Exchanged,
    ForecastChanged,
    Ignored,
    LimitChanged,
    ProvideTariffs,
    TariffsProvided,
)
from seccstack.session.iso2.parameters import TARIFF_PATIENCE
from seccstack.session.signature import made
from tests.session import pricing
from tests.session.vehicle import CHARGER, EMAID, ONE, OUR_ID, Ev, parameters, power

SOLD = replace(CHARGER, tariffs=True)


def authorized(contract=False, **known):
    """A vehicle that may be offered a schedule, and pays by a contract or not."""
    ev = Ev(SOLD, **known)
    if contract:
        ev.told(Decided(Granted("contract"))).prove().confirm()
    else:
        ev.authorize()
    return ev.told(LimitChanged(16.0))


def asked(contract=False, most=None, **known):
    """It has asked, and so have we."""
    ev = authorized(contract, **known)
    assert ev.ask(parameters(most=most)) is None
    return ev


def header(ev):
    return next(a for a in reversed(ev.done) if isinstance(a, Exchanged)).message.header


def left_out(ev):
    return [action.why for action in ev.last if isinstance(action, Ignored)]


def changed(octets, change, signature=True):
    """An answer with its first tariff changed, and signed anew; or not signed at all."""
    message = decode(Schema.ISO2, octets).message
    schedules = message.body.sa_schedules
    first, *rest = schedules.sa_schedule_tuple
    first = structs.replace(first, sales_tariff=change(first.sales_tariff))
    body = structs.replace(
        message.body,
        sa_schedules=structs.replace(schedules, sa_schedule_tuple=(first, *rest)),
    )
    elements = {t.id or "": ("SalesTariff", t) for t in pricing.tariffs_of(body) if t}
    signed = made(elements, lambda _: bytes(64)) if signature else None
    return encode(
        Schema.ISO2,
        iso2.V2G_Message(header=structs.replace(message.header, signature=signed), body=body),
    )


def test_the_seller_is_told_who_pays_and_what_is_offered():
    question = asked(contract=True, most=5).wanted(ProvideTariffs)
    assert (question.emaid, question.entries) == (EMAID, 5)
    message = decode(Schema.ISO2, question.response).message
    assert message.header.session_id == OUR_ID
    [schedule] = message.body.sa_schedules.sa_schedule_tuple
    assert schedule.p_max_schedule.p_max_schedule_entry[0].p_max.value == 11040


def test_what_is_to_be_priced_is_the_power_of_the_mode_that_the_vehicle_wants():
    ev = authorized()
    ev.ask(parameters(ONE))
    message = decode(Schema.ISO2, ev.wanted(ProvideTariffs).response).message
    [schedule] = message.body.sa_schedules.sa_schedule_tuple
    assert schedule.p_max_schedule.p_max_schedule_entry[0].p_max.value == 3680


def test_without_a_contract_and_a_bound_the_seller_is_told_so():
    question = asked().wanted(ProvideTariffs)
    assert (question.emaid, question.entries) == ("", 12)


def test_a_tariff_and_its_signature_reach_the_vehicle_as_they_are():
    ev = asked()
    given = pricing.answered(ev.wanted(ProvideTariffs))
    response = ev.price(given)
    assert pricing.tariffs_of(response) == pricing.tariffs_of(pricing.message_of(given).body)
    assert header(ev).signature == pricing.message_of(given).header.signature
    assert left_out(ev) == []


def test_what_energy_costs_now_is_asked_each_time_it_is_negotiated():
    ev = Ev(SOLD)
    ev.seller = pricing.provided
    ev.charge()
    ev.ask(power("Renegotiate"))
    response = ev.ask(parameters())
    assert pricing.holds(header(ev), response)
    questions = [a.ticket for a in ev.done if isinstance(a, ProvideTariffs)]
    assert len(set(questions)) == 2


def test_a_limit_that_changes_meanwhile_is_what_is_offered():
    ev = asked().told(LimitChanged(10.0))
    response = ev.price(pricing.answered(ev.wanted(ProvideTariffs)))
    [schedule] = response.sa_schedules.sa_schedule_tuple
    assert schedule.p_max_schedule.p_max_schedule_entry[0].p_max.value == 6900
    assert schedule.sales_tariff is not None


def test_a_vehicle_whose_seller_takes_a_while_is_told_ongoing_and_then_what_it_costs():
    ev = asked()
    ev.wait(1.2)
    assert ev.answer().evse_processing.value == "Ongoing"
    question = ev.wanted(ProvideTariffs)
    assert ev.ask(parameters()) is None
    assert pricing.holds_all(ev.price(pricing.answered(question)))


def test_an_answer_between_two_requests_counts():
    ev = asked()
    ev.wait(1.2)
    ev.price(pricing.answered(ev.wanted(ProvideTariffs)))
    response = ev.ask(parameters())
    assert pricing.holds_all(response)
    assert len([a for a in ev.done if isinstance(a, ProvideTariffs)]) == 1


def test_a_seller_who_is_silent_is_not_waited_for_for_ever():
    ev, start = asked(), 100.0
    while (response := ev.answer()) is None or response.evse_processing.value == "Ongoing":
        ev.wait(1.3)
        if ev.answer() is not None and ev.answer().evse_processing.value == "Ongoing":
            ev.ask(parameters())
    assert TARIFF_PATIENCE <= ev.now - start < TARIFF_PATIENCE + 4
    assert pricing.tariffs_of(response) == [None]
    assert left_out(ev) == ["nobody has answered in time"]


def test_there_need_not_be_a_tariff_and_a_failure_is_said():
    assert pricing.tariffs_of(asked().price(None)) == [None]
    ev = asked()
    assert pricing.tariffs_of(ev.price(None, "the line is cut")) == [None]
    assert left_out(ev) == ["the line is cut"]


def start_at(second):
    def change(tariff):
        first, *rest = tariff.sales_tariff_entry
        interval = RelativeTimeInterval(start=second)
        entries = (structs.replace(first, time_interval=interval), *rest)
        return structs.replace(tariff, sales_tariff_entry=entries)

    return change


def twice(tariff):
    entries = (*tariff.sales_tariff_entry, tariff.sales_tariff_entry[0])
    return structs.replace(tariff, sales_tariff_entry=entries)


def with_(**changes):
    return lambda tariff: structs.replace(tariff, **changes)


def no_level(tariff):
    first, *rest = tariff.sales_tariff_entry
    entries = (structs.replace(first, e_price_level=None), *rest)
    return structs.replace(tariff, sales_tariff_entry=entries)


def level_less(tariff):
    entries = tuple(structs.replace(e, e_price_level=None) for e in tariff.sales_tariff_entry)
    return structs.replace(tariff, sales_tariff_entry=entries, num_e_price_levels=None)


def test_a_tariff_may_have_costs_without_levels():
    ev = asked()
    given = changed(pricing.answered(ev.wanted(ProvideTariffs)), level_less)
    assert pricing.holds_all(ev.price(given))


MISFITS = [
    (start_at(5), "SalesTariff 1: its entries do not follow each other from 0 s on"),
    (twice, "SalesTariff 1: its entries do not follow each other from 0 s on"),
    (with_(num_e_price_levels=None), "SalesTariff 1: its price levels are not of None"),
    (with_(num_e_price_levels=1), "SalesTariff 1: its price levels are not of 1"),
    (no_level, "SalesTariff 1: its price levels are not of 2"),
    (with_(id=None), "what is signed has no Id of its own"),
]


@pytest.mark.parametrize(("change", "why"), MISFITS)
def test_a_tariff_that_makes_no_sense_is_left_out(change, why):
    ev = asked()
    response = ev.price(changed(pricing.answered(ev.wanted(ProvideTariffs)), change))
    assert pricing.tariffs_of(response) == [None]
    assert left_out(ev) == [why]
    assert header(ev).signature is None


def test_more_entries_than_the_vehicle_can_take_are_left_out():
    ev = asked(most=2)
    question = replace(ev.wanted(ProvideTariffs), entries=1024)
    response = ev.price(pricing.answered(question))
    assert pricing.tariffs_of(response) == [None]
    assert left_out(ev) == ["SalesTariff 1: 3 entries, and the vehicle can take 2"]


@pytest.mark.parametrize("octets", [b"", b"\x80\x9a", b"no message"])
def test_an_answer_that_is_no_message_is_none(octets):
    ev = asked()
    assert pricing.tariffs_of(ev.price(octets)) == [None]
    assert len(left_out(ev)) == 1


def test_an_answer_without_schedules_is_none():
    ev = asked()
    stop = iso2.SessionStopRes(response_code=iso2.ResponseCode.OK)
    message = iso2.V2G_Message(header=iso2.MessageHeader(session_id=bytes(8)), body=stop)
    ev.price(encode(Schema.ISO2, message))
    assert left_out(ev) == ["the answer is no ChargeParameterDiscoveryRes with schedules"]


def named(octets, number):
    """An answer that has its tariff at another schedule."""
    message = pricing.message_of(octets)
    [one] = message.body.sa_schedules.sa_schedule_tuple
    one = structs.replace(one, sa_schedule_tuple_id=number)
    schedules = iso2.SAScheduleList(sa_schedule_tuple=(one,))
    body = structs.replace(message.body, sa_schedules=schedules)
    return encode(Schema.ISO2, structs.replace(message, body=body))


def test_a_tariff_for_no_schedule_of_ours_is_left_out():
    ev = asked()
    ev.price(named(pricing.answered(ev.wanted(ProvideTariffs)), 7))
    assert left_out(ev) == ["there is no schedule 7 to have a tariff"]


def forecast(ev):
    return ev.told(ForecastChanged(((ev.now + 3600, 10.0),)))


def test_two_schedules_have_a_tariff_each_signed_at_once():
    ev = forecast(authorized())
    ev.ask(parameters())
    response = ev.price(pricing.answered(ev.wanted(ProvideTariffs)))
    assert [t.id for t in pricing.tariffs_of(response)] == ["id1", "id2"]
    assert pricing.holds(header(ev), response)


def test_a_forecast_that_changes_meanwhile_is_asked_about_anew():
    ev = asked()
    first = ev.wanted(ProvideTariffs)
    forecast(ev)
    assert ev.price(pricing.answered(first)) is None
    second = ev.wanted(ProvideTariffs)
    assert second.ticket != first.ticket
    response = ev.price(pricing.answered(second))
    assert len(pricing.tariffs_of(response)) == 2
    assert pricing.holds(header(ev), response)


def test_two_tariffs_of_one_name_are_left_out():
    ev = forecast(authorized())
    ev.ask(parameters())
    given = pricing.answered(ev.wanted(ProvideTariffs))
    ev.price(changed(given, with_(sales_tariff_id=2)))
    assert left_out(ev) == ["two tariffs have one SalesTariffID: [2, 2]"]


def test_a_tariff_that_was_changed_after_it_was_signed_is_left_out():
    ev = asked(contract=True)
    message = pricing.message_of(pricing.answered(ev.wanted(ProvideTariffs)))
    forged = changed(encode(Schema.ISO2, message), with_(sales_tariff_description="cheap"))
    body = pricing.message_of(forged).body
    ev.price(encode(Schema.ISO2, iso2.V2G_Message(header=message.header, body=body)))
    assert left_out(ev) == ["SalesTariff is not what was signed"]


@pytest.mark.parametrize(("contract", "kept"), [(False, True), (True, False)])
def test_who_pays_by_a_contract_is_told_signed_tariffs_only(contract, kept):
    ev = asked(contract)
    given = changed(pricing.answered(ev.wanted(ProvideTariffs)), lambda t: t, signature=False)
    response = ev.price(given)
    assert (pricing.tariffs_of(response) != [None]) is kept
    assert left_out(ev) == ([] if kept else ["there is no signature"])


def test_an_answer_to_an_earlier_session_s_question_is_none():
    plain = asked(tls=False, challenge=b"")
    earlier = replace(plain.wanted(ProvideTariffs).ticket, challenge=bytes(8))
    assert plain.wanted(ProvideTariffs).ticket.challenge == OUR_ID
    plain.tell(TariffsProvided(earlier, None))
    assert plain.answer() is None
