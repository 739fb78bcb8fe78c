"""What our own charger went through, as session objects: one per plug-in, like a capture's.

A chronicle watches a charge point from outside: the events it is given, the actions it answers
with. It turns them into what a capture of the same wires would show and has `capture` sum that
up, so a session of ours and a recorded one cannot differ in form. To it are added what no wire
shows: the decision, the limits and whether they were obeyed, the contactor.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from seccstack import events, sdp, v2gtp
from seccstack.auth.vehicle import Identity
from seccstack.capture.frames import Endpoint
from seccstack.capture.items import (
    Connected,
    Disconnected,
    Discovery,
    Item,
    Link,
    Powerline,
    Sender,
    V2gMessage,
)
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import Trace
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import decode_frame
from seccstack.pilot import limits
from seccstack.pilot.port import Limit
from seccstack.session.events import Exchanged
from seccstack.slac import station
from seccstack.timeline import told_amps

MAX_ITEMS = 200_000  # per plug-in: a day of charging with a message every half second
OBEYED_WITHIN = 0.5  # amperes: what a household meter may err by
NOTHING_SAID: dict[str, Any] = {
    "protocol": None, "tls": None, "slac": None, "offered_protocols": None, "messages": [],
}  # fmt: skip


@dataclass(slots=True)
class LimitRecord:
    """One limit: when it was set, when the vehicle was told, when it drew no more than it."""

    t: float
    amps: float
    source: str
    told: float | None = None
    obeyed: float | None = None

    def to_json(self) -> dict[str, Any]:
        """Return an element of a session's ``limits``."""
        return {
            "t": self.t,
            "amps": self.amps,
            "source": self.source,
            "told": self.told,
            "obeyed": self.obeyed,
        }


@dataclass(slots=True)
class Page:
    """What is known of one plug-in."""

    started: float
    items: list[Item] = field(default_factory=list)
    dropped: int = 0
    links: dict[int, Link] = field(default_factory=dict)
    link: Link = field(default_factory=lambda: Link(0))
    identity: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None
    limits: list[LimitRecord] = field(default_factory=list)
    contactor: list[dict[str, Any]] = field(default_factory=list)
    measured: float | None = None
    reasons: list[str] = field(default_factory=list)  # why it went by pulse width


