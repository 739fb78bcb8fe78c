"""What a registry answers about a vehicle."""

from dataclasses import replace

import pytest

from seccstack.auth.contract import NOT_ALLOWED
from seccstack.auth.decision import CardRecord, ContractRecord, VehicleRecord
from seccstack.auth.enrolment_events import Enrol, EnrolAnswered
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.lookup import contract_found, enrolled, vehicle_found
from seccstack.auth.port import Enrolled, RegistryError
from seccstack.auth.suspicion import MAX_RELATIVES, Relative
from seccstack.sim.registry import SimRegistry

MAC, SHOWN = bytes.fromhex("EC65CC4FC201"), Fingerprint(sdp=4.0)
NOW = 1_800_000_000.0
CONTRACT = ContractRecord(emaid="DE8AA1A2B3C4D5", label="fleet")
EMAID = "DE-8AA-1A2B3C4D5-V"
BORN, REBORN = bytes.fromhex("007DFA060001"), bytes.fromhex("007DFA090001")


@pytest.fixture
def registry():
    known = SimRegistry([VehicleRecord(mac=MAC), VehicleRecord(mac=BORN)])
    known.learn(MAC, SHOWN)
    known.learn(BORN, SHOWN)
    return known


def test_a_registered_vehicle_is_found_with_what_it_showed(registry):
    found = vehicle_found(registry, MAC, NOW)
    assert (found.record, found.prints, found.family) == (VehicleRecord(mac=MAC), (SHOWN,), ())


def test_an_unknown_one_is_not(registry):
    found = vehicle_found(registry, bytes.fromhex("EC65CC000000"), NOW)
    assert (found.record, found.prints, found.family) == (None, (), ())


def test_one_whose_address_may_be_new_is_found_with_its_family(registry):
    found = vehicle_found(registry, REBORN, NOW)
    assert found.family == (Relative(VehicleRecord(mac=BORN), (SHOWN,)),)


def test_one_that_is_registered_needs_none(registry):
    assert vehicle_found(registry, BORN, NOW).family == ()


def test_of_a_fleet_some_are():
    macs = [bytes.fromhex("007DFA06") + number.to_bytes(2) for number in range(100)]
    fleet = SimRegistry(VehicleRecord(mac=mac) for mac in macs)
    assert len(vehicle_found(fleet, REBORN, NOW).family) == MAX_RELATIVES


def test_a_vehicle_is_enrolled_as_of_now_with_what_it_has_shown(registry):
    new = VehicleRecord(mac=REBORN, label="id.3")
    answer = enrolled(registry, Enrol(7, new, 10, (SHOWN,)), 9.0)
    assert answer == EnrolAnswered(7, Enrolled.ADDED)
    kept = registry.vehicle(REBORN)
    assert (kept.label, kept.added_at, kept.first_seen, kept.times_seen) == (
        "id.3",
        9.0,
        9.0,
        1,
    )
    assert registry.prints(REBORN) == (SHOWN,)


def test_a_card_is_enrolled_as_of_now(registry):
    answer = enrolled(registry, Enrol(7, CardRecord(uid="04A1B2C3"), 10), 9.0)
    assert answer == EnrolAnswered(7, Enrolled.ADDED)
    assert registry.card("04A1B2C3").added_at == 9.0


def test_what_is_known_or_has_no_room_learns_nothing(registry):
    other = Fingerprint(sdp=1.0)
    known = enrolled(registry, Enrol(7, VehicleRecord(mac=MAC), 10, (other,)), 9.0)
    full = enrolled(registry, Enrol(8, VehicleRecord(mac=REBORN), 2, (other,)), 9.0)
    assert [known.outcome, full.outcome] == [Enrolled.KNOWN, Enrolled.FULL]
    assert registry.prints(MAC) == (SHOWN,)
    assert registry.prints(REBORN) == ()


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (None, "contract DE-8AA-1A2B3C4D5-V is not registered"),
        (
            replace(CONTRACT, enabled=False),
            "contract DE-8AA-1A2B3C4D5-V is registered, but dis",
        ),
        (replace(CONTRACT, expires=NOW), "contract DE-8AA-1A2B3C4D5-V is registered, but has"),
    ],
)
def test_a_contract_that_does_not_count_is_not_allowed(record, why):
    found = contract_found(SimRegistry([record] if record else [], now=NOW), EMAID)
    assert (found.emaid, found.code) == (EMAID, NOT_ALLOWED)
    assert found.why.startswith(why)


def test_a_contract_that_counts_may_charge():
    found = contract_found(SimRegistry([CONTRACT]), EMAID)
    assert (found.emaid, found.code) == (EMAID, None)
    assert found.why == "and it is registered (fleet)"


def test_a_contract_without_a_label_is_registered_too():
    registry = SimRegistry([replace(CONTRACT, label="")])
    assert contract_found(registry, EMAID).why == "and it is registered"


class Forgetful(SimRegistry):
    """Its disk is full after every vehicle."""

    def learn(self, mac, fingerprint):
        raise RegistryError("the disk is full")


def test_what_is_registered_is_so_though_nothing_of_it_can_be_learned():
    registry = Forgetful()
    answer = enrolled(registry, Enrol(7, VehicleRecord(mac=MAC), 10, (SHOWN,)), 9.0)
    assert answer.outcome is Enrolled.ADDED
    assert registry.vehicle(MAC) is not None
