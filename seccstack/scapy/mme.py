"""The management messages that scapy lacks, as layers that are made of our declarations.

scapy's own HomePlug layers come first: what they know stays theirs. A field that a person reads
as an address is one here, counted lists have their count in a field of its own, and what must
have one value has it by default.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any, cast

from scapy.contrib import homepluggp, homeplugsg
from scapy.contrib.homeplugav import HomePlugAV, VendorMME
from scapy.fields import (
    ByteField,
    Field,
    FieldLenField,
    LEIntField,
    LEShortField,
    MACField,
    PacketListField,
    XStrFixedLenField,
    XStrLenField,
)
from scapy.packet import Packet, bind_bottom_up, bind_top_down

from seccstack.homeplug import lumissil, messages, vendor
from seccstack.homeplug.fields import (
    MESSAGES,
    Always,
    Counted,
    Excerpted,
    FieldCodec,
    Listed,
    Mme,
    Octets,
    Record,
    Unsigned,
)

DECLARED = (lumissil, messages, vendor)  # imported, so that all of theirs are in `MESSAGES`
KNOWN = (homepluggp, homeplugsg)  # imported, so that scapy has bound all of its own
INTEGERS = {1: ByteField, 2: LEShortField, 4: LEIntField}
ADDRESS = 6  # octets
LAYERS: dict[str, type[Packet]] = {}  # by the name of the class that declares the message


def register() -> None:
    """Make a layer of each declared message that scapy has none for, and bind it."""
    taken = {bond.get("HPtype") for bond, _ in HomePlugAV.payload_guess}
    for declared in MESSAGES.values():
        if declared.mmtype not in taken and declared.__name__ not in LAYERS:
            LAYERS[declared.__name__] = _bound(declared)


def layer_of(declared: type[Mme]) -> type[Packet]:
    """Return a layer with the fields of a declared message."""
    fields = _fields(declared)
    if not declared.oui:
        return _made(declared, declared.name, fields)
    if not declared.mmv:
        return _made(declared, declared.name, fields, add_underlayer=_signed(declared.oui))
    oui = XStrFixedLenField("oui", declared.oui, len(declared.oui))
    return _made(declared, declared.name, [oui, *fields])


def _bound(declared: type[Mme]) -> type[Packet]:
    layer = layer_of(declared)
    header: dict[str, Any] = {"HPtype": declared.mmtype}
    bind_top_down(HomePlugAV, layer, version=declared.mmv, **header)
    if declared.oui and not declared.mmv:
        header["VendorField"] = _vendor(declared.oui)
    bind_bottom_up(HomePlugAV, layer, **header)
    names = cast(Any, HomePlugAV.fields_desc[1])  # those of its numbers
    names.i2s[declared.mmtype] = declared.name
    names.s2i[declared.name] = declared.mmtype
    return layer


def _vendor(oui: bytes) -> list[VendorMME]:
    """Return what stands in the header of version 0."""
    return [VendorMME(OUI=int.from_bytes(oui, "big"))]


def _signed(oui: bytes) -> Callable[[Packet, Packet], None]:
    """Have the header beneath a layer name the organisation: scapy's default is Qualcomm."""

    def add_underlayer(self: Packet, underlayer: Packet) -> None:
        if isinstance(underlayer, HomePlugAV) and underlayer.VendorField != _vendor(oui):
            underlayer.VendorField = _vendor(oui)
        Packet.add_underlayer(self, underlayer)

    return add_underlayer


def _made(
    record: type[Record], name: str, fields: list[Field[Any, Any]], **methods: Any
) -> type[Packet]:
    told = {"__doc__": record.__doc__, "__module__": __name__}
    return type(
        record.__name__, (Packet,), {"name": name, "fields_desc": fields} | told | methods
    )


def _fields(record: type[Record]) -> list[Field[Any, Any]]:
    defaults = {field.name: field.default for field in dataclasses.fields(cast(Any, record))}
    made: list[Field[Any, Any]] = []
    for name, codec in record.layout.items():
        default = defaults[name]
        made += _field(name, codec, None if default is dataclasses.MISSING else default)
    return made


def _field(name: str, codec: FieldCodec, default: Any) -> Iterator[Field[Any, Any]]:
    match codec:
        case Unsigned(size):
            yield INTEGERS[size](name, default or 0)
        case Always(value, size):
            yield INTEGERS[size](name, value)
        case Octets(size) if size == ADDRESS:
            yield MACField(name, (default or bytes(size)).hex(":"))
        case Octets(size):
            yield XStrFixedLenField(name, default or bytes(size), size)
        case Counted():
            yield FieldLenField(f"{name}_length", None, length_of=name, fmt="B")
            yield XStrLenField(name, b"", length_from=attrgetter(f"{name}_length"))
        case Excerpted(gap):
            yield FieldLenField(f"{name}_length", None, length_of=name, fmt="<H")
            yield LEIntField(f"{name}_offset", 0)
            yield XStrFixedLenField(f"{name}_gap", bytes(gap), gap)
            yield XStrLenField(name, b"", length_from=attrgetter(f"{name}_length"))
        case Listed(record, gap):
            entry = _made(record, record.__name__, _fields(record), extract_padding=_followed)
            yield FieldLenField(f"{name}_count", None, count_of=name, fmt="B")
            yield XStrFixedLenField(f"{name}_gap", bytes(gap), gap)
            yield PacketListField(name, [], entry, count_from=attrgetter(f"{name}_count"))
        case _:
            raise TypeError(f"no layer's field is known for {codec}")


def _followed(entry: Packet, octets: bytes) -> tuple[bytes, bytes]:
    """What follows an entry of a list is the next one."""
    return b"", octets
