"""Who may draw how much, and who said so."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.arbiter import (
    BACK_OFFICE,
    CABLE,
    FAIL_SAFE,
    INSTALLATION,
    MAX_SOURCES,
    METER,
    THERMAL,
    USER,
    WALLBOX_STEPS,
    Arbiter,
    LimitChanged,
    LimitOffered,
    Source,
    p_max_watts,
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
    with pytest.raises(UsageError, match="more than 16"):
        told(arbiter, LimitOffered("one more", 6))
    told(arbiter, LimitOffered("profile 0", 8))
    assert arbiter.limit == LimitChanged(8, "profile 0")


def test_nor_may_more_be_declared():
    with pytest.raises(ConfigError, match="at most 16"):
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


# The facts sheet's table: 230 V, one phase and three.
@pytest.mark.parametrize(
    ("amps", "one", "three"),
    [
        (0, 0, 0), (6, 1380, 4140), (8, 1840, 5520), (10, 2300, 6900), (12, 2760, 8280),
        (13, 2990, 8970), (16, 3680, 11040), (20, 4600, 13800), (24, 5520, 16560),
        (25, 5750, 17250), (32, 7360, 22080), (40, 9200, 27600),
    ],
)  # fmt: skip
def test_the_power_is_the_exact_product(amps, one, three):
    assert p_max_watts(amps, phases=1) == one
    assert p_max_watts(float(amps), phases=3) == three


def test_the_power_of_a_part_of_an_ampere_is_whole_watts_below_it():
    assert p_max_watts(2.7, volts=230.5, phases=1) == 622


@pytest.mark.parametrize("phases", [0, 2, 4])
def test_there_are_one_or_three_phases(phases):
    with pytest.raises(ValueError, match="phases"):
        p_max_watts(16, phases=phases)


# The laws.

NAMES = st.sampled_from([CABLE, METER, USER, BACK_OFFICE])
AMPS = st.none() | st.floats(0, 80)
OFFERS = st.builds(LimitOffered, NAMES, AMPS, st.none() | st.floats(0, 100))
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


@given(st.floats(0, 100), st.sampled_from([(), WALLBOX_STEPS]))
def test_rounding_never_adds_and_is_done_once(amps, steps):
    rounded = rounded_down(amps, steps)
    assert rounded <= amps
    assert rounded_down(rounded, steps) == rounded
