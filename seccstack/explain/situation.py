"""What is the case at an outlet, as far as that shows outside: in what it is told, and does.

The steps are those that a chronicle and a flight recorder are given, so a charge that is going
on and one that was recorded are explained by the same code.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from seccstack import events, sdp
from seccstack.energy import supply
from seccstack.energy.watchdog_events import Step
from seccstack.errors import MalformedError
from seccstack.explain.battery import StateOfCharge, said_in
from seccstack.explain.behaviour import Behaviour
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, Signal, Steady
from seccstack.session.events import Exchanged
from seccstack.timeline import told_amps

READY = ("C", "D")
ENDING = tuple(step.value for step in (Step.STOP, Step.X1, Step.CUT, Step.TRIP))


@dataclass(slots=True)
class Decided:
    """The decision on a plug-in; ``granted`` None: it is still being waited for."""

    granted: bool | None
    by: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(slots=True)
class Visit:
    """What is known of one plug-in."""

    number: int
    since: float
    decided: Decided | None = None
    revoked: tuple[str, ...] = ()
    stop: str = ""  # why it is to end, if somebody wants that
    halted: bool = False  # by what may start it again
    ignores: str = ""  # the last step taken, as it keeps to no limit
    disobeyed: bool = False  # that is why it is to end
    access_amps: float | None = None  # what it may draw, if less than there is
    access_why: str = ""
    matched: bool = False
    linked: bool = False
    in_session: bool = False
    asked: str = ""  # the last request of its session
    ended: str = ""  # how its last session ended: stopped, paused, broken
    broken: str = ""  # why that was
    fallback: str = ""  # why it went on by pulse width
    handshake: str = ""  # why TLS came to nothing
    wants_tls: bool | None = None
    gets_tls: bool | None = None
    unanswered: str = ""  # why its SDP requests are not
    contract: str = ""  # why its contract was refused
    offered_at: float | None = None  # since when it may draw something
    offered_amps: float = 0.0
    minds_five: bool = False  # it may not bear 5 %
    draws: float | None = None  # amperes, where that is measured
    battery: StateOfCharge | None = None  # the last that can be, or what it says instead
    closed_at: float | None = None
    charged: float = 0.0  # seconds, of those that are over
    behaviour: Behaviour = field(default_factory=Behaviour)


@dataclass(slots=True)
class Situation:
    """What is known of an outlet; ``visit``: its present plug-in, if there is one."""

    visit: Visit | None = None
    pilot: str | None = None
    pilot_since: float = -math.inf
    simplified: bool = False  # from A to C at once
    faults: int = 0  # of the line, since nobody was there
    faulty: bool = False  # the line is, and not by our own doing
    signal: Signal = field(default_factory=Steady)
    on: bool = False  # the contactor is told to be closed; or the DC output is on
    closed: bool | None = None
    welded: bool = False
    stuck: bool = False
    limit_amps: float | None = None
    limit_by: str = ""
    limit_why: str = ""  # in the words of who set it
    registering: bool = False
    locked_until: float = -math.inf
    modem: str = ""  # its state
    powerline: str = ""  # what is wrong with it
    network: str = ""
    chains: tuple[str, ...] | None = None  # for TLS; None: nobody has looked
    certificates: tuple[str, ...] = ()  # what is wrong with them
    supply: str = ""  # what is wrong with it
    insulated: bool | None = None
    dc: bool = False

    @property
    def charging(self) -> bool:
        """Whether there is power at the plug, for a vehicle that asks for it."""
        closed = self.dc or self.closed is not False
        return self.on and closed and self.pilot in READY

    def charged(self, now: float) -> float:
        """Return for how many seconds the present vehicle has had power."""
        visit = self.visit
        if visit is None:
            return 0.0
        going = 0.0 if visit.closed_at is None else now - visit.closed_at
        return visit.charged + going

    def heard(self, event: events.Event | None) -> None:
        """Take what the outlet was told."""
        match event:
            case events.DatagramReceived(octets=octets) if self.visit is not None:
                self.visit.wants_tls = _security(sdp.SdpRequest, octets, self.visit.wants_tls)
            case events.NetworkOpened():
                self.network = ""
            case _:
                pass

    def did(self, action: events.Action, now: float) -> None:
        """Take what the outlet did."""
        match action:
            case events.Noted(event, details):
                self._noted(event, details, now)
            case limits.Apply(signal):
                self._signalled(signal, now)
            case limits.SetContactor(closed):
                self.on = closed
            case supply.SetOutput(volts):
                self._switched(volts > 0, now)
            case events.SendDatagram(octets=octets) if self.visit is not None:
                self.visit.unanswered = ""
                self.visit.gets_tls = _security(sdp.SdpResponse, octets, self.visit.gets_tls)
            case events.Ignored("SDP request", why) if self.visit is not None:
                if not self.visit.in_session:
                    self.visit.unanswered = why
            case Exchanged() if self.visit is not None:
                self._exchanged(self.visit, action, now)
            case _:
                pass

    def _signalled(self, signal: Signal, now: float) -> None:
        self.signal = signal
        if self.visit is None:
            return
        if isinstance(signal, Limit):
            self._offer(self.visit, signal.amps, now)
        elif not isinstance(signal, Digital):
            self.visit.offered_at = None

    def _offer(self, visit: Visit, amps: float, now: float) -> None:
        if visit.offered_at is None:
            visit.offered_at = now
        visit.offered_amps = amps

    def _exchanged(self, visit: Visit, exchanged: Exchanged, now: float) -> None:
        if exchanged.direction == "ev":
            visit.asked = exchanged.name
            self._fill(visit, exchanged, now)
        amps = told_amps(exchanged.message)
        if amps is not None:
            self._offer(visit, amps, now)

    def _fill(self, visit: Visit, exchanged: Exchanged, now: float) -> None:
        if (percent := said_in(exchanged.message)) is None:
            return
        said = StateOfCharge(percent, exchanged.name, now)
        if said.can_be or visit.battery is None or not visit.battery.can_be:
            visit.battery = said

    def _switched(self, on: bool, now: float) -> None:
        """A DC output has gone on or off, which is its contactor."""
        self.on = on
        self._power(on, now)

    def _power(self, on: bool, now: float) -> None:
        visit = self.visit
        if visit is None:
            return
        if on and visit.closed_at is None:
            visit.closed_at = now
        elif not on and visit.closed_at is not None:
            visit.charged += now - visit.closed_at
            visit.closed_at = None

    def _noted(self, event: str, details: Mapping[str, Any], now: float) -> None:
        if self.visit is not None:
            self.visit.behaviour.noted(event, details, self.limit_amps)
        match event:
            case "plugged in":
                self.visit = Visit(details["plug_in"], now)
                self.stuck = False
            case "unplugged":
                self.visit = None
            case "pilot":
                self._turned(details["state"], now)
            case "pilot fault":
                self.faults += not self.welded
                self.faulty = True
            case "contactor":
                self.closed = details["closed"]
                self.welded = self.welded and self.closed
                if not self.dc:
                    self._power(self.closed, now)
            case "contactor fault":
                self.welded, self.stuck = details["welded"], not details["welded"]
            case "limit":
                self.limit_amps, self.limit_by = details["amps"], details["source"]
                self.limit_why = details.get("why", "")
            case "registration":
                self.registering = details["on"]
            case "locked out":
                self.locked_until = now + details["seconds"]
            case "lock-out lifted":
                self.locked_until = -math.inf
            case "modem":
                self.modem = details["state"]
            case "powerline trouble":
                self.powerline = str(details["why"])
            case "powerline recovered":
                self.powerline = ""
            case "network lost":
                self.network = str(details["why"])
            case "certificates":
                self.chains = tuple(details["chains"])
                self.certificates = tuple(details["problems"])
            case "supply":
                self.supply = str(details["fault"])
            case "insulation":
                self.insulated = bool(details["ok"])
            case _ if self.visit is not None:
                _noted_of(self.visit, event, details)
            case _:
                pass

    def _turned(self, state: str, now: float) -> None:
        if state == self.pilot:
            return
        if state in ("A", "B"):
            self.simplified = False
        elif self.pilot == "A" and state in READY:
            self.simplified = True
        self.pilot, self.pilot_since, self.faulty = state, now, False
        if state == "A":
            self.faults = 0


def _noted_of(visit: Visit, event: str, details: Mapping[str, Any]) -> None:
    """Take a note that concerns the present plug-in."""
    match event:
        case "decision":
            granted, reasons = details["granted"], tuple(details["reasons"])
            visit.decided = Decided(granted, details["by"], reasons)
            if granted:
                visit.revoked = ()
                if visit.halted:
                    visit.halted, visit.stop = False, ""
        case "revoked":
            visit.revoked = tuple(details["reasons"])
        case "halted":
            visit.halted = True
        case "stop wanted":
            visit.stop, visit.disobeyed = str(details["why"]), visit.ignores in ENDING
        case "limit ignored":
            visit.ignores = details["step"]
        case "access limit":
            visit.access_amps, visit.access_why = details["amps"], details["why"]
        case "matched":
            visit.matched, visit.fallback = True, ""
        case "link ready":
            visit.linked = True
        case "link lost":
            visit.linked = visit.matched = False
        case "stream opened":
            visit.in_session, visit.ended, visit.asked, visit.broken = True, "", "", ""
            visit.handshake = visit.fallback = visit.unanswered = ""
            visit.gets_tls = None
        case "handshake failed":
            visit.handshake = details["why"]
        case "session ended":
            visit.in_session, visit.ended = False, details["how"]
            visit.broken = str(details.get("why", ""))
        case "stuck":
            visit.minds_five = True
        case "pulse width":
            visit.fallback = details["why"]
        case "contract refused":
            visit.contract = f"{details['why']} ({details['code']})"
        case "contract":
            visit.contract = ""
        case "current":
            visit.draws = details["amps"]
        case "current lost":
            visit.draws = None
        case _:
            pass


def _security(
    kind: type[sdp.SdpRequest] | type[sdp.SdpResponse], octets: bytes, before: bool | None
) -> bool | None:
    """Return whether an SDP message is about TLS; of one that can't be read, nothing new."""
    try:
        return kind.decode(octets).security == sdp.SECURITY_TLS
    except MalformedError:
        return before
