"""DC: cable check, pre-charge, the loop, and what is left at the end."""

import pytest

from seccstack.auth.decision import Denied, Pending
from seccstack.messages.iso2 import ChargingSession, SessionStopReq
from seccstack.session import scaled
from seccstack.session.dc import CHECK_TIME
from seccstack.session.events import (
    AllowEnergy,
    CheckInsulation,
    Decided,
    InsulationChecked,
    LimitChanged,
    Meter,
    MeterRead,
    OutputMeasured,
    PilotChanged,
    StopCharging,
    SupplyFailed,
)
from seccstack.session.iso2.record import State
from tests.session.dc_vehicle import (
    CABLE_CHECK,
    WELDING,
    DcEv,
    dc_parameters,
    demand,
    in_error,
    pre_charge,
    stop_with,
)
from tests.session.vehicle import STOP, Ev, power, value


def plain(found):
    return scaled.plain(found)


def ready(ev):
    return ev.told(PilotChanged(True))


# Parameters.


def test_a_dc_charger_offers_what_its_supply_can_within_the_limit():
    ev = DcEv().authorize().told(LimitChanged(60.0))
    told = ev.ask(dc_parameters()).evse_charge_parameter
    assert plain(told.evse_maximum_voltage_limit) == 500
    assert plain(told.evse_maximum_current_limit) == 125
    assert plain(told.evse_maximum_power_limit) == 60 * 230 * 3
    assert plain(told.evse_minimum_voltage_limit) == 150


def test_a_limit_above_the_supplys_power_offers_the_supplys_power():
    ev = DcEv().authorize().told(LimitChanged(100.0))
    told = ev.ask(dc_parameters())
    [offer] = told.sa_schedules.sa_schedule_tuple
    [entry] = offer.p_max_schedule.p_max_schedule_entry
    assert plain(entry.p_max) == plain(told.evse_charge_parameter.evse_maximum_power_limit)
    assert plain(entry.p_max) == 50_000


@pytest.mark.parametrize(
    "changes",
    [
        {"ev_maximum_current_limit": value(-1, "A")},
        {"ev_maximum_current_limit": value(100, "V")},
        {"ev_maximum_voltage_limit": value(0, "V")},
        {"ev_maximum_voltage_limit": value(149, "V")},
    ],
)
def test_a_vehicle_that_cannot_charge_here_is_refused(changes):
    ev = DcEv().authorize().told(LimitChanged(16.0))
    assert ev.code(dc_parameters(**changes)) == "FAILED_WrongChargeParameter"


@pytest.mark.parametrize(
    "changes",
    [
        {"ev_maximum_power_limit": value(-5, "W")},
        {"ev_maximum_power_limit": value(0, "W"), "full_soc": 0, "bulk_soc": 0},
        {"ev_maximum_current_limit": value(0, "A")},
        {"ev_maximum_voltage_limit": value(4100, "V", -1)},
        {"ev_maximum_voltage_limit": value(410, "V"), "ev_energy_request": value(-1, "A")},
    ],
)
def test_what_is_odd_and_decides_nothing_is_borne_with(changes):
    ev = DcEv().authorize().told(LimitChanged(16.0))
    assert ev.code(dc_parameters(**changes)) == "OK"


def test_a_vehicle_that_wants_ac_parameters_of_a_dc_charger_is_refused():
    from tests.session.vehicle import ac_parameter, parameters

    ev = DcEv().authorize().told(LimitChanged(16.0))
    asked = parameters(dc_parameters().requested_energy_transfer_mode, None, ac_parameter())
    assert ev.code(asked) == "FAILED_WrongEnergyTransferMode"


# Cable check.


def test_the_cable_check_is_ongoing_until_the_insulation_is_known():
    ev = ready(DcEv().agree())
    response = ev.ask(CABLE_CHECK)
    assert response.evse_processing.value == "Ongoing"
    assert response.dc_evse_status.evse_status_code.value == "EVSE_IsolationMonitoringActive"
    assert "CheckInsulation" in ev.kinds()
    ev.told(InsulationChecked(True))
    response = ev.ask(CABLE_CHECK)
    assert response.evse_processing.value == "Finished"
    assert response.dc_evse_status.evse_isolation_status.value == "Valid"


def test_the_insulation_is_asked_for_once():
    ev = ready(DcEv().agree())
    for _ in range(5):
        ev.ask(CABLE_CHECK)
    assert sum(isinstance(a, CheckInsulation) for a in ev.done) == 1


