"""The sequences of a plug-in, from the greeting to the rest after it."""

import pytest

from seccstack.pilot.limits import (
    Apply,
    AuthorisationEnded,
    Authorised,
    EnergyAllowed,
    HighLevelEnded,
    HighLevelFailed,
    HighLevelStarted,
    LimitSet,
    PluggedIn,
    SetContactor,
    StopRequested,
    StopWanted,
    Unplugged,
    WakesKnown,
)
from seccstack.pilot.phases import Barred, Offering, Talking, signal_of
from seccstack.pilot.port import Digital, Fault, Limit, PilotState, Steady
from seccstack.pilot.settings import Fallback, Start
from seccstack.pilot.situation import Situation
from seccstack.pilot.transitions import advance, woken
from tests.pilot.outlet import (
    Outlet,
    charging_by_pulses,
    charging_by_session,
    empty,
    offering,
    talking,
)

A, B, C, D, E, F = PilotState
OPEN, CLOSE = SetContactor(False), SetContactor(True)
X1, X2, STATE_F = Apply(Steady()), Apply(Digital()), Apply(Fault())
FAILED = HighLevelFailed("no answer")


# The greeting.


def test_a_vehicle_is_greeted_with_five_percent():
    assert empty().pilot(B) == [PluggedIn(1), X2]


def test_or_with_pulses_which_wait_for_the_authorisation():
    outlet = empty(start=Start.NOMINAL)
    assert outlet.pilot(B) == [PluggedIn(1)]
    assert outlet.authorise() == [Apply(Limit(16))]


def test_a_vehicle_that_was_authorised_ahead_gets_pulses_at_once():
    outlet = empty()
    outlet.tell(Authorised(1))
    assert outlet.pilot(B, C) == [PluggedIn(1), Apply(Limit(16))]


def test_unless_it_is_to_be_heard_first():
    outlet = empty(start_authorised=Start.DIGITAL)
    outlet.tell(Authorised(1))
    assert outlet.pilot(B) == [PluggedIn(1), X2]


def test_an_authorisation_during_the_talk_changes_nothing_on_the_line():
    outlet = empty()
    outlet.pilot(B)
    assert outlet.authorise() == []


def test_a_vehicle_without_s2_cannot_talk_and_gets_pulses_at_once():
    outlet = empty()
    assert outlet.pilot(C) == [PluggedIn(1)]
    assert outlet.authorise() == [Apply(Limit(16))]


def test_a_charger_may_refuse_vehicles_without_s2():
    outlet = empty(simplified_pilot=False)
    outlet.tell(Authorised(1))
    assert outlet.pilot(C) == [PluggedIn(1)]
    assert outlet.machine.phase == Barred()
    assert outlet.pilot(B, C) == []


def test_a_vehicle_that_was_ready_before_we_began_to_look_may_have_an_s2():
    outlet = Outlet()
    assert outlet.pilot(C) == [OPEN, PluggedIn(1), X2]


def test_pulses_never_offer_more_than_80_amperes():
    assert offering(limit=100.0).signal == Limit(80)


@pytest.mark.parametrize("amps", [-1, float("nan"), 0])
def test_a_limit_that_is_none_offers_nothing(amps):
    assert offering(limit=amps).signal == Steady()


# Falling back to pulses.


def test_a_vehicle_that_never_spoke_gets_f_for_4_seconds_and_then_pulses():
    outlet = empty()
    outlet.pilot(B)
    outlet.authorise()
    assert outlet.tell(FAILED) == [STATE_F]
    assert outlet.wait(10) == [(4.0, Apply(Limit(16)))]


def test_a_session_that_broke_off_gets_x1_for_3_seconds_before_that():
    outlet = talking()
    assert outlet.tell(FAILED) == [X1]
    assert outlet.wait(10) == [(3.0, STATE_F), (7.0, Apply(Limit(16)))]


def test_or_only_x1_where_f_is_taken_for_a_defect():
    outlet = talking(fallback=Fallback.STEADY)
    assert outlet.tell(FAILED) == [X1]
    assert outlet.wait(10) == [(3.0, Apply(Limit(16)))]


def test_without_an_authorisation_the_talk_is_tried_three_times_and_then_waits_at_x1():
    outlet = empty()
    outlet.pilot(B)
    for _ in range(2):
        assert outlet.tell(FAILED) == [STATE_F]
        assert outlet.wait(4) == [(outlet.now, X2)]
        outlet.wait(50)
    assert outlet.tell(FAILED) == [X1]
    assert outlet.wait(60) == []
    assert outlet.authorise() == [Apply(Limit(16))]


