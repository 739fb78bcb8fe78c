"""ISO 15118-20, CertificateInstallation: a contract for the vehicle.

No charger can make one: it is signed, and its key encrypted, by a provisioning service. The
vehicle's whole message goes there, and what comes back goes to the vehicle as it is, whatever
its code, but for the header's id and time: a signature covers elements. What is no response of
the right kind, or comes too late, is none: a warning, and the vehicle may go another way.
"""

from __future__ import annotations

import msgspec

from seccstack.errors import SeccError
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso20_common import (
    CertificateInstallationReq,
    CertificateInstallationRes,
)
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session.events import Broken, ContractProvided, Ignored, ProvideContract
from seccstack.session.iso20.contract import exhausted, owe
from seccstack.session.iso20.record import Deferred, Reply, Session, State
from seccstack.session.iso20.refusal import refuse, refused

PROVISION_TIME = 4.0  # of V2G_SECC_Msg_Performance_Time, 4.5 s
NONE = ResponseCode.WARNING_NO_CERTIFICATE_AVAILABLE


def certificate(request: CertificateInstallationReq, session: Session) -> Reply | Deferred:
    """CertificateInstallationReq: the vehicle wants a contract."""
    if (why := exhausted(session)) is not None:
        return refused(request, ResponseCode.FAILED, session, why)
    if not (session.payment.possible and session.charger.provides):
        return _none(request, session, "no provisioning service is known here")
    try:
        octets = encode(Schema.ISO20_COMMON, request)
    except SeccError as error:
        return _none(request, session, f"it cannot be passed on: {error}")
    ask = ProvideContract(session.payment.ask(), octets)
    return owe(request, session, PROVISION_TIME, lambda later: provided(request, later), ask)


def provided(request: CertificateInstallationReq, session: Session) -> Reply:
    """Hand on what the service has answered."""
    answer = session.payment.answer
    if not isinstance(answer, ContractProvided):
        why = f"the provisioning service is silent for {PROVISION_TIME:g} s"
        return _none(request, session, why)
    if answer.response is None:
        return _none(request, session, answer.why)
    try:
        message = decode(Schema.ISO20_COMMON, answer.response).message
        encode(Schema.ISO20_COMMON, message)  # what was borne with in it would not be again
    except SeccError as error:
        return _none(request, session, f"the provisioning service: {error}")
    if not isinstance(message, CertificateInstallationRes):
        return _none(request, session, "the provisioning service: no response to this")
    return handed_on(message, session)


def handed_on(message: CertificateInstallationRes, session: Session) -> Reply:
    """Hand on a response; one that says FAILED ends the session."""
    response = msgspec.structs.replace(message, header=session.heading)
    code = message.response_code.value
    how = None
    if code.startswith("FAILED"):
        how = Broken(f"CertificateInstallationReq: {code} (the provisioning service)")
    then = State.AUTHORIZING if how is None else State.ENDED
    return Reply(response, then, how=how, signature=message.header.signature)


def _none(request: CertificateInstallationReq, session: Session, why: str) -> Reply:
    response = refuse(request, NONE, session)
    return Reply(response, State.AUTHORIZING, (Ignored("CertificateInstallationReq", why),))
