"""Why a session in which vehicle and charger spoke did not end well.

Each rule looks for one cause, and returns None where it is not the one; `verdict` has their
order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seccstack.capture.case import CAPTURE, Case, Exchange, Failure, elapsed, quantity
from seccstack.capture.items import Disconnected, V2gMessage
from seccstack.capture.lawful import (
    OF_THE_VEHICLE,
    STOP,
    excess_of,
    offered_modes,
    offered_payments,
    place_of,
)

WHO = {"ev": "the vehicle", "evse": "the charger", None: "one side"}
HOW = {"FIN": "closed", "RST": "reset"}

# What a vehicle waits for an answer, and for a process that goes on: ISO 15118-2 and -20.
ANSWER = 2.0
ANSWERS: Mapping[str, float] = {
    "CurrentDemand": 0.25,
    "DC_ChargeLoop": 0.5,
    "AC_ChargeLoop": 0.5,
    **dict.fromkeys(
        (
            "CertificateInstallation",
            "CertificateUpdate",
            "PaymentDetails",
            "PowerDelivery",
            "ServiceDetail",
        ),
        5.0,
    ),
}
PROCESSES: Mapping[str, float] = {
    "Authorization": 60.0,
    "ContractAuthentication": 60.0,
    "ChargeParameterDiscovery": 60.0,
    "ScheduleExchange": 60.0,
    "CableCheck": 40.0,
    "DC_CableCheck": 40.0,
    "PreCharge": 7.0,
    "DC_PreCharge": 10.0,
}
AT_ONCE = 0.2  # s after an answer within which its lateness explains that the vehicle leaves
PATIENCE = 5.0  # s without power; vehicles that were given none left after 8 s and more
HARDLY = 0.5  # A; what a meter shows where nothing flows
WISHED = 1.0  # A; who asks for less may have had enough
LEAST_AC = 6.0  # A; below it, no vehicle charges with alternating current
STOPPING = frozenset({"EVSE_Shutdown", "EVSE_EmergencyShutdown", "EVSE_UtilityInterruptEvent"})
BROKEN = frozenset({"EVSE_EmergencyShutdown", "EVSE_Malfunction"})


def process_too_long(case: Case) -> Failure | None:
    """A process that the charger did not finish in the time that vehicles give it."""
    reached = [e for e in case.exchanges if e.name != STOP]
    if not reached or reached[-1].name not in PROCESSES:
        return None
    name = reached[-1].name
    rounds = [e for e in reached if e.name == name]
    if any(_finished(e) for e in rounds) or _ended(case) is None:
        return None
    seconds = elapsed(rounds[0].request, _ended(case) or rounds[-1].request)
    if seconds is None or seconds < PROCESSES[name]:
        return None
    why = (
        f"{name} took too long: {len(rounds)} requests in {seconds:.1f} s, none answered with "
        f"Finished; vehicles give it {PROCESSES[name]:.0f} s"
    )
    return Failure("evse", f"{why}{_and_refused(case)}", _ends(rounds))


def _finished(exchange: Exchange) -> bool:
    processing = getattr(exchange.answered, "evse_processing", None)
    return processing is not None and processing.value == "Finished"


def _ended(case: Case) -> V2gMessage | Disconnected | None:
    """Return the act by which the vehicle ended it: its stop, or its closing."""
    stops = case.of(STOP)
    if stops:
        return stops[-1].request
    closing = case.closing
    return closing if closing is not None and closing.sender == "ev" else None


def _and_refused(case: Case) -> str:
    stops = [stop for stop in case.of(STOP) if stop.failed]
    return f"; its SessionStop was answered with {stops[-1].code}" if stops else ""


def no_power_in_time(case: Case) -> Failure | None:
    """PowerDelivery (Start) by alternating current, and then nothing to charge with."""
    last = _before_stop(case)
    ended = _ended(case)
    if last is None or ended is None or last.name != "PowerDelivery" or last.failed:
        return None
    if not _starts(last) or offered_modes(case)[:1] == ["DC_extended"] or last.response is None:
        return None
    seconds = elapsed(last.response, ended)
    if seconds is None or seconds < PATIENCE:
        return None
    why = (
        f"PowerDelivery was answered with {last.code}, and then no power came: the vehicle "
        f"waited for {seconds:.1f} s, and ended it{_and_refused(case)}"
    )
    return Failure("evse", why, (*last.numbers, ended.number))


def _starts(exchange: Exchange) -> bool:
    ready = getattr(exchange.asked, "ready_to_charge_state", None)
    progress = getattr(exchange.asked, "charge_progress", None)
    return bool(ready) or (progress is not None and progress.value == "Start")


def _before_stop(case: Case) -> Exchange | None:
    reached = [e for e in case.exchanges if e.name != STOP]
    return reached[-1] if reached else None


def refused(case: Case) -> Failure | None:
    """The last refusal, if nothing went well after it: whether the request deserved it."""
    failures = [e for e in case.exchanges if e.failed]
    if not failures or any(e.request.number > failures[0].request.number for e in case.energy):
        return None
    exchange = failures[0]
    name, code = f"{exchange.name}Req", exchange.code
    place, excess = place_of(exchange, case), excess_of(exchange, case)
    if place:
        why = f"the vehicle sent {name} out of sequence ({place}); the answer was {code}"
        return Failure("ev", why, exchange.numbers)
    for whose, reason in (
        *_of_payment(exchange, case),
        *_of_mode(exchange, case),
        *((("ev", excess),) if excess else ()),
    ):
        return Failure(whose, f"{name} was answered with {code}: {reason}", exchange.numbers)
    if code in OF_THE_VEHICLE:
        why = f"the charger did not accept what the vehicle brought: {name} got {code}"
        return Failure("ev", why, exchange.numbers)
    why = f"the charger answered {name}, which is legal here, with {code}"
    return Failure("evse", why, exchange.numbers)


def _of_payment(exchange: Exchange, case: Case) -> list[tuple[str, str]]:
    chosen = getattr(exchange.asked, "selected_payment_option", None)
    offered = offered_payments(case)
    if chosen is None or chosen.value in offered or not offered:
        return []
    if offered == ["Contract"] and not (case.link and case.link.tls):
        reason = "the charger offers only Contract, without TLS, where there is no contract"
        return [("evse", reason)]
    return [("ev", f"{chosen.value} was chosen, offered was {', '.join(offered)}")]


def _of_mode(exchange: Exchange, case: Case) -> list[tuple[str, str]]:
    asked: Any = exchange.asked
    wish = getattr(asked, "requested_energy_transfer_mode", None)
    wish = wish or getattr(asked, "ev_requested_energy_transfer_type", None)
    offered = offered_modes(case)
    if wish is None or wish.value in offered or not offered:
        return []
    return [("ev", f"{wish.value} was wished for, offered was {', '.join(offered)}")]


def too_slow(case: Case) -> Failure | None:
    """A vehicle that leaves while it waits for an answer, or at once after a late one."""
    last, closing = case.last, case.closing
    if last is None or closing is None or closing.sender != "ev":
        return None
    limit = ANSWERS.get(last.name, ANSWER)
    answered_first = last.response is not None and last.response.number < closing.number
    if answered_first and last.response is not None:
        seconds, after = last.seconds, elapsed(last.response, closing)
        if seconds is None or after is None or seconds <= limit or after > AT_ONCE:
            return None
        what = (
            f"{last.name}Res took {1000 * seconds:.0f} ms, and the vehicle left "
            f"{1000 * after:.0f} ms after it"
        )
    else:
        waited = elapsed(last.request, closing)
        if waited is None or waited <= limit:
            return None
        what = f"the vehicle waited {1000 * waited:.0f} ms for {last.name}Res, and left"
    why = f"the charger is slow: {what}; a vehicle waits for {1000 * limit:.0f} ms"
    return Failure("evse", why, (*last.numbers, closing.number))


def unanswered(case: Case) -> Failure | None:
    """A request that the charger did not answer although there was time to."""
    last = case.last
    if last is None or last.response is not None:
        return None
    limit = ANSWERS.get(last.name, ANSWER)
    closing = case.closing
    if closing is not None and closing.sender != "evse":
        return None
    if closing is not None:
        why = (
            f"the charger {HOW[closing.how]} the connection instead of answering {last.name}Req"
        )
        return Failure("evse", why, (last.request.number, closing.number))
    left = case.left_after(last.request.time)
    if left <= limit:
        return None
    why = f"the charger did not answer {last.name}Req in {left:.1f} s"
    return Failure("evse", why, last.numbers)


def charger_broken(case: Case) -> Failure | None:
    """A charger that reports a fault of its own, or of the isolation."""
    for exchange in case.exchanges:
        status = getattr(exchange.answered, "dc_evse_status", None)
        status = status or getattr(exchange.answered, "evse_status", None)
        code = _value(getattr(status, "evse_status_code", None))
        isolation = _value(getattr(status, "evse_isolation_status", None))
        if code in BROKEN or isolation == "Fault":
            said = code if code in BROKEN else f"isolation {isolation}"
            return Failure("evse", f"the charger reports {said}", exchange.numbers)
        if getattr(status, "rcd", None):
            why = "the charger reports that its residual current device has tripped"
            return Failure("evse", why, exchange.numbers)
    return None


def no_current(case: Case) -> Failure | None:
    """A vehicle that ended a charge in which no current came, though none was to stop."""
    if not case.energy or _ended(case) is None or _charger_stopped(case) or _complete(case):
        return None
    return _no_direct_current(case) or _no_alternating_current(case)


def _no_direct_current(case: Case) -> Failure | None:
    wished = [quantity(getattr(e.asked, "ev_target_current", None)) or 0.0 for e in case.energy]
    came = [
        abs(quantity(getattr(e.answered, "evse_present_current", None)) or 0.0)
        for e in case.energy
    ]
    seconds = elapsed(case.energy[0].request, case.energy[-1].request)
    if max(wished) <= WISHED or max(came) > HARDLY or seconds is None or seconds < PATIENCE:
        return None
    error = _error(case)
    reported = f", reporting {error}" if error else ""
    why = (
        f"no current came: the charger's measured {max(came):g} A at most of the "
        f"{max(wished):g} A asked for, in {seconds:.1f} s, and the vehicle ended it{reported}"
    )
    return Failure("evse", why, _ends(case.energy))


def _no_alternating_current(case: Case) -> Failure | None:
    told = quantity(getattr(case.energy[-1].answered, "evse_max_current", None))
    if told is None or told >= LEAST_AC or not case.of(STOP):
        return None
    why = f"the vehicle stopped while the charger's limit was {told:g} A"
    return Failure("evse", why, case.energy[-1].numbers)


def _charger_stopped(case: Case) -> bool:
    for exchange in case.exchanges:
        answered = exchange.answered
        for name in ("dc_evse_status", "ac_evse_status", "evse_status"):
            status = getattr(answered, name, None)
            notification = _value(getattr(status, "evse_notification", None))
            if notification in ("StopCharging", "Terminate", "Exit", "Pause"):
                return True
            if _value(getattr(status, "evse_status_code", None)) in STOPPING:
                return True
    return False


def _complete(case: Case) -> bool:
    parameters = [
        getattr(e.asked, "ev_power_delivery_parameter", None) for e in case.of("PowerDelivery")
    ]
    wishes = [*(e.asked for e in case.energy), *parameters]
    return any(getattr(wish, "charging_complete", False) for wish in wishes)


def vehicle_error(case: Case) -> Failure | None:
    """A vehicle that reports a fault of its own."""
    error = _error(case)
    if not error:
        return None
    evidence = [e.request.number for e in case.exchanges if _errors(e.asked)]
    return Failure("ev", f"the vehicle reports {error}", tuple(evidence[-1:]))


def _error(case: Case) -> str:
    found = [error for e in case.exchanges for error in _errors(e.asked)]
    return found[-1] if found else ""


def _errors(asked: Any) -> list[str]:
    parameter = getattr(asked, "ev_power_delivery_parameter", None)
    found = []
    for source in (asked, parameter):
        status = getattr(source, "dc_ev_status", None)
        code = _value(getattr(status, "ev_error_code", None))
        if code.startswith("FAILED"):
            found.append(code)
    return found


def beyond_limits(case: Case) -> Failure | None:
    """A vehicle that asks for more than the charger's limits, where the charger ends it."""
    closing = case.closing
    if closing is None or closing.sender != "evse" or case.of(STOP):
        return None
    for exchange in case.exchanges:
        excess = excess_of(exchange, case)
        if excess:
            why = f"the vehicle is outside the charger's limits: {excess}"
            return Failure("ev", why, (*exchange.numbers, closing.number))
    return None


