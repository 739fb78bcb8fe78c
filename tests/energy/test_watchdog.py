"""The ladder for a vehicle that keeps to no limit, rung by rung."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.watchdog import MOST_GRACES, Watchdog, tolerated
from seccstack.energy.watchdog_events import (
    Arrived,
    LimitSet,
    Means,
    MeansChanged,
    Measured,
    MeasuringEnded,
    ReactionKnown,
    Settings,
    Step,
    Stepped,
    Supplied,
    Told,
    Unwatched,
)
from seccstack.errors import ConfigError

EVENTS = st.one_of(
    st.builds(LimitSet, st.sampled_from([0.0, 3.0, 6.0, 10.0, 16.0])),
    st.builds(Told, st.sampled_from([0.0, 6.0, 16.0])),
    st.builds(Measured, st.sampled_from([0.0, 6.0, 10.0, 16.0, 32.0])),
    st.builds(MeansChanged, st.sampled_from(Means)),
    st.builds(Supplied, st.sampled_from([True, True, False])),
    st.builds(ReactionKnown, st.floats()),
    st.sampled_from([Arrived(), MeasuringEnded()]),
)
BY_SESSION = [Means.MESSAGES, Means.SCHEDULE, Means.OUTPUT]


class Bench:
    """A vehicle that is told like this, has power, and draws 16 A of 16 A."""

    def __init__(self, means=Means.PULSES, drawn=16.0, **settings):
        self.machine, self.now, self.steps = Watchdog(Settings(**settings), 16.0), 0.0, []
        self.tell(Arrived(), MeansChanged(means), Supplied(True))
        if drawn is not None:
            self.tell(Measured(drawn))

    def tell(self, *events):
        for event in events:
            self._keep(self.machine.receive(event, self.now))
        return self

    def wait(self, seconds):
        end = self.now + seconds
        while (due := self.machine.deadline) is not None and due <= end:
            self.now = max(due, self.now)
            self._keep(self.machine.tick(self.now))
            assert self.machine.deadline is None or self.machine.deadline > self.now
        self.now = end
        return self

    def _keep(self, actions):
        self.steps += [(round(self.now, 3), action) for action in actions]

    @property
    def rungs(self):
        return [(at, action.step) for at, action in self.steps if isinstance(action, Stepped)]

    @property
    def names(self):
        return [step for _, step in self.rungs]


def ignoring(means=Means.PULSES, amps=10.0, **settings):
    return Bench(means, **settings).tell(LimitSet(amps))


def test_a_vehicle_by_pulses_is_noted_after_5_s_and_loses_them_after_5_more():
    rungs = ignoring().wait(60).rungs
    assert rungs == [(5, Step.NOTED), (10, Step.X1), (17, Step.CUT)]


def test_one_in_a_session_is_asked_twice_before_that():
    bench = ignoring(Means.MESSAGES)
    bench.wait(1).tell(Told(10.0)).wait(60)
    assert bench.rungs == [
        (6, Step.NOTED),
        (6, Step.RENEGOTIATE),
        (16, Step.STOP),
        (26, Step.X1),
        (33, Step.CUT),
    ]


@pytest.mark.parametrize(("means", "at"), [(BY_SESSION[0], 7), (BY_SESSION[1], 20)])
def test_one_that_was_never_told_should_have_been_by_then(means, at):
    assert ignoring(means).wait(30).rungs[0] == (at, Step.NOTED)


def test_being_told_of_more_than_the_limit_shortens_nothing():
    assert ignoring(Means.MESSAGES).tell(Told(16.0)).wait(8).rungs[0] == (7, Step.NOTED)


@pytest.mark.parametrize("amps", [11.0, 10.0, 0.0])
def test_one_that_follows_in_time_is_not_noted(amps):
    assert ignoring().wait(4.9).tell(Measured(amps)).wait(60).steps == []


def test_what_a_meter_may_err_by_is_no_disobedience():
    assert tolerated(10.0) == 11.0
    assert tolerated(80.0) == pytest.approx(82.4)
    assert Bench(drawn=17.0).wait(60).steps == []


def test_a_spike_is_none_either_and_begins_anew():
    bench = Bench(drawn=20.0)
    bench.wait(4).tell(Measured(16.0)).wait(1).tell(Measured(20.0)).wait(4)
    assert bench.steps == []


def test_who_draws_too_much_of_itself_is_noted_too():
    assert Bench(drawn=20.0).wait(6).rungs == [(5, Step.NOTED)]


def test_the_note_says_how_much_and_how_long():
    [(_, stepped)] = ignoring().wait(6).steps
    assert stepped == Stepped(Step.NOTED, 10.0, 16.0, 5.0)
    assert stepped.why == "it draws 16 A of 10 A, for 5.0 s"
    assert stepped.lasting


def test_a_limit_below_what_pulses_can_say_is_no_reason_to_stop_for_good():
    assert not ignoring(amps=3.0).wait(6).steps[0][1].lasting


@pytest.mark.parametrize("rung", range(1, 5))
def test_obedience_ends_the_ladder_on_every_rung(rung):
    bench = ignoring(Means.MESSAGES)
    while len(bench.steps) < rung:
        assert bench.wait(0.5).now < 600
    bench.tell(Measured(10.0)).wait(60)
    assert bench.names[-1] is Step.OBEYED
    assert len(bench.steps) <= max(rung, 2) + 1


def test_so_does_a_limit_that_rises_to_what_it_draws():
    assert ignoring().wait(6).tell(LimitSet(16.0)).wait(60).names == [Step.NOTED, Step.OBEYED]


def test_but_not_one_that_rises_and_is_still_too_small():
    bench = ignoring().wait(6).tell(LimitSet(12.0), LimitSet(10.0)).wait(60)
    assert bench.rungs == [(5, Step.NOTED), (10, Step.X1), (17, Step.CUT)]


def test_nor_one_that_falls_and_falls():
    bench = Bench()
    for tenths in range(120):
        bench.tell(LimitSet(13.0 - tenths / 10)).wait(0.2)
    assert bench.names == [Step.NOTED, Step.X1, Step.CUT]


def test_a_vehicle_that_lags_behind_a_falling_limit_obeys():
    bench = Bench()
    for amps in range(14, 5, -1):  # every 2 s; it does what it was told 4 s ago
        bench.tell(LimitSet(float(amps)), Measured(amps + 2.0)).wait(2)
    assert bench.tell(Measured(6.0)).wait(60).steps == []


def test_many_falls_within_its_time_are_remembered_in_little():
    bench = Bench()
    for hundredths in range(2 * MOST_GRACES):
        bench.tell(LimitSet(15.0 - hundredths / 100))
    assert len(bench.machine._graces) == MOST_GRACES
    assert bench.wait(6).rungs == [(5, Step.NOTED)]


def test_once_the_power_is_off_nothing_is_left_to_be_done():
    bench = ignoring().wait(11).tell(Supplied(False)).wait(60)
    assert bench.rungs == [(5, Step.NOTED), (10, Step.X1), (11, Step.OFF)]


def test_without_power_nobody_disobeys():
    assert ignoring().tell(Supplied(False)).wait(60).steps == []


def test_each_time_again_it_is_borne_with_less():
    bench = ignoring(Means.MESSAGES)
    for _ in range(3):
        bench.wait(8).tell(Measured(10.0)).wait(1).tell(Measured(16.0))
    assert bench.names == [
        *(Step.NOTED, Step.RENEGOTIATE, Step.OBEYED),
        *(Step.NOTED, Step.STOP, Step.OBEYED),
        *(Step.NOTED, Step.X1, Step.OBEYED),
    ]


def test_by_pulses_the_second_time_there_is_no_warning():
    bench = ignoring().wait(6).tell(Measured(10.0)).wait(1).tell(Measured(16.0)).wait(5)
    assert bench.rungs[2:] == [(12, Step.NOTED), (12, Step.X1)]


def test_of_another_vehicle_nothing_of_that_is_remembered():
    bench = ignoring().wait(6).tell(Measured(10.0), Arrived(), Measured(16.0)).wait(6)
    assert bench.names == [Step.NOTED, Step.OBEYED, Step.NOTED]


def test_a_meter_that_falls_silent_holds_the_ladder_where_it_is():
    bench = ignoring(Means.MESSAGES).wait(8).tell(MeasuringEnded()).wait(300)
    assert bench.names == [Step.NOTED, Step.RENEGOTIATE]


def test_and_when_it_is_back_the_rung_has_its_whole_time():
    bench = ignoring(Means.MESSAGES).wait(8).tell(MeasuringEnded()).wait(92)
    bench.tell(Measured(16.0)).wait(11)
    assert bench.rungs[2:] == [(110, Step.STOP)]


def test_without_a_meter_there_is_no_ladder_and_it_is_said_once():
    bench = Bench(drawn=None).tell(LimitSet(6.0)).wait(100)
    bench.tell(Supplied(False), Supplied(True)).wait(100)
    assert bench.steps == [(30, Unwatched())]


def test_power_that_is_on_already_is_no_news():
    bench = Bench(drawn=None).wait(20).tell(Supplied(True)).wait(20)
    assert bench.steps == [(30, Unwatched())]


@pytest.mark.parametrize(("seconds", "at"), [(3.0, 3), (0.0, 1), (1e9, 60), (float("nan"), 5)])
def test_how_long_a_vehicle_takes_may_be_known(seconds, at):
    bench = Bench().tell(ReactionKnown(seconds), LimitSet(14.0)).wait(61)
    assert bench.rungs[0] == (at, Step.NOTED)


def test_far_too_much_for_too_long_ends_it_whatever_the_ladder_does():
    bench = ignoring(Means.SCHEDULE, trip_seconds=6.0).wait(100)
    assert bench.rungs[-1] == (20, Step.TRIP)  # it had its time to be told, and no more


def test_not_so_what_is_only_too_much():
    bench = ignoring(Means.MESSAGES, amps=13.0, trip_seconds=8.0).wait(100)
    assert Step.TRIP not in bench.names


def test_what_is_far_too_much_is_so_for_as_long_without_a_break():
    bench = ignoring(trip_seconds=8.0).wait(7).tell(Measured(12.0)).wait(1)
    assert Step.TRIP not in bench.tell(Measured(16.0)).wait(1.9).names


def test_one_that_has_been_tripped_is_not_tripped_again():
    assert ignoring(trip_seconds=6.0).wait(200).names == [Step.NOTED, Step.TRIP]


def test_below_6_amperes_the_bound_is_that_of_6():
    assert Bench(drawn=7.0, trip_seconds=6.0).tell(LimitSet(1.0)).wait(16).names == [
        Step.NOTED,
        Step.X1,
    ]


@pytest.mark.parametrize("given", [{"react_seconds": 4.0}, {"trip_seconds": 4.0}])
def test_nobody_may_configure_less_than_the_5_s_of_every_vehicle(given):
    with pytest.raises(ConfigError, match="react_seconds"):
        Settings(**given)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 4.0, 20.0]), EVENTS), max_size=40))
def test_whatever_happens_rungs_come_in_order_and_nothing_is_done_without_power(happened):
    bench, ladder = Bench(), list(Step)
    for seconds, event in happened:
        bench.wait(seconds).tell(event)
        if event == Arrived():
            bench.steps.clear()
        last = bench.names[-2:]
        if len(last) == 2 and last[0] not in (Step.OBEYED, Step.OFF):
            assert ladder.index(last[0]) < ladder.index(last[1])
        if bench.machine._supplied_at is None:
            assert bench.machine.deadline is None
