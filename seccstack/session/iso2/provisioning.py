"""ISO 15118-2, CertificateInstallation and CertificateUpdate: a contract for the vehicle.

No charger can make one: it is signed, and its key encrypted, by a provisioning service. The
vehicle's whole message goes there, and what comes back goes to the vehicle as it is, whatever
its code, but for the session id: a signature covers elements, not the header. What is no
response of the right kind, or comes too late, is none.
"""

from __future__ import annotations

from seccstack.errors import SeccError
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso2 import ResponseCode
from seccstack.session.events import Broken, ContractProvided, ProvideContract
from seccstack.session.iso2.contract import CHAIN_TIME, owe
from seccstack.session.iso2.record import Deferred, Reply, Session, State
from seccstack.session.iso2.refusal import refused

Wish = iso2.CertificateInstallationReq | iso2.CertificateUpdateReq
NONE = ResponseCode.FAILED_NO_CERTIFICATE_AVAILABLE


def certificate(request: Wish, session: Session) -> Reply | Deferred:
    """CertificateInstallationReq, CertificateUpdateReq: the vehicle wants a contract."""
    if not session.charger.provides:
        return refused(request, NONE, session, "no provisioning service is known here")
    message = iso2.V2G_Message(header=session.header, body=request)
    try:
        octets = encode(Schema.ISO2, message)
    except SeccError as error:
        return refused(request, NONE, session, f"it cannot be passed on: {error}")
    ask = ProvideContract(session.payment.ask(), octets)
    return owe(request, session, CHAIN_TIME, lambda later: provided(request, later), ask)


def provided(request: Wish, session: Session) -> Reply:
    """Hand on what the service has answered."""
    answer = session.payment.answer
    if not isinstance(answer, ContractProvided):
        why = f"the provisioning service is silent for {CHAIN_TIME:g} s"
        return refused(request, NONE, session, why)
    if answer.response is None:
        return refused(request, NONE, session, answer.why)
    try:
        message = decode(Schema.ISO2, answer.response).message
        encode(Schema.ISO2, message)  # what was borne with in it would not be again
    except SeccError as error:
        return refused(request, NONE, session, f"the provisioning service: {error}")
    return handed_on(request, message, session)


def handed_on(request: Wish, message: object, session: Session) -> Reply:
    """Hand on a message, if it is a response to this request."""
    kind = (
        iso2.CertificateInstallationRes
        if isinstance(request, iso2.CertificateInstallationReq)
        else iso2.CertificateUpdateRes
    )
    if not isinstance(message, iso2.V2G_Message) or not isinstance(message.body, kind):
        return refused(request, NONE, session, f"the provisioning service: no {kind.__name__}")
    response, code = message.body, message.body.response_code
    if code.value.startswith("FAILED"):
        how = Broken(f"{type(request).__name__}: {code.value} (the provisioning service)")
        return Reply(response, State.ENDED, how=how)
    return Reply(response, State.PROVIDED, signature=message.header.signature)
