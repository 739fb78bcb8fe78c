"""What is the case at one outlet, and what follows from it for the contactor."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum

from seccstack.pilot.contactor import Contactor
from seccstack.pilot.port import LEAST_AMPS, PilotState
from seccstack.pilot.settings import (
    DEFAULTS,
    GREET_AFTER_FAULT,
    MOST_FAULTS,
    SHOW_DIODE,
    WAKE_SPACING,
    Greeting,
    Settings,
)

PRESENT = {PilotState.CONNECTED, PilotState.READY, PilotState.READY_VENTILATED}
DRAWING = {PilotState.READY, PilotState.READY_VENTILATED}
FAULTY = {PilotState.SHORTED, PilotState.UNAVAILABLE}


class Haste(Enum):
    """How long a vehicle may take to stop where a limit leaves it nothing."""

    NONE = "none"  # its session may rest at 0 A for a while
    SOON = "soon"  # it is asked to stop without waiting for that
    NOW = "now"  # the contactor opens: what carries the current is in doubt


@dataclass(frozen=True, slots=True)
class Conditions:
    """All that the contactor depends on."""

    vehicle_ready: bool  # state C, or D where there is ventilation; and we can see it
    energy_allowed: bool  # by the session's word, or by the pulses
    authorised: bool  # this very plug-in
    limit_amps: float  # as it is, or 0 if a stop is wanted
    may_stay: bool = False  # closed if it is closed: the vehicle is given its time to stop
    least_amps: float = LEAST_AMPS  # less is not worth closing it for

    @property
    def missing(self) -> tuple[str, ...]:
        """What stands in the way of energy, in words."""
        demands = {
            "the vehicle is not ready": self.vehicle_ready,
            "energy is not allowed yet": self.energy_allowed,
            "this plug-in is not authorised": self.authorised,
            f"the limit is below {self.least_amps:g} A": 0 < self.limit_amps >= self.least_amps,
        }
        return tuple(words for words, met in demands.items() if not met)

    def guard(self, told: bool | None) -> bool | None:
        """Say what the contactor must be told now: the only place where it is told to close."""
        if not self.missing:
            return None if told else True
        if told and self.vehicle_ready and self.authorised and self.may_stay:
            return None
        return None if told is False else False


@dataclass(slots=True)
class Situation:
    """What was told last, by whom it may concern."""

    settings: Settings = DEFAULTS
    contactor: Contactor = field(default_factory=Contactor)
    limit_amps: float = 0.0
    haste: Haste = Haste.NONE
    least_amps: float = LEAST_AMPS  # that it can be told by messages, and follows

    vehicle: PilotState | None = None
    blind: bool = False  # the line shows the F that we drive
    simplified: bool = False  # from A to C at once: a vehicle without S2
    pulses_since: float | None = None  # when they began, if the line carries any
    diode_shown: bool = False  # they have lasted long enough to tell

    faults: int = 0  # of the line, since it was last empty
    greet_at: float = -math.inf  # no vehicle is greeted earlier

    plug_in: int = 0  # the present one, or the last
    granted: int | None = None  # the plug-in that may charge
    stopped: bool = False  # somebody wants an orderly end
    asked_who: bool = False  # the next vehicle is to say who it is
    expected: bool = False  # the next vehicle's authorisation is there before it
    greeting: Greeting | None = None  # how it is greeted, if not as the settings say
    toggling: bool = False  # what the vehicle does to the line is a message, and no wish
    high_level: bool = False  # ISO 15118 is being spoken
    in_session: bool = False  # a V2G session has begun
    word: bool | None = None  # what the session said of energy, as long as it speaks
    wakes: int = 0  # how often we have made it speak, or charge, again after a session
    wakes_refused: int | None = None  # after so many it is known to sleep on
    wake_at: float = -math.inf  # not earlier, the next time

    @property
    def present(self) -> bool:
        """Whether a vehicle is there."""
        return self.vehicle in PRESENT

    @property
    def awaits_greeting(self) -> bool:
        """Whether it is seen there, and may be greeted sooner or later."""
        return self.present and not self.blind and self.greet_at < math.inf

    @property
    def ready(self) -> bool:
        """Whether it may be given energy: D only where there is ventilation."""
        ventilated = self.settings.ventilated
        fit = DRAWING if ventilated else {PilotState.READY}
        return self.vehicle in fit and not self.blind

    @property
    def authorised(self) -> bool:
        """Whether the authorisation is this plug-in's."""
        return self.granted == self.plug_in

    @property
    def amps(self) -> float:
        """What may be drawn."""
        return 0.0 if self.stopped else self.limit_amps

    @property
    def offer(self) -> float | None:
        """What pulses ought to offer, if anything."""
        may = self.authorised and self.word is not False and self.amps >= LEAST_AMPS
        return self.amps if may else None

    @property
    def patience(self) -> float:
        """How long a digital session may rest at 0 A until it is asked to stop."""
        hasty = self.stopped or self.haste is not Haste.NONE
        return 0.0 if hasty else self.settings.zero_limit_seconds

    @property
    def speak_seconds(self) -> float:
        """How long it may be silent at 5 % once it may charge."""
        given = self.greeting
        return self.settings.speak_seconds if given is None else given.speak_seconds

    @property
    def longest_at(self) -> float:
        """Until when somebody who has spoken is waited for, if for longer than that."""
        if self.greeting is None or self.pulses_since is None:
            return -math.inf
        return self.pulses_since + self.greeting.longest_seconds

    @property
    def at_once(self) -> bool:
        """Whether nothing may be drawn, and nobody is given any time."""
        return self.haste is Haste.NOW and self.limit_amps == 0

    def fault(self, now: float) -> None:
        """Count a fault of the line; a vehicle that comes back after it has to wait."""
        self.faults += 1
        self.greet_at = now + GREET_AFTER_FAULT if self.faults <= MOST_FAULTS else math.inf

    def clear(self) -> None:
        """Note that the line is empty, and sound."""
        self.faults = 0
        self.greet_at = -math.inf

    def pulse(self, on: bool, now: float) -> None:
        """Note whether the line carries pulses."""
        if not on:
            self.pulses_since, self.diode_shown = None, False
        elif self.pulses_since is None:
            self.pulses_since = now

    def look(self, now: float) -> None:
        """Note that the pulses have lasted long enough, if they have."""
        due = self.diode_due
        self.diode_shown = self.diode_shown or (due is not None and now >= due)

    @property
    def diode_due(self) -> float | None:
        """When a missing diode would have shown, if that lies ahead."""
        if self.pulses_since is None or self.diode_shown:
            return None
        return self.pulses_since + SHOW_DIODE

    def begin(self) -> None:
        """Start the next plug-in; what was granted ahead may be granted to it."""
        self.plug_in += 1
        self.wakes, self.wakes_refused, self.wake_at = 0, None, -math.inf

    @property
    def may_wake(self) -> bool:
        """Whether it bears to be woken once more; once is always worth it."""
        refused = self.wakes_refused
        borne = math.inf if refused is None else max(refused - 1, 1)
        return self.wakes < min(self.settings.wakes, borne)

    def wake(self, now: float) -> None:
        """Count that it is woken; each time it is left alone for twice as long afterwards."""
        self.wakes += 1
        self.wake_at = now + WAKE_SPACING * 2**self.wakes

    def end(self) -> None:
        """Void all that belonged to a plug-in."""
        self.granted = None
        self.stopped = self.toggling = False
        self.hush()

    def hush(self) -> None:
        """Note that nobody speaks ISO 15118 any more: nobody's word counts."""
        self.high_level = self.in_session = False
        self.word = None
