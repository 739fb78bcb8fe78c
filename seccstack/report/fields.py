"""The trees of what goes in whole octets: powerline frames and SDP datagrams; and of TLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seccstack import sdp, v2gtp
from seccstack.homeplug.fields import Listed, Record
from seccstack.homeplug.frame import Frame, UnknownMme
from seccstack.report.parts import HEX, LEFT_OUT, MANY, NUMBER, SECRET, TEXT, Form, Part

SECRETS = {"network_key"}
PLAIN = Form(HEX, "octets, as they are")
LITTLE = Form(HEX, "octets, the lowest first")
INTEGER = Form(NUMBER, "octets, the lowest first")
NETWORK_ORDER = Form(NUMBER, "octets, the highest first")
NUMBERS = {"length", "port"}  # of SDP; the rest of it is better read in hexadecimal


def frame_parts(octets: bytes, frame: Frame | None) -> list[Part]:
    """Return the tree of a powerline frame; of one that can't be read, its addresses."""
    parts = [Part(0, "Frame", 0, 8 * len(octets))]
    parts += _fields(octets, 0, [("destination", 6), ("source", 6), ("ethertype", 2)])
    if frame is None:
        return [*parts, _rest(octets, 14)]
    message = frame.message
    header = [("version", 1), ("type", 2)]
    if message.mmv and not isinstance(message, UnknownMme):
        header.append(("fragment", 2))
    if message.oui:
        header.append(("oui", len(message.oui)))
    parts += _fields(octets, 14, header, little=True)
    at = parts[-1].end // 8
    if isinstance(message, UnknownMme):
        return [*parts, _rest(octets, at)]
    fields, end = _record(type(message), octets, at, 2)
    parts.append(Part(1, message.name, 8 * at, 8 * end))
    parts += fields
    if end < len(octets):
        parts += _fields(octets, end, [("padding", len(octets) - end)])
    return parts


def _rest(octets: bytes, at: int) -> Part:
    """What is not understood may hold a key."""
    first, end = 8 * at, 8 * len(octets)
    return Part(1, "body", first, end, PLAIN, LEFT_OUT, first, end, SECRET)


def _record(record: type[Record], octets: bytes, at: int, depth: int) -> tuple[list[Part], int]:
    parts: list[Part] = []
    for name, codec in record.layout.items():
        value, end = codec.decode(octets, at)
        if isinstance(codec, Listed):
            parts.append(Part(depth, f"{name} (count)", 8 * at, 8 * (at + 1 + codec.gap)))
            inner = at + 1 + codec.gap
            for _ in value:
                fields, after = _record(codec.record, octets, inner, depth + 1)
                parts.append(Part(depth, name, 8 * inner, 8 * after, flags=MANY))
                parts += fields
                inner = after
        else:
            parts.append(_field(name, value, depth, (8 * at, 8 * end)))
        at = end
    return parts, at


def _field(name: str, value: object, depth: int, place: tuple[int, int]) -> Part:
    if isinstance(value, int):
        return Part(depth, name, *place, INTEGER, value, *place)
    if isinstance(value, bytes) and name not in SECRETS:
        return Part(depth, name, *place, PLAIN, value.hex().upper(), *place)
    # A key, or a piece of a modem's memory: there are keys in it too.
    return Part(depth, name, *place, PLAIN, LEFT_OUT, *place, SECRET)


def _fields(
    octets: bytes, at: int, names: Sequence[tuple[str, int]], *, little: bool = False
) -> Iterator[Part]:
    for name, size in names:
        value = octets[at : at + size]
        ordered = value[::-1] if little else value
        place = (8 * at, 8 * (at + len(value)))
        if name in NUMBERS:
            yield Part(1, name, *place, NETWORK_ORDER, int.from_bytes(value, "big"), *place)
        else:
            form = LITTLE if little and size > 1 else PLAIN
            yield Part(1, name, *place, form, ordered.hex().upper(), *place)
        at += size


SDP_FIELDS = {
    v2gtp.SDP_REQUEST: [("security", 1), ("transport", 1)],
    v2gtp.SDP_RESPONSE: [("address", 16), ("port", 2), ("security", 1), ("transport", 1)],
}


def sdp_parts(octets: bytes, message: sdp.SdpRequest | sdp.SdpResponse | None) -> list[Part]:
    """Return the tree of an SDP datagram; of one that can't be read, its header."""
    header = [("version", 1), ("inverse version", 1), ("payload type", 2), ("length", 4)]
    names = header if len(octets) >= v2gtp.HEADER.size else []
    if message is not None:
        payload_type = int.from_bytes(octets[2:4], "big")
        names = [*names, *SDP_FIELDS[payload_type]]
    return [Part(0, "SDP", 0, 8 * len(octets)), *_fields(octets, 0, names)]


def detail_parts(name: str, details: Mapping[str, str]) -> list[Part]:
    """Return what is known of something whose octets are not."""
    form = Form(TEXT, "as the handshake has it")
    told = [Part(1, key, 0, 0, form, value) for key, value in details.items()]
    return [Part(0, name, 0, 0), *told]
