"""Whole charges by ISO 15118-20: on DC, and with energy that goes back, on AC and DC."""

import pytest

from seccstack.energy.supply import OFF, SetOutput
from seccstack.pilot.settings import Current
from seccstack.session.events import DischargeWanted, Exchanged
from seccstack.session.plant import DcSupply
from seccstack.sim.car import Character
from seccstack.sim.evcc20_requests import (
    AC_BPT,
    AC_NAMESPACE,
    DC,
    DC_BPT,
    DC_NAMESPACE,
    Wishes20,
)
from tests.scenarios.scene import MAC, Scene

ONE_WAY = DcSupply(max_volts=500, max_amps=125, max_watts=50_000)
BOTH_WAYS = DcSupply(
    max_volts=500, max_amps=125, max_watts=50_000, discharge_amps=40, discharge_watts=10_000
)
LAB = {"iso20_in_plain": True}  # no TLS is simulated


def dc_scene(supply=ONE_WAY, known=(), policy="open", **wishes):
    given = {"service": DC, "namespace": DC_NAMESPACE, "max_amps": 100, "loops": 40, **wishes}
    car = Character(wishes=Wishes20(evccid=b"", **given))
    pilot = {"current": Current.DC}
    return Scene(policy, car, known=known, amps=72.0, pilot=pilot, supply=supply, charger=LAB)


def ac_scene(back=10.0, **wishes):
    given = {"service": AC_BPT, "namespace": AC_NAMESPACE, "gives_amps": 16, "loops": 200}
    car = Character(wishes=Wishes20(evccid=b"", **given, **wishes))
    return Scene(car=car, charger={**LAB, "discharge_amps": back})


def given(scene):
    return scene.world.supply.given


def orders(scene):
    return [a for _, _, actions in scene.steps for a in actions if isinstance(a, SetOutput)]


def said(scene, name):
    found = [a for _, _, actions in scene.steps for a in actions if isinstance(a, Exchanged)]
    return [exchanged.message for exchanged in found if exchanged.name == name]


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize(("service", "supply"), [(DC, ONE_WAY), (DC_BPT, BOTH_WAYS)])
def test_a_car_charges_dc_from_plug_to_unplug(service, supply, dynamic):
    scene = dc_scene(supply, service=service, dynamic=dynamic).plug_in().wait(25)
    assert orders(scene)[0] == SetOutput(400, 2)
    assert max(order.amps for order in orders(scene)) == 100
    assert orders(scene)[-1] == OFF
    assert "charged" in str(scene.world.said)
    assert len(said(scene, "DC_WeldingDetectionRes")) == 1


def test_a_stranger_gets_no_voltage():
    scene = dc_scene(policy="autocharge").plug_in().wait(50)
    assert orders(scene) == []


def test_unplugged_in_mid_charge_it_goes_dark_in_the_same_moment():
    scene = dc_scene(BOTH_WAYS, service=DC_BPT, gives_amps=20, gives_from=3).plug_in()
    scene.wait_until(lambda: given(scene).amps < 0)
    scene.unplug()
    assert given(scene) == OFF


def test_a_car_that_decides_gives_energy_back():
    scene = dc_scene(BOTH_WAYS, service=DC_BPT, gives_amps=20, gives_from=10).plug_in()
    scene.wait_until(lambda: given(scene) == SetOutput(400, 100))
    scene.wait_until(lambda: given(scene) == SetOutput(400, -20))
    scene.limit(6.0)
    scene.wait_until(lambda: given(scene) == SetOutput(400, -10.35))
    scene.wait_until(lambda: given(scene) == OFF)
    scene.wait(3)
    assert "charged" in str(scene.world.said)


def test_a_car_that_lets_the_charger_decide_gives_what_is_wanted():
    scene = dc_scene(BOTH_WAYS, service=DC_BPT, gives_amps=20, dynamic=True).plug_in()
    scene.wait_until(lambda: given(scene).amps == 100)
    scene.tell(DischargeWanted(4000.0))
    scene.wait_until(lambda: given(scene).amps == -10)
    scene.tell(DischargeWanted(0.0))
    scene.wait_until(lambda: given(scene).amps == 100)


def test_no_car_gives_where_its_owner_does_not_let_it():
    scene = dc_scene(ONE_WAY, service=DC_BPT, gives_amps=20, gives_from=0).plug_in().wait(30)
    assert orders(scene) == []
    assert "FAILED_ServiceIDInvalid" in str(scene.world.said)


def test_a_car_that_is_told_to_stop_while_it_gives_stops():
    scene = dc_scene(BOTH_WAYS, service=DC_BPT, gives_amps=20, gives_from=0, loops=500)
    scene.plug_in().wait_until(lambda: given(scene).amps < 0)
    scene.stop()
    scene.wait_until(lambda: given(scene) == OFF, within=5)
    scene.wait(5)
    assert "stopped" in str(scene.world.said)


def test_schedules_exchanged_anew_leave_the_output_on():
    scene = dc_scene(renegotiates_at=20).plug_in().wait(25)
    assert len(said(scene, "ScheduleExchangeRes")) == 2
    assert [order.volts for order in orders(scene)].count(0) == 1
    assert "charged" in str(scene.world.said)


def test_a_session_that_was_recognised_charges():
    scene = dc_scene(policy="autocharge", known=[MAC]).plug_in()
    scene.wait_until(lambda: given(scene).amps == 100)


# On AC.


def test_on_ac_a_car_that_lets_the_charger_decide_gives_what_is_wanted():
    scene = ac_scene(dynamic=True).plug_in()
    scene.wait_until(lambda: scene.world.drawn == 16)
    scene.tell(DischargeWanted(3450.0))
    scene.wait_until(lambda: scene.world.drawn == -5)
    scene.tell(DischargeWanted(30_000.0))
    scene.wait_until(lambda: scene.world.drawn == -10)
    scene.limit(6.0)
    scene.wait_until(lambda: scene.world.drawn == -6)
    scene.tell(DischargeWanted(0.0))
    scene.wait_until(lambda: scene.world.drawn == 6)
    scene.unplug()
    assert scene.world.drawn == 0


def test_on_ac_it_charges_where_it_decides():
    scene = ac_scene().plug_in()
    scene.wait_until(lambda: scene.world.drawn == 16)
    scene.wait(60)
    assert "charged" in str(scene.world.said)


def test_on_ac_nothing_goes_back_where_the_owner_does_not_let_it():
    scene = ac_scene(back=0.0, dynamic=True).plug_in().wait(30)
    assert "FAILED_ServiceIDInvalid" in str(scene.world.said)
    assert scene.world.drawn >= 0
