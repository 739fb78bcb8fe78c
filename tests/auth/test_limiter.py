"""How many strangers may try their luck."""

import pytest

from seccstack.auth.limiter import (
    CALM,
    CALM_SECONDS,
    LOCK_SECONDS,
    MAX_STRANGERS,
    MOST_LOCK_SECONDS,
    MOST_LOCKS,
    WINDOW_SECONDS,
)


def tried(limiter, count, now=0.0):
    for number in range(count):
        limiter = limiter.failed(f"{now} {number}", now)
    return limiter


def test_some_strangers_an_hour_are_no_attack():
    assert tried(CALM, MAX_STRANGERS).locked(0.0) is None


def test_one_more_is():
    limiter = tried(CALM, MAX_STRANGERS + 1)
    assert "for 16 min no vehicle is let in for its address alone" in limiter.locked(0.0)
    assert "for 1 min" in limiter.locked(LOCK_SECONDS - 1)
    assert limiter.locked(LOCK_SECONDS) is None


def test_the_same_one_counts_once():
    limiter = tried(CALM, MAX_STRANGERS)
    assert limiter.failed("0.0 1", 1.0) == limiter


def test_those_of_an_hour_ago_are_forgotten():
    limiter = tried(tried(CALM, MAX_STRANGERS), MAX_STRANGERS, WINDOW_SECONDS)
    assert limiter.locked(WINDOW_SECONDS) is None
    assert len(limiter.strangers) == MAX_STRANGERS


def test_each_lock_is_twice_as_long_up_to_a_day_however_often():
    limiter, lengths = CALM, []
    for number in range(MOST_LOCKS + 3):
        now = number * 10.0
        limiter = tried(limiter, MAX_STRANGERS + 1, now)
        lengths.append(limiter.locked_until - now)
    assert lengths[:3] == [LOCK_SECONDS, 2 * LOCK_SECONDS, 4 * LOCK_SECONDS]
    assert lengths[-1] == lengths[-2] == MOST_LOCK_SECONDS


@pytest.mark.parametrize(("later", "times"), [(CALM_SECONDS - 1, 2), (CALM_SECONDS + 1, 1)])
def test_after_a_calm_day_it_begins_with_the_first(later, times):
    now = LOCK_SECONDS + later
    limiter = tried(tried(CALM, MAX_STRANGERS + 1), MAX_STRANGERS + 1, now)
    assert limiter.locked_until - now == times * LOCK_SECONDS
