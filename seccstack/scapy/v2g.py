"""V2GTP, SDP and V2G messages as scapy's layers.

    Ether() / IPv6() / UDP(sport=50000, dport=15118) / V2GTP() / SdpRequest(security="TLS")
    TCP() / V2GTP() / V2gMessage(exi=("iso2", {"V2G_Message": {...}}))

On UDP they are bound to SDP's port. On TCP no port is theirs, so what begins like V2GTP is
taken for it wherever no other layer claims the port; messages that share a segment follow each
other. With `TCPSession`, scapy puts together those that do not fit into one.

A packet alone does not say which protocol was negotiated. DIN 70121 and ISO 15118-2 are told
apart by how a message begins, and ISO 15118-20 by V2GTP's payload type.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from scapy.fields import (
    ByteEnumField,
    IntField,
    IP6Field,
    ShortField,
    StrField,
    XByteField,
    XShortEnumField,
)
from scapy.layers.inet import TCP, UDP
from scapy.packet import Packet, Padding, Raw, bind_layers

from seccstack import sdp, v2gtp
from seccstack.capture.dialogue import BY_PAYLOAD_TYPE, Dialogue, Said, decoded
from seccstack.errors import UsageError
from seccstack.messages import codec, infoset
from seccstack.messages.codec import Schema

PAYLOADS = {
    v2gtp.EXI: "EXI: handshake, DIN 70121, ISO 15118-2",
    v2gtp.MAINSTREAM: "EXI: ISO 15118-20",
    v2gtp.AC_MAINSTREAM: "EXI: ISO 15118-20 AC",
    v2gtp.DC_MAINSTREAM: "EXI: ISO 15118-20 DC",
    v2gtp.ACDP_MAINSTREAM: "EXI: ISO 15118-20 ACDP",
    v2gtp.WPT_MAINSTREAM: "EXI: ISO 15118-20 WPT",
    0x8101: "EXI: ISO 15118-20 schedule renegotiation",
    0x8102: "EXI: ISO 15118-20 metering confirmation",
    0x8103: "EXI: ISO 15118-20 ACDP system status",
    0x8104: "EXI: ISO 15118-20 parking status",
    v2gtp.SDP_REQUEST: "SDP request",
    v2gtp.SDP_RESPONSE: "SDP response",
    0x9002: "SDP request, wireless",
    0x9003: "SDP response, wireless",
}
BESIDE: Mapping[int, Schema] = {  # the mainstream, on a connection of ISO 15118-20
    0x8101: Schema.ISO20_COMMON,
    0x8102: Schema.ISO20_COMMON,
    0x8103: Schema.ISO20_ACDP,
}
TYPE_OF = {schema: number for number, schema in BY_PAYLOAD_TYPE.items()}
MAGIC = bytes([v2gtp.VERSION, v2gtp.INVERSE_VERSION])
SECURITIES = {sdp.SECURITY_TLS: "TLS", sdp.SECURITY_NONE: "none"}
TRANSPORTS = {sdp.TRANSPORT_TCP: "TCP", 0x10: "reserved for UDP"}


class Exi(bytes):
    """An EXI stream, and the schema that it was made by, if that is known."""

    schema: Schema | None = None

    @classmethod
    def of(cls, schema: str, message: Mapping[str, Any]) -> Exi:
        """Encode a message that is given as JSON; UsageError says what is wrong with it."""
        if schema not in set(Schema):
            raise UsageError(f"{schema!r} is no schema; one of: {', '.join(Schema)}")
        found = Schema(schema)
        made = cls(codec.encode(found, infoset.from_json(found, dict(message))))
        made.schema = found
        return made


class ExiField(StrField):
    """A message: given as octets or as (schema, JSON), shown as JSON."""

    def any2i(self, pkt: Packet | None, x: Any) -> Any:
        """Take octets, or a schema and a message."""
        return Exi.of(*x) if isinstance(x, tuple) else super().any2i(pkt, x)

    def i2repr(self, pkt: Packet | None, x: Any) -> str:
        """Show the message, or the octets with what speaks against them."""
        said = _said(pkt, x)
        if said.message is None:
            return f"{x.hex().upper()} ({'; '.join(said.problems)})"
        return _shown(said)


class V2gMessage(Packet):
    """A V2G message; ``content`` (JSON) and ``schema`` say what is in it."""

    name = "V2G message"
    fields_desc: ClassVar = [ExiField("exi", b"")]

    @property
    def schema(self) -> Schema | None:
        """The schema it can be read by; None: it can't be read."""
        said = _said(self, self.exi)
        return said.schema if said.message is not None else None

    @property
    def content(self) -> dict[str, Any] | None:
        """The message as JSON; None if it can't be read."""
        return _json(_said(self, self.exi))

    def mysummary(self) -> str:
        """Return its name, and what else a line holds."""
        said = _said(self, self.exi)
        return f"{said.name or 'V2G message that cannot be decoded'} ({said.schema})"


