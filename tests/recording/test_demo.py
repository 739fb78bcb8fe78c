"""The demonstration, recorded: it runs again with identical actions."""

import pytest

from seccstack.auth.decision import Policy
from seccstack.sim.demo import END, stage
from tests.recording.tape import Tape, differences
from tests.scenarios.scene import octets_of


@pytest.mark.parametrize("policy", Policy)
def test_every_demonstration_runs_again_alike(policy):
    world = stage(policy, octets_of(1))
    tape = Tape(world)
    world.run(END)
    assert len(tape.lines) > 100
    assert differences(tape) == []
