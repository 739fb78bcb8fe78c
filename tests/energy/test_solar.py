"""How much of what the roof gives goes into the vehicle."""

import pytest

from seccstack.energy.arbiter import SOLAR
from seccstack.energy.balance import Balanced
from seccstack.energy.solar import Mode, Settings, Solar

LEAST = 6 * 3 * 230


def given(watts, mode=Mode.STRICT, own=(0.0,) * 3, **others):
    """Return what is offered in each second of such surpluses."""
    solar = Solar(Settings(mode=mode, **others))
    amps, offered = None, []
    for now, surplus in enumerate(watts):
        balanced = Balanced((-surplus / 230 / 3,) * 3, own)
        for offer in solar.receive(balanced, float(now)):
            amps = offer.amps
        offered.append(amps)
    return offered


def last(watts, **others):
    return given(watts, **others)[-1]


ENOUGH = [7000.0] * 82  # for a minute, and then until it may rise


def test_direct_leaves_the_sun_alone():
    assert given([7000.0] * 100, Mode.DIRECT) == [None] * 100


def test_strict_begins_when_the_surplus_has_been_enough_for_a_while():
    offered = given(ENOUGH)
    assert (set(offered[:80]), offered[-1]) == ({0.0}, 10.0)


def test_barely_enough_is_no_beginning():
    assert last([LEAST + 299.0] * 1000) == 0.0


def test_a_cloud_before_the_beginning_begins_the_while_anew():
    assert last([7000.0] * 50 + [1000.0] + ENOUGH[:-2]) == 0.0


def test_strict_follows_the_sun_down_to_the_least_and_through_a_gap():
    assert last([*ENOUGH, 5000.0]) == 7.0
    assert last([*ENOUGH, *[1000.0] * 60]) == 6.0


def test_a_shallow_gap_may_last():
    assert last([*ENOUGH, *[LEAST - 299.0] * 3000]) == 6.0
    assert last([*ENOUGH, *[1000.0] * 50, LEAST - 299.0, *[1000.0] * 50]) == 6.0


def test_a_deep_gap_ends_it_and_for_a_while():
    gap = [*ENOUGH, *[1000.0] * 61]
    assert last(gap) == 0.0
    assert last([*gap, *[9000.0] * 599]) == 0.0
    assert last([*gap, *[9000.0] * 600]) == 13.0


def test_manual_charges_in_any_case_and_faster_with_the_sun():
    assert given([0.0] * 3 + [9000.0] * 30, Mode.MANUAL, manual_amps=8.0)[::16] == [8, 8, 13]
    assert last([9000.0] * 30 + [0.0], mode=Mode.MANUAL, manual_amps=8.0) == 8.0


def test_a_vehicle_of_one_phase_gets_three_times_as_much_per_phase():
    assert last(ENOUGH, own=(6.0, 0.2, 0.0)) == 30.0
    assert last(ENOUGH, phases=1) == 30.0


@pytest.mark.parametrize(
    ("watts", "mode", "reason"),
    [
        ([1000.0], Mode.STRICT, "the sun leaves 1.0 kW, and 4.1 kW are the least to charge"),
        (ENOUGH, Mode.STRICT, "the sun leaves 7.0 kW"),
        ([*ENOUGH, *[-100.0] * 9], Mode.STRICT, "the sun leaves 0.0 kW, and a gap is bridged"),
        ([0.0], Mode.MANUAL, "the sun leaves 0.0 kW, and 6 A are wanted in any case"),
    ],
)
def test_the_reason_is_said(watts, mode, reason):
    solar = Solar(Settings(mode=mode))
    offers = []
    for now, surplus in enumerate(watts):
        offers += solar.receive(Balanced((-surplus / 690,) * 3, (0.0,) * 3), float(now))
    assert offers[-1].source == SOLAR
    assert offers[-1].reason.startswith(reason)


def test_more_than_there_is_is_never_offered():
    assert last([690_000.0 * 2] * 100) == 1000.0


def test_nothing_becomes_of_waiting():
    solar = Solar(Settings())
    assert (solar.deadline, solar.tick(1e6)) == (None, [])


# A vehicle that follows less than 6 A, or needs more.


def suited(*floors, watts=2500.0, **others):
    """What is offered at last where there was enough, and then so much is left."""
    solar, amps = Solar(Settings(mode=Mode.STRICT, **others)), None
    for now, surplus in enumerate([*ENOUGH, *[watts] * 5]):
        if surplus == watts and floors:
            solar.suit(floors[0])
            floors = floors[1:]
        for offer in solar.receive(Balanced((-surplus / 230 / 3,) * 3, (0.0,) * 3), float(now)):
            amps = offer.amps
    return amps


def test_one_that_follows_2_8_amperes_is_charged_with_them_and_above_in_whole_ones():
    assert suited(2.8, watts=1950.0) == 2.8
    assert suited(2.8) == 3.0


def test_one_that_needs_7_amperes_is_given_no_less():
    assert suited(7.0) == 7.0


def test_what_was_offered_too_little_is_offered_no_longer():
    assert suited(2.8, 4.0, watts=1950.0) == 4.0
    assert suited(2.8, 2.8, watts=1950.0) == 2.8


def test_an_owner_who_wants_more_gets_it():
    assert suited(2.8, min_amps=8.0) == 8.0
    assert suited(9.0, min_amps=8.0) == 9.0


def test_with_a_current_of_ones_own_the_sun_adds_to_that_alone():
    solar = Solar(Settings(mode=Mode.MANUAL))
    solar.suit(2.8)
    [offer] = solar.receive(Balanced((0.0,) * 3, (0.0,) * 3), 0.0)
    assert offer.amps == 6.0
