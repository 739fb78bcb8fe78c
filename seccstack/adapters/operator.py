"""What an operator may order of a running charger, over the control socket."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from seccstack.adapters.control import Answer
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.auth import authorisation
from seccstack.auth.addresses import parse_uid
from seccstack.errors import UsageError
from seccstack.events import Event, LimitOffered
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState

ORDERS = "card, limit, pilot, plug, unplug, stop, status"
MOST_AMPS = 1000  # nobody means more


class SimulatedCar(Protocol):
    """A car that an operator can plug in."""

    def plug_in(self) -> None:
        """Plug it in; UsageError if it is."""

    def unplug(self) -> None:
        """Pull the plug; UsageError if there is none in."""


class Operator:
    """Obeys one order after the other; ``car`` where there is a simulated one."""

    def __init__(
        self,
        feed: Callable[[Event], None],
        pilot: SimulatedPilot,
        car: SimulatedCar | None,
        status: Callable[[], Answer],
    ) -> None:
        self._feed = feed
        self._pilot = pilot
        self._car = car
        self._status = status

    def obey(self, order: dict[str, Any]) -> Answer:
        """Do what is ordered; UsageError says why not."""
        what, value = order.get("do"), str(order.get("value", ""))
        match what:
            case "card":
                self._feed(authorisation.CardPresented(parse_uid(value)))
            case "limit":
                source = str(order.get("source") or "owner")
                self._feed(LimitOffered(source, _amps(value)))
            case "pilot":
                self._pilot.set_vehicle(_pilot_state(value))
            case "plug":
                self._simulated().plug_in()
            case "unplug":
                self._simulated().unplug()
            case "stop":
                self._feed(limits.StopWanted(value or "the owner wants it"))
            case "status":
                return self._status()
            case _:
                raise UsageError(f"{what!r} is none of {ORDERS}")
        return {}

    def _simulated(self) -> SimulatedCar:
        if self._car is None:
            raise UsageError(
                'there is a simulated car only where powerline.kind is "simulated"; turn the '
                "simulated pilot instead: `seccstack tell pilot B`"
            )
        return self._car


def _amps(value: str) -> float | None:
    if value == "none":
        return None
    try:
        amps = float(value)
    except ValueError:
        amps = -1.0
    if not 0 <= amps <= MOST_AMPS:
        raise UsageError(f"a limit is a number of amperes from 0, or none; not {value!r}")
    return amps


def _pilot_state(value: str) -> PilotState:
    try:
        return PilotState(value.upper())
    except ValueError as error:
        raise UsageError(f"a pilot state is one of A, B, C, D, E, F; not {value!r}") from error
