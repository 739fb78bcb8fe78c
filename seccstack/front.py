"""What is seen and heard at the front of an outlet: its light, and the word on a card.

A card that is held up outside the ritual of registration is answered with a beep as soon as
the registry has: a short one if it is good, the signal of trouble if not. That a charge was
stopped is the long one. A vehicle that is recognised is answered by its charge only.
"""

from __future__ import annotations

from typing import Any

from seccstack.auth.decision import objection
from seccstack.auth.enrolment_events import BeepPattern, PassOn
from seccstack.auth.events import CardFound
from seccstack.energy import supply
from seccstack.indication import Light, Standing, light_of
from seccstack.pilot import limits
from seccstack.pilot.phases import Barred, Phase, Welded
from seccstack.pilot.port import Fault, PilotState, Signal
from seccstack.pilot.situation import DRAWING


class Front:
    """Follows what crosses the outlet, and remembers what it has shown."""

    def __init__(self) -> None:
        self._pilot: PilotState | None = None
        self._signal: Signal | None = None
        self._on = False  # the contactor, or the DC output
        self._supply_fault = ""
        self._card: str | None = None
        self._shown: Light | None = None

    def follow(self, crossing: Any) -> None:
        """Take note of an event or an action that has to do with what is shown."""
        match crossing:
            case limits.PilotChanged(state):
                self._pilot = state
            case limits.Apply(signal):
                self._signal = signal
            case limits.SetContactor(closed):
                self._on = closed
            case supply.SetOutput(volts):
                self._on = volts > 0
            case supply.SupplyFault(why):
                self._supply_fault = why
            case PassOn(card, ask=True):  # of one before it nobody waits any more
                self._card = card.uid
            case _:
                pass

    def show(
        self, phase: Phase, *, registering: bool, starting: bool, mute: bool, suspended: bool
    ) -> Light | None:
        """Return the light that is to be shown from now on; None: the same as before."""
        unknown = starting or self._pilot is None
        light = light_of(
            Standing(
                starting=unknown,
                charging=self._on and self._pilot in DRAWING,
                suspended=suspended,
                broken=self._is_broken(phase),
                mute=mute and not unknown,
                registering=registering,
            )
        )
        before, self._shown = self._shown, light
        return None if light == before else light

    def _is_broken(self, phase: Phase) -> bool:
        ours = self._signal == Fault()  # F is our own echo then, a step on the way down
        line = self._pilot is PilotState.SHORTED
        line |= self._pilot is PilotState.UNAVAILABLE and not ours
        return line or isinstance(phase, Barred | Welded) or bool(self._supply_fault)

    def found(self, card: CardFound) -> BeepPattern | None:
        """Say how the card is answered, if it is waited for and the ritual does not do it."""
        if card.uid != self._card:
            return None
        self._card = None
        if card.failed:
            return BeepPattern.REGISTRY
        if card.record is None or objection(card.record) is not None:
            return BeepPattern.REFUSED
        return None if card.record.setup else BeepPattern.SHORT
