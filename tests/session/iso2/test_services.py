"""What there is beside charging."""

import pytest

from seccstack.errors import UsageError
from seccstack.messages import iso2
from seccstack.messages.iso2 import ServiceCategory
from seccstack.session.plant import INTERNET, MOST_SERVICES, AddedService, Charger
from tests.session.vehicle import Ev, selection

PARKING = AddedService(
    id=60001,
    name="Parking",
    scope="garage",
    free=False,
    parameter_sets=((1, (("Reserved", True), ("Level", -2), ("Place", "B 7"))),),
)
CHARGER = Charger(evse_id="DE*ABC*E1", services=(INTERNET, PARKING))


def ev(charger=CHARGER):
    return Ev(charger).set_up()


def listed(charger=CHARGER, **asked):
    found = ev(charger).ask(iso2.ServiceDiscoveryReq(**asked)).service_list
    return [] if found is None else [service.service_id for service in found.service]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [3, 60001]),
        ({"service_category": ServiceCategory.INTERNET}, [3]),
        ({"service_category": ServiceCategory.OTHER_CUSTOM}, [60001]),
        ({"service_category": ServiceCategory.CONTRACT_CERTIFICATE}, []),
        ({"service_scope": "garage"}, [60001]),
        ({"service_scope": ""}, [3, 60001]),
        ({"service_scope": "elsewhere"}, []),
    ],
)
def test_services_are_listed_by_category_and_scope(asked, found):
    assert listed(**asked) == found


def test_certificates_are_listed_beside_them():
    charger = Charger(evse_id="DE*ABC*E1", services=(PARKING,), contracts=True, provides=True)
    assert listed(charger) == [2, 60001]


def test_the_internet_is_told_with_its_ports():
    found = discovered().ask(iso2.ServiceDetailReq(service_id=3)).service_parameter_list
    told = {s.parameter_set_id: [*s.parameter] for s in found.parameter_set}
    assert {n: p[1].int_value for n, p in told.items()} == {3: 80, 4: 443}
    assert told[4][0].string_value == "https"


def test_a_parameter_is_of_the_type_that_it_was_given():
    found = discovered().ask(iso2.ServiceDetailReq(service_id=60001)).service_parameter_list
    [one] = found.parameter_set
    assert [(p.name, p.bool_value, p.int_value, p.string_value) for p in one.parameter] == [
        ("Reserved", True, None, None),
        ("Level", None, -2, None),
        ("Place", None, None, "B 7"),
    ]


def discovered():
    vehicle = ev()
    vehicle.ask(iso2.ServiceDiscoveryReq())
    return vehicle


def chosen(service_id, parameter_set_id):
    one = iso2.SelectedService(service_id=service_id, parameter_set_id=parameter_set_id)
    charge = selection(1)
    both = (*charge.selected_service_list.selected_service, one)
    return iso2.PaymentServiceSelectionReq(
        selected_payment_option=charge.selected_payment_option,
        selected_service_list=iso2.SelectedServiceList(selected_service=both),
    )


@pytest.mark.parametrize(
    ("service_id", "parameter_set_id", "code"),
    [
        (3, 4, "OK"),
        (3, None, "OK"),
        (60001, 1, "OK"),
        (3, 1, "FAILED_ServiceSelectionInvalid"),
        (60002, None, "FAILED_ServiceSelectionInvalid"),
        (2, None, "FAILED_ServiceSelectionInvalid"),
    ],
)
def test_what_is_selected_must_be_on_offer(service_id, parameter_set_id, code):
    assert discovered().code(chosen(service_id, parameter_set_id)) == code


def test_more_services_than_a_list_holds_are_refused():
    with pytest.raises(UsageError):
        Charger(evse_id="DE*ABC*E1", services=(PARKING,) * (MOST_SERVICES + 1))
