"""Which schema the messages of a connection follow: what was negotiated says it.

Where the capture lacks the negotiation, the messages of DIN 70121 and of ISO 15118-2 can still
be told apart, because their root element has another event code; those of ISO 15118-20 say
their schema in the V2GTP header.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seccstack import v2gtp
from seccstack.errors import MalformedError
from seccstack.messages import codec
from seccstack.messages.app_protocol import SupportedAppProtocolReq
from seccstack.messages.codec import Schema

DIN, ISO2, ISO20 = "din", "iso2", "iso20"

PROTOCOLS: Mapping[str, str] = {
    "urn:din:70121:2012:MsgDef": DIN,
    "urn:iso:15118:2:2013:MsgDef": ISO2,
    "urn:iso:std:iso:15118:-20:AC": ISO20,
    "urn:iso:std:iso:15118:-20:DC": ISO20,
    "urn:iso:std:iso:15118:-20:ACDP": ISO20,
    "urn:iso:std:iso:15118:-20:WPT": ISO20,
}
ONE_SCHEMA: Mapping[str, tuple[Schema]] = {DIN: (Schema.DIN,), ISO2: (Schema.ISO2,)}
BY_PAYLOAD_TYPE: Mapping[int, Schema] = {
    v2gtp.MAINSTREAM: Schema.ISO20_COMMON,
    v2gtp.AC_MAINSTREAM: Schema.ISO20_AC,
    v2gtp.DC_MAINSTREAM: Schema.ISO20_DC,
    v2gtp.ACDP_MAINSTREAM: Schema.ISO20_ACDP,
    v2gtp.WPT_MAINSTREAM: Schema.ISO20_WPT,
}
OF_SCHEMA: Mapping[Schema, str] = {
    Schema.DIN: DIN,
    Schema.ISO2: ISO2,
    **dict.fromkeys(BY_PAYLOAD_TYPE.values(), ISO20),
}


MAX_KNOWN = 1024  # messages that are known again; a loop of charging repeats some hundred


@dataclass(frozen=True, slots=True)
class Said:
    """What one payload says; without ``message`` if it can't be decoded, and why not."""

    schema: Schema | None
    name: str | None = None
    message: Any = None
    problems: tuple[str, ...] = ()
    exi: bytes = b""  # the payload: of equal ones always the first


class Dialogue:
    """Reads the payloads of one connection, in their order.

    Most of what is said in a loop was said before, to the bit: that is decoded, and held, once.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[tuple[Schema, ...], bytes], Said] = {}
        self._offered: dict[int, str] = {}  # at most 256: a SchemaID is one octet
        self._unknown = ""  # a namespace that was chosen and is none of ours
        self._settled: Schema | None = None
        self._schemas: tuple[Schema, ...] = (Schema.APP_PROTOCOL, Schema.ISO2, Schema.DIN)

    def read(self, payload_type: int, exi: bytes) -> Said:
        """Read the next payload, of either side."""
        if payload_type != v2gtp.EXI:
            schema = BY_PAYLOAD_TYPE[payload_type]
            return replace(self._decoded((schema,), exi), schema=schema)
        said = self._decoded(self._schemas, exi)
        if said.schema is None:
            return self._not_understood(said.problems, exi)
        if said.schema is Schema.APP_PROTOCOL:
            self._negotiate(said.message)
        else:
            self._settle((said.schema,))
        return said

    def _decoded(self, schemas: tuple[Schema, ...], exi: bytes) -> Said:
        said = self._known.get((schemas, exi))
        if said is None:
            if len(self._known) == MAX_KNOWN:
                self._known.clear()
            said = self._known[schemas, exi] = decoded(schemas, exi)
        return said

    def _not_understood(self, problems: tuple[str, ...], exi: bytes) -> Said:
        if self._unknown:
            problems = (f"protocol {self._unknown} is not known here",)
            return Said(None, problems=problems, exi=exi)
        problems = problems[:1] if self._settled else problems
        return Said(self._settled, problems=problems, exi=exi)

    def _negotiate(self, message: Any) -> None:
        """Learn from the request what is offered, and from its answer what is taken."""
        if isinstance(message, SupportedAppProtocolReq):
            self._offered = {p.schema_id: p.protocol_namespace for p in message.app_protocol}
            return
        namespace = self._offered.get(message.schema_id, "")
        if namespace:
            protocol = PROTOCOLS.get(namespace, "")
            self._unknown = "" if protocol else namespace
            self._settle(ONE_SCHEMA.get(protocol, ()))

    def _settle(self, schema: tuple[Schema, ...]) -> None:
        """Expect this schema from now on, or the handshake again: some vehicles repeat it."""
        self._settled = schema[0] if schema else None
        self._schemas = (*schema, Schema.APP_PROTOCOL)


def decoded(schemas: Sequence[Schema], exi: bytes) -> Said:
    """Decode by the first of the schemas that fits; or say what speaks against each."""
    problems = []
    for schema in schemas:
        try:
            found = codec.decode(schema, exi)
        except MalformedError as error:
            problems.append(str(error))
            continue
        body = getattr(found.message, "body", found.message)
        name = found.element if body in (None, found.message) else type(body).__name__
        findings = tuple(
            f"{f.path}: {f.message}" if f.path else f.message for f in found.findings
        )
        return Said(schema, name, found.message, findings, exi)
    return Said(None, problems=tuple(problems), exi=exi)
