"""Energy on, energy told of, energy off."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.decision import Denied, Pending
from seccstack.session.events import (
    AllowEnergy,
    Broken,
    ContactorChanged,
    Decided,
    Ignored,
    LimitChanged,
    Meter,
    MeterRead,
    PilotChanged,
    Renegotiate,
    SessionEnded,
    StopCharging,
)
from seccstack.session.iso2.loop import MOST_RENEGOTIATIONS
from seccstack.session.iso2.record import State, Stretch
from seccstack.session.iso2.schedules import within
from seccstack.session.plant import Charger
from tests.session.vehicle import (
    ONE,
    SERVICE_DISCOVERY,
    STATUS,
    STOP,
    Ev,
    parameters,
    power,
    profile,
    value,
)

CLOSED = (PilotChanged(True), ContactorChanged(True))


def notification(response):
    status = getattr(response, "ac_evse_status", None) or response.evse_status
    return status.evse_notification.value


def test_the_response_to_a_start_is_owed_until_the_contactor_has_closed():
    ev = Ev().agree()
    assert ev.ask(power("Start")) is None
    assert AllowEnergy(True) in ev.last
    ev.wait(1.0)
    ev.tell(PilotChanged(True))
    assert ev.answer() is None
    ev.wait(2.9)
    ev.tell(ContactorChanged(True))
    assert ev.answer().response_code.value == "OK"
    assert ev.session.state is State.CHARGING


@pytest.mark.parametrize("order", [CLOSED, CLOSED[::-1]])
def test_what_closed_before_the_start_is_closed(order):
    ev = Ev().agree()
    ev.tell(*order)
    assert ev.code(power("Start")) == "OK"
    assert ev.energy()


@pytest.mark.parametrize("order", [CLOSED, CLOSED[::-1]])
def test_what_closes_after_the_start_closes_in_either_order(order):
    ev = Ev().start()
    ev.tell(*order)
    assert ev.answer().response_code.value == "OK"


def test_a_vehicle_that_does_not_close_its_switch_gets_no_energy():
    ev = Ev().start()
    ev.wait(1.49)
    assert ev.energy()
    ev.wait(0.02)
    assert ev.answer().response_code.value == "FAILED_PowerDeliveryNotApplied"
    assert not ev.energy()


def test_a_contactor_that_does_not_close_is_an_error():
    ev = Ev().start()
    ev.wait(1.4)
    ev.tell(PilotChanged(True))
    ev.wait(2.99)
    assert ev.energy()
    ev.wait(0.02)
    assert ev.answer().response_code.value == "FAILED_ContactorError"
    assert ev.last[-1] == SessionEnded(Broken("PowerDeliveryReq: FAILED_ContactorError"))
    assert not ev.energy()


def test_a_closed_contactor_alone_is_not_enough():
    ev = Ev().agree()
    ev.tell(ContactorChanged(True))
    assert ev.ask(power("Start")) is None
    ev.wait(1.5)
    assert ev.answer().response_code.value == "FAILED_PowerDeliveryNotApplied"


@pytest.mark.parametrize("ready", [True, False])
@pytest.mark.parametrize(
    "event", [Decided(Denied()), StopCharging("the owner"), LimitChanged(5.9)]
)
def test_what_happens_while_a_start_is_owed_may_undo_it(event, ready):
    ev = Ev().start()
    ev.tell(PilotChanged(ready))
    ev.tell(event)
    assert ev.answer().response_code.value == "FAILED_PowerDeliveryNotApplied"
    assert not ev.energy()


def test_a_start_that_is_repeated_while_it_is_owed_is_answered_once():
    ev = Ev().start()
    assert ev.ask(power("Start")) is None
    assert Ignored("PowerDeliveryReq", "the response to the first one is still owed") in ev.last
    ev.tell(*CLOSED)
    assert ev.answer().response_code.value == "OK"
    assert ev.code(STATUS) == "OK"


def test_a_stop_while_a_start_is_owed_takes_the_energy_away_and_settles_it():
    ev = Ev().start()
    assert ev.code(power("Stop")) == "OK"
    assert ev.kinds() == ["Exchanged", "AllowEnergy", "Exchanged", "SendBytes"]
    assert not ev.energy()
    assert ev.session.state is State.STOPPED
    assert ev.tell(*CLOSED) == []
    ev.wait(5.0)
    assert ev.last == []
    assert ev.code(STOP) == "OK"


@pytest.mark.parametrize(
    "other",
    [
        power("Renegotiate"),
        power("Start", tuple_id=2),
        power("Start", charging_profile=profile((0, value(0, "W")))),
    ],
)
def test_another_power_delivery_while_a_start_is_owed_is_out_of_order(other):
    ev = Ev().start()
    assert ev.code(other) == "FAILED_SequenceError"
    assert not ev.energy()
    assert ev.tell(*CLOSED) == []


def test_a_repeated_start_does_not_buy_time():
    ev = Ev().start()
    for _ in range(3):
        ev.wait(0.4)
        ev.ask(power("Start"))
    ev.wait(0.4)
    assert ev.answer().response_code.value == "FAILED_PowerDeliveryNotApplied"


def test_a_vehicle_may_end_while_its_start_is_owed():
    ev = Ev().start()
    assert ev.code(STOP) == "OK"
    assert not ev.energy()
    assert ev.tell(*CLOSED) == []


def test_a_request_that_overtakes_the_owed_response_is_out_of_order():
    ev = Ev().start()
    assert ev.code(STATUS) == "FAILED_SequenceError"
    assert not ev.energy()


@pytest.mark.parametrize("tuple_id", [2, 255])
def test_a_tuple_that_was_not_offered_is_refused(tuple_id):
    ev = Ev().agree()
    assert ev.code(power("Start", tuple_id)) == "FAILED_TariffSelectionInvalid"
    assert AllowEnergy(True) not in ev.done


@pytest.mark.parametrize(
    ("entries", "fits"),
    [
        ([(0, value(11040, "W"))], True),
        ([(0, value(1104, "W", 1))], True),
        ([(0, value(110, "W", 2))], True),
        ([(0, value(0, "W"))], True),
        ([(0, value(11024, "W")), (10620, value(0, "W"))], True),
        ([(0, value(11041, "W"))], False),
        ([(0, value(111, "W", 2))], False),
        ([(0, value(12, "W", 3))], False),
        ([(0, value(11040, "W")), (1, value(11041, "W"))], False),
        ([(0, value(0, "W")), (86401, value(15, "W", 3))], False),
        ([(0, value(-1, "W"))], False),
        ([(0, value(16, "A"))], False),
    ],
)
def test_a_profile_stays_within_p_max_however_late_an_entry_begins(entries, fits):
    ev = Ev().agree()
    ev.tell(*CLOSED)
    wanted = "OK" if fits else "FAILED_ChargingProfileInvalid"
    assert ev.code(power("Start", charging_profile=profile(*entries))) == wanted
    assert ev.energy() is fits


@given(st.integers(0, 32767), st.integers(-3, 3), st.integers(0, 10**8))
def test_a_profile_is_compared_with_p_max_to_the_milliwatt(number, multiplier, offered):
    asked = profile((0, value(number, "W", multiplier)))
    assert within(asked, (Stretch(0, offered),)) is (
        number * 10.0 ** (multiplier + 3) < offered + 0.5
    )


def test_a_profile_above_what_fits_a_16_bit_number_is_compared_exactly_too():
    ev = Ev().agree(amps=63.0)
    ev.tell(*CLOSED)
    assert ev.code(power("Start", charging_profile=profile((0, value(4347, "W", 1))))) == "OK"


@pytest.mark.parametrize("amps", [0.0, 5.9])
def test_with_less_than_six_amperes_nothing_starts(amps):
    ev = Ev().agree(amps)
    assert ev.code(power("Start")) == "FAILED_PowerDeliveryNotApplied"
    assert AllowEnergy(True) not in ev.done


@pytest.mark.parametrize(
    "event", [Decided(Denied()), Decided(Pending()), StopCharging("the owner")]
)
def test_what_is_to_stop_or_no_longer_granted_does_not_start(event):
    ev = Ev().agree()
    ev.tell(*CLOSED, event)
    assert ev.code(power("Start")) == "FAILED_PowerDeliveryNotApplied"
    assert AllowEnergy(True) not in ev.done


def test_a_stop_takes_the_energy_away_before_it_is_answered():
    ev = Ev().charge()
    assert ev.code(power("Stop")) == "OK"
    assert ev.kinds() == ["Exchanged", "AllowEnergy", "Exchanged", "SendBytes"]
    assert not ev.energy()
    assert ev.session.state is State.STOPPED


def test_a_stop_without_a_start_takes_nothing_away():
    ev = Ev().agree()
    assert ev.code(power("Stop", tuple_id=9)) == "OK"
    assert AllowEnergy(False) not in ev.done


def test_a_start_in_the_loop_changes_nothing():
    ev = Ev().charge()
    assert ev.code(power("Start")) == "OK"
    assert ev.done.count(AllowEnergy(True)) == 1
    assert ev.code(STATUS) == "OK"


def test_a_renegotiation_leads_through_new_parameters_back_into_the_loop():
    ev = Ev().charge()
    ev.tell(Renegotiate("the limit rose"), LimitChanged(20.0))
    assert notification(ev.ask(STATUS)) == "ReNegotiation"
    assert notification(ev.ask(power("Renegotiate"))) == "None"
    assert ev.code(parameters()) == "OK"
    assert ev.code(power("Start", charging_profile=profile((0, value(13800, "W"))))) == "OK"
    assert notification(ev.ask(STATUS)) == "None"
    assert [a for a in ev.done if isinstance(a, AllowEnergy)] == [AllowEnergy(True)]


def test_who_negotiates_anew_and_never_asks_for_the_status_loses_its_energy():
    ev = Ev().charge()
    for _ in range(MOST_RENEGOTIATIONS):
        assert ev.code(power("Renegotiate")) == "OK"
        ev.ask(parameters())
    assert ev.code(power("Renegotiate")) == "FAILED"
    assert not ev.energy()


def test_a_renegotiation_keeps_the_mode():
    ev = Ev().charge()
    ev.ask(power("Renegotiate"))
    one = parameters(ONE)
    assert ev.code(one) == "FAILED_WrongEnergyTransferMode"
    assert not ev.energy()


def test_a_vehicle_that_charges_may_be_offered_nothing():
    ev = Ev().charge()
    ev.tell(LimitChanged(0.0))
    ev.ask(power("Renegotiate"))
    ev.ask(parameters())
    assert ev.code(power("Start", charging_profile=profile((0, value(0, "W"))))) == "OK"
    assert ev.ask(STATUS).evse_max_current == value(0, "A", -1)


def test_a_renegotiation_before_any_start_fails():
    ev = Ev().agree()
    assert ev.code(power("Renegotiate")) == "FAILED"


def test_each_status_says_the_limit_that_holds_now():
    ev = Ev().charge()
    currents = []
    for amps in (16.0, 6.1, 13.77, 0.0, 32.0):
        ev.tell(LimitChanged(amps))
        currents.append(ev.ask(STATUS).evse_max_current)
    assert currents == [value(n, "A", -1) for n in (160, 61, 137, 0, 320)]


def test_a_status_has_what_is_mandatory_and_no_receipt():
    response = Ev().charge().ask(STATUS)
    assert response.evseid == "DE*ABC*E1"
    assert response.sa_schedule_tuple_id == 1
    assert response.receipt_required is False
    assert response.meter_info is None
    assert response.ac_evse_status.rcd is False


def test_a_status_has_the_meters_reading_if_there_is_one():
    ev = Ev().charge()
    ev.tell(MeterRead(Meter("B23 312", 12345, 1_700_000_000)))
    info = ev.ask(STATUS).meter_info
    assert (info.meter_id, info.meter_reading, info.t_meter) == (
        "B23 312",
        12345,
        1_700_000_000,
    )


@pytest.mark.parametrize("event", [StopCharging("the owner"), Decided(Denied())])
def test_a_vehicle_that_is_to_stop_is_told_so_until_it_does(event):
    ev = Ev().charge()
    ev.tell(event)
    assert [notification(ev.ask(STATUS)) for _ in range(3)] == ["StopCharging"] * 3
    assert ev.energy()
    assert notification(ev.ask(power("Stop"))) == "StopCharging"
    assert not ev.energy()


def test_to_stop_is_more_urgent_than_to_renegotiate():
    ev = Ev().charge()
    ev.tell(Renegotiate("the limit rose"), StopCharging("the owner"))
    assert notification(ev.ask(STATUS)) == "StopCharging"


@pytest.mark.parametrize("request_", [SERVICE_DISCOVERY, parameters()])
def test_a_session_that_fails_while_charging_takes_the_energy_away_first(request_):
    ev = Ev().charge()
    ev.ask(request_)
    assert ev.kinds() == [
        "Exchanged",
        "AllowEnergy",
        "Exchanged",
        "SendBytes",
        "CloseStream",
        "SessionEnded",
    ]


def test_on_one_phase_p_max_is_a_third():
    ev = Ev(Charger(evse_id="DE*ABC*E1", phases=1))
    request = parameters(ONE)
    ev.agree(request=request)
    ev.tell(*CLOSED)
    asked = power("Start", charging_profile=profile((0, value(3681, "W"))))
    assert ev.code(asked) == "FAILED_ChargingProfileInvalid"
