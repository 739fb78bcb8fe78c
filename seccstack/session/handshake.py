"""supportedAppProtocol: which protocol a session speaks.

Among what the vehicle offers and we serve, the least Priority number wins. The order of the
list, gaps in the numbers and namespaces that we don't know (some vehicles put their maker's
first) mean nothing; of equal priorities the first offered wins: the choice is always the same.

What we serve depends on what we are (a DC protocol needs a supply), on what the owner wants, on
what has worked with this vehicle, and on the stream: ISO 15118-20 is spoken in TLS 1.3 alone,
where the vehicle has shown its certificate, unless a lab says otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from seccstack.messages.app_protocol import (
    AppProtocol,
    ResponseCode,
    SupportedAppProtocolReq,
    SupportedAppProtocolRes,
)
from seccstack.messages.codec import Schema
from seccstack.session.opening import TLS_1_3, Opening
from seccstack.session.plant import Protocol


@dataclass(frozen=True, slots=True)
class Served:
    """A protocol that we speak; ``dc``: None where it is of AC and DC alike."""

    namespace: str
    major: int
    minor: int
    schema: Schema
    protocol: Protocol = Protocol.ISO2
    dc: bool | None = None


ISO2 = Served("urn:iso:15118:2:2013:MsgDef", 2, 0, Schema.ISO2)
DIN = Served("urn:din:70121:2012:MsgDef", 2, 0, Schema.DIN, Protocol.DIN, dc=True)
ISO20_AC = Served(
    "urn:iso:std:iso:15118:-20:AC", 1, 0, Schema.ISO20_AC, Protocol.ISO20, dc=False
)
ISO20_DC = Served(
    "urn:iso:std:iso:15118:-20:DC", 1, 0, Schema.ISO20_DC, Protocol.ISO20, dc=True
)
SERVED = (ISO2, DIN, ISO20_AC, ISO20_DC)


def served(opening: Opening) -> tuple[Served, ...]:
    """Return what may be spoken on a stream."""
    return tuple(one for one in SERVED if may_be_spoken(one, opening))


def may_be_spoken(one: Served, opening: Opening) -> bool:
    """Whether we are such a charger, and this is such a stream."""
    charger = opening.charger
    if one.protocol not in charger.protocols or one.protocol in opening.avoided:
        return False
    if one.dc is not None and one.dc != (charger.supply is not None):
        return False
    if one.protocol is Protocol.ISO20:
        proven = opening.tls_version == TLS_1_3 and opening.vehicle is not None
        return proven or charger.iso20_in_plain
    return one.protocol is not Protocol.DIN or not opening.tls


def refused(request: SupportedAppProtocolReq, opening: Opening) -> Protocol | None:
    """Return what would be spoken had it not failed with this vehicle; None: nothing."""
    _, otherwise = negotiate(request, served(replace(opening, avoided=frozenset())))
    return None if otherwise is None else otherwise.protocol


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
