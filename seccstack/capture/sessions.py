"""One session object per plug-in: what a capture says of it, and nothing that it doesn't."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import Any

from seccstack.auth.vehicle import Identity
from seccstack.capture.case import Failure
from seccstack.capture.dialogue import OF_SCHEMA, PROTOCOLS
from seccstack.capture.ending import ending_of
from seccstack.capture.frames import Endpoint
from seccstack.capture.inquiries import Inquiry, inquiries_of
from seccstack.capture.items import (
    Connected,
    Discovery,
    Item,
    Link,
    Powerline,
    Trouble,
    V2gMessage,
)
from seccstack.capture.matching import Matching, matching_of, vehicle_of
from seccstack.capture.plugins import PlugIn, plug_ins_of
from seccstack.capture.rounds import MAX_TOLD, answered_by, attempts_of
from seccstack.capture.trace import Trace
from seccstack.capture.verdict import failure_of
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import SlacMatchReq
from seccstack.messages import infoset
from seccstack.messages.app_protocol import (
    AppProtocol,
    SupportedAppProtocolReq,
    SupportedAppProtocolRes,
)

Json = dict[str, Any]

TIME_DIGITS = 6  # microseconds: what captures count in, and floats of this size still hold
MAX_ERRORS = 1000  # of a session; what went wrong more often is not worth the list


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read, or is odd about the recording."""

    time: float | None
    packet: int
    what: str

    def to_json(self) -> Json:
        """Return an element of a session's ``errors``."""
        return {"t": _time(self.time), "packet": self.packet, "message": self.what}


@dataclass(frozen=True, slots=True)
class Session:
    """All that a capture holds of one plug-in; what it does not hold is None."""

    plug_in: PlugIn
    started: float
    protocol: str | None
    tls: bool | None
    identity: Identity
    slac: Matching | None
    offered_protocols: tuple[AppProtocol, ...] | None
    messages: tuple[V2gMessage, ...]
    inquiries: tuple[Inquiry, ...]
    ended: str
    failure: Failure | None
    errors: tuple[Problem, ...]

    def to_json(self) -> Json:
        """Return the session object of `replay`."""
        return {
            "source": self.plug_in.source,
            "started": _time(self.started),
            "protocol": self.protocol,
            "tls": self.tls,
            "identity": self.identity.to_json(),
            "slac": self._slac(),
            "sdp": [inquiry.to_json() for inquiry in self.inquiries],
            "offered_protocols": _offers(self.offered_protocols),
            "messages": [message_to_json(message) for message in self.messages],
            "ended": self.ended,
            "failure": self.failure.to_json() if self.failure else None,
            "pilot": [reading.to_json() for reading in self.plug_in.pilot],
            "errors": [problem.to_json() for problem in self.errors],
        }

    def _slac(self) -> Json | None:
        if self.slac is None:
            return None
        return {
            **self.slac.to_json(),
            "attempts": attempts_of(self.plug_in.attempts),
            "answered_by": answered_by(self.plug_in.attempts),
            "crosstalk": [c.to_json() for c in self.plug_in.crosstalk[:MAX_TOLD]],
        }


def sessions_of(trace: Trace) -> list[Session]:
    """Return a session for each plug-in of a capture."""
    return [ended_session_of(plug_in) for plug_in in plug_ins_of(trace)]


def ended_session_of(plug_in: PlugIn) -> Session:
    """Sum up one plug-in that is over, and say so where the plug is known to be pulled."""
    session = session_of(plug_in)
    if plug_in.unplugged_at is None:
        return session
    return replace(session, ended=f"{session.ended}; unplugged")


def session_of(plug_in: PlugIn) -> Session:
    """Sum up one plug-in."""
    messages = tuple(item for item in plug_in.items if isinstance(item, V2gMessage))
    links = [item.link for item in plug_in.items if isinstance(item, Connected)]
    offers, chosen = _negotiation(messages)
    spoken = [OF_SCHEMA[m.schema] for m in messages if m.schema and m.schema in OF_SCHEMA]
    return Session(
        plug_in=plug_in,
        started=plug_in.items[0].time,
        protocol=spoken[-1] if spoken else chosen,
        tls=any(link.tls for link in links) if links else None,
        identity=_identity(plug_in.items),
        slac=matching_of(plug_in.attempts),
        offered_protocols=offers,
        messages=messages,
        inquiries=tuple(inquiries_of(plug_in.items)),
        ended=ending_of(plug_in),
        failure=failure_of(plug_in),
        errors=tuple(_problems(plug_in)),
    )


