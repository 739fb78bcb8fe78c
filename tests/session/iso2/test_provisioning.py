"""A vehicle is given a contract: by a service behind the charger, or not at all."""

import pytest
from msgspec import structs

from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.session.events import ContractProvided, ProvideContract, Ticket
from seccstack.session.iso2.contract import CHAIN_TIME
from seccstack.session.iso2.provisioning import certificate
from seccstack.session.iso2.record import Session, State
from seccstack.session.plant import Charger, Plant
from tests.session.vehicle import (
    CHALLENGE,
    CHARGER,
    DETAILS,
    INSTALLATION,
    OUR_ID,
    PROVEN,
    UPDATE,
    Ev,
    delivered,
    selection,
    signed,
)

WISHES = [
    (INSTALLATION, iso2.CertificateInstallationRes),
    (UPDATE, iso2.CertificateUpdateRes),
]
CONTRACT = iso2.PaymentOption.CONTRACT
EXPIRED = iso2.ResponseCode.FAILED_CERTIFICATE_EXPIRED


def asked(request=INSTALLATION):
    ev = Ev().contract()
    assert ev.ask(request) is None
    return ev


def broken(ev):
    return ev.last[-1].how.why


def test_the_service_is_among_those_that_are_offered_and_says_what_it_does():
    ev = Ev().set_up()
    [service] = ev.ask(iso2.ServiceDiscoveryReq()).service_list.service
    assert (service.service_id, service.service_category.value) == (2, "ContractCertificate")
    sets = ev.ask(iso2.ServiceDetailReq(service_id=2)).service_parameter_list.parameter_set
    ways = {(one.parameter_set_id, one.parameter[0].string_value) for one in sets}
    assert ways == {(1, "Installation"), (2, "Update")}
    assert ev.code(selection(1, 2, option=CONTRACT)) == "OK"


@pytest.mark.parametrize(
    ("scope", "category", "listed"),
    [
        (None, iso2.ServiceCategory.CONTRACT_CERTIFICATE, True),
        ("", None, True),
        (None, iso2.ServiceCategory.INTERNET, False),
        ("home", None, False),
    ],
)
def test_who_asks_for_other_services_is_not_told_of_it(scope, category, listed):
    request = iso2.ServiceDiscoveryReq(service_scope=scope, service_category=category)
    assert (Ev().set_up().ask(request).service_list is not None) is listed


def test_it_goes_with_a_contract_only():
    ev = Ev().discover()
    assert ev.code(selection(1, 2)) == "FAILED_ServiceSelectionInvalid"


@pytest.mark.parametrize(("request_", "kind"), WISHES)
def test_the_whole_request_goes_to_the_service(request_, kind):
    question = asked(request_).wanted(ProvideContract)
    message = decode(Schema.ISO2, question.request).message
    assert question.ticket == Ticket(CHALLENGE, 1)
    assert message.body == request_
    assert message.header == iso2.MessageHeader(session_id=OUR_ID, signature=signed(request_))


@pytest.mark.parametrize(("request_", "kind"), WISHES)
def test_its_answer_goes_to_the_vehicle_with_its_signature_and_our_session_id(request_, kind):
    ev = asked(request_)
    answer = delivered(kind)
    assert ev.provide(answer) == decode(Schema.ISO2, answer).message.body
    [sent] = [a.message for a in ev.last if type(a).__name__ == "Exchanged"]
    theirs = decode(Schema.ISO2, answer).message.header
    assert sent.header == iso2.MessageHeader(session_id=OUR_ID, signature=theirs.signature)
    assert ev.session.state is State.PROVIDED


def test_a_vehicle_that_was_given_a_contract_shows_it():
    ev = Ev().provided()
    ev.ask(DETAILS)
    assert ev.verify(PROVEN).response_code.value == "OK"
    assert Ev().provided().code(INSTALLATION) == "FAILED_SequenceError"


def test_a_refusal_of_the_service_goes_to_the_vehicle_and_ends_the_session():
    ev = asked()
    response = ev.provide(delivered(iso2.CertificateInstallationRes, EXPIRED))
    assert response.response_code is EXPIRED
    why = "CertificateInstallationReq: FAILED_CertificateExpired (the provisioning service)"
    assert broken(ev) == why


HEADER = iso2.MessageHeader(session_id=OUR_ID)
REQUEST = encode(Schema.ISO2, iso2.V2G_Message(header=HEADER, body=INSTALLATION))
BODILESS = encode(Schema.ISO2, iso2.V2G_Message(header=HEADER))


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (None, "no such vehicle"),
        (b"", "ends"),
        (b"\x80\x98", "the provisioning service"),
        (delivered(iso2.CertificateUpdateRes), "no CertificateInstallationRes"),
        (REQUEST, "no CertificateInstallationRes"),
        (BODILESS, "no CertificateInstallationRes"),
    ],
)
def test_what_is_no_answer_is_no_contract(answer, why):
    ev = asked()
    response = ev.provide(answer, "no such vehicle")
    assert response.response_code.value == "FAILED_NoCertificateAvailable"
    assert why in broken(ev)


def test_an_answer_of_another_kind_is_none():
    ev = asked()
    assert ev.tell(ContractProvided(Ticket(bytes(16), 1), None)) == []
    ev.wait(CHAIN_TIME)
    assert ev.answer().response_code.value == "FAILED_NoCertificateAvailable"
    assert broken(ev).endswith("(the provisioning service is silent for 4 s)")


def test_without_a_service_there_is_no_contract_to_be_had():
    ev = Ev(Charger(evse_id="DE*ABC*E1", contracts=True)).set_up()
    assert ev.ask(iso2.ServiceDiscoveryReq()).service_list is None
    assert ev.code(selection(1, option=CONTRACT)) == "OK"
    assert ev.code(INSTALLATION) == "FAILED_NoCertificateAvailable"


def test_a_request_that_cannot_be_written_again_is_not_passed_on():
    session = Session(
        charger=CHARGER, plant=Plant(), session_id=OUR_ID, timestamp=0, opened=0.0, now=0.0
    )
    reply = certificate(structs.replace(UPDATE, emaid="short"), session)
    assert reply.response.response_code.value == "FAILED_NoCertificateAvailable"
    assert "it cannot be passed on" in reply.how.why
