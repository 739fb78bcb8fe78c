"""A whole charge of the simulated car: our share of the time."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any

from seccstack.auth.decision import Policy
from seccstack.bench.figures import Figure, figure_of
from seccstack.chargepoint import ChargePoint
from seccstack.events import Action, Event
from seccstack.sim.demo import END, stage
from seccstack.slac import station

RUNS = 30


class _Stopwatch:
    """Stands before a charge point and adds up the time that is spent in it."""

    def __init__(self, charge_point: ChargePoint) -> None:
        self._charge_point = charge_point
        self.spent = 0.0  # milliseconds
        self.longest: dict[str, list[float]] = {}

    @property
    def deadline(self) -> float | None:
        """The charge point's."""
        return self._charge_point.deadline

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take the time of an event."""
        begun = time.perf_counter()
        actions = self._charge_point.receive(event, now)
        return self._add(begun, type(event).__name__, actions)

    def tick(self, now: float) -> Sequence[Action]:
        """Take the time of a tick."""
        begun = time.perf_counter()
        return self._add(begun, "tick", self._charge_point.tick(now))

    def _add(self, begun: float, kind: str, actions: Sequence[Action]) -> Sequence[Action]:
        took = (time.perf_counter() - begun) * 1000
        self.spent += took
        self.longest.setdefault(kind, []).append(took)
        return actions


def our_share() -> Iterator[Figure]:
    """Measure the computing time between a vehicle's first ask and its authorisation."""
    totals, frames = [], []
    for _ in range(RUNS):
        world = stage(Policy.AUTOCHARGE, secrets.token_bytes)
        watch = _Stopwatch(world.charge_point)
        world.charge_point = watch  # type: ignore[assignment]  # it is used as a machine only
        begun: list[float] = []
        done: list[float] = []

        def observe(
            now: float,
            event: Event | None,
            actions: Sequence[Action],
            watch: _Stopwatch = watch,
            begun: list[float] = begun,
            done: list[float] = done,
        ) -> None:
            if not begun and isinstance(event, station.FrameReceived):
                begun.append(watch.spent)
            if not done and any(_grants(action) for action in actions):
                done.append(watch.spent)

        world.observers.append(observe)
        world.run(END)
        totals.append(done[0] - begun[0])
        frames += watch.longest["FrameReceived"]
    aim = "under 10 ms"
    yield figure_of("CM_SLAC_PARM.REQ to authorised, our share", "ms", totals, aim=aim)
    yield figure_of("one powerline frame, in to out", "ms", frames)


def _grants(action: Any) -> bool:
    return getattr(action, "event", "") == "decision" and action.details["granted"] is True
