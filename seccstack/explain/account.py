"""The accounts of an outlet: of the present plug-in, and of the last few.

One of them is, as JSON (`seccstack why --json`, and whatever page shows it):

- ``plug_in``: its number; null where nothing is plugged in;
- ``since``, ``until``: when it was plugged in and unplugged, in seconds since 1970; ``until``
  null: it is still there;
- ``charged``: for how many seconds it has had power;
- ``answer``: ``cause`` (a name that stays the same), ``says`` (one sentence), ``turn``
  (whose turn it is: driver, owner, electrician, vehicle, charger or nobody), ``do`` (commands
  and settings, in words). Of who is gone, it is how things stood just before;
- ``also``: sentences on what else is the case;
- ``steps``: how it came to that: ``t``, ``says``, ``times`` (how often in a row) and ``until``
  (when last); ``left_out``: how many steps in the middle were not kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any

from seccstack import events
from seccstack.explain.answer import Answer, lasted
from seccstack.explain.failures import fallback
from seccstack.explain.rules import answer_of
from seccstack.explain.situation import Situation
from seccstack.explain.steps import Chain, asked, done
from seccstack.pilot.port import Fault

KEPT = 5  # plug-ins that are over: "it was the one before last" is what owners still know
DIGITS = 3  # of a second's fraction

Json = dict[str, Any]


class Accounts:
    """Keeps them; `observe` is given every step of an outlet.

    ``offset`` is added to every time of the outlet's, to make it one since 1970; ``dc``:
    whether it gives direct current.
    """

    def __init__(self, offset: float = 0.0, *, dc: bool = False) -> None:
        self._offset = offset
        self._case = Situation(dc=dc)
        self._chain = Chain()
        self._before: Answer | None = None  # as it was before the line said that it is gone
        self._over: deque[Json] = deque(maxlen=KEPT)

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take one step: what the outlet was told (None: only time), what it did."""
        if self._case.visit is not None:
            self._case.heard(event)
            self._tell(asked(event), now)
        for action in actions:
            self._take(action, now)

    def to_json(self, now: float) -> list[Json]:
        """Return the accounts, the present one first."""
        return [self._present(now), *reversed(self._over)]

    def past(self) -> list[Json]:
        """Return those of plug-ins that are over, the last one first."""
        return list(reversed(self._over))

    def _take(self, action: events.Action, now: float) -> None:
        noted = action.event if isinstance(action, events.Noted) else ""
        if noted == "pilot":
            self._before = answer_of(self._case, now) if self._case.visit is not None else None
        if not self._echoes(action):
            self._tell(done(action, now), now)
        if noted == "unplugged" and self._case.visit is not None:
            self._end(now)
        if noted in ("plugged in", "unplugged"):
            self._chain = Chain()
            self._tell(done(action, now), now)
        self._case.did(action, now)

    def _echoes(self, action: events.Action) -> bool:
        """Whether it is told that the line is in the state F that we drive ourselves."""
        told = action.details.get("state") if isinstance(action, events.Noted) else None
        return told == "F" and self._case.signal == Fault()

    def _tell(self, sentences: Iterator[str], now: float) -> None:
        for says in sentences:
            self._chain.add(self._time(now), says)

    def _end(self, now: float) -> None:
        """Keep the account of a vehicle that is gone, as things stood before that."""
        account = self._present(now)
        if self._case.pilot == "A" and self._before is not None:
            account["answer"] = self._before.to_json()
        account["until"] = self._time(now)
        self._over.append(account)

    def _present(self, now: float) -> Json:
        visit = self._case.visit
        return {
            "plug_in": None if visit is None else visit.number,
            "since": None if visit is None else self._time(visit.since),
            "until": None,
            "charged": round(self._case.charged(now), DIGITS),
            "answer": answer_of(self._case, now).to_json(),
            "also": list(also(self._case, now)),
            "steps": [step.to_json() for step in self._chain.steps],
            "left_out": self._chain.left_out,
        }

    def _time(self, now: float) -> float:
        return round(now + self._offset, DIGITS)


def also(case: Situation, now: float) -> Iterator[str]:
    """Say what else is the case that an owner would want to know."""
    if case.powerline:
        dead = "is dead, and is restarted again and again" if case.modem == "dead" else ""
        yield f"the modem {dead}" if dead else fallback(case.powerline).says
    if case.network:
        yield f"nobody can connect: the network is lost ({case.network})"
    if now < case.locked_until:
        left = lasted(case.locked_until - now)
        yield f"after too many strangers, no address alone is enough for another {left}"
    if case.registering and case.visit is not None:
        yield "vehicles and cards are being registered"
    if case.visit is not None and (battery := case.visit.battery) is not None:
        said = f"{battery.percent} %, as {battery.source} said {lasted(now - battery.at)} ago"
        yield f"its battery is at {said}{'' if battery.can_be else ', which cannot be'}"
    if case.certificates:
        yield f"certificates for TLS: {'; '.join(case.certificates)}"
