"""What happens at an outlet, told: one JSON object per happening, and one line for people.

A happening has ``t`` (seconds) and ``event``; what else it has depends on the event. Octets on
the wire are not told (the messages in them are), nor is what was looked up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from string import hexdigits
from typing import Any

from seccstack import events, indication
from seccstack.auth.enrolment_events import Beep
from seccstack.auth.vehicle import NAMES
from seccstack.energy.watchdog_events import Step
from seccstack.messages import iso2
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, Signal, Steady
from seccstack.pilot.signal import duty_cycle
from seccstack.session.events import Exchanged

Happening = dict[str, Any]
FORETOLD = 3  # changes of the limit that a line has room for
POWERS = (  # of DC, whatever the protocol; and of AC by ISO 15118-20, whose phases add up
    "evse_maximum_power_limit",
    "evse_maximum_charge_power",
    "evse_target_active_power",
    "evse_target_active_power_l2",
    "evse_target_active_power_l3",
)


def happenings(now: float, actions: Sequence[events.Action]) -> Iterator[Happening]:
    """Tell what a step of the charge point's has done."""
    for action in actions:
        told = _told(action)
        if told is not None:
            yield {"t": round(now, 6), **told}


def _told(action: events.Action) -> Happening | None:
    match action:
        case events.Noted(event, details):
            return {"event": event, **details}
        case events.Ignored(what, why):
            return {"event": "ignored", "what": what, "why": why}
        case Exchanged(direction, schema, name):
            said = {"event": "message", "from": direction, "schema": schema.value, "name": name}
            return {**said, **_essence(action.message)}
        case limits.Apply(signal):
            return {
                "event": "signal",
                "says": words(signal),
                "duty": round(duty_cycle(signal), 4),
            }
        case limits.SetContactor(closed):
            return {"event": "contactor ordered", "closed": closed}
        case Beep(pattern):
            return {"event": "beep", "pattern": pattern.value}
        case events.Show(light):
            return {"event": "light", "says": indication.words(light)}
        case _:
            return None


def _essence(message: Any) -> Happening:
    """Return what of a response decides how the vehicle goes on."""
    content = getattr(message, "body", message)
    told = {name: getattr(content, name, None) for name in ("response_code", "evse_processing")}
    essence: Happening = {
        name: value.value for name, value in told.items() if value is not None
    }
    amps = told_amps(message)
    if amps is not None:
        return {**essence, "amps": amps}
    loops = ("cl_res_control_mode", "evse_maximum_power_limit")
    watts = told_watts(message) if any(hasattr(content, one) for one in loops) else None
    return essence if watts is None else {**essence, "watts": watts}


def told_amps(message: Any) -> float | None:
    """Return the current per phase that a response of ours lets the vehicle draw, if any."""
    match getattr(message, "body", None):
        case iso2.ChargingStatusRes(response_code=code, evse_max_current=told):
            pass
        case iso2.ChargeParameterDiscoveryRes(
            response_code=code,
            evse_charge_parameter=iso2.AC_EVSEChargeParameter(evse_max_current=told),
        ):
            pass
        case _:
            return None
    if told is None or code.value.startswith("FAILED"):
        return None
    return float(told.value * 10.0**told.multiplier)


def told_watts(message: Any) -> float | None:
    """Return the power that a response of ours lets the vehicle draw, where it says watts."""
    body = getattr(message, "body", message)
    code = getattr(body, "response_code", None)
    if code is None or code.value.startswith("FAILED"):
        return None
    charger = getattr(body, "evse_charge_parameter", body)
    said = getattr(body, "cl_res_control_mode", charger)
    told = [getattr(said, name, None) for name in POWERS]
    numbers = [_number(value) for value in told if value is not None]
    return max(0.0, sum(numbers)) if numbers else None


def _number(value: Any) -> float:
    scale = value.multiplier if hasattr(value, "multiplier") else value.exponent
    return float(value.value * 10.0**scale)


