"""ISO 15118-2, MeteringReceipt: a vehicle with a contract signs for what the meter showed.

Whether a receipt is wanted is said together with a reading. Until it is there nothing but a
PowerDelivery is answered instead: a vehicle must be able to stop whatever it owes. If it
negotiates anew, it owes the next, and it may do so a few times only.
"""

from __future__ import annotations

from seccstack.messages import iso2
from seccstack.messages.iso2 import MeterInfo, ResponseCode
from seccstack.session.events import ReceiptSigned
from seccstack.session.iso2 import offers
from seccstack.session.iso2.contract import disproven, verify
from seccstack.session.iso2.record import Deferred, Reply, Session
from seccstack.session.iso2.refusal import refused

NOT_VALID = ResponseCode.FAILED_METERING_SIGNATURE_NOT_VALID


def require(info: MeterInfo | None, session: Session) -> bool:
    """Whether the vehicle has to sign for this reading; if so, that is remembered."""
    payment = session.payment
    if info is None or not _due(session):
        session.renegotiated = 0
        return False
    payment.receipt, payment.receipt_at = info, session.now
    return True


def _due(session: Session) -> bool:
    payment, every = session.payment, session.charger.receipt_seconds
    if every is None or not payment.proven:
        return False
    return payment.receipt_at is None or session.now >= payment.receipt_at + every


def metering_receipt(request: iso2.MeteringReceiptReq, session: Session) -> Reply | Deferred:
    """MeteringReceiptReq: the reading as it was shown, signed with the contract's key."""
    if request.session_id != session.session_id:
        return refused(request, NOT_VALID, session, "the receipt is of another session")
    if request.meter_info != session.payment.receipt:
        return refused(request, NOT_VALID, session, "the reading is not what was shown")
    return verify(request, request.id, session, lambda later: received(request, later))


def received(request: iso2.MeteringReceiptReq, session: Session) -> Reply:
    """Keep a receipt that is good."""
    if (refusal := disproven(request, session)) is not None:
        return refusal
    session.renegotiated = 0
    info = request.meter_info
    signed = ReceiptSigned(info.meter_id, info.meter_reading)
    response = iso2.MeteringReceiptRes(
        response_code=ResponseCode.OK, evse_status=offers.evse_status(session)
    )
    return Reply(response, session.looping, (signed,))
