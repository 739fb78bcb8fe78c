"""What a vehicle is known to follow counts for what is said of its limit."""

from seccstack.pilot.limits import Apply
from seccstack.pilot.port import Digital, Limit
from tests.explain.test_rules import CLOSED, GRANTED, READY, answer, ignores, limit, note


def least(amps, refused=0.0):
    return note("least current", amps=amps, refused=refused)


FOUND = note("least current found", amps=2.8, final=True, why="it stopped drawing")


def test_less_than_pulses_can_say_is_no_obstacle_to_one_that_follows_it():
    told = answer(GRANTED, least(2.8), limit("solar", 3.0))
    assert told["cause"] != "limit"


def test_less_than_it_is_known_to_follow_is():
    told = answer(GRANTED, least(2.8, 2.8), limit("solar", 2.0))
    assert told["cause"] == "limit"
    assert told["says"] == (
        "The limit is 2 A, set by solar; "
        "the least that this vehicle is known to follow is 2.8 A."
    )


def test_why_it_is_known_is_said_where_it_was_found_just_now():
    told = answer(GRANTED, least(2.8, 2.8), FOUND, limit("solar", 2.0))
    assert told["says"].endswith("is known to follow is 2.8 A (it stopped drawing).")


def test_what_was_found_for_the_time_being_is_no_reason():
    soon = note("least current found", amps=2.8, final=False, why="no less was asked for")
    told = answer(GRANTED, least(2.8), soon, limit("solar", 2.0))
    assert told["says"].endswith("is known to follow is 2.8 A.")


def test_one_that_needs_more_than_others_is_left_too_little_by_6_amperes():
    told = answer(GRANTED, least(8.0), limit("solar", 7.0))
    assert told["says"].endswith("is known to follow is 8 A.")


def test_by_pulses_the_least_is_the_same_for_all():
    given_up = note("pulse width", why="nobody has spoken")
    for by_pulses in (Apply(Limit(6)), given_up):
        told = answer(GRANTED, least(2.8), by_pulses, limit("solar", 3.0))
        assert told["says"].endswith("the least that can be offered is 6 A.")


def test_so_little_that_it_refuses_it_ends_the_charge():
    charging = (GRANTED, READY, *CLOSED, Apply(Digital()))
    assert answer(*charging, least(2.8), limit("solar", 2.0))["cause"] == "charging"
    assert answer(*charging, least(2.8, 2.8), limit("solar", 2.0))["cause"] == "limit"


def test_how_soon_it_follows_is_said_of_one_that_draws_too_much():
    known = note("reaction", seconds=13.0, times=3)
    drawn = note("current", amps=16.0)
    told = answer(GRANTED, known, READY, *CLOSED, drawn, limit("house", 13.0), ignores("noted"))
    assert told["says"].endswith(
        "too much, and it was noted. It is known to follow a limit within 13 s."
    )