def nothing_suits(case: Case) -> Failure | None:
    """A vehicle that ended it once it knew the offer, before it asked for any energy."""
    ended, last = _ended(case), _before_stop(case)
    if ended is None or last is None or case.energy or case.of("PowerDelivery"):
        return None
    modes = offered_modes(case)
    if not modes or case.of("ChargeParameterDiscovery"):
        return None
    how = "stopped" if isinstance(ended, V2gMessage) else HOW[ended.how] + " the connection"
    why = (
        f"the vehicle {how} after {last.name}, without having asked for energy: "
        f"the charger offers only {', '.join(modes)}"
    )
    evidence = tuple(e.response.number for e in case.of("ServiceDiscovery") if e.response)
    return Failure("ev", why, (*evidence, ended.number))


def closed_without_stop(case: Case) -> Failure | None:
    """A connection that one side closes or resets though the session goes on."""
    closing, last = case.closing, case.last
    if closing is None or last is None or last.name == STOP:
        return None
    who = WHO[closing.sender]
    since = elapsed(last.response or last.request, closing)
    when = "" if since is None else f"{since:.2f} s "
    what = f"{last.name}{'Res' if last.response else 'Req'}"
    loop = " while it charged" if case.energy and last in case.energy else ""
    why = f"{who} {HOW[closing.how]} the connection out of the blue, {when}after {what}{loop}"
    if closing.sender == "ev" and closing.how == "RST":
        why += "; its plug may have been pulled, which this capture can't show"
    return Failure(closing.sender or "unclear", why, (*last.numbers, closing.number))


def stopped_early(case: Case) -> Failure | None:
    """A session that was stopped in good order, but before any energy flowed."""
    stops, last = case.of(STOP), _before_stop(case)
    if not stops or last is None or case.energy:
        return None
    why = f"the vehicle stopped after {last.name}, before any energy flowed"
    return Failure("unclear", why, stops[-1].numbers)


def capture_ends(case: Case) -> Failure | None:
    """A session whose end is not in the capture."""
    if case.closing is not None or case.of(STOP) or not case.messages:
        return None
    last = case.messages[-1]
    what = last.name or "a message that can't be decoded"
    why = f"the capture ends after {what}, {case.left_after(last.time):.1f} s later"
    return Failure(CAPTURE, why, (last.number,))


def _value(symbol: Any) -> str:
    return "" if symbol is None else str(symbol.value)


def _ends(exchanges: list[Exchange]) -> tuple[int, ...]:
    return (*exchanges[0].numbers, *exchanges[-1].numbers)
