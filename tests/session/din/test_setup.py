"""DIN SPEC 70121 up to the offer: who is there, whether it may charge, and what it can."""

import pytest
from msgspec import structs

from seccstack.auth.decision import Denied, Granted
from seccstack.messages import din
from seccstack.session.din.offers import NO_ID, evse_id
from seccstack.session.din.record import State
from seccstack.session.events import (
    AskAuthorizer,
    Broken,
    Decided,
    Learned,
    LimitChanged,
    StopCharging,
)
from seccstack.session.waiting import LAST_CALL, ONGOING_LIMIT
from tests.session import vehicle
from tests.session.din.vehicle import (
    AUTHENTICATION,
    CHARGER,
    EV_STATUS,
    GRID_AMPS,
    OUR_ID,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    DinEv,
    parameters,
    selection,
    value,
)
from tests.session.vehicle import EVCCID


def plain(found):
    return found.value * 10.0**found.multiplier


@pytest.mark.parametrize("claimed", ["", "00", "010203040506", "0000000000000000", "FF" * 8])
def test_a_session_begins_whatever_session_id_it_comes_with(claimed):
    ev = DinEv().connect()
    response = ev.ask(SESSION_SETUP, bytes.fromhex(claimed))
    assert response.response_code.value == "OK_NewSessionEstablished"
    assert response.evseid == bytes.fromhex("49A80737A45678")
    assert response.date_time_now == 1_700_000_000
    assert Learned(EVCCID) in ev.last


@pytest.mark.parametrize("evccid", [b"", EVCCID, bytes(8)])
def test_an_evccid_of_any_length_is_learned(evccid):
    ev = DinEv().connect()
    ev.ask(din.SessionSetupReq(evccid=evccid), bytes(1))
    assert Learned(evccid) in ev.last


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        ("49*80737*45678", bytes.fromhex("49A80737A45678")),
        ("+49*80737*45678", bytes.fromhex("49A80737A45678")),
        ("+49*123*456789", NO_ID),
        ("DE*ABC*E000001", NO_ID),
        ("49+80737*45678", NO_ID),
    ],
)
def test_a_charger_is_named_as_din_spec_91286_has_it_or_not_at_all(name, octets):
    assert evse_id(name) == octets


def test_there_is_one_service_and_one_way_to_pay():
    response = DinEv().set_up().ask(SERVICE_DISCOVERY)
    assert response.payment_options.payment_option == (din.PaymentOption.EXTERNAL_PAYMENT,)
    assert response.charge_service.energy_transfer_type.value == "DC_extended"
    tag = response.charge_service.service_tag
    assert (tag.service_id, tag.service_name, tag.service_scope) == (1, None, None)
    assert response.service_list is None


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (selection(1, option=din.PaymentOption.CONTRACT), "FAILED_PaymentSelectionInvalid"),
        (selection(2), "FAILED_ServiceSelectionInvalid"),
        (selection(1, 2), "FAILED_ServiceSelectionInvalid"),
    ],
)
def test_what_is_not_on_offer_cannot_be_selected(request_, code):
    assert DinEv().discover().code(request_) == code


def test_a_vehicle_is_told_ongoing_until_it_has_been_decided_which_is_asked_for_once():
    ev = DinEv().select()
    for _ in range(3):
        assert ev.ask(AUTHENTICATION).evse_processing.value == "Ongoing"
    assert sum(isinstance(action, AskAuthorizer) for action in ev.done) == 1
    ev.tell(Decided(Granted("card")))
    assert ev.ask(AUTHENTICATION).evse_processing.value == "Finished"


@pytest.mark.parametrize("change", [Decided(Denied(("no",))), StopCharging("owner")])
def test_a_vehicle_that_may_not_charge_is_refused(change):
    assert DinEv().select().told(change).code(AUTHENTICATION) == "FAILED"


