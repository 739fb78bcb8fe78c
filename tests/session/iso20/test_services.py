"""ISO 15118-20: what is on offer, and what may be selected of it."""

import pytest

from seccstack.session.events import PilotChanged
from seccstack.session.iso20.record import State
from seccstack.session.plant import INTERNET, AddedService, Charger, Protocol
from tests.session.iso20.vehicle import Ev, ac, detail, discovery, power, selection, stop

OWN = AddedService(
    id=70, name="massage", parameter_sets=((1, (("Warm", True), ("Level", 2), ("Of", "x"))),)
)
BARE = AddedService(id=71, name="music")
OLD = AddedService(id=7, name="of another standard")
CHARGER = Charger(
    evse_id="DE*ABC*E1", services=(INTERNET, OWN, BARE, OLD), protocols=(Protocol.ISO20,)
)


def listed(response):
    return [one.service_id for one in response.energy_transfer_service_list.service]


def added(response):
    return (
        [] if response.vas_list is None else [o.service_id for o in response.vas_list.service]
    )


def test_without_a_filter_all_is_listed():
    """E-5, OC-15."""
    response = Ev(CHARGER).authorize().ask(discovery())
    assert listed(response) == [1]
    assert added(response) == [65, 70, 71]
    assert response.service_renegotiation_supported


def test_what_is_beside_charging_is_what_the_vehicle_supports():
    """E-5."""
    assert added(Ev(CHARGER).authorize().ask(discovery(1, 70))) == [70]


def test_a_vehicle_that_supports_nothing_of_it_is_shown_how_there_is_to_charge():
    """E-5, OC-16: the list cannot be empty."""
    response = Ev(CHARGER).authorize().ask(discovery(4))
    assert listed(response) == [1]
    assert response.vas_list is None


@pytest.mark.parametrize(("phases", "sets"), [(3, 4), (1, 2)])
def test_each_connector_can_be_used_in_both_control_modes(phases, sets):
    """E-6."""
    charger = Charger(evse_id="DE*ABC*E1", phases=phases, protocols=(Protocol.ISO20,))
    response = Ev(charger).discover().ask(detail())
    found = [
        {one.name: one.int_value for one in known.parameter}
        for known in response.service_parameter_list.parameter_set
    ]
    assert len(found) == sets
    assert [one["ControlMode"] for one in found] == [1, 2] * (sets // 2)
    assert found[-1] == {
        "Connector": 1,
        "ControlMode": 2,
        "EVSENominalVoltage": 230,
        "MobilityNeedsMode": 1,
        "Pricing": 0,
    }


def test_what_else_there_is_has_its_parameters_or_its_name():
    ev = Ev(CHARGER).discover()
    (known,) = ev.ask(detail(70)).service_parameter_list.parameter_set
    assert [one.bool_value for one in known.parameter] == [True, None, None]
    assert [one.int_value for one in known.parameter] == [None, 2, None]
    assert known.parameter[2].finite_string == "x"
    (known,) = ev.ask(detail(71)).service_parameter_list.parameter_set
    assert (known.parameter[0].name, known.parameter[0].finite_string) == ("Name", "music")


@pytest.mark.parametrize("service", [2, 5, 7, 65535])
def test_a_service_that_there_is_not_has_no_detail(service):
    """E-6."""
    assert Ev(CHARGER).discover().code(detail(service)) == "FAILED_ServiceIDInvalid"


@pytest.mark.parametrize("service", [2, 5, 65])
def test_only_an_energy_service_charges(service):
    """E-7."""
    ev = Ev(CHARGER).discover()
    ev.ask(detail())
    assert ev.code(selection(service)) == "FAILED_NoEnergyTransferServiceSelected"


BAD = [
    selection(1, 9),
    selection(1, 1, (99, 1)),
    selection(1, 1, (70, 2)),
    selection(1, 1, (71, 1)),
]


@pytest.mark.parametrize("wrong", BAD)
def test_what_was_not_told_of_cannot_be_selected(wrong):
    """E-7."""
    ev = Ev(CHARGER).discover()
    ev.ask(detail())
    ev.ask(detail(70))
    assert ev.code(wrong) == "FAILED_ServiceSelectionInvalid"


def test_without_its_detail_a_service_cannot_be_selected():
    """E-7."""
    assert Ev(CHARGER).discover().code(selection()) == "FAILED_ServiceSelectionInvalid"


def test_energy_and_what_else_is_selected_together():
    """E-7."""
    ev = Ev(CHARGER).discover()
    ev.ask(detail())
    ev.ask(detail(70))
    assert ev.code(selection(1, 1, (70, 1))) == "OK"
    assert ev.session.state is State.SELECTED


def test_a_vehicle_may_choose_anew_without_a_new_session():
    """E-15."""
    ev = Ev().charge()
    ev.ask(power("Stop"))
    assert ev.code(stop("ServiceRenegotiation")) == "OK"
    assert not ev.session.over
    ev.ask(discovery())
    ev.ask(detail())
    ev.ask(selection(1, 3))
    assert ev.code(ac()) == "OK"


def test_in_mid_charge_too_which_takes_the_energy_away():
    ev = Ev().charge()
    assert ev.energy()
    ev.ask(stop("ServiceRenegotiation"))
    assert not ev.energy()
    ev.tell(PilotChanged(False))


def test_who_was_not_told_that_it_may_cannot_choose_anew():
    """E-15."""
    code = "FAILED_NoServiceRenegotiationSupported"
    assert Ev().challenged().code(stop("ServiceRenegotiation")) == code
