"""The guard, faults, authorisations, and the laws of the machine."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.pilot.limits import (
    Apply,
    AuthorisationEnded,
    AuthorisationExpected,
    Authorised,
    ContactorChanged,
    ContactorFault,
    EnergyAllowed,
    HighLevelEnded,
    HighLevelFailed,
    HighLevelPaused,
    HighLevelStarted,
    LimitIgnored,
    LimitSet,
    PilotChanged,
    PilotFault,
    PluggedIn,
    SetContactor,
    StopRequested,
    StopWanted,
    ToggleExpected,
    Unplugged,
    WakesKnown,
)
from seccstack.pilot.phases import plugged_in
from seccstack.pilot.port import Digital, Fault, Limit, PilotState, Steady
from seccstack.pilot.sequences import PilotLimits
from seccstack.pilot.settings import Current, Fallback, LinkLoss, Settings, Start
from seccstack.pilot.signal import duty_cycle, offered_amps
from seccstack.pilot.situation import Conditions, Haste
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


# The guard.


@pytest.mark.parametrize("told", [None, False, True])
@pytest.mark.parametrize("ready", [False, True])
@pytest.mark.parametrize("energy", [False, True])
@pytest.mark.parametrize("authorised", [False, True])
@pytest.mark.parametrize("amps", [0, 5.99, 6, 32])
@pytest.mark.parametrize("stopping", [False, True])
def test_the_guard_closes_on_four_conditions_and_on_nothing_less(
    told, ready, energy, authorised, amps, stopping
):
    closed = Conditions(ready, energy, authorised, amps, stopping).guard(told)
    may = ready and energy and authorised and amps >= 6
    assert (closed is True) == (may and not told)
    if not may and told and not (stopping and ready and authorised):
        assert closed is False


def test_with_all_conditions_the_contactor_closes():
    outlet = talking()
    outlet.tell(EnergyAllowed(True))
    assert outlet.pilot(C) == [CLOSE]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_whichever_condition_comes_last_closes_the_contactor(order):
    outlet = empty(limit=0)
    outlet.pilot(B)
    outlet.tell(HighLevelStarted())
    events = [PilotChanged(C), EnergyAllowed(True), Authorised(1), LimitSet(6)]
    *early, last = [events[n] for n in order]
    assert CLOSE not in outlet.tell(*early)
    outlet.wait(1)
    assert outlet.tell(last) == [CLOSE]


@pytest.mark.parametrize(
    "event",
    [PilotChanged(B), AuthorisationEnded(), EnergyAllowed(False), HighLevelEnded()],
    ids=str,
)
def test_whichever_condition_falls_the_contactor_opens_at_once(event):
    assert OPEN in charging_by_session().tell(event)


def test_when_the_vehicle_opens_its_switch_nothing_comes_before_the_contactor():
    assert charging_by_session().pilot(B) == [OPEN]
    assert charging_by_pulses().pilot(B) == [OPEN]


def test_when_the_plug_is_pulled_the_contactor_comes_first():
    assert charging_by_session().pilot(A) == [OPEN, Unplugged(), Apply(Steady())]


@pytest.mark.parametrize("event", [AuthorisationEnded(), EnergyAllowed(False)], ids=str)
def test_power_by_pulses_ends_with_x1_and_then_the_contactor(event):
    outlet = charging_by_pulses()
    outlet.tell(HighLevelStarted())
    assert outlet.tell(event) == [Apply(Steady()), OPEN]


def test_a_limit_below_6_amperes_gives_no_energy_by_pulses():
    outlet = offering(limit=5.9)
    assert outlet.pilot(C) == []
    assert outlet.signal == Steady()


def test_pulses_that_have_only_begun_close_nothing_until_a_diode_would_have_shown():
    outlet = empty()
    outlet.tell(Authorised(1))
    assert outlet.pilot(C) == [PluggedIn(1), Apply(Limit(16))]
    assert outlet.wait(1) == [(0.1, CLOSE)]


def test_a_vehicle_whose_diode_is_found_missing_in_time_gets_nothing():
    outlet = empty()
    outlet.tell(Authorised(1))
    outlet.pilot(C)
    outlet.wait(0.09)
    outlet.pilot(E)
    assert CLOSE not in [action for _, action in outlet.wait(60)]


def test_state_d_gets_energy_only_where_there_is_ventilation():
    assert offering().pilot(D) == []
    assert offering(ventilated=True).pilot(D) == [CLOSE]


def test_why_it_does_not_charge_can_be_asked():
    outlet = talking(limit=0)
    assert outlet.machine.conditions(outlet.now).missing == (
        "the vehicle is not ready",
        "energy is not allowed yet",
        "the limit is below 6 A",
    )


# Authorisations.


def test_an_authorisation_of_another_plug_in_is_none():
    outlet = offering()
    outlet.pilot(A, B, C)
    assert outlet.tell(Authorised(1)) == []
    assert outlet.tell(Authorised(3)) == []
    assert outlet.tell(Authorised(2)) == [Apply(Limit(16))]
    outlet.wait(1)
    assert outlet.closed


@pytest.mark.parametrize("plug_in", [0, 2])
def test_an_authorisation_of_another_plug_in_neither_ends_nor_restarts_this_one(plug_in):
    outlet = charging_by_pulses()
    assert outlet.tell(Authorised(plug_in)) == []
    assert outlet.closed
    outlet.tell(StopWanted(), Authorised(plug_in))
    assert outlet.wait(60) == [(16.0, OPEN)]


def test_an_authorisation_does_not_outlive_its_plug_in():
    outlet = charging_by_pulses()
    outlet.pilot(A, B, C)
    assert outlet.signal == Steady()
    assert not outlet.closed


def test_an_authorisation_given_ahead_is_for_the_next_plug_in_only():
    outlet = empty()
    outlet.tell(Authorised(1))
    assert outlet.pilot(B) == [PluggedIn(1), Apply(Limit(16))]
    assert outlet.pilot(A, B)[-2:] == [PluggedIn(2), Apply(Digital())]


def test_an_authorisation_given_ahead_can_be_taken_back():
    outlet = empty()
    outlet.tell(Authorised(1), AuthorisationEnded())
    assert outlet.pilot(B) == [PluggedIn(1), Apply(Digital())]


def test_plug_ins_are_numbered():
    outlet = empty()
    assert not plugged_in(outlet.machine.phase)
    assert PluggedIn(1) in outlet.pilot(B)
    assert plugged_in(outlet.machine.phase)
    assert PluggedIn(2) in outlet.pilot(A, B)
    assert outlet.machine.plug_in == 2


# Who may allow energy.


def test_a_session_that_has_not_said_that_it_runs_may_still_allow_energy():
    outlet = empty()
    outlet.pilot(B)
    outlet.tell(Authorised(1), EnergyAllowed(True))
    outlet.wait(1)
    assert outlet.pilot(C) == [CLOSE]


def test_the_last_no_of_a_session_that_broke_off_does_not_stop_the_pulses():
    outlet = talking()
    outlet.tell(HighLevelFailed("no answer"), EnergyAllowed(False))
    outlet.wait(10)
    assert outlet.tell(EnergyAllowed(False)) == []
    assert outlet.pilot(C) == [CLOSE]


def test_a_session_on_top_of_pulses_may_refuse_energy_and_allow_it_again():
    outlet = charging_by_pulses()
    outlet.tell(HighLevelStarted(), EnergyAllowed(False), EnergyAllowed(True))
    assert not outlet.closed
    assert outlet.wait(10) == [(15.0, Apply(Limit(16))), (15.1, CLOSE)]


def test_when_a_session_on_top_of_pulses_fails_they_go_on():
    outlet = charging_by_pulses()
    outlet.tell(HighLevelStarted(), EnergyAllowed(True))
    assert outlet.tell(HighLevelFailed("link lost")) == []


def test_the_failing_of_a_session_takes_its_permission_with_it():
    assert charging_by_session().tell(HighLevelFailed("link lost")) == [Apply(Steady()), OPEN]


# Faults of the line.


def test_a_short_circuit_opens_the_contactor_and_ends_the_plug_in():
    outlet = charging_by_session()
    assert outlet.pilot(E) == [OPEN, PilotFault(E), Unplugged(), Apply(Steady())]


def test_a_vehicle_that_comes_back_after_a_fault_may_be_another():
    outlet = charging_by_pulses()
    outlet.pilot(E)
    assert outlet.pilot(C) == []
    assert outlet.wait(60) == [(20.0, PluggedIn(2))]
    assert not outlet.closed


def test_a_line_that_flickers_is_not_believed_again_until_it_was_empty():
    outlet = empty()
    for _ in range(4):
        outlet.pilot(B, E)
        outlet.wait(10)
    assert outlet.pilot(B) == []
    assert outlet.wait(600) == []
    assert PluggedIn in map(type, outlet.pilot(A, B))


def test_an_f_that_is_not_ours_is_a_fault():
    assert charging_by_pulses().pilot(F)[:2] == [OPEN, PilotFault(F)]


def test_a_fault_without_a_vehicle_is_told_once():
    outlet = empty()
    assert outlet.pilot(E, E) == [PilotFault(E)]
    assert outlet.pilot(A) == []


def test_our_own_f_is_no_fault_and_hides_no_plug_in():
    outlet = talking()
    outlet.tell(HighLevelFailed("no answer"))
    outlet.wait(4)
    assert outlet.pilot(F) == []
    outlet.wait(4)
    assert outlet.signal == Limit(16)
    assert outlet.pilot(F, C) == [CLOSE]


def test_what_is_only_remembered_from_before_our_own_f_is_not_ready():
    outlet = talking()
    outlet.pilot(C)
    outlet.tell(HighLevelFailed("no answer"))
    outlet.wait(4)
    outlet.pilot(F)
    outlet.wait(10)
    assert outlet.signal == Limit(16)
    assert not outlet.closed


# Faults of the contactor.


def test_a_contactor_that_does_not_close_within_3_seconds_is_told_to_open():
    outlet = offering()
    outlet.sound = False
    outlet.pilot(C)
    assert outlet.wait(10) == [
        (3.0, ContactorFault(welded=False)),
        (3.0, Apply(Steady())),
        (3.0, OPEN),
    ]


def test_after_that_the_vehicle_has_to_be_plugged_in_again():
    outlet = offering()
    outlet.sound = False
    outlet.pilot(C)
    outlet.wait(10)
    outlet.authorise()
    assert outlet.pilot(B, C) == []
    assert outlet.pilot(A, B) == [Unplugged(), PluggedIn(2)]


def test_a_contactor_that_falls_open_by_itself_is_a_fault_too():
    outlet = charging_by_pulses()
    outlet.sound = False
    outlet.tell(ContactorChanged(False))
    assert outlet.wait(10)[0] == (13.0, ContactorFault(welded=False))


def test_a_contactor_that_does_not_open_within_a_second_makes_the_outlet_unavailable():
    outlet = charging_by_pulses()
    outlet.sound = False
    outlet.pilot(B)
    assert outlet.wait(10) == [
        (11.0, ContactorFault(welded=True)),
        (11.0, PilotFault(F)),
        (11.0, Unplugged()),
        (11.0, Apply(Fault())),
    ]


def test_a_contactor_that_closes_by_itself_makes_it_unavailable_without_a_vehicle():
    outlet = empty()
    outlet.tell(ContactorChanged(True))
    outlet.wait(0.99)
    assert outlet.signal == Steady()
    outlet.wait(1)
    assert outlet.asked[-3:] == [ContactorFault(welded=True), PilotFault(F), Apply(Fault())]


def test_a_contactor_that_opens_after_all_makes_it_available_again_after_300_ms_of_f():
    outlet = charging_by_pulses()
    outlet.sound = False
    outlet.pilot(A)
    outlet.wait(1)
    outlet.pilot(F)
    outlet.tell(ContactorChanged(False))
    assert outlet.wait(1) == [(11.3, Apply(Steady()))]
    assert outlet.pilot(B) == [PluggedIn(2)]


def test_while_it_is_welded_no_vehicle_is_greeted():
    outlet = charging_by_pulses()
    outlet.sound = False
    outlet.pilot(A)
    outlet.wait(5)
    assert outlet.pilot(B, C) == []
    assert outlet.tell(ContactorChanged(False)) == [PluggedIn(2), Apply(Steady())]


def test_without_an_auxiliary_contact_none_is_expected():
    outlet = offering(contactor_feedback=False)
    outlet.pilot(C)
    assert outlet.wait(60) == []
    assert outlet.closed


def test_whatever_is_heard_first_the_contactor_is_told_to_open_once():
    outlet = Outlet()
    assert outlet.tell(LimitSet(16)) == [Apply(Steady()), OPEN]
    assert outlet.pilot(A) == []


# A stop that somebody wants.


def test_a_stop_by_pulses_gives_the_vehicle_its_time():
    outlet = charging_by_pulses()
    assert outlet.tell(StopWanted()) == [Apply(Steady())]
    outlet.wait(2)
    assert outlet.pilot(B) == [OPEN]


def test_a_stop_of_a_session_is_the_sessions_to_carry_out():
    outlet = charging_by_session()
    assert outlet.tell(StopWanted("by the card")) == [StopRequested("by the card")]
    assert outlet.tell(StopWanted("again")) == []
    assert outlet.closed


def test_a_session_that_does_not_stop_in_30_seconds_is_stopped():
    outlet = charging_by_session()
    outlet.tell(StopWanted())
    assert outlet.wait(60) == [(30.0, Apply(Steady())), (36.0, OPEN)]


def test_after_a_stop_nothing_starts_by_itself():
    outlet = charging_by_pulses()
    outlet.tell(StopWanted())
    outlet.pilot(B)
    outlet.tell(LimitSet(6), LimitSet(16), HighLevelStarted())
    assert outlet.wait(60) == []


def test_a_new_authorisation_takes_a_stop_back():
    outlet = charging_by_pulses()
    outlet.tell(StopWanted())
    outlet.pilot(B)
    outlet.authorise()
    assert outlet.wait(60) == [(15.0, Apply(Limit(16)))]


def test_a_vehicle_at_5_percent_that_keeps_to_no_limit_is_asked_to_stop_and_then_stopped():
    outlet = charging_by_session()
    outlet.tell(LimitSet(3.0))
    assert outlet.tell(LimitIgnored(overdue=False)) == [StopRequested("the limit is 3 A")]
    assert outlet.wait(100) == []
    assert outlet.tell(LimitIgnored(overdue=True)) == [Apply(Steady())]
    assert outlet.wait(7) == [(106.0, OPEN)]


def test_and_may_begin_again_when_there_is_enough():
    outlet = charging_by_session()
    outlet.tell(LimitSet(3.0), LimitIgnored(overdue=True), LimitSet(6.0))
    outlet.wait(20)
    assert outlet.signal == Digital()


def test_at_pulse_width_what_is_offered_is_the_limits_matter():
    assert charging_by_pulses().tell(LimitIgnored(False), LimitIgnored(True)) == []


def test_a_stop_without_a_vehicle_stops_nothing():
    outlet = empty()
    outlet.tell(StopWanted(), Authorised(1))
    outlet.pilot(B, C)
    outlet.wait(1)
    assert outlet.closed


# The laws.

SETTINGS = st.builds(
    Settings,
    start=st.sampled_from(Start),
    start_authorised=st.sampled_from(Start),
    when_authorised=st.sampled_from(Start),
    speak_seconds=st.sampled_from([0.0, 2.0, 10.0]),
    link_loss=st.sampled_from(LinkLoss),
    current=st.sampled_from([Current.AC, Current.AC, Current.DC]),
    fallback=st.sampled_from(Fallback),
    retries=st.integers(0, 2),
    simplified_pilot=st.booleans(),
    ventilated=st.booleans(),
    zero_limit_seconds=st.sampled_from([0.0, 2.0]),
    stop_seconds=st.sampled_from([0.0, 2.0]),
    wakes=st.integers(0, 2),
    contactor_feedback=st.booleans(),
)
AMPS = st.one_of(
    st.sampled_from([0, 5.9, 6, 16, 32]),
    st.floats(0, 100),
    st.sampled_from([-1.0, float("nan"), float("inf")]),
)
EVENTS = st.one_of(
    st.builds(PilotChanged, st.sampled_from([A, B, B, C, C, C, D, E, F])),
    st.builds(ContactorChanged, st.booleans()),
    st.builds(LimitSet, AMPS, st.sampled_from(Haste)),
    st.builds(Authorised, st.integers(0, 4)),
    st.builds(EnergyAllowed, st.booleans()),
    st.sampled_from(
        [
            AuthorisationEnded(), StopWanted(), HighLevelStarted(), HighLevelFailed("silent"),
            LimitIgnored(False), LimitIgnored(True), WakesKnown(2),
            HighLevelEnded(), Authorised(1), EnergyAllowed(True), LimitSet(16),
            HighLevelPaused(), HighLevelFailed("lost", lost=True), ToggleExpected(True),
            ToggleExpected(False), AuthorisationExpected(True), AuthorisationExpected(False),
        ]
    ),
)  # fmt: skip
WAITS = st.sampled_from([0, 0, 0.05, 0.3, 1, 3, 6, 40])
STEPS = st.lists(st.tuples(WAITS, EVENTS), max_size=40)
# Every random order that reaches the heart of the matter, instead of one in a thousand.
START = [(0, PilotChanged(A)), (0, LimitSet(16)), (0, PilotChanged(B)), (0, Authorised(1))]
BEGINNINGS = st.sampled_from([[], START, [*START, (0, EnergyAllowed(True))]])


class Witness:
    """Keeps the four conditions, from events and line alone; knows no phase and no guard."""

    def __init__(self, settings):
        self.ready = {C, D} if settings.ventilated else {C}
        self.vehicle, self.there, self.our_f = None, False, False
        self.plug_in, self.granted, self.word = 0, None, None
        self.signal, self.pulses_at = None, None
        self.limit, self.stopped = 0.0, False

    def hear(self, event):
        match event:
            case PilotChanged(state):
                self.look(state)
            case LimitSet(amps):
                self.limit = amps if amps > 0 else 0.0
            case Authorised(plug_in) if plug_in == self.plug_in + (not self.there):
                self.granted = plug_in
                self.stopped = False
            case AuthorisationEnded():
                self.granted = None
            case StopWanted():
                self.stopped = True
            case EnergyAllowed(on):
                self.word = on
            case HighLevelFailed() | HighLevelEnded():
                self.word = None

    def look(self, state):
        self.vehicle = state
        gone = state in {A, E} or (state is F and not self.our_f)
        if gone and self.there:
            self.there, self.granted = False, None

    def see(self, action, now):
        match action:
            case PluggedIn(plug_in):
                assert plug_in == self.plug_in + 1
                self.plug_in = plug_in
                self.stopped, self.word, self.our_f, self.there = False, None, False, True
            case ContactorFault(welded=True):
                self.there, self.granted = False, None
            case Apply(signal):
                pulses = signal == Digital() or isinstance(signal, Limit)
                self.pulses_at = (self.pulses_at or now) if pulses else None
                self.signal = signal
                self.our_f = self.our_f or signal == Fault()
                assert offered_amps(duty_cycle(signal)) <= self.limit + 1e-9
            case SetContactor(True):
                assert self.vehicle in self.ready
                assert self.granted == self.plug_in
                assert self.limit >= 6
                assert not self.stopped
                assert now >= self.pulses_at + 0.1
                assert self.word is True if self.signal == Digital() else self.pulses
            case _:
                pass

    @property
    def pulses(self):
        return isinstance(self.signal, Limit) and self.signal.amps >= 6


@settings(max_examples=400, deadline=None)
@given(SETTINGS, BEGINNINGS, STEPS)
def test_in_no_order_of_events_the_contactor_is_closed_without_all_four_conditions(
    chosen, beginning, steps
):
    machine, witness, now = PilotLimits(chosen), Witness(chosen), 1.0
    for wait, event in [*beginning, *steps]:
        now += wait
        for action in machine.tick(now):
            witness.see(action, now)
        witness.hear(event)
        for action in machine.receive(event, now):
            witness.see(action, now)


@settings(max_examples=400, deadline=None)
@given(SETTINGS, BEGINNINGS, STEPS)
def test_energy_never_outlives_the_vehicles_readiness_or_the_authorisation(
    chosen, beginning, steps
):
    machine, now, closed, granted, vehicle = PilotLimits(chosen), 0.0, None, None, None
    for wait, event in [*beginning, *steps]:
        now += wait
        asked = machine.tick(now) + machine.receive(event, now)
        for action in asked:
            closed = action.closed if isinstance(action, SetContactor) else closed
        match event:
            case PilotChanged(state):
                vehicle = state
            case Authorised(plug_in):
                granted = plug_in
            case AuthorisationEnded():
                granted = None
        assert not closed or (vehicle in {C, D} and granted is not None)


@settings(max_examples=400, deadline=None)
@given(SETTINGS, BEGINNINGS, STEPS)
def test_whatever_is_told_the_machine_lives_and_its_deadline_lies_ahead(
    chosen, beginning, steps
):
    machine, now = PilotLimits(chosen), 0.0
    for wait, event in [*beginning, *steps]:
        now += wait
        machine.receive(event, now)
        machine.tick(now)
        assert machine.deadline is None or machine.deadline > now
        phase = machine.phase
        assert machine.tick(now) == []
        assert machine.phase == phase


@settings(max_examples=200, deadline=None)
@given(SETTINGS, BEGINNINGS, STEPS)
def test_the_same_signal_is_never_applied_twice_and_pulses_grow_5_seconds_apart(
    chosen, beginning, steps
):
    machine, now, signal, since = PilotLimits(chosen), 0.0, None, 0.0
    for wait, event in [*beginning, *steps]:
        now += wait
        asked = machine.tick(now) + machine.receive(event, now)
        for after in (action.signal for action in asked if isinstance(action, Apply)):
            assert after != signal
            if isinstance(signal, Limit) and isinstance(after, Limit):
                assert after.amps < signal.amps or now >= since + 5
            signal, since = after, now


@settings(max_examples=200, deadline=None)
@given(SETTINGS.map(lambda s: replace(s, current=Current.DC)), BEGINNINGS, STEPS)
def test_a_dc_outlet_never_offers_a_current(chosen, beginning, steps):
    machine, now = PilotLimits(chosen), 0.0
    for wait, event in [*beginning, *steps]:
        now += wait
        asked = machine.tick(now) + machine.receive(event, now)
        assert not any(isinstance(a, Apply) and isinstance(a.signal, Limit) for a in asked)


# A limit in haste.

NOW, SOON = LimitSet(0.0, Haste.NOW), LimitSet(0.0, Haste.SOON)


def test_too_hot_to_go_on_a_session_is_asked_to_stop_without_a_minute_at_0_amperes():
    outlet = charging_by_session()
    assert outlet.tell(SOON) == [StopRequested("the limit is 0 A")]
    assert outlet.wait(60) == [(30.0, Apply(Steady())), (36.0, OPEN)]


def test_too_hot_to_go_on_by_pulses_a_vehicle_has_its_time():
    outlet = charging_by_pulses()
    assert outlet.tell(SOON) == [Apply(Steady())]
    assert outlet.wait(60) == [(16.0, OPEN)]


def test_where_the_cable_is_gone_the_contactor_opens_at_once_by_pulses():
    assert charging_by_pulses().tell(NOW) == [Apply(Steady()), OPEN]


def test_where_the_cable_is_gone_the_contactor_opens_at_once_in_a_session_which_is_told():
    outlet = charging_by_session()
    assert outlet.tell(NOW) == [StopRequested("the limit is 0 A"), OPEN]
    assert outlet.wait(60) == [(30.0, Apply(Steady()))]


def test_with_a_cable_again_and_a_vehicle_that_waited_it_goes_on():
    outlet = charging_by_pulses()
    outlet.tell(NOW)
    outlet.wait(2)
    outlet.tell(LimitSet(13.0, Haste.NOW))
    assert outlet.wait(20) == [(15.0, Apply(Limit(13))), (15.1, CLOSE)]


def test_a_session_is_told_nothing_of_a_cable_before_it_wants_energy():
    assert talking().tell(NOW) == []
