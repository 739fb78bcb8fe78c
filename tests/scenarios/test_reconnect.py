"""A stream that ends is not yet the end of ISO 15118: cars come back, and within a second."""

from dataclasses import replace

import pytest

from seccstack.events import CloseStream, Ignored, StreamClosed, StreamOpened
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Fault, PilotState
from seccstack.plugin import RETURN_WITHIN
from seccstack.sim.car import link_local
from tests.scenarios.scene import MAC, Scene, character

BUSY = character(wakes_by_pilot=False, wishes={"loops": 1000})
LATE = character(sdp_seconds=3.0)  # it looks for an SECC a while after it has a link
ADDRESS = link_local(MAC)


def opened(number, mac=MAC, address=ADDRESS):
    return StreamOpened(number, address, b"\x01" * 8, 1_700_000_000, mac)


def signals(scene):
    return [action.signal for _, action in scene.done(limits.Apply)]


def try_tls_in_vain(scene):
    """A connection that is closed at once, as by a car that wants TLS and gets none."""
    return scene.tell(opened(77)).wait(0.01).tell(StreamClosed(77))


def test_a_car_whose_tls_attempt_failed_charges_by_a_plain_session_at_5_percent():
    scene = Scene(car=LATE).plug_in()
    scene.wait_until(lambda: scene.noted("link ready"))
    try_tls_in_vain(scene).wait(0.3)
    scene.tell(opened(78)).wait(0.01).tell(StreamClosed(78))
    scene.wait_until(lambda: scene.drawing, within=30)
    assert Fault() not in signals(scene)
    assert scene.signal == Digital()


def test_a_stranger_who_connects_before_slac_does_not_end_the_waiting_for_it():
    scene = Scene(car=character(slac={"start_seconds": 20.0})).plug_in()
    try_tls_in_vain(scene)
    scene.wait_until(lambda: scene.drawing, within=40)
    assert Fault() not in signals(scene)


def test_a_car_back_half_a_second_after_its_stream_broke_gets_energy_only_for_a_new_start():
    scene = Scene(car=BUSY).charge()
    scene.lose_stream().wait(0.5)
    assert not scene.world.pilot.closed
    scene.appetite(True).wait_until(lambda: scene.drawing)
    assert len(scene.noted("stream opened")) == 2
    assert Fault() not in signals(scene)
    assert scene.reasons() == []


def test_a_car_that_does_not_come_back_goes_by_pulse_width():
    scene = Scene(car=BUSY).charge().lose_stream()
    scene.wait(RETURN_WITHIN - 0.1)
    assert scene.signal == Digital()
    scene.wait_until(lambda: scene.drawing, within=20)
    assert scene.reasons() == ["the vehicle closed the stream"]


@pytest.mark.parametrize("late", [0.5, 2.4, 2.9, 5.0, 6.4])
def test_a_car_back_while_the_pilot_steps_down_is_taken_back_to_5_percent(late):
    scene = Scene(car=BUSY).charge()
    scene.lose_stream().wait(RETURN_WITHIN + late).appetite(True)
    scene.wait_until(lambda: scene.drawing, within=40)
    assert scene.signal == Digital()
    assert scene.ended() == ["broken"]


def test_so_is_one_that_matches_then():
    quiet = character(sdp_seconds=1000.0, wakes_by_pilot=False)
    scene = Scene(car=quiet).plug_in()
    scene.wait_until(scene.reasons).wait(1.6)  # it finds out that its network is gone
    scene.world.car.character = replace(quiet, sdp_seconds=0.5)
    scene.appetite(True).wait_until(lambda: scene.drawing)
    assert scene.signal == Digital()
    assert Fault() not in [action.signal for _, action in scene.done(limits.Apply)]


def test_a_stranger_on_an_interface_that_is_lost_does_not_leave_the_car_at_5_percent():
    scene = Scene(car=character(speaks=False)).plug_in()
    scene.tell(opened(99)).world.lose_powerline("eth1 went down")
    scene.tell(StreamClosed(99)).wait_until(lambda: scene.drawing, within=20)


def test_a_second_connection_of_the_same_car_takes_the_place_of_a_dead_one():
    scene = Scene(car=BUSY).charge()
    first = scene.stream
    scene.tell(opened(99))
    closed = [(a.stream, a.reason) for _, a in scene.done(CloseStream)]
    assert closed == [(first, "the vehicle opened another connection")]
    assert scene.noted("session ended")[-1]["why"] == "the vehicle opened another connection"
    scene.wait(1)
    assert not scene.world.pilot.closed
    assert scene.signal == Digital()


@pytest.mark.parametrize(
    "other",
    [opened(99, mac=bytes.fromhex("EC65CC010299")), opened(99, address="fe80::2")],
    ids=["another Ethernet address", "another IPv6 address"],
)
def test_a_second_connection_of_anybody_else_is_refused(other):
    scene = Scene(car=BUSY).charge().tell(other).wait(2)
    assert [a.stream for _, a in scene.done(CloseStream)] == [99]
    assert [a.why for _, a in scene.done(Ignored)][-1] == "another session is active"
    assert scene.drawing


def test_what_ended_a_session_is_said_as_it_was():
    scene = Scene(car=BUSY).charge()
    scene.world.line.modems["ev"].network_key = None
    scene.wait_until(scene.ended, within=30)
    assert scene.noted("session ended")[-1]["why"] == "the powerline link is lost"


def test_a_session_on_top_of_pulses_has_to_ask_for_energy_like_any_other():
    scene = Scene(car=character(speaks=False)).charge(within=80)
    scene.tell(limits.PilotChanged(PilotState.CONNECTED)).wait(1)
    scene.tell(opened(99)).tell(limits.PilotChanged(PilotState.READY)).wait(2)
    assert not scene.world.pilot.closed
