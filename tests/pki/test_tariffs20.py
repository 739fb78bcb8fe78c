"""What a lab's operator says that energy costs in ISO 15118-20: signed, from when it begins."""

import asyncio
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, utils, x25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from pki.errors import PkiError
from pki.tariffs import DEFAULT, Price
from pki.tariffs20 import CONTRACT, KINDS, SIGNER, Pricing20, pricing20_of
from seccstack.messages.codec import Schema, encode, encode_fragment
from seccstack.session.events import ProvideTariffs
from seccstack.session.iso20.rational import plain
from tests.pki.test_tariffs import NOON, exchanged, framed, service_of
from tests.session.iso20.pricing import absolute_of, levels_of, message_of
from tests.session.iso20.test_tariffs import asked
from tests.session.iso20.vehicle import stop

HOUR = 3600


@pytest.fixture(scope="session")
def pricing20(lab):
    return pricing20_of(lab, DEFAULT)


def offer():
    return asked().wanted(ProvideTariffs).response


def priced(pricing, kind, most=12, paying=""):
    return message_of(pricing.answer(paying, most, kind, offer(), NOON))


def prices_of(message):
    [prices] = [one for one in absolute_of(message) + levels_of(message) if one is not None]
    return prices


def test_prices_are_of_a_kilowatt_hour_and_begin_with_the_schedule(pricing20):
    message = priced(pricing20, "absolute")
    prices = prices_of(message)
    stacks = prices.price_rule_stacks.price_rule_stack
    found = [(one.duration // HOUR, plain(one.price_rule[0].energy_fee)) for one in stacks]
    assert found == [(10, 0.339), (8, 0.215), (6, 0.339)]
    [one] = message.scheduled_se_res_control_mode.schedule_tuple
    assert prices.time_anchor == one.charging_schedule.power_schedule.time_anchor


def test_as_many_entries_as_fit_and_none_is_cheaper_than_it_will_be(pricing20):
    levels = prices_of(priced(pricing20, "levels", most=2)).price_level_schedule_entries
    found = [
        (one.duration // HOUR, one.price_level) for one in levels.price_level_schedule_entry
    ]
    assert found == [(10, 1), (14, 1)]


def judged(message, certificate):
    """Verify a signature with no code of ours but the codec; InvalidSignature if it is none."""
    prices, info = prices_of(message), message.header.signature.signed_info
    state = hashes.Hash(hashes.SHA512())
    state.update(encode_fragment(Schema.ISO20_COMMON, prices, type(prices).__name__))
    assert [reference.digest_value for reference in info.reference] == [state.finalize()]
    value = message.header.signature.signature_value.value
    r, s = int.from_bytes(value[:66]), int.from_bytes(value[66:])
    certificate.public_key().verify(
        utils.encode_dss_signature(r, s),
        encode_fragment(Schema.ISO20_COMMON, info, "SignedInfo"),
        ec.ECDSA(hashes.SHA512()),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_the_operator_s_certificate_verifies_the_signature_with_no_code_of_ours(
    lab, pricing20, kind
):
    pem = (lab / "certificates/mo-20.mo_sub2.pem").read_bytes()
    judged(priced(pricing20, kind), x509.load_pem_x509_certificate(pem))


def test_an_operator_may_have_a_key_of_ed448():
    key = ed448.Ed448PrivateKey.generate()
    signed = priced(Pricing20(key, "", (Price(0, 1.0),)), "absolute").header.signature
    octets = encode_fragment(Schema.ISO20_COMMON, signed.signed_info, "SignedInfo")
    key.public_key().verify(signed.signature_value.value, octets)


def test_the_customer_of_another_is_told_nothing_and_our_own_is(lab, pricing20):
    assert pricing20.answer("DE8XXFFFFFFFFF", 12, "levels", offer(), NOON) == b""
    customer = service_of(lab).emaid
    assert prices_of(priced(pricing20, "levels", paying=customer)).number_of_price_levels == 2


@pytest.mark.parametrize(
    ("kind", "octets", "why"),
    [
        ("cheap", b"", "prices are told as absolute or levels, not 'cheap'"),
        ("levels", b"no message", "what came is no message"),
        ("levels", encode(Schema.ISO20_COMMON, stop()), "no response with schedules"),
    ],
)
def test_what_is_no_question_is_named(pricing20, kind, octets, why):
    with pytest.raises(PkiError, match=why):
        pricing20.answer("", 12, kind, octets, NOON)


def test_a_key_that_is_none_is_named(tmp_path, lab):
    with pytest.raises(PkiError, match=r"mo_sub2\.key or .* is missing"):
        pricing20_of(tmp_path, DEFAULT)
    key = x25519.X25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    for name, octets in ((SIGNER, pem), (CONTRACT, (lab / CONTRACT).read_bytes())):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_bytes(octets)
    with pytest.raises(PkiError, match="is not of a curve"):
        pricing20_of(tmp_path, DEFAULT)


def test_over_a_socket_the_kind_that_is_wanted_is_given(lab, pricing20, tmp_path):
    terms = json.dumps({"emaid": "", "entries": 3, "pricing": "levels"}).encode()
    both = None, pricing20
    answer = asyncio.run(exchanged(both, tmp_path / "socket", framed(terms, offer())))
    assert prices_of(message_of(answer[4:])).id == "id1"