class SdpRequest(Packet):
    """SECC Discovery Request."""

    name = "SDP request"
    fields_desc: ClassVar = [
        ByteEnumField("security", sdp.SECURITY_NONE, SECURITIES),
        ByteEnumField("transport", sdp.TRANSPORT_TCP, TRANSPORTS),
    ]


class SdpResponse(Packet):
    """SECC Discovery Response."""

    name = "SDP response"
    fields_desc: ClassVar = [
        IP6Field("address", "::"),
        ShortField("port", 0),
        ByteEnumField("security", sdp.SECURITY_NONE, SECURITIES),
        ByteEnumField("transport", sdp.TRANSPORT_TCP, TRANSPORTS),
    ]


class V2GTP(Packet):
    """The header before every V2G message and SDP datagram."""

    name = "V2GTP"
    fields_desc: ClassVar = [
        XByteField("version", v2gtp.VERSION),
        XByteField("inverse", v2gtp.INVERSE_VERSION),
        XShortEnumField("payload_type", None, PAYLOADS),
        IntField("length", None),
    ]

    @classmethod
    def tcp_reassemble(cls, data: bytes, metadata: Any, session: Any) -> Packet | None:
        """Take what a stream has so far; None: the message goes on."""
        if not MAGIC.startswith(data[:2]):
            return Raw(data)
        return cls(data) if _is_whole(data) else None

    def guess_payload_class(self, payload: bytes) -> type[Packet]:
        """Choose by the payload's type."""
        match self.payload_type:
            case v2gtp.SDP_REQUEST:
                return SdpRequest
            case v2gtp.SDP_RESPONSE:
                return SdpResponse
            case number if number == v2gtp.EXI or number in {**BY_PAYLOAD_TYPE, **BESIDE}:
                return V2gMessage
            case _:
                return Raw

    def extract_padding(self, s: bytes) -> tuple[bytes, bytes]:
        """Cut off what follows the payload."""
        return s[: self.length], s[self.length :]

    def dissect(self, s: bytes) -> None:
        """Read it, and the messages behind it in the same segment."""
        payload, after = self.extract_padding(self.do_dissect(s))
        self.do_dissect_payload(payload)
        if after:
            follows = V2GTP if _is_whole(after) else Padding
            self.add_payload(follows(after))

    def post_build(self, pkt: bytes, pay: bytes) -> bytes:
        """Fill in the payload's type and length, where they were not given."""
        behind = self.payload.getlayer(V2GTP)
        length = len(pay) - (len(bytes(behind)) if behind else 0)
        number = _type_of(self.payload) if self.payload_type is None else self.payload_type
        size = length if self.length is None else self.length
        header = pkt[:2] + number.to_bytes(2, "big") + size.to_bytes(4, "big")
        return header + pay


def register() -> None:
    """Bind the layers to what carries them."""
    bind_layers(UDP, V2GTP, dport=sdp.PORT)
    bind_layers(UDP, V2GTP, sport=sdp.PORT)
    unclaimed = TCP.default_payload_class

    def recognised(self: Packet, payload: bytes) -> type[Packet]:
        # scapy's `TCPSession` asks for the class of a stream when it has no octets yet.
        return V2GTP if MAGIC.startswith(payload[:2]) else unclaimed(self, payload)

    TCP.default_payload_class = recognised  # type: ignore[method-assign]


def _is_whole(octets: bytes) -> bool:
    size = v2gtp.HEADER.size
    if len(octets) < size or not octets.startswith(MAGIC):
        return False
    return len(octets) >= size + int.from_bytes(octets[4:size], "big")


def _type_of(payload: Packet) -> int:
    match payload:
        case SdpRequest():
            return v2gtp.SDP_REQUEST
        case SdpResponse():
            return v2gtp.SDP_RESPONSE
        case V2gMessage(exi=Exi(schema=Schema() as schema)):
            return TYPE_OF.get(schema, v2gtp.EXI)
        case _:
            return v2gtp.EXI


def _said(message: Packet | None, exi: bytes) -> Said:
    """Read a message as what it was made for, or as its header says."""
    if isinstance(exi, Exi) and exi.schema is not None:
        return decoded((exi.schema,), exi)
    header = message.underlayer if message is not None else None
    number = getattr(header, "payload_type", None) or v2gtp.EXI
    if number in BESIDE:
        return decoded((BESIDE[number],), exi)
    return Dialogue().read(number if number in BY_PAYLOAD_TYPE else v2gtp.EXI, exi)


def _json(said: Said) -> dict[str, Any] | None:
    if said.schema is None or said.message is None:
        return None
    return infoset.to_json(said.schema, said.message)


def _shown(said: Said) -> str:
    notes = f" ({'; '.join(said.problems)})" if said.problems else ""
    return f"{said.schema} {msgspec.json.encode(_json(said)).decode()}{notes}"
