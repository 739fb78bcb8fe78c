"""Which phases a vehicle charges on."""

import pytest
from hypothesis import strategies as st

from seccstack.energy.arbiter import PhasesUsed
from seccstack.energy.balance import OwnMeasured
from seccstack.energy.phases import CLEAR_SECONDS, Phases

NOTHING, L1, L12, ALL = (0.1,) * 3, (16.0, 0.2, 0.0), (16.0, 15.9, 0.1), (16.0,) * 3
EVENTS = st.builds(OwnMeasured, st.sampled_from([NOTHING, L1, L12, ALL, (2.0, 0.0, 0.0)]))
FIRST, BOTH = PhasesUsed((0,)), PhasesUsed((0, 1))
CLEAR = int(CLEAR_SECONDS) + 1


def told(*readings):
    """Return what becomes clear of readings that come a second after each other."""
    phases = Phases()
    each = [phases.receive(OwnMeasured(amps), float(n)) for n, amps in enumerate(readings)]
    return [said for events in each for said in events]


def test_one_that_has_drawn_from_a_single_phase_for_a_while_uses_no_other():
    assert told(*[L1] * (CLEAR - 1)) == []
    assert told(*[L1] * CLEAR) == [FIRST]


def test_another_phase_counts_at_once():
    assert told(*[L1] * CLEAR, L12) == [FIRST, BOTH]


def test_a_phase_that_it_leaves_alone_is_free_after_a_while():
    assert told(*[L12] * CLEAR, *[L1] * CLEAR) == [PhasesUsed((0, 1, 2)), BOTH, FIRST]


def test_one_that_draws_from_another_phase_than_it_may_have_said_uses_all_until_it_is_clear():
    assert told(NOTHING, L12) == told(NOTHING, (0.0, 3.0, 0.0)) == [PhasesUsed((0, 1, 2))]


def test_what_is_clear_ends_with_the_charge():
    assert told(*[L1] * CLEAR, NOTHING, NOTHING) == [FIRST, PhasesUsed()]


def test_a_trickle_says_nothing_of_what_will_come():
    assert told(*[(2.0, 0.0, 0.0)] * 100) == []


def test_a_dip_begins_the_while_anew():
    assert told(*[L1] * (CLEAR - 1), (2.0, 0.0, 0.0), *[L1] * (CLEAR - 1)) == []


@pytest.mark.parametrize("amps", [(16.0,), (-16.0, 0.0, 0.0)])
def test_what_is_fed_back_and_a_charger_of_one_phase_are_no_exception(amps):
    assert told(*[amps] * CLEAR) == [FIRST]


def test_nothing_becomes_of_waiting():
    assert (Phases().deadline, Phases().tick(1e6)) == (None, [])
