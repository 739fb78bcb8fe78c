"""The pilot sequences, and the contactor's guard (IEC 61851-1, annex A; ISO 15118-3).

Theory of operation
-------------------
A plug-in goes through phases (`seccstack.pilot.phases`); each has its signal, which is never
set beside it. Events only note what is now the case. `_settle` then moves from phase to phase
until nothing moves any more (`seccstack.pilot.transitions`), drives the line, and asks the
guard about the contactor.

Where "energy is allowed" comes from depends on who speaks. At 5 % it is the session's word
alone (`EnergyAllowed`, from PowerDelivery). At pulse width pulses that offer a current are the
permission, and state C the request, unless it is a toggle meant for SLAC; a session on top of
them has to ask like any other. Either way the pulses must have lasted 100 ms: no vehicle
without a diode stays hidden.

The contactor is *closed* by its guard alone, if four conditions hold. It is *opened* at once
when the vehicle is no longer ready (C to B, unplugged, E, F) or energy or authorisation have
ended, after X1 where there were pulses. Only a limit that falls, and `StopWanted`, give the
vehicle its time: X1, 3 s for its S2, opened under load after 6 s. At 5 % a limit below 6 A is
the session's matter; at 0 A a ladder begins: after a while `StopRequested`, then X1, then open;
`LimitIgnored` climbs it at once, as does a limit that is set in `Haste`, or else opens. A
withdrawn authorisation is meant: for an orderly end, `StopWanted` comes first.

A fault of the line (E, or F which is not ours) ends the plug-in, and with it the authorisation:
nobody saw whether it was the same vehicle that came back. That one waits 10 s for its greeting,
and after a few faults until the line has been empty. An F that we drive is no fault.

A pulse width that shrinks is applied at once, one that grows 5 s after the last change, so the
line never offers more than the limit. Before the first `LimitSet` the limit is 0.
"""

from __future__ import annotations

from typing import assert_never

from seccstack.pilot import hearing, transitions
from seccstack.pilot.limits import (
    Action,
    Apply,
    AuthorisationEnded,
    AuthorisationExpected,
    Authorised,
    ContactorChanged,
    ContactorFault,
    EnergyAllowed,
    Event,
    HighLevelEnded,
    HighLevelFailed,
    HighLevelPaused,
    HighLevelStarted,
    LeastKnown,
    LimitIgnored,
    LimitSet,
    PilotChanged,
    PilotFault,
    PluggedIn,
    SetContactor,
    StartPlanned,
    StopRequested,
    StopWanted,
    ToggleExpected,
    Unplugged,
    WaitEnded,
    WakesKnown,
    WakeWanted,
)
from seccstack.pilot.phases import (
    Barred,
    Halting,
    Offering,
    Phase,
    Rested,
    Stepping,
    Talking,
    Vacant,
    Welded,
    plugged_in,
    signal_of,
)
from seccstack.pilot.port import MOST_AMPS, Digital, Fault, Limit, PilotState, Signal
from seccstack.pilot.settings import DEFAULTS, HOLD_FAULT, Settings
from seccstack.pilot.situation import FAULTY, Conditions, Situation


