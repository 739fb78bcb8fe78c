"""Extensions, as each message has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.errors import MalformedError
from seccstack.tls import extensions as ext
from seccstack.tls.cursor import Cursor
from seccstack.tls.extensions import Extensions, TrustedAuthority, read_extensions
from tests.tls.hello import extension, numbers, vector

HASH = bytes(range(20))
NAME = b"\x30\x00"


def read(*extensions, of=ext.OF_CLIENT):
    return read_extensions(Cursor(vector(2, *extensions), "It"), of)


def test_a_message_may_end_before_any_extension():
    assert read_extensions(Cursor(b"", "It"), ext.OF_CLIENT) == Extensions()


def test_unknown_extensions_are_kept_by_their_number():
    found = read(extension(0x4444, b"whatever"), extension(22))
    assert found.kinds == (0x4444, 22)
    assert ext.ENCRYPT_THEN_MAC in found
    assert ext.EARLY_DATA not in found


@pytest.mark.parametrize(
    ("octets", "authority", "text"),
    [
        (b"\x00", TrustedAuthority(ext.PRE_AGREED), "pre_agreed"),
        (b"\x01" + HASH, TrustedAuthority(1, HASH), f"key_sha1_hash {HASH.hex().upper()}"),
        (b"\x02" + vector(2, NAME), TrustedAuthority(2, NAME), "x509_name 3000"),
        (b"\x03" + HASH, TrustedAuthority(3, HASH), f"cert_sha1_hash {HASH.hex().upper()}"),
    ],
)
def test_trusted_roots_are_named_in_four_ways(octets, authority, text):
    found = read(extension(3, vector(2, octets, octets)))
    assert found.trusted_ca_keys == (authority, authority)
    assert str(authority) == text


def test_a_trusted_root_named_in_another_way_is_refused():
    with pytest.raises(MalformedError, match=r"^It.trusted_ca_keys: identifier type 4"):
        read(extension(3, vector(2, b"\x04")))


@pytest.mark.parametrize(
    ("names", "host"),
    [
        ((b"\x00" + vector(2, b"secc"),), "secc"),
        ((b"\x01" + vector(2, b"x"), b"\x00" + vector(2, b"secc\xe4")), "secc\\xe4"),
        ((b"\x00" + vector(2, b"a"), b"\x00" + vector(2, b"b")), "a"),
        ((), ""),
    ],
)
def test_the_first_host_name_is_taken(names, host):
    assert read(extension(0, vector(2, *names))).server_name == host


@pytest.mark.parametrize(
    ("extensions", "kinds"),
    [
        ([extension(5, b"\x01", vector(2), vector(2))], (ext.OCSP,)),
        ([extension(5, b"\x09", b"whatever")], (9,)),
        ([extension(17, vector(2, b"\x02", vector(2, b"x"), b"\x01", vector(2)))], (2, 1)),
        (
            [
                extension(5, b"\x01", vector(2), vector(2)),
                extension(17, vector(2, b"\x02", vector(2))),
            ],
            (1, 2),
        ),
    ],
)
def test_proof_against_revocation_is_asked_for_in_two_versions(extensions, kinds):
    assert read(*extensions).status_request == kinds


def test_lists_are_read():
    found = read(
        extension(10, vector(2, numbers(23, 24))),
        extension(13, vector(2, numbers(0x0403))),
        extension(43, vector(1, numbers(0x0304, 0x0303))),
        extension(47, vector(2, vector(2, NAME), vector(2, NAME))),
        extension(51, vector(2, numbers(23), vector(2, b"share"))),
    )
    assert found.supported_groups == (23, 24)
    assert found.signature_algorithms == (0x0403,)
    assert found.supported_versions == (0x0304, 0x0303)
    assert found.certificate_authorities == (NAME, NAME)
    assert found.key_shares == (23,)


@pytest.mark.parametrize("share", [vector(2, b"share"), b""])
def test_a_server_has_one_version_and_one_share(share):
    found = read(
        extension(43, numbers(0x0304)), extension(51, numbers(23), share), of=ext.OF_SERVER
    )
    assert (found.supported_versions, found.key_shares) == ((0x0304,), (23,))


@pytest.mark.parametrize("octets", [b"\x01" + vector(3, b"ocsp"), b"\x07ocsp"])
def test_a_certificate_has_its_ocsp_response(octets):
    assert read(extension(5, octets), of=ext.OF_CERTIFICATE).certificate_status == b"ocsp"


def test_the_same_extension_twice_is_refused_with_the_place():
    with pytest.raises(MalformedError, match=r"^It: encrypt_then_mac for the second time"):
        read(extension(22), extension(22))


def test_octets_behind_an_extension_are_refused_with_its_name():
    with pytest.raises(MalformedError, match=r"^It.supported_groups: 1 octets after the end"):
        read(extension(10, vector(2, numbers(23)), b"\x00"))


@given(st.sampled_from([*ext.OF_CLIENT]), st.binary(max_size=40))
def test_a_damaged_extension_is_refused_with_the_place_or_read(kind, octets):
    try:
        read(extension(kind, octets))
    except MalformedError as error:
        place = error.octet
    else:
        place = 0
    assert place is not None
