"""What our own charger went through, as session objects: one per plug-in, like a capture's.

A chronicle watches a charge point from outside: the events it is given, the actions it answers
with. It turns them into what a capture of the same wires would show and has `capture` sum that
up, so a session of ours and a recorded one cannot differ in form. To it are added what no wire
shows: the decision, the limits and whether they were obeyed, the contactor.

Unlike a capture, it knows which vehicle is the one at the outlet, and when it came and went. So
a plug-in is never told apart by what was heard, and others on the powerline are not part of it.
"""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from seccstack import events, sdp, v2gtp
from seccstack.auth.vehicle import Identity
from seccstack.capture.case import CAPTURE
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
from seccstack.capture.matching import vehicle_of
from seccstack.capture.plugins import PlugIn, plug_ins_of
from seccstack.capture.sessions import session_of
from seccstack.capture.trace import Trace
from seccstack.energy import supply
from seccstack.energy.obedience import Obedience
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import decode_frame
from seccstack.pilot import limits
from seccstack.pilot.port import LEAST_AMPS, Limit, Steady
from seccstack.session.events import Exchanged
from seccstack.slac import station
from seccstack.timeline import told_amps, told_watts

MAX_ITEMS = 200_000  # per plug-in: a request and a response each second for more than a day
MAX_CHANGES = 10_000  # per plug-in, of the contactor: more than one lasts
MAX_RECEIPTS = 10_000  # per plug-in: one each minute for a week; each is in a message, too
MAX_REASONS = 20  # per plug-in: what failed more often is not worth the list
MAX_SESSIONS = 100  # the last ones; who wants more of them takes them away in time
DIGITS = 6  # of a second's fraction: as captures have them


@dataclass(slots=True)
class Page:
    """What is known of one plug-in."""

    started: float
    items: list[Item] = field(default_factory=list)
    dropped: int = 0
    links: dict[int, Link] = field(default_factory=dict)  # a charge point has one at a time
    link: Link | None = None
    count: int = 0  # of connections
    matched: set[bytes] = field(default_factory=set)
    identity: dict[str, Any] | None = None
    decision: dict[str, Any] | None = None
    obedience: Obedience = field(default_factory=Obedience)
    contactor: list[dict[str, Any]] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)  # why it went by pulse width
    receipts: list[dict[str, Any]] = field(default_factory=list)
    closed: bool = False  # the contactor
    unplugged: bool = False
    unplugged_at: float | None = None


