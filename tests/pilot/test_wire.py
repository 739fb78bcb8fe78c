"""Frames between a charger and a microcontroller."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.pilot import wire
from seccstack.pilot.port import ContactorState, PilotState, Sensed
from seccstack.pilot.wire import (
    LONGEST,
    NUMBERS,
    Begin,
    Change,
    Deframer,
    Heard,
    Identity,
    Order,
    Status,
    Trouble,
    decode,
    encode,
    following,
)

octet = st.integers(0, 255)
number = st.integers(1, 255)
word = st.integers(0, 65535)
millivolts = st.integers(-32768, 32767)
boots = st.integers(0, 2**32 - 1)
names = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=32)
sensed = st.builds(
    Sensed,
    st.none() | st.just(math.inf) | st.integers(0, 65533).map(float),
    st.none() | st.integers(-1000, 3000).map(lambda tenths: tenths / 10),
    st.none() | st.booleans(),
)
frames = st.one_of(
    st.builds(Begin, number, octet),
    st.builds(Order, octet, number, word, octet),
    st.builds(Heard, octet, octet),
    st.builds(
        Identity, octet, st.integers(100, 65535), st.integers(0, 2**32 - 1), names, octet
    ),
    st.builds(Status, octet, octet, st.sampled_from(Trouble), sensed),
    st.builds(
        Change,
        octet,
        number,
        st.sampled_from([*PilotState, *ContactorState]),
        millivolts,
        millivolts,
    ),
)


def framed(body):
    """Put a body into a frame, by the documentation rather than by the module."""
    crc = 0xFFFF
    for value in body:
        crc ^= value << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021) & 0xFFFF if crc & 0x8000 else crc << 1
    encoded, block = bytearray(), bytearray()
    for value in [*body, *crc.to_bytes(2, "big"), 0]:
        if value:
            block.append(value)
        else:
            encoded += bytes([len(block) + 1, *block])
            block.clear()
    return bytes(encoded)


@given(frames)
def test_what_is_sent_is_understood(frame):
    octets = encode(frame)
    assert octets[0] == octets[-1] == 0
    assert 0 not in octets[1:-1]
    assert len(octets) - 2 <= LONGEST
    assert decode(octets[1:-1]) == frame


@pytest.mark.parametrize(
    ("body", "frame"),
    [
        ("01 07 00 01 01", Begin(7)),
        ("02 07 03 03 0064 02", Order(7, 3, 100, 2)),
        ("03 07 09 00", Heard(7, 9)),
        ("81 07 00 09 01 03E8 00000002 4142", Identity(7, 1000, 2, "AB")),
        ("82 07 03 01 05", Status(7, 3, Trouble.TEMPERATURE)),
        ("82 07 03 06 00 00DC 0199 01", Status(7, 3, sensed=Sensed(220.0, 40.9, True))),
        ("82 07 03 06 00 FFFE 8000 FF", Status(7, 3, sensed=Sensed(math.inf))),
        ("82 07 03 06 00 FFFF FF38 00", Status(7, 3, sensed=Sensed(None, -20.0, False))),
        ("83 07 02 06 4B 01 8000 8000", Change(7, 2, ContactorState.CLOSED)),
        ("83 07 01 06 50 43 1770 D120", Change(7, 1, PilotState.READY, 6000, -12000)),
    ],
)
def test_frames_are_as_their_documentation_has_them(body, frame):
    inner = framed(bytes.fromhex(body))
    assert decode(inner) == frame
    assert encode(frame) == b"\0" + inner + b"\0"


def test_a_frame_in_octets_for_who_writes_the_other_end():
    octets = encode(Order(7, 3, 100, 2)).hex(" ").upper()
    assert octets == "00 05 02 07 03 03 05 64 02 CB CE 00"
    assert octets in wire.__doc__


def test_further_octets_of_a_payload_are_left_unread():
    assert decode(framed(bytes.fromhex("82 07 03 03 00 AA BB"))) == Status(7, 3)


def test_what_no_contact_has_is_written_as_the_nearest_that_it_may_have():
    far = encode(Status(7, 3, sensed=Sensed(1e9)))
    assert decode(far[1:-1]).sensed.proximity_ohms == math.inf
    below = encode(Status(7, 3, sensed=Sensed(-3.0)))
    assert decode(below[1:-1]).sensed.proximity_ohms == 0


def test_a_trouble_that_a_later_version_names_is_one():
    assert decode(framed(bytes.fromhex("82 07 03 01 63"))) == Status(7, 3, Trouble.OTHER)


@pytest.mark.parametrize(
    "body",
    [
        "", "01", "01 07 00 00", "01 00 00 01 01", "02 07 00 03 0064 02", "02 07 03 02 0064",
        "02 07 03 04 0064 02", "7F 07 00 00", "81 07 00 07 01 03E8 00000002",
        "81 07 00 08 01 0063 00000002 41", "81 07 00 08 01 03E8 00000002 C4",
        "83 07 01 06 50 47 0000 0000", "83 07 01 06 4B 02 0000 0000",
        "83 07 01 06 51 41 0000 0000", "83 07 00 06 50 41 0000 0000",
    ],
)  # fmt: skip
def test_what_no_frame_looks_like_is_none(body):
    assert decode(framed(bytes.fromhex(body))) is None


@pytest.mark.parametrize("inner", [b"", b"\0", b"\xff", b"\x02", b"\x01\x01"])
def test_what_is_not_encoded_is_none(inner):
    assert decode(inner) is None


@given(frames, st.integers(0, 8 * LONGEST - 1))
def test_no_bit_is_turned_unnoticed(frame, bit):
    octets = bytearray(encode(frame)[1:-1])
    octets[bit // 8 % len(octets)] ^= 1 << bit % 8
    assert decode(bytes(octets)) is None


@given(st.lists(frames, max_size=5), st.lists(st.integers(1, 20), min_size=1))
def test_frames_are_found_however_they_are_cut(sent, cuts):
    octets, found, deframer = b"".join(map(encode, sent)), [], Deframer()
    for cut in [*cuts, len(octets)]:
        found += deframer.receive(octets[:cut])
        octets = octets[cut:]
    assert found == sent
    assert deframer.broken == 0


@given(st.binary(max_size=300), frames)
def test_after_any_rubbish_the_next_frame_is_found(rubbish, frame):
    deframer = Deframer()
    before = deframer.receive(rubbish)
    assert deframer.receive(encode(frame))[-1] == frame
    assert len(before) <= len(rubbish)


def test_a_line_that_never_ends_is_not_kept():
    deframer = Deframer()
    for _ in range(1000):
        assert not deframer.receive(b"\x55" * 100)
    assert len(deframer._partial) <= LONGEST
    assert deframer.receive(b"\0" + encode(Heard(1, 1))) == [Heard(1, 1)]
    assert deframer.broken == 1


def test_numbers_begin_again_without_zero():
    assert [following(n) for n in (0, 1, NUMBERS)] == [1, 2, 1]
