"""How it came to be as it is: what was asked, answered and decided, in plain words.

What others say often, or only an engineer needs, is left out; what is said again is counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from seccstack import events, sdp
from seccstack.errors import MalformedError
from seccstack.explain.failures import fallback
from seccstack.messages import din, iso2, iso20_common
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, Signal, Steady
from seccstack.session.events import Exchanged
from seccstack.timeline import line, plain, told_amps, told_watts

FIRST = 24  # steps of a plug-in that are kept from its beginning: there it is decided
LAST = 40  # and from its end, where the present is
LONGEST = 300  # characters of a step: some of it is a peer's

Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened; ``times``: how often in a row, until ``until``."""

    at: float
    says: str
    until: float
    times: int = 1

    def __str__(self) -> str:
        return self.says if self.times == 1 else f"{self.says} ({self.times} times)"

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"t": self.at, "says": self.says, "times": self.times, "until": self.until}


class Chain:
    """The steps of one plug-in: the first of them, and the last."""

    def __init__(self) -> None:
        self._first: list[Step] = []
        self._last: deque[Step] = deque(maxlen=LAST)
        self.left_out = 0

    @property
    def steps(self) -> tuple[Step, ...]:
        """Those that are kept, in order."""
        return (*self._first, *self._last)

    def add(self, at: float, says: str) -> None:
        """Add a step, or count it if it is the one before, again."""
        says = plain(says)[:LONGEST]
        kept: list[Step] | deque[Step] = self._last or self._first
        if kept and kept[-1].says == says:
            kept[-1] = replace(kept[-1], until=at, times=kept[-1].times + 1)
            return
        step = Step(at, says, at)
        if len(self._first) < FIRST:
            self._first.append(step)
            return
        self.left_out += len(self._last) == LAST
        self._last.append(step)


def asked(event: events.Event | None) -> Iterator[str]:
    """Say what an event tells that no action does."""
    match event:
        case events.DatagramReceived(octets=octets):
            wants = _in_tls(sdp.SdpRequest, octets)
            if wants is not None:
                yield f"the vehicle looks for us, {_with_tls(wants)}"
        case _:
            pass


def done(action: events.Action, now: float) -> Iterator[str]:
    """Say what an action means."""
    match action:
        case events.Noted(event, details):
            yield from _noted({"t": now, "event": event, **details})
        case limits.Apply(signal):
            yield _signal(signal)
        case events.SendDatagram(octets=octets):
            gets = _in_tls(sdp.SdpResponse, octets)
            if gets is not None:
                yield f"we tell it where to connect, {_with_tls(gets)}"
        case events.Ignored("SDP request", why):
            yield f"we do not answer its search: {why}"
        case Exchanged(direction, _, name):
            yield from _said(direction, name, action.message)
        case _:
            pass


def _with_tls(tls: bool) -> str:
    return "in TLS" if tls else "without TLS"


def _in_tls(kind: type[sdp.SdpRequest] | type[sdp.SdpResponse], octets: bytes) -> bool | None:
    try:
        return kind.decode(octets).security == sdp.SECURITY_TLS
    except MalformedError:
        return None


def _signal(signal: Signal) -> str:
    match signal:
        case Digital():
            return "we ask the vehicle to speak ISO 15118 (5 %)"
        case Limit(amps):
            return f"we offer {amps:g} A by pulse width"
        case Steady():
            return "we offer nothing by pulse width (X1)"
        case _:
            return "we say that nothing is available (state F)"


STATES = {
    "A": "no vehicle is seen (state A)",
    "B": "the vehicle is there, and asks for no energy (state B)",
    "C": "the vehicle asks for energy (state C)",
    "D": "the vehicle asks for energy and ventilation (state D)",
    "E": "the pilot line is short-circuited (state E)",
    "F": "the pilot line is at -12 V (state F)",
}
# What is told by other steps, or of use to engineers only.
QUIET = {
    "identity", "key", "neighbour", "vehicle modem", "SDP answered", "receipt", "current",
    "pilot fault",
}  # fmt: skip
WORDS: Mapping[str, Callable[[Told], str]] = {
    "plugged in": lambda told: "a vehicle is plugged in",
    "unplugged": lambda told: "the vehicle is unplugged",
    "pilot": lambda told: STATES.get(told["state"], f"pilot state {told['state']}"),
    "contactor": lambda told: (
        "power is on: the contactor is closed"
        if told["closed"]
        else "no power: the contactor is open"
    ),
    "matched": lambda told: f"the vehicle {told['ev_mac']} is matched by SLAC",
    "link ready": lambda told: "its modem has joined our network",
    "pulse width": lambda told: f"ISO 15118 is given up: {fallback(told['why']).says}",
    "limit": lambda told: f"{told['amps']:g} A may be drawn, says {told['source']}{_why(told)}",
    "decision": lambda told: _decision(told),
    "halted": lambda told: f"it is to stop: {told['why']}",
    "stop wanted": lambda told: f"it is asked to stop: {told['why']}",
    "modem": lambda told: f"our modem is {told['state']}: {told['trouble']}",
    "recognition": lambda told: _recognition(told),
    "supply": lambda told: (
        f"the power supply has a fault: {told['fault']}"
        if told["fault"]
        else "the power supply has no fault any more"
    ),
    "output": lambda told: (
        "power is on: the output is" if told["on"] else "no power: the output is off"
    ),
    "insulation": lambda told: (
        "the insulation is good" if told["ok"] else "the insulation is NOT good"
    ),
}