def message_to_json(message: V2gMessage) -> Json:
    """Return an element of a session's ``messages``."""
    body = None
    if message.schema is not None and message.message is not None:
        body = infoset.to_json(message.schema, message.message)
    return {
        "t": _time(message.time),
        "from": message.sender,
        "schema": message.schema,
        "name": message.name,
        "exi": message.exi.hex().upper(),
        "body": body,
    }


def _offers(offers: Sequence[AppProtocol] | None) -> list[Json] | None:
    if offers is None:
        return None
    return [
        {
            "ProtocolNamespace": offer.protocol_namespace,
            "VersionNumberMajor": offer.version_number_major,
            "VersionNumberMinor": offer.version_number_minor,
            "SchemaID": offer.schema_id,
            "Priority": offer.priority,
        }
        for offer in offers
    ]


def _time(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, TIME_DIGITS)


def _negotiation(
    messages: Sequence[V2gMessage],
) -> tuple[tuple[AppProtocol, ...] | None, str | None]:
    """Return what was offered last, and the protocol that was chosen of it."""
    offers, chosen = None, None
    for message in messages:
        match message.message:
            case SupportedAppProtocolReq() as request:
                offers, chosen = request.app_protocol, None
            case SupportedAppProtocolRes() as response if offers is not None:
                taken = [o for o in offers if o.schema_id == response.schema_id]
                chosen = PROTOCOLS.get(taken[0].protocol_namespace) if taken else None
    return offers, chosen


def _identity(items: Sequence[Item]) -> Identity:
    """Collect what the vehicle said of itself, in the order in which it said it."""
    identity = Identity()
    for item in items:
        match item:
            case Powerline(frame=Frame() as frame) if frame.source == vehicle_of(frame):
                identity = identity.learn(
                    "slac_mac", frame.source, frame.message.name, item.time
                )
                if isinstance(frame.message, SlacMatchReq):
                    mac, name = frame.message.ev_mac, frame.message.name
                    identity = identity.learn("match_mac", mac, name, item.time)
            case Discovery(sender="ev"):
                identity = _stationed(identity, item.ev.address, item.ev_mac, "SDP", item.time)
            case Connected(link=Link(ev=Endpoint() as ev) as link):
                identity = _stationed(identity, ev.address, link.ev_mac, "TCP", item.time)
            case V2gMessage(name="SessionSetupReq"):
                evccid = item.content.evccid
                octets = evccid.encode() if isinstance(evccid, str) else evccid
                identity = identity.learn("evccid", octets, "SessionSetupReq", item.time)
            case _:
                pass
    return identity


def _stationed(
    identity: Identity, address: bytes, mac: bytes | None, source: str, at: float
) -> Identity:
    if mac is not None:
        identity = identity.learn("ethernet_mac", mac, source, at)
    return identity.learn_address(str(IPv6Address(address)), source, at)


def _problems(plug_in: PlugIn) -> list[Problem]:
    """Tell everything that could not be read, in the order of the capture."""
    found = [Problem(note.time, note.number, note.what) for note in plug_in.notes]
    for item in plug_in.items:
        found += [Problem(item.time, item.number, what) for what in _of_item(item)]
    return sorted(found, key=lambda problem: problem.packet)[:MAX_ERRORS]


def _of_item(item: Item) -> Iterator[str]:
    match item:
        case Trouble():
            yield item.what
        case Discovery() if item.problem:
            yield item.problem
        case V2gMessage():
            for problem in item.problems:
                yield f"{item.name or 'a message'}: {problem}"
        case Connected():
            if item.link.sealed:
                yield f"TLS: its messages can't be read: {item.link.sealed}"
            if item.link.passed_over:
                yield f"{item.link.passed_over} octets of the connection are of no message"
        case _:
            pass
