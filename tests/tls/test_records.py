"""The record layer, with gaps and damage."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.tls import records
from seccstack.tls.records import HEADER, Record, RecordReader, Skipped
from tests.tls.hello import record

ONE, TWO = record(22, b"one one"), record(23, b"two")
FIRST, SECOND = Record(22, 0x0303, b"one one"), Record(23, 0x0303, b"two")


@given(st.integers(0, len(ONE + TWO)))
def test_records_come_out_however_the_stream_is_cut(cut):
    reader, octets = RecordReader(), ONE + TWO
    assert reader.feed(octets[:cut]) + reader.feed(octets[cut:]) == [FIRST, SECOND]
    assert reader.pending == 0


def test_what_is_no_record_is_passed_over():
    reader = RecordReader()
    [skipped, found] = reader.feed(b"HTTP/1.1 200 OK\r\n" + TWO)
    assert skipped == Skipped(17, None, b"HTTP/")
    assert found == SECOND


def test_what_is_no_record_and_goes_on_is_dropped_as_it_comes():
    reader = RecordReader()
    assert reader.feed(bytes(1000)) == [Skipped(996, None, bytes(5))]
    assert reader.feed(bytes(1000)) == []
    assert reader.pending == HEADER.size - 1
    assert reader.feed(TWO) == [SECOND]


@pytest.mark.parametrize("header", ["1303030001", "1803030001", "1602030001", "1603030000"])
def test_a_header_that_can_not_be_is_none(header):
    assert not records.plausible(bytes.fromhex(header))


def test_a_record_longer_than_the_standard_allows_is_none():
    assert not records.plausible(HEADER.pack(23, 0x0303, records.MAX_FRAGMENT + 1))
    assert records.plausible(HEADER.pack(23, 0x0303, records.MAX_FRAGMENT))


@pytest.mark.parametrize("lost", [1, 5, 6])
def test_a_gap_within_a_record_costs_that_record(lost):
    reader = RecordReader()
    reader.feed(ONE[:6])
    assert reader.lose(lost) == Skipped(6, 1)
    assert reader.feed(ONE[6 + lost :] + TWO) == [SECOND]


def test_a_second_gap_within_the_same_record_costs_nothing_more():
    reader = RecordReader()
    reader.feed(ONE[:6])
    reader.lose(2)
    reader.feed(ONE[8:9])
    assert reader.lose(3) == Skipped(0, 0)
    assert reader.feed(TWO) == [SECOND]


def test_a_gap_beyond_a_record_is_passed_by_looking_for_the_next_header():
    reader = RecordReader()
    reader.feed(ONE[:6])
    assert reader.lose(20) == Skipped(6, 5)
    assert reader.feed(b"some rest \x17\x03\x03\xff\xff" + TWO) == [SECOND]


def test_a_gap_of_unknown_size_may_hide_any_number_of_records():
    reader = RecordReader()
    assert reader.lose(None) == Skipped(0, None)
    assert reader.feed(ONE[3:]) == []
    assert reader.lose(7) == Skipped(4, 2)
    assert reader.feed(TWO) == [SECOND]


def test_fragments_are_never_printed():
    assert "one" not in repr(FIRST)
