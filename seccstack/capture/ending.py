"""How a plug-in came to its end, in words, as far as the capture shows it."""

from __future__ import annotations

from collections.abc import Sequence

from seccstack.capture.items import (
    Connected,
    Disconnected,
    Item,
    Link,
    TlsEvent,
    V2gMessage,
)
from seccstack.capture.matching import Attempt, outcome_of
from seccstack.capture.pilotlog import changes_of
from seccstack.capture.plugins import PlugIn
from seccstack.homeplug.messages import AttenCharInd

WHO = {"ev": "the vehicle", "evse": "the charger", None: "one side"}
ENDS = "the capture ends"
HOW = {"FIN": "closed the connection", "RST": "reset the connection"}


def ending_of(plug_in: PlugIn) -> str:
    """Say how it ended."""
    return read_to(plug_in, _ending(plug_in))


def read_to(plug_in: PlugIn, said: str) -> str:
    """Return what is said of the capture's end; of the place where reading stopped instead."""
    return said.replace(ENDS, plug_in.unread) if plug_in.unread else said


def _ending(plug_in: PlugIn) -> str:
    messages = [item for item in plug_in.items if isinstance(item, V2gMessage)]
    if messages:
        return _after_messages(messages, plug_in.items)
    links = [item.link for item in plug_in.items if isinstance(item, Connected)]
    if links:
        what = _silent(plug_in.items, links[-1])
        return f"{what}; {_closed(_closing(plug_in.items, links[-1], 0))}"
    if plug_in.connected:
        return "the vehicle asked for the charger's address (SDP) and never connected"
    if plug_in.matched:
        return _after_match(plug_in.attempts)
    if not plug_in.attempts:
        states = ", ".join(str(reading.state) for reading in changes_of(plug_in.pilot))
        return f"no ISO 15118; the pilot went {states}"
    return f"no match: {_how_far(plug_in.attempts[-1])}"


def _after_messages(messages: Sequence[V2gMessage], items: Sequence[Item]) -> str:
    last = messages[-1]
    name = last.name or "a message that can't be decoded"
    failed = f" ({last.code})" if last.code.lower().startswith("failed") else ""
    if name == "SessionStopRes" and not failed:
        return _stopped(messages)
    if name == "SessionStopRes":
        return f"the vehicle's SessionStop was answered with {last.code}"
    if name == "supportedAppProtocolRes" and failed:
        return f"no protocol in common{failed}"
    closing = _closing(items, last.link, _asked(messages))
    if closing is not None and closing.number < last.number:
        return f"{_closed(closing)} before {name}{failed}"
    return f"{_closed(closing)} after {name}{failed}"


def _silent(items: Sequence[Item], link: Link) -> str:
    """Say what a connection without messages is."""
    alerts = [i for i in items if isinstance(i, TlsEvent) and i.link is link and i.fatal]
    if alerts:
        return f"a TLS connection that failed ({alerts[0].details['description']})"
    if link.tls:
        return "a TLS connection, which can't be read"
    if link.octets:
        return f"a connection with {link.octets} octets, and no whole message in them"
    return "an empty connection"


def _asked(messages: Sequence[V2gMessage]) -> int:
    """Return from where on a closing counts: the last request, for its answer may be late."""
    last = messages[-1]
    requests = [m.number for m in messages if m.link is last.link and m.sender == "ev"]
    return max(requests, default=last.number)


def _stopped(messages: Sequence[V2gMessage]) -> str:
    request = next((m for m in reversed(messages) if m.name == "SessionStopReq"), None)
    if request is None:
        return "SessionStopRes, and nothing before it is in the capture"
    wish = getattr(request.content, "charging_session", None)
    if wish is None:  # DIN 70121 knows no pause
        return "the vehicle stopped the session"
    return {
        "Pause": "the vehicle paused the session",
        "ServiceRenegotiation": "the vehicle stopped to renegotiate the service",
    }.get(wish.value, "the vehicle stopped the session")


def _closing(items: Sequence[Item], link: Link, since: int) -> Disconnected | None:
    for item in items:
        if isinstance(item, Disconnected) and item.link is link and item.number >= since:
            return item
    return None


def _closed(closing: Disconnected | None) -> str:
    return ENDS if closing is None else f"{WHO[closing.sender]} {HOW[closing.how]}"


def _after_match(attempts: Sequence[Attempt]) -> str:
    matched = max(n for n, attempt in enumerate(attempts) if attempt.matched)
    again = attempts[matched + 1 :]
    if not again:
        return "matched, and then nothing came from the vehicle"
    return f"matched, and then the vehicle asked for a match again, {outcome_of(again)}"


def _how_far(attempt: Attempt) -> str:
    if attempt.chosen:
        return "the vehicle's choice (CM_SLAC_MATCH.REQ) was not answered"
    if attempt.of(AttenCharInd):
        return "the vehicle did not choose, though it was told its attenuation"
    return (
        "the charger answered, and was told no more" if attempt.answered else "nobody answered"
    )
