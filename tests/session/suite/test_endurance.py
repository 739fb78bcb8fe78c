"""Every case of `contract_cases.txt` about long charges: hours of virtual time."""

import re

import pytest

from seccstack.pilot.settings import Current
from seccstack.sim import pilot as pilots
from tests.scenarios.scene import Scene, character
from tests.session import dc_vehicle
from tests.session.dc_vehicle import EXTENDED
from tests.session.suite.contract_cases import STEPS

LONG = [n for n in STEPS if "Reliability" in n or "endurance" in STEPS[n][0]]
TURN = {False: 5.0, True: 0.5}  # seconds, of the loop on AC and on DC


def scene_of(dc, seconds):
    wishes = {"loops": int(seconds / TURN[dc]), "loop_seconds": TURN[dc]}
    if not dc:
        return Scene(car=character(wishes=wishes))
    wishes |= {"mode": EXTENDED, "max_amps": 100}
    pilot = {"current": Current.DC}
    return Scene(car=character(wishes=wishes), pilot=pilot, supply=dc_vehicle.SUPPLY, amps=72.0)


@pytest.mark.parametrize("name", LONG)
def test_a_long_charge_ends_as_it_should_and_another_can_follow(name):
    does = STEPS[name][0]
    found = re.match(r"(\d+) min charge(?: x(\d+))?", does)
    minutes, times = (int(found[1]), int(found[2] or 1)) if found else (5, 1)
    scene = scene_of("_DC_" in name, minutes * 60)
    for number in range(1, times + 1):
        scene.plug_in()
        if "non-critical" in does:
            scene.wait(100).stop()
        scene.wait(60 if "non-critical" in does else minutes * 60 + 60)
        assert len(scene.exchanged("SessionStopRes")) == number
        assert scene.code("SessionStopRes") == "OK"
        scene.unplug().wait(5)
        assert not scene.world.pilot.closed
    assert scene.world.pilot.state is pilots.PilotState.NO_VEHICLE