def test_a_vehicle_that_spoke_is_told_even_then():
    outlet = empty(retries=0)
    outlet.pilot(B)
    outlet.tell(HighLevelStarted())
    assert outlet.tell(FAILED) == [X1]
    assert outlet.wait(10) == [(3.0, STATE_F), (7.0, X1)]


def test_an_authorisation_that_comes_during_f_ends_the_tries():
    outlet = empty()
    outlet.pilot(B)
    outlet.tell(FAILED)
    assert outlet.authorise() == []
    assert outlet.wait(4) == [(4.0, Apply(Limit(16)))]


def test_a_plug_that_is_pulled_during_f_ends_the_plug_in():
    outlet = empty()
    outlet.pilot(B)
    outlet.tell(FAILED)
    outlet.pilot(F)
    assert outlet.pilot(A) == [Unplugged(), X1]


def test_where_there_is_nothing_to_give_up_a_failure_changes_nothing():
    outlet = empty()
    assert outlet.tell(FAILED, HighLevelStarted(), HighLevelEnded()) == []
    outlet.pilot(B)
    assert outlet.tell(HighLevelEnded()) == []
    outlet.tell(FAILED)
    assert outlet.tell(FAILED) == []


# Pulses that change.


def test_a_smaller_limit_is_told_at_once():
    outlet = charging_by_pulses(limit=32)
    outlet.tell(LimitSet(31))
    assert outlet.tell(LimitSet(10)) == [Apply(Limit(10))]
    assert outlet.closed


def test_a_greater_one_5_seconds_after_the_last_change():
    outlet = charging_by_pulses(limit=32)
    outlet.tell(LimitSet(10))
    outlet.wait(1)
    assert outlet.tell(LimitSet(16), LimitSet(20)) == []
    assert outlet.wait(10) == [(15.0, Apply(Limit(20)))]


def test_without_a_change_a_greater_one_is_told_at_once():
    assert charging_by_pulses().tell(LimitSet(20)) == [Apply(Limit(20))]


def test_a_limit_that_comes_back_in_time_was_never_away():
    outlet = charging_by_pulses()
    outlet.tell(LimitSet(10), LimitSet(16), LimitSet(10))
    assert outlet.wait(60) == []


# Pulses that stop.


def test_a_vehicle_has_6_seconds_to_stop_drawing():
    outlet = charging_by_pulses()
    assert outlet.tell(LimitSet(5)) == [X1]
    assert outlet.wait(60) == [(16.0, OPEN)]


def test_when_it_stops_sooner_the_contactor_opens_sooner():
    outlet = charging_by_pulses()
    outlet.tell(LimitSet(0))
    outlet.wait(2)
    assert outlet.pilot(B) == [OPEN]
    assert outlet.wait(60) == []


def test_a_limit_that_comes_back_after_that_offers_pulses_again():
    outlet = charging_by_pulses()
    outlet.tell(LimitSet(0))
    outlet.wait(20)
    assert outlet.tell(LimitSet(8)) == [Apply(Limit(8))]
    assert outlet.wait(1) == [(30.1, CLOSE)]


def test_a_limit_that_comes_back_before_that_keeps_the_contactor_closed():
    outlet = charging_by_pulses()
    outlet.tell(LimitSet(0))
    outlet.wait(1)
    assert outlet.tell(LimitSet(8)) == []
    assert outlet.wait(60) == [(15.0, Apply(Limit(8)))]
    assert outlet.closed


def test_an_authorisation_that_ends_meanwhile_cuts_it_short():
    outlet = charging_by_pulses()
    outlet.tell(LimitSet(0))
    assert outlet.tell(AuthorisationEnded()) == [OPEN]


def test_a_limit_that_falls_before_the_vehicle_draws_only_ends_the_pulses():
    outlet = offering()
    assert outlet.tell(LimitSet(0)) == [X1]
    assert outlet.tell(LimitSet(6)) == []
    assert outlet.wait(60) == [(5.0, Apply(Limit(6)))]


# A digital session at 0 A.


def test_a_small_limit_is_the_sessions_matter():
    outlet = charging_by_session()
    assert outlet.tell(LimitSet(3)) == []
    assert outlet.wait(600) == []


def test_but_with_a_small_limit_no_session_begins_to_draw():
    outlet = talking(limit=3)
    outlet.tell(EnergyAllowed(True))
    assert outlet.pilot(C) == []
    assert outlet.tell(LimitSet(6)) == [CLOSE]


def test_at_0_amperes_it_is_asked_to_stop_and_then_made_to():
    outlet = charging_by_session()
    assert outlet.tell(LimitSet(0)) == []
    assert outlet.wait(200) == [
        (60.0, StopRequested("the limit is 0 A")),
        (90.0, X1),
        (96.0, OPEN),
    ]


