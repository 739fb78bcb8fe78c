"""The pilot as one maker's test system tells it."""

import pytest

from seccstack.capture.pilotlog import MAX_READINGS, changes_of, reading_of
from seccstack.capture.sessions import sessions_of
from seccstack.homeplug.frame import decode_frame
from tests.capture.recordings import recordings_in
from tests.capture.scene import BROADCAST, MODEM, Scene

HEADER = BROADCAST + MODEM + bytes.fromhex("88E1 01 0280 0000 644D70") + b"dSPACE|x|v1|"
TEXT = (
    b'{"PP Resistor [Ohm]" : 1568,"HV Contactor" : "Closed","Present Current [A]" : 13,'
    b'"Present Voltage [V]" : 230.5,"CP State" : "State_C2","CP/CE Voltage [V]" : -5.96}'
)


@pytest.fixture
def scene():
    return Scene()


def reading(text=TEXT, header=HEADER):
    return reading_of(decode_frame(header + text), 7, 1.5)


def pilot(scene, state):
    scene.packet(HEADER + b'{"CP State" : "State_%b"}' % state)


def test_a_reading_has_what_the_message_says():
    assert reading().to_json() == {
        "t": 1.5,
        "state": "C2",
        "cp_volts": -5.96,
        "pp_ohms": 1568.0,
        "contactor_closed": True,
        "amps": 13.0,
        "volts": 230.5,
    }


def test_of_a_message_that_was_cut_counts_what_is_whole():
    found = reading(TEXT[:-4])
    assert (found.state, found.volts, found.cp_volts) == ("C2", 230.5, None)


@pytest.mark.parametrize(
    "text",
    [
        b'{"CP State" : "State_X9"}',
        b'{"CP State" : 7}',
        b'{"CP/CE Voltage [V]" : "high"}',
        b'{"HV Contactor" : "Ajar"}',
    ],
)
def test_values_that_make_no_sense_are_null(text):
    found = reading(text).to_json()
    assert [value for key, value in found.items() if key != "t"] == [None] * 6


@pytest.mark.parametrize(
    "header",
    [
        HEADER.replace(b"dSPACE", b"eSPACE"),  # another maker's words
        HEADER.replace(b"\x02\x80", b"\x03\x80"),
        HEADER.replace(b"\x02\x80", b"\x64\x60"),
    ],
)
def test_other_messages_tell_nothing(header):
    assert reading(header=header) is None


def test_a_message_without_any_value_tells_nothing():
    assert reading(b"{}") is None


def test_a_number_too_long_to_be_one_is_none():
    assert (
        reading(b'{"CP State" : "State_A1","CP/CE Voltage [V]" : 1%b}' % (b"0" * 400)).cp_volts
        is None
    )


def test_changes_are_where_the_state_becomes_another(scene):
    for state in (b"A1", b"A1", b"X", b"B1", b"B2", b"B2", b"A1"):
        pilot(scene, state)
    [session] = sessions_of(scene.trace())
    assert [r.state for r in changes_of(session.plug_in.pilot)] == ["A1", "B1", "B2", "A1"]


def test_a_session_has_the_pilot_from_before_to_the_end(scene):
    pilot(scene, b"B1")
    scene.match()
    pilot(scene, b"C2")
    [session] = sessions_of(scene.trace())
    assert [one["state"] for one in session.to_json()["pilot"]] == ["B1", "C2"]


def test_a_vehicle_that_charges_by_pulse_width_is_a_session_of_its_own(scene):
    for state in (b"A1", b"B2", b"C2", b"A1"):
        pilot(scene, state)
    [session] = sessions_of(scene.trace())
    assert session.ended == "no ISO 15118; the pilot went A1, B2, C2, A1"
    assert (session.failure, session.slac, session.messages) == (None, None, ())


def test_a_pilot_without_a_vehicle_is_no_session(scene):
    pilot(scene, b"A1")
    assert sessions_of(scene.trace()) == []


def test_no_more_readings_are_kept_than_a_recording_is_of_use_for(scene):
    pilot(scene, b"B1")
    scene.packets *= MAX_READINGS + 1
    scene.packets = [
        type(p)(n, 1000 + n / 4, 1, p.octets) for n, p in enumerate(scene.packets, start=1)
    ]
    [session] = sessions_of(scene.trace())
    assert len(session.plug_in.pilot) == MAX_READINGS


def test_the_pilots_of_the_recordings_are_read(shared):
    recordings = recordings_in(shared)
    [session] = recordings.sessions("dspace-iec61851-ac-pwm-basic.pcapng")
    states = [reading.state for reading in changes_of(session.plug_in.pilot)]
    assert states == ["A1", "B1", "B2", "C2", "B2", "C2", "C1", "A1"]
    assert max(r.amps for r in session.plug_in.pilot if r.contactor_closed) == 13
    [session] = recordings.sessions("dspace-iso-2-ac-ds5366.pcapng")
    assert [r.state for r in changes_of(session.plug_in.pilot)] == [
        "B2",
        "C2",
        "B2",
        "B1",
        "A1",
    ]
