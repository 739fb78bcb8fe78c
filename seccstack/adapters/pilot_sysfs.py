"""The kernel's files and lines behind a pilot controller: pulses, two voltages, two contacts.

Relay and feedback go over the GPIO character device, and not over /sys/class/gpio: a line of
that one keeps its value when the program dies, and kernels of today come without it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from seccstack.config_pilot import NONE, Board
from seccstack.pilot.voltage import Peaks

PERIOD_NANOSECONDS = 1_000_000  # 1 kHz
CONSUMER = "seccstack"
OPEN_SHARE = 0.98  # of its supply that a contact has at which nothing is plugged in


class Pwm:
    """One channel of a chip in /sys/class/pwm: high is +12 V at the line, low is -12 V."""

    def __init__(self, root: Path, chip: int, channel: int) -> None:
        self._chip = root / f"pwmchip{chip}"
        self._channel = channel
        self._path = self._chip / f"pwm{channel}"
        self._duty: int | None = None

    def open(self) -> None:
        """Begin at X1; OSError says what is missing."""
        if not self._path.exists():
            _write(self._chip / "export", self._channel)
        self._duty = None
        if _read(self._path / "duty_cycle") > PERIOD_NANOSECONDS:
            _write(self._path / "duty_cycle", 0)  # the kernel refuses a shorter period
        _write(self._path / "period", PERIOD_NANOSECONDS)
        self.drive(1.0)
        _write(self._path / "enable", 1)

    def drive(self, duty: float) -> None:
        """Be high for this part of the period."""
        nanoseconds = int(duty * PERIOD_NANOSECONDS + 1e-6)
        if nanoseconds != self._duty:
            _write(self._path / "duty_cycle", nanoseconds)
            self._duty = nanoseconds


class Adc:
    """The two files that say the line's peaks, in IIO or hwmon."""

    def __init__(self, board: Board) -> None:
        self._high, self._low = Path(board.high), Path(board.low)
        self._board = board

    def read(self) -> Peaks:
        """Read both; OSError or ValueError: there is no voltage."""
        board = self._board
        high = _read(self._high) * board.high_scale + board.high_offset
        low = _read(self._low) * board.low_scale + board.low_offset
        return Peaks(high, low)


class ProximityContact:
    """The file that says the voltage at a socket's proximity contact."""

    def __init__(self, board: Board) -> None:
        self._board = board

    def read(self) -> float | None:
        """Return its resistance to earth; None: there is none, or no voltage of it."""
        board = self._board
        if not board.proximity:
            return None
        try:
            counts = _read(Path(board.proximity))
        except (OSError, ValueError):
            return None
        volts = counts * board.proximity_scale + board.proximity_offset
        if volts >= OPEN_SHARE * board.proximity_volts:
            return math.inf
        return max(0.0, board.proximity_ohms * volts / (board.proximity_volts - volts))


class Contacts(Protocol):
    """The relay's coil, and the contacts that say where the contactor is, and what is asked."""

    def open(self) -> None:
        """Take the lines, with the coil released; OSError says why not."""

    def energise(self, on: bool) -> None:
        """Energise or release the coil."""

    def closed(self) -> bool:
        """Whether the contactor is closed."""

    def peak_load(self) -> bool | None:
        """Whether the network operator's contact is on; None: there is none."""

    def close(self) -> None:
        """Release the coil, and the lines."""


class GpioContacts:
    """Lines of a GPIO chip, by libgpiod."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._request: Any = None
        self._energised = False

    def open(self) -> None:
        """Take the lines, with the coil released."""
        try:
            import gpiod  # an extra, for boards like this alone
            from gpiod.line import Direction, Value
        except ImportError as error:
            why = "Python's gpiod is not installed: pip install 'seccstack[gpio]'"
            raise OSError(0, why) from error
        board = self._board
        relay = gpiod.LineSettings(
            direction=Direction.OUTPUT,
            active_low=board.relay_active_low,
            output_value=Value.INACTIVE,
        )
        feedback = gpiod.LineSettings(
            direction=Direction.INPUT, active_low=board.feedback_active_low
        )
        lines: dict[Iterable[int | str] | int | str, gpiod.LineSettings | None]
        lines = {board.relay: relay, board.feedback: feedback}
        if board.peak_load != NONE:
            lines[board.peak_load] = gpiod.LineSettings(
                direction=Direction.INPUT, active_low=board.peak_load_active_low
            )
        self._request = gpiod.request_lines(board.gpio_chip, config=lines, consumer=CONSUMER)
        self._energised = False

    def energise(self, on: bool) -> None:
        """Energise or release the coil."""
        from gpiod.line import Value

        if on is not self._energised:
            self._request.set_value(self._board.relay, Value.ACTIVE if on else Value.INACTIVE)
            self._energised = on

    def closed(self) -> bool:
        """Whether the contactor is closed."""
        return bool(self._request.get_value(self._board.feedback).value)

    def peak_load(self) -> bool | None:
        """Whether the network operator's contact is on; None: there is none."""
        line = self._board.peak_load
        return None if line == NONE else bool(self._request.get_value(line).value)

    def close(self) -> None:
        """Release the coil, and the lines."""
        if self._request is not None:
            try:
                self.energise(False)
            finally:
                self._request.release()
                self._request = None


def _read(path: Path) -> int:
    return int(path.read_text().partition("\n")[0])


def _write(path: Path, value: int) -> None:
    # Never created: a name that is not the kernel's is an error.
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.write(file, f"{value}\n".encode())
    finally:
        os.close(file)
