"""How little a vehicle follows: asked step by step, and seen by a meter."""

import itertools

import pytest
from hypothesis import strategies as st

from seccstack.energy.floor import (
    DEFAULTS,
    HOLD,
    LEAST_SOUGHT,
    MOST_DECLARED,
    PATIENCE,
    RESUME,
    SUSPECT,
    Declared,
    Ended,
    Excused,
    Floor,
    FloorChanged,
    FloorKnown,
    Found,
    Opened,
    Settings,
    Speaks,
)
from seccstack.energy.watchdog_events import (
    Arrived,
    LimitSet,
    Means,
    MeansChanged,
    Measured,
    MeasuringEnded,
    ReactionKnown,
    Supplied,
    Told,
)

EVENTS = st.one_of(
    st.builds(LimitSet, st.sampled_from([0.0, 2.0, 3.0, 5.8, 6.0, 16.0])),
    st.builds(Told, st.sampled_from([0.0, 2.0, 5.8, 6.0, 16.0])),
    st.builds(Measured, st.sampled_from([0.0, 2.0, 5.8, 6.0, 16.0])),
    st.builds(MeansChanged, st.sampled_from([Means.MESSAGES, Means.MESSAGES, Means.PULSES])),
    st.builds(Supplied, st.sampled_from([True, True, False])),
    st.builds(Speaks, st.booleans()),
    st.builds(FloorKnown, st.sampled_from([2.8, 6.0, 7.0]), st.booleans()),
    st.builds(Declared, st.floats()),
    st.sampled_from([Arrived(), MeasuringEnded(), Opened(), Ended(), Excused()]),
)
SESSION = (Arrived(), Speaks(True), MeansChanged(Means.MESSAGES), Supplied(True))
STOPPED, EXCEEDS = "it stopped drawing", "it draws more than it was told"


class Outlet:
    """A vehicle that is told its limit each second, and draws what ``draws`` says of it."""

    def __init__(self, draws=lambda amps: amps, settings=DEFAULTS, before=SESSION):
        self.floor, self.draws, self.now = Floor(settings), draws, 0.0
        self.done, self.worth = [], 6.0
        self.tell(*before)

    def tell(self, *events):
        for event in events:
            self._take(self.floor.receive(event, self.now))
        return self

    def _take(self, actions):
        self.done += actions
        for action in actions:
            if isinstance(action, FloorChanged):
                self.worth = action.amps

    def live(self, seconds, limit):
        """Let the limit be that, which may be asked of what is worth offering."""
        for _ in range(seconds):
            self.now += 1.0
            self._take(self.floor.tick(self.now))
            amps = limit(self.worth) if callable(limit) else limit
            self.tell(LimitSet(amps), Told(amps), Measured(self.draws(amps)))
        return self

    def sun(self, amps, seconds=300):
        """Let the sun leave so much; it offers no less than what is worth offering."""
        return self.live(seconds, lambda worth: max(worth, amps))

    @property
    def found(self):
        return [(a.amps, a.final, a.why) for a in self.done if isinstance(a, Found)]


def with_floor(amps):
    return lambda told: told if told >= amps else 0.0


def test_a_vehicle_that_follows_to_2_75_amperes_is_found_out_in_small_steps():
    outlet = Outlet(with_floor(2.75)).sun(2.0)
    steps = [a.amps for a in outlet.done if isinstance(a, FloorChanged)]
    assert steps[:3] == [5.8, 5.6, 5.4]
    downwards = itertools.pairwise(steps[:-1])
    assert all(0 < a - b < 0.21 for a, b in downwards)
    assert outlet.found == [(2.8, True, STOPPED)]
    assert outlet.worth == 2.8


def test_each_step_is_followed_for_a_while_before_the_next():
    outlet = Outlet()
    outlet.sun(2.0, int(HOLD))
    assert outlet.worth == 6.0
    outlet.sun(2.0, 1)
    assert outlet.worth == 5.8


