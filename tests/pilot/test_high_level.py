"""What the pilot makes of SLAC: who speaks, who is silent, who toggles, whose link is lost."""

import pytest

from seccstack.pilot.limits import (
    Apply,
    AuthorisationExpected,
    EnergyAllowed,
    HighLevelEnded,
    HighLevelFailed,
    HighLevelPaused,
    HighLevelStarted,
    PluggedIn,
    StopWanted,
    ToggleExpected,
    WaitEnded,
)
from seccstack.pilot.phases import Barred, Rested
from seccstack.pilot.port import Digital, Fault, Limit, PilotState, Steady
from seccstack.pilot.settings import Current, Fallback, LinkLoss, Start
from tests.pilot.outlet import (
    charging_by_pulses,
    charging_by_session,
    empty,
    offering,
    talking,
)

A, B, C, D, E, F = PilotState
X1, X2, STATE_F = Apply(Steady()), Apply(Digital()), Apply(Fault())
LOST = HighLevelFailed("the link is lost", lost=True)
FAILED = HighLevelFailed("no answer")
AT_DC = {"current": Current.DC}


# A vehicle that may charge and is silent.


def test_a_vehicle_that_may_charge_has_10_seconds_from_the_greeting_to_speak():
    outlet = empty()
    outlet.pilot(B)
    outlet.wait(3)
    assert outlet.authorise() == []
    assert outlet.wait(20) == [(10, WaitEnded(10.0)), (10, STATE_F), (14, Apply(Limit(16)))]


def test_one_that_is_authorised_later_has_had_them():
    outlet = empty()
    outlet.pilot(B)
    outlet.wait(30)
    assert outlet.authorise() == [WaitEnded(10.0), STATE_F]


def test_how_long_it_may_be_silent_and_how_it_is_told_are_settings():
    outlet = empty(speak_seconds=2.0, step_ef=5.0, fallback=Fallback.FAULT)
    outlet.pilot(B)
    outlet.authorise()
    assert outlet.wait(20) == [(2, WaitEnded(2.0)), (2, STATE_F), (7, Apply(Limit(16)))]


def test_one_that_was_matched_is_left_to_speak():
    outlet = empty()
    outlet.pilot(B)
    outlet.tell(HighLevelStarted(matched=True))
    outlet.authorise()
    assert outlet.wait(100) == []


def test_one_that_has_only_asked_has_10_seconds_to_be_matched():
    outlet = empty()
    outlet.pilot(B)
    outlet.wait(5)
    outlet.tell(HighLevelStarted())
    outlet.authorise()
    assert outlet.wait(20)[0] == (15, WaitEnded(10.0))


def test_neighbours_that_ask_and_ask_make_it_wait_only_once():
    outlet = empty()
    outlet.pilot(B)
    outlet.authorise()
    done = []
    for _ in range(12):
        outlet.tell(HighLevelStarted())
        done += outlet.wait(1)
    assert done[0] == (10, WaitEnded(10.0))


def test_one_that_has_failed_to_be_matched_has_10_seconds_more():
    outlet = empty()
    outlet.pilot(B)
    outlet.tell(HighLevelStarted())
    outlet.authorise()
    outlet.wait(7)
    outlet.tell(HighLevelPaused())
    assert outlet.wait(11)[0] == (17, WaitEnded(10.0))


def test_one_in_a_session_has_nothing_to_hurry_for():
    outlet = talking()
    outlet.tell(HighLevelStarted(in_session=True), HighLevelPaused())
    assert outlet.wait(100) == []


def test_at_pulse_width_nobody_is_waited_for():
    outlet = offering()
    assert outlet.tell(HighLevelPaused()) == []


# A vehicle that was expected.


def test_a_vehicle_that_is_expected_with_a_card_is_greeted_by_pulse_width():
    outlet = empty()
    outlet.tell(AuthorisationExpected(True))
    assert outlet.pilot(B) == [PluggedIn(1)]
    assert outlet.authorise() == [Apply(Limit(16))]


def test_one_that_is_no_longer_expected_is_asked_to_speak():
    outlet = empty()
    outlet.tell(AuthorisationExpected(True), AuthorisationExpected(False))
    assert outlet.pilot(B) == [PluggedIn(1), X2]


def test_one_that_is_asked_who_it_is_begins_at_5_percent_whatever_is_set():
    outlet = empty(start=Start.NOMINAL)
    outlet.tell(AuthorisationExpected(True, asked_who=True))
    assert outlet.pilot(B) == [PluggedIn(1), X2]


# Authorised while it is being matched.


def matching(**settings):
    outlet = empty(when_authorised=Start.NOMINAL, **settings)
    outlet.pilot(B)
    outlet.tell(HighLevelStarted(matched=True))
    return outlet


def test_by_the_letter_it_goes_by_x1_to_pulse_width():
    outlet = matching(step_x1=2.0)
    assert outlet.authorise() == [X1]
    assert outlet.wait(10) == [(2, Apply(Limit(16)))]


def test_what_the_session_says_meanwhile_is_heard():
    outlet = matching()
    outlet.authorise()
    outlet.tell(HighLevelStarted(in_session=True), EnergyAllowed(True))
    outlet.wait(3.2)
    outlet.pilot(C)
    assert outlet.closed


