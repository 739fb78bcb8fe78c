"""Plug and Charge in the session: what is asked of others, what is told the vehicle, when."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack.auth.decision import Denied, Granted, Pending
from seccstack.messages import iso2, xmldsig
from seccstack.messages.iso2 import PaymentOption
from seccstack.session.events import (
    ContractProven,
    ContractRefused,
    ContractVerified,
    Decided,
    Ignored,
    SignatureVerified,
    StopCharging,
    Ticket,
    Unproven,
    VerifyContract,
    VerifySignature,
)
from seccstack.session.iso2.contract import CHAIN_TIME, SIGNATURE_TIME
from seccstack.session.iso2.record import State
from seccstack.session.plant import Charger
from seccstack.session.signature import made, statement
from seccstack.session.waiting import ONGOING_LIMIT
from tests.session.vehicle import (
    AUTHORIZATION,
    CHAIN,
    CHALLENGE,
    DETAILS,
    EMAID,
    PROOF,
    PROVEN,
    SERVICE_DISCOVERY,
    STOP,
    Ev,
    selection,
    signed,
)

BY_CONTRACT = selection(1, option=PaymentOption.CONTRACT)
GRANTED = Decided(Granted("contract"))
NO_CONTRACTS = Charger(evse_id="DE*ABC*E1")


def code_of(response):
    return None if response is None else response.response_code.value


def broken(ev):
    return ev.last[-1].how.why


# Whether a contract may pay at all.


@pytest.mark.parametrize(
    "without", [{"tls": False}, {"challenge": b""}, {"charger": NO_CONTRACTS}]
)
def test_a_contract_pays_only_in_tls_at_a_charger_that_takes_it(without):
    ev = Ev(**without).set_up()
    options = ev.ask(SERVICE_DISCOVERY).payment_option_list.payment_option
    assert options == (PaymentOption.EXTERNAL_PAYMENT,)
    assert ev.code(BY_CONTRACT) == "FAILED_PaymentSelectionInvalid"


def test_where_it_does_it_is_offered_first():
    options = Ev().set_up().ask(SERVICE_DISCOVERY).payment_option_list.payment_option
    assert options == (PaymentOption.CONTRACT, PaymentOption.EXTERNAL_PAYMENT)


# The certificates.


def test_the_chain_is_given_to_who_can_follow_it_and_the_vehicle_waits():
    ev = Ev().contract()
    subs = iso2.SubCertificates(certificate=(b"sub 2", b"sub 1"))
    shown = structs.replace(CHAIN, sub_certificates=subs)
    ev.wait(2.0)
    assert ev.ask(structs.replace(DETAILS, contract_signature_cert_chain=shown)) is None
    question = ev.wanted(VerifyContract)
    assert question == VerifyContract(
        Ticket(CHALLENGE, 1), b"certificate", (b"sub 2", b"sub 1"), EMAID, 1_700_000_002.0
    )


def test_a_good_contract_is_challenged():
    ev = Ev().contract()
    ev.ask(DETAILS)
    response = ev.verify()
    assert (code_of(response), response.gen_challenge) == ("OK", CHALLENGE)
    assert response.evse_time_stamp == 1_700_000_000


def test_a_contract_that_ends_soon_is_good_and_its_vehicle_is_told():
    ev = Ev().contract()
    ev.ask(DETAILS)
    assert code_of(ev.verify(replace(PROVEN, expires_soon=True))) == "OK_CertificateExpiresSoon"
    assert ev.session.state is State.IDENTIFIED


def test_a_misprint_in_a_good_contract_is_told_and_changes_nothing():
    ev = Ev().contract()
    ev.ask(DETAILS)
    odd = replace(PROVEN, emaid="DE8AAA1234567A9")
    assert code_of(ev.verify(odd)) == "OK"
    [told] = [action for action in ev.last if isinstance(action, Ignored)]
    assert odd.emaid in told.what
    assert told.why == "its check digit is 9 and should be V"


@pytest.mark.parametrize(
    "code",
    [
        "FAILED_CertificateExpired",
        "FAILED_CertificateRevoked",
        "FAILED_CertChainError",
        "FAILED_CertificateNotAllowedAtThisEVSE",
    ],
)
def test_a_contract_that_proves_nothing_is_refused_with_its_code(code):
    ev = Ev().contract()
    ev.ask(DETAILS)
    assert code_of(ev.verify(Unproven(code, "it is bad"))) == code
    assert broken(ev) == f"PaymentDetailsReq: {code} (it is bad)"


def test_nobody_is_waited_for_longer_than_the_vehicle_waits():
    ev = Ev().contract()
    ev.ask(DETAILS)
    assert ev.wait(CHAIN_TIME - 0.01) is not None
    assert ev.session.state is State.VERIFYING
    ev.wait(0.01)
    assert code_of(ev.answer()) == "FAILED"
    assert broken(ev).endswith("(nobody has verified the contract within 4 s)")


@pytest.mark.parametrize(
    "ticket", [Ticket(CHALLENGE, 0), Ticket(CHALLENGE, 2), Ticket(bytes(16), 1)]
)
def test_an_answer_to_another_question_counts_for_nothing(ticket):
    ev = Ev().contract()
    ev.ask(DETAILS)
    assert ev.tell(ContractVerified(ticket, PROVEN)) == []
    assert ev.session.state is State.VERIFYING


def test_an_answer_of_another_kind_proves_nothing():
    ev = Ev().contract()
    ev.ask(DETAILS)
    ev.tell(SignatureVerified(Ticket(CHALLENGE, 1), True))
    assert code_of(ev.answer()) == "FAILED"


def test_the_same_request_again_is_not_answered_twice():
    ev = Ev().contract()
    ev.ask(DETAILS)
    assert ev.ask(DETAILS) is None
    assert code_of(ev.verify()) == "OK"


def test_another_request_meanwhile_is_out_of_order():
    ev = Ev().contract()
    ev.ask(DETAILS)
    assert ev.code(PROOF) == "FAILED_SequenceError"


def test_a_vehicle_may_stop_while_it_is_waited_for():
    ev = Ev().contract()
    ev.ask(DETAILS)
    assert ev.code(STOP) == "OK"
    assert ev.tell(ContractVerified(Ticket(CHALLENGE, 1), PROVEN)) == []


# The challenge.


@pytest.mark.parametrize("challenge", [None, bytes(16), CHALLENGE[::-1]])
def test_another_challenge_than_ours_is_refused(challenge):
    replayed = structs.replace(PROOF, gen_challenge=challenge)
    ev = Ev().identify()
    assert ev.code(replayed) == "FAILED_ChallengeInvalid"
    assert not ev.energy()


def test_a_signature_is_given_to_who_can_verify_it_with_the_contract_s_key():
    ev = Ev().prove()
    about = statement(signed(PROOF), {"id1": ("AuthorizationReq", PROOF)})
    question = ev.wanted(VerifySignature)
    assert question == VerifySignature(
        Ticket(CHALLENGE, 2), PROVEN.key, about.signed, about.value
    )


def test_a_proof_is_told_to_who_decides_who_may_answer_at_once():
    ev = Ev().prove()
    assert ev.confirm() is None
    assert ev.last == [ContractProven(PROVEN, (b"certificate",))]
    ev.tell(GRANTED)
    assert ev.answer().evse_processing.value == "Finished"
    assert ev.session.state is State.AUTHORIZED


def test_who_may_charge_already_has_to_prove_the_contract_just_the_same():
    ev = Ev()
    ev.tell(Decided(Granted("open")))
    ev.identify()
    assert ev.ask(PROOF) is None
    assert code_of(ev.confirm(valid=False)) == "FAILED_SignatureError"
    assert not ev.energy()


def test_a_signature_of_another_key_proves_nothing():
    ev = Ev().prove()
    assert code_of(ev.confirm(valid=False)) == "FAILED_SignatureError"
    assert broken(ev).endswith("(it is not of the contract's key)")
    assert not any(isinstance(action, ContractProven) for action in ev.done)


def test_an_answer_about_a_chain_does_for_no_signature():
    ev = Ev().prove()
    ev.tell(ContractVerified(Ticket(CHALLENGE, 2), PROVEN))
    assert code_of(ev.answer()) == "FAILED_SignatureError"


def test_a_signature_that_nobody_verifies_in_time_proves_nothing():
    ev = Ev().prove()
    ev.wait(SIGNATURE_TIME)
    assert code_of(ev.answer()) == "FAILED"
    assert broken(ev).endswith("(nobody has verified the signature within 1.2 s)")


def listed(*references, **changes):
    """A signature over PROOF with another list of what is signed."""
    signature = signed(PROOF)
    references = references or signature.signed_info.reference
    info = structs.replace(signature.signed_info, reference=references, **changes)
    return structs.replace(signature, signed_info=info)


[REFERENCE] = signed(PROOF).signed_info.reference
TRANSFORMS = xmldsig.Transforms(transform=(xmldsig.Transform(algorithm="urn:x"),))
METHOD = xmldsig.SignatureMethod(algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1")
HOSTILE = {
    "another Id": listed(structs.replace(REFERENCE, uri="#id2")),
    "the same twice": listed(REFERENCE, REFERENCE),
    "another beside it": listed(REFERENCE, structs.replace(REFERENCE, uri="#id2")),
    "no Id": listed(structs.replace(REFERENCE, uri=None)),
    "another digest": listed(structs.replace(REFERENCE, digest_value=bytes(32))),
    "a transform": listed(structs.replace(REFERENCE, transforms=TRANSFORMS)),
    "many": listed(*[structs.replace(REFERENCE, uri=f"#id{n}") for n in range(40)]),
    "another method": listed(signature_method=METHOD),
    "another message's": signed(structs.replace(PROOF, gen_challenge=bytes(16))),
    "a short value": structs.replace(
        signed(PROOF), signature_value=xmldsig.SignatureValue(value=bytes(63))
    ),
}


@pytest.mark.parametrize("signature", HOSTILE.values(), ids=HOSTILE)
def test_a_signature_about_something_else_is_not_even_verified(signature):
    ev = Ev().identify()
    response = ev.ask(PROOF, signature=signature)
    assert code_of(response) == "FAILED_SignatureError"
    assert not any(isinstance(action, VerifySignature) for action in ev.done)
    assert not ev.energy()


def test_a_challenge_without_an_id_cannot_be_signed():
    ev = Ev().identify()
    whole = made({"": ("AuthorizationReq", PROOF)}, lambda octets: bytes(64))
    request = structs.replace(PROOF, id=None)
    assert code_of(ev.ask(request, signature=whole)) == "FAILED_SignatureError"
    assert broken(ev).endswith("(what is signed has no Id)")


def test_an_unsigned_challenge_proves_nothing():
    ev = Ev().identify()
    request = structs.replace(PROOF, id=None)
    assert ev.code(request) == "FAILED_SignatureError"


# The decision.


def undecided(*events):
    ev = Ev().prove()
    ev.confirm()
    ev.tell(*events)
    ev.wait(0.2)
    return ev


def test_until_it_is_decided_the_vehicle_asks_on_without_signing_again():
    ev = undecided(Decided(Pending()))
    assert ev.answer().evse_processing.value == "Ongoing"
    assert ev.ask(AUTHORIZATION).evse_processing.value == "Ongoing"
    ev.tell(GRANTED)
    assert ev.ask(AUTHORIZATION).evse_processing.value == "Finished"


def test_a_back_office_that_says_no_late_ends_it_with_its_code():
    ev = undecided()
    ev.tell(ContractRefused("FAILED_ContractCanceled", "not paid"))
    assert ev.code(AUTHORIZATION) == "FAILED_ContractCanceled"
    assert broken(ev) == "AuthorizationReq: FAILED_ContractCanceled (not paid)"


def test_one_that_says_no_at_once_does_so_with_the_first_response():
    ev = Ev().prove()
    ev.confirm()
    ev.tell(ContractRefused("FAILED_CertificateRevoked", "stolen"))
    assert code_of(ev.answer()) == "FAILED_CertificateRevoked"


def test_who_is_to_stop_is_told_failed():
    ev = Ev().prove()
    ev.confirm()
    ev.tell(StopCharging("enough"))
    assert code_of(ev.answer()) == "FAILED"
    assert broken(ev) == "AuthorizationReq: FAILED (enough)"


def test_that_no_card_came_in_time_does_not_matter_to_a_contract():
    ev = Ev()
    ev.tell(Decided(Denied()))
    ev.prove()
    assert ev.confirm() is None
    ev.tell(GRANTED)
    assert ev.answer().evse_processing.value == "Finished"


def test_nor_while_a_back_office_is_asked():
    ev = undecided(Decided(Denied()))
    assert ev.ask(AUTHORIZATION).evse_processing.value == "Ongoing"


def test_a_decision_that_never_comes_is_not_waited_for_for_ever():
    ev = undecided()
    for _ in range(54):
        ev.wait(1.0)
        assert ev.ask(AUTHORIZATION).evse_processing.value == "Ongoing"
    ev.wait(ONGOING_LIMIT - 54)
    assert ev.code(AUTHORIZATION) == "FAILED"
    assert broken(ev).endswith("(nobody has decided within 55 s)")