def test_nothing_below_what_is_asked_for_is_tried():
    outlet = Outlet().sun(4.9)
    assert outlet.worth == 4.8
    assert outlet.found == []


def test_nor_anything_while_there_is_enough():
    assert Outlet().sun(16.0).done == []


def test_what_was_found_by_the_way_is_said_when_the_power_goes_off():
    outlet = Outlet().sun(4.9).tell(Supplied(False))
    assert outlet.found == [(5.0, False, "no less was asked for")]
    assert outlet.worth == 5.0
    assert outlet.tell(Supplied(False)).found == [(5.0, False, "no less was asked for")]


def test_the_search_ends_where_less_makes_no_sense():
    outlet = Outlet().sun(1.0)
    assert outlet.found == [(LEAST_SOUGHT, True, "less is not sought")]
    assert outlet.worth == LEAST_SOUGHT


def test_one_that_stops_at_the_first_step_keeps_6_amperes_and_is_never_asked_again():
    outlet = Outlet(with_floor(6.0)).sun(2.0)
    assert outlet.found == [(6.0, True, STOPPED)]
    assert outlet.done[-1] == FloorChanged(6.0, 6.0)
    assert len(outlet.sun(2.0).done) == 3


def test_one_that_goes_on_with_6_amperes_does_not_follow():
    outlet = Outlet(lambda told: max(told, 6.0)).sun(2.0)
    assert outlet.found == [(6.0, True, EXCEEDS)]


def test_one_that_follows_to_5_and_no_further_is_known_to():
    outlet = Outlet(lambda told: max(told, 5.0)).sun(2.0)
    assert outlet.found == [(5.0, True, EXCEEDS)]


def test_a_full_battery_that_takes_little_says_nothing():
    assert Outlet(lambda told: 2.0).sun(2.0).done == []


def test_one_that_draws_nothing_at_6_amperes_has_not_been_asked_for_less():
    assert Outlet(lambda told: 0.0).sun(2.0).done == []


def test_one_that_does_not_come_back_with_the_step_before_is_not_trusted():
    drawn = {"on": True}

    def once_off_always_off(told):
        drawn["on"] = drawn["on"] and told >= 4.0
        return told if drawn["on"] else 0.0

    outlet = Outlet(once_off_always_off).sun(2.0)
    assert outlet.found == [
        (4.0, True, STOPPED),
        (6.0, True, "it did not come back to what it drew before"),
    ]
    assert outlet.worth == 6.0


# Opening the switch, and ending the session.


def seeking(amps=5.0):
    """One that has followed so far, and is told a little less."""
    outlet = Outlet()
    while outlet.worth >= amps:
        outlet.sun(2.0, 1)
    return outlet.sun(2.0, 1)


def test_one_that_opens_its_switch_has_shown_its_floor():
    outlet = seeking().tell(Opened(), Supplied(False))
    assert outlet.found == [(5.0, True, "it opened its switch")]
    assert outlet.worth == 5.0


def test_one_that_ends_its_session_for_it_is_not_trusted_with_little_at_all():
    outlet = seeking().tell(Opened(), Supplied(False), Ended())
    assert outlet.found[-1] == (6.0, True, "it ended its session")
    assert outlet.worth == 6.0


def test_nor_one_that_opens_its_switch_between_two_steps():
    outlet = Outlet().sun(4.9, 40)
    assert outlet.worth == 4.8
    assert outlet.tell(Opened()).found == [(6.0, True, "it opened its switch")]


def test_long_after_it_was_told_little_the_end_has_another_reason():
    outlet = Outlet().sun(4.9, int(SUSPECT) + 40).tell(Opened(), Ended())
    assert outlet.found == []


def test_being_unplugged_or_asked_to_stop_is_no_answer():
    outlet = seeking().tell(Excused()).sun(2.0, 1)
    outlet.tell(Opened(), Supplied(False), Ended())
    assert outlet.found == [(5.0, False, "no less was asked for")]