class PilotLimits:
    """One outlet's pilot line and contactor."""

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        self._case = Situation(settings)
        self._phase: Phase = Vacant()
        self._signal: Signal | None = None

    @property
    def plug_in(self) -> int:
        """The number of the present plug-in, or of the last."""
        return self._case.plug_in

    @property
    def phase(self) -> Phase:
        """Where it stands."""
        return self._phase

    def conditions(self, now: float) -> Conditions:
        """Return what the guard looks at; its `missing` answers "why is it not charging?"."""
        return transitions.conditions(self._phase, self._case, now)

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        phase, case = self._phase, self._case
        phase_due = transitions.deadline(phase, case)
        deadlines = (phase_due, transitions.contactor_due(phase, case), case.diode_due)
        return min((d for d in deadlines if d is not None), default=None)

    def tick(self, now: float) -> list[Action]:
        """Let every deadline up to now pass."""
        if self.deadline is None or now < self.deadline:
            return []
        return self._settle(now)

    def receive(self, event: Event, now: float) -> list[Action]:
        """Take an event; a deadline that was missed comes first."""
        actions = self.tick(now)
        actions += self._note(event, now)
        return actions + self._settle(now)

    def _note(self, event: Event, now: float) -> list[Action]:
        case = self._case
        match event:
            case PilotChanged(state):
                return self._on_pilot(state, now)
            case ContactorChanged(closed):
                case.contactor = case.contactor.report(closed, now)
            case LimitSet(amps, haste):
                case.limit_amps = float(min(amps, MOST_AMPS)) if amps > 0 else 0.0
                case.haste = haste
            case WakeWanted(by_fault):
                self._phase = transitions.woken(self._phase, case, by_fault, now)
            case WakesKnown(refused):
                case.wakes_refused = refused
            case LeastKnown(amps):
                case.least_amps = amps
            case Authorised(plug_in):
                self._phase = hearing.authorised(self._phase, case, plug_in)
            case AuthorisationExpected(on, asked_who):
                case.expected, case.asked_who = on, asked_who
            case StartPlanned(greeting):
                case.greeting = greeting
            case AuthorisationEnded():
                case.granted = None
            case StopWanted(why):
                return self._on_stop(why)
            case LimitIgnored(overdue):
                return self._enter(hearing.limit_ignored(self._phase, overdue, now), now)
            case EnergyAllowed(on):
                hearing.energy_allowed(self._phase, case, on)
            case HighLevelStarted(matched, in_session):
                self._phase = hearing.spoken(self._phase, case, matched, in_session, now)
            case HighLevelPaused():
                self._phase = hearing.paused(self._phase, case, now)
            case HighLevelFailed(_, lost):
                return self._hush(transitions.failed(self._phase, case, lost, now), now)
            case ToggleExpected(on):
                case.toggling = on and plugged_in(self._phase)
            case HighLevelEnded():
                if case.high_level:
                    return self._hush(transitions.ended(self._phase, case, now), now)
            case _:
                assert_never(event)
        return []

    def _on_pilot(self, state: PilotState, now: float) -> list[Action]:
        case, before, drives_f = self._case, self._case.vehicle, self._signal == Fault()
        self._phase = hearing.vehicle_seen(self._phase, case, state, drives_f)
        if case.blind:
            return []
        actions = self._command(now)  # a vehicle that is gone: before anything else
        if state in FAULTY and state is not before:
            case.fault(now)
            actions.append(PilotFault(state))
        return actions

    def _on_stop(self, why: str) -> list[Action]:
        if self._case.stopped or not plugged_in(self._phase):
            return []
        self._phase = hearing.stop_wanted(self._phase, self._case)
        return [StopRequested(why)] if self._case.high_level else []

    def _hush(self, phase: Phase, now: float) -> list[Action]:
        self._case.hush()
        return self._enter(phase, now)

    def _settle(self, now: float) -> list[Action]:
        actions: list[Action] = []
        self._case.look(now)
        while True:
            before = self._phase, self._case.contactor
            actions += self._supervise(now)
            actions += self._advance(now)
            actions += self._drive(now)
            actions += self._command(now)
            if (self._phase, self._case.contactor) == before:
                return actions

    def _advance(self, now: float) -> list[Action]:
        """Move on until nothing moves; the line sees only where that ends."""
        actions: list[Action] = []
        while (phase := transitions.advance(self._phase, self._case, now)) != self._phase:
            silent = isinstance(self._phase, Talking) and isinstance(phase, Stepping)
            actions += [WaitEnded(self._case.speak_seconds)] if silent else []
            actions += self._enter(phase, now)
        return actions

    def _enter(self, phase: Phase, now: float) -> list[Action]:
        """Change the phase, and say what that means for others."""
        before, self._phase = self._phase, phase
        match before, phase:
            case (Vacant(), _) if plugged_in(phase):
                self._case.begin()
                return [PluggedIn(self.plug_in)]
            case (_, Vacant() | Welded()):
                self._case.end()
                return [Unplugged()] if plugged_in(before) else []
            case (Talking(asked_to_stop=False), Talking(asked_to_stop=True)):
                return [StopRequested(f"the limit is {self._case.amps:g} A")]
            case (Rested(woken=False), Talking() | Offering()):
                self._case.wake(now)
            case (Halting(), Rested()):
                self._case.hush()
            case _:
                pass
        return []

    def _drive(self, now: float) -> list[Action]:
        signal = signal_of(self._phase)
        if signal == self._signal:
            return []
        self._signal = signal
        self._case.pulse(isinstance(signal, Digital | Limit), now)
        return [Apply(signal)]

    def _command(self, now: float) -> list[Action]:
        closed = self.conditions(now).guard(self._case.contactor.told)
        if closed is not None:
            self._case.contactor = self._case.contactor.order(closed, now)
        return [] if closed is None else [SetContactor(closed)]

    def _supervise(self, now: float) -> list[Action]:
        due = transitions.contactor_due(self._phase, self._case)
        if due is None or now < due:
            return []
        if self._case.contactor.told:
            return [ContactorFault(welded=False), *self._enter(Barred(), now)]
        gone = self._enter(Welded(now + HOLD_FAULT), now)
        return [ContactorFault(welded=True), PilotFault(PilotState.UNAVAILABLE), *gone]