def words(signal: Signal) -> str:
    """Say a pilot signal in words."""
    match signal:
        case Steady():
            return "+12 V, no pulses (X1)"
        case Digital():
            return "5 %: digital communication"
        case Limit(amps):
            return f"{duty_cycle(signal):.1%}: {amps:g} A"
        case _:
            return "-12 V: not available (F)"


def heard(pattern: str) -> str:
    """Say in words what dots and dashes sound like."""
    return ", ".join("short" if sound == "." else "long" for sound in pattern)


def line(happening: Mapping[str, Any]) -> str:
    """Say a happening in one line, without its time."""
    said = SENTENCES.get(happening["event"], _anything)
    return plain(said(happening))


def plain(text: str) -> str:
    """Return a text without what could command a terminal; some of it is a peer's."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)


def _anything(told: Mapping[str, Any]) -> str:
    details = {key: value for key, value in told.items() if key not in ("t", "event")}
    return " ".join([told["event"], *(f"{key}={value}" for key, value in details.items())])


def _message(told: Mapping[str, Any]) -> str:
    arrow = "EV -> EVSE" if told["from"] == "ev" else "EVSE -> EV"
    amps = f"{told['amps']:g} A" if "amps" in told else None
    watts = f"{told['watts']:.0f} W" if "watts" in told else None
    parts = (told.get("response_code"), told.get("evse_processing"), amps, watts)
    essence = ", ".join(part for part in parts if part)
    return "  ".join(part for part in (arrow, told["name"], essence) if part)


def _identity(told: Mapping[str, Any]) -> str:
    said: dict[str, list[str]] = {}
    called = told["evccid"] if is_name(told["evccid"] or "") else None
    for claim, name in NAMES.items():
        if told[claim] not in (None, called):
            said.setdefault(told[claim], []).append(name)
    named = ", ".join(
        f"{value or '(empty)'} ({', '.join(names)})" for value, names in said.items()
    )
    verdict = {True: "they agree", False: "THEY DISAGREE", None: "nothing to compare yet"}
    claims = f"claims {named}: {verdict[told['consistent']]}" if said else ""
    calls = "" if called is None else f"calls itself {called}"
    return f"the vehicle {'; it '.join(filter(None, (claims, calls))) or 'claims nothing'}"


def is_name(evccid: str) -> bool:
    """Whether an EVCCID is written as the text it is, as ISO 15118-20 has it."""
    return not set(evccid) <= set(hexdigits)


def _decision(told: Mapping[str, Any]) -> str:
    granted = {True: f"GRANTED by {told['by']}", False: "DENIED", None: "not decided yet"}
    return f"{granted[told['granted']]}: {'; '.join(told['reasons'])}"


def _recognition(told: Mapping[str, Any]) -> str:
    name = told["label"] or told["mac"] or "nobody"
    return f"{told['stage']}: {name}, confidence {told['confidence']}{_for(told['reasons'])}"


def _for(reasons: Sequence[str]) -> str:
    return f": {'; '.join(reasons)}" if reasons else ""


def _matched(told: Mapping[str, Any]) -> str:
    heard = f"{told['sounds']} sounds, {told['attenuation_db']} dB"
    return f"SLAC matched {told['ev_mac']} ({heard})"


def _modem(told: Mapping[str, Any]) -> str:
    """Say how the modem is; of what is not known yet, nothing."""
    kind = told["firmware"] or told["maker"] or "kind not known yet"
    linked = "linked" if told["link"] else f"key {told['key']}"
    trouble = told["trouble"] or linked
    return "; ".join([f"modem {told['state']} ({kind}), {trouble}", *told["warnings"]])


def _stream_opened(told: Mapping[str, Any]) -> str:
    if "tls" not in told:
        return f"TCP connection from {told['address']}"
    tls = told["tls"]
    if tls.get("simulated"):
        return f"TCP connection from {told['address']}, which counts as one in TLS here"
    how = ", ".join(str(tls[key]) for key in ("version", "suite", "chain") if key in tls)
    said = f"TLS connection from {told['address']} ({how})"
    if "vehicle" not in tls:
        return said
    own = tls["vehicle"]
    return f"{said}; PROVEN: vehicle {own['evccid']}, by a chain to {own['of']}"


def _certificates(told: Mapping[str, Any]) -> str:
    chains = ", ".join(told["chains"]) or "none"
    return "; ".join([f"certificate chains for TLS: {chains}", *told["problems"]])


def _session_ended(told: Mapping[str, Any]) -> str:
    return f"the session is {told['how']}{_because(told)}"


def _phases(told: Mapping[str, Any]) -> str:
    """Say what each phase could carry, where they differ."""
    each = [f"L{n} {phase['amps']:g} A" for n, phase in enumerate(told.get("phases", ()), 1)]
    return f" ({', '.join(each)})" if each else ""


def _because(told: Mapping[str, Any]) -> str:
    return f": {told['why']}" if told.get("why") else ""


def _forecast(told: Mapping[str, Any]) -> str:
    steps = told["steps"]
    if not steps:
        return "no change of the limit is foreseen"
    said = [
        f"{step['amps']:g} A in {step['seconds'] / 3600:.2f} h" for step in steps[:FORETOLD]
    ]
    more = f", and {len(steps) - FORETOLD} more" if len(steps) > FORETOLD else ""
    return f"the limit will probably be {', '.join(said)}{more}"


def _ignored(told: Mapping[str, Any]) -> str:
    """Say a rung of the ladder, or how it ended."""
    lasted = f"after {told['seconds']:.1f} s"
    if told["step"] == Step.OBEYED.value:
        return f"the vehicle keeps to {told['amps']:g} A again, {lasted}"
    if told["step"] == Step.OFF.value:
        return f"the vehicle that ignored its limit has no power any more, {lasted}"
    drawn = f"{told['drawn']:g} A of {told['amps']:g} A {lasted}"
    return f"THE VEHICLE IGNORES ITS LIMIT, {drawn}: {told['step']}"


SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "message": _message,
    "identity": _identity,
    "decision": _decision,
    "recognition": _recognition,
    "second station": lambda told: f"ANOTHER STATION USES ITS ADDRESS: {told['why']}",
    "locked out": lambda told: (
        f"TOO MANY STRANGERS: no vehicle is let in for its address alone for "
        f"{told['seconds']:g} s"
    ),
    "lock-out lifted": lambda told: "the lock-out is lifted, and its strangers are forgiven",
    "registration": lambda told: f"REGISTRATION: {told['says']}",
    "light": lambda told: f"the light is {told['says']}",
    "beep": lambda told: f"beep: {heard(told['pattern'])}",
    "access limit": lambda told: (
        f"it may draw {told['amps']:g} A: {told['why']}"
        if told["amps"] is not None
        else "it may draw all there is"
    ),
    "halted": lambda told: f"may not charge any more{_because(told)}",
    "revoked": lambda told: f"REVOKED: {'; '.join(told['reasons'])}",
    "matched": _matched,
    "signal": lambda told: f"pilot carries {told['says']}",
    "pilot": lambda told: f"pilot state {told['state']}",
    "pilot fault": lambda told: f"PILOT FAULT: state {told['state']}",
    "contactor": lambda told: f"contactor is {'CLOSED' if told['closed'] else 'open'}",
    "contactor ordered": lambda told: f"contactor: {'close' if told['closed'] else 'open'}!",
    "contactor fault": lambda told: (
        f"CONTACTOR FAULT: it does not {'open' if told['welded'] else 'close'}"
    ),
    "limit": lambda told: (
        f"limit {told['amps']:g} A, set by {told['source']}{_because(told)}{_phases(told)}"
    ),
    "limit told": lambda told: (
        f"the vehicle was told {told['amps']:g} A, {told['told_ms']} ms after it was decided"
    ),
    "limit obeyed": lambda told: (
        f"the vehicle keeps to {told['amps']:g} A, {told['obeyed_ms']} ms after it was decided"
        f" and {told['obeyed_ms'] - told['told_ms']} ms after it was told"
    ),
    "current": lambda told: f"the vehicle draws {told['amps']:g} A",
    "current lost": lambda _: "nothing is known of what the vehicle draws: its meter is silent",
    "limit ignored": _ignored,
    "wake": lambda told: f"it does not ask for what is offered, and is woken by {told['by']}",
    "wake ended": lambda told: (
        "it is awake" if told["worked"] else f"it does not wake up, woken {told['times']} times"
    ),
    "reaction": lambda told: (
        f"it is given {told['seconds']:g} s to follow a limit: it has been seen to, "
        f"{told['times']} times"
    ),
    "least current": lambda told: f"no less than {told['amps']:g} A is worth offering to it",
    "least current found": lambda told: (
        f"it follows down to {told['amps']:g} A{', and no further' if told['final'] else ''}"
        f"{_because(told)}"
    ),
    "limit unwatched": lambda told: f"nobody sees whether the limit is kept{_because(told)}",
    "modem": _modem,
    "neighbour": lambda told: (
        f"another vehicle, {told['ev_mac']}, is heard at {told['attenuation_db']:g} dB"
    ),
    "foreign station": lambda told: (
        f"ANOTHER STATION IS IN OUR NETWORK: {told['modem_mac']}, before {told['host_mac']}"
    ),
    "vehicle modem": lambda told: (
        f"its modem is {told['mac']}, {told['firmware'] or 'firmware not told'}"
    ),
    "key": lambda told: f"network key {'in force' if told['in_force'] else 'lost'}",
    "powerline trouble": lambda told: f"the powerline cannot be used{_because(told)}",
    "powerline recovered": lambda _: "the powerline can be used again",
    "network lost": lambda told: f"the network is lost{_because(told)}",
    "link ready": lambda _: "the modems are linked",
    "link lost": lambda _: "the modems are no longer linked",
    "SDP answered": lambda told: f"SDP answered to {told['address']}",
    "stream opened": _stream_opened,
    "handshake failed": lambda told: f"no session with {told['address']}: {told['why']}",
    "certificates": _certificates,
    "TLS downgrade": lambda told: (
        f"VEHICLE {told['mac']} HAS USED TLS HERE BEFORE, and does without it now"
    ),
    "contract": lambda told: f"PROVEN: contract {told['emaid']}, by a chain to {told['root']}",
    "contract refused": lambda told: f"contract refused: {told['why']} ({told['code']})",
    "receipt": lambda told: (
        f"the vehicle has signed for what the meter {told['meter_id']} shows: "
        f"{told['reading_wh']} Wh"
    ),
    "session ended": _session_ended,
    "pulse width": lambda told: f"goes on by pulse width{_because(told)}",
    "forecast": _forecast,
    "stop wanted": lambda told: f"is asked to stop{_because(told)}",
    "start": lambda told: (
        f"starts with {told['greeting']}"
        + (f" for {told['seconds']:g} s" if "seconds" in told else "")
        + _because(told)
    ),
    "experience": lambda told: f"known of this vehicle: it {'; '.join(told['says'])}",
    "stuck": lambda told: (
        f"it has not asked for energy in {told['seconds']:g} s: it may be full, or one that "
        "does not bear 5 %; then unplug it, and plug it in again"
    ),
    "plugged in": lambda told: f"plugged in (no. {told['plug_in']})",
    "unplugged": lambda told: f"unplugged (no. {told['plug_in']})",
    "ignored": lambda told: f"ignored {told['what']}: {told['why']}",
}
