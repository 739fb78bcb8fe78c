"""ISO 15118-20, MeteringConfirmation: what the meter showed, signed."""

import pytest
from msgspec import structs

from seccstack.auth.decision import Granted
from seccstack.messages.iso20_common import MeteringConfirmationReq
from seccstack.session import signature
from seccstack.session.events import (
    ContactorChanged,
    Decided,
    LimitChanged,
    Meter,
    MeterRead,
    PilotChanged,
    ReceiptSigned,
)
from seccstack.session.signature import made
from tests.session.iso20.test_contract import prove
from tests.session.iso20.vehicle import (
    ANY,
    CONFIRMATION,
    OUR_ID,
    PROVEN,
    Ev,
    ac,
    detail,
    discovery,
    loop,
    power,
    profile,
    scheduled,
    selection,
)


def charging():
    """Charge by a contract, and be shown a reading that is to be signed."""
    ev = Ev()
    ev.tell(Decided(Granted("contract")), LimitChanged(16.0), MeterRead(Meter("meter", 1)))
    ev.tell(PilotChanged(True), ContactorChanged(True))
    prove(ev.challenged())
    ev.verify(PROVEN)
    ev.confirm()
    for request in (discovery(), detail(), selection(), ac(), scheduled()):
        ev.ask(request)
    ev.ask(power("Start", profile()))
    return ev


def signed(ev, **changes):
    data = structs.replace(CONFIRMATION.signed_metering_data, **changes)
    request = MeteringConfirmationReq(header=ANY, signed_metering_data=data)
    given = made(
        {"id1": ("SignedMeteringData", data)},
        lambda _: bytes(132),
        signature.ISO20,
        signature.ECDSA_SHA512,
    )
    return ev.ask(request, signature=given)


def asked(ev):
    status = ev.ask(loop()).evse_status
    return status and status.evse_notification.value


def test_a_reading_is_signed_once_in_a_while():
    """E-14."""
    ev = charging()
    assert asked(ev) == "MeteringConfirmation"
    assert signed(ev) is None
    assert ev.confirm().response_code.value == "OK"
    assert ReceiptSigned("meter", 1) in ev.last
    assert ev.session.deadline == ev.now + 60
    assert asked(ev) is None
    for _ in range(151):
        ev.wait(0.4)
        last = asked(ev)
    assert last == "MeteringConfirmation"


def test_it_is_asked_for_until_it_is_there():
    ev = charging()
    assert asked(ev) == asked(ev) == "MeteringConfirmation"


def test_what_was_shown_first_is_what_is_signed_however_far_the_meter_has_gone_on():
    ev = charging()
    ev.ask(loop())
    ev.tell(MeterRead(Meter("meter", 9)))
    assert ev.ask(loop()).meter_info.charged_energy_reading_wh == 1
    assert signed(ev) is None
    assert ev.confirm().response_code.value == "OK"


def test_a_confirmation_that_nobody_wants_is_out_of_order():
    assert signed(Ev().charge()).response_code.value == "FAILED_SequenceError"


OTHER = structs.replace(
    CONFIRMATION.signed_metering_data.meter_info, charged_energy_reading_wh=2
)


@pytest.mark.parametrize(
    "changes", [{"session_id": bytes(8)}, {"meter_info": OTHER}, {"id": "x"}]
)
def test_it_has_to_be_about_what_was_shown(changes):
    """E-14."""
    ev = charging()
    asked(ev)
    assert signed(ev, **changes).response_code.value == "FAILED_MeteringSignatureNotValid"


def test_a_signature_of_another_key_is_not_valid():
    """E-14."""
    ev = charging()
    asked(ev)
    signed(ev)
    assert ev.confirm(False).response_code.value == "FAILED_MeteringSignatureNotValid"


def test_who_verifies_has_to_answer_in_time():
    ev = charging()
    asked(ev)
    signed(ev)
    ev.wait(0.6)
    assert ev.answer().response_code.value == "FAILED"
    assert ev.answer().header.session_id == OUR_ID
