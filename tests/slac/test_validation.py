"""Toggles of the pilot line, counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.homeplug.messages import SlacMatchCnf, ValidateCnf, ValidateReq
from seccstack.slac.evse import LineTurned, Matched, ToggleExpected, VehicleLeft
from seccstack.slac.validation import Toggles, Validation, begun_by, window_seconds
from tests.slac.bench import EV, OTHER, RUN, Bench, choice, sent

PARTS = st.floats(0.0, 1.0).filter(lambda s: not any(abs(s - e) < 1e-6 for e in (0.15, 0.45)))


def toggled(*parts):
    """Toggles whose parts, C and B by turns, took so many seconds."""
    toggles, now = Toggles(), 10.0
    for n, seconds in enumerate(parts):
        toggles = toggles.seen(drawing=n % 2 == 0, now=now)
        now += seconds
    return toggles if len(parts) % 2 == 0 else toggles.seen(drawing=False, now=now)


@pytest.mark.parametrize("seconds", [0.16, 0.2, 0.3, 0.4, 0.44])
def test_a_part_may_take_200_to_400_ms_and_a_little_less_or_more(seconds):
    assert toggled(seconds, seconds, seconds).count == 2


@pytest.mark.parametrize("seconds", [0.01, 0.14, 0.46, 3.0])
def test_a_state_c_of_another_length_is_no_toggle(seconds):
    assert toggled(seconds, 0.3, 0.3).count == 1


@pytest.mark.parametrize("seconds", [0.01, 0.46])
def test_a_state_b_of_another_length_spoils_the_toggle_after_it_alone(seconds):
    assert toggled(0.3, seconds, 0.3, 0.3, 0.3).count == 2


@given(parts=st.lists(PARTS, max_size=8))
def test_no_toggle_is_counted_that_is_not_whole(parts):
    good = [0.15 <= seconds <= 0.45 for seconds in parts]
    least = sum(c and b for c, b in zip(good[::2], [True, *good[1::2]], strict=False))
    assert toggled(*parts).count == least


def test_a_vehicle_that_is_in_state_c_already_has_toggled_nothing_when_it_leaves_it():
    assert Toggles().seen(drawing=False, now=1.0).count == 0


@pytest.mark.parametrize(("risen_at", "counted"), [(None, 0), (9.79, 0), (9.8, 1), (10.0, 1)])
def test_an_edge_just_before_its_announcement_counts(risen_at, counted):
    now = max(10.1, (risen_at or 0) + 0.3)
    assert begun_by(risen_at, 10.0).seen(drawing=False, now=now).count == counted


@pytest.mark.parametrize(("timer", "seconds"), [(1, 0.2), (19, 2.0), (34, 3.5), (255, 3.5)])
def test_toggles_are_watched_as_long_as_announced_and_never_longer(timer, seconds):
    assert window_seconds(ValidateReq(timer=timer)) == pytest.approx(seconds)


@pytest.mark.parametrize(("count", "result"), [(0, 3), (1, 2), (3, 2), (4, 3), (300, 3)])
def test_one_to_three_toggles_succeed(count, result):
    told = Toggles(count).judged()
    assert (told.toggles, told.result) == (min(count, 255), result)


# In the whole of matching.


@pytest.fixture
def bench():
    bench = Bench(validation=Validation.ON)
    bench.get_chosen()
    return bench


def toggle(bench, times=1):
    for _ in range(times):
        for drawing in (True, False):
            bench.tell(LineTurned(drawing))
            bench.wait(0.3)


def expected(bench):
    return [a.on for _, a in bench.done if isinstance(a, ToggleExpected)]


def test_the_pilot_is_told_from_the_first_step_to_the_last_that_state_c_is_no_wish(bench):
    assert expected(bench) == []
    bench.say(ValidateReq())
    assert expected(bench) == [True]
    bench.say(ValidateReq(timer=9))
    toggle(bench)
    bench.wait(0.5)
    assert expected(bench) == [True, False]


def test_a_vehicle_that_leaves_meanwhile_is_waited_for_no_more(bench):
    bench.say(ValidateReq())
    bench.tell(VehicleLeft())
    assert expected(bench) == [True, False]


def test_a_match_says_how_often_it_toggled(bench):
    bench.say(ValidateReq())
    bench.say(ValidateReq(timer=19))
    toggle(bench, 2)
    bench.wait(0.9)
    assert bench.say(choice())
    [matched] = [a for _, a in bench.done if isinstance(a, Matched)]
    assert matched.toggles == 2


def test_who_did_not_toggle_is_not_given_the_key(bench):
    bench.say(ValidateReq())
    bench.say(ValidateReq(timer=1))
    [(at, told), *_] = bench.wait(0.2)
    assert (at, sent([told])) == (pytest.approx(0.2), [ValidateCnf(toggles=0, result=3)])
    assert bench.say(choice()) == []


def test_an_announcement_that_is_repeated_changes_nothing(bench):
    bench.say(ValidateReq())
    bench.say(ValidateReq(timer=9))
    toggle(bench)
    assert bench.say(ValidateReq(timer=9)) == []
    bench.wait(0.5)
    assert bench.said(ValidateCnf) == pytest.approx([0.0, 1.0])


def test_but_after_the_toggles_it_is_answered_again(bench):
    bench.say(ValidateReq())
    bench.say(ValidateReq(timer=5))
    toggle(bench)
    bench.wait(0.1)
    assert bench.say(ValidateReq(timer=5)) == [ValidateCnf(toggles=1, result=2)]


@pytest.mark.parametrize("timer", [0, 3])
def test_another_announcement_is_ignored_by_then(bench, timer):
    bench.say(ValidateReq())
    bench.say(ValidateReq(timer=5))
    assert bench.say(ValidateReq(timer=timer)) == []
    toggle(bench)
    assert bench.say(ValidateReq(timer=timer)) == []


def test_the_first_step_cannot_be_repeated_for_ever():
    bench = Bench(validation=Validation.ON)
    bench.get_chosen()
    for _ in range(40):
        bench.say(ValidateReq())
        bench.wait(0.3)
    assert max(bench.said(ValidateCnf)) < 10.01
    assert bench.say(choice()) == []


def test_who_is_validating_may_not_choose_yet(bench):
    bench.say(ValidateReq())
    assert bench.say(choice()) == []


def test_when_the_first_is_done_the_other_may_validate(bench):
    bench.get_chosen(OTHER)
    bench.say(ValidateReq())
    assert bench.say(ValidateReq(), OTHER) == [ValidateCnf(result=0)]
    bench.wait(1.3)  # the first has failed
    assert bench.say(ValidateReq(), OTHER) == [ValidateCnf(result=1)]
    bench.say(ValidateReq(timer=5), OTHER)
    toggle(bench)
    assert bench.say(choice(OTHER), OTHER)


def test_edges_of_the_line_before_anybody_validates_are_nobodys():
    bench = Bench(validation=Validation.ON)
    toggle(bench)
    assert isinstance(bench.match()[0], SlacMatchCnf)
    assert (bench.done[-1][1].ev_mac, bench.done[-1][1].run_id) == (EV, RUN)
