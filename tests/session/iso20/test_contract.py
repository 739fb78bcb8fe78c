"""ISO 15118-20, Plug and Charge: one request shows the contract and proves it."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448

from seccstack.auth import ecdsa
from seccstack.auth.decision import Granted
from seccstack.session import signature
from seccstack.session.events import (
    AskAuthorizer,
    Broken,
    ContractProven,
    ContractRefused,
    Decided,
    Ignored,
    SessionEnded,
    SignatureVerified,
    StopCharging,
    Unproven,
    VerifyContract,
    VerifySignature,
)
from seccstack.session.iso20.record import State
from seccstack.session.signature import made
from tests.session.iso20.vehicle import CHARGER, PROVEN, Ev, contract, eim


def signed(request, name="PnC_AReqAuthorizationMode", identifier="id1", octets=132):
    mode = request.pn_c_a_req_authorization_mode
    elements = {identifier: (name, mode)}
    return made(elements, lambda _: bytes(octets), signature.ISO20, signature.ECDSA_SHA512)


def prove(ev, request=None):
    request = request or contract()
    return ev.ask(request, signature=signed(request))


def shown(**known):
    ev = Ev(**known).challenged()
    assert prove(ev) is None
    return ev


def proven(**known):
    ev = shown(**known)
    assert ev.verify(PROVEN) is None
    return ev


def test_a_contract_is_followed_then_its_signature_then_it_is_proven():
    """E-4."""
    ev = shown()
    assert ev.wanted(VerifyContract).rules == "iso20"
    ev.tell(Decided(Granted("contract")))
    assert ev.verify(PROVEN) is None
    assert ev.wanted(VerifySignature).key == PROVEN.key
    response = ev.confirm()
    assert (response.response_code.value, response.evse_processing.value) == ("OK", "Finished")
    assert AskAuthorizer() in ev.last
    assert ContractProven(PROVEN, (b"certificate", b"sub")) in ev.last
    assert ev.session.state is State.AUTHORIZED


def test_who_was_asked_about_is_not_asked_about_again():
    ev = Ev().challenged()
    ev.ask(eim())
    prove(ev)
    ev.verify(PROVEN)
    ev.confirm()
    assert AskAuthorizer() not in ev.last


def test_one_that_ends_soon_is_told_so():
    ev = shown()
    ev.tell(Decided(Granted("contract")))
    ev.verify(replace(PROVEN, expires_soon=True))
    assert ev.confirm().response_code.value == "OK_CertificateExpiresSoon"


def test_until_it_is_decided_the_vehicle_is_told_ongoing():
    ev = proven()
    assert ev.confirm() is None
    ev.wait(0.2)
    assert ev.answer().evse_processing.value == "Ongoing"
    assert prove(ev).evse_processing.value == "Ongoing"
    ev.tell(Decided(Granted("contract")))
    assert prove(ev).evse_processing.value == "Finished"


def test_it_is_not_told_ongoing_for_ever():
    ev = proven()
    ev.confirm()
    ev.wait(0.2)
    for _ in range(11):
        ev.wait(5)
        response = prove(ev)
    assert response.response_code.value == "FAILED"
    assert "nobody has decided" in ev.last[-1].how.why


def test_a_vehicle_that_does_not_ask_again_is_hung_up_on():
    ev = proven()
    ev.confirm()
    ev.wait(0.2)
    ev.wait(57)
    assert ev.session.over


FAULTS = {
    ("FAILED_CertChainError", "no root"): "WARNING_CertificateValidationError",
    ("FAILED_CertChainError", "is not valid yet"): "WARNING_CertificateNotYetValid",
    ("FAILED_CertificateExpired", ""): "WARNING_CertificateExpired",
    ("FAILED_CertificateRevoked", ""): "WARNING_CertificateRevoked",
    ("FAILED_CertificateNotAllowedAtThisEVSE", ""): "WARNING_GeneralPnCAuthorizationError",
}


@pytest.mark.parametrize(("fault", "warning"), FAULTS.items())
def test_what_is_wrong_with_a_contract_is_a_warning(fault, warning):
    """E-4, OC-4."""
    ev = shown()
    assert ev.verify(Unproven(*fault)).response_code.value == warning
    ev.tell(Decided(Granted("card")))
    assert ev.code(eim()) == "OK"


def test_a_contract_that_does_not_charge_here_is_a_warning():
    ev = proven()
    ev.confirm()
    ev.tell(ContractRefused("FAILED_ContractCanceled", "canceled"))
    assert ev.answer().response_code.value == "WARNING_GeneralPnCAuthorizationError"
    assert Ignored("contract", "canceled") in ev.last


def test_a_charger_that_is_to_stop_takes_no_contract():
    ev = proven()
    ev.confirm()
    ev.tell(StopCharging("owner"))
    assert ev.answer().response_code.value == "FAILED"


def test_another_challenge_is_a_warning():
    """E-4."""
    ev = Ev().challenged()
    assert prove(ev, contract(bytes(16))).response_code.value == "WARNING_ChallengeInvalid"
    assert not ev.session.over


def test_a_signature_that_is_not_about_it_is_a_warning():
    ev = Ev().challenged()
    request = contract()
    for given in (
        None,
        signed(request, octets=64),
        signed(contract(id="id2"), identifier="id2"),
    ):
        response = ev.ask(request, signature=given)
        assert response.response_code.value == "WARNING_GeneralPnCAuthorizationError"
    assert prove(ev, contract(id="")).response_code.value.startswith("WARNING_General")


def test_a_signature_of_another_key_is_a_warning():
    ev = proven()
    assert ev.confirm(False).response_code.value == "WARNING_GeneralPnCAuthorizationError"


@pytest.mark.parametrize("far", ["contract", "signature"])
def test_who_verifies_has_to_answer_in_time(far):
    ev = shown() if far == "contract" else proven()
    ev.wait(0.6)
    assert ev.answer().response_code.value == "WARNING_GeneralPnCAuthorizationError"
    assert any(f"verified the {far}" in getattr(a, "why", "") for a in ev.last)


def test_an_answer_to_an_older_question_is_none():
    ev = proven()
    ticket = ev.wanted(VerifyContract).ticket
    ev.tell(SignatureVerified(ticket, True))
    assert ev.answer() is None


def test_the_same_again_while_a_response_is_owed_is_answered_once():
    ev = shown()
    assert prove(ev) is None
    assert ev.last[-1].why == "the response to the first one is still owed"


def test_something_else_while_a_response_is_owed_is_out_of_order():
    ev = shown()
    assert ev.code(eim()) == "FAILED_SequenceError"
    ev = shown()
    request = contract()
    response = ev.ask(request, session_id=bytes(8), signature=signed(request))
    assert response.response_code.value == "FAILED_SequenceError"
    assert isinstance(ev.last[-1], SessionEnded)
    assert isinstance(ev.last[-1].how, Broken)


def test_a_misprint_in_a_proven_contract_is_said():
    ev = shown()
    ev.tell(Decided(Granted("contract")))
    ev.verify(replace(PROVEN, emaid="DE8AAA1234567X9"))
    ev.confirm()
    assert any(isinstance(a, Ignored) and "misprint" in a.what for a in ev.last)


def test_in_a_lab_keys_of_iso_15118_2_do():
    ev = Ev(replace(CHARGER, iso20_in_plain=True)).challenged()
    request = contract()
    elements = {"id1": ("PnC_AReqAuthorizationMode", request.pn_c_a_req_authorization_mode)}
    given = made(elements, lambda _: bytes(64), signature.LAB20)
    assert ev.ask(request, signature=given) is None
    assert ev.wanted(VerifyContract).rules == "lab"


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP521R1()), ed448.Ed448PrivateKey.generate()]
)
def test_what_a_key_of_the_standard_has_signed_holds(key):
    value = ecdsa.sign(key, b"octets")
    public = ecdsa.octets_of(key.public_key())
    assert ecdsa.holds(public, b"octets", value)
    assert not ecdsa.holds(public, b"others", value)
    assert not ecdsa.holds(public, b"octets", value[:-1])


def test_nobody_tries_contracts_for_ever():
    ev = Ev().challenged()
    for _ in range(16):
        assert ev.code(contract(challenge=bytes(16))) == "WARNING_ChallengeInvalid"
    assert ev.code(contract(challenge=bytes(16))) == "FAILED"
    assert ev.session.over


def test_who_asks_what_has_become_of_a_proven_contract_makes_no_attempt():
    ev = proven()
    ev.confirm()
    ev.wait(0.2)
    for _ in range(20):
        assert prove(ev).evse_processing.value == "Ongoing"
