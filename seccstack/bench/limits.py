"""From the decision of a limit to the vehicle: our share of the time; and a day of a house.

What a vehicle takes to ask again, and then to follow, is its own time and not counted.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence

from seccstack.adapters.driver import Driver
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.auth import judgement
from seccstack.auth.decision import Policy
from seccstack.bench.figures import Figure, figure_of
from seccstack.chargepoint import ChargePoint
from seccstack.energy import household, solar
from seccstack.energy.sharing import Settings as Sharing
from seccstack.events import Action, BytesReceived, Event, LimitOffered
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.port import PilotState
from seccstack.pilot.settings import Start
from seccstack.session.plant import Charger
from seccstack.sim.demo import stage
from seccstack.sim.household import DAY, FUSE_AMPS, Household

AIM = "under 5 ms, p99 under 50 ms"
CHANGES = 250  # of a limit, a second of virtual time apart
FINEST = 0.1  # amperes
RUNS = 20  # sessions, with some changes each: until the car is full
CHANGES_EACH = 10
LIMITS = (10.0, 13.0, 7.5)
CHARGES_AT = 15.0  # seconds; the demonstration's car has been drawing for a while
DAYS = 3
OWNER = "owner"
RATED = 32.0


def figures() -> Iterator[Figure]:
    """Measure both ways to a vehicle, and a day."""
    yield figure_of("limit decided, to the response with it", "ms", by_message(), aim=AIM)
    duty = asyncio.run(by_pulses())
    yield figure_of("limit decided, to the duty cycle at the pilot", "ms", duty, aim=AIM)
    aim = "under 10 s"
    yield figure_of("a day of a house and its charger", "s", days(), aim=aim)


class _Watch:
    """Stands before a charge point, and adds up what a limit has cost until it is told."""

    def __init__(self, charge_point: ChargePoint) -> None:
        self._charge_point = charge_point
        self._spent: float | None = None  # milliseconds, since a limit was decided
        self.samples: list[float] = []

    @property
    def deadline(self) -> float | None:
        """The charge point's."""
        return self._charge_point.deadline

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event; the octets of a request are answered with the limit of now."""
        begun = time.perf_counter()
        actions = self._charge_point.receive(event, now)
        took = (time.perf_counter() - begun) * 1000
        if isinstance(event, LimitOffered):
            self._spent = took
        elif self._spent is not None and isinstance(event, BytesReceived):
            self.samples.append(self._spent + took)
            self._spent = None
        return actions

    def tick(self, now: float) -> Sequence[Action]:
        """Let time pass."""
        return self._charge_point.tick(now)


def by_message(runs: int = RUNS) -> Sequence[float]:
    """Return milliseconds, of sessions by ISO 15118-2: the decision, and the answer."""
    return [sample for _ in range(runs) for sample in _session()]


def _session() -> Sequence[float]:
    world = stage(Policy.OPEN, secrets.token_bytes)
    watch = _Watch(world.charge_point)
    world.charge_point = watch  # type: ignore[assignment]  # it is used as a machine only
    world.run(CHARGES_AT)
    for change in range(CHANGES_EACH):
        world.tell(LimitOffered(OWNER, LIMITS[change % len(LIMITS)]))
        world.run(world.now + 1.0)
    return watch.samples


async def by_pulses() -> Sequence[float]:
    """Return milliseconds, as the process does it: a driver, a queue, and the pilot's port."""
    pilot, orders = SimulatedPilot(), asyncio.Queue[limits.Apply | limits.SetContactor]()
    driver = Driver(ChargePoint(_outlet()), lambda action: _order(orders, action))
    driver.feed(limits.PilotChanged(PilotState.CONNECTED))
    samples = []
    while not orders.empty():
        orders.get_nowait()
    for change in range(CHANGES):  # downwards: what rises has to wait for 5 s
        begun = time.perf_counter()
        driver.feed(LimitOffered(OWNER, round(RATED - (change + 1) * FINEST, 1)))
        order = orders.get_nowait()  # a change without an order is no change
        if isinstance(order, limits.Apply):
            await pilot.apply(order.signal)
        samples.append((time.perf_counter() - begun) * 1000)
    driver.close()
    return samples


def _order(orders: asyncio.Queue[limits.Apply | limits.SetContactor], action: Action) -> None:
    if isinstance(action, limits.Apply | limits.SetContactor):
        orders.put_nowait(action)


def _outlet() -> Settings:
    return Settings(
        charger=Charger(evse_id="DE*SEC*E000001"),
        rated_amps=RATED,
        access=judgement.Settings(policy=Policy.OPEN),
        pilot=pilot_settings.Settings(start=Start.NOMINAL),
    )


def days(seconds: Iterable[int] = range(DAY)) -> Sequence[float]:
    """Return seconds that a day takes in which the fuse and the sun are shared out."""
    house = household.Settings(connection_amps=FUSE_AMPS, step_amps=24.0)
    samples = []
    for _ in range(DAYS):
        begun = time.perf_counter()
        Household(Sharing(house=house, sun=solar.Settings(mode=solar.Mode.STRICT))).live(
            seconds
        )
        samples.append(time.perf_counter() - begun)
    return samples
