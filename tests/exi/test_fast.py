"""What the generated functions are made of; they are in `tests.messages.test_generated`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.exi.fast import (
    MARGIN,
    WINDOW,
    DeviationError,
    Window,
    decode_document,
    encode_document,
    join,
    read_binary,
    read_text,
    read_unsigned,
    refuse,
    with_window,
    write_binary,
    write_text,
    write_unsigned,
)
from tests.exi.splice import packed

CODE_BITS = 2


def bits_of(octets):
    return int.from_bytes(octets, "big"), 8 * len(octets)


def octets_of(acc):
    return acc.to_bytes((acc.bit_length() + 7) // 8, "big")[1:]


def read_octet(w, p, r):
    p -= 8
    return w >> p & 0xFF, w, p


def read_many(w, p, r):
    octets = []
    while len(octets) < 4 * WINDOW:
        if r is not None and p < MARGIN:
            w, p = r.more(w, p, MARGIN)
        octet, w, p = read_octet(w, p, r)
        octets.append(octet)
    return bytes(octets), w, p


def document(octets, read=read_octet):
    return decode_document(octets, CODE_BITS, {1: ("A", read)})


def test_a_document_is_read_by_the_decoder_of_its_code():
    assert document(packed("10000000 01 11111110 000000")) == ("A", 0xFE)


@pytest.mark.parametrize(
    "bits",
    [
        "10000001 01 11111110 000000",  # another version of EXI
        "10000000 01 11111110 000001",  # padding that isn't zero
        "10000000 01 11111110 000000 00000000",  # an octet too many
        "10000000 10 11111110 000000",  # no message has this code
        "10000000 01 111111",  # cut short
        "1000",
    ],
)
def test_another_document_is_left_to_the_other_decoder(bits):
    with pytest.raises((DeviationError, ValueError, LookupError)):
        document(packed(bits) if bits.count(" ") else b"")


def test_a_long_document_is_read_through_a_window():
    body = bytes(range(256)) * (4 * WINDOW // 256)
    bits = "".join(f"{octet:08b}" for octet in body)
    octets = packed("10000000 01" + bits)
    assert document(octets, read_many) == ("A", body)
    with pytest.raises(DeviationError):
        document(octets + b"\0", read_many)
    with pytest.raises(DeviationError):
        document(octets + bytes(WINDOW), read_many)
    with pytest.raises(ValueError, match="negative shift count"):
        document(octets[:-WINDOW], read_many)


def test_octets_that_are_only_outside_the_window_are_surplus_too():
    octets = packed("10000000 01" + "1" * (8 * WINDOW - 10))

    def read_all(w, p, r):
        return None, w, 0

    assert document(octets, read_all) == ("A", None)
    with pytest.raises(DeviationError):
        document(octets + b"\0", read_all)


def test_after_a_string_the_window_is_as_wide_as_decoders_rely_on():
    octets = octets_of(write_text(1, "x" * (WINDOW - 10), 0, WINDOW)) + bytes(4 * WINDOW)
    window = Window(octets)
    _, _, left = read_text(*bits_of(octets[:WINDOW]), window, 0, WINDOW)
    assert left >= MARGIN


def test_a_message_is_encoded_after_its_header_and_code():
    documents = {int: (0x80 << CODE_BITS | 1, lambda acc, value: acc << 8 | value)}
    assert encode_document(0xFE, documents) == packed("10000000 01 11111110")
    with pytest.raises(KeyError):
        encode_document("text", documents)


def test_a_window_gives_what_is_left_and_then_nothing():
    window = Window(bytes(WINDOW) + b"\x01\x02\x03")
    assert window.left == 24
    w, p = window.more(0b1101, 2, MARGIN)
    assert (w, p, window.left) == (0b01 << 24 | 0x010203, 26, 0)
    assert window.more(w, p, MARGIN) == (w, p)


def test_a_decoder_that_needs_no_window_passes_it_by():
    assert with_window(lambda w, p: (w, p - 1))(5, 8, None) == (5, 5, 7)


def test_some_decoders_only_refuse():
    with pytest.raises(DeviationError):
        refuse(0, 0, None)


@given(st.integers(128, 2**80))
def test_an_unsigned_integer_is_read_as_it_was_written(value):
    w, p = bits_of(octets_of(write_unsigned(1, value)))
    p -= 8
    assert read_unsigned(w, p, w >> p & 0xFF, value) == (value, 0)
    with pytest.raises(DeviationError):
        read_unsigned(w, p, w >> p & 0xFF, value - 1)


def test_an_unsigned_integer_that_is_longer_than_it_must_be_is_left_to_the_other_decoder():
    with pytest.raises(DeviationError):
        read_unsigned(0x8000, 8, 0x80, 1000)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=300))
def test_ascii_is_read_as_it_was_written(text):
    octets = octets_of(write_text(1, text, 0, 300))
    assert read_text(*bits_of(octets), None, 0, 300)[::2] == (text, 0)


@pytest.mark.parametrize("length", [125, 126, 16381])
def test_a_length_may_take_two_octets(length):
    octets = octets_of(write_text(1, "x" * length, 0, length))
    assert len(octets) == length + 1 + (length > 125)
    assert read_text(*bits_of(octets), None, 0, length)[0] == "x" * length


@pytest.mark.parametrize("text", ["ü", "\0", "\t", "", "abc"])
def test_other_text_is_left_to_the_other_codec(text):
    with pytest.raises(DeviationError):
        write_text(1, text, 1, 2)
    octets = bytes([len(text) + 2, *text.encode("latin-1")])
    with pytest.raises((DeviationError, UnicodeDecodeError)):
        read_text(*bits_of(octets), None, 1, 2)


@given(st.binary(max_size=300))
def test_a_binary_is_read_as_it_was_written(octets):
    written = octets_of(write_binary(1, octets, 0, 300))
    assert read_binary(*bits_of(written), None, 0, 300)[::2] == (octets, 0)


def test_a_binary_of_another_length_is_left_to_the_other_codec():
    for octets in (b"", b"abc", bytearray(b"a")):
        with pytest.raises(DeviationError):
            write_binary(1, octets, 1, 2)
    for octets in (b"\0", b"\3abc"):
        with pytest.raises(DeviationError):
            read_binary(*bits_of(octets), None, 1, 2)


def test_a_binary_longer_than_the_window_is_fetched():
    octets = bytes(range(256)) * 8
    written = octets_of(write_binary(1, octets, 0, 4096))
    value, _, left = read_binary(*bits_of(written[:WINDOW]), Window(written), 0, 4096)
    assert (value, left) == (octets, 0)


@given(st.lists(st.text("01", max_size=40), max_size=9))
def test_integers_are_joined_bit_by_bit(parts):
    joined = join([0b1, *(int("1" + part, 2) for part in parts)])
    assert f"{joined:b}" == "1" + "".join(parts)
