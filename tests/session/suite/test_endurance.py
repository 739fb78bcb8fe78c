"""Every case of `contract_cases.txt` about long charges: hours of virtual time.

The car asks as soon after a response as recorded cars do: cars of one make after 0.12 s, AC or
DC, another after 1.06 s on AC and 0.26 s on DC.
"""

import re

import pytest

from seccstack.sim import pilot as pilots
from tests.scenarios.scene import TAPES
from tests.session.suite.contract_cases import STEPS
from tests.session.suite.outlet import LOOPS, scene_of

LONG = [n for n in STEPS if "Reliability" in n or "endurance" in STEPS[n][0]]
QUICK = {False: 0.12, True: 0.12}  # seconds; on AC, on DC
SLOW = {False: 1.06, True: 0.26}
OWN_SECONDS = 300  # of the endurance loop: its list names no duration


def charge_of(name):
    """How many seconds a charge lasts, how often, and how long the car waits in its loop."""
    dc = "_DC_" in name
    found = re.match(r"(\d+) min charge(?: x(\d+))?", STEPS[name][0])
    minutes, times = (int(found[1]), int(found[2] or 1)) if found else (OWN_SECONDS / 60, 1)
    slow = name.endswith(
        ("Reliability_001", "AC_VTB_Reliability_002", "DC_VTB_Reliability_003")
    )
    return minutes * 60, times, (SLOW if slow else QUICK)[dc]


@pytest.mark.parametrize("name", LONG)
def test_a_long_charge_ends_as_it_should_and_another_can_follow(name):
    seconds, times, wait = charge_of(name)
    turns = int(seconds / wait)
    scene = scene_of("_DC_" in name, {"loops": turns, "loop_seconds": wait})
    scene.world.observers.remove(TAPES.pop())  # an hour is much to run again
    by_owner = "non-critical" in STEPS[name][0]
    for number in range(1, times + 1):
        scene.plug_in()
        if by_owner:
            scene.wait(100).stop()
        scene.wait(20 if by_owner else seconds * 1.05 + 20)
        assert len(scene.exchanged("SessionStopRes")) == number
        assert scene.code("SessionStopRes") == "OK"
        scene.unplug().wait(5)
        assert not scene.world.pilot.closed
    assert scene.ended() == ["stopped"] * times
    told = [body.response_code.value for _, body in scene.exchanged(*LOOPS)]
    assert set(told) == {"OK"}
    assert by_owner or len(told) == turns * times
    assert scene.world.pilot.state is pilots.PilotState.NO_VEHICLE
