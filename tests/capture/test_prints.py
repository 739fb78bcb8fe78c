"""The fingerprint of a recorded plug-in."""

import pytest

from seccstack.capture.plugins import plug_ins_of
from seccstack.capture.prints import fingerprint_of
from tests.capture.scene import SET_UP, SETUP, Scene, choice, offer


@pytest.fixture
def shown():
    scene = Scene()
    scene.match(run=b"TESLA EV")
    scene.discover()
    talk = scene.connect()
    talk.exchange(offer(), choice(), SETUP, SET_UP)
    talk.close("ev")
    [plug_in] = plug_ins_of(scene.trace())
    return fingerprint_of(plug_in.items)


def test_matching_discovery_and_messages_are_in_it(shown):
    assert shown.run_id == 'the text "TESLA EV"'
    assert shown.sounds == pytest.approx(0.2)  # a sound, and our modem's report of it
    assert (shown.security, shown.sdp) == ("none", pytest.approx(0.1))
    assert shown.offer == ("urn:iso:15118:2:2013:MsgDef 2.0 id 1 priority 1",)
    assert (shown.session_id, shown.pace) == ("8 octets", pytest.approx(0.1))


def test_so_is_how_the_vehicle_opened_its_connection(shown):
    assert shown.tcp == "window 8192, hop limit 64, options none"


def test_a_connection_whose_beginning_is_not_recorded_tells_nothing_of_that():
    scene = Scene()
    scene.discover()
    scene.connect(opened=False).exchange(offer(), choice(), b"no message")
    [plug_in] = plug_ins_of(scene.trace())
    assert fingerprint_of(plug_in.items).tcp is None
