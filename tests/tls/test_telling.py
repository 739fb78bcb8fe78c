"""TLS in words."""

import pytest

from seccstack.tls import handshake
from seccstack.tls.alerts import Alert
from seccstack.tls.observer import AlertSeen, HandshakeSeen
from seccstack.tls.telling import MAX_CERTIFICATES, Teller
from tests.tls.hello import client_hello, extension, numbers, server_hello, vector
from tests.tls.oracle import BEGAN, named
from tests.tls.test_certificates import der

NEW = 0x0304
NOW = BEGAN.timestamp() + 1
VEHICLE, CHARGER = "the vehicle", "the charger"
HASH = bytes(range(20))
LISTS_ROOT = extension(3, vector(2, b"\x01" + HASH))


@pytest.fixture
def teller():
    return Teller()


def tell(teller, kind, octets, version=0x0303, who=VEHICLE, now=NOW):
    message = handshake.decode(kind, octets, version)
    other = CHARGER if who == VEHICLE else VEHICLE
    return teller.handshake(HandshakeSeen(kind, message, False), who, other, now)


def alert(teller, description, level=2):
    return teller.alert(AlertSeen(Alert(level, description)), VEHICLE, CHARGER)


def test_a_client_hello_says_what_the_vehicle_offers_and_trusts(teller):
    hello = client_hello(
        extension(10, vector(2, numbers(23))),
        LISTS_ROOT,
        extension(5, b"\x01", vector(2), vector(2)),
    )
    told = tell(teller, 1, hello)
    assert told.name == "ClientHello"
    assert told.says == (
        "offers TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, "
        "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256; groups secp256r1; names the roots "
        f"key_sha1_hash {HASH.hex().upper()}; wants to see that nothing is revoked, by ocsp"
    )
    assert told.details["supported_groups"] == "secp256r1"
    assert told.details["extensions"] == "supported_groups, trusted_ca_keys, status_request"
    assert "key_share" not in told.details


def test_a_client_hello_of_iso_15118_20_says_its_authorities(teller):
    name = bytes.fromhex("300F310D300B06035504030C04") + b"Root"
    hello = client_hello(
        extension(47, vector(2, vector(2, name))),
        extension(43, vector(1, numbers(NEW))),
        extension(51, vector(2, numbers(25), vector(2, b"x"))),
        extension(0, vector(2, b"\0" + vector(2, b"secc"))),
        extension(13, vector(2, numbers(0x0603))),
        extension(17, vector(2, b"\x07", vector(2))),
        suites=[0x1302],
    )
    told = tell(teller, 1, hello)
    assert (
        "offers TLS 1.3 with TLS_AES_256_GCM_SHA384; names the authorities CN=Root" in told.says
    )
    assert told.details["key_share"] == "secp521r1"
    assert told.details["server_name"] == "secc"
    assert told.details["signature_algorithms"] == "ecdsa_secp521r1_sha512"
    assert told.details["status_request"] == "7"


def test_roots_by_name_are_told_by_name(teller):
    name = bytes.fromhex("300F310D300B06035504030C04") + b"Root"
    told = tell(teller, 1, client_hello(extension(3, vector(2, b"\x02" + vector(2, name)))))
    assert told.details["trusted_ca_keys"] == "CN=Root"


def test_an_empty_list_of_roots_is_told(teller):
    told = tell(teller, 1, client_hello(extension(3, vector(2)), suites=[]))
    assert told.says == "offers TLS 1.2 with no suite; names no root (trusted_ca_keys is empty)"


@pytest.mark.parametrize(
    ("hello", "name", "says"),
    [
        (
            server_hello(),
            "ServerHello",
            "chooses TLS 1.2, TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
        ),
        (
            server_hello(extension(43, numbers(NEW)), extension(51, numbers(25)), suite=0x1302),
            "ServerHello",
            "chooses TLS 1.3, TLS_AES_256_GCM_SHA384, secp521r1",
        ),
        (
            server_hello(extension(51, numbers(25)), random=handshake.RETRY),
            "HelloRetryRequest",
            "asks for a share in secp521r1",
        ),
        (
            server_hello(random=handshake.RETRY),
            "HelloRetryRequest",
            "asks for a share in no group",
        ),
    ],
)
def test_a_server_hello_says_what_was_chosen(teller, hello, name, says):
    told = tell(teller, 2, hello)
    assert (told.name, told.says) == (name, says)


