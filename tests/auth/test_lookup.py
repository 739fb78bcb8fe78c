"""What a registry answers about a vehicle."""

import pytest

from seccstack.auth.decision import VehicleRecord
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.lookup import vehicle_found
from seccstack.auth.suspicion import MAX_RELATIVES, Relative
from seccstack.sim.registry import SimRegistry

MAC, SHOWN = bytes.fromhex("EC65CC4FC201"), Fingerprint(sdp=4.0)
NOW = 1_800_000_000.0
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
