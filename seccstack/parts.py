"""The machines of one outlet, what they have in common, and the queue between them.

Whoever feeds a machine here has what comes of it queued, to be carried to whom it concerns; so
no machine is ever called from within another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, assert_never

from seccstack import admission, discovery, events
from seccstack.auth import contract, enrolment
from seccstack.auth import events as auth_events
from seccstack.auth.decision import Granted
from seccstack.auth.enrolment_events import Beep
from seccstack.energy import arbiter, floor, output, supply, waking, watchdog
from seccstack.experience.course import Course
from seccstack.front import Front
from seccstack.outlet import Settings
from seccstack.pilot import sequences
from seccstack.pilot.phases import Talking
from seccstack.pilot.port import LEAST_AMPS
from seccstack.pilot.settings import Fallback
from seccstack.plugin import PlugIn
from seccstack.session import events as session_events
from seccstack.session.plant import DcSupply, Plant
from seccstack.slac import station


class Parts:
    """``plug_in`` is dropped with the vehicle; the rest outlives it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.station = station.Station(settings.slac)
        self.discovery = discovery.Discovery(settings.tls)
        self.admission = admission.Admission(settings.access)
        self.enrolment = enrolment.Enrolment(settings.enrolment)
        self.contract = contract.ContractDesk(settings.contract)
        self.arbiter = arbiter.Arbiter(
            settings.sources,
            fail_safe_amps=settings.safe_amps,
            phases=settings.charger.phases,
            single_phase_amps=settings.single_phase_amps,
        )
        self.pilot = sequences.PilotLimits(settings.pilot)
        self.watchdog = watchdog.Watchdog(settings.watchdog, self.arbiter.limit.amps)
        self.course = Course()
        self.floor = floor.Floor(settings.floor)
        self.waker = _waker_of(settings)
        self.refused_amps = 0.0  # less than that is nothing to the vehicle
        self.output = _output_of(settings.charger.supply)
        self._output_on = False
        self.plug_in = PlugIn()
        self.front = Front()
        self.earlier: events.PausedFound | None = None  # until the pilot says who is there
        self.plant = Plant(limit_amps=self.arbiter.limit.amps)  # without what a session adds
        self.pending: deque[Any] = deque()
        self._out: list[events.Action] = []
        never = "" if settings.rated_amps else "its rated current is 0 A: it never charges"
        rating = arbiter.LimitOffered(arbiter.INSTALLATION, settings.rated_amps, reason=never)
        self.arbiter.receive(rating, 0.0)
        self.pending.append(self.arbiter.limit)  # also where the rating changes nothing

    def machines(self) -> Sequence[Any]:
        """All of them, in the order of their turns."""
        session, plug_in = self.plug_in.session, self.plug_in
        desks = [self.admission, self.enrolment, self.contract]
        always = [plug_in, self.pilot, self.station, *desks, self.arbiter, self.course]
        if self.output is not None:
            always.append(self.output)
        always += [self.floor, self.waker]
        always.append(self.watchdog)  # after who does by itself what it would do
        return always if session is None else [session, *always]

    @property
    def talking(self) -> bool:
        """Whether the pilot asks the vehicle to speak ISO 15118."""
        return isinstance(self.pilot.phase, Talking)

    def feed(self, machine: Any, event: Any, now: float) -> None:
        """Give an event to a machine."""
        self.pending.extend(machine.receive(event, now))

    def tell_session(self, event: Any, now: float) -> None:
        """Give an event to the session, if there is one."""
        if self.plug_in.session is not None:
            self.feed(self.plug_in.session, event, now)

    def share(self, change: session_events.Change, now: float) -> None:
        """Let the session of now, and every later one, know what is the case."""
        self.plant.take(change)
        self.tell_session(change, now)

    # Direct current.

    def guard(self, event: output.Event, now: float) -> None:
        """Give an event to the guard of the DC output, if this is a DC charger."""
        if self.output is not None:
            self.feed(self.output, event, now)

    def reported(self, report: supply.Report, now: float) -> None:
        """Let everybody know what the supply says."""
        match report:
            case supply.OutputMeasured(volts, amps):
                self.share(session_events.OutputMeasured(volts, amps), now)
            case supply.InsulationChecked(ok):
                self.note("insulation", ok=ok)
                self.guard(output.InsulationFound(ok), now)
                self.share(session_events.InsulationChecked(ok), now)
            case supply.SupplyFault(why):
                self.note("supply", fault=why)
                self.guard(output.SupplyFailed(why), now)
                self.share(session_events.SupplyFailed(why), now)
            case _:
                assert_never(report)

    def switched(self, on: bool) -> None:
        """Say when the output goes on or off; what is demanded of it in between is no news."""
        if on != self._output_on:
            self._output_on = on
            self.note("output", on=on)

    def watts(self, amps: float) -> float:
        """Return the power of a current per phase."""
        charger = self.settings.charger
        return amps * charger.nominal_volts * charger.phases

    def worth(self, amps: float) -> float:
        """Return what of a limit the vehicle can do anything with."""
        return 0.0 if 0 < amps < self.refused_amps else amps

    def emit(self, action: events.Action) -> None:
        """Hand an action to the world."""
        self._out.append(action)

    def note(self, event: str, **details: Any) -> None:
        """Tell the world what happened."""
        self.emit(events.Noted(event, details))

    def answer(self, card: auth_events.CardFound) -> None:
        """Have it heard what became of a card that was held up."""
        if (pattern := self.front.found(card)) is not None:
            self.emit(Beep(pattern))

    def show(self) -> None:
        """Have the light changed, if what is the case now is to be seen otherwise."""
        trouble, there = self.station.trouble, bool(self.plug_in.number)
        unopened = trouble == station.NOT_OPEN
        granted = there and isinstance(self.admission.decision, Granted)
        least = self.plant.least_amps if self.talking else LEAST_AMPS
        light = self.front.show(
            self.pilot.phase,
            registering=self.enrolment.on,
            starting=unopened and (not there or self.plug_in.connect_by is not None),
            mute=trouble is not None,
            suspended=granted and self.arbiter.limit.amps < least,
        )
        if light is not None:
            self.emit(events.Show(light))

    def emitted(self) -> Sequence[events.Action]:
        """Return what is to be done about it all, in order, once."""
        out, self._out = self._out, []
        return out


def _waker_of(settings: Settings) -> waking.Waker:
    faults = settings.pilot.fallback is Fallback.FAULT
    return waking.Waker(settings.pilot.wakes, faults)


def _output_of(dc: DcSupply | None) -> output.Output | None:
    if dc is None:
        return None
    return output.Output(
        supply.Limits(
            max_volts=dc.max_volts,
            max_amps=dc.max_amps,
            max_watts=dc.max_watts,
            min_volts=dc.min_volts,
            discharge_amps=dc.discharge_amps,
            discharge_watts=dc.discharge_watts,
        )
    )
