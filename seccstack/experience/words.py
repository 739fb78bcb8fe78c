"""What is known of a vehicle, in plain words."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from seccstack.experience.record import Experience, Look


def explained(known: Experience) -> tuple[str, ...]:
    """Say what is known in plain words, a sentence per thing."""
    said = (words(known) for words in SENTENCES)
    return tuple(one for one in said if one)


def _of_visits(known: Experience) -> str:
    return f"has been here {_times(known.visits)}" if known.visits else "has not been here"


def _of_slac(known: Experience) -> str:
    if known.first_slac:
        usual, late = median(known.first_slac), known.patience
        silent = f"; {_times(known.never_spoke)} it did not" if known.never_spoke else ""
        return f"speaks SLAC after {usual:.1f} s, {late:.1f} s at the latest{silent}"
    return f"has been silent at 5 % {_times(known.never_spoke)}" if known.never_spoke else ""


def _of_five(known: Experience) -> str:
    if not known.faulted_at_five:
        return ""
    until = ", until it is plugged in anew" if known.needs_replug else ""
    return f"does not charge after 5 %{until} (seen {_times(known.faulted_at_five)})"


def _of_starts(known: Experience) -> str:
    return f"starts more cautiously by {known.relaxed} of 3 steps" if known.relaxed else ""


def _of_waking(known: Experience) -> str:
    ways = [f"{w.way.value} {w.worked} of {w.worked + w.failed}" for w in known.wakings]
    if not ways:
        return ""
    borne = f", bears {known.wakes_borne} in one plug-in" if known.wakes_borne else ""
    refused = f", not {known.wakes_refused}" if known.wakes_refused else ""
    return f"wakes up by {', '.join(ways)}{borne}{refused}"


def _of_least(known: Experience) -> str:
    least = known.least
    if least is None:
        return ""
    further = ", and no further" if least.final else ""
    return f"follows down to {least.amps:g} A ({least.found.value}){further}"


def _of_following(known: Experience) -> str:
    within = known.follows_within
    if within is None:
        return ""
    return f"follows a limit after {median(known.follows):.1f} s, {within:.1f} s at the latest"


def _of_protocols(known: Experience) -> str:
    said = []
    for one in known.protocols:
        why = f" ({one.why})" if one.in_a_row and one.why else ""
        said.append(f"{one.protocol} worked {one.worked} of {one.worked + one.failed}{why}")
    return "; ".join(said)


def _of_looks(known: Experience) -> str:
    looks = known.looks
    if looks.verdict is Look.UNTRIED:
        return ""
    return (
        f"a look at its state of charge: {looks.verdict.value} "
        f"({looks.well} well, {looks.badly} badly)"
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


SENTENCES: tuple[Callable[[Experience], str], ...] = (
    _of_visits,
    _of_slac,
    _of_five,
    _of_starts,
    _of_waking,
    _of_least,
    _of_following,
    _of_protocols,
    _of_looks,
)
