"""Lamps and a beeper as Linux has them on boards.

LEDs are files, whatever drives them (GPIO, PWM, a chip on I2C): `brightness` from 0 to
`max_brightness` in a folder of /sys/class/leds; one with all colours has `multi_index`, which
names them, and `multi_intensity` for their mixture. A beeper is one of two things: an input
device that takes EV_SND, as pwm-beeper, gpio-beeper and the PC's speaker are; or, on boards
that have only a pin for it, a LED by the device tree, though it is none.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from seccstack.adapters.animation import Level
from seccstack.adapters.indicator import Lamp, Sounder
from seccstack.config_front import Indicator as IndicatorConfig

LEDS = Path("/sys/class/leds")
# struct input_event: two longs of time, which the kernel does not look at; type, code, value.
INPUT_EVENT = struct.Struct("@llHHi")
EV_SYN, EV_SND = 0x00, 0x12
SND_TONE = 0x02
HERTZ = 2400  # where most piezo beepers are loudest; one of a GPIO has its own tone


class Led:
    """A LED of one colour."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder

    def set(self, level: float) -> None:
        """Be so bright, from 0 to 1; what is not dark is lit, however few steps there are."""
        most = int(_read(self._folder / "max_brightness"))
        lit = max(1, round(level * most)) if level > 0 else 0
        _write(self._folder / "brightness", str(lit))


class PairedLamp:
    """A blue LED and a red one."""

    def __init__(self, blue: Led, red: Led, brightness: float) -> None:
        self.name = f"{blue.name} and {red.name}"
        self._leds = blue, red
        self._brightness = brightness

    def set(self, level: Level) -> None:
        """Be so bright."""
        for led, part in zip(self._leds, level, strict=True):
            led.set(part * self._brightness)


class MulticolorLamp:
    """A LED with all colours."""

    def __init__(self, folder: Path, brightness: float) -> None:
        self.name = folder.name
        self._folder = folder
        self._led = Led(folder)
        self._brightness = brightness

    def set(self, level: Level) -> None:
        """Be so bright: the mixture first, which is seen with the brightness after it."""
        blue, red = level
        lit = max(level)
        if lit > 0:
            parts = {"blue": blue / lit, "red": red / lit}
            most = int(_read(self._folder / "max_brightness"))
            colours = _read(self._folder / "multi_index").split()
            mixture = " ".join(str(round(most * parts.get(one, 0.0))) for one in colours)
            _write(self._folder / "multi_intensity", mixture)
        self._led.set(lit * self._brightness)


class LedSounder:
    """A beeper that is a LED by name."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._led = Led(folder)

    def sound(self, on: bool) -> None:
        """Begin or end."""
        self._led.set(float(on))


class InputSounder:
    """A beeper that is an input device."""

    def __init__(self, device: str) -> None:
        self.name = device

    def sound(self, on: bool) -> None:
        """Begin or end; opened for each, for a device that comes back is another."""
        tone = INPUT_EVENT.pack(0, 0, EV_SND, SND_TONE, HERTZ if on else 0)
        device = os.open(self.name, os.O_WRONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        try:
            os.write(device, tone + INPUT_EVENT.pack(0, 0, EV_SYN, 0, 0))
        finally:
            os.close(device)


def lamps_of(config: IndicatorConfig, leds: Path = LEDS) -> tuple[Lamp, ...]:
    """Return the four segments."""
    brightness = config.brightness / 100
    if config.multicolor:
        return tuple(MulticolorLamp(leds / name, brightness) for name in config.multicolor)
    pairs = zip(config.blue, config.red, strict=True)
    return tuple(
        PairedLamp(Led(leds / blue), Led(leds / red), brightness) for blue, red in pairs
    )


def sounder_of(config: IndicatorConfig, leds: Path = LEDS) -> Sounder | None:
    """Return what beeps, if anything does."""
    if not config.beeper:
        return None
    if config.beeper.startswith("/"):
        return InputSounder(config.beeper)
    return LedSounder(leds / config.beeper)


def _read(path: Path) -> str:
    return path.read_text(encoding="ascii").strip()


def _write(path: Path, text: str) -> None:
    """Write to what is there; the kernel, too, would make no file."""
    device = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(device, text.encode())
    finally:
        os.close(device)
