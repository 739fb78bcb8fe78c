"""Who may ask in which phase of a plug-in."""

import pytest

from seccstack.slac.attempt import Ev
from seccstack.slac.phases import (
    Away,
    Closed,
    Joined,
    Joining,
    Parted,
    asked,
    deserted,
    may_ask,
    opened,
)
from tests.slac.bench import EV, OTHER, RUN

CAR = Ev(EV, RUN)


@pytest.mark.parametrize(
    ("phase", "the_car", "another"),
    [
        (Away(), False, False),
        (opened(0, 50), True, True),
        (Closed(reopens=False), False, False),
        (Closed(reopens=True), True, True),
        (Joining(CAR, None, None, 12), True, False),
        (Joined(CAR), False, False),
        (Joined(CAR, asked_at=0.1), False, False),
        (Joined(CAR, asked_at=0.0), True, False),
        (Parted(CAR), True, False),
    ],
)
def test_who_may_ask(phase, the_car, another):
    assert (may_ask(phase, EV, 1.0), may_ask(phase, OTHER, 1.0)) == (the_car, another)


@pytest.mark.parametrize("change", [asked, lambda phase, now: deserted(phase, "why", now)])
def test_asking_and_failing_change_nothing_once_the_ev_is_known(change):
    assert change(Parted(CAR), 3) == Parted(CAR)


def test_no_failure_is_told_twice_at_one_time():
    again = asked(Closed(reopens=True), now=100)
    assert deserted(again, "why", now=101).deadline == 111
    assert deserted(again, "why", now=159).deadline == again.latest == 160
