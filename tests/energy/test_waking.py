"""How a vehicle that sleeps is woken, and how often."""

from hypothesis import strategies as st

from seccstack.energy.waking import (
    AWAIT_SECONDS,
    Asked,
    Offered,
    Wake,
    WakeEnded,
    Waker,
    WakesKnown,
)
from seccstack.energy.watchdog_events import Arrived

EVENTS = st.one_of(
    st.builds(Offered, st.booleans(), st.booleans()),
    st.builds(Asked, st.booleans()),
    st.builds(WakesKnown, st.booleans(), st.none() | st.integers(0, 5)),
    st.just(Arrived()),
)
EDGE, FAULT = Wake(by_fault=False), Wake(by_fault=True)
PAUSED = (Arrived(), Offered(True), Asked(True), Offered(False), Asked(False))


def woken(*events, most=3, faults=True, seconds=1000):
    """What is done, and when, if all this happens at once and then nothing for a while."""
    waker, done = Waker(most, faults), []
    for event in events:
        done += [(0.0, action) for action in waker.receive(event, 0.0)]
    for now in range(1, seconds):
        done += [(float(now), action) for action in waker.tick(float(now))]
    return done


def wakes(*events, **how):
    return [action for _, action in woken(*events, **how) if isinstance(action, Wake)]


def test_a_vehicle_that_was_paused_and_sleeps_is_woken_by_an_edge_then_by_state_f():
    assert wakes(*PAUSED, Offered(True)) == [EDGE, FAULT, EDGE]


def test_each_attempt_is_given_longer_than_the_last_and_its_end_is_told():
    done = woken(*PAUSED, Offered(True))
    assert [now for now, _ in done] == [30, 90, 90, 210, 210, 450]
    ends = [action for _, action in done if isinstance(action, WakeEnded)]
    assert ends == [WakeEnded(f, n, False) for n, f in enumerate((False, True, False), 1)]


def test_where_state_f_is_not_allowed_edges_are_all_there_is():
    known = WakesKnown(by_fault=True)
    assert wakes(Arrived(), known, *PAUSED[1:], Offered(True), faults=False) == [EDGE] * 3


def test_what_has_woken_it_before_comes_first():
    known = WakesKnown(by_fault=True)
    assert wakes(Arrived(), known, *PAUSED[1:], Offered(True)) == [FAULT, EDGE, FAULT]


def test_one_that_refuses_the_second_time_is_woken_once():
    known = WakesKnown(by_fault=False, refused=2)
    assert wakes(Arrived(), known, *PAUSED[1:], Offered(True)) == [EDGE]
    nothing = WakesKnown(by_fault=False, refused=0)
    assert wakes(Arrived(), nothing, *PAUSED[1:], Offered(True)) == []


def test_one_that_is_known_to_bear_more_is_not_woken_more_often_than_is_wanted():
    known = WakesKnown(by_fault=False, refused=9)
    assert len(wakes(Arrived(), known, *PAUSED[1:], Offered(True), most=2)) == 2


def test_one_that_asks_in_time_is_not_woken():
    assert wakes(*PAUSED, Offered(True), Asked(True)) == []


def test_one_that_asks_after_it_was_woken_has_been():
    waker = Waker(3, faults=True)
    for event in (*PAUSED, Offered(True)):
        waker.receive(event, 0.0)
    assert waker.tick(AWAIT_SECONDS) == [EDGE]
    assert waker.receive(Asked(True), AWAIT_SECONDS + 5) == [WakeEnded(False, 1, True)]
    assert waker.deadline is None


def test_a_full_one_is_left_alone_also_after_a_pause():
    full = (Arrived(), Offered(True), Asked(True), Asked(False))
    assert wakes(*full) == []
    assert wakes(*full, Offered(False), Offered(True)) == []


def test_one_that_has_never_asked_may_have_a_clock():
    assert wakes(Arrived(), Asked(False), Offered(True)) == []


def test_one_that_opens_its_switch_after_the_offer_has_ended_was_paused_all_the_same():
    assert wakes(Arrived(), Offered(False), Asked(True), Asked(False), Offered(True))


def test_at_5_percent_it_is_not_the_pulses_that_it_ought_to_heed():
    assert wakes(*PAUSED, Offered(True, pulses=False)) == []


def test_one_that_refused_once_is_woken_once_all_the_same():
    known = WakesKnown(by_fault=False, refused=1)
    assert wakes(Arrived(), known, *PAUSED[1:], Offered(True)) == [EDGE]
