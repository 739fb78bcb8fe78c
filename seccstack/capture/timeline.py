"""A session for people: who said what when, with repetitions told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from seccstack import sdp
from seccstack.auth.addresses import format_mac
from seccstack.auth.vehicle import show
from seccstack.capture.items import (
    Connected,
    Disconnected,
    Discovery,
    Item,
    Link,
    TlsEvent,
    V2gMessage,
)
from seccstack.capture.matching import Matching
from seccstack.capture.pilotlog import Reading, changes_of
from seccstack.capture.rounds import answers_of, ending_of
from seccstack.capture.sessions import Problem, Session
from seccstack.homeplug.messages import SlacParmReq

WHO = {"ev": "vehicle", "evse": "charger", None: ""}
PILOT = "pilot"  # who says it; a sidecar says more of it
HOW = {"FIN": "closes the connection", "RST": "resets the connection"}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: seconds since the session began, whose doing, and what."""

    at: float
    who: str
    what: str
    trouble: bool = False
    times: int = 1
    seconds: tuple[float, ...] = ()  # from each request to its answer

    def __str__(self) -> str:
        repeated = f" {self.times} times" if self.times > 1 else ""
        return f"{self.what}{repeated}{_speed(self.seconds)}"


def timeline_of(session: Session) -> list[Line]:
    """Return the lines of a session, in their order."""
    lines: list[Line] = []
    for line in _lines(session):
        before = lines[-1] if lines else None
        if before and (before.who, before.what) == (line.who, line.what) and not line.trouble:
            times, seconds = before.times + line.times, before.seconds + line.seconds
            lines[-1] = replace(before, times=times, seconds=seconds)
        else:
            lines.append(line)
    return lines


