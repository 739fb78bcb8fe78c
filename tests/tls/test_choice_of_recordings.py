"""What vehicles in recordings say first in TLS 1.3, and what our charger makes of it."""

from contextlib import suppress

import pytest

from seccstack.errors import MalformedError
from seccstack.tls.choice import ECDSA_SECP521R1_SHA512, Choice, Offer, Refusal, choose
from seccstack.tls.opening import first_client_hello

NEW = Offer("new", ECDSA_SECP521R1_SHA512)


def hello_in(octets):
    """The ClientHello in a capture: it is whole, in one packet."""
    place = -1
    while True:
        place = octets.index(b"\x16\x03\x01", place + 1)
        with suppress(MalformedError):
            if (hello := first_client_hello(octets[place : place + 2048])) is not None:
                return hello


@pytest.mark.parametrize("kind", ["mtls", "tls13"])
def test_the_package_iso15118_has_no_group_of_iso_15118_20_and_is_served_in_a_lab(shared, kind):
    name = f"captures/dspace-iso-20-{kind}-dc-ds5366-josev.pcapng"
    hello = hello_in((shared / name).read_bytes())
    refused = choose(hello, [NEW])
    assert isinstance(refused, Refusal)
    assert refused.why == "it offers the groups secp256r1; we have secp521r1, x448"
    assert choose(hello, [NEW], lab=True) == Choice(NEW, None)
