"""How many strangers may try their luck."""

import json

import pytest

from seccstack.auth.limiter import (
    CALM,
    CALM_SECONDS,
    LOCK_SECONDS,
    MAX_STRANGERS,
    MOST_LOCK_SECONDS,
    MOST_LOCKS,
    WINDOW_SECONDS,
    Limiter,
    limiter_of,
    text_of,
)
from seccstack.errors import MalformedError


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


# Over a restart.

AT = 1_700_000_000.0
KEPT = {"at": AT, "locks": 1, "locked_for": 900.0, "strangers": [["a", -5.0]]}


def kept(**changes):
    return json.dumps({**KEPT, **changes})


def test_what_was_counted_is_read_back_with_the_time_that_has_passed():
    limiter = tried(tried(CALM, MAX_STRANGERS + 1), 2, 10.0)
    found = limiter_of(text_of(limiter.seen_from(40.0), AT), AT + 60.0)
    assert found == limiter.seen_from(100.0)
    assert found.locked_until == LOCK_SECONDS - 100.0


def test_without_a_lock_out_there_is_none_afterwards():
    assert limiter_of(text_of(CALM, AT), AT + 5.0) == CALM


def test_a_clock_that_went_back_shortens_nothing():
    assert limiter_of(kept(), 0.0) == Limiter((("a", -5.0),), 1, 900.0)


def test_a_stranger_of_the_future_is_one_of_now():
    assert limiter_of(kept(strangers=[["a", 1e9]]), AT).strangers == (("a", 0.0),)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        "[]",
        kept(at=None),
        kept(at=-1.0),
        kept(locks="1"),
        kept(locks=MOST_LOCKS + 1),
        kept(locked_for=MOST_LOCK_SECONDS + 1),
        kept(locked_for=True),
        kept(strangers=None),
        kept(strangers=[["a", 0.0]] * (MAX_STRANGERS + 1)),
        kept(strangers=["a"]),
        kept(strangers=[["a" * 65, 0.0]]),
        kept(strangers=[["a", None]]),
    ],
)
def test_what_is_no_lock_out_is_said_to_be_none(text):
    with pytest.raises(MalformedError, match="lock-out"):
        limiter_of(text, AT)
