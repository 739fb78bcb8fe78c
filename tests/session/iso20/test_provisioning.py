"""ISO 15118-20, CertificateInstallation: passed on, and handed on as it comes back."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso20_common import CertificateInstallationReq
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session import signature
from seccstack.session.events import Broken, ProvideContract, SessionEnded
from seccstack.session.iso20.provisioning import certificate
from seccstack.session.iso20.record import Payment, Session
from seccstack.session.iso20.refusal import REFUSALS
from seccstack.session.plant import Plant
from seccstack.session.signature import made
from tests.session.iso20.vehicle import ANY, CHARGER, INSTALLATION, SETUP, Ev, eim

NONE = "WARNING_NoCertificateAvailable"


def delivered(code=ResponseCode.OK):
    """What a provisioning service answers, signed."""
    session = Session(
        charger=CHARGER, plant=Plant(), session_id=bytes(8), timestamp=0, opened=0.0, now=0.0
    )
    response = REFUSALS[CertificateInstallationReq](INSTALLATION, code, session)
    given = made(
        {"id1": ("SignedInstallationData", response.signed_installation_data)},
        lambda _: bytes(132),
        signature.ISO20,
        signature.ECDSA_SHA512,
    )
    header = structs.replace(response.header, session_id=bytes(8), signature=given)
    return structs.replace(response, header=header)


def written(code=ResponseCode.OK):
    return encode(Schema.ISO20_COMMON, delivered(code))


def asked():
    ev = Ev().challenged()
    assert ev.ask(INSTALLATION) is None
    return ev


def test_a_contract_is_handed_on_with_its_signature():
    """E-3."""
    ev = asked()
    response = ev.provide(written())
    assert response.response_code.value == "OK"
    assert response.header.signature == delivered().header.signature
    assert response.header.time_stamp == 1_700_000_000
    passed_on = decode(Schema.ISO20_COMMON, ev.wanted(ProvideContract).request).message
    assert structs.replace(passed_on, header=ANY) == INSTALLATION
    assert not ev.session.over


def test_what_the_service_refuses_ends_the_session():
    """E-3."""
    ev = asked()
    assert ev.provide(written(ResponseCode.FAILED_SIGNATURE_ERROR)).response_code.value == (
        "FAILED_SignatureError"
    )
    why = "CertificateInstallationReq: FAILED_SignatureError (the provisioning service)"
    assert ev.last[-1] == SessionEnded(Broken(why))


@pytest.mark.parametrize("answer", [None, b"nothing", encode(Schema.ISO20_COMMON, SETUP)])
def test_what_is_no_contract_is_a_warning_and_the_vehicle_goes_on(answer):
    """E-3."""
    ev = asked()
    response = ev.provide(answer, "no such vehicle")
    assert response.response_code.value == NONE
    assert ev.code(eim()) == "OK"


def test_a_service_that_is_silent_provides_none():
    ev = asked()
    ev.wait(4)
    assert ev.answer().response_code.value == NONE


def test_where_there_is_no_service_there_is_no_contract():
    ev = Ev(replace(CHARGER, provides=False)).challenged()
    assert ev.code(INSTALLATION) == NONE


def test_a_request_that_cannot_be_written_again_is_not_passed_on():
    session = Session(
        charger=CHARGER,
        plant=Plant(),
        session_id=bytes(8),
        timestamp=0,
        opened=0.0,
        now=0.0,
        payment=Payment(possible=True),
    )
    wrong = structs.replace(INSTALLATION, maximum_contract_certificate_chains=-1)
    reply = certificate(wrong, session)
    assert reply.response.response_code.value == NONE
    assert "it cannot be passed on" in reply.actions[0].why


def test_nobody_asks_for_contracts_for_ever():
    ev = Ev(replace(CHARGER, provides=False)).challenged()
    for _ in range(16):
        assert ev.code(INSTALLATION) == NONE
    assert ev.code(INSTALLATION) == "FAILED"
    assert ev.session.over
