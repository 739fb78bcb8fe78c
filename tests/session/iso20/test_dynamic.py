"""How much a vehicle that lets the charger decide is to take, or give."""

import pytest
from msgspec import structs

from seccstack.messages import iso20_ac, iso20_dc
from seccstack.session.iso20.dynamic import target_watts
from seccstack.session.iso20.rational import measured
from seccstack.session.plant import Plant

WISHES = {
    "ev_target_energy_request": measured(20_000),
    "ev_maximum_energy_request": measured(40_000),
    "ev_minimum_energy_request": measured(-5000),
    "ev_maximum_charge_power": measured(11_000),
    "ev_minimum_charge_power": measured(0),
    "ev_present_active_power": measured(0),
    "ev_present_reactive_power": measured(0),
}
BACK = {
    "ev_maximum_discharge_power": measured(8000),
    "ev_minimum_discharge_power": measured(0),
}
ONE_WAY = iso20_ac.Dynamic_AC_CLReqControlMode(**WISHES)
BOTH_WAYS = iso20_ac.BPT_Dynamic_AC_CLReqControlMode(**WISHES, **BACK)
DRAINED = Plant(discharge_watts=5000)


def target(mode, plant=None, charge=7000, discharge=6000, **changes):
    changed = structs.replace(mode, **{key: measured(n) for key, n in changes.items()})
    return target_watts(changed, plant or Plant(), charge, discharge)


@pytest.mark.parametrize("mode", [ONE_WAY, BOTH_WAYS])
def test_a_vehicle_is_charged_with_all_there_is(mode):
    assert target(mode) == 7000
    assert target(mode, charge=22_000) == 11_000
    assert target(mode, charge=0) == 0


@pytest.mark.parametrize("what", ["target", "maximum"])
def test_it_is_charged_until_it_has_what_it_wants(what):
    assert target(ONE_WAY, **{f"ev_{what}_energy_request": 0}) == 0


def test_it_gives_what_is_wanted_of_it():
    assert target(BOTH_WAYS, DRAINED) == -5000


def test_it_gives_no_more_than_it_and_the_charger_can():
    assert target(BOTH_WAYS, DRAINED, discharge=3000) == -3000
    for power in (2000, -2000):  # some write what goes back as less than nothing
        assert target(BOTH_WAYS, DRAINED, ev_maximum_discharge_power=power) == -2000


@pytest.mark.parametrize(
    ("mode", "changes"),
    [
        (ONE_WAY, {}),
        (BOTH_WAYS, {"discharge": 0}),
        (BOTH_WAYS, {"ev_minimum_energy_request": 1}),
        (BOTH_WAYS, {"ev_minimum_v2_x_energy_request": 1}),
    ],
)
def test_it_is_charged_all_the_same_where_it_cannot_give(mode, changes):
    assert target(mode, DRAINED, **changes) == 7000


def test_it_gives_while_it_has_more_than_it_keeps_for_itself():
    assert target(BOTH_WAYS, DRAINED, ev_minimum_v2_x_energy_request=-1) == -5000


def test_it_is_the_same_on_dc():
    wishes = {key: WISHES[key] for key in list(WISHES)[:5]}
    limits = {
        "ev_maximum_charge_current": measured(100),
        "ev_maximum_voltage": measured(450),
        "ev_minimum_voltage": measured(250),
    }
    back = {**BACK, "ev_maximum_discharge_current": measured(20)}
    mode = iso20_dc.BPT_Dynamic_DC_CLReqControlMode(**wishes, **limits, **back)
    assert target(mode) == 7000
    assert target(mode, DRAINED) == -5000
