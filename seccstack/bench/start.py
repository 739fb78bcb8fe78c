"""From plug to energy, for twelve kinds of car: as was learned, beside what is fixed.

In virtual time: what counts is what charger and car wait for, not this machine. Each car has an
outlet of its own where everybody may charge, and comes again and again. Where it does nothing
once it has seen 5 %, its driver reads so, and plugs it in anew.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from statistics import median

from seccstack.auth import judgement
from seccstack.auth.decision import Policy as Access
from seccstack.bench.figures import Figure
from seccstack.events import Action, Event, Noted
from seccstack.experience import policy
from seccstack.outlet import Settings
from seccstack.pilot.settings import DEFAULTS
from seccstack.session.plant import Charger
from seccstack.sim.cars import KINDS, Kind
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import World

VISITS = 6
CHARGES = 20.0  # seconds, then it is unplugged
AWAY = 30.0  # until it comes again
NEVER = 400.0  # seconds after which nobody waits any more
DRIVER = 30.0  # from the word that it may help until it is plugged in anew
AUTO, FIXED = policy.Settings(policy.Policy.AUTO), policy.FIXED
LEARNED = "plug-in to energy, learned"


class Outlet:
    """One outlet, and the cars that come to it, one after the other."""

    def __init__(self, start: policy.Settings, seed: int = 0) -> None:
        self._octets = octets_of(seed)
        self._stuck = False
        settings = Settings(
            charger=Charger(evse_id="DE*SEC*E000001"),
            rated_amps=16.0,
            access=judgement.Settings(policy=Access.OPEN),
            pilot=DEFAULTS,
            start=start,
        )
        car = KINDS[0].car(self._octets)
        self.world = World(settings, car, registry=SimRegistry(), octets=self._octets)
        self.world.observers.append(self._observe)
        self.world.run(1.0)

    def _observe(self, now: float, event: Event | None, actions: Sequence[Action]) -> None:
        noted = (action.event for action in actions if isinstance(action, Noted))
        self._stuck = self._stuck or "stuck" in noted

    def visit(self, kind: Kind, number: int = 0) -> float | None:
        """Let a car come and charge; return after how many seconds it did."""
        world, self._stuck = self.world, False
        world.car = kind.car(self._octets, number)
        begun = world.now
        world.plug_in()
        while world.drawn == 0 and world.now < begun + NEVER:
            if self._stuck:
                self._plug_in_anew()
            world.run(world.now + 0.1)
        took = world.now - begun if world.drawn else None
        world.run(world.now + CHARGES)
        world.unplug()
        world.run(world.now + AWAY)
        return took

    def _plug_in_anew(self) -> None:
        self.world.run(self.world.now + DRIVER)
        self.world.unplug()
        self.world.run(self.world.now + 1.0)
        self._stuck = False
        self.world.plug_in()


def octets_of(seed: int) -> Callable[[int], bytes]:
    """Return a source of octets that look random and are the same each time."""
    count = itertools.count()
    return lambda n: hashlib.sha512(b"%d %d" % (seed, next(count))).digest()[:n]


def course(kind: Kind, start: policy.Settings, visits: int = VISITS) -> list[float | None]:
    """Return how long a car waited for energy, visit by visit."""
    outlet = Outlet(start)
    return [outlet.visit(kind, number) for number in range(visits)]


def figures() -> Iterator[Figure]:
    """Measure how soon each kind of car has energy."""
    for kind in KINDS:
        first, *later = course(kind, AUTO)
        fixed = course(kind, FIXED, VISITS - 1)
        took = [seconds for seconds in later if seconds is not None]
        note = f"first contact {_say(first)}, with fixed times {_say(_median(fixed))}"
        if len(took) < len(later):
            yield Figure(f"{LEARNED}, {kind.name}", "s", note=f"it does not charge; {note}")
        else:
            yield Figure(f"{LEARNED}, {kind.name}", "s", median(took), max(took), note=note)


def _median(seconds: Sequence[float | None]) -> float | None:
    found = sorted(NEVER if one is None else one for one in seconds)
    middle = found[len(found) // 2]
    return None if middle == NEVER else middle


def _say(seconds: float | None) -> str:
    return f"not in {NEVER:g} s" if seconds is None else f"{seconds:.1f} s"
