"""What sessions ask to have verified, answered with the chains and specimens of our PKI."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from seccstack.auth import ecdsa
from seccstack.session.events import (
    ContractVerified,
    Proven,
    SignatureVerified,
    Ticket,
    Unproven,
    VerifyContract,
    VerifySignature,
)
from seccstack.session.verification import Verifier
from tests import lab as labs
from tests.auth.test_chain import chain_of

EMAID = "DE8AA1A2B3C4D5V"
TICKET = Ticket(bytes(16), 1)
NOW = labs.NOW.timestamp()
DAY = 86400.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def found(lab, place="chains/mo.contract", emaid=EMAID, days=0.0):
    (leaf, *subs), root = chain_of(lab, place)
    question = VerifyContract(TICKET, leaf, tuple(subs), emaid, NOW + days * DAY)
    answer = Verifier([root]).answer(question)
    assert isinstance(answer, ContractVerified)
    assert answer.ticket == TICKET
    return answer.found


def test_a_contract_is_proven_with_what_its_session_has_to_know(lab):
    proven = found(lab)
    (leaf, *_), root = chain_of(lab, "chains/mo.contract")
    certificate = x509.load_der_x509_certificate(leaf)
    assert proven == Proven(
        EMAID,
        ecdsa.point_of(certificate.public_key()),
        root.subject.rfc4514_string(),
        certificate.not_valid_after_utc.timestamp(),
    )
    assert found(lab, days=715).expires_soon


def test_a_contract_that_is_none_has_a_code_and_a_reason(lab):
    refused = found(lab, "specimens/contract-expired")
    assert refused == Unproven(
        "FAILED_CertificateExpired", "the contract certificate has expired"
    )


def test_the_emaid_that_is_said_has_to_be_the_certificate_s(lab):
    assert isinstance(found(lab, emaid="DE8AA1A2B3C4D5"), Proven)
    refused = found(lab, emaid="DE8AA1A2B3C4D6")
    assert refused.code == "FAILED_CertificateNotAllowedAtThisEVSE"
    assert refused.why == f"the certificate is of contract {EMAID}, not 'DE8AA1A2B3C4D6'"


@pytest.mark.parametrize("octets", [b"said", b"unsaid"])
def test_a_signature_holds_for_what_was_signed(lab, octets):
    key = load_pem_private_key((lab / "chains/mo.contract/key.pem").read_bytes(), None)
    value = ecdsa.sign(key, b"said")
    question = VerifySignature(TICKET, ecdsa.point_of(key.public_key()), octets, value)
    assert Verifier([]).answer(question) == SignatureVerified(TICKET, octets == b"said")


@pytest.mark.parametrize("leaf", [b"", b"\x30", b"\x30\x84\xff\xff\xff\xff", b"\x30\x80" * 400])
def test_octets_that_are_no_certificate_are_refused_and_nothing_worse(lab, leaf):
    _, root = chain_of(lab, "chains/mo.contract")
    answer = Verifier([root]).answer(VerifyContract(TICKET, leaf, (leaf,) * 4, EMAID, NOW))
    assert answer.found.code == "FAILED_CertChainError"


NEWEST = ["chains/mo-20.contract"]


@pytest.mark.parametrize("place", NEWEST)
def test_a_contract_of_iso_15118_20_names_itself_and_is_proven_by_its_rules(lab, place):
    (leaf, *subs), root = chain_of(lab, place)
    key = x509.load_der_x509_certificate(leaf).public_key()
    for rules in ("iso20", "lab"):
        question = VerifyContract(TICKET, leaf, tuple(subs), "", NOW, rules)
        proven = Verifier([root]).answer(question).found
        assert isinstance(proven, Proven)
        assert proven.key == ecdsa.octets_of(key)
    with_old_rules = VerifyContract(TICKET, leaf, tuple(subs), proven.emaid, NOW)
    assert isinstance(Verifier([root]).answer(with_old_rules).found, Unproven)


def test_without_a_name_there_is_no_contract_of_iso_15118_2(lab):
    assert isinstance(found(lab, emaid=""), Unproven)
