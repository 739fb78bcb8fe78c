"""A protocol that has failed with a vehicle again and again is not spoken with it."""

import pytest

from seccstack.experience import policy
from seccstack.experience.outcomes import ProtocolTried, learned, visited
from seccstack.experience.port import Vehicle
from seccstack.experience.record import UNKNOWN
from seccstack.pilot.port import Limit
from tests.scenarios.scene import Scene, character

FAILED = [("iso2", False), ("iso2", False)]
NOW = 1_700_000_000.0  # of the scene's beginning


def house(*tried, how=policy.Policy.AUTO):
    scene = Scene(car=character(), start=policy.Settings(how))
    known = visited(UNKNOWN, NOW)
    for protocol, worked in tried:
        known = learned(known, ProtocolTried(protocol, worked), NOW)
    scene.registry.experiences.keep(Vehicle(scene.world.car.mac), known)
    return scene


def test_what_is_left_alone_is_refused_politely_and_the_car_charges_by_pulses():
    scene = house(*FAILED, ("din", True)).charge(within=60)
    assert scene.code("supportedAppProtocolRes") == "Failed_NoNegotiation"
    assert scene.signal == Limit(16)
    assert scene.reasons() == ["no protocol in common but iso2, which has failed with it"]


@pytest.mark.parametrize("tried", [FAILED, [*FAILED[:1], ("din", True)]])
def test_a_car_of_which_nothing_better_is_known_is_spoken_to_as_it_wants(tried):
    scene = house(*tried).charge(within=60)
    assert scene.code("supportedAppProtocolRes") == "OK_SuccessfulNegotiation"
    assert scene.exchanged("ChargingStatusRes")


def test_where_nothing_is_to_be_learned_nothing_is_left_alone():
    scene = house(*FAILED, ("din", True), how=policy.Policy.FIXED).charge(within=60)
    assert scene.exchanged("ChargingStatusRes")