def plain(text: str) -> str:
    """Return a peer's text without what could command a terminal."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _speed(seconds: Sequence[float]) -> str:
    if not seconds:
        return ""
    middle, most = sorted(seconds)[len(seconds) // 2] * 1000, max(seconds) * 1000
    if len(seconds) == 1:
        return f", answered in {most:.0f} ms"
    return f", answered in {middle:.0f} ms, at most {most:.0f} ms"


class _Teller:
    """Collects the lines of a session; a request waits in its place for its answer."""

    def __init__(self, session: Session) -> None:
        self.lines: list[Line] = []
        self._began = session.started
        self._asked: dict[Link, tuple[int, V2gMessage]] = {}  # where its line is

    def tell(self, time: float, who: str, what: str, *, trouble: bool = False) -> None:
        """Add a line."""
        self.lines.append(Line(time - self._began, who, plain(what), trouble))

    def message(self, item: V2gMessage) -> None:
        """Tell a request, and with its answer once more, in the same line."""
        name = item.name or f"{len(item.exi)} octets that can't be decoded"
        place, request = self._asked.pop(item.link, (0, None))
        if request is not None and name == f"{(request.name or '')[:-3]}Res":
            both = " -> ".join(text for text in (_said(request), _said(item)) if text)
            what = plain(f"{name[:-3]}: {both}" if both else name[:-3])
            seconds = (item.time - request.time,)
            self.lines[place] = replace(self.lines[place], what=what, seconds=seconds)
        elif item.sender == "ev":
            self._asked[item.link] = (len(self.lines), item)
            self.tell(item.time, WHO[item.sender], f"{name}, unanswered")
        else:
            self.tell(item.time, WHO[item.sender], name)


def _lines(session: Session) -> list[Line]:
    teller = _Teller(session)
    if session.slac:
        teller.tell(session.started, "vehicle", _matching(session.slac))
        _attempts(session, teller)
    troubles = list(session.errors)
    pilot = changes_of(session.plug_in.pilot)
    for item in session.plug_in.items:
        while troubles and troubles[0].packet < item.number:
            _trouble(troubles.pop(0), session, teller)
        while pilot and pilot[0].number < item.number:
            _pilot(pilot.pop(0), teller)
        _item(item, teller)
    for reading in pilot:
        _pilot(reading, teller)
    for trouble in troubles:
        _trouble(trouble, session, teller)
    return teller.lines


def _trouble(problem: Problem, session: Session, teller: _Teller) -> None:
    time = session.started if problem.time is None else problem.time
    teller.tell(time, "", f"packet {problem.packet}: {problem.what}", trouble=True)


def _attempts(session: Session, teller: _Teller) -> None:
    """Tell each attempt, where there is more to tell than that one came to a match."""
    attempts = session.plug_in.attempts
    if len(attempts) == 1 and attempts[0].matched and len(answers_of(attempts[0])) < 2:
        return
    for attempt in attempts:
        asked = len(attempt.of(SlacParmReq))
        parts = [f"CM_SLAC_PARM.REQ {asked} times" if asked != 1 else "CM_SLAC_PARM.REQ once"]
        for answer in answers_of(attempt):
            loudness = answer.attenuation_db
            told = "" if loudness is None else f" with {loudness:.1f} dB"
            parts.append(f"answered by {format_mac(answer.evse)}{told}")
        run = "unknown" if attempt.run_id is None else attempt.run_id.hex().upper()
        what = f"run {run}: {', '.join(parts)}; {ending_of(attempt)}"
        teller.tell(attempt.frames[0].time, "vehicle", what)


def _pilot(reading: Reading, teller: _Teller) -> None:
    volts = "" if reading.cp_volts is None else f", {reading.cp_volts:g} V"
    teller.tell(reading.time, PILOT, f"state {reading.state}{volts}")


def _matching(slac: Matching) -> str:
    asked = "once" if slac.parm_req == 1 else f"{slac.parm_req} times"
    parts = [f"asks for a match {asked}"]
    if slac.matched and slac.evse_mac:
        parts.append(f"matched with {format_mac(slac.evse_mac)}")
    else:
        parts.append("not matched")
    if slac.seconds is not None:
        parts.append(f"{slac.seconds:.2f} s after the request that was answered")
    if slac.attenuation_db is not None:
        parts.append(f"{slac.sounds} sounds, {slac.attenuation_db:.1f} dB")
    return ", ".join(parts)


def _item(item: Item, teller: _Teller) -> None:
    match item:
        case Discovery(message=sdp.SdpRequest() as request):
            what = f"asks for the charger's address, {_security(request)}"
            teller.tell(item.time, "vehicle", what)
        case Discovery(message=sdp.SdpResponse() as response):
            what = f"is at port {response.port}, {_security(response)}"
            teller.tell(item.time, "charger", what)
        case Connected(link=link):
            what = f"connects{' with TLS' if link.tls else ''}"
            unseen = "is connected; the capture lacks the beginning"
            teller.tell(item.time, "vehicle", what if link.beginning_seen else unseen)
        case Disconnected():
            teller.tell(item.time, WHO[item.sender], HOW[item.how])
        case TlsEvent():
            what = f"{item.name}: {item.says}"
            teller.tell(item.time, WHO[item.sender], what, trouble=item.fatal)
        case V2gMessage():
            teller.message(item)
        case _:
            pass


def _security(message: sdp.SdpRequest | sdp.SdpResponse) -> str:
    return {sdp.SECURITY_TLS: "TLS", sdp.SECURITY_NONE: "no TLS"}.get(
        message.security, f"security {message.security:02X}"
    )


def _said(item: V2gMessage) -> str:
    """Return what of a message is worth telling in a line."""
    content = item.content
    match item.name:
        case "supportedAppProtocolReq":
            offers = sorted(content.app_protocol, key=lambda offer: offer.priority)
            return ", ".join(offer.protocol_namespace for offer in offers)
        case "SessionSetupReq":
            evccid = content.evccid
            return f"EVCCID {evccid if isinstance(evccid, str) else show(evccid)}"
        case "SessionStopReq":
            wish = getattr(content, "charging_session", None)
            return wish.value if wish else ""
        case _:
            return "" if item.code == "OK" else item.code
