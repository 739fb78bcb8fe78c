"""ISO 15118-20 on AC: what each side can, and the target of each turn of the loop."""

import pytest

from seccstack.messages import iso20_ac
from seccstack.session.events import LimitChanged, Meter, MeterRead, StopCharging
from seccstack.session.iso20.rational import plain
from seccstack.session.plant import Charger, Protocol
from tests.session.iso20.vehicle import (
    DC,
    DYNAMIC_LOOP,
    Ev,
    ac,
    loop,
    number,
    power,
)

ONE_PHASE = Charger(evse_id="DE*ABC*E1", phases=1, protocols=(Protocol.ISO20,))
BACK = iso20_ac.BPT_AC_CPDReqEnergyTransferMode(
    ev_maximum_charge_power=number(11, 3),
    ev_minimum_charge_power=number(0),
    ev_maximum_discharge_power=number(11, 3),
    ev_minimum_discharge_power=number(0),
)


def targets(response):
    mode = response.cl_res_control_mode
    named = (
        mode.evse_target_active_power,
        mode.evse_target_active_power_l2,
        mode.evse_target_active_power_l3,
    )
    return [plain(one) for one in named if one is not None]


def test_what_the_charger_can_is_the_limit_of_each_phase():
    """E-8."""
    ev = Ev().select()
    ev.tell(LimitChanged(16.0))
    can = ev.ask(ac()).ac_cpd_res_energy_transfer_mode
    most = (can.evse_maximum_charge_power, can.evse_maximum_charge_power_l3)
    assert [plain(one) for one in most] == [3680, 3680]
    assert plain(can.evse_minimum_charge_power) == 1380
    assert plain(can.evse_nominal_frequency) == 50


def test_before_the_limit_is_known_it_is_nothing():
    can = Ev().select().ask(ac()).ac_cpd_res_energy_transfer_mode
    assert plain(can.evse_maximum_charge_power) == 0
    assert plain(can.evse_minimum_charge_power) == 0


IMPOSSIBLE = [
    ac(ev_maximum_charge_power=number(0)),
    ac(ev_maximum_charge_power=number(-1)),
    ac(ev_minimum_charge_power=number(12, 3)),
    ac(ev_minimum_charge_power=number(-1)),
    iso20_ac.AC_ChargeParameterDiscoveryReq(
        header=ac().header, ac_cpd_req_energy_transfer_mode=BACK
    ),
    DC,
]


@pytest.mark.parametrize("request_", IMPOSSIBLE)
def test_what_cannot_be_is_a_wrong_parameter(request_):
    """E-8."""
    assert Ev().select().code(request_) == "FAILED_WrongChargeParameter"


@pytest.mark.parametrize(("parameter_set", "request_"), [(1, loop()), (2, DYNAMIC_LOOP)])
def test_a_limit_is_the_target_of_the_next_turn(parameter_set, request_):
    """E-12."""
    ev = Ev().charge(parameter_set)
    before = targets(ev.ask(request_))
    ev.tell(LimitChanged(10.0))
    assert targets(ev.ask(request_)) == [2300] * 3
    assert before in ([3680] * 3, [11000 / 3] * 3)


def test_on_one_phase_there_is_one_target():
    ev = Ev(ONE_PHASE).charge()
    assert targets(ev.ask(loop())) == [3680]


WRONG_MODES = [(1, DYNAMIC_LOOP), (2, loop())]


@pytest.mark.parametrize(("parameter_set", "request_"), WRONG_MODES)
def test_another_control_mode_than_the_selected_one_is_refused(parameter_set, request_):
    """E-12."""
    ev = Ev().charge(parameter_set)
    assert ev.code(request_) == "FAILED"
    assert not ev.energy()


def test_the_meter_is_shown_at_first_and_when_asked_for():
    """E-12, OC-14."""
    ev = Ev().charge()
    assert ev.ask(loop()).meter_info is None
    ev = Ev().charge()
    ev.tell(MeterRead(Meter("meter", 1234, 1_700_000_000)))
    assert ev.ask(loop()).meter_info.charged_energy_reading_wh == 1234
    assert ev.ask(loop()).meter_info is None
    assert ev.ask(loop(meter=True)).meter_info.meter_timestamp == 1_700_000_000


def test_a_charger_that_is_to_stop_says_so_in_the_loop():
    """E-12."""
    ev = Ev().charge()
    assert ev.ask(loop()).evse_status is None
    ev.tell(StopCharging("owner"))
    status = ev.ask(loop()).evse_status
    assert status.evse_notification.value == "Terminate"
    assert status.notification_max_delay == 0
    assert ev.ask(power("Stop")).evse_status.evse_notification.value == "Terminate"
