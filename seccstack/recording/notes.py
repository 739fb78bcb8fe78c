"""What a note in a sidecar has to say, so that whoever tells it on can rely on that.

A note of a name that this version does not know may say anything: it is told as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from seccstack.auth.vehicle import NAMES
from seccstack.errors import MalformedError

Check = Callable[[Any], bool]

MOST = (
    1e15  # of any number: beyond it a float has no microseconds, and nothing here is so large
)
MAC = re.compile(r"[0-9A-Fa-f]{12}")
RESERVED = ("t", "event")  # beside the details, where a note is told


def number(value: Any) -> bool:
    """Return whether it is a number that can be reckoned with."""
    return type(value) in (int, float) and abs(value) <= MOST


def text(value: Any) -> bool:
    """Return whether it is a text."""
    return isinstance(value, str)


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(text, value))


def _address(value: Any) -> bool:
    return text(value) and MAC.fullmatch(value) is not None


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _evidence(value: Any) -> bool:
    return isinstance(value, list) and all(_object(v) and number(v.get("at")) for v in value)


def _steps(value: Any) -> bool:
    return isinstance(value, list) and all(
        _object(step) and number(step.get("seconds")) and number(step.get("amps"))
        for step in value
    )


def _phases(value: Any) -> bool:
    return isinstance(value, list) and all(
        _object(phase) and number(phase.get("amps")) and text(phase.get("source"))
        for phase in value
    )


def _or_none(check: Check) -> Check:
    return lambda value: value is None or check(value)


NEEDED: Mapping[str, Mapping[str, Check]] = {
    "identity": {
        **dict.fromkeys(NAMES, _or_none(text)),
        "consistent": _or_none(_truth),
        "evidence": _evidence,
    },
    "decision": {"granted": _or_none(_truth), "by": _or_none(text), "reasons": _texts},
    "recognition": {
        "stage": text,
        "confidence": lambda value: text(value) or number(value),
        "mac": _or_none(text),
        "label": _or_none(text),
        "reasons": _texts,
    },
    "second station": {"why": text},
    "access limit": {"amps": _or_none(number), "why": text},
    "locked out": {"seconds": number},
    "registration": {"on": _truth, "step": text, "says": text},
    "revoked": {"reasons": _texts},
    "matched": {"ev_mac": _address, "sounds": number, "attenuation_db": number},
    "pilot": {"state": text},
    "pilot fault": {"state": text},
    "contactor": {"closed": _truth},
    "contactor fault": {"welded": _truth},
    "limit": {"amps": number, "source": text},
    "forecast": {"steps": _steps},
    "current": {"amps": number},
    "limit told": {"amps": number, "source": text, "told_ms": number},
    "limit obeyed": {"amps": number, "source": text, "told_ms": number, "obeyed_ms": number},
    "limit ignored": {"step": text, "amps": number, "drawn": number, "seconds": number},
    "limit unwatched": {"why": text},
    "least current": {"amps": number, "refused": number},
    "wake": {"by": text},
    "wake ended": {"worked": _truth, "times": number},
    "reaction": {"seconds": number, "times": number},
    "least current found": {"amps": number, "final": _truth, "why": text},
    "modem": {
        "state": text,
        "trouble": _or_none(text),
        "maker": _or_none(text),
        "firmware": _or_none(text),
        "key": text,
        "link": _truth,
        "warnings": _texts,
    },
    "neighbour": {"ev_mac": text, "attenuation_db": number},
    "foreign station": {"modem_mac": text, "host_mac": text},
    "vehicle modem": {"mac": text, "firmware": _or_none(text)},
    "key": {"in_force": _truth},
    "SDP answered": {"address": text},
    "stream opened": {"address": text},
    "handshake failed": {"address": text, "why": text},
    "certificates": {"chains": _texts, "problems": _texts},
    "TLS downgrade": {"mac": text},
    "contract": {"emaid": text, "root": text},
    "contract refused": {"why": text, "code": text},
    "receipt": {"meter_id": text, "reading_wh": number},
    "session ended": {"how": text},
    "pulse width": {"why": text},
    "plugged in": {"plug_in": number},
    "unplugged": {"plug_in": number},
}
ALLOWED: Mapping[str, Mapping[str, Check]] = {
    "limit": {"why": text, "watts": number, "phases": _phases},
    "stream opened": {"tls": _object},
}


def check_note(event: str, details: Mapping[str, Any]) -> None:
    """Raise MalformedError where a note does not say what its name promises."""
    path = f"action.Noted.{event[:60]}"
    wrong = [name for name in RESERVED if name in details]
    wrong += [n for n, good in NEEDED.get(event, {}).items() if not _has(details, n, good)]
    optional = ALLOWED.get(event, {}).items()
    wrong += [n for n, good in optional if n in details and not good(details[n])]
    if wrong:
        raise MalformedError(f"says nothing of use as {', '.join(wrong)}", path=path)


def _has(details: Mapping[str, Any], name: str, good: Check) -> bool:
    return name in details and good(details[name])