def test_a_limit_that_comes_back_in_time_leaves_it_alone():
    outlet = charging_by_session()
    outlet.tell(LimitSet(0))
    outlet.wait(59)
    outlet.tell(LimitSet(6))
    assert outlet.wait(200) == []


def test_the_ladder_is_climbed_rung_by_rung_even_when_nobody_ticked():
    outlet = charging_by_session()
    outlet.tell(LimitSet(0))
    outlet.now = 500.0
    asked = outlet.machine.tick(outlet.now)
    assert asked == [StopRequested("the limit is 0 A"), X1]


def test_a_session_at_0_amperes_that_is_to_stop_is_asked_now_and_has_its_30_seconds():
    outlet = charging_by_session()
    outlet.tell(LimitSet(0))
    outlet.wait(50)
    assert outlet.tell(StopWanted("enough")) == [StopRequested("enough")]
    assert outlet.wait(60) == [(80.0, X1), (86.0, OPEN)]


def test_a_session_that_breaks_off_while_it_is_made_to_stop_falls_back_to_pulses():
    outlet = charging_by_session()
    outlet.tell(LimitSet(0))
    outlet.wait(91)
    assert outlet.tell(FAILED) == [OPEN]
    outlet.wait(10)
    assert outlet.tell(LimitSet(6))[0] == Apply(Limit(6))


def test_a_session_that_ends_while_it_is_made_to_stop_opens_the_contactor():
    outlet = charging_by_session()
    outlet.tell(LimitSet(0))
    outlet.wait(91)
    assert outlet.tell(HighLevelEnded()) == [OPEN]


# The rest after a session, and what wakes the vehicle.


def rested(by_us=False):
    outlet = charging_by_session()
    if by_us:
        outlet.tell(LimitSet(0))
        outlet.wait(60)
    outlet.tell(EnergyAllowed(False))
    outlet.pilot(B)
    outlet.tell(HighLevelEnded())
    return outlet


def test_a_session_that_ends_as_agreed_is_followed_by_x1():
    outlet = rested()
    assert outlet.signal == Steady()
    assert outlet.wait(600) == []


def test_a_vehicle_that_wants_more_wakes_the_charger_after_3_seconds_of_x1():
    outlet = rested()
    outlet.pilot(C, B)
    assert outlet.wait(10) == [(3.0, X2)]


def test_so_does_a_new_authorisation():
    outlet = rested()
    outlet.wait(100)
    assert outlet.authorise() == [X2]


def sent_to_rest_again_and_again(*events):
    """How long it takes each time until it is asked to speak, 10 s after it has ended."""
    outlet, waits = rested(by_us=True), []
    outlet.tell(*events)
    for _ in range(4):
        outlet.wait(10)
        woken, waited = outlet.tell(LimitSet(16)), 0
        while X2 not in woken and waited < 1000:
            woken, waited = [done for _, done in outlet.wait(1)], waited + 1
        waits.append(waited)
        outlet.tell(HighLevelStarted(), LimitSet(0), HighLevelEnded())
    return waits


NEVER = 1000


def test_one_that_is_paused_time_and_again_is_left_alone_for_longer_each_time():
    assert sent_to_rest_again_and_again() == [0, 50, 110, NEVER]


def test_one_that_is_known_to_refuse_is_woken_less_often_and_once_in_any_case():
    assert sent_to_rest_again_and_again(WakesKnown(None)) == [0, 50, 110, NEVER]
    assert sent_to_rest_again_and_again(WakesKnown(3)) == [0, 50, NEVER, NEVER]
    assert sent_to_rest_again_and_again(WakesKnown(1)) == [0, NEVER, NEVER, NEVER]


def test_one_that_asks_itself_is_not_kept_waiting():
    outlet = rested(by_us=True)
    outlet.wait(10)
    outlet.tell(LimitSet(16), HighLevelStarted(), LimitSet(0), HighLevelEnded(), LimitSet(16))
    outlet.pilot(C, B)
    assert outlet.wait(10) == [(73.0, X2)]


def test_a_vehicle_that_we_sent_to_rest_is_woken_when_the_limit_comes_back():
    outlet = rested(by_us=True)
    outlet.wait(100)
    assert outlet.tell(LimitSet(6)) == [X2]


def test_but_not_without_an_authorisation():
    outlet = rested(by_us=True)
    outlet.tell(AuthorisationEnded(), LimitSet(6))
    assert outlet.wait(600) == []


def test_a_vehicle_that_ended_by_itself_is_not():
    outlet = rested()
    outlet.tell(LimitSet(0))
    assert outlet.tell(LimitSet(16)) == []
    assert outlet.wait(600) == []