def _why(told: Told) -> str:
    return f": {told['why']}" if told.get("why") else ""


def _decision(told: Told) -> str:
    lead = {True: "it may charge", False: "it may NOT charge", None: "not decided yet"}
    reasons = "; ".join(told["reasons"])
    return f"{lead[told['granted']]}: {reasons}" if reasons else lead[told["granted"]]


def _recognition(told: Told) -> str:
    who = told["label"] or told["mac"] or "nobody that is known"
    return f"it seems to be {who}: the confidence is {told['confidence']}"


def _noted(told: Told) -> Iterator[str]:
    event = told["event"]
    if event not in QUIET and not (event == "modem" and not told["trouble"]):
        yield WORDS.get(event, line)(told)


# Messages.

REQUESTS = {
    "supportedAppProtocolReq": "the vehicle says which protocols it speaks",
    "SessionSetupReq": "the vehicle opens a session, and says its name",
    "ServiceDiscoveryReq": "the vehicle asks what there is",
    "PaymentServiceSelectionReq": "the vehicle chooses how to pay",
    "PaymentDetailsReq": "the vehicle shows its contract",
    "ServicePaymentSelectionReq": "the vehicle chooses how to pay",
    "AuthorizationReq": "the vehicle asks whether it may charge",
    "ContractAuthenticationReq": "the vehicle asks whether it may charge",
    "ChargeParameterDiscoveryReq": "the vehicle says what it needs, and asks what it gets",
    "CableCheckReq": "the vehicle has the cable checked",
    "PreChargeReq": "the vehicle has the voltage brought up",
    "ChargingStatusReq": "the vehicle charges",
    "CurrentDemandReq": "the vehicle charges",
    "WeldingDetectionReq": "the vehicle has its contactors watched",
    "AuthorizationSetupReq": "the vehicle asks how it may be authorised",
    "CertificateInstallationReq": "the vehicle asks for a contract",
    "ServiceSelectionReq": "the vehicle chooses a service",
    "AC_ChargeParameterDiscoveryReq": "the vehicle says what it can, and asks what it gets",
    "DC_ChargeParameterDiscoveryReq": "the vehicle says what it can, and asks what it gets",
    "ScheduleExchangeReq": "the vehicle says what it needs, and by when",
    "DC_CableCheckReq": "the vehicle has the cable checked",
    "DC_PreChargeReq": "the vehicle has the voltage brought up",
    "AC_ChargeLoopReq": "the vehicle charges",
    "DC_ChargeLoopReq": "the vehicle charges",
    "DC_WeldingDetectionReq": "the vehicle has its contactors watched",
    "SessionStopReq": "the vehicle ends its session",
}
WISHES = {
    iso2.ChargeProgress.START: "the vehicle asks for power to be switched on",
    iso2.ChargeProgress.STOP: "the vehicle asks for power to be switched off",
    iso2.ChargeProgress.RENEGOTIATE: "the vehicle wants to negotiate anew",
}

Progress = iso20_common.ChargeProgress
WISHES_20 = {
    Progress.START: WISHES[iso2.ChargeProgress.START],
    Progress.STOP: WISHES[iso2.ChargeProgress.STOP],
    Progress.STANDBY: "the vehicle asks to stand by",
    Progress.SCHEDULE_RENEGOTIATION: WISHES[iso2.ChargeProgress.RENEGOTIATE],
}


def _said(direction: str, name: str, message: Any) -> Iterator[str]:
    """Tell what a request asks for, and of an answer only what is not a plain yes."""
    body = getattr(message, "body", message)
    if direction == "ev":
        if isinstance(body, iso2.PowerDeliveryReq):
            yield WISHES[body.charge_progress]
        elif isinstance(body, iso20_common.PowerDeliveryReq):
            yield WISHES_20[body.charge_progress]
        elif isinstance(body, din.PowerDeliveryReq):
            on = body.ready_to_charge_state
            yield WISHES[iso2.ChargeProgress.START if on else iso2.ChargeProgress.STOP]
        else:
            yield REQUESTS.get(name, f"the vehicle sends {name}")
        return
    code = getattr(getattr(body, "response_code", None), "value", "")
    if code.lower().startswith("failed"):
        yield f"we refuse: {code}"
    elif code.startswith("WARNING"):
        yield f"we warn it: {code}"
    elif isinstance(body, iso2.ChargeParameterDiscoveryRes | din.ChargeParameterDiscoveryRes):
        amps, watts = told_amps(message), told_watts(message)
        if amps is not None:
            yield f"we offer it {amps:g} A"
        elif watts is not None:
            yield f"we offer it {watts / 1000:g} kW"
