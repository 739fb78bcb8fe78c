"""Keys from secrets."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from seccstack.tls.derivation import expand_label, prf
from tests.tls import rfc8448

# "Test vectors for TLS 1.2 PRF", IETF mailing list TLS, 2009: P_SHA256.
SECRET = bytes.fromhex("9BBE436BA940F017B17652849A71DB35")
SEED = bytes.fromhex("A0BA9F936CDA311827A6F796FFD5198C")
OUTPUT = bytes.fromhex(
    "E3F229BA727BE17B8D122620557CD453C2AAB21D07C3D495329B52D4E61EDB5A6B301791E90D35C9C9A46B4E"
    "14BAF9AF0FA022F7077DEF17ABFD3797C0564BAB4FBC91666E9DEF9B97FCE34F796789BAA48082D122EE42C5"
    "A72E5A5110FFF70187347B66"
)


def test_the_prf_gives_the_published_octets():
    assert prf(SECRET, b"test label", SEED, 100, "sha256") == OUTPUT


@pytest.mark.parametrize(
    ("label", "expected"),
    [(b"key", rfc8448.SERVER_HANDSHAKE_KEY), (b"iv", rfc8448.SERVER_HANDSHAKE_IV)],
)
def test_labels_expand_to_the_published_octets(label, expected):
    secret = bytes.fromhex(rfc8448.SERVER_HANDSHAKE)
    assert expand_label(secret, label, len(expected) // 2, "sha256").hex() == expected


def test_labels_expand_as_another_implementation_does_it():
    info = b"\x00\x30\x11tls13 traffic upd\x00"
    theirs = HKDFExpand(hashes.SHA384(), 48, info).derive(bytes(48))
    assert expand_label(bytes(48), b"traffic upd", 48, "sha384") == theirs
