"""What follows from what was told."""

import pytest

from seccstack.pilot.port import PilotState
from seccstack.pilot.settings import Settings
from seccstack.pilot.situation import Conditions, Situation

MET = {
    "vehicle_ready": True,
    "energy_allowed": True,
    "authorised": True,
    "limit_amps": 6.0,
}


def test_nothing_is_missing_when_the_four_conditions_hold():
    assert Conditions(**MET).missing == ()


@pytest.mark.parametrize(
    ("unmet", "words"),
    [
        ({"vehicle_ready": False}, "the vehicle is not ready"),
        ({"energy_allowed": False}, "energy is not allowed yet"),
        ({"authorised": False}, "this plug-in is not authorised"),
        ({"limit_amps": 5.9}, "the limit is below 6 A"),
    ],
)
def test_each_condition_that_is_not_met_says_so(unmet, words):
    assert Conditions(**(MET | unmet)).missing == (words,)


def test_nothing_is_no_limit_to_close_the_contactor_for_whatever_the_vehicle_follows():
    assert Conditions(**(MET | {"limit_amps": 0.0}), least_amps=0.0).guard(False) is None


def test_a_vehicle_in_d_is_ready_only_where_there_is_ventilation():
    vehicle = PilotState.READY_VENTILATED
    assert not Situation(vehicle=vehicle).ready
    assert Situation(Settings(ventilated=True), vehicle=vehicle).ready


def test_while_we_are_blind_no_vehicle_is_ready():
    assert Situation(vehicle=PilotState.READY).ready
    assert not Situation(vehicle=PilotState.READY, blind=True).ready


def test_a_stop_that_is_wanted_leaves_nothing_to_draw_and_no_patience():
    case = Situation(limit_amps=16.0, stopped=True)
    assert (case.amps, case.patience) == (0.0, 0.0)


def test_the_end_of_a_plug_in_voids_all_that_was_its_own():
    case = Situation(limit_amps=16.0)
    case.begin()
    case.granted, case.stopped, case.high_level, case.word = 1, True, True, True
    case.end()
    after = Situation(limit_amps=16.0, plug_in=1, wakes=0)
    assert case == after


def test_the_next_plug_in_bears_what_the_last_one_did_not():
    case = Situation(wakes=3, wakes_refused=2, wake_at=900.0)
    case.begin()
    assert case.may_wake
    assert (case.wakes, case.wakes_refused, case.wake_at) == (0, None, float("-inf"))


@pytest.mark.parametrize(
    ("granted", "authorised"), [(None, False), (1, False), (2, True), (3, False)]
)
def test_an_authorisation_counts_for_the_plug_in_whose_number_it_bears(granted, authorised):
    assert Situation(plug_in=2, granted=granted).authorised is authorised