class Chronicle:
    """Collects the session objects of one charge point; `observe` is given every step of it."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._page: Page | None = None
        self._limit: LimitRecord | None = None
        self._count = 0
        self.sessions: list[dict[str, Any]] = []

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take one step: what the charge point was given (None: only time), what it did."""
        now = round(now, 6)
        if self._page is not None and event is not None:
            self._on_event(self._page, event, now)
        for action in actions:
            self._on_action(action, now)

    def close(self, now: float) -> None:
        """End the page of a plug-in that is still going on."""
        if self._page is not None:
            self._finish(self._page, "still plugged in", now)

    # Events and actions.

    def _on_event(self, page: Page, event: events.Event, now: float) -> None:
        match event:
            case station.FrameReceived(octets):
                self._frame(page, octets, now)
            case events.DatagramReceived(address, port, octets, mac):
                self._discovery(page, now, address, port, octets, mac)
            case events.StreamOpened(stream, address, _, _, mac):
                peer = Endpoint(ipaddress.IPv6Address(address).packed, 0)
                page.link = page.links[stream] = Link(len(page.links), ev=peer, ev_mac=mac)
                self._add(page, Connected(self._number(), now, page.link))
            case events.StreamClosed(stream):
                self._closed(page, stream, "ev", now)
            case events.CurrentMeasured(amps):
                page.measured = amps
                self._check_obeyed(page, now)
            case limits.ContactorChanged(closed):
                page.contactor.append({"t": now, "closed": closed})
            case _:
                pass

    def _on_action(self, action: events.Action, now: float) -> None:
        if isinstance(action, events.Noted):
            self._noted(action, now)
        page = self._page
        if page is None:
            return
        match action:
            case station.SendFrame(octets):
                self._frame(page, octets, now)
            case events.SendDatagram(address, port, octets):
                self._discovery(page, now, address, port, octets, None, by_us=True)
            case events.CloseStream(stream):
                self._closed(page, stream, "evse", now)
            case Exchanged():
                self._message(page, action, now)
            case limits.Apply(Limit(amps)):
                self._told(page, amps, now)
            case _:
                pass

    def _noted(self, noted: events.Noted, now: float) -> None:
        details = noted.details
        if noted.event == "limit":
            self._limit = LimitRecord(now, details["amps"], details["source"])
            if self._page is not None:
                self._page.limits.append(self._limit)
        elif noted.event == "plugged in":
            self._page = Page(now)
            if self._limit is not None:
                self._limit = LimitRecord(self._limit.t, self._limit.amps, self._limit.source)
                self._page.limits.append(self._limit)
        if self._page is None:
            return
        match noted.event:
            case "identity":
                self._page.identity = dict(details)
            case "decision":
                self._page.decision = dict(details)
            case "pulse width":
                self._page.reasons.append(details["why"])
            case "unplugged":
                self._finish(self._page, "unplugged", now)
            case _:
                pass

    # What a capture would show.

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _add(self, page: Page, item: Item) -> None:
        if len(page.items) < MAX_ITEMS:
            page.items.append(item)
        else:
            page.dropped += 1

    def _frame(self, page: Page, octets: bytes, now: float) -> None:
        try:
            frame, problem = decode_frame(octets), ""
        except MalformedError as error:
            frame, problem = None, str(error)
        self._add(page, Powerline(self._number(), now, octets, frame, problem))

    def _discovery(
        self,
        page: Page,
        now: float,
        address: str,
        port: int,
        octets: bytes,
        mac: bytes | None,
        *,
        by_us: bool = False,
    ) -> None:
        peer = Endpoint(ipaddress.IPv6Address(address).packed, port)
        kind = sdp.SdpResponse if by_us else sdp.SdpRequest
        message: sdp.SdpRequest | sdp.SdpResponse | None = None
        problem = ""
        try:
            message = kind.decode(octets)
        except MalformedError as error:
            problem = str(error)
        sender: Sender = "evse" if by_us else "ev"
        item = Discovery(self._number(), now, sender, peer, mac, octets, message, problem)
        self._add(page, item)

    def _message(self, page: Page, exchanged: Exchanged, now: float) -> None:
        item = V2gMessage(
            self._number(),
            now,
            page.link,
            exchanged.direction,
            v2gtp.EXI,
            exchanged.exi,
            exchanged.schema,
            exchanged.name,
            exchanged.message,
        )
        self._add(page, item)
        amps = told_amps(exchanged.message)
        if amps is not None:
            self._told(page, amps, now)

    def _closed(self, page: Page, stream: int, sender: Sender, now: float) -> None:
        link = page.links.pop(stream, None)
        if link is not None:
            self._add(page, Disconnected(self._number(), now, link, sender, "FIN"))

    # Limits.

    def _told(self, page: Page, amps: float, now: float) -> None:
        if page.limits and page.limits[-1].told is None and amps <= page.limits[-1].amps:
            page.limits[-1].told = now
            self._check_obeyed(page, now)

    def _check_obeyed(self, page: Page, now: float) -> None:
        last = page.limits[-1] if page.limits else None
        if last is None or last.told is None or last.obeyed is not None:
            return
        if page.measured is not None and page.measured <= last.amps + OBEYED_WITHIN:
            last.obeyed = now

    # The end.

    def _finish(self, page: Page, how: str, now: float) -> None:
        self._page = None
        told = [
            session.to_json() for session in sessions_of(Trace(self._source, (*page.items,)))
        ]
        session = max(told, key=lambda one: len(one["messages"]), default=dict(NOTHING_SAID))
        how = f"{session.get('ended', 'no ISO 15118')}; {how}"
        if page.reasons:
            how = f"{how}; by pulse width, because {'; '.join(page.reasons)}"
        errors = session.get("errors", [])
        if page.dropped:
            errors = [*errors, {"t": now, "message": f"{page.dropped} items were not kept"}]
        self.sessions.append(
            {
                **session,
                "source": self._source,
                "started": page.started,
                "identity": page.identity or session.get("identity") or Identity().to_json(),
                "ended": how,
                "errors": errors,
                "decision": page.decision,
                "limits": [limit.to_json() for limit in page.limits],
                "contactor": page.contactor,
            }
        )