def test_a_vehicle_that_is_refused_and_does_not_ask_any_more_is_hung_up_on():
    ev = DinEv().select()
    ev.ask(AUTHENTICATION)
    ev.wait(5.0)
    ev.tell(Decided(Denied(("no",))), LimitChanged(6.0))
    ev.wait(LAST_CALL - 0.1)
    assert not ev.session.over
    ev.wait(0.2)
    assert ev.session.over


def test_a_refusal_that_is_taken_back_is_none():
    ev = DinEv().select()
    ev.ask(AUTHENTICATION)
    ev.tell(Decided(Denied(("no",))), Decided(Granted("card")))
    ev.wait(LAST_CALL + 1)
    assert ev.ask(AUTHENTICATION).evse_processing.value == "Finished"


def test_ongoing_is_ended_by_the_charger_before_the_vehicles_patience():
    ev = DinEv().select()
    while (code := ev.code(AUTHENTICATION)) == "OK":
        ev.wait(1.0)
    assert code == "FAILED"
    assert ev.now == pytest.approx(100 + ONGOING_LIMIT)
    assert "nobody has decided" in ev.last[-1].how.why


def test_a_vehicle_that_does_not_ask_to_the_end_of_ongoing_is_hung_up_on():
    ev = DinEv().select()
    ev.ask(AUTHENTICATION)
    ev.wait(ONGOING_LIMIT + LAST_CALL + 0.1)
    assert isinstance(ev.last[-1].how, Broken)


@pytest.mark.parametrize("mode", ["DC_extended", "DC_core"])
def test_what_the_supply_can_is_offered_within_the_limit(mode):
    ev = DinEv().authorize().told(LimitChanged(60.0))
    response = ev.ask(parameters(mode))
    told = response.evse_charge_parameter
    assert response.evse_processing.value == "Finished"
    assert plain(told.evse_maximum_voltage_limit) == 500
    assert plain(told.evse_maximum_current_limit) == 125
    assert plain(told.evse_maximum_power_limit) == 60 * 230 * 3
    assert plain(told.evse_minimum_voltage_limit) == 150


@pytest.mark.parametrize(("amps", "pmax"), [(0.0, 0), (16.0, 11_040), (60.0, 32_767)])
def test_the_schedule_is_the_limit_for_a_day_as_far_as_it_can_be_written(amps, pmax):
    [offer] = (
        DinEv()
        .authorize()
        .told(LimitChanged(amps))
        .ask(parameters())
        .sa_schedules.sa_schedule_tuple
    )
    [entry] = offer.p_max_schedule.p_max_schedule_entry
    assert (offer.sa_schedule_tuple_id, offer.sales_tariff) == (1, None)
    assert (entry.p_max, entry.time_interval.duration) == (pmax, 86_400)


@pytest.mark.parametrize(
    "mode", ["AC_single_phase_core", "AC_three_phase_core", "DC_combo_core", "DC_unique"]
)
def test_another_energy_transfer_is_refused(mode):
    code = DinEv().authorize().told(LimitChanged(60.0)).code(parameters(mode))
    assert code == "FAILED_WrongEnergyTransferType"


AC = din.AC_EVChargeParameter(
    departure_time=0,
    e_amount=value(1, "Wh"),
    ev_max_voltage=value(400, "V"),
    ev_max_current=value(16, "A"),
    ev_min_current=value(6, "A"),
)


@pytest.mark.parametrize(
    "request_",
    [
        structs.replace(parameters(), ev_charge_parameter=AC),
        parameters(ev_maximum_current_limit=value(-1, "A")),
        parameters(ev_maximum_current_limit=value(100, "W")),
        parameters(ev_maximum_voltage_limit=value(0, "V")),
        parameters(ev_maximum_voltage_limit=value(400, "A")),
        parameters(ev_maximum_voltage_limit=value(100, "V")),
    ],
)
def test_limits_that_cannot_be_are_refused(request_):
    code = DinEv().authorize().told(LimitChanged(60.0)).code(request_)
    assert code == "FAILED_WrongChargeParameter"


