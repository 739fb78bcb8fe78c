"""The account of a plug-in that was recorded: by our own charger, or by whomever on the wire.

Of a wire alone nobody knows what was decided, nor the pilot; what can be said of it is what
`seccstack.capture` finds: whose doing it was, and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from seccstack import events
from seccstack.capture.case import ENERGY, Failure
from seccstack.capture.sessions import Session
from seccstack.capture.timeline import timeline_of
from seccstack.errors import MalformedError
from seccstack.explain.account import Accounts, Json
from seccstack.explain.answer import Answer, Turn
from seccstack.explain.reasons import DOCTOR, REPLUG
from seccstack.explain.steps import Chain
from seccstack.pilot.settings import Current
from seccstack.recording.lines import Ended, Leg, WrittenStep, read_line

WHERE = {
    "ev": "on the vehicle's side",
    "evse": "on the charger's side",
    "line": "on the powerline between them",
}
TURNS = {"ev": Turn.VEHICLE, "evse": Turn.OWNER, "line": Turn.ELECTRICIAN}
DO = {
    "ev": (REPLUG, "ask the vehicle's maker, with this capture"),
    "evse": ("ask the charger's maker, with this capture", "if it is ours: `seccstack drive`"),
    "line": (REPLUG, DOCTOR),
}


def of_recording(lines: Iterable[bytes]) -> list[Json]:
    """Return the accounts in a sidecar of our own; lines that can't be read are passed over."""
    accounts: Accounts | None = None
    now = 0.0
    for octets in lines:
        try:
            line = read_line(octets)
        except MalformedError:
            continue
        match line:
            case Leg() if accounts is None:
                accounts, now = _begun(line), line.t
            case WrittenStep(step) if accounts is not None:
                now = step.now
                with suppress(LookupError, TypeError, ValueError):  # a note may be damaged
                    accounts.observe(now, step.event, step.actions)
            case Ended(t):
                now = t
            case _:
                pass
    if accounts is None:
        return []
    return accounts.past() or accounts.to_json(now)


def _begun(leg: Leg) -> Accounts:
    accounts = Accounts(leg.offset / 1e9, dc=leg.settings.pilot.current is Current.DC)
    if leg.limit is not None:
        at, amps, by = leg.limit
        limit = events.Noted("limit", {"amps": amps, "source": by})
        accounts.observe(at, None, [limit])
    return accounts


def of_session(session: Session, number: int) -> Json:
    """Return the account of a plug-in in a capture; ``charged`` can't be known."""
    chain = Chain()
    for line in timeline_of(session):
        chain.add(session.started + line.at, f"{line.who}: {line}")
    return {
        "plug_in": number,
        "since": session.started,
        "until": None,
        "charged": None,
        "answer": _judged(session).to_json(),
        "also": [],
        "steps": [step.to_json() for step in chain.steps],
        "left_out": chain.left_out,
    }


def _judged(session: Session) -> Answer:
    failure = session.failure
    if failure is not None:
        return _blamed(failure)
    charged = any(_is_energy(message) for message in session.messages)
    cause = "charged" if charged else "no failure"
    first = "It charged, and nothing failed" if charged else "Nothing failed that can be seen"
    return Answer(cause, f"{first}: {session.ended}.", Turn.NOBODY)


def _is_energy(message: Any) -> bool:
    return message.name is not None and message.name[:-3] in ENERGY


def _blamed(failure: Failure) -> Answer:
    where = WHERE.get(failure.whose)
    if where is None:
        says = f"It cannot be said whose doing it was: {failure.why}."
        return Answer(f"failed: {failure.whose}", says, Turn.NOBODY)
    says = f"It failed {where}: {failure.why}."
    return Answer(f"failed: {failure.whose}", says, TURNS[failure.whose], DO[failure.whose])