# Limits that are lower for other reasons.


def test_a_limit_that_is_little_and_followed_is_known_to_be():
    outlet = Outlet().live(20, 3.0)
    assert outlet.worth == 2.8
    assert outlet.tell(Supplied(False)).found == [(3.0, False, "no less was asked for")]


def test_one_that_does_not_follow_it_may_follow_something_between():
    outlet = Outlet(with_floor(4.0)).live(int(PATIENCE + RESUME / 2), 3.0)
    assert outlet.worth == 6.0
    assert outlet.sun(2.0).found == [(4.0, True, STOPPED)]


def test_and_the_search_does_not_go_there_again():
    outlet = Outlet(with_floor(3.1)).live(20, 3.0).sun(2.0)
    assert outlet.found == [(3.2, True, "less is not sought")]


def test_a_pause_is_no_question():
    assert Outlet(with_floor(6.0)).live(100, 0.0).done == []


# What is known, said, and not to be told.


def test_what_is_known_is_used_at_once_and_no_longer_searched():
    outlet = Outlet().tell(FloorKnown(2.8, final=True))
    assert outlet.worth == 2.8
    assert outlet.sun(2.0).found == []
    assert outlet.done == [FloorChanged(2.8, 2.8)]


def test_what_is_not_known_to_be_all_is_searched_further():
    outlet = Outlet(with_floor(3.0)).tell(FloorKnown(4.0, final=False)).sun(2.0)
    assert outlet.worth == 3.0
    assert outlet.found == [(3.0, True, STOPPED)]


def test_a_vehicle_that_is_known_to_need_more_than_6_is_offered_no_less_by_pulses_either():
    outlet = Outlet(before=[Arrived()]).tell(FloorKnown(7.0, final=True))
    assert outlet.worth == 7.0


@pytest.mark.parametrize(("declared", "worth"), [(7.0, 7.0), (2.0, 6.0), (30.0, 6.0)])
def test_what_it_declares_counts_where_it_is_a_little_more(declared, worth):
    assert Outlet().tell(Declared(declared)).worth == worth


def test_but_not_where_more_is_known():
    assert Outlet().tell(FloorKnown(4.0, True), Declared(7.0)).worth == 4.0


def test_by_pulses_nothing_below_6_amperes_is_ever_worth_offering():
    outlet = Outlet().tell(FloorKnown(2.8, final=True), Speaks(False))
    assert outlet.worth == 6.0
    assert outlet.done[-1] == FloorChanged(6.0)


@pytest.mark.parametrize("event", [MeansChanged(Means.SCHEDULE), Supplied(False)], ids=str)
def test_nothing_is_searched_where_it_cannot_be_told_or_seen(event):
    assert Outlet().tell(event).sun(2.0).done == []


def test_nor_without_a_meter():
    outlet = Outlet()
    for second in range(100):
        outlet.tell(LimitSet(6.0), Told(6.0), Measured(6.0), MeasuringEnded())
        outlet.now = float(second)
        assert outlet.floor.tick(outlet.now) == []


def test_nor_where_it_is_configured_off():
    assert Outlet(settings=Settings(search=False)).sun(2.0).done == []


def test_what_was_not_told_yet_is_not_judged():
    outlet = Outlet().tell(LimitSet(6.0), Told(6.5), Measured(6.0))
    assert outlet.floor.deadline is None


def test_another_vehicle_begins_anew():
    outlet = Outlet(with_floor(6.0)).sun(2.0).tell(Arrived(), ReactionKnown(3.0))
    assert outlet.done[-1] == FloorChanged(6.0)


@pytest.mark.parametrize(("amps", "least"), [(0.0, LEAST_SOUGHT), (80.0, MOST_DECLARED)])
def test_what_no_search_can_have_found_is_not_believed(amps, least):
    assert Outlet().tell(FloorKnown(amps, final=True)).worth == least
