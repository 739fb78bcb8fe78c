"""Frames that are wrong in every way there is, while a car of our own is being matched."""

from collections import Counter

import pytest

from seccstack.homeplug.frame import BROADCAST, Frame, encode_frame
from seccstack.homeplug.messages import (
    AmpMapReq,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SlacMatchReq,
    SlacParmReq,
    StartAttenCharInd,
    ValidateReq,
)
from seccstack.sim.world import EVSE_MAC, EVSE_MODEM
from seccstack.slac import station
from tests.scenarios.scene import MAC, Scene, character
from tests.slac.test_line import flood_frames

STRANGER = bytes.fromhex("02AABBCCDD02")
RUN = bytes(8)
PROFILE = AttenProfileInd(ev_mac=MAC, attenuations=bytes([9]) * 58)
MESSAGES = [
    (SlacParmReq(run_id=RUN), BROADCAST),
    (StartAttenCharInd(forwarding_station=STRANGER, run_id=RUN), BROADCAST),
    (MnbcSoundInd(remaining=9, run_id=RUN, random=bytes(16)), BROADCAST),
    (AttenCharRsp(source_address=STRANGER, run_id=RUN), EVSE_MAC),
    (ValidateReq(), EVSE_MAC),
    (SlacMatchReq(ev_mac=STRANGER, evse_mac=EVSE_MAC, run_id=RUN), EVSE_MAC),
    (AmpMapReq(reductions=bytes(459)), EVSE_MAC),
    (PROFILE, BROADCAST),
]
WHOLE = [encode_frame(Frame(to, STRANGER, message)) for message, to in MESSAGES]


def changed(octets, at, *new):
    return octets[:at] + bytes(new) + octets[at + len(new) :]


def cut():
    return [octets[:length] for octets in WHOLE for length in range(len(octets))]


def lengths():
    """Every field that counts something, at its extremes: NumGroups, MVFLength, AMLEN."""
    numbers = [0, 1, 57, 59, 127, 128, 254, 255]
    groups = [changed(WHOLE[7], 25, n) for n in numbers]
    choices = [changed(WHOLE[5], 21, low, high) for low in numbers for high in (0, 255)]
    maps = [changed(WHOLE[6], 19, low, high) for low in numbers for high in (0, 3, 255)]
    return groups + choices + maps


def trailing():
    return [octets + b"\xff" * n for octets in WHOLE for n in (1, 100, 1000, 1458, 5000)]


def versions():
    return [changed(octets, 14, n) for octets in WHOLE for n in (0, 2, 3, 127, 255)]


def fragments():
    return [changed(octets, 17, n) for octets in WHOLE for n in (1, 0x10, 0x11, 0xFF)]


HOSTILE = {
    "cut at every length": cut,
    "with extreme lengths": lengths,
    "with garbage behind it": trailing,
    "of another version": versions,
    "in fragments": fragments,
}


def ignored(scene):
    return Counter(what for what, _ in scene.ignored())


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_frame_keeps_the_rightful_car_from_charging(kind):
    scene = Scene(car=character(wishes={"loops": 1000})).plug_in()
    frames = HOSTILE[kind]()
    for octets in frames:
        scene.tell(station.FrameReceived(octets)).wait(1.0 / len(frames))
    scene.wait_until(lambda: scene.drawing)
    assert [m["ev_mac"] for m in scene.noted("matched")] == [MAC.hex().upper()]
    assert scene.noted("matched")[0]["attenuation_db"] == 20.0
    assert len(ignored(scene)) <= 1 + len(MESSAGES)  # one counter and log line a kind


def test_profiles_of_another_modem_change_nothing_of_what_is_reported():
    scene = Scene().plug_in()
    for _ in range(100):
        scene.say_on_line(PROFILE, STRANGER).wait(0.01)
    assert scene.noted("matched")[0]["attenuation_db"] == 20.0
    assert ignored(scene) == {"CM_ATTEN_PROFILE.IND": 100}


def test_profiles_of_our_own_modem_would():
    scene = Scene().plug_in().wait(0.3)
    scene.say_on_line(PROFILE, EVSE_MODEM).wait(1)
    assert scene.noted("matched")[0]["attenuation_db"] < 20


def test_a_flood_of_10_000_frames_is_borne_by_the_whole_charger():
    scene = Scene().plug_in()
    for octets in flood_frames(10_000, 1000):
        scene.tell(station.FrameReceived(octets)).wait(0.0002)
    scene.wait_until(lambda: scene.drawing)
    assert len(ignored(scene)) <= 4
