"""Signatures as ISO 15118-2 has them: what holds, and what is no signature at all."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from seccstack.auth import ecdsa

KEY = ec.generate_private_key(ec.SECP256R1())
POINT = ecdsa.point_of(KEY.public_key())
OFF_THE_CURVE = POINT[:-1] + bytes([POINT[-1] ^ 1])


def test_what_a_key_signs_holds_for_it_and_for_no_other_octets():
    value = ecdsa.sign(KEY, b"said")
    assert len(value) == 64
    assert ecdsa.holds(POINT, b"said", value)
    assert not ecdsa.holds(POINT, b"unsaid", value)


@pytest.mark.parametrize("value", [b"", bytes(63), bytes(64), bytes(65), b"\xff" * 64])
def test_what_is_no_signature_does_not_hold(value):
    assert not ecdsa.holds(POINT, b"said", value)


@pytest.mark.parametrize(
    "point",
    [b"", b"\x00", bytes(65), POINT[:-1], POINT + b"\x00", OFF_THE_CURVE],
    ids=["empty", "infinity", "zeros", "short", "long", "off the curve"],
)
def test_no_signature_holds_for_what_is_no_point_of_the_curve(point):
    assert not ecdsa.holds(point, b"said", ecdsa.sign(KEY, b"said"))
