"""Who uses one outlet, and how often: all that is known of a vehicle before it has spoken.

Nothing names a vehicle before its first frame. What is known at plug-in is who was here before:
those that come often are the ones to expect. Each of the last visits counts, the latest most.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import msgspec
from msgspec import Meta

from seccstack.errors import MalformedError, UsageError
from seccstack.experience.port import SILENT, Key, parse_key
from seccstack.experience.record import TWICE, At, Experience

KEPT = "visits"  # the name under which a box keeps them
MAX_VISITS = 40  # some weeks of a household's; each has some 60 octets
MAX_GUESTS = 12  # of them that are told apart; a household has fewer
HALVES = 8.0  # visits after which one counts half as much
HALF_LIFE = 60 * 86_400.0  # seconds after which it does, too: a vehicle was sold


@dataclass(frozen=True, slots=True)
class Visit:
    """A vehicle was here: ``who``, a `Key` in writing; ``five``: it began with 5 %."""

    at: At
    who: Annotated[str, Meta(max_length=80)]
    five: bool = True


@dataclass(frozen=True, slots=True)
class Guest:
    """One that may come next: with which probability, and what is known of it.

    ``patience``: within how many seconds it has always spoken; None: it does not speak, or to
    no end. ``spared``: it is not to be shown 5 %, unless a start without has failed too often.
    """

    who: str
    share: float
    patience: float | None = None
    spared: bool = False
    relaxed: int = 0
    label: str = ""

    @property
    def name(self) -> str:
        """What it is called."""
        silent = "a vehicle that says nothing" if self.who == str(SILENT) else self.who
        return self.label or silent


@dataclass(frozen=True, slots=True)
class Household:
    """Those who may come, the most probable first; ``unasked``: visits in a row without 5 %."""

    guests: tuple[Guest, ...] = ()
    unasked: int = 0

    @property
    def stranger(self) -> float:
        """How probable it is that somebody comes who has not been here."""
        return 1.0 - sum(guest.share for guest in self.guests)


NOBODY = Household()


def with_visit(visits: Sequence[Visit], visit: Visit) -> tuple[Visit, ...]:
    """Return the visits with one more; the oldest goes."""
    return (*visits, visit)[-MAX_VISITS:]


def household_of(
    visits: Sequence[Visit],
    recall: Callable[[Key], Experience | None],
    now: float,
    label: Callable[[Key], str] = lambda key: "",
) -> Household:
    """Sum up who comes here; ``now``: seconds since 1970, ``label``: what owners call them."""
    weights: dict[str, float] = {}
    for place, visit in enumerate(reversed(visits)):
        age = max(now - visit.at, 0.0)
        weight = 0.5 ** (place / HALVES + age / HALF_LIFE)
        weights[visit.who] = weights.get(visit.who, 0.0) + weight
    known = [
        (key, weight, found)
        for key, weight in ((parse_key(who), weight) for who, weight in weights.items())
        if (found := recall(key)) is not None
    ]
    total = sum(weight for _, weight, _ in known) + 1.0  # somebody new counts as one visit
    guests = [guest_of(key, weight / total, found, label(key)) for key, weight, found in known]
    unasked = next((n for n, visit in enumerate(reversed(visits)) if visit.five), len(visits))
    return Household(tuple(sorted(guests, key=lambda one: -one.share)[:MAX_GUESTS]), unasked)


def guest_of(key: Key, share: float, known: Experience, label: str = "") -> Guest:
    """Return what of a vehicle's experience matters for its start."""
    return Guest(
        str(key),
        round(share, 4),
        patience=None if known.hopeless else known.patience,
        spared=_minds_five(key, known),
        relaxed=known.relaxed,
        label=label,
    )


def _minds_five(key: Key, known: Experience) -> bool:
    """Whether it is sure enough that it does not bear 5 %.

    A line that faulted once under somebody who said nothing may have been a plug that bounced,
    and what the silent ones are known for is held against all who come here.
    """
    once = known.needs_replug or key != SILENT
    return known.faulted_at_five >= (1 if once else TWICE)


def dump(visits: Sequence[Visit]) -> str:
    """Write visits as a text."""
    return msgspec.json.encode(visits).decode()


def load(text: str) -> tuple[Visit, ...]:
    """Read what `dump` wrote; MalformedError if it is something else."""
    try:
        visits = msgspec.json.decode(text, type=tuple[Visit, ...])
        for visit in visits:
            parse_key(visit.who)
    except (msgspec.DecodeError, UsageError) as error:
        raise MalformedError(str(error), path=KEPT) from error
    return visits[-MAX_VISITS:]
