"""What is found of an outlet's front: the reader of cards, the light, what beeps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seccstack.adapters.leds import LEDS
from seccstack.adapters.reader import reader_of
from seccstack.adapters.unavailable import UnavailableError
from seccstack.config_front import Indicator, Reader
from seccstack.doctor.finding import Finding, ok, warn
from seccstack.doctor.judgement import simulated
from seccstack.errors import ConfigError

LOOK_SECONDS = 3.0  # for a service that does not answer


def reader(config: Reader, running: Mapping[str, Any] | None) -> Finding:
    """Look for the reader; a running charger has it, and says how it is."""
    if config.kind == "simulated":
        return simulated("card reader", "`seccstack tell card` holds cards to it")
    told = None if running is None else running.get("reader")
    if told is not None:
        if told["trouble"] is None:
            return ok("card reader", f"{told['name']}, in use by the running charger")
        return _absent(told["trouble"])
    try:
        name = asyncio.run(_found(config))
    except ConfigError as error:
        return _absent(str(error))
    except UnavailableError as error:
        return _absent(str(error))
    except TimeoutError:
        return _absent(f"nothing answers within {LOOK_SECONDS:g} s; restart pcscd")
    return ok("card reader", name)


async def _found(config: Reader) -> str:
    made = reader_of(config)
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            await made.open()
        return made.name
    finally:
        made.close()


def _absent(why: str) -> Finding:
    problem, _, remedy = why.partition("; ")
    return warn("card reader", f"sees no card: {problem}", remedy or "see reader in the config")


def indicator(
    config: Indicator, running: Mapping[str, Any] | None, leds: Path = LEDS
) -> Sequence[Finding]:
    """Look for each LED, and for what beeps."""
    if config.kind == "simulated":
        return [simulated("light", "it is in the log, and in `seccstack tell status`")]
    told = None if running is None else running.get("indicator")
    troubles = [] if told is None else told["troubles"]
    names = [*config.multicolor, *config.blue, *config.red]
    problems = [p for name in names if (p := _led_trouble(leds / name, config))] or troubles
    there = ", ".join(path.name for path in sorted(leds.glob("*"))) or "none"
    remedy = f"correct indicator in the config; LEDs that are here: {there}"
    light = warn("light", "; ".join(problems), remedy) if problems else ok("light", _all(names))
    return [light, _beeper(config, leds)]


def _all(names: Sequence[str]) -> str:
    return f"{', '.join(names)}: all can be set"


def _led_trouble(led: Path, config: Indicator) -> str | None:
    if not led.is_dir():
        return f"there is no LED {led.name}"
    if led.name in config.multicolor and not (led / "multi_intensity").exists():
        return f"LED {led.name} has one colour only"
    return None if os.access(led / "brightness", os.W_OK) else f"{led.name} may not be set"


def _beeper(config: Indicator, leds: Path) -> Finding:
    name = config.beeper
    if not name:
        return ok("beeper", "none is configured: nothing is heard")
    path = Path(name) if name.startswith("/") else leds / name / "brightness"
    if not path.exists():
        return warn("beeper", f"there is no {path}", "correct indicator.beeper")
    if not os.access(path, os.W_OK):
        return warn("beeper", f"{path} may not be written", "allow it, as by a udev rule")
    return ok("beeper", name)