def chain(*certificates):
    return vector(3, *[vector(3, octets) for octets in certificates])


def test_a_chain_says_whose_it_is_and_where_it_ends(teller):
    told = tell(teller, 11, chain(der("SECC1", "Sub 2"), der("Sub 2", "Sub 1")))
    assert told.says == "shows 2 certificates: SECC1, up to one issued by Sub 1"
    assert told.details["certificate 2 subject"] == "CN=Sub 2"
    assert told.details["certificate 1 valid"] == "2026-01-01 to 2026-04-01"


def test_a_chain_with_its_root_says_so(teller):
    told = tell(teller, 11, chain(der("Root", "Root")))
    assert told.says == "shows 1 certificate: Root, up to the root"


def test_certificates_that_are_too_old_or_damaged_are_named(teller):
    told = tell(teller, 11, chain(der("SECC1", "Sub 2"), b"nothing"), now=NOW + 100 * 86400)
    assert told.says.endswith("; SECC1 is expired; no. 2 can't be read")
    assert told.details["certificate 1 fault"] == "expired"
    assert told.details["certificate 2"] == "7 octets that can't be read"


def test_a_chain_of_nothing_that_can_be_read_is_told(teller):
    assert tell(teller, 11, chain(b"x")).says == "shows 1 certificate; no. 1 can't be read"


def test_no_more_certificates_are_described_than_make_sense(teller):
    told = tell(teller, 11, chain(*[b"x"] * 99))
    assert told.details["certificates"] == "99"
    assert f"certificate {MAX_CERTIFICATES}" in told.details
    assert f"certificate {MAX_CERTIFICATES + 1}" not in told.details


def test_who_shows_no_certificate_is_told(teller):
    assert tell(teller, 11, chain()).says == "shows no certificate"


def test_stapled_responses_are_told_in_both_versions(teller):
    stapled = vector(2, extension(5, b"\x01", vector(3, b"ocsp")))
    octets = vector(1) + vector(3, vector(3, der()), stapled, vector(3, der()), vector(2))
    told = tell(teller, 11, octets, NEW)
    assert ", with 1 OCSP response" in told.says
    assert told.details["ocsp"] == "4 octets"
    told = tell(teller, 22, b"\x02" + vector(3, vector(3, b"ocsp"), vector(3)))
    assert told.says == "proves by OCSP that its certificates are not revoked: 4 octets, none"


@pytest.mark.parametrize(
    ("kind", "octets", "version", "says"),
    [
        (
            12,
            b"\x03" + numbers(23) + vector(1) + numbers(0x0403) + vector(2),
            0x0303,
            "sends its share of the secret in secp256r1, signed with ecdsa_secp256r1_sha256",
        ),
        (12, b"\x01", 0x0303, "sends its share of the secret"),
        (
            13,
            vector(1) + vector(2, numbers(0x0403)) + vector(2),
            0x0303,
            "asks for a certificate",
        ),
        (
            13,
            vector(1) + vector(2) + vector(2, vector(2, b"\x30\x00")),
            0x0303,
            "asks for a certificate of",
        ),
        (
            15,
            numbers(0x0403) + vector(2),
            0x0303,
            "proves that it has its certificate's key, with ecdsa_secp256r1_sha256",
        ),
        (8, vector(2), NEW, "adds nothing"),
        (8, vector(2, extension(0)), NEW, "adds server_name"),
        (24, b"\x00", NEW, "takes new keys"),
        (24, b"\x01", NEW, "takes new keys, and wants the charger to do so too"),
        (20, bytes(12), 0x0303, "ends its part of the handshake"),
        (21, b"", 0x0303, "is sent"),
    ],
)
def test_other_messages_are_told(teller, kind, octets, version, says):
    assert tell(teller, kind, octets, version).says.startswith(says)


