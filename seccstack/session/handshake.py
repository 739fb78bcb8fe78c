"""supportedAppProtocol: which protocol a session speaks.

Among what the vehicle offers and we serve, the least Priority number wins. The order of the
list, gaps in the numbers and namespaces that we don't know (some vehicles put their maker's
first) mean nothing; of equal priorities the first offered wins: the choice is always the same.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from seccstack.messages.app_protocol import (
    AppProtocol,
    ResponseCode,
    SupportedAppProtocolReq,
    SupportedAppProtocolRes,
)
from seccstack.messages.codec import Schema


@dataclass(frozen=True, slots=True)
class Served:
    """A protocol that we speak."""

    namespace: str
    major: int
    minor: int
    schema: Schema


ISO2 = Served("urn:iso:15118:2:2013:MsgDef", 2, 0, Schema.ISO2)


def negotiate(
    request: SupportedAppProtocolReq, served: Collection[Served]
) -> tuple[SupportedAppProtocolRes, Served | None]:
    """Choose; None: there is nothing in common."""
    common = [
        (offer, serve) for offer in request.app_protocol if (serve := find(offer, served))
    ]
    if not common:
        return SupportedAppProtocolRes(response_code=ResponseCode.FAILED_NO_NEGOTIATION), None
    offer, serve = min(common, key=lambda pair: pair[0].priority)
    code = (
        ResponseCode.OK_SUCCESSFUL_NEGOTIATION
        if offer.version_number_minor == serve.minor
        else ResponseCode.OK_SUCCESSFUL_NEGOTIATION_WITH_MINOR_DEVIATION
    )
    return SupportedAppProtocolRes(response_code=code, schema_id=offer.schema_id), serve


def find(offer: AppProtocol, served: Collection[Served]) -> Served | None:
    """Return what we serve of an offer: the same namespace in the same major version."""
    wanted = (offer.protocol_namespace, offer.version_number_major)
    return next((s for s in served if (s.namespace, s.major) == wanted), None)
