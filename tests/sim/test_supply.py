"""The simulated DC supply."""

from seccstack.energy.supply import (
    OFF,
    CheckInsulation,
    InsulationChecked,
    OutputMeasured,
    SetOutput,
    SupplyFault,
)
from seccstack.sim.supply import CHECK_SECONDS, RAMP_SECONDS, Broken, SimSupply

WANTED = SetOutput(400, 100)


def on(insulated=True):
    supply = SimSupply(insulated)
    supply.receive(WANTED, 0.0)
    supply.tick(RAMP_SECONDS)
    return supply


def test_a_voltage_takes_its_time():
    supply = SimSupply()
    assert supply.receive(WANTED, 0.0) == []
    assert supply.tick(RAMP_SECONDS / 2) == []
    assert supply.tick(RAMP_SECONDS) == [OutputMeasured(400, 100)]
    assert supply.deadline is None


def test_what_is_there_already_takes_none():
    supply = on()
    supply.receive(WANTED, 1.0)
    assert supply.deadline is None


def test_off_is_at_once():
    supply = on()
    assert supply.receive(OFF, 1.0) == [OutputMeasured(0, 0)]
    assert supply.receive(OFF, 1.0) == []


def test_the_insulation_is_as_it_is():
    for insulated in (True, False):
        supply = SimSupply(insulated)
        supply.receive(CheckInsulation(), 0.0)
        assert supply.tick(CHECK_SECONDS) == [InsulationChecked(insulated)]


def test_a_broken_supply_goes_dark_and_does_nothing_until_it_is_mended():
    supply = on()
    assert supply.receive(Broken("hot"), 1.0) == [SupplyFault("hot"), OutputMeasured(0, 0)]
    assert supply.receive(WANTED, 1.0) == []
    assert supply.receive(CheckInsulation(), 1.0) == []
    assert supply.deadline is None
    assert supply.receive(Broken(""), 2.0) == [SupplyFault("")]
    supply.receive(WANTED, 2.0)
    assert supply.deadline == 2.0 + RAMP_SECONDS


def test_one_that_obeys_nobody_gives_what_it_ever_gave_and_still_goes_off():
    supply = on()
    supply.obedient = False
    supply.receive(SetOutput(400, 10), 1.0)
    assert supply.deadline is None
    assert supply.given == WANTED
    supply.receive(OFF, 2.0)
    assert supply.given == OFF


def test_it_draws_a_current_out_of_the_vehicle():
    supply = on()
    supply.receive(SetOutput(400, -20), 1.0)
    assert supply.tick(1.0 + RAMP_SECONDS) == [OutputMeasured(400, -20)]