def test_a_message_that_is_encrypted_or_damaged_is_told(teller):
    hidden = HandshakeSeen(20, None, True)
    assert teller.handshake(hidden, VEHICLE, CHARGER, NOW).says.endswith("(encrypted)")
    damaged = HandshakeSeen(1, None, False, "ClientHello: too short")
    told = teller.handshake(damaged, VEHICLE, CHARGER, NOW)
    assert told.says == "can't be read: ClientHello: too short"


def test_a_farewell_is_no_fault(teller):
    told = alert(teller, 0, level=1)
    assert (told.name, told.says) == ("Alert", "close_notify: ends TLS in an orderly way")
    assert not told.fatal


def test_an_encrypted_alert_is_told(teller):
    told = teller.alert(AlertSeen(None), VEHICLE, CHARGER)
    assert told.says == "can't be read, for it is encrypted"


def test_a_complaint_is_told_with_its_level(teller):
    told = alert(teller, 100, level=7)
    assert told.says == "no_renegotiation: complains that it does not want to negotiate anew"
    assert told.details == {"level": "level 7", "description": "no_renegotiation"}


def test_an_unknown_root_says_where_the_chain_ends_and_what_is_trusted(teller):
    tell(teller, 1, client_hello(LISTS_ROOT))
    tell(teller, 11, chain(der("SECC1", "Sub 1"), der("Sub 1", "Root B")), who=CHARGER)
    told = alert(teller, 48)
    assert told.fatal
    assert told.says == (
        "unknown_ca: breaks off, for it knows no root that the charger's certificates lead to; "
        "they end with Sub 1, issued by Root B; it has named these roots: "
        f"key_sha1_hash {HASH.hex().upper()}"
    )


def test_an_unknown_root_that_is_trusted_is_a_contradiction(teller):
    root = b"\x02" + vector(2, named("Root B").public_bytes())
    tell(teller, 1, client_hello(extension(3, vector(2, root))))
    tell(teller, 11, chain(der("Sub 1", "Root B")), who=CHARGER)
    assert alert(teller, 48).says.endswith(
        "issued by Root B, though that is among the roots that it has named (CN=Root B)"
    )


def test_an_unknown_root_without_a_list_says_where_the_chain_ends(teller):
    tell(teller, 11, chain(der("Sub 1", "Root B")), who=CHARGER)
    assert alert(teller, 48).says.endswith("they end with Sub 1, issued by Root B")
    assert alert(Teller(), 48).says.endswith("lead to")


def test_an_expired_certificate_says_the_periods(teller):
    tell(teller, 11, chain(der("SECC1")), who=CHARGER)
    assert alert(teller, 45).says.endswith("; SECC1 is valid from 2026-01-01 to 2026-04-01")


def test_a_failed_handshake_says_what_was_on_offer(teller):
    tell(teller, 1, client_hello(suites=[0xC023]))
    says = alert(teller, 40).says
    assert says.endswith("on offer were TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")
    assert alert(Teller(), 40).says.endswith("misses its certificate")


MANY = [extension(0x4000 + number) for number in range(5000)]
LONG_HOST = extension(0, vector(2, b"\0" + vector(2, b"x" * 9000)))


@pytest.mark.parametrize(
    ("kind", "octets"),
    [
        (1, client_hello(*MANY, LONG_HOST, suites=[0xC023] * 9000)),
        (2, server_hello(*MANY)),
        (22, b"\x02" + vector(3, *[vector(3)] * 9000)),
        (13, vector(1) + vector(2, numbers(*[0x0403] * 9000)) + vector(2, *[vector(2)] * 900)),
    ],
)
def test_no_message_becomes_longer_in_words_than_people_read(teller, kind, octets):
    told = tell(teller, kind, octets)
    assert len(told.says) + sum(map(len, told.details.values())) < 10_000
