"""What a simulated vehicle draws."""

import pytest

from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.sim.onboard import Heeds, OnBoardCharger


def charger(signal=None, told=None, mains=True, ready=True):
    return OnBoardCharger(6, 32, 0.4, signal=signal, told_amps=told, mains=mains, ready=ready)


@pytest.mark.parametrize(
    ("signal", "told", "amps"),
    [
        (Digital(), 16, 16),
        (Digital(), None, 0),
        (Digital(), 40, 32),
        (Digital(), 5.9, 0),
        (Limit(16), None, 16),
        (Limit(16), 10, 10),
        (Limit(10), 16, 10),
        (Limit(63), None, 32),
        (Steady(), 16, 0),
        (Fault(), 16, 0),
        (None, 16, 0),
    ],
)
def test_it_wants_what_pulses_and_session_allow_and_the_battery_can_take(signal, told, amps):
    assert charger(signal, told).wanted == pytest.approx(amps, abs=0.05)


@pytest.mark.parametrize("missing", ["mains", "ready"])
def test_it_wants_nothing_without_mains_or_with_s2_open(missing):
    assert charger(Limit(16), **{missing: False}).wanted == 0


def test_it_takes_a_while_to_follow():
    one = charger(Digital(), 16)
    assert one.follow(1.0) is None
    assert one.deadline == 1.4
    assert one.tick(1.3) is None
    assert one.tick(1.4) == 16
    assert (one.drawn, one.deadline) == (16, None)


def test_limits_that_change_all_the_time_do_not_keep_it_from_following():
    one = charger(Digital(), 16)
    one.follow(1.0)
    one.told_amps = 10
    one.follow(1.3)
    assert one.tick(1.4) == 10


def test_a_change_that_is_taken_back_is_none():
    one = charger(Digital(), 16)
    one.follow(1.0)
    one.tick(1.4)
    one.told_amps = 10
    one.follow(2.0)
    one.told_amps = 16
    assert one.follow(2.1) is None
    assert one.deadline is None


def test_without_mains_it_stops_at_once():
    one = charger(Digital(), 16)
    one.follow(1.0)
    one.tick(1.4)
    one.mains = False
    assert one.follow(2.0) == 0
    assert one.deadline is None


def heedless(heeds):
    one = charger(Digital(), 16)
    one.heeds, one.drawn = heeds, 16
    return one


@pytest.mark.parametrize(
    ("heeds", "told", "agreed"),
    [(Heeds.ALL, 10, 8), (Heeds.PULSES, 16, 16), (Heeds.NEGOTIATED, 16, 8)],
)
def test_what_a_session_says_is_heeded_or_not(heeds, told, agreed):
    one = heedless(heeds)
    one.tell(10, negotiated=False)
    assert one.wanted == told
    one.tell(8, negotiated=True)
    assert one.wanted == agreed


def test_one_that_heeds_nothing_draws_while_there_are_mains():
    one = heedless(Heeds.NOTHING)
    one.signal = Steady()
    assert one.offered
    assert one.wanted == 16
    one.mains = False
    assert one.wanted == 0


@pytest.mark.parametrize(("told", "amps"), [(-5, -5), (-20, -10)])
def test_it_gives_what_a_session_wants_and_it_can(told, amps):
    giving = OnBoardCharger(
        6, 32, 0.4, signal=Digital(), told_amps=told, mains=True, ready=True
    )
    assert giving.wanted == 0
    giving.gives_amps = 10
    assert giving.wanted == amps
    giving.mains = False
    assert giving.wanted == 0
