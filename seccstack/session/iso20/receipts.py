"""ISO 15118-20, MeteringConfirmation: a vehicle with a contract signs what the meter showed."""

from __future__ import annotations

from seccstack.messages.iso20_common import (
    MeteringConfirmationReq,
    MeteringConfirmationRes,
)
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session.events import ReceiptSigned, SignatureVerified, VerifySignature
from seccstack.session.iso20.contract import SIGNATURE_TIME, owe, signed_by
from seccstack.session.iso20.record import Deferred, Reply, Session
from seccstack.session.iso20.refusal import refused
from seccstack.session.signature import SignatureError

NOT_VALID = ResponseCode.FAILED_METERING_SIGNATURE_NOT_VALID


def metering_confirmation(
    request: MeteringConfirmationReq, session: Session
) -> Reply | Deferred:
    """MeteringConfirmationReq: the reading as it was shown, signed with the contract's key."""
    payment, data = session.payment, request.signed_metering_data
    if payment.shown is None or payment.contract is None:
        return refused(request, ResponseCode.FAILED_SEQUENCE_ERROR, session, "none is wanted")
    if data.session_id != session.session_id:
        return refused(request, NOT_VALID, session, "the reading is of another session")
    if data.meter_info != payment.shown:
        return refused(request, NOT_VALID, session, "the reading is not what was shown")
    try:
        about = signed_by(session, "SignedMeteringData", data.id, data)
    except SignatureError as error:
        return refused(request, NOT_VALID, session, str(error))
    ask = VerifySignature(payment.ask(), payment.contract.key, about.signed, about.value)
    return owe(request, session, SIGNATURE_TIME, lambda later: received(request, later), ask)


def received(request: MeteringConfirmationReq, session: Session) -> Reply:
    """Keep a confirmation that is good."""
    payment, answer = session.payment, session.payment.answer
    if answer is None:
        why = f"nobody has verified the signature within {SIGNATURE_TIME:g} s"
        return refused(request, ResponseCode.FAILED, session, why)
    if not (isinstance(answer, SignatureVerified) and answer.valid):
        return refused(request, NOT_VALID, session, "it is not of the contract's key")
    payment.shown = None
    info = request.signed_metering_data.meter_info
    signed = ReceiptSigned(info.meter_id, info.charged_energy_reading_wh)
    response = MeteringConfirmationRes(header=session.heading, response_code=ResponseCode.OK)
    return Reply(response, session.looping, (signed,))
