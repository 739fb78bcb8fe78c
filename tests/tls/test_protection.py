"""What protects records, as OpenSSL and RFC 8448 have it."""

import hmac
from itertools import islice

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from seccstack.tls.derivation import expand_label
from seccstack.tls.protection import Cbc, Content, of_tls_1_2, of_tls_1_3
from seccstack.tls.records import Record
from seccstack.tls.suites import suite_of
from tests.tls import rfc8448

KEY, MAC_KEY = bytes(range(16)), bytes(range(32))
GCM = suite_of(0x1301)


def record(octets):
    return Record(23, 0x0303, octets[5:])


def keys(side):
    secrets = (getattr(rfc8448, f"{side}_{kind}") for kind in ("HANDSHAKE", "APPLICATION"))
    return list(islice(of_tls_1_3(GCM, *map(bytes.fromhex, secrets)), 3))


def test_the_published_records_open():
    handshake, application, _ = keys("CLIENT")
    assert handshake.open(record(rfc8448.CLIENT_FINISHED), 0).kind == 22
    assert application.open(record(rfc8448.CLIENT_DATA), 0) == Content(23, rfc8448.DATA)
    assert application.open(record(rfc8448.CLIENT_ALERT), 1) == Content(21, b"\x01\x00")


def test_a_record_opens_with_no_other_keys_or_number():
    handshake, application, updated = keys("SERVER")
    data = record(rfc8448.SERVER_DATA)
    assert application.open(data, 1) == Content(23, rfc8448.DATA)
    assert application.open(data, 0) is None
    assert handshake.open(data, 1) is None
    assert updated.open(data, 1) is None


def test_updated_keys_are_those_of_the_next_secret():
    secret = bytes.fromhex(rfc8448.CLIENT_APPLICATION)
    following = expand_label(secret, b"traffic upd", 32, "sha256")
    key, iv = (
        expand_label(following, label, n, "sha256") for label, n in ((b"key", 16), (b"iv", 12))
    )
    sealed = AESGCM(key).encrypt(iv, b"data\x17\0\0", b"\x17\x03\x03\0\x17")
    assert keys("CLIENT")[2].open(Record(23, 0x0303, sealed), 0) == Content(23, b"data")


def test_a_record_that_holds_nothing_but_padding_is_refused():
    secret = bytes.fromhex(rfc8448.CLIENT_APPLICATION)
    key, iv = (
        expand_label(secret, label, n, "sha256") for label, n in ((b"key", 16), (b"iv", 12))
    )
    sealed = AESGCM(key).encrypt(iv, bytes(3), b"\x17\x03\x03\0\x13")
    assert keys("CLIENT")[1].open(Record(23, 0x0303, sealed), 0) is None


def test_without_a_secret_there_are_no_keys():
    assert list(of_tls_1_3(GCM, None, None)) == [None]


def seal(octets, padding, outside=False, sequence=0):
    """Seal as CBC does, with this padding; the record it gives."""

    def tag(covered):
        head = sequence.to_bytes(8) + b"\x17\x03\x03" + len(covered).to_bytes(2)
        return hmac.digest(MAC_KEY, head + covered, "sha256")

    inner = octets + (b"" if outside else tag(octets)) + padding
    encryptor = Cipher(algorithms.AES(KEY), modes.CBC(bytes(16))).encryptor()
    sealed = bytes(16) + encryptor.update(inner) + encryptor.finalize()
    return Record(23, 0x0303, sealed + (tag(sealed) if outside else b""))


@pytest.mark.parametrize("outside", [False, True])
def test_cbc_gives_the_content_without_padding(outside):
    content = Cbc(KEY, MAC_KEY, "sha256", outside).open(
        seal(b"data" * 4, b"\x0f" * 16, outside), 0
    )
    assert content == Content(23, b"data" * 4)


@pytest.mark.parametrize("outside", [False, True])
def test_cbc_with_long_padding_opens(outside):
    sealed = seal(b"data" * 4, b"\xff" * 256, outside)
    assert Cbc(KEY, MAC_KEY, "sha256", outside).open(sealed, 0).octets == b"data" * 4


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("padding", [b"\x0e" + b"\x0f" * 15, b"\xff" * 16])
def test_cbc_with_wrong_padding_is_refused(outside, padding):
    sealed = seal(b"data" * 4, padding, outside)
    assert Cbc(KEY, MAC_KEY, "sha256", outside).open(sealed, 0) is None


@pytest.mark.parametrize("outside", [False, True])
def test_cbc_with_another_number_is_refused(outside):
    sealed = seal(b"data" * 4, b"\x0f" * 16, outside)
    assert Cbc(KEY, MAC_KEY, "sha256", outside).open(sealed, 1) is None


@pytest.mark.parametrize("size", [0, 1, 16, 31, 33, 48, 63, 64])
@pytest.mark.parametrize("outside", [False, True])
def test_cbc_of_an_impossible_size_is_refused(size, outside):
    assert Cbc(KEY, MAC_KEY, "sha256", outside).open(Record(23, 0x0303, bytes(size)), 0) is None


@pytest.mark.parametrize("suite", [0xC02B, 0xCCA9, 0xC0AE])
@pytest.mark.parametrize("size", [0, 7, 15, 24, 40])
def test_an_aead_that_is_too_short_or_wrong_is_refused(suite, size):
    keys = of_tls_1_2(
        suite_of(suite), bytes(48), (bytes(32), bytes(32)), server=True, outside=False
    )
    assert keys.open(Record(23, 0x0303, bytes(size)), 0) is None


def test_keys_and_contents_are_never_printed():
    shown = repr((Cbc(KEY, MAC_KEY, "sha256", False), Content(23, b"data"), keys("CLIENT")))
    assert not any(text in shown for text in ("\\x02", "data", "x92"))
