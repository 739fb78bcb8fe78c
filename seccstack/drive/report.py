"""What came of a drive, short and steady enough to be accepted once and held to afterwards.

It names no vehicle and no charger: who they were is none of a report's business, but whether
their claims agreed is. Times are from the beginning of the plug-in, in tenths of a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

Json = dict[str, Any]

CLAIMS = ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid")
DIGITS = 1  # of a second's fraction
MAX_CHANGES = 30  # told of one comparison; who sees so many looks at the reports themselves
STATIONS = re.compile(r"\b[0-9A-F]{12}\b|\bfe80::[0-9a-f:]+")


def report_of(session: Json) -> Json:
    """Return the report of a session object of a drive."""
    started = session["started"]
    report = {
        "protocol": session["protocol"],
        "tls": session["tls"],
        "claims": [claim for claim in CLAIMS if session["identity"][claim] is not None],
        "consistent": session["identity"]["consistent"],
        "matching": _matching(session["slac"]),
        "exchanges": _told_once(_exchanges(session["messages"])),
        "ended": session["ended"],
        "errors": [error["message"] for error in session["errors"]],
        "decision": _decision(session["decision"]),
        "limits": [
            f"{limit['amps']:g} A, set by {limit['source']}" for limit in session["limits"]
        ],
        "contactor": [
            {"seconds": _since(started, change["t"]), "closed": change["closed"]}
            for change in session["contactor"]
        ],
        "partings": [
            {"seconds": _since(started, p["t"])} | {k: p[k] for k in p if k != "t"}
            for p in session["partings"]
        ],
    }
    nameless: Json = _nameless(report, _names(session))
    return nameless


def changes(accepted: Any, found: Any, where: str = "") -> list[str]:
    """Say what is otherwise than was accepted, in words; nothing: it is the same."""
    told = list(_changes(accepted, found, where))
    more = len(told) - MAX_CHANGES
    return told if more <= 0 else [*told[:MAX_CHANGES], f"and {more} more"]


def _since(started: float, t: float) -> float:
    return round(t - started, DIGITS)


def _matching(slac: Json | None) -> Json | None:
    if slac is None:
        return None
    return {name: slac[name] for name in ("matched", "parm_req", "sounds", "attenuation_db")}


def _decision(decision: Json | None) -> Json | None:
    return decision and {name: decision[name] for name in ("granted", "by")}


def _exchanges(messages: Sequence[Json]) -> Iterator[str]:
    """Yield a line for each request with its answer, or for whatever stands alone."""
    asked = ""
    for message in messages:
        name = message["name"] or "a message that can't be decoded"
        if asked and name == f"{asked.removesuffix('Req')}Res":
            yield ": ".join([asked.removesuffix("Req"), *_said(message["body"])])
            asked = ""
            continue
        if asked:
            yield f"{asked}, unanswered"
        asked = name if name.endswith("Req") else ""
        if not asked:
            yield name
    if asked:
        yield f"{asked}, unanswered"


def _said(body: Json | None) -> list[str]:
    """Return what of a response decides how the car goes on."""
    content: Any = body
    while isinstance(content, Mapping) and "ResponseCode" not in content:
        content = [None, *content.values()][-1]  # what is named last is the body
    if content is None:
        return []
    told = [content[key] for key in ("ResponseCode", "EVSEProcessing") if key in content]
    return [", ".join(told)]


def _told_once(lines: Iterator[str]) -> list[str]:
    told: list[tuple[str, int]] = []
    for line in lines:
        if told and told[-1][0] == line:
            told[-1] = (line, told[-1][1] + 1)
        else:
            told.append((line, 1))
    return [line if times == 1 else f"{line}, {times} times" for line, times in told]


def _names(session: Json) -> dict[str, str]:
    named = {session["identity"][claim]: "VEHICLE" for claim in CLAIMS}
    named |= {(session["slac"] or {}).get("evse_mac"): "CHARGER"}
    return {name: role for name, role in named.items() if name}


def _nameless(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _nameless(one, names) for key, one in value.items()}
    if isinstance(value, list):
        return [_nameless(one, names) for one in value]
    if not isinstance(value, str):
        return value
    for name, role in names.items():
        value = value.replace(name, role)
    return STATIONS.sub("STATION", value)


def _changes(accepted: Any, found: Any, where: str) -> Iterator[str]:
    if isinstance(accepted, dict) and isinstance(found, dict):
        for key in dict.fromkeys([*accepted, *found]):
            yield from _changes(accepted.get(key), found.get(key), _below(where, key))
    elif _are_texts(accepted) and _are_texts(found):
        yield from _lines(accepted, found, where)
    elif isinstance(accepted, list) and isinstance(found, list):
        for number, (old, new) in enumerate(zip_longest(accepted, found), start=1):
            yield from _changes(old, new, _below(where, str(number)))
    elif accepted != found:
        yield f"{where}: {_short(accepted)} was accepted, now it is {_short(found)}"


def _below(where: str, key: str) -> str:
    return f"{where}/{key}" if where else key


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _lines(accepted: list[str], found: list[str], where: str) -> Iterator[str]:
    for how, i, j, k, m in SequenceMatcher(a=accepted, b=found, autojunk=False).get_opcodes():
        if how != "equal":
            old, new = (" | ".join(lines) for lines in (accepted[i:j], found[k:m]))
            yield f"{where}, line {i + 1}: {old or 'nothing'!s} became {new or 'nothing'!s}"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}..."
