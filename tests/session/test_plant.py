"""The charger around a session."""

import pytest

from seccstack.auth.decision import Denied, Granted, Pending
from seccstack.errors import UsageError
from seccstack.session.events import Decided, DischargeWanted, StopCharging
from seccstack.session.plant import Charger, DcSupply, Plant


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"evse_id": "DE*ABC"}, "7 to 37"),
        ({"evse_id": "x" * 38}, "7 to 37"),
        ({"evse_id": "DE*ABC*E00\0"}, "A-Z"),
        ({"evse_id": "DE*ABC*E1\n"}, "A-Z"),
        ({"evse_id": "DE*ABC*E\u00e9"}, "A-Z"),
        ({"phases": 2}, "1 or 3"),
        ({"nominal_volts": 0}, "no low voltage"),
        ({"nominal_volts": 1001}, "no low voltage"),
    ],
)
def test_a_charger_is_one_that_a_vehicle_can_be_told_of(wrong, said):
    with pytest.raises(UsageError, match=said):
        Charger(**{"evse_id": "DE*ABC*E1", **wrong})


@pytest.mark.parametrize(
    ("decision", "granted", "stopping"),
    [
        (None, False, False),
        (Pending(), False, False),
        (Granted("open"), True, False),
        (Denied(), False, True),
    ],
)
def test_a_decision_says_whether_to_charge_or_to_stop(decision, granted, stopping):
    plant = Plant(decision=decision)
    assert (plant.granted, plant.stopping) == (granted, stopping)


def test_what_is_to_stop_need_not_be_denied():
    plant = Plant()
    plant.take(Decided(Granted("open")))
    plant.take(StopCharging("the owner"))
    assert plant.granted
    assert plant.stopping


@pytest.mark.parametrize(("watts", "amps"), [(11040, 16.0), (10_000, 14.5), (50_000, 72.5)])
def test_a_power_takes_a_current_in_tenths_rounded_up(watts, amps):
    assert Charger(evse_id="DE*ABC*E1").amps_for(watts) == amps


@pytest.mark.parametrize(
    ("charger", "both_ways"),
    [
        ({}, False),
        ({"discharge_amps": 10}, True),
        ({"discharge_amps": 10, "supply": {}}, False),
        ({"supply": {"discharge_amps": 10}}, False),
        ({"supply": {"discharge_amps": 10, "discharge_watts": 4000}}, True),
    ],
)
def test_a_charger_takes_energy_back_only_where_its_owner_has_said_so(charger, both_ways):
    if "supply" in charger:
        limits = {"max_volts": 500, "max_amps": 125, "max_watts": 50_000, **charger["supply"]}
        charger = {**charger, "supply": DcSupply(**limits)}
    assert Charger(evse_id="DE*ABC*E1", **charger).bidirectional is both_ways


def test_what_is_wanted_of_a_vehicle_is_kept():
    plant = Plant()
    plant.take(DischargeWanted(4000.0))
    assert plant.discharge_watts == 4000.0
