"""A vehicle ends its session, whenever it likes."""

import pytest

from seccstack.session.events import CloseStream, Paused, SessionEnded, Stopped
from seccstack.session.iso2.record import State
from tests.session.vehicle import EVCCID, OUR_ID, PAUSE, STOP, WAYS, Ev

AFTER_SETUP = [name for name in WAYS if name != "CONNECTED"]


@pytest.mark.parametrize("name", AFTER_SETUP)
def test_a_session_may_be_stopped_in_every_state_after_its_setup(name):
    ev = WAYS[name](Ev())
    assert ev.code(STOP) == "OK"
    assert ev.last[-2:] == [
        CloseStream("the vehicle stopped the session"),
        SessionEnded(Stopped()),
    ]
    assert not ev.energy()
    assert ev.session.deadline is None


@pytest.mark.parametrize("name", AFTER_SETUP)
def test_a_session_may_be_paused_in_every_state_after_its_setup(name):
    ev = WAYS[name](Ev())
    assert ev.code(PAUSE) == "OK"
    chosen = name in ("AGREED", "STARTING", "CHARGING", "METERED", "STOPPED")
    mode = "AC_three_phase_core" if chosen else None
    contract = name == "METERED" if chosen else None
    assert ev.last[-1] == SessionEnded(Paused(OUR_ID, EVCCID, mode, contract))
    assert not ev.energy()


@pytest.mark.parametrize("request_", [STOP, PAUSE])
def test_a_session_that_has_not_begun_cannot_be_stopped(request_):
    ev = Ev().connect()
    assert ev.code(request_) == "FAILED_SequenceError"
    assert ev.session.state is State.ENDED
