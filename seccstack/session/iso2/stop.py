"""ISO 15118-2, SessionStop: for good, or for a while."""

from __future__ import annotations

from seccstack.messages.iso2 import (
    ChargingSession,
    ResponseCode,
    SessionStopReq,
    SessionStopRes,
)
from seccstack.session.events import How, Paused, Stopped
from seccstack.session.iso2.record import Reply, Session, State


def session_stop(request: SessionStopReq, session: Session) -> Reply:
    """SessionStopReq: allowed in every state that follows SessionSetup, also in mid-charge."""
    how: How = Stopped()
    if request.charging_session is ChargingSession.PAUSE:
        mode = session.mode.value if session.mode else None
        contract = session.payment.chosen if mode else None
        how = Paused(session.session_id, session.evccid, mode, contract)
    return Reply(SessionStopRes(response_code=ResponseCode.OK), State.ENDED, how=how)
