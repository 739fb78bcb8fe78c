"""Handshake messages of both versions."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from seccstack.errors import MalformedError
from seccstack.tls import handshake, names
from seccstack.tls.handshake import (
    Certificate,
    CertificateRequest,
    CertificateStatus,
    CertificateVerify,
    EncryptedExtensions,
    KeyUpdate,
    Other,
    ServerKeyExchange,
    decode,
)
from tests.tls import rfc8448
from tests.tls.hello import client_hello, extension, numbers, server_hello, vector

OLD, NEW = names.TLS_1_2, names.TLS_1_3


def test_a_client_hello_of_an_iso_15118_2_vehicle_is_read():
    hello = decode(1, client_hello(extension(10, vector(2, numbers(23)))))
    assert hello.cipher_suites == (0xC023, 0xC025)
    assert hello.versions == (OLD,)
    assert hello.extensions.supported_groups == (23,)


def test_the_published_hellos_are_read():
    hello = decode(1, rfc8448.CLIENT_HELLO[4:])
    chosen = decode(2, rfc8448.SERVER_HELLO[4:])
    assert (hello.versions, hello.extensions.server_name) == ((NEW,), "server")
    assert (chosen.version, chosen.cipher_suite, chosen.retry) == (NEW, 0x1301, False)
    assert chosen.extensions.key_shares == (29,)


def test_a_server_hello_without_extensions_has_the_old_version():
    hello = decode(2, server_hello())
    assert (hello.version, hello.compression, hello.retry) == (OLD, 0, False)


def test_a_hello_retry_request_is_known_by_its_random():
    assert decode(2, server_hello(random=handshake.RETRY)).retry


@pytest.mark.parametrize(
    ("version", "octets", "message"),
    [
        (OLD, vector(3, vector(3, b"a"), vector(3, b"b")), Certificate((b"a", b"b"))),
        (
            NEW,
            vector(1) + vector(3, vector(3, b"a"), vector(2), vector(3, b"b"), vector(2)),
            Certificate((b"a", b"b"), (b"", b"")),
        ),
        (
            NEW,
            vector(1)
            + vector(3, vector(3, b"a"), vector(2, extension(5, b"\x01", vector(3, b"ocsp")))),
            Certificate((b"a",), (b"ocsp",)),
        ),
    ],
)
def test_a_chain_of_certificates_is_read(version, octets, message):
    assert decode(handshake.CERTIFICATE, octets, version) == message


@pytest.mark.parametrize(
    ("octets", "responses"),
    [
        (b"\x01" + vector(3, b"one"), (b"one",)),
        (b"\x02" + vector(3, vector(3, b"one"), vector(3)), (b"one", b"")),
    ],
)
def test_ocsp_responses_are_read(octets, responses):
    assert decode(22, octets) == CertificateStatus(responses)


def test_another_kind_of_proof_is_refused():
    with pytest.raises(MalformedError, match=r"^CertificateStatus: status type 3"):
        decode(22, b"\x03")


def test_a_request_for_a_certificate_is_read_in_both_versions():
    wanted = CertificateRequest((0x0403,), (b"root",))
    old = vector(1, b"\x40") + vector(2, numbers(0x0403)) + vector(2, vector(2, b"root"))
    new = vector(1) + vector(
        2,
        extension(13, vector(2, numbers(0x0403))),
        extension(47, vector(2, vector(2, b"root"))),
    )
    assert decode(13, old, OLD) == decode(13, new, NEW) == wanted


def test_a_key_exchange_says_its_group_and_signature():
    octets = b"\x03" + numbers(23) + vector(1, b"share") + numbers(0x0403) + vector(2, b"sig")
    assert decode(12, octets) == ServerKeyExchange(23, 0x0403)
    assert decode(12, b"\x01whatever") == ServerKeyExchange(None, None)


def test_small_messages_are_read():
    assert decode(15, numbers(0x0403) + vector(2, b"sig")) == CertificateVerify(0x0403)
    assert decode(24, b"\x01", NEW) == KeyUpdate(requested=True)
    assert decode(8, vector(2, extension(10, vector(2, numbers(23)))), NEW) == (
        EncryptedExtensions(handshake.Extensions((10,), supported_groups=(23,)))
    )


def test_what_says_nothing_is_kept_by_its_size():
    assert decode(20, bytes(12)) == Other(20, 12)
    assert handshake.name_of(20) == "Finished"
    assert handshake.name_of(99) == "handshake message 99"


@pytest.mark.parametrize(("kind", "version"), [(24, OLD), (12, NEW), (12, names.TLS_1_1)])
def test_a_message_of_another_version_is_not_read(kind, version):
    assert decode(kind, b"\x01", version) == Other(kind, 1)


def test_octets_after_a_message_are_refused():
    with pytest.raises(MalformedError, match=r"^KeyUpdate: 1 octets after the end"):
        decode(24, b"\x00\x00", NEW)


@given(st.sampled_from([*handshake.TYPES]), st.sampled_from([0, OLD, NEW]), st.binary())
def test_a_damaged_message_is_refused_with_the_place_or_read(kind, version, octets):
    try:
        decode(kind, octets, version)
    except MalformedError as error:
        why = str(error)
    else:
        why = f"{handshake.name_of(kind)} (octet 0)"
    assert re.fullmatch(rf"{handshake.name_of(kind)}.* \(octet \d+\)", why)


WITHOUT_EXTENSIONS = 45  # octets of the published hello; as many are a whole one


@given(st.integers(0, len(rfc8448.CLIENT_HELLO) - 5))
def test_a_hello_that_is_cut_is_refused_with_the_place(size):
    assume(size != WITHOUT_EXTENSIONS)
    with pytest.raises(MalformedError, match=r"^ClientHello.*\(octet \d+\)$"):
        decode(1, rfc8448.CLIENT_HELLO[4 : 4 + size])
