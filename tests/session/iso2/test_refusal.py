"""A refusal can be decoded, whatever is refused and whenever."""

import pytest

from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso2 import ResponseCode
from seccstack.session.iso2.record import Session
from seccstack.session.iso2.refusal import REFUSALS, refuse
from seccstack.session.plant import Plant
from tests.session.vehicle import CHARGER, OUR_ID, SAMPLES


@pytest.fixture
def session():
    return Session(
        charger=CHARGER, plant=Plant(), session_id=OUR_ID, timestamp=0, opened=0.0, now=0.0
    )


@pytest.mark.parametrize("code", ResponseCode)
@pytest.mark.parametrize("request_", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_every_refusal_survives_the_line(request_, code, session):
    response = refuse(request_, code, session)
    header = iso2.MessageHeader(session_id=OUR_ID)
    message = iso2.V2G_Message(header=header, body=response)
    decoded = decode(Schema.ISO2, encode(Schema.ISO2, message))
    assert decoded.message == message
    assert decoded.findings == ()
    assert response.response_code is code


def test_a_refusal_has_the_status_of_an_ac_charger_where_there_is_a_choice(session):
    for kind in (iso2.PowerDeliveryReq, iso2.MeteringReceiptReq):
        response = REFUSALS[kind](None, ResponseCode.FAILED, session)
        assert isinstance(response.evse_status, iso2.AC_EVSEStatus)


def test_a_refused_service_keeps_its_number(session):
    request = iso2.ServiceDetailReq(service_id=77)
    assert refuse(request, ResponseCode.FAILED, session).service_id == 77
