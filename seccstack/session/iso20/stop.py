"""ISO 15118-20, SessionStop: for good, for a while, or to choose another service."""

from __future__ import annotations

import hashlib

from seccstack.auth.certificate import VehicleCertificate
from seccstack.messages.iso20_common import ChargingSession, SessionStopReq, SessionStopRes
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session import dc
from seccstack.session.dialogue import forbid_energy
from seccstack.session.events import How, Paused, Stopped
from seccstack.session.iso20.record import Reply, Session, State
from seccstack.session.iso20.refusal import refused


def session_stop(request: SessionStopReq, session: Session) -> Reply:
    """SessionStopReq: allowed in every state that follows SessionSetup, also in mid-charge."""
    response = SessionStopRes(header=session.heading, response_code=ResponseCode.OK)
    how: How = Stopped()
    if request.charging_session is ChargingSession.PAUSE:
        how = paused(session)
    return Reply(response, State.ENDED, how=how)


def stop_or_choose(request: SessionStopReq, session: Session) -> Reply:
    """SessionStopReq of a vehicle that has chosen a service, and may choose another."""
    if request.charging_session is not ChargingSession.SERVICE_RENEGOTIATION:
        return session_stop(request, session)
    response = SessionStopRes(header=session.heading, response_code=ResponseCode.OK)
    off = forbid_energy(session)
    if session.charger.supply is not None:
        off = off or (dc.NOTHING,)  # of a pre-charge, too
    return Reply(response, State.AUTHORIZED, off)


def stop_early(request: SessionStopReq, session: Session) -> Reply:
    """SessionStopReq of a vehicle that was not told it might choose anew."""
    if request.charging_session is ChargingSession.SERVICE_RENEGOTIATION:
        code = ResponseCode.FAILED_NO_SERVICE_RENEGOTIATION_SUPPORTED
        return refused(request, code, session)
    return session_stop(request, session)


def paused(session: Session) -> Paused:
    """Return what is needed to go on, where the vehicle can be known again."""
    bound, chosen = binding(session.session_id, session.vehicle), session.chosen
    evccid = session.evccid.encode()
    if chosen is None or not bound:
        return Paused(session.session_id, evccid, None, None, bound)
    mode = f"{chosen.service.value}/{chosen.parameter_set}"
    return Paused(session.session_id, evccid, mode, session.payment.chosen, bound)


def binding(session_id: bytes, vehicle: VehicleCertificate | None) -> bytes:
    """Bind a session to a vehicle's certificate: SHA-512 over its id, and over that."""
    if vehicle is None:
        return b""
    return hashlib.sha512(session_id + vehicle.digest).digest()
