"""ISO 15118-20, AuthorizationRes: the answer to a card and to a contract alike."""

from __future__ import annotations

from seccstack.messages.iso20_common import AuthorizationRes
from seccstack.messages.iso20_types import Processing, ResponseCode
from seccstack.session.iso20.record import Session


def authorized(
    session: Session, code: ResponseCode, processing: Processing = Processing.FINISHED
) -> AuthorizationRes:
    """Answer an AuthorizationReq."""
    return AuthorizationRes(
        header=session.heading, response_code=code, evse_processing=processing
    )
