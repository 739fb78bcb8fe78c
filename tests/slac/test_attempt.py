"""One attempt's transitions that the machine above it never asks for by itself."""

import pytest

from seccstack.homeplug.messages import AttenProfileInd
from seccstack.slac.attempt import (
    AwaitingChoice,
    AwaitingResponse,
    AwaitingStart,
    Ev,
    Sounding,
    mean,
    on_message,
)
from tests.slac.bench import EV, PROFILE, RUN, response, start

ME = Ev(EV, RUN)
SOUND = AttenProfileInd(ev_mac=EV, attenuations=PROFILE)


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (AwaitingStart(ME, 1), SOUND),
        (AwaitingStart(ME, 1), response()),
        (Sounding(ME, 1), response()),
        (AwaitingResponse(ME, 1, None), start()),
        (AwaitingResponse(ME, 1, None), SOUND),
        (AwaitingChoice(ME, 1, None), start()),
    ],
)
def test_what_is_not_due_changes_nothing(attempt, message):
    assert on_message(attempt, message, (0,) * 58, now=0.5) is None


@pytest.mark.parametrize(
    ("levels", "correction", "expected"),
    [((20, 21), 0, 21), ((20, 20, 21), 0, 20), ((20, 21, 21), 0, 21), ((7,), 10, 17)],
)
def test_a_mean_is_the_nearest_number_of_decibels(levels, correction, expected):
    profiles = tuple(bytes([level]) * 58 for level in levels)
    assert mean(profiles, (correction,) * 58) == bytes([expected]) * 58


def test_groups_are_averaged_each_by_itself():
    assert mean((PROFILE, PROFILE), (0,) * 58) == PROFILE
