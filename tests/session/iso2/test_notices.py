"""When the charger asks for another negotiation, and when it rather does not."""

import pytest

from seccstack.session.events import LimitChanged
from seccstack.session.iso2.notices import APART, LASTING
from tests.session.dc_vehicle import DcEv, dc_parameters, demand
from tests.session.vehicle import STATUS, Ev, parameters, power


def wanted(ev):
    response = ev.ask(STATUS if type(ev) is Ev else demand(400, 1))
    status = getattr(response, "ac_evse_status", None) or response.dc_evse_status
    return status.evse_notification.value


def wait(ev, seconds):
    """Let time pass while the vehicle goes on asking."""
    said = [wanted(ev)]
    for _ in range(int(seconds // 10)):
        ev.wait(10)
        said.append(wanted(ev))
    return said[-1]


def test_a_limit_that_falls_is_told_and_not_negotiated():
    ev = Ev().charge().told(LimitChanged(8.0))
    assert wait(ev, 2 * APART) == "None"


def test_a_limit_that_rises_above_the_offer_is_offered_anew_once_it_lasts():
    ev = Ev().charge()
    wait(ev, APART)
    ev.told(LimitChanged(32.0))
    assert wait(ev, LASTING - 10) == "None"
    assert wait(ev, 10) == "ReNegotiation"


def test_a_rise_that_does_not_last_is_forgotten():
    ev = Ev().charge()
    wait(ev, APART)
    wait(ev.told(LimitChanged(32.0)), LASTING - 10)
    wait(ev.told(LimitChanged(16.0)), 10)
    assert wait(ev.told(LimitChanged(32.0)), LASTING - 10) == "None"


def test_a_rise_that_is_not_worth_it_is_left():
    ev = Ev().charge().told(LimitChanged(17.5))
    assert wait(ev, 5 * APART) == "None"


def test_the_wish_goes_with_the_negotiation_and_does_not_come_at_once_again():
    ev = Ev().charge().told(LimitChanged(20.0))
    assert wait(ev, 2 * APART) == "ReNegotiation"
    ev.ask(power("Renegotiate"))
    ev.ask(parameters())
    ev.ask(power("Start"))
    ev.told(LimitChanged(32.0))
    assert wait(ev, APART - 10) == "None"
    assert wait(ev, 10) == "ReNegotiation"


def test_on_dc_a_rise_is_negotiated_too():
    ev = DcEv().agree(10.0)
    from seccstack.session.events import InsulationChecked, PilotChanged
    from tests.session.dc_vehicle import CABLE_CHECK, pre_charge

    ev.told(PilotChanged(True)).ask(CABLE_CHECK)
    ev.told(InsulationChecked(True)).ask(CABLE_CHECK)
    ev.ask(pre_charge())
    ev.ask(power("Start"))
    ev.told(LimitChanged(100.0))
    assert wait(ev, 2 * APART) == "ReNegotiation"
    assert ev.code(power("Renegotiate")) == "OK"
    assert ev.code(dc_parameters()) == "OK"


@pytest.mark.parametrize(("amps", "code"), [(8.0, "ReNegotiation"), (16.0, "None")])
def test_a_limit_below_the_offer_is_negotiated_with_a_contract_at_once(amps, code):
    ev = Ev().charge()
    session = ev.session._dialogue._session
    session.payment.chosen = True
    assert wanted(ev.told(LimitChanged(amps))) == code
