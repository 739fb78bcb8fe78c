"""Cards that vouch for vehicles with another address each time."""

import pytest

from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.suspicion import MAX_RELATIVES
from seccstack.auth.vouching import KEPT, vouch, vouched_for
from seccstack.sim.registry import SimRegistry
from tests.auth.visits import BORN, CARD, ID4, OTHER, UID

NOW = 1_800_000_000.0


@pytest.fixture
def registry():
    known = SimRegistry([ID4, CARD])
    vouch(known, BORN, UID, NOW - 60)
    return known


def test_it_is_known_how_long_ago_it_was(registry):
    assert vouched_for(registry, ID4, NOW) == 60.0


def test_for_another_vehicle_nobody_has_vouched(registry):
    assert vouched_for(registry, VehicleRecord(mac=OTHER), NOW) is None


@pytest.mark.parametrize(
    "card",
    [
        None,
        CardRecord(uid=UID, enabled=False),
        CardRecord(uid=UID, expires=1.0),
        CardRecord(uid=UID, setup=True),
    ],
)
def test_a_card_that_counts_no_more_vouches_for_nobody(registry, card):
    registry.now = NOW
    registry.remove_card(UID) if card is None else registry.put([card])
    assert vouched_for(registry, ID4, NOW) is None


def test_nor_does_one_from_before_the_vehicle_was_registered(registry):
    assert vouched_for(registry, VehicleRecord(mac=BORN, added_at=NOW - 30), NOW) is None


def test_a_clock_that_went_back_makes_nothing_younger(registry):
    assert vouched_for(registry, ID4, NOW - 3600) is None


def test_the_last_card_counts(registry):
    vouch(registry, BORN, UID, NOW - 5)
    assert vouched_for(registry, ID4, NOW) == 5.0


def test_of_too_many_the_oldest_go(registry):
    for number in range(MAX_RELATIVES):
        vouch(registry, bytes.fromhex("007DFA0700") + bytes([number]), UID, NOW)
    assert vouched_for(registry, ID4, NOW) is None


@pytest.mark.parametrize(
    "text",
    ["", "no JSON", "[1]", '{"007DFA061234": 1}', '{"007DFA061234": ["a", "b"]}', "[" * 9999],
)
def test_what_is_broken_vouches_for_nobody(registry, text):
    registry.keep(KEPT, text)
    assert vouched_for(registry, ID4, NOW) is None
    vouch(registry, BORN, UID, NOW)
    assert vouched_for(registry, ID4, NOW) == 0.0
