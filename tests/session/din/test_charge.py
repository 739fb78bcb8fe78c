"""DIN SPEC 70121 from CableCheck to SessionStop: energy, and what is said of it."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack.auth.decision import Denied, Pending
from seccstack.messages.din import DC_EVErrorCode
from seccstack.session.dc import CHECK_TIME, SWITCH_TIME
from seccstack.session.din.record import State
from seccstack.session.events import (
    AllowEnergy,
    CheckInsulation,
    Decided,
    InsulationChecked,
    LimitChanged,
    OutputMeasured,
    PilotChanged,
    Renegotiate,
    SessionEnded,
    StopCharging,
    Stopped,
    SupplyFailed,
)
from seccstack.session.plant import DcSupply
from tests.session.din.vehicle import (
    CABLE_CHECK,
    CHARGER,
    EV_STATUS,
    STOP,
    WELDING,
    DinEv,
    demand,
    parameters,
    power,
    pre_charge,
    value,
)


def plain(found):
    return found.value * 10.0**found.multiplier


def in_error(code="FAILED_RESSTemperatureInhibit"):
    return structs.replace(EV_STATUS, ev_error_code=DC_EVErrorCode(code))


def test_the_insulation_is_measured_once_while_the_vehicle_asks():
    ev = DinEv().agree().told(PilotChanged(True))
    first, second = ev.ask(CABLE_CHECK), ev.ask(CABLE_CHECK)
    assert first.evse_processing.value == second.evse_processing.value == "Ongoing"
    assert first.dc_evse_status.evse_status_code.value == "EVSE_IsolationMonitoringActive"
    assert sum(isinstance(action, CheckInsulation) for action in ev.done) == 1
    done = ev.told(InsulationChecked(True)).ask(CABLE_CHECK)
    assert done.evse_processing.value == "Finished"
    assert done.dc_evse_status.evse_isolation_status.value == "Valid"


def test_what_was_found_of_the_insulation_before_the_offer_does_not_count():
    ev = DinEv().told(InsulationChecked(True)).agree().told(PilotChanged(True))
    assert ev.ask(CABLE_CHECK).evse_processing.value == "Ongoing"


def test_a_cable_check_waits_for_the_vehicles_switch():
    ev = DinEv().connecting()
    assert ev.answer() is None
    ev.tell(PilotChanged(True))
    assert ev.answer().evse_processing.value == "Ongoing"


def test_a_cable_check_without_the_switch_fails_in_time():
    ev = DinEv().connecting()
    ev.wait(SWITCH_TIME)
    assert ev.answer().response_code.value == "FAILED"
    assert ev.session.over


@pytest.mark.parametrize(
    ("change", "isolation"),
    [
        (InsulationChecked(False), "Fault"),
        (SupplyFailed("hot"), "Invalid"),
        (Decided(Denied(("no",))), "Invalid"),
    ],
)
def test_a_cable_that_is_not_good_is_refused(change, isolation):
    ev = DinEv().agree().told(PilotChanged(True), change)
    response = ev.ask(CABLE_CHECK)
    assert response.response_code.value == "FAILED"
    assert response.dc_evse_status.evse_isolation_status.value == isolation


def test_the_charger_ends_a_cable_check_that_takes_too_long():
    ev = DinEv().agree().told(PilotChanged(True))
    ev.ask(CABLE_CHECK)
    ev.wait(CHECK_TIME)
    assert ev.code(CABLE_CHECK) == "FAILED"


def test_a_pre_charge_is_demanded_and_answered_with_what_is_there():
    ev = DinEv().check().told(OutputMeasured(123.4, 0.0))
    response = ev.ask(pre_charge(400, 2))
    assert plain(response.evse_present_voltage) == pytest.approx(123.4)
    assert ev.demanded() == (400.0, 2.0)


@pytest.mark.parametrize("unit", [None, "V"])
def test_a_unit_may_be_left_out(unit):
    ev = DinEv().check()
    request = pre_charge(ev_target_voltage=value(4000, unit, -1), ev_target_current=value(1))
    assert ev.code(request) == "OK"
    assert ev.demanded() == (400.0, 1.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"ev_target_voltage": value(-1, "V")},
        {"ev_target_current": value(-1, "A")},
        {"ev_target_voltage": value(400, "A")},
        {"ev_target_current": value(1, "W")},
    ],
)
def test_a_demand_that_cannot_be_is_refused(changes):
    assert DinEv().check().code(pre_charge(**changes)) == "FAILED"
    ev = DinEv().charge()
    assert ev.code(demand(**changes)) == "FAILED"
    assert not ev.energy()


def test_no_pre_charge_without_a_right_to_it():
    assert DinEv().check().told(Decided(Pending())).code(pre_charge()) == "FAILED"


def test_a_vehicle_in_error_is_given_nothing():
    ev = DinEv().check()
    ev.ask(pre_charge(dc_ev_status=in_error()))
    assert ev.demanded() == (0.0, 0.0)


@pytest.mark.parametrize("error", ["NO_ERROR", "NoData"])
def test_a_start_lets_the_vehicle_have_energy(error):
    ev = DinEv().precharge()
    assert ev.code(power(True, error=error)) == "OK"
    assert ev.energy()
    assert ev.code(power(True)) == "OK"  # once more


def test_a_profile_within_the_offer_is_taken():
    assert DinEv().precharge().code(power(True, (0, 32_767), (60, 0))) == "OK"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (power(True, (0, 1), tuple_id=2), "FAILED_TariffSelectionInvalid"),
        (power(True, (0, 6000), (90_000, 11_041)), "FAILED_ChargingProfileInvalid"),
        (power(True, (0, -1)), "FAILED_ChargingProfileInvalid"),
        (power(True, error="FAILED_EVRESSMalfunction"), "FAILED_PowerDeliveryNotApplied"),
    ],
)
def test_a_start_that_cannot_be_is_refused(request_, code):
    ev = DinEv().agree(16.0).told(PilotChanged(True), InsulationChecked(True))
    ev.ask(CABLE_CHECK)
    ev.ask(pre_charge())
    assert ev.code(request_) == code
    assert not ev.energy()


@pytest.mark.parametrize(
    "change",
    [
        StopCharging("owner"),
        Decided(Pending()),
        SupplyFailed("hot"),
        InsulationChecked(False),
        PilotChanged(False),
    ],
)
def test_no_start_without_all_that_it_takes(change):
    ev = DinEv().precharge().told(change)
    assert ev.code(power(True)) == "FAILED_PowerDeliveryNotApplied"
    assert not ev.energy()


def test_a_demand_is_answered_at_once_with_what_is_there_and_the_limits_that_hold():
    ev = DinEv().charge().told(OutputMeasured(400.2, 99.9), LimitChanged(60.0))
    response = ev.ask(demand(400, 100))
    assert plain(response.evse_present_voltage) == pytest.approx(400.2)
    assert plain(response.evse_present_current) == pytest.approx(99.9)
    assert plain(response.evse_maximum_voltage_limit) == 500
    assert plain(response.evse_maximum_current_limit) == 125
    assert plain(response.evse_maximum_power_limit) == 60 * 230 * 3
    assert ev.demanded() == (400.0, 100.0)


@pytest.mark.parametrize(
    ("volts", "amps", "reached"),
    [
        (400, 50, (False, False, False)),
        (400, 125, (True, False, True)),
        (500, 50, (False, True, False)),
        (400, 104, (False, False, True)),
    ],
)
def test_a_limit_that_is_reached_is_said(volts, amps, reached):
    said = DinEv().charge().told(LimitChanged(60.0)).ask(demand(volts, amps))
    found = (
        said.evse_current_limit_achieved,
        said.evse_voltage_limit_achieved,
        said.evse_power_limit_achieved,
    )
    assert found == reached


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (StopCharging("owner"), "EVSE_Shutdown"),
        (Decided(Denied(("revoked",))), "EVSE_Shutdown"),
        (SupplyFailed("hot"), "EVSE_Malfunction"),
    ],
)
def test_a_charger_that_wants_the_vehicle_to_stop_says_so(change, code):
    status = DinEv().charge().told(change).ask(demand()).dc_evse_status
    assert status.evse_notification.value == "StopCharging"
    assert (status.evse_status_code.value, status.notification_max_delay) == (code, 0)


@pytest.mark.parametrize("change", [Decided(Denied(("revoked",))), SupplyFailed("hot")])
def test_a_charger_that_may_give_nothing_gives_nothing(change):
    ev = DinEv().charge().told(change)
    assert ev.code(demand()) == "OK"
    assert ev.demanded() == (0.0, 0.0)


def test_nothing_is_negotiated_anew_which_the_language_has_no_request_for():
    status = DinEv().charge().told(Renegotiate("more")).ask(demand()).dc_evse_status
    assert status.evse_notification.value == "None"


def test_a_demand_that_is_sent_again_is_answered_again():
    ev = DinEv().charge()
    for _ in range(2):  # MG4, 2.55 s after a response that was lost
        assert ev.code(demand()) == "OK"
        ev.wait(2.55)


def test_a_stop_takes_the_energy_away_and_is_never_refused():
    ev = DinEv().charge()
    assert ev.code(power(False, error="FAILED_EVRESSMalfunction")) == "OK"
    assert AllowEnergy(False) in ev.last


def test_a_stop_before_the_start_ends_the_pre_charge():
    ev = DinEv().precharge()
    assert ev.code(power(False)) == "OK"
    assert ev.demanded() == (0.0, 0.0)
    assert ev.session.state is State.UNLOADING


def test_the_watch_for_welding_waits_for_the_open_switch_and_may_be_repeated():
    ev = DinEv().stop()
    assert ev.ask(WELDING) is None
    ev.tell(PilotChanged(False))
    assert plain(ev.answer().evse_present_voltage) == 3
    assert ev.code(WELDING) == "OK"


@pytest.mark.parametrize("request_", [WELDING, STOP])
def test_a_switch_that_stays_closed_fails(request_):
    ev = DinEv().stop()
    assert ev.ask(request_) is None
    assert ev.ask(request_) is None  # the response to the first one will do
    ev.wait(SWITCH_TIME)
    assert ev.answer().response_code.value == "FAILED"


def test_a_session_ends_after_the_watch():
    ev = DinEv().unload()
    assert ev.code(STOP) == "OK"
    assert ev.last[-1] == SessionEnded(Stopped())


@pytest.mark.parametrize("way", ["select", "negotiate", "check", "precharge", "charge"])
def test_a_session_may_be_ended_at_any_time_and_takes_the_energy_away(way):
    ev = getattr(DinEv(), way)()
    assert ev.code(STOP) == "OK"
    assert ev.last[-1] == SessionEnded(Stopped())
    assert not ev.energy()


def test_a_power_of_the_supply_is_never_exceeded():
    supply = DcSupply(max_volts=500, max_amps=125, max_watts=10_000)
    ev = DinEv(replace(CHARGER, supply=supply))
    told = ev.authorize().told(LimitChanged(100.0)).ask(parameters())
    assert plain(told.evse_charge_parameter.evse_maximum_power_limit) == 10_000