@pytest.mark.parametrize(
    "changes",
    [
        {"ev_maximum_current_limit": value(125), "ev_maximum_voltage_limit": value(400)},
        {"ev_maximum_current_limit": value(125, multiplier=-3)},
        {"full_soc": 0, "bulk_soc": 0, "ev_energy_capacity": value(-1, "Ah")},
        {"ev_maximum_power_limit": value(0, "W", 3)},
        {"dc_ev_status": structs.replace(EV_STATUS, ev_ready=False)},
    ],
)
def test_what_real_vehicles_say_oddly_is_no_reason_to_refuse_them(changes):
    ev = DinEv().authorize().told(LimitChanged(60.0))
    assert ev.code(parameters(**changes)) == "OK"


def test_a_vehicle_waits_for_a_limit_that_is_not_known_but_not_for_ever():
    ev = DinEv().authorize()
    assert ev.ask(parameters()).evse_processing.value == "Ongoing"
    ev.wait(ONGOING_LIMIT - 1)
    assert ev.code(parameters()) == "OK"
    ev.wait(1.0)
    assert ev.code(parameters()) == "FAILED"


def test_a_limit_that_comes_to_be_known_ends_the_waiting():
    ev = DinEv().negotiate()
    ev.tell(LimitChanged(GRID_AMPS))
    ev.wait(ONGOING_LIMIT + LAST_CALL - 1)
    assert ev.ask(parameters()).evse_processing.value == "Finished"
    assert ev.session.state is State.CHECKING


def negotiated(*offers, charger=CHARGER, **known):
    ev = DinEv(charger, **known)
    return ev, ev.write(vehicle.sap(*offers))


TESLA = ("urn:tesla:din:2018:MsgDef", 0, 7)
DIN = ("urn:din:70121:2012:MsgDef", 2, 0)
ISO2 = (vehicle.NAMESPACE, 2, 0)


def offered(what, schema_id, priority):
    namespace, major, minor = what
    return vehicle.offer(namespace, major, minor, schema_id, priority)


@pytest.mark.parametrize(
    ("offers", "chosen"),
    [
        ([offered(TESLA, 1, 1), offered(DIN, 0, 2)], 0),  # Model Y
        ([offered(TESLA, 0, 2), offered(DIN, 1, 3)], 1),  # Model X: there is no 1
        ([offered(DIN, 1, 5), offered(ISO2, 2, 1)], 2),  # BYD: 1 and 5
        ([offered(DIN, 20, 2), offered(ISO2, 0, 1)], 0),  # VW lists DIN with 2 first
        ([offered(DIN, 20, 1), offered(ISO2, 0, 2)], 20),
        ([offered(DIN, 255, 20)], 255),
        ([offered(DIN, 3, 1), offered(DIN, 4, 1)], 3),  # the first of equals
    ],
)
def test_of_odd_offers_the_least_priority_that_is_served_wins(offers, chosen):
    _, answer = negotiated(*offers)
    assert (answer.schema_id, answer.response_code.value) == (
        chosen,
        "OK_SuccessfulNegotiation",
    )


def test_a_makers_own_language_alone_is_refused():
    ev, answer = negotiated(offered(TESLA, 1, 1))
    assert answer.response_code.value == "Failed_NoNegotiation"
    assert ev.session.over


@pytest.mark.parametrize(
    ("charger", "known"),
    [(vehicle.CHARGER, {}), (CHARGER, {"tls": True})],
)
def test_it_is_spoken_on_dc_and_in_plain_alone(charger, known):
    _, answer = negotiated(offered(DIN, 1, 1), charger=charger, **known)
    assert answer.response_code.value == "Failed_NoNegotiation"


def test_the_session_id_is_ours_from_the_first_response_on():
    ev = DinEv().connect()
    ev.ask(SESSION_SETUP, bytes(1))
    assert ev.code(SERVICE_DISCOVERY, OUR_ID) == "OK"
