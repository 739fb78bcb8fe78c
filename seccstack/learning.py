"""How a vehicle is greeted, by what is known of those who come here; and what it teaches.

Between the outlet and `seccstack.experience`: what crosses the one, the other is told, and what
that chooses, the pilot is told. With the policy "fixed" nothing is chosen, and still learned.
"""

from __future__ import annotations

from typing import Any

from seccstack import admission
from seccstack.auth.decision import Granted
from seccstack.energy import supply
from seccstack.experience import choice, policy, seen
from seccstack.experience.course import Stuck
from seccstack.experience.policy import Arrival, Greeting, Plan, Policy
from seccstack.experience.words import explained
from seccstack.messages.codec import Schema
from seccstack.parts import Parts
from seccstack.pilot import limits, settings
from seccstack.pilot.port import LEAST_AMPS, Digital, Limit, Signal
from seccstack.pilot.settings import Current, Start
from seccstack.pilot.situation import DRAWING, PRESENT
from seccstack.session import events as session_events
from seccstack.session.plant import Protocol
from seccstack.slac import station

# The first is all that is spoken by a vehicle that no protocol of ours is good enough for.
BEGINS = frozenset({"supportedAppProtocolReq", "SessionSetupReq"})
# What a protocol's sessions begin in, by which its experience is kept.
NAMES = {
    Protocol.ISO20: Schema.ISO20_COMMON.value,
    Protocol.ISO2: Schema.ISO2.value,
    Protocol.DIN: Schema.DIN.value,
}
STARTS = {Greeting.FIVE: Start.DIGITAL, Greeting.PULSES: Start.NOMINAL}


class Learning:
    """Follows what crosses the outlet, and has the pilot start as was learned."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._plan: Plan | None = None
        self._says: tuple[str, ...] = ()  # of the present vehicle, as it was told last

    # How it starts.

    def expect(self, changed: limits.PilotChanged, now: float) -> None:
        """Choose a start for the vehicle that has just come, if one has."""
        if self._parts.plug_in.number or changed.state not in PRESENT:
            return
        self._plan = self._chosen(now)
        if self._plan is not None:
            self._tell(self._plan, now)

    def _chosen(self, now: float) -> Plan | None:
        parts, outlet = self._parts, self._parts.settings
        if outlet.start.policy is Policy.FIXED or outlet.pilot.current is Current.DC:
            return None
        ahead = parts.admission.card_grants(now)
        for start, applies, why in (
            (outlet.pilot.start_authorised, ahead, "its authorisation was there before it"),
            (outlet.pilot.start, not ahead, "its owner wants it so (pilot.start)"),
        ):
            if applies and start is Start.NOMINAL and not parts.enrolment.on:
                return Plan(Greeting.PULSES, 0.0, outlet.start.window, why)
        return policy.planned(
            outlet.start,
            Arrival(
                parts.course.household,
                authorised=ahead or outlet.access.open,
                asked_who=parts.enrolment.on,
                stuck=parts.course.suspects(now),
            ),
        )

    def _tell(self, plan: Plan, now: float) -> None:
        greeting = settings.Greeting(STARTS[plan.greeting], plan.seconds, plan.longest)
        self._parts.feed(self._parts.pilot, limits.StartPlanned(greeting), now)

    def greeted(self, now: float) -> None:
        """It is there; where everybody may charge, it need not say who it is first."""
        parts, plan, self._says = self._parts, self._plan, ()
        if plan is None:
            self._teach(seen.Arrived(), now)
        else:
            self._teach(seen.Arrived(plan.bold, min(plan.seconds, seen.LISTENED)), now)
        if parts.station.trouble is not None:
            self._teach(seen.Deaf(), now)
        if plan is None or parts.talking is not (plan.greeting is Greeting.FIVE):
            return  # a vehicle without S2 has no choice
        asked = plan.asked_seconds
        told = {} if asked is None else {"seconds": round(asked, 1)}
        parts.note("start", greeting=plan.greeting.value, **told, why=plan.why)
        if parts.settings.access.open:
            parts.feed(parts.admission, admission.Wanted(), now)

    def found(self, now: float) -> None:
        """It is known what this vehicle does: from now on it is greeted as that one."""
        parts, known = self._parts, self._parts.course.known
        says = explained(known) if known.visits else ()
        if says and says != self._says:
            parts.note("experience", says=list(says))
        self._says = says
        anew = policy.again(parts.settings.start, known)
        if self._plan is not None and anew is not None:
            self._plan = anew
            self._tell(anew, now)

    def stuck(self, told: Stuck) -> None:
        """It may be one that does not bear 5 %, or be full."""
        self._parts.note("stuck", seconds=told.seconds)

    def avoided(self, at: float) -> frozenset[Protocol]:
        """Return what is better not spoken with this vehicle; ``at``: seconds since 1970."""
        if self._parts.settings.start.policy is Policy.FIXED:
            return frozenset()
        failing = choice.failing(self._parts.course.known, at)
        return frozenset(one for one, name in NAMES.items() if name in failing)

    # What it teaches.

    def follow(self, crossing: Any, now: float) -> None:
        """Take note of an event or an action that may teach something."""
        match crossing:
            case limits.PilotChanged(state) if state in DRAWING:
                self._teach(seen.WantedEnergy(), now)
            case station.Troubled():
                self._teach(seen.Deaf(), now)
            case limits.PilotFault():
                self._teach(seen.LineFaulted(), now)
            case limits.Apply(signal):
                self._teach(seen.Carries(_greeting_of(signal)), now)
            case limits.SetContactor(True) if self._parts.output is None:
                self._teach(seen.GotEnergy(), now)
            case supply.SetOutput(volts) if volts > 0:
                self._teach(seen.GotEnergy(), now)
            case session_events.Exchanged("ev", schema, name) if name in BEGINS:
                self._teach(seen.Spoken(schema.value), now)
            case session_events.SessionEnded(how) if self._blames:
                why = (
                    how.why if isinstance(how, session_events.Broken) else "it went no further"
                )
                if not isinstance(how, session_events.Paused):
                    self._teach(seen.SessionFailed(why), now)
            case _:
                pass

    def named(self, mac: bytes, now: float) -> None:
        """That one it is, as far as it says."""
        self._teach(seen.Named(mac, self._parts.plug_in.watch.fingerprint), now)

    def left(self, now: float) -> None:
        """It is gone, and what it did is kept if it is sure who did it."""
        identity = self._parts.admission.identity
        self._teach(seen.Left(consistent=identity.consistent is not False), now)

    @property
    def _blames(self) -> bool:
        """Whether a vehicle that ends its session now has nobody to blame for it but itself."""
        parts = self._parts
        granted = isinstance(parts.admission.decision, Granted) and parts.plug_in.stop is None
        return granted and parts.arbiter.limit.amps >= LEAST_AMPS

    def _teach(self, event: seen.Event, now: float) -> None:
        self._parts.feed(self._parts.course, event, now)


def _greeting_of(signal: Signal) -> Greeting | None:
    match signal:
        case Digital():
            return Greeting.FIVE
        case Limit():
            return Greeting.PULSES
        case _:
            return None
