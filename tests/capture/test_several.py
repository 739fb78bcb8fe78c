"""Several vehicles and chargers in one capture: each session as if it were alone."""

from dataclasses import replace
from itertools import count

import pytest

from seccstack.capture.packets import Packet
from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from tests.capture.scene import Scene

PAIRS = [
    ("audi-q4-ac-iso2-1.pcap", "kia-ev6-2023-04-25-0733-kia-ev6-dinspec.pcap"),
    ("citroen-ec4-2024-02-29-1238-citroen-ec4-1-din-spec.pcap", "audi-q4-dc-iso2.pcap"),
    (
        "tesla-model-y-11-1-din-spec-70121-2023-03-30-1100-tesla-y-dinspec.pcap",
        "vw-id-4-iso-15118-2-dc-2023-04-14-0953-4-config-dc-iso2-pnc.pcap",
    ),
    (
        "opel-ampera-e-2023-01-13-din-spec-70121-session-ampera-dc-din.pcap",
        "hyundai-ioniq5-iso15118-2-dc-2023-04-07-1301-iso15118-charge.pcap",
    ),
]
EV, EVSE = bytes.fromhex("02AA00000009"), bytes.fromhex("02BB00000009")


def packets_of(path, begin):
    """The packets of a capture, as if it had begun then."""
    found = [record for record in read_capture(path) if isinstance(record, Packet)]
    shift = begin - found[0].time
    return [replace(packet, time=packet.time + shift) for packet in found]


def numbered(packets):
    return [replace(packet, number=n) for packet, n in zip(packets, count(1))]


def told(packets):
    """Sessions in the order in which they began, without what counts packets."""
    sessions = [s.to_json() for s in sessions_of(read_trace("x", numbered(packets)))]
    for session in sessions:
        for error in session["errors"]:
            del error["packet"]
        if session["failure"]:
            del session["failure"]["evidence"]
    return sorted(sessions, key=lambda session: session["started"])


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("later", [0.05, 3.0, 20.0])
def test_two_recordings_merged_give_the_sessions_of_both(shared, pair, later):
    first = packets_of(shared / "captures" / pair[0], 1000.0)
    second = packets_of(shared / "captures" / pair[1], 1000.0 + later)
    merged = sorted([*first, *second], key=lambda packet: packet.time)
    assert told(merged) == sorted(
        told(first) + told(second), key=lambda session: session["started"]
    )


def test_a_vehicle_that_comes_while_another_charges_does_not_disturb_it():
    scene = Scene()
    scene.match()
    scene.discover()
    talk = scene.connect().set_up()
    scene.match(ev=EV, evse=EVSE)
    scene.discover(ev=EV, evse=EVSE)
    other = scene.connect(ev=EV, evse=EVSE).set_up()
    talk.close("evse")
    other.close("ev")
    first, second = sessions_of(scene.trace())
    assert (len(first.messages), len(second.messages)) == (4, 4)
    assert (first.slac.evse_mac, second.slac.evse_mac) == (talk.macs["evse"], EVSE)
    assert (first.failure.whose, second.failure.whose) == ("evse", "ev")
    assert first.plug_in.crosstalk == second.plug_in.crosstalk == []
