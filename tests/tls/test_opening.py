"""The first message of a client, from a stream that is still coming."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.errors import MalformedError
from seccstack.tls.handshake import MAX_MESSAGE
from seccstack.tls.opening import MOST_RECORDS, first_client_hello
from tests.tls.hello import client_hello, message, record, spoken_by_openssl

HELLO = message(1, client_hello())


def test_what_openssl_says_first_is_a_client_hello():
    hello = first_client_hello(spoken_by_openssl())
    assert hello.extensions.server_name == "charger.example"
    assert hello.versions[:2] == (0x0304, 0x0303)


def test_any_part_of_it_needs_more():
    octets = spoken_by_openssl()
    assert [first_client_hello(octets[:n]) for n in range(len(octets))] == [None] * len(octets)


@given(st.integers(1, len(HELLO) - 1))
def test_it_may_be_spread_over_records(cut):
    octets = record(22, HELLO[:cut]) + record(22, HELLO[cut:])
    assert first_client_hello(octets) == first_client_hello(record(22, HELLO))
    assert first_client_hello(octets[:-1]) is None
    assert first_client_hello(record(22, HELLO[:cut])) is None


def test_but_not_over_so_many_that_reading_them_again_and_again_takes_long():
    octets = b"".join(record(22, HELLO[n : n + 1]) for n in range(MOST_RECORDS))
    assert first_client_hello(octets[:-1]) is None
    with pytest.raises(MalformedError, match=f"spread over {MOST_RECORDS} records"):
        first_client_hello(octets)


def test_what_follows_it_is_left_alone():
    assert first_client_hello(record(22, HELLO, b"\xff") + b"\x01") is not None


@pytest.mark.parametrize("octets", ["01", "01FE8001", "1501", "17", "1602", "1603030000"])
def test_another_protocol_is_refused_with_its_first_octet(octets):
    with pytest.raises(MalformedError, match="no TLS handshake, but") as refused:
        first_client_hello(bytes.fromhex(octets))
    assert refused.value.octet == 0


def test_another_message_is_refused():
    with pytest.raises(MalformedError, match="ServerHello comes first"):
        first_client_hello(record(22, b"\x02"))


def test_one_without_end_is_refused_before_it_has_come():
    with pytest.raises(MalformedError, match=f"{MAX_MESSAGE + 1} octets"):
        first_client_hello(record(22, b"\x01" + (MAX_MESSAGE - 3).to_bytes(3)))


def test_one_that_is_damaged_is_refused_with_the_place():
    octets = record(22, message(1, client_hello() + b"\0"))
    with pytest.raises(MalformedError, match=r"^ClientHello: 2 octets where 1 are left"):
        first_client_hello(octets)


@given(st.binary(max_size=200))
def test_no_octets_do_any_harm(octets):
    with suppress(MalformedError):
        first_client_hello(b"\x16\x03\x03" + octets)
