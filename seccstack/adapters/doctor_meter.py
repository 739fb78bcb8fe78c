"""What is found of the meters: each is read once, or the running charger says how it is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from seccstack.adapters.meter import LABELS, meters_of
from seccstack.adapters.unavailable import UnavailableError
from seccstack.config import Config
from seccstack.doctor.finding import Finding, ok, warn
from seccstack.doctor.judgement import simulated
from seccstack.energy.port import Meter
from seccstack.energy.reading import Reading
from seccstack.errors import ConfigError, MalformedError


def meters(config: Config, running: Mapping[str, Any] | None) -> Sequence[Finding]:
    """Return a finding for the charger's own, and one for the house's if there is one."""
    try:
        made = meters_of(config)
    except ConfigError as error:
        return [warn("meter", f"{error.key} {error.problem}", error.right)]
    findings = [_meter(config, section, meter, running) for section, meter in made.items()]
    if "meter" not in made:
        nothing = "none is configured: what a vehicle draws is not measured"
        findings.insert(0, ok(LABELS["meter"], nothing))
    return findings


def _meter(
    config: Config, section: str, made: Meter, running: Mapping[str, Any] | None
) -> Finding:
    label = LABELS[section]
    if getattr(config, section).kind == "simulated":
        return simulated(label, "it counts what a simulated car draws")
    told = None if running is None else running.get(label)
    if told is not None:
        if told["trouble"] is None:
            return ok(label, f"{told['name']}, read by the running charger")
        return _silent(label, told["trouble"])
    try:
        reading = asyncio.run(_read(made))
    except (UnavailableError, MalformedError) as error:
        return _silent(label, str(error))
    return ok(label, f"{made.name}: {_says(reading)}")


async def _read(meter: Meter) -> Reading:
    try:
        return await meter.read()
    finally:
        meter.close()


def _says(reading: Reading) -> str:
    volts = " / ".join("-" if each is None else f"{each:.0f}" for each in reading.volts)
    amps = " / ".join("-" if each is None else f"{each:.1f}" for each in reading.amps)
    counted = "" if reading.energy_wh is None else f", {reading.energy_wh / 1000:.1f} kWh"
    return f"{volts} V, {amps} A{counted}"


def _silent(label: str, why: str) -> Finding:
    problem, _, remedy = why.partition("; ")
    return warn(label, problem, remedy or "compare its model with the config")
