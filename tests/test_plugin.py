"""What belongs to one plug-in, and its two waits."""

from dataclasses import replace

import pytest

from seccstack.events import StreamOpened
from seccstack.plugin import (
    CONNECT_WITHIN,
    LEAVE_AFTER,
    RESUME_WITHIN,
    RETURN_WITHIN,
    SILENT_WITHIN,
    LeaveNetwork,
    NoSession,
    PlugIn,
    SessionDead,
)
from seccstack.session.events import BytesReceived, Paused
from seccstack.session.plant import Plant
from tests.session.vehicle import CHARGER, SESSION_SETUP, Ev, framed, sap

OPENED = StreamOpened(7, "fe80::1", bytes(range(8)), 1_700_000_000)


@pytest.fixture
def plug_in():
    return PlugIn(1)


def test_a_plug_in_waits_for_nothing_by_itself(plug_in):
    assert plug_in.deadline is None
    assert plug_in.tick(100.0) == []


def test_a_session_that_does_not_come_in_time_is_missed_once(plug_in):
    plug_in.linked = True
    plug_in.await_session(10.0)
    assert plug_in.deadline == 10.0 + CONNECT_WITHIN
    assert plug_in.tick(29.9) == []
    assert plug_in.tick(30.0) == [
        NoSession(f"no session within {CONNECT_WITHIN:g} s of the link", linked=True)
    ]
    assert plug_in.deadline is None


def test_a_session_that_comes_is_not_missed(plug_in):
    plug_in.await_session(10.0)
    plug_in.begin_session(CHARGER, OPENED, Plant(), 15.0)
    assert plug_in.deadline is None
    plug_in.await_session(16.0)
    assert plug_in.deadline is None


def test_a_network_is_left_a_moment_after_the_stop(plug_in):
    plug_in.stopped(10.0)
    assert plug_in.deadline == 10.0 + LEAVE_AFTER
    assert plug_in.tick(10.8) == [LeaveNetwork()]
    assert plug_in.deadline is None


def test_but_not_if_the_vehicle_is_back_by_then(plug_in):
    plug_in.stopped(10.0)
    plug_in.begin_session(CHARGER, OPENED, Plant(), 10.5)
    assert plug_in.deadline is None


def test_both_waits_may_end_at_once(plug_in):
    plug_in.linked = True
    plug_in.stopped(10.0)
    plug_in.await_session(0.0)
    assert plug_in.deadline == 10.8
    assert plug_in.tick(30.0) == [
        NoSession(f"no session within {CONNECT_WITHIN:g} s of the link", linked=True),
        LeaveNetwork(),
    ]


def test_a_vehicle_whose_session_broke_has_a_moment_to_come_back(plug_in):
    plug_in.await_return(10.0, "it broke")
    assert plug_in.tick(10.0 + RETURN_WITHIN) == [NoSession("it broke")]


def test_a_vehicle_in_our_network_or_one_that_paused_needs_no_matching(plug_in):
    assert not plug_in.rejoins
    plug_in.linked = True
    assert plug_in.rejoins
    plug_in.linked, plug_in.resumable = False, Paused(bytes(8), b"", None)
    assert plug_in.rejoins


def test_a_paused_session_may_be_joined_by_the_next_one_and_by_no_other(plug_in):
    paused = plug_in.resumable = Paused(bytes(8), b"", None)
    plug_in.begin_session(CHARGER, OPENED, Plant(), 0.0)
    assert plug_in.session.opening.resumable is paused
    assert plug_in.resumable is None


@pytest.mark.parametrize(
    ("before", "now", "joins"),
    [(b"car...", b"car...", True), (b"car...", b"other.", False), (None, b"other.", True)],
)
def test_only_the_station_that_paused_joins_where_both_are_known(plug_in, before, now, joins):
    plug_in.resumable, plug_in.paused_by = Paused(bytes(8), b"", None), before
    plug_in.begin_session(CHARGER, replace(OPENED, mac=now), Plant(), 0.0)
    assert (plug_in.session.opening.resumable is not None) is joins


def test_a_stop_that_is_wanted_is_known_to_the_session_from_the_beginning(plug_in):
    plug_in.stop = "enough"
    plant = Plant()
    plug_in.begin_session(CHARGER, OPENED, plant, 0.0)
    assert plant.stop.why == "enough"
    assert plant.stopping


def test_a_session_has_the_id_that_came_with_its_stream(plug_in):
    plug_in.begin_session(CHARGER, OPENED, Plant(), 0.0)
    ev = Ev()
    ev.session, ev.session_id = plug_in.session, OPENED.session_id
    ev.tell(BytesReceived(sap()))
    assert ev.write(framed(SESSION_SETUP, bytes(1))).evse_time_stamp == 1_700_000_100


def test_an_ended_session_leaves_no_stream(plug_in):
    plug_in.begin_session(CHARGER, OPENED, Plant(), 0.0)
    assert plug_in.stream == 7
    plug_in.end_session()
    assert (plug_in.stream, plug_in.session) == (None, None)


def test_a_vehicle_that_wakes_up_has_its_link_back_before_it_opens_a_session(plug_in):
    plug_in.await_session(10.0)
    why = f"the link was not back within {RESUME_WITHIN:g} s of waking up"
    assert plug_in.tick(10.0 + RESUME_WITHIN) == [NoSession(why, linked=True)]


def test_unless_it_has_forgotten_our_key_and_is_being_matched(plug_in):
    plug_in.await_session(10.0)
    plug_in.bear_with_matching(14.0)
    assert plug_in.deadline == 14.0 + RESUME_WITHIN
    plug_in.matched()
    assert plug_in.deadline is None
    plug_in.bear_with_matching(15.0)
    assert plug_in.deadline is None


def test_a_session_whose_modem_is_dead_is_dead_when_it_is_silent_too(plug_in):
    plug_in.begin_session(CHARGER, OPENED, Plant(), 10.0)
    plug_in.doubt("no modem", 20.0)
    plug_in.heard(22.0)
    assert plug_in.lives(22.0)
    assert plug_in.tick(26.9) == []
    assert plug_in.tick(22.0 + SILENT_WITHIN) == [SessionDead("no modem")]
    assert not plug_in.lives(22.0 + SILENT_WITHIN)
    assert plug_in.deadline is None


def test_a_modem_that_is_back_is_trusted(plug_in):
    plug_in.begin_session(CHARGER, OPENED, Plant(), 10.0)
    plug_in.doubt("no modem", 20.0)
    plug_in.trust()
    assert plug_in.deadline is None


def test_where_there_is_no_session_nothing_dies_with_the_modem(plug_in):
    plug_in.doubt("no modem", 20.0)
    assert plug_in.deadline is None
    assert not plug_in.lives(20.0)
