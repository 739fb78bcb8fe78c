"""How a vehicle is greeted: with 5 % and for how long, or by pulse width at once.

Theory of operation
-------------------
Before its first frame nothing names a vehicle, so the start is chosen for all who may come
(`seccstack.experience.household`): what one of them loses by it, times how probable it is.

- With no authorisation yet, nothing is lost by asking: 5 % for the whole window of SLAC. Only
  where nobody who comes here speaks, and one does not bear 5 %, is an authorisation waited for
  without pulses.
- With an authorisation, who does not speak waits in vain, and who speaks later than that loses
  its session, or has it on top of the pulses. The window is the one by which least is lost. It
  is none where those who come here say nothing; then 5 % is tried once in a while.
- Nobody who does not bear 5 % is shown it, as long as the start without has not failed.

As soon as a vehicle is named, what is known of that one replaces what is known of them all
(`again`), for as long as it is plugged in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from seccstack.experience.household import Guest, Household
from seccstack.experience.record import Experience

# Seconds; ours, where nothing else is said.
WINDOW = 50.0  # TT_EVSE_SLAC_init at most, and no window is longer
FIRST_WINDOW = 10.0  # TP_EV_SLAC_init: by then a vehicle that keeps to the standard has begun
LEAST_WINDOW = 3.0  # who has always begun within one second may once take two
MARGIN = 1.5  # of the time in which a vehicle has always spoken
TOLD_OFF = 4.0  # T_step_EF: what a vehicle that did not speak waits beside the window
MISSED = 40.0  # what a session that does not come about is worth, in seconds of waiting
LEAST_WINDOWS = (0.0, 10.0, 25.0, WINDOW)  # by how often a start has been relaxed
UNRELAXED = len(LEAST_WINDOWS) - 1  # steps after which even 5 % is tried with who is spared it
TRY_AGAIN = 10  # visits in a row without 5 %; somebody new may have come meanwhile


class Policy(Enum):
    """Who says how long a vehicle may be silent."""

    AUTO = "auto"  # what was learned of those who come here
    FIXED = "fixed"  # the pilot's settings, whoever comes


class Greeting(Enum):
    """How a vehicle is greeted."""

    FIVE = "5 %"
    PULSES = "pulse width"  # or X1, as long as there is no authorisation


@dataclass(frozen=True, slots=True)
class Settings:
    """``window``: TT_EVSE_SLAC_init; ``first``: for those of whom nothing is known."""

    policy: Policy = Policy.FIXED
    window: float = WINDOW
    first: float = FIRST_WINDOW


FIXED = Settings()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is known when a plug goes in.

    ``authorised``: it may charge, or will as soon as it asks. ``asked_who``: it is to say who
    it is. ``stuck``: the last one would not charge after 5 %, and left a moment ago.
    """

    household: Household
    authorised: bool = False
    asked_who: bool = False
    stuck: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """How to start, and why.

    ``seconds``: how long it may be silent at 5 % once it may charge; with any frame of its own,
    ``longest``. ``bold``: with less than the standard gives it, because of what was learned.
    ``waits``: there is no authorisation yet, and until there is, it is asked for ``longest``.
    """

    greeting: Greeting
    seconds: float
    longest: float
    why: str
    bold: bool = False
    waits: bool = False

    @property
    def asked_seconds(self) -> float | None:
        """How long it is asked to speak at 5 %, as things are; None: it is not."""
        if self.greeting is not Greeting.FIVE:
            return None
        return self.longest if self.waits else self.seconds


def planned(settings: Settings, arrival: Arrival) -> Plan:
    """Choose a start for whoever has come."""
    household, first = arrival.household, min(settings.first, settings.window)
    if arrival.asked_who:
        return _five(settings, settings.window, "it is to say who it is")
    if arrival.stuck:
        return _pulses(
            settings, "the last one did not charge after 5 %, and was plugged in anew"
        )
    spared = [guest for guest in household.guests if guest.spared and not _unspared(guest)]
    seconds, why = _window(household, first, settings.window)
    if not arrival.authorised:
        if spared and not any(guest.patience is not None for guest in household.guests):
            who = spared[0].name
            return _pulses(settings, f"{who} does not charge after 5 %, and nobody here speaks")
        then = f"{seconds:g} s" if seconds else "no longer"
        why = f"no authorisation yet, so nothing is lost by asking; then {then}, as {why}"
        return replace(_five(settings, seconds, why), waits=True)
    if spared:
        return _pulses(settings, f"{spared[0].name} does not charge after 5 %")
    if seconds:
        return _five(settings, seconds, why)
    if household.unasked >= TRY_AGAIN:
        return _five(
            settings, first, f"for {household.unasked} visits nobody was asked to speak"
        )
    return _pulses(settings, why)


def again(settings: Settings, known: Experience) -> Plan | None:
    """Choose anew for a vehicle that is named by now; None: little is known of it."""
    if known.patience is None or known.hopeless:
        return None
    seconds = _own(known.patience, known.relaxed, settings.window)
    return _five(
        settings, seconds, f"this vehicle has always spoken within {known.patience:.1f} s"
    )


def _five(settings: Settings, seconds: float, why: str) -> Plan:
    seconds = min(seconds, settings.window)
    bold = seconds < min(settings.first, settings.window)
    return Plan(Greeting.FIVE, seconds, settings.window, why, bold)


def _pulses(settings: Settings, why: str) -> Plan:
    return Plan(Greeting.PULSES, 0.0, settings.window, why, bold=True)


def _unspared(guest: Guest) -> bool:
    return guest.relaxed >= UNRELAXED


def _own(patience: float, relaxed: int, window: float) -> float:
    """Return the window of one vehicle."""
    return min(max(patience * MARGIN, LEAST_WINDOW, LEAST_WINDOWS[relaxed]), window)


def _window(household: Household, first: float, window: float) -> tuple[float, str]:
    """Return the window by which least is lost; 0: none."""
    if not household.guests:
        return first, f"nobody is known here, and {first:g} s are what the standard gives it"
    speak = {
        guest.who: _own(guest.patience, guest.relaxed, window)
        for guest in household.guests
        if guest.patience is not None
    }
    least = max(min(LEAST_WINDOWS[guest.relaxed], window) for guest in household.guests)
    offered = sorted({least, *(s for s in (first, *speak.values()) if s >= least)})
    best = min(offered, key=_loss(household, speak, first))
    if best == 0:
        return best, "those who come here say nothing"
    heard = [one.name for one in household.guests if speak.get(one.who, best + 1) <= best]
    if not heard:
        return best, f"somebody new would speak within {best:g} s"
    return best, f"{', '.join(heard[:3])} would have spoken within {best:g} s"


def _loss(
    household: Household, speak: dict[str, float], first: float
) -> Callable[[float], float]:
    """Return what a window costs, in seconds of waiting: one that may come is new, too."""

    def loss(seconds: float) -> float:
        waits = seconds + TOLD_OFF if seconds else 0.0
        new = household.stranger / 2  # half of all who are new speak, within the first window
        lost = new * (waits + (MISSED if seconds < first else 0.0))
        for guest in household.guests:
            within = speak.get(guest.who)
            missed = MISSED if within is not None and seconds < within else 0.0
            late = within is None or seconds < within
            lost += guest.share * (missed + (waits if late else 0.0))
        return lost

    return loss
