from seccstack.auth.decision import VehicleRecord
from seccstack.experience.events import KeepExperience, LookUpExperience
from seccstack.experience.household import KEPT, MAX_VISITS
from seccstack.experience.keeping import (
    experience_found,
    experience_kept,
    household_found,
    visits_of,
)
from seccstack.experience.outcomes import Spoke
from seccstack.experience.port import SILENT, Family, Vehicle
from seccstack.experience.record import UNKNOWN
from seccstack.sim.registry import SimRegistry

CAR = Vehicle(bytes.fromhex("9012A1000001"))
FAMILY = Family(bytes.fromhex("9012A1"), "MAC+0000")
SPOKE = KeepExperience((CAR, FAMILY), (Spoke(2.0),), five=True)


def test_what_a_vehicle_did_is_kept_under_all_its_names():
    registry = SimRegistry()
    experience_kept(registry, SPOKE, 1000.0)
    experience_kept(registry, SPOKE, 2000.0)
    for name in (CAR, FAMILY):
        known = registry.experiences.recall(name)
        assert (known.visits, known.at, known.first_slac) == (2, 2000.0, (2.0, 2.0))


def test_and_who_uses_the_outlet_is_the_answer_with_the_names_that_owners_give():
    registry = SimRegistry([VehicleRecord(mac=CAR.mac, label="family car")])
    household = experience_kept(registry, SPOKE, 1000.0).household
    assert [guest.name for guest in household.guests] == ["family car"]
    assert household_found(registry, 1000.0).household == household


def test_the_silent_ones_have_no_label():
    keep = KeepExperience((SILENT,), (), five=False)
    (guest,) = experience_kept(SimRegistry(), keep, 1.0).household.guests
    assert guest.label == ""


def test_a_vehicle_is_looked_up_by_the_narrowest_name_that_is_known():
    registry = SimRegistry()
    experience_kept(registry, KeepExperience((FAMILY,), (Spoke(2.0),), five=True), 1.0)
    found = experience_found(registry, LookUpExperience((CAR, FAMILY)))
    assert found.experience.first_slac == (2.0,)
    assert experience_found(registry, LookUpExperience((CAR,))).experience == UNKNOWN


def test_visits_that_cannot_be_read_are_none():
    registry = SimRegistry()
    registry.keep(KEPT, "{")
    assert visits_of(registry) == ()
    experience_kept(registry, SPOKE, 1.0)
    assert len(visits_of(registry)) == 1 < MAX_VISITS