class Chronicle:
    """Collects the session objects of one charge point; `observe` is given every step of it.

    ``offset`` is added to every time of the charge point's.
    """

    def __init__(
        self, source: str, offset: float = 0.0, *, most_items: int = MAX_ITEMS
    ) -> None:
        self._source = source
        self._offset = offset
        self._most_items = most_items
        self._page: Page | None = None
        self._limit: tuple[float, float, str] | None = None
        self._watts: float | None = None  # of an ampere per phase, where watts are told
        self._count = 0
        self.sessions: deque[dict[str, Any]] = deque(maxlen=MAX_SESSIONS)

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take one step: what the charge point was given (None: only time), what it did."""
        now = self._time(now)
        if self._page is not None and event is not None:
            self._on_event(self._page, event, actions, now)
        for action in actions:
            self._on_action(action, now)

    def close(self, now: float) -> None:
        """End the page of a plug-in that is still going on."""
        if self._page is not None:
            self._finish(self._page, self._time(now))

    def _time(self, now: float) -> float:
        return round(now + self._offset, DIGITS)

    # Events and actions.

    def _on_event(
        self, page: Page, event: events.Event, actions: Sequence[events.Action], now: float
    ) -> None:
        match event:
            case station.FrameReceived(octets):
                self._frame(page, octets, now)
            case events.DatagramReceived(address, port, octets, mac):
                self._discovery(page, now, address, port, octets, mac)
            case events.StreamOpened(stream) if not _refused(stream, actions):
                self._opened(page, event, now)
            case events.StreamClosed(stream):
                self._closed(page, stream, "ev", now)
            case events.CurrentMeasured(amps) if not page.unplugged:
                page.obedience.measure(amps, now)
            case supply.OutputMeasured(volts, amps) if self._watts and not page.unplugged:
                page.obedience.measure(volts * amps / self._watts, now)
            case limits.ContactorChanged(closed):
                self._switched(page, closed, now)
            case _:
                pass

    def _switched(self, page: Page, closed: bool, now: float) -> None:
        """Keep that there is power, or no longer: on DC, the output is the contactor."""
        page.closed = closed
        _keep(page.contactor, {"t": now, "closed": closed}, MAX_CHANGES)
        self._finish_if_over(page, now)

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
                page.obedience.tell(amps, now)
            case limits.Apply(Steady()):
                _tell_nothing(page, now)
            case _:
                pass

    def _noted(self, noted: events.Noted, now: float) -> None:
        details = noted.details
        if noted.event == "limit":
            self._limit = (now, details["amps"], details["source"])
            if details.get("watts"):
                self._watts = details["watts"] / details["amps"]
            self._set_limit()
        elif noted.event == "plugged in":
            if self._page is not None:
                self._finish(self._page, now)
            self._page = Page(now)
            self._set_limit()
        elif self._page is not None:
            self._noted_of(self._page, noted, now)

    def _noted_of(self, page: Page, noted: events.Noted, now: float) -> None:
        details = noted.details
        match noted.event:
            case "matched":
                page.matched.add(bytes.fromhex(details["ev_mac"]))
            case "identity":
                page.identity = self._dated(details)
            case "decision":
                page.decision = dict(details)
            case "output":
                self._switched(page, details["on"], now)
            case "receipt":
                _keep(page.receipts, {"t": now, **details}, MAX_RECEIPTS)
            case "pulse width" if details["why"] not in page.reasons:
                _keep(page.reasons, details["why"], MAX_REASONS)
            case "unplugged":
                page.unplugged, page.unplugged_at = True, now
                self._finish_if_over(page, now)
            case "contactor fault" if page.unplugged:
                self._finish(page, now)
            case _:
                pass

    def _dated(self, identity: Any) -> dict[str, Any]:
        evidence = [{**one, "at": self._time(one["at"])} for one in identity["evidence"]]
        return {**identity, "evidence": evidence}

    def _set_limit(self) -> None:
        if self._page is not None and self._limit is not None:
            since = max(self._limit[0], self._page.started)
            self._page.obedience.set(*self._limit, since)

    # What a capture would show.

    def _number(self) -> int:
        self._count += 1
        return self._count

    def _add(self, page: Page, item: Item) -> None:
        if len(page.items) < self._most_items:
            page.items.append(item)
        else:
            page.dropped += 1

    def _frame(self, page: Page, octets: bytes, now: float) -> None:
        """Keep what belongs to a matching; with the modem we talk all day."""
        try:
            frame = decode_frame(octets)
        except MalformedError:
            return
        if vehicle_of(frame) is not None:
            self._add(page, Powerline(self._number(), now, octets, frame))

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

    def _opened(self, page: Page, opened: events.StreamOpened, now: float) -> None:
        peer = Endpoint(ipaddress.IPv6Address(opened.address).packed, 0)
        page.link = Link(
            page.count, ev=peer, ev_mac=opened.mac, beginning_seen=True, tls=opened.tls
        )
        page.links[opened.stream] = page.link
        page.count += 1
        self._add(page, Connected(self._number(), now, page.link))

    def _message(self, page: Page, exchanged: Exchanged, now: float) -> None:
        if page.link is None:
            return  # of a recording that lacks the connection's beginning
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
        amps, watts = told_amps(exchanged.message), told_watts(exchanged.message)
        if watts is not None and self._watts:
            amps = watts / self._watts
        if amps is not None:
            page.obedience.tell(amps, now)

    def _closed(self, page: Page, stream: int, sender: Sender, now: float) -> None:
        link = page.links.pop(stream, None)
        if link is not None:
            self._add(page, Disconnected(self._number(), now, link, sender, "FIN"))

    # The end.

    def _finish_if_over(self, page: Page, now: float) -> None:
        """A plug-in is over when it is unplugged and the contactor is open."""
        if page.unplugged and not page.closed:
            self._finish(page, now)

    def _finish(self, page: Page, now: float) -> None:
        self._page = None
        heard = _heard(page, self._source, now)
        identity = page.identity or Identity().to_json()
        errors = heard["errors"]
        if page.dropped:
            what = f"{page.dropped} items were not kept"
            errors = [*errors, {"t": now, "packet": None, "message": what}]
        how = "unplugged" if page.unplugged else "still plugged in"
        ended = [heard["ended"].replace("the capture ends", "it went on"), how]
        if page.reasons:
            ended.append(f"by pulse width, because {'; '.join(page.reasons)}")
        self.sessions.append(
            {
                **heard,
                "started": page.started,
                "identity": identity,
                "ended": "; ".join(ended),
                "errors": errors,
                "decision": page.decision,
                "limits": [limit.to_json() for limit in page.obedience.records],
                "contactor": page.contactor,
                **({"receipts": page.receipts} if page.receipts else {}),
            }
        )


def _refused(stream: int, actions: Sequence[events.Action]) -> bool:
    return any(isinstance(a, events.CloseStream) and a.stream == stream for a in actions)


def _keep(records: list[Any], record: Any, most: int) -> None:
    if len(records) < most:
        records.append(record)


def _tell_nothing(page: Page, now: float) -> None:
    """No pulses tell a limit that is too small for them, and none else."""
    limit = page.obedience.present
    if limit is not None and limit.amps < LEAST_AMPS:
        page.obedience.tell(0.0, now)


# Of all that was heard, what was this vehicle's.


def _heard(page: Page, source: str, until: float) -> dict[str, Any]:
    """Return what a capture would tell of this plug-in; what it would not is null."""
    parts = list(_own(page, plug_ins_of(Trace(source, (*page.items,)))))
    if not parts:
        return {
            "source": source,
            "started": page.started,
            "protocol": None,
            "tls": None,
            "identity": None,
            "slac": None,
            "sdp": [],
            "offered_protocols": None,
            "messages": [],
            "ended": "no ISO 15118",
            "failure": None,
            "pilot": [],
            "errors": [],
        }
    whole = PlugIn(source, parts[0].vehicle, until=until, unplugged_at=page.unplugged_at)
    for part in parts:
        whole.attempts += part.attempts
        whole.items += part.items
        whole.notes += part.notes
        whole.crosstalk += part.crosstalk
        whole.connected = whole.connected or part.connected
    whole.items.sort(key=lambda item: item.number)
    told = session_of(whole).to_json()
    failure = told["failure"]
    if failure is not None and failure["whose"] == CAPTURE:
        told["failure"] = None  # it was unplugged, or goes on; what happened is all there
    return told


def _own(page: Page, plug_ins: Sequence[PlugIn]) -> Iterator[PlugIn]:
    """Yield what is certain to be the vehicle's; else a matching that can be no other's."""
    ours = [p for p in plug_ins if p.vehicle in page.matched or _served(p)]
    if not ours:
        answered = [p for p in plug_ins if any(a.answered for a in p.attempts)]
        ours = answered if len({p.vehicle for p in answered}) == 1 else []
    yield from ours


def _served(plug_in: PlugIn) -> bool:
    """Whether our charger spoke with it beyond matching."""
    return any(
        isinstance(item, Connected) or (isinstance(item, Discovery) and item.sender == "evse")
        for item in plug_in.items
    )
