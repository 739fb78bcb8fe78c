"""A simulated vehicle's contract: what it shows, signs, and leaves alone."""

import pytest

from seccstack.messages import iso2
from seccstack.session.signature import statement
from seccstack.sim.wallet import Wallet, accepted, proof, receipt
from tests.session.vehicle import CHALLENGE, EMAID, OUR_ID, PROOF, STATUS, Ev

WALLET = Wallet(EMAID, (b"contract", b"sub 2", b"sub 1"), lambda octets: bytes(64))


def test_it_shows_its_certificates():
    shown = WALLET.details().contract_signature_cert_chain
    assert (WALLET.details().emaid, shown.certificate) == (EMAID, b"contract")
    assert shown.sub_certificates.certificate == (b"sub 2", b"sub 1")
    alone = Wallet(EMAID, (b"contract",), WALLET.sign).details()
    assert alone.contract_signature_cert_chain.sub_certificates is None


def test_it_signs_what_has_to_be_signed_and_has_an_id():
    about = statement(WALLET.signature(PROOF), {"id1": ("AuthorizationReq", PROOF)})
    assert about.value == bytes(64)
    assert WALLET.signature(iso2.AuthorizationReq()) is None
    assert WALLET.signature(STATUS) is None


def test_it_gives_the_challenge_back():
    response = iso2.PaymentDetailsRes(
        response_code=iso2.ResponseCode.OK, gen_challenge=CHALLENGE, evse_time_stamp=0
    )
    assert proof(response) == PROOF


def test_it_gives_the_reading_back_where_that_is_wanted():
    wanted = Ev().meter().answer()
    made = receipt(OUR_ID, wanted)
    assert (made.meter_info, made.session_id) == (wanted.meter_info, OUR_ID)
    assert receipt(OUR_ID, Ev().charge().ask(STATUS)) is None


@pytest.mark.parametrize(
    ("tls", "wallet", "pays"), [(1, WALLET, 1), (0, WALLET, 0), (1, None, 0)]
)
def test_it_is_used_where_it_is_taken(tls, wallet, pays):
    offered = Ev(tls=bool(tls)).set_up().ask(iso2.ServiceDiscoveryReq())
    assert accepted(wallet, offered) is bool(pays)
