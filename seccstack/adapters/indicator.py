"""The light and the beeper of a running charger.

What is written to hardware is written by a thread of its own, which also does what moves, ten
times a second at most: a bus of LEDs that is slow keeps nobody waiting, the event loop least of
all. A LED or a beeper that fails is told, once until it works again, and never ends anything.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Protocol

import structlog

from seccstack.adapters.animation import DARK, FRAME_SECONDS, Level, frame
from seccstack.auth.enrolment_events import BeepPattern
from seccstack.config_front import Indicator as IndicatorConfig
from seccstack.indication import Light

SHORT_SECONDS, LONG_SECONDS, PAUSE_SECONDS = 0.1, 0.7, 0.15
AGAIN_SECONDS = 10.0  # between tries of what has failed, while nothing else is to be shown
MOST_ORDERS = 32  # that wait for the hardware; what is heard late says nothing any more
END_SECONDS = 1.0  # within which the light goes out with the charger
SEGMENTS = 4


class Indicator(Protocol):
    """What shows an outlet's state to whoever stands before it."""

    @property
    def troubles(self) -> tuple[str, ...]:
        """What of it does not work, and why."""

    def show(self, light: Light) -> None:
        """Show this from now on; returns at once."""

    def beep(self, pattern: BeepPattern) -> None:
        """Have it heard; returns at once."""

    def close(self) -> None:
        """Go dark and silent."""


class SimulatedIndicator:
    """Nobody sees it; what it would show is in the status and in the log anyway."""

    troubles: tuple[str, ...] = ()

    def __init__(self) -> None:
        self.light: Light | None = None
        self.heard: BeepPattern | None = None  # last

    def show(self, light: Light) -> None:
        """Remember it."""
        self.light = light

    def beep(self, pattern: BeepPattern) -> None:
        """Remember it."""
        self.heard = pattern

    def close(self) -> None:
        """Go dark."""
        self.light = None


class Lamp(Protocol):
    """One segment."""

    name: str

    def set(self, level: Level) -> None:
        """Be so bright, in blue and in red; OSError if it can't."""


class Sounder(Protocol):
    """What beeps."""

    name: str

    def sound(self, on: bool) -> None:
        """Begin or end to sound; OSError if it can't."""


Order = Light | BeepPattern | None  # None: end


class HardwareIndicator:
    """Four lamps and perhaps a sounder, and the thread that drives them."""

    def __init__(
        self,
        lamps: tuple[Lamp, ...],
        sounder: Sounder | None,
        log: structlog.typing.FilteringBoundLogger,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lamps = lamps
        self._sounder = sounder
        self._log = log
        self._clock = clock
        self._orders: queue.Queue[Order] = queue.Queue(MOST_ORDERS)
        self._light: Light | None = None
        self._since = 0.0
        self._levels: list[Level | None] = [None] * len(lamps)  # as written; None: not known
        self._sounding: Iterator[tuple[bool, float]] = iter(())
        self._sound_until: float | None = None
        self._troubles: dict[str, str] = {}
        self._thread = threading.Thread(target=self._run, name="indicator", daemon=True)
        self._thread.start()

    @property
    def troubles(self) -> tuple[str, ...]:
        """What of it does not work, and why."""
        return tuple(f"{name}: {why}" for name, why in sorted(self._troubles.copy().items()))

    def show(self, light: Light) -> None:
        """Show this from now on."""
        self._order(light)

    def beep(self, pattern: BeepPattern) -> None:
        """Have it heard, after what is being heard."""
        if self._sounder is not None:
            self._order(pattern)

    def close(self) -> None:
        """Go dark and silent; a LED that hangs is left to itself."""
        self._order(None)
        self._thread.join(END_SECONDS)

    def _order(self, order: Order) -> None:
        try:
            self._orders.put_nowait(order)
        except queue.Full:  # hardware that hangs: the newest counts
            self._orders.get_nowait()
            self._orders.put_nowait(order)

    # In the thread.

    def _run(self) -> None:
        waiting: list[BeepPattern] = []
        while True:
            try:
                order = self._orders.get(timeout=self._patience())
            except queue.Empty:
                pass
            else:
                if order is None:
                    self._go_dark()
                    return
                if isinstance(order, BeepPattern):
                    waiting = [*waiting, order][-MOST_ORDERS:]
                else:
                    self._light, self._since = order, self._clock()
            self._play(waiting)
            self._draw()

    def _patience(self) -> float:
        """Return how long nothing has to be done."""
        patience = AGAIN_SECONDS
        if self._light is not None and self._light.moves:
            patience = FRAME_SECONDS
        if self._sound_until is not None:
            patience = min(patience, self._sound_until - self._clock())
        return max(patience, 0.001)

    def _draw(self) -> None:
        if self._light is None:
            return
        for at, level in enumerate(frame(self._light, self._clock() - self._since)):
            self._set(at, level)

    def _set(self, at: int, level: Level) -> None:
        if self._levels[at] == level:
            return
        lamp = self._lamps[at]
        worked = self._try(lamp.name, lambda: lamp.set(level))
        self._levels[at] = level if worked else None

    def _play(self, waiting: list[BeepPattern]) -> None:
        """Go on with what is heard, if it is time; the next pattern begins after a pause."""
        now = self._clock()
        while self._sound_until is None or now >= self._sound_until:
            step = next(self._sounding, None)
            if step is None and not waiting:
                self._sound_until = None
                return
            if step is None:
                self._sounding = _steps(waiting.pop(0))
                continue
            on, seconds = step
            self._sound_until = now + seconds
            self._sound(on)

    def _sound(self, on: bool) -> None:
        sounder = self._sounder
        if sounder is not None:
            self._try(sounder.name, lambda: sounder.sound(on))

    def _go_dark(self) -> None:
        self._sound(False)
        for at in range(len(self._lamps)):
            self._set(at, DARK)

    def _try(self, name: str, work: Callable[[], None]) -> bool:
        try:
            work()
        except (OSError, ValueError) as error:  # ValueError: what a driver says is no number
            why = getattr(error, "strerror", None) or str(error)
            if self._troubles.get(name) != why:
                self._troubles[name] = why
                self._log.warning("indicator", part=name, why=why)
            return False
        if self._troubles.pop(name, None) is not None:
            self._log.info("indicator works again", part=name)
        return True


def _steps(pattern: BeepPattern) -> Iterator[tuple[bool, float]]:
    """Yield what is heard, and for how long."""
    for sign in pattern.value:
        yield True, LONG_SECONDS if sign == "-" else SHORT_SECONDS
        yield False, PAUSE_SECONDS
    yield False, LONG_SECONDS  # so that two patterns are two


def indicator_of(
    config: IndicatorConfig, log: structlog.typing.FilteringBoundLogger
) -> Indicator:
    """Make what is configured."""
    if config.kind == "simulated":
        return SimulatedIndicator()
    from seccstack.adapters.leds import lamps_of, sounder_of

    return HardwareIndicator(lamps_of(config), sounder_of(config), log)
