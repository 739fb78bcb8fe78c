"""Whatever a vehicle does at a whole outlet: no energy without a right of this plug-in to it.

The oracle knows rights from what happened, and not from what the charger has decided. It can
fail: a charger without its guards is caught.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from seccstack.auth.decision import Policy
from seccstack.energy.output import Output
from seccstack.pilot.situation import Situation
from seccstack.session.iso2 import contract
from seccstack.session.plant import Plant
from tests.hostile import peer as peers
from tests.hostile import repeat
from tests.hostile.din_peer import HostilePeerInDin
from tests.hostile.oracle import BreachError
from tests.hostile.peer import HostilePeer, HostilePeerOnDc

ROOT = Path(__file__).parent.parent.parent
MANY = settings(max_examples=60, stateful_step_count=30, deadline=None)
UNTIL_CAUGHT = settings(
    max_examples=2000,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

TestOnAc = HostilePeer.TestCase
TestOnAc.settings = MANY
TestOnDc = HostilePeerOnDc.TestCase
TestOnDc.settings = MANY
TestInDin = HostilePeerInDin.TestCase
TestInDin.settings = MANY


@pytest.mark.parametrize("policy", [Policy.CARD, Policy.AUTOCHARGE])
@pytest.mark.parametrize("by", ["card", "contract", "nothing"])
@pytest.mark.parametrize("kind", [HostilePeer, HostilePeerOnDc])
def test_a_vehicle_gets_energy_by_a_card_or_a_contract_and_by_nothing_else(kind, by, policy):
    peer = kind()
    peer.begin(policy)
    peer.charge(by)
    live = peer.oracle.volts > 0 if peer.dc else peer.oracle.closed
    assert live is (by != "nothing")


@pytest.mark.parametrize("policy", [Policy.CARD, Policy.AUTOCHARGE])
@pytest.mark.parametrize("by", ["card", "contract", "nothing"])
def test_in_din_it_gets_energy_by_a_card_alone(by, policy):
    peer = HostilePeerInDin()
    peer.begin(policy)
    peer.charge(by)
    assert (peer.oracle.volts > 0) is (by == "card")


TRUE = property(lambda self: True)
BROKEN = {
    "nobody asks for an authorisation": (
        HostilePeer,
        [(Plant, "granted", TRUE), (Situation, "authorised", TRUE)],
        "without an authorisation",
    ),
    "nor on DC": (
        HostilePeerOnDc,
        [(Plant, "granted", TRUE), (Output, "_entitled", property(lambda self: self._ready))],
        "without an authorisation",
    ),
    "nor in DIN": (
        HostilePeerInDin,
        [(Plant, "granted", TRUE), (Output, "_entitled", property(lambda self: self._ready))],
        "without an authorisation",
    ),
    "state B will do": (HostilePeer, [(Situation, "ready", TRUE)], "in pilot state"),
    "any signature will do": (
        HostilePeerOnDc,
        [(contract, "disproven", lambda request, session: None)],
        "without an authorisation",
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
    command = [sys.executable, "-O", "-m", "tests.hostile.repeat"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    optimised, *told = ran.stdout.splitlines()
    assert optimised == "False"
    assert told == repeat.stories()
    assert all("0 times closed, 0 on" not in one for one in told)
