"""`seccstack vehicles learn` at a running charger: its registration mode, step by step."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from seccstack.adapters.control import tell
from seccstack.errors import SeccError

POLL_SECONDS = 0.25  # how often the charger is asked what is new
REGISTERED = "registered"
ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Step = dict[str, Any]


def begin(socket: Path, **wishes: Any) -> list[Step]:
    """Begin it; UsageError says why not, NoChargerError that there is no charger."""
    return _steps(tell(socket, {"do": "learn", "value": "on", "followed": True, **wishes}))


def follow(socket: Path, steps: list[Step], wanted: Callable[[], bool]) -> Iterator[Step]:
    """Yield the steps as they come, until it ends; as soon as it is not ``wanted``, it does.

    Nor does it go on at the charger when nobody follows it any more: whoever plugs in then
    would be registered.
    """
    try:
        yield from _followed(socket, steps, wanted)
    except BaseException:
        with suppress(SeccError):
            tell(socket, {"do": "learn", "value": "off"})
        raise


def _followed(socket: Path, steps: list[Step], wanted: Callable[[], bool]) -> Iterator[Step]:
    last, on = 0, True
    while True:
        for step in steps:
            last = step["number"]
            yield step
        if steps and not steps[-1]["on"]:
            return
        if on and not wanted():
            on = False
            tell(socket, {"do": "learn", "value": "off"})
        else:
            time.sleep(POLL_SECONDS)
        order = {"do": "learn", "value": "steps", "since": last, "followed": True}
        steps = _steps(tell(socket, order))  # should this be killed, the charger ends it itself


@contextmanager
def until_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Yield what says whether Ctrl-C was not pressed yet, nor the terminal closed.

    Pressed again, it interrupts.
    """
    wanted = True

    def end(number: int, frame: object) -> None:
        nonlocal wanted
        if not wanted:
            raise KeyboardInterrupt
        wanted = False

    before = {number: signal.signal(number, end) for number in ENDS}
    try:
        yield lambda: wanted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def line(step: Step, json: bool) -> str:
    """Write a step for people, or as a JSON object."""
    return msgspec.json.encode(step).decode() if json else str(step["says"])


def _steps(answer: dict[str, Any]) -> list[Step]:
    steps: list[Step] = answer["steps"]
    return steps
