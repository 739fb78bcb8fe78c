"""Who may draw how much, and who said so."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.arbiter import (
    BACK_OFFICE,
    CABLE,
    FAIL_SAFE,
    HOUSE,
    INSTALLATION,
    MAX_SOURCES,
    METER,
    MOST_STEPS,
    PHASE_COUNT,
    POWER_RETURN,
    THERMAL,
    USER,
    WALLBOX_STEPS,
    Arbiter,
    ForecastChanged,
    LimitChanged,
    LimitOffered,
    LimitPlanned,
    PhasesUsed,
    Source,
    rounded_down,
)
from seccstack.errors import ConfigError, UsageError


def told(arbiter, *offers, now=0.0):
    return [action for offer in offers for action in arbiter.receive(offer, now)]


def test_the_least_wins_and_is_named():
    arbiter = Arbiter()
    offers = [LimitOffered(CABLE, 32), LimitOffered(METER, 13.8), LimitOffered(USER, 16)]
    assert told(arbiter, *offers) == [LimitChanged(32, CABLE), LimitChanged(13.8, METER)]
    assert arbiter.limit == LimitChanged(13.8, METER)


def test_what_changes_nothing_is_not_told():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32))
    assert told(arbiter, LimitOffered(CABLE, 32), LimitOffered(USER, 40)) == []


def test_of_equals_the_one_before_stays_the_reason():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), LimitOffered(METER, 16))
    assert told(arbiter, LimitOffered(CABLE, 16)) == []
    assert told(arbiter, LimitOffered(METER, 20)) == [LimitChanged(16, CABLE)]


def test_of_those_that_leave_nothing_the_most_urgent_is_heard():
    arbiter = Arbiter()
    assert told(arbiter, LimitOffered(METER, 0)) == [LimitChanged(0, METER)]
    assert told(arbiter, LimitOffered(THERMAL, 0)) == [LimitChanged(0, THERMAL)]
    assert told(arbiter, LimitOffered(CABLE, 0)) == [LimitChanged(0, CABLE)]
    assert told(arbiter, LimitOffered(THERMAL, None), LimitOffered(METER, 0)) == []


def test_a_source_may_say_that_it_sets_no_limit():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), LimitOffered(BACK_OFFICE, 10))
    assert told(arbiter, LimitOffered(BACK_OFFICE, None)) == [LimitChanged(32, CABLE)]


# What is not known.


@pytest.mark.parametrize("amps", [0, 6])
def test_where_nobody_has_spoken_the_fail_safe_holds(amps):
    assert Arbiter(fail_safe_amps=amps).limit == LimitChanged(amps, FAIL_SAFE)


def test_it_holds_again_when_nobody_sets_a_limit_any_more():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32))
    assert told(arbiter, LimitOffered(CABLE, None)) == [LimitChanged(6, FAIL_SAFE)]


def test_a_source_that_nobody_declared_and_that_sets_no_limit_makes_room_for_another():
    arbiter = Arbiter([Source(METER, 10)])
    for number in range(3 * MAX_SOURCES):
        told(arbiter, LimitOffered(f"source {number}", 16))
        assert told(arbiter, LimitOffered(METER, 20)) in ([], [LimitChanged(16, "source 0")])
        told(arbiter, LimitOffered(f"source {number}", None))
    assert arbiter.limit == LimitChanged(20, METER)


def test_a_source_that_promised_another_word_keeps_its_place_though_it_sets_no_limit():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), LimitOffered(METER, None, until=30.0))
    assert arbiter.tick(30.0) == [LimitChanged(6, METER)]


def test_a_source_that_never_set_a_limit_sets_none():
    assert told(Arbiter(), LimitOffered(CABLE, None)) == []


@pytest.mark.parametrize("amps", [-1, 6.1, 32, math.nan, math.inf])
def test_a_fail_safe_that_is_not_safe_is_refused(amps):
    with pytest.raises(ConfigError, match="fail_safe_amps"):
        Arbiter(fail_safe_amps=amps)


def test_a_source_that_is_declared_holds_its_safe_current_until_it_speaks():
    arbiter = Arbiter([Source(METER, 10)])
    assert arbiter.lost == (METER,)
    assert told(arbiter, LimitOffered(CABLE, 32)) == []
    assert told(arbiter, LimitOffered(METER, 25)) == [LimitChanged(25, METER)]


def test_a_source_that_falls_silent_is_lost_and_its_safe_current_holds():
    arbiter = Arbiter([Source(METER, 10)])
    told(arbiter, LimitOffered(CABLE, 32), LimitOffered(METER, 25, until=30.0))
    assert arbiter.deadline == 30.0
    assert arbiter.tick(29.9) == []
    assert arbiter.tick(30.0) == [LimitChanged(10, METER)]
    assert arbiter.lost == (METER,)
    assert arbiter.deadline is None


def test_a_lost_source_that_nobody_declared_leaves_the_fail_safe_never_more():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), LimitOffered(BACK_OFFICE, 16, until=30.0))
    assert arbiter.tick(30.0) == [LimitChanged(6, BACK_OFFICE)]


def test_a_source_that_speaks_in_time_is_not_lost():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(METER, 16, until=5.0), LimitOffered(METER, 16, until=10.0))
    assert arbiter.deadline == 10.0
    assert arbiter.tick(5.0) == []


def test_a_silence_shows_with_the_next_offer_of_another_too():
    arbiter = Arbiter([Source(METER, 0)])
    told(arbiter, LimitOffered(METER, 16, until=5.0))
    assert told(arbiter, LimitOffered(THERMAL, 10), now=6.0) == [LimitChanged(0, METER)]


def test_an_offer_from_the_past_is_none():
    arbiter = Arbiter([Source(METER, 8)])
    told(arbiter, LimitOffered(METER, 32, until=1.0), now=2.0)
    assert arbiter.limit == LimitChanged(8, METER)


# Bounds and senseless words.


def test_no_more_sources_come_up_than_a_house_can_have():
    arbiter = Arbiter([Source(INSTALLATION, 16)])
    told(arbiter, *(LimitOffered(f"profile {n}", 16) for n in range(MAX_SOURCES - 1)))
    with pytest.raises(UsageError, match="more than 20"):
        told(arbiter, LimitOffered("one more", 6))
    told(arbiter, LimitOffered("profile 0", 8))
    assert arbiter.limit == LimitChanged(8, "profile 0")


def test_nor_may_more_be_declared():
    with pytest.raises(ConfigError, match="at most 20"):
        Arbiter(Source(f"source {n}", 6) for n in range(MAX_SOURCES + 1))


@pytest.mark.parametrize("amps", [-0.1, math.nan, math.inf])
def test_a_current_that_is_none_cannot_be_offered(amps):
    with pytest.raises(ValueError, match="no limit"):
        LimitOffered(METER, amps)
    with pytest.raises(ValueError, match="no limit"):
        Source(METER, amps)


def test_a_time_that_is_none_cannot_be_given():
    with pytest.raises(ValueError, match="no time"):
        LimitOffered(METER, 16, until=math.nan)


# What is planned.

PLAN = ((100.0, 10.0), (200.0, None), (300.0, 6.0))


def planned(*steps, source=USER):
    return LimitPlanned(source, steps or PLAN)


def test_a_plan_s_offers_hold_one_after_the_other():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), planned())
    found = []
    while arbiter.deadline is not None:
        now = arbiter.deadline
        found += [(now, action) for action in arbiter.tick(now)]
    assert found == [
        (100, LimitChanged(10, USER)),
        (200, LimitChanged(32, CABLE)),
        (300, LimitChanged(6, USER)),
    ]


def test_it_is_foreseen_and_told_once():
    arbiter = Arbiter()
    [_, told_of] = told(arbiter, LimitOffered(CABLE, 32), planned())
    assert told_of == ForecastChanged(((100, 10), (200, 32), (300, 6)), 1)
    assert arbiter.tick(50) == []


def test_until_a_plan_begins_its_source_s_last_word_holds():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), LimitOffered(USER, 16), planned())
    assert arbiter.limit == LimitChanged(16, USER)


def test_a_plan_that_has_begun_holds_at_once():
    arbiter = Arbiter()
    changed = told(arbiter, LimitOffered(CABLE, 32), planned(), now=250.0)
    assert changed == [LimitChanged(32, CABLE), ForecastChanged(((300, 6),), 1)]
    assert told(arbiter, planned((0.0, 8.0), (240.0, 12.0)), now=250.0) == [
        LimitChanged(12, USER),
        ForecastChanged((), 2),
    ]


def test_nothing_above_another_s_offer_is_foreseen():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 8), planned())
    assert told(arbiter, LimitOffered(METER, 7)) == [LimitChanged(7, METER)]
    told(arbiter, LimitOffered(METER, None))
    assert told(arbiter, LimitOffered(CABLE, 32)) == [
        LimitChanged(32, CABLE),
        ForecastChanged(((100, 10), (200, 32), (300, 6)), 1),
    ]


def test_two_plans_are_foreseen_together():
    arbiter = Arbiter()
    others = planned((150.0, 8.0), (250.0, 20.0), source=BACK_OFFICE)
    *_, foretold = told(arbiter, LimitOffered(CABLE, 32), planned(), others)
    assert foretold.steps == ((100, 10), (150, 8), (250, 20), (300, 6))
    assert foretold.plans == 2


def test_the_same_plan_again_is_another_and_told():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), planned())
    assert told(arbiter, planned()) == [ForecastChanged(((100, 10), (200, 32), (300, 6)), 2)]


def test_a_plan_ends_with_another_word_of_its_source():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(CABLE, 32), planned())
    assert told(arbiter, LimitOffered(USER, None)) == [ForecastChanged((), 1)]
    assert arbiter.deadline is None


def test_a_source_that_may_be_lost_is_foreseen_to_go_on():
    arbiter = Arbiter([Source(METER, 6)])
    meter = LimitOffered(METER, 16, until=50.0)
    *_, foretold = told(arbiter, LimitOffered(CABLE, 32), meter, planned())
    assert foretold.steps == ((100, 10), (200, 16), (300, 6))
    assert arbiter.tick(50) == [LimitChanged(6, METER), ForecastChanged((), 1)]


def test_more_than_there_is_room_for_ends_in_the_least_of_it():
    arbiter = Arbiter()
    one = tuple((2.0 * n, (10.0, 20.0)[n % 2]) for n in range(MOST_STEPS))
    other = tuple((2.0 * n + 1, (None, 8.0)[n % 2]) for n in range(MOST_STEPS))
    told(arbiter, LimitOffered(CABLE, 32), planned(*one))
    *_, foretold = told(arbiter, planned(*other, source=BACK_OFFICE))
    assert len(foretold.steps) == MOST_STEPS
    assert foretold.steps[-1][1] == 8


def test_no_more_sources_can_plan_than_can_speak():
    arbiter = Arbiter()
    told(arbiter, *(LimitOffered(f"source {n}", 16) for n in range(MAX_SOURCES)))
    with pytest.raises(UsageError, match="more than 20 sources"):
        arbiter.receive(planned(), 0.0)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        ((2.0, 6.0), (1.0, 6.0)),
        ((1.0, 6.0), (1.0, 8.0)),
        tuple((float(n), 6.0) for n in range(MOST_STEPS + 1)),
        ((math.nan, 6.0),),
        ((math.inf, 6.0),),
        ((1.0, -1.0),),
    ],
    ids=["none", "backwards", "twice", "many", "no time", "never", "negative"],
)
def test_what_is_no_plan_cannot_be_said(steps):
    with pytest.raises(ValueError, match=r"a plan has|no time|no limit"):
        LimitPlanned(USER, steps)


# Rounding.


@pytest.mark.parametrize(
    ("amps", "rounded"),
    [(0, 0), (2.75, 2.7), (0.3, 0.3), (16.1, 16.1), (16.09999, 16.0), (32, 32), (5.9999, 5.9)],
)
def test_a_limit_is_rounded_down_to_tenths(amps, rounded):
    assert rounded_down(amps) == rounded


@pytest.mark.parametrize(
    ("amps", "rounded"), [(0, 0), (5.9, 0), (6, 6), (9, 6), (15.9, 12), (31, 24), (63, 32)]
)
def test_or_to_the_steps_of_a_wallbox(amps, rounded):
    assert rounded_down(amps, WALLBOX_STEPS) == rounded


def test_below_all_steps_there_is_nothing():
    assert rounded_down(5, (6.0, 10.0)) == 0


def test_a_wallbox_that_has_steps_is_told_no_others():
    arbiter = Arbiter(steps=WALLBOX_STEPS)
    assert told(arbiter, LimitOffered(METER, 19.7)) == [LimitChanged(16, METER)]
    assert told(arbiter, LimitOffered(METER, 17.2)) == []


# The laws.

NAMES = st.sampled_from([CABLE, METER, USER, BACK_OFFICE])
AMPS = st.none() | st.floats(0, 80)
PLANS = st.dictionaries(st.floats(0, 300), AMPS, min_size=1, max_size=5)
OFFERS = st.builds(LimitOffered, NAMES, AMPS, st.none() | st.floats(0, 100))
SAID = (
    OFFERS
    | st.builds(LimitPlanned, NAMES, PLANS.map(lambda plan: tuple(sorted(plan.items()))))
    | st.builds(PhasesUsed, st.sampled_from([(), (0,), (1, 2), (0, 1, 2)]))
)
LASTING = SAID.filter(lambda said: getattr(said, "until", None) is None)
STEPS = st.lists(st.tuples(st.floats(0, 10), OFFERS), max_size=30)


@given(STEPS, st.booleans())
def test_the_deadline_lies_ahead_and_no_standing_offer_is_exceeded(steps, declared):
    arbiter, now, standing = Arbiter([Source(METER, 10)] if declared else []), 0.0, {}
    for wait, offer in steps:
        now += wait
        arbiter.receive(offer, now)
        standing[offer.source] = offer
        alive = [o for o in standing.values() if o.until is None or o.until > now]
        assert all(arbiter.limit.amps <= o.amps for o in alive if o.amps is not None)
        assert arbiter.tick(now) == []
        assert arbiter.deadline is None or arbiter.deadline > now
        if not any(o.amps for o in alive):
            assert arbiter.limit.amps <= (10 if declared else 6)


@given(st.lists(st.tuples(st.floats(0, 10), LASTING), max_size=12))
def test_what_was_foreseen_last_comes_true_if_nobody_says_anything_new(steps):
    arbiter, now, foreseen = Arbiter(), 0.0, ()
    for wait, said in steps:
        now += wait
        arbiter.tick(now)
        for action in arbiter.receive(said, now):
            foreseen = getattr(action, "steps", foreseen)
    found, amps = [], arbiter.limit.amps
    while (at := arbiter.deadline) is not None:
        arbiter.tick(at)
        found += [] if arbiter.limit.amps == amps else [(at, arbiter.limit.amps)]
        amps = arbiter.limit.amps
    assert found == [step for step in foreseen if step[0] > now]


@given(st.floats(0, 100), st.sampled_from([(), WALLBOX_STEPS]))
def test_rounding_never_adds_and_is_done_once(amps, steps):
    rounded = rounded_down(amps, steps)
    assert rounded <= amps
    assert rounded_down(rounded, steps) == rounded


# Phases.

UNEVEN = LimitOffered(HOUSE, 7, None, "", (20, 7, 12))


def test_each_phase_has_its_own_limit_by_its_own_winner():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(INSTALLATION, 16), UNEVEN)
    by = [(phase.amps, phase.source) for phase in arbiter.limit.phases]
    assert by == [(16, INSTALLATION), (7, HOUSE), (12, HOUSE)]


def test_the_least_phase_holds_until_it_is_known_which_are_used():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(INSTALLATION, 16), UNEVEN)
    assert arbiter.limit == LimitChanged(7, HOUSE)
    assert told(arbiter, PhasesUsed((0,))) == [LimitChanged(16, INSTALLATION)]
    assert told(arbiter, PhasesUsed((0, 2))) == [LimitChanged(12, HOUSE)]
    assert told(arbiter, PhasesUsed()) == [LimitChanged(7, HOUSE)]


def test_a_single_phase_of_three_has_a_limit_of_its_own():
    arbiter = Arbiter(single_phase_amps=20)
    told(arbiter, LimitOffered(INSTALLATION, 32))
    assert told(arbiter, PhasesUsed((0,))) == [LimitChanged(20, PHASE_COUNT)]
    assert arbiter.limit.reason == "the vehicle charges on a single phase"
    assert told(arbiter, PhasesUsed((0, 1))) == [LimitChanged(32, INSTALLATION)]


def test_where_there_is_one_phase_it_is_all_of_them():
    arbiter = Arbiter(phases=1, single_phase_amps=20)
    told(arbiter, LimitOffered(INSTALLATION, 32), PhasesUsed((0,)))
    assert arbiter.limit == LimitChanged(32, INSTALLATION)
    told(arbiter, PhasesUsed((2,)))  # which it does not have
    assert arbiter.limit == LimitChanged(32, INSTALLATION)


def test_who_says_another_number_of_phases_is_refused():
    with pytest.raises(UsageError, match="'house' says 3 of our phases"):
        told(Arbiter(phases=1), UNEVEN)


def test_phases_that_do_not_fit_are_no_event():
    with pytest.raises(ValueError, match="not the least"):
        LimitOffered(HOUSE, 20, None, "", (20, 7, 12))
    with pytest.raises(ValueError, match="is no limit"):
        LimitOffered(HOUSE, -1, None, "", (20, -1, 12))


def test_a_lost_source_that_said_each_phase_has_one_safe_value_for_all():
    arbiter = Arbiter([Source(HOUSE, 6)])
    told(arbiter, LimitOffered(INSTALLATION, 16))
    told(arbiter, LimitOffered(HOUSE, 7, 10.0, "", (20, 7, 12)))
    assert arbiter.tick(10.0) == [LimitChanged(6, HOUSE)]
    assert {phase.amps for phase in arbiter.limit.phases} == {6}


def test_a_plan_has_a_reason_too():
    arbiter = Arbiter()
    told(arbiter, LimitOffered(INSTALLATION, 16))
    told(arbiter, LimitPlanned(POWER_RETURN, ((1.0, 0.0), (9.0, None)), "the power was away"))
    [changed] = arbiter.tick(1.0)
    assert (changed, changed.reason) == (LimitChanged(0, POWER_RETURN), "the power was away")
    assert arbiter.tick(9.0) == [LimitChanged(16, INSTALLATION)]


EACH = st.tuples(*[st.floats(0, 63)] * 3)


@given(
    st.dictionaries(NAMES, EACH, min_size=1, max_size=6), st.sampled_from([(), (0,), (1, 2)])
)
def test_no_phase_that_is_used_is_loaded_beyond_what_anybody_says_of_it(offers, used):
    arbiter = Arbiter()
    told(arbiter, *(LimitOffered(n, min(e), None, "", e) for n, e in offers.items()))
    told(arbiter, PhasesUsed(used))
    phases = used or (0, 1, 2)
    assert all(arbiter.limit.amps <= each[p] for each in offers.values() for p in phases)
    most = min(each[p] for each in offers.values() for p in phases)
    assert arbiter.limit.amps > most - 0.11