def test_insulation_that_is_not_good_ends_the_session():
    ev = ready(DcEv().agree())
    ev.ask(CABLE_CHECK)
    response = ev.told(InsulationChecked(False)).ask(CABLE_CHECK)
    assert response.response_code.value == "FAILED"
    assert response.dc_evse_status.evse_isolation_status.value == "Fault"


def test_a_vehicle_that_is_not_ready_has_its_time_for_the_switch():
    ev = DcEv().agree()
    assert ev.ask(CABLE_CHECK) is None
    assert ev.ask(CABLE_CHECK) is None  # it will have one response
    ev.told(PilotChanged(True))
    assert ev.answer().response_code.value == "OK"


def test_a_vehicle_that_never_closes_its_switch_is_refused():
    ev = DcEv().agree()
    ev.ask(CABLE_CHECK)
    ev.wait(1.5)
    assert ev.answer().response_code.value == "FAILED"


def test_a_check_that_takes_too_long_is_given_up():
    ev = ready(DcEv().agree())
    ev.ask(CABLE_CHECK)
    ev.wait(CHECK_TIME)
    assert ev.code(CABLE_CHECK) == "FAILED"


def test_a_broken_supply_ends_the_cable_check():
    ev = ready(DcEv().agree()).told(SupplyFailed("too hot"))
    response = ev.ask(CABLE_CHECK)
    assert response.response_code.value == "FAILED"
    assert response.dc_evse_status.evse_status_code.value == "EVSE_Malfunction"


# Pre-charge.


def test_pre_charge_passes_on_what_is_demanded_and_tells_what_is_there():
    ev = DcEv().check().told(OutputMeasured(123.456, 0.0))
    response = ev.ask(pre_charge(380, 2))
    assert ev.demanded() == (380, 2)
    assert plain(response.evse_present_voltage) == 123.46
    assert ev.session.state is State.PRECHARGED


@pytest.mark.parametrize(
    "request_",
    [pre_charge(-1), pre_charge(400, -1), pre_charge(ev_target_voltage=value(9, "A"))],
)
def test_a_pre_charge_that_makes_no_sense_is_refused(request_):
    ev = DcEv().check()
    assert ev.code(request_) == "FAILED"
    assert ev.demanded() == (0, 0)


def test_a_vehicle_in_error_is_given_no_voltage():
    ev = DcEv().check()
    status = in_error("FAILED_EVRESSMalfunction")
    assert ev.code(pre_charge(dc_ev_status=status)) == "OK"
    assert ev.demanded() == (0, 0)


def test_a_revoked_vehicle_is_not_pre_charged():
    ev = DcEv().check().told(Decided(Denied(("no more",))))
    assert ev.code(pre_charge()) == "FAILED"


# Start.


def test_a_start_allows_energy_at_once():
    ev = DcEv().charge()
    assert ev.session.state is State.DEMANDING
    assert ev.energy()


UNDONE = [Decided(Denied()), Decided(Pending())]


@pytest.mark.parametrize(
    "event", [SupplyFailed("hot"), StopCharging("owner"), PilotChanged(False), *UNDONE]
)
def test_a_start_that_cannot_be_is_refused_with_the_status_of_dc(event):
    ev = DcEv().precharge().told(event)
    response = ev.ask(power("Start"))
    assert response.response_code.value == "FAILED_PowerDeliveryNotApplied"
    assert type(response.evse_status).__name__ == "DC_EVSEStatus"
    assert not ev.energy()


def test_a_start_of_a_vehicle_in_error_is_refused():
    from msgspec import structs

    parameter = stop_with("FAILED_EVShiftPosition").ev_power_delivery_parameter
    asked = structs.replace(power("Start"), ev_power_delivery_parameter=parameter)
    assert DcEv().precharge().code(asked) == "FAILED_PowerDeliveryNotApplied"


# The loop.


def test_the_loop_tells_what_is_at_the_plug_and_passes_on_the_demand():
    ev = DcEv().charge().told(OutputMeasured(398.76, 99.987))
    response = ev.ask(demand(400, 100))
    assert ev.demanded() == (400, 100)
    assert plain(response.evse_present_voltage) == 398.8
    assert plain(response.evse_present_current) == 99.99
    assert response.receipt_required is False