def test_a_vehicle_is_woken_three_times_at_most():
    outlet = rested(by_us=True)
    for _ in range(4):
        outlet.tell(LimitSet(6))
        outlet.wait(100)
        outlet.tell(LimitSet(0))
        if outlet.signal == Digital():
            outlet.tell(HighLevelStarted(), HighLevelEnded())
    assert outlet.asked.count(X2) == 1 + 3


def test_a_vehicle_that_was_made_to_stop_is_woken_too():
    outlet = charging_by_session()
    outlet.tell(LimitSet(0))
    outlet.wait(100)
    assert outlet.tell(LimitSet(6)) == [X2]
    assert isinstance(outlet.machine.phase, Talking)


def test_but_what_its_old_session_said_of_energy_is_forgotten():
    outlet = charging_by_session()
    outlet.tell(LimitSet(0))
    outlet.wait(100)
    outlet.tell(LimitSet(6))
    assert outlet.wait(60) == []
    assert not outlet.closed


def test_after_a_session_on_top_of_pulses_more_is_had_by_pulses():
    outlet = charging_by_pulses()
    outlet.tell(HighLevelStarted())
    assert outlet.tell(HighLevelEnded()) == [X1, OPEN]
    outlet.pilot(B, C)
    assert outlet.wait(10) == [(13.0, Apply(Limit(16))), (13.1, CLOSE)]


def test_a_stop_that_came_before_the_authorisation_is_not_taken_back_by_it():
    outlet = empty()
    outlet.pilot(B)
    outlet.tell(HighLevelStarted(), StopWanted())
    outlet.authorise()
    outlet.tell(EnergyAllowed(True))
    assert CLOSE not in outlet.pilot(C) + [action for _, action in outlet.wait(60)]


def test_a_vehicle_that_opens_a_session_is_given_its_pulses_back():
    outlet = rested()
    outlet.wait(1)
    assert outlet.tell(HighLevelStarted()) == []
    assert outlet.wait(10) == [(3.0, X2)]


def test_what_that_session_says_of_energy_before_the_pulses_are_back_is_heard():
    outlet = rested()
    outlet.tell(HighLevelStarted(), EnergyAllowed(True))
    outlet.pilot(C)
    assert not outlet.closed
    assert outlet.wait(10) == [(3.0, X2), (3.1, CLOSE)]


def test_a_session_that_ends_while_it_rests_leaves_it_at_rest():
    outlet = rested()
    assert outlet.tell(HighLevelStarted(), HighLevelEnded()) == []
    assert outlet.wait(600) == []


# ISO 15118 that is spoken while the pilot steps down from it.


def test_asking_for_matching_does_not_end_the_steps_nor_does_an_end():
    outlet = talking()
    outlet.tell(FAILED)
    assert outlet.tell(HighLevelStarted(), HighLevelEnded()) == []
    assert [action for _, action in outlet.wait(20)][-1] == Apply(Limit(16))


@pytest.mark.parametrize("spoken", [{"matched": True}, {"in_session": True}])
def test_a_match_or_a_session_ends_a_step_of_x1_at_once(spoken):
    outlet = talking()
    outlet.tell(FAILED)
    outlet.wait(1)
    assert outlet.tell(HighLevelStarted(**spoken)) == [X2]
    assert isinstance(outlet.machine.phase, Talking)


def test_but_a_step_of_f_has_to_last_long_enough_to_be_seen():
    outlet = empty()
    outlet.pilot(B)
    outlet.tell(FAILED)
    assert outlet.signal == Fault()
    assert outlet.tell(HighLevelStarted(matched=True)) == []
    assert outlet.wait(10) == [(0.3, X2)]


# Waking one that does not heed its pulses.


@pytest.mark.parametrize(
    ("phase", "vehicle"),
    [
        (Talking(2), PilotState.CONNECTED),
        (Offering(None), PilotState.CONNECTED),
        (Offering(16.0), PilotState.READY),
    ],
)
def test_one_that_talks_or_heeds_its_pulses_is_not_woken(phase, vehicle):
    assert woken(phase, Situation(vehicle=vehicle), by_fault=True, now=0.0) == phase


@pytest.mark.parametrize(("by_fault", "signal"), [(True, Fault()), (False, Steady())])
def test_one_that_sleeps_loses_its_pulses_for_a_moment(by_fault, signal):
    case = Situation(vehicle=PilotState.CONNECTED)
    stepping = woken(Offering(16.0), case, by_fault, now=0.0)
    assert signal_of(stepping) == signal
    assert advance(stepping, case, stepping.until) == Offering()
