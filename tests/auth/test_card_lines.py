"""What serial readers send, and what is made of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.card_lines import LONGEST, CardLines, Form, number_of

UIDS = st.sampled_from([4, 7, 10]).flatmap(lambda n: st.binary(min_size=n, max_size=n))


def framed(uid, end=b""):
    checksum = 0
    for octet in uid:
        checksum ^= octet
    return b"\x02%s%02X%s\x03" % (uid.hex().upper().encode(), checksum, end)


def read(form, *pieces):
    lines = CardLines(form)
    return [number for piece in pieces for number in lines.receive(piece)], lines.noise


@pytest.mark.parametrize(
    "line",
    [
        b"04a1b2c3d4e5f6\r\n",
        b"04A1B2C3D4E5F6\n",
        b"\r04:A1:B2:C3:D4:E5:F6\r",
        b"04-A1-B2-C3-D4-E5-F6 \n",
    ],
)
def test_a_line_is_a_number_however_it_is_written(line):
    assert read(Form.LINE, line) == (["04A1B2C3D4E5F6"], 0)


@pytest.mark.parametrize("end", [b"", b"\r\n", b"\r"])
def test_a_frame_is_a_number_with_its_checksum(end):
    assert read(Form.FRAME, framed(b"\x04\xa1\xb2\xc3", end)) == (["04A1B2C3"], 0)


def test_the_checksum_of_a_frame_as_worked_by_hand():
    # 04 xor A1 = A5, xor B2 = 17, xor C3 = D4
    assert read(Form.FRAME, b"\x0204A1B2C3D4\x03") == (["04A1B2C3"], 0)


def test_a_frame_with_another_checksum_is_noise():
    assert read(Form.FRAME, b"\x0204A1B2C3D5\x03") == ([], 1)


@given(st.lists(UIDS, max_size=5), st.integers(1, 7), st.sampled_from(Form))
def test_it_does_not_matter_how_octets_are_cut(uids, size, form):
    sent = b"".join(
        framed(uid) if form is Form.FRAME else uid.hex().encode() + b"\r\n" for uid in uids
    )
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    assert read(form, *pieces) == ([uid.hex().upper() for uid in uids], 0)


@given(st.binary(max_size=400), UIDS, st.sampled_from(Form))
def test_after_any_noise_a_number_is_read(noise, uid, form):
    good = framed(uid) if form is Form.FRAME else b"\n" + uid.hex().encode() + b"\n"
    found, _ = read(form, noise, good)
    assert found[-1] == uid.hex().upper()


def test_what_never_ends_is_not_kept():
    lines = CardLines(Form.LINE)
    assert lines.receive(b"0" * 1_000_000) == []
    assert lines.noise == 1
    assert lines.receive(b"\n04A1B2C3\n") == ["04A1B2C3"]


def test_the_longest_number_with_separators_fits():
    longest = ":".join(["0A"] * 10).encode()
    assert len(longest) < LONGEST
    assert read(Form.LINE, longest + b"\n") == (["0A" * 10], 0)


def test_a_frame_that_begins_anew_was_noise_before():
    assert read(Form.FRAME, b"\x0204A1", framed(b"\x04\xa1\xb2\xc3")) == (["04A1B2C3"], 1)


@pytest.mark.parametrize("text", [b"", b"04A1", b"04A1B2C3D5", b"\xff\xfe", b"04 A1 B2 C3"])
@pytest.mark.parametrize("form", Form)
def test_what_is_no_number_is_none(text, form):
    assert number_of(text, form) is None


def test_a_125_khz_reader_s_five_octets_are_no_card_of_ours():
    assert read(Form.FRAME, framed(b"\x01\x02\x03\x04\x05")) == ([], 1)