def test_a_session_that_ends_during_x1_rests():
    outlet = matching()
    outlet.authorise()
    outlet.tell(HighLevelStarted(in_session=True), HighLevelEnded())
    assert isinstance(outlet.machine.phase, Rested)
    assert outlet.machine.phase.resume is Start.NOMINAL


def test_a_matching_that_fails_during_x1_changes_nothing():
    outlet = matching()
    outlet.authorise()
    assert outlet.tell(FAILED) == []
    assert outlet.wait(10) == [(3, Apply(Limit(16)))]


# A link that is lost.


@pytest.mark.parametrize("loss", LinkLoss)
def test_without_an_authorisation_a_lost_link_at_x1_is_begun_anew(loss):
    outlet = empty(start=Start.NOMINAL, link_loss=loss)
    outlet.pilot(B)
    outlet.tell(LOST)
    assert outlet.wait(20) == [(3, STATE_F), (7, X2)]


def test_at_pulse_width_it_changes_nothing_by_option_b():
    outlet = charging_by_pulses()
    assert outlet.tell(LOST) == []
    assert outlet.wait(100) == []


def test_by_option_a_the_vehicle_has_its_time_and_then_all_begins_anew():
    outlet = charging_by_pulses(link_loss=LinkLoss.RESTART)
    start = outlet.now
    assert outlet.tell(LOST) == [X1]
    assert outlet.closed
    outlet.wait(2)
    outlet.pilot(B)
    assert not outlet.closed
    told = [(round(at - start, 3), action) for at, action in outlet.wait(20)]
    assert told == [(3, STATE_F), (7, Apply(Limit(16)))]


def test_one_that_does_not_stop_is_opened_under_load_after_6_seconds():
    outlet = charging_by_pulses(link_loss=LinkLoss.RESTART)
    start = outlet.now
    outlet.tell(LOST)
    told = [round(at - start, 3) for at, action in outlet.wait(20) if action != X1]
    assert told[:2] == [6, 6]  # the contactor, and F at once


def test_a_second_loss_meanwhile_is_none():
    outlet = charging_by_pulses(link_loss=LinkLoss.RESTART)
    outlet.tell(LOST)
    assert outlet.tell(LOST) == []


# Toggles.


def test_a_toggle_at_pulse_width_closes_no_contactor():
    outlet = offering()
    outlet.tell(ToggleExpected(True))
    outlet.pilot(C, B, C)
    assert not outlet.closed
    outlet.tell(ToggleExpected(False))
    assert outlet.closed


def test_a_toggle_wakes_nobody():
    outlet = talking()
    outlet.tell(HighLevelEnded(), ToggleExpected(True))
    outlet.pilot(C, B)
    assert outlet.wait(10) == []


def test_an_unplugged_outlet_expects_no_toggle():
    outlet = empty()
    outlet.tell(ToggleExpected(True))
    outlet.pilot(B)
    assert not outlet.machine._case.toggling


def test_a_contactor_that_is_closed_stays_so_as_long_as_state_c_does():
    outlet = charging_by_pulses()
    assert outlet.tell(ToggleExpected(True)) == []
    outlet.pilot(B)
    assert not outlet.closed


# An outlet for DC.


def test_a_dc_outlet_says_5_percent_whatever_it_was_told_to_begin_with():
    outlet = empty(start=Start.NOMINAL, **AT_DC)
    assert outlet.pilot(B) == [PluggedIn(1), X2]


def test_a_vehicle_that_is_ready_at_once_can_speak_there():
    assert empty(**AT_DC).pilot(C) == [PluggedIn(1), X2]
    assert empty(simplified_pilot=False).pilot(C) == [PluggedIn(1)]


def test_an_authorised_vehicle_is_asked_three_times_and_then_rests_at_x1():
    outlet = empty(**AT_DC)
    outlet.pilot(B)
    outlet.authorise()
    for _ in range(2):
        assert outlet.tell(FAILED) == [STATE_F]
        assert outlet.wait(60)[0][1] == X2
    assert outlet.tell(FAILED) == [STATE_F]
    assert [action for _, action in outlet.wait(100)] == [X1]
    assert isinstance(outlet.machine.phase, Rested)


def test_what_wakes_it_is_a_toggle_or_an_authorisation():
    for sign in (lambda outlet: outlet.pilot(C), lambda outlet: outlet.authorise()):
        outlet = empty(retries=0, **AT_DC)
        outlet.pilot(B)
        outlet.tell(FAILED)
        outlet.wait(10)
        assert sign(outlet) == [X2]


def test_a_dc_session_allows_energy_as_any_other():
    outlet = charging_by_session(**AT_DC)
    outlet.tell(StopWanted())
    outlet.tell(EnergyAllowed(False))
    assert not outlet.closed


def test_a_vehicle_that_cannot_be_served_stays_so():
    outlet = empty(simplified_pilot=False)
    outlet.pilot(C)
    outlet.tell(HighLevelPaused(), LOST)
    assert outlet.machine.phase == Barred()


def test_a_simplified_vehicle_is_still_one_after_a_fault_and_never_offered_5_percent():
    outlet = empty()
    outlet.pilot(C, E, C)
    outlet.wait(60)
    assert Apply(Digital()) not in outlet.asked
    outlet.pilot(A, B)
    assert outlet.signal == Digital()
