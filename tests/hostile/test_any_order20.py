"""Whatever a vehicle does in ISO 15118-20: no energy, either way, without a right to it."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from seccstack.energy.output import Output
from seccstack.pilot.situation import Situation
from seccstack.session.plant import Plant
from tests.hostile import peer as peers
from tests.hostile import repeat20
from tests.hostile.oracle import BreachError
from tests.hostile.peer20 import HostilePeerIn20, HostilePeerIn20OnDc, lived
from tests.hostile.test_any_order import UNTIL_CAUGHT

ROOT = Path(__file__).parent.parent.parent
MANY = settings(max_examples=20, stateful_step_count=30, deadline=None)

TestOnAc = HostilePeerIn20.TestCase
TestOnAc.settings = MANY
TestOnDc = HostilePeerIn20OnDc.TestCase
TestOnDc.settings = MANY


@pytest.mark.parametrize("by", ["card", "nothing"])
def test_on_ac_it_gets_energy_by_a_card_and_not_by_nothing(by):
    assert lived(HostilePeerIn20, by).oracle.closed is (by == "card")


@pytest.mark.parametrize("by", ["card", "nothing"])
def test_on_dc_it_gives_energy_by_a_card_and_not_by_nothing(by):
    oracle = lived(HostilePeerIn20OnDc, by).oracle
    assert (oracle.volts > 0) is (by == "card")
    assert (oracle.taken > 0) is (by == "card")


TRUE = property(lambda self: True)
BROKEN = {
    "nobody asks for an authorisation": (
        HostilePeerIn20,
        [(Plant, "granted", TRUE), (Situation, "authorised", TRUE)],
        "without an authorisation",
    ),
    "nor on DC": (
        HostilePeerIn20OnDc,
        [(Plant, "granted", TRUE), (Output, "_entitled", property(lambda self: self._ready))],
        "without an authorisation",
    ),
    "as much as it gives is taken": (
        HostilePeerIn20OnDc,
        [(Output, "_back", lambda self, amps, volts: amps)],
        "drawn out of the vehicle",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_charger_without_its_guards_is_caught(monkeypatch, name):
    kind, changes, caught = BROKEN[name]
    monkeypatch.setattr(peers, "Witness", lambda: lambda *step: None)  # the oracle alone
    for where, what, instead in changes:
        monkeypatch.setattr(where, what, instead)
    with pytest.raises(BreachError, match=caught):
        run_state_machine_as_test(kind, settings=UNTIL_CAUGHT)


def test_with_assertions_switched_off_a_charger_does_the_same():
    command = [sys.executable, "-O", "-m", "tests.hostile.repeat20"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    optimised, *told = ran.stdout.splitlines()
    assert optimised == "False"
    assert told == repeat20.stories()
    assert any("0 times closed" not in one for one in told)
    assert any("0 on" not in one for one in told)
