"""ISO 15118-20: when a vehicle in scheduled mode is asked to exchange schedules anew."""

from seccstack.session.events import ForecastChanged, LimitChanged, Renegotiate
from tests.session.iso20.vehicle import DYNAMIC_LOOP, Ev, loop, power, scheduled


def turns(ev, seconds, request=None):
    """Turn the loop for so long; return the last notification."""
    for _ in range(int(seconds / 0.4)):
        ev.wait(0.4)
        status = ev.ask(request or loop()).evse_status
    return status and status.evse_notification.value


def test_a_rise_that_lasts_is_offered_anew():
    ev = Ev().charge()
    turns(ev, 40)
    ev.tell(LimitChanged(32.0))
    assert turns(ev, 25) is None
    assert turns(ev, 10) == "ScheduleRenegotiation"
    ev.ask(power("ScheduleRenegotiation"))
    ev.ask(scheduled())
    assert ev.ask(power("Start")).evse_status is None


def test_a_rise_that_does_not_last_is_not():
    ev = Ev().charge()
    turns(ev, 60)
    ev.tell(LimitChanged(32.0))
    turns(ev, 20)
    ev.tell(LimitChanged(16.0))
    turns(ev, 1)
    ev.tell(LimitChanged(32.0))
    assert turns(ev, 20) is None


def test_a_fall_is_the_target_and_no_more():
    ev = Ev().charge()
    ev.tell(LimitChanged(6.0))
    assert turns(ev, 70) is None


def test_what_is_planned_anew_is_offered_anew_once():
    ev = Ev().charge()
    turns(ev, 61)
    ev.tell(ForecastChanged(((ev.now + 3600, 8.0),), plans=1))
    assert turns(ev, 1) == "ScheduleRenegotiation"


def test_what_is_planned_anew_as_it_was_is_not():
    ev = Ev().charge()
    turns(ev, 61)
    ev.tell(ForecastChanged(((ev.now + 3600, 16.0),), plans=1))
    assert turns(ev, 1) is None


def test_what_is_planned_otherwise_for_a_moment_is_not():
    ev = Ev().charge()
    turns(ev, 61)
    ev.tell(ForecastChanged(((ev.now + 3600, 8.0), (ev.now + 3630, 16.0)), plans=1))
    assert turns(ev, 1) is None


def test_in_dynamic_mode_there_is_nothing_to_exchange_anew():
    ev = Ev().charge(2)
    ev.session._plant.renegotiation = Renegotiate("owner")
    assert turns(ev, 1, DYNAMIC_LOOP) is None
