"""What a charger asks for before it lets a vehicle charge: one or several ways, in words.

"card or contract" has two ways of one factor each; "autocharge and card" has one way of two.
"""

from __future__ import annotations

from enum import Enum

from seccstack.auth.decision import Granted, Policy
from seccstack.errors import UsageError

MAX_WAYS = 3  # of three factors there are no more of which none contains another

AND, OR = " and ", " or "


class Factor(Enum):
    """What may speak for a vehicle; the values are what a grant is called by."""

    CARD = "card"
    CONTRACT = "contract"
    AUTOCHARGE = "autocharge"  # that it says, throughout, to be one that is registered


Way = tuple[Factor, ...]

CARD, CONTRACT, CLAIMS = (Factor.CARD,), (Factor.CONTRACT,), (Factor.AUTOCHARGE,)
USUAL = {
    Policy.OPEN: (CARD, CONTRACT),
    Policy.CARD: (CARD, CONTRACT),
    Policy.AUTOCHARGE: (CARD, CONTRACT, CLAIMS),
}


def ways_of(text: str) -> tuple[Way, ...]:
    """Read "autocharge and card or contract"; UsageError if it is something else.

    The first ways are those that say most of who it is. One that asks for more than another is
    left out: whoever has that has the other.
    """
    try:
        ways = {frozenset(Factor(word) for word in way.split(AND)) for way in text.split(OR)}
    except ValueError as error:
        raise UsageError(f"{text!r} is no policy: {error}") from error
    least = [way for way in ways if not any(other < way for other in ways)]
    ordered = [tuple(sorted(way, key=_place)) for way in least]
    return tuple(sorted(ordered, key=lambda way: [_place(factor) for factor in way]))


def name_of(way: Way) -> str:
    """Call a way by its factors."""
    return AND.join(factor.value for factor in way)


def rests_on(decision: object, factor: Factor | Policy) -> bool:
    """Whether something was granted, and for this too."""
    return isinstance(decision, Granted) and factor.value in decision.by.split(AND)


def _place(factor: Factor) -> int:
    return list(Factor).index(factor)
