"""Whole charges on DC, and what a DC outlet never does."""

import pytest

from seccstack.energy.supply import OFF, OutputMeasured, SetOutput
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.pilot.port import Steady
from seccstack.pilot.settings import Current
from seccstack.session.plant import DcSupply
from seccstack.sim.supply import Broken
from tests.scenarios.scene import MAC, Scene, character

SUPPLY = DcSupply(max_volts=500, max_amps=125, max_watts=50_000)


def dc_scene(wishes=None, **settings):
    wishes = {"mode": EnergyTransferMode.DC_EXTENDED, "max_amps": 100, **(wishes or {})}
    car = settings.pop("car", None) or character(wishes=wishes)
    given = {"amps": 72.0, "pilot": {"current": Current.DC}, "supply": SUPPLY, **settings}
    return Scene(car=car, **given)


def charging(scene):
    return scene.world.supply.given == SetOutput(400, 100)


def orders(scene):
    return [a for _, _, actions in scene.steps for a in actions if isinstance(a, SetOutput)]


def test_a_car_charges_dc_from_plug_to_unplug():
    scene = dc_scene().plug_in().wait(60)
    assert [order.volts for order in orders(scene)] == [400, 400, 0]
    assert orders(scene)[0] == SetOutput(400, 2)
    assert SetOutput(400, 100) in orders(scene)
    assert "charged" in str(scene.world.said)
    assert not scene.world.pilot.closed


def test_an_unknown_car_gets_no_voltage():
    scene = dc_scene(policy="autocharge").plug_in().wait(50)
    assert orders(scene) == []


def test_a_known_one_is_recognised_as_on_ac():
    scene = dc_scene(policy="autocharge", known=[MAC]).plug_in()
    scene.wait_until(lambda: charging(scene))


def test_unplugged_in_mid_charge_it_goes_dark_in_the_same_moment():
    scene = dc_scene().plug_in()
    scene.wait_until(lambda: charging(scene))
    scene.unplug()
    assert scene.world.supply.given == OFF


def test_a_limit_of_the_house_reaches_the_output_at_once():
    scene = dc_scene().plug_in()
    scene.wait_until(lambda: charging(scene))
    scene.limit(10.0)
    assert orders(scene)[-1] == SetOutput(400, 6900 / 400)


def test_a_cable_whose_insulation_is_not_good_is_never_live():
    scene = dc_scene()
    scene.world.supply.insulated = False
    scene.plug_in().wait(60)
    assert orders(scene) == []
    assert "CableCheckRes: FAILED" in str(scene.world.said)


def test_a_supply_that_breaks_ends_the_charge_in_order():
    scene = dc_scene().plug_in()
    scene.wait_until(lambda: charging(scene))
    for report in scene.world.supply.receive(Broken("too hot"), scene.now):
        scene.tell(report)
    scene.wait(5)
    assert orders(scene)[-1] == OFF
    assert "stopped" in str(scene.world.said)


def test_a_stop_that_the_owner_wants_ends_the_charge_in_order():
    scene = dc_scene().plug_in()
    scene.wait_until(lambda: charging(scene))
    scene.stop().wait(5)
    assert orders(scene)[-1] == OFF
    assert "stopped" in str(scene.world.said)


def test_after_a_minute_at_0_amperes_it_is_asked_to_stop_and_is_woken_when_they_are_over():
    scene = dc_scene(wishes={"loops": 10_000}).plug_in()
    scene.wait_until(lambda: charging(scene)).limit(0).wait(58)
    assert scene.ended() == []
    scene.wait_until(scene.ended, within=5).wait(60)
    assert (scene.ended(), scene.signal) == (["stopped"], Steady())
    scene.limit(72).wait_until(lambda: charging(scene))
    assert len(scene.exchanged("SessionSetupRes")) == 2


def test_a_car_that_is_deaf_to_it_is_cut_off_half_a_minute_later():
    scene = dc_scene(wishes={"loops": 10_000, "heeds_stop": False}).plug_in()
    scene.wait_until(lambda: charging(scene)).limit(0).wait(92)
    assert isinstance(scene.signal, Steady)


def test_a_car_that_falls_silent_in_mid_charge_gets_nothing_after_a_while():
    scene = dc_scene(wishes={"silent_at": None}).plug_in()
    scene.wait_until(lambda: charging(scene))
    scene.world.car._evcc.deadline = None
    scene.wait(6)
    assert orders(scene)[-1] == OFF


def test_a_car_negotiates_anew_and_goes_on():
    scene = dc_scene(wishes={"renegotiates_at": 5}).plug_in().wait(70)
    assert [order.volts for order in orders(scene)] == [400, 400, 0, 400, 400, 0]
    assert "charged" in str(scene.world.said)


def test_a_car_that_pauses_comes_back_to_its_session():
    wishes = {"mode": EnergyTransferMode.DC_EXTENDED, "max_amps": 100, "loops": 5}
    scene = dc_scene(car=character(wishes=wishes, pauses=1)).plug_in().wait(90)
    assert "OK_OldSessionJoined" in str(scene.steps)
    assert sum(order == OFF for order in orders(scene)) == 2


@pytest.mark.parametrize("seconds", [0.0, 0.01, 10.0])
def test_what_is_measured_is_told(seconds):
    scene = dc_scene().plug_in()
    scene.wait_until(lambda: charging(scene))
    scene.wait(seconds).tell(OutputMeasured(389.0, 12.0)).wait(1)
    assert "value=3890" in str(scene.steps[-40:])


def test_a_car_that_is_deaf_to_the_wish_to_stop_is_cut_off():
    scene = dc_scene(wishes={"loops": 10_000, "heeds_stop": False}).plug_in()
    scene.wait_until(lambda: charging(scene)).stop().wait(29)
    assert charging(scene)
    scene.wait(2)
    assert scene.world.supply.given == OFF
    assert isinstance(scene.signal, Steady)
    assert isinstance(scene.wait(60).signal, Steady)
    assert scene.world.supply.given == OFF