@pytest.mark.parametrize(
    ("volts", "amps", "reached"),
    [
        (400, 100, (False, False, False)),
        (400, 125, (True, False, True)),
        (500, 50, (False, True, False)),
        (450, 120, (False, False, True)),
        (1000, 300, (True, True, True)),
    ],
)
def test_the_limits_that_a_demand_reaches_are_named(volts, amps, reached):
    response = DcEv().charge().ask(demand(volts, amps))
    assert (
        response.evse_current_limit_achieved,
        response.evse_voltage_limit_achieved,
        response.evse_power_limit_achieved,
    ) == reached


def test_a_new_limit_is_told_with_the_next_response():
    ev = DcEv().charge().told(LimitChanged(10.0))
    response = ev.ask(demand())
    assert plain(response.evse_maximum_power_limit) == 6900
    assert response.evse_power_limit_achieved


def test_the_meter_is_shown():
    ev = DcEv().charge().told(MeterRead(Meter("m", 5)))
    assert ev.ask(demand()).meter_info.meter_reading == 5


def test_a_broken_supply_gives_nothing_and_asks_the_vehicle_to_stop():
    ev = DcEv().charge().told(SupplyFailed("too hot"))
    response = ev.ask(demand())
    assert response.response_code.value == "OK"
    assert response.dc_evse_status.evse_notification.value == "StopCharging"
    assert ev.demanded() == (0, 0)


def test_a_wish_to_stop_is_told_as_shutdown():
    ev = DcEv().charge().told(StopCharging("owner"))
    status = ev.ask(demand()).dc_evse_status
    assert status.evse_notification.value == "StopCharging"
    assert status.evse_status_code.value == "EVSE_Shutdown"


def test_a_vehicle_in_error_gets_nothing_in_the_loop():
    ev = DcEv().charge()
    ev.ask(demand(dc_ev_status=in_error("FAILED_RESSTemperatureInhibit")))
    assert ev.demanded() == (0, 0)


def test_a_negative_current_is_refused():
    ev = DcEv().charge()
    assert ev.code(demand(400, -5)) == "FAILED"
    assert not ev.energy()


# The end.


def test_a_stop_takes_the_energy_away():
    ev = DcEv().stop()
    assert not ev.energy()
    assert ev.session.state is State.UNLOADING


def test_the_voltage_that_is_left_is_told_once_the_switch_is_open():
    ev = DcEv().stop()
    assert ev.ask(WELDING) is None
    assert ev.ask(WELDING) is None
    ev.told(PilotChanged(False))
    assert plain(ev.answer().evse_present_voltage) == 3.0
    assert ev.code(WELDING) == "OK"
    assert ev.code(STOP) == "OK"


@pytest.mark.parametrize("request_", [WELDING, STOP])
def test_a_switch_that_stays_closed_is_refused(request_):
    ev = DcEv().stop()
    ev.ask(request_)
    ev.wait(1.5)
    assert ev.answer().response_code.value == "FAILED"


def test_a_pause_works_as_on_ac():
    ev = DcEv().unload()
    pause = SessionStopReq(charging_session=ChargingSession.PAUSE)
    assert ev.code(pause) == "OK"
    assert "Paused" in str(ev.last[-1])


# Negotiating anew.


def test_a_renegotiation_takes_the_energy_and_needs_another_cable_check():
    ev = DcEv().charge()
    assert ev.code(power("Renegotiate")) == "OK"
    assert not ev.energy()
    assert ev.code(dc_parameters()) == "OK"
    assert ev.session.state is State.CHECKING
    assert ev.code(power("Start")) == "FAILED_SequenceError"


def test_after_a_renegotiation_the_insulation_is_measured_again():
    ev = DcEv().charge()
    ev.ask(power("Renegotiate"))
    ev.ask(dc_parameters())
    assert ev.ask(CABLE_CHECK).evse_processing.value == "Ongoing"
    ev.told(InsulationChecked(True)).ask(CABLE_CHECK)
    ev.ask(pre_charge())
    assert ev.code(power("Start")) == "OK"
    assert ev.energy()


def test_a_dc_session_never_allows_energy_without_a_start():
    ev = DcEv().precharge()
    assert not any(isinstance(a, AllowEnergy) for a in ev.done)


def test_an_ac_charger_refuses_the_words_of_dc():
    assert Ev().charge().code(demand()) == "FAILED_SequenceError"
