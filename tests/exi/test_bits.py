import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.exi.bits import BLOCK, BitReader, BitWriter, OutOfBitsError

fields = st.lists(
    st.integers(0, 80).flatmap(lambda n: st.tuples(st.integers(0, 2**n - 1), st.just(n)))
)


@given(fields)
def test_bits_are_read_as_they_were_written(written):
    writer = BitWriter()
    for value, count in written:
        writer.write(value, count)
    reader = BitReader(writer.octets())
    assert [(reader.read(count), count) for _, count in written] == written
    assert reader.left < 8
    assert reader.read(reader.left) == 0


def test_the_first_bit_is_the_highest_of_the_first_octet():
    writer = BitWriter()
    writer.write(1, 1)
    assert writer.octets() == b"\x80"
    assert BitReader(b"\x80").read(1) == 1


def test_octets_may_be_asked_for_between_writes():
    writer = BitWriter()
    writer.write(0b101, 3)
    assert writer.octets() == b"\xa0"
    writer.write(0b10101, 5)
    assert writer.octets() == b"\xb5"


def test_what_is_longer_than_a_block_is_moved_out():
    writer = BitWriter()
    for _ in range(BLOCK):
        writer.write(0b10, 2)
    assert writer.octets() == b"\xaa" * (2 * BLOCK // 8)


def test_nothing_is_read_beyond_the_end():
    reader = BitReader(b"\xff")
    reader.read(5)
    with pytest.raises(OutOfBitsError):
        reader.read(4)
    assert (reader.position, reader.left) == (5, 3)
