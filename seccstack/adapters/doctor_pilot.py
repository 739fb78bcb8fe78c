"""What is found of the pilot controller. Nothing is driven: it stays at X1, and open."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import structlog

from seccstack.adapters.pilot import pilot_of
from seccstack.adapters.sensing import Heat
from seccstack.config import Config
from seccstack.doctor import judgement
from seccstack.doctor.finding import Finding
from seccstack.pilot.port import ContactorState, Sensed

LOOK_SECONDS = 5.0  # it is said to be lost after two
SELF_TEST_SECONDS = 0.3  # within which a microcontroller says how it is
SILENT = structlog.wrap_logger(  # what it would say is in the finding
    structlog.ReturnLogger(),
    wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
)


def pilot(config: Config, running: Mapping[str, Any] | None) -> Finding:
    """Ask a running charger, or else the controller itself, as it is without one."""
    told = None if running is None else running.get("pilot controller")
    if told is not None:
        name = f"{told['name']}, in use by the running charger"
        return judgement.pilot(name, told["trouble"])
    return judgement.pilot(*asyncio.run(_look(config)))


async def _look(config: Config) -> tuple[str, str | None]:
    made = pilot_of(config, SILENT)
    states = made.states()
    try:
        async with asyncio.timeout(LOOK_SECONDS):
            line = await anext(states)
            if made.problem is not None:
                return made.name, made.problem
            if await anext(states) is ContactorState.CLOSED:
                return made.name, "the contactor is closed, and nobody ordered it"
            await asyncio.sleep(SELF_TEST_SECONDS)
            unread = await _unread(config, await made.sense())
        return f"{made.name}, state {line.value}, contactor open", made.problem or unread
    finally:
        made.close()


async def _unread(config: Config, sensed: Sensed) -> str | None:
    """Say what is to be read beside the pilot line and is not; a simulated board says none."""
    if config.temperature.kind in ("file", "controller"):
        heat = Heat(config.temperature, asyncio.get_running_loop().time)
        await heat.look(sensed)
        if heat.trouble is not None:
            return f"temperature: {heat.trouble}"
    if config.pilot.kind == "simulated":
        return None
    if config.pilot.cable == "socket" and sensed.proximity_ohms is None:
        return "the proximity contact of the socket cannot be read"
    if config.energy.contact == "input" and sensed.peak_load is None:
        return "the network operator's contact cannot be read"
    return None
