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
    refused,
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
        (Parted(CAR), True, False),
    ],
)
def test_who_may_ask(phase, the_car, another):
    assert (may_ask(phase, EV), may_ask(phase, OTHER)) == (the_car, another)


def test_only_the_linked_ev_can_insist_and_it_takes_a_second():
    phase, insists = refused(Joined(CAR), EV, 5.0)
    assert (phase, insists) == (Joined(CAR, asked_at=5.0), False)
    assert refused(phase, EV, 5.9) == (phase, False)
    assert refused(phase, EV, 6.0) == (phase, True)
    assert refused(phase, OTHER, 6.0) == (phase, False)
    assert refused(phase, EV, 15.1) == (Joined(CAR, asked_at=15.1), False)


@pytest.mark.parametrize("change", [asked, lambda phase, now: deserted(phase, "why", now)])
def test_asking_and_failing_change_nothing_once_the_ev_is_known(change):
    assert change(Parted(CAR), 3) == Parted(CAR)


def test_no_failure_is_told_twice_at_one_time():
    again = asked(Closed(reopens=True), now=100)
    assert deserted(again, "why", now=101).deadline == 111
    assert deserted(again, "why", now=159).deadline == again.latest == 160
