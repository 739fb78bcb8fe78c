"""What an operator may order of a running charger, over the control socket."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from seccstack.adapters.control import Answer, MisusedError
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.adapters.sharing import House
from seccstack.adapters.steps import Steps
from seccstack.auth import enrolment_events
from seccstack.auth import events as auth_events
from seccstack.auth.addresses import parse_uid
from seccstack.energy.arbiter import (
    CABLE,
    CONTRACT,
    FAIL_SAFE,
    HOUSE,
    INSTALLATION,
    MAX_SOURCES,
    NETWORK_OPERATOR,
    PHASE_COUNT,
    POWER_RETURN,
    SCHEDULE,
    SOLAR,
    THERMAL,
    Step,
)
from seccstack.energy.peak import NetworkLimited
from seccstack.errors import UsageError
from seccstack.events import Event, LimitOffered, LimitPlanned
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState
from seccstack.session.events import DischargeWanted

ORDERS = (
    "cable, card, discharge, forecast, house, learn, limit, network-limit, pilot, "
    "plug, unplug, unlock, stop, status, temperature, why"
)
MOST_AMPS = 1000  # nobody means more
MOST_WATTS = 1_500_000
# The charger's own sources of limits; for those that it always has room for, none is counted.
CHARGERS = (
    INSTALLATION,
    SCHEDULE,
    HOUSE,
    SOLAR,
    NETWORK_OPERATOR,
    CABLE,
    THERMAL,
    POWER_RETURN,
)
RESERVED = frozenset({FAIL_SAFE, CONTRACT, PHASE_COUNT, *CHARGERS})  # that no operator is
MOST_SOURCES = MAX_SOURCES - len(CHARGERS)
LONGEST_LIMIT = 7 * 86400  # seconds for which a limit is believed
LONGEST_WAIT = 3600  # seconds; who needs more begins anew
LONGEST_TEXT = 200  # characters of what somebody calls a vehicle
LONGEST_SOURCE = 40  # characters; it stands in logs and in the status


class SimulatedCar(Protocol):
    """A car that an operator can plug in."""

    def plug_in(self) -> None:
        """Plug it in; UsageError if it is."""

    def unplug(self) -> None:
        """Pull the plug; UsageError if there is none in."""


class Operator:
    """Obeys one order after the other; ``car`` and ``pilot`` where they are simulated.

    ``hold_card`` holds a card to a simulated reader; beside a real one, it counts as held up.
    ``discharges``: whether energy may be taken out of vehicles.

    What the outlet would ignore is refused here, where there is somebody to be told.
    """

    def __init__(
        self,
        feed: Callable[[Event], None],
        pilot: SimulatedPilot | None,
        car: SimulatedCar | None,
        status: Callable[[], Answer],
        plugged_in: Callable[[], bool],
        steps: Steps,
        hold_card: Callable[[str], None] | None = None,
        why: Callable[[], Answer] = dict,
        house: House | None = None,
        read_plan: Callable[[str], tuple[Step, ...]] | None = None,
        discharges: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._feed = feed
        self._pilot = pilot
        self._car = car
        self._status = status
        self._plugged_in = plugged_in
        self._steps = steps
        self._hold_card = hold_card or self._present
        self._why = why
        self._house = house
        self._read_plan = read_plan
        self._discharges = discharges
        self._clock = clock
        self._limiting: set[str] = set()  # sources that set a limit; as bounded as the arbiter

    def obey(self, order: dict[str, Any]) -> Answer:
        """Do what is ordered; UsageError says why not, MisusedError that nobody could."""
        what, value = order.get("do"), str(order.get("value", ""))
        match what:
            case "cable":
                self._sense(proximity_ohms=_ohms(value))
            case "card":
                self._hold_card(_uid(value))
            case "discharge":
                self._want(_watts(value))
            case "forecast":
                self._forecast(_source(order.get("source")), value)
            case "house":
                self._shared().tell(_currents(value))
            case "learn":
                return self._learn(value, order)
            case "limit":
                source, seconds = _source(order.get("source")), _seconds(order.get("seconds"))
                self._limit(source, _amps(value), seconds)
            case "network-limit":
                self._limit_network(value)
            case "pilot":
                self._turn(_pilot_state(value))
            case "plug":
                self._simulated().plug_in()
            case "unplug":
                self._simulated().unplug()
            case "unlock":
                self._feed(auth_events.LockOutLifted())
            case "stop":
                self._stop(value or "the owner wants it")
            case "status":
                return self._status()
            case "temperature":
                self._sense(celsius=_celsius(value))
            case "why":
                return self._why()
            case _:
                raise MisusedError(f"{what!r} is none of {ORDERS}")
        return {}

    def _present(self, uid: str) -> None:
        self._feed(auth_events.CardPresented(uid))

    def _learn(self, value: str, order: dict[str, Any]) -> Answer:
        """Begin registration mode, end it, or say which steps of it are new."""
        if value == "steps":
            if order.get("followed") is True:
                self._feed(enrolment_events.Followed())
            return {"steps": self._steps.since(_number(order.get("since", 0)))}
        since = self._steps.count
        if value in ("", "on"):
            self._feed(_begin_wanted(order))
        elif value == "off":
            self._feed(enrolment_events.EndWanted())
        else:
            raise MisusedError(f"learn is on, off or steps; not {value!r}")
        steps = self._steps.since(since)
        if steps and steps[-1]["step"] == enrolment_events.Step.REFUSED.value:
            raise UsageError(steps[-1]["says"])
        return {"steps": steps}

    def _limit(self, source: str, amps: float | None, seconds: float | None = None) -> None:
        self._count(source, amps is not None or seconds is not None)
        until = None if seconds is None else self._clock() + seconds
        self._feed(LimitOffered(source, amps, until))

    def _forecast(self, source: str, text: str) -> None:
        """Take what a source foresees, or take that back."""
        if text == "none":
            self._limit(source, None)
            return
        if self._read_plan is None:
            raise UsageError("there is no clock to read a forecast by")
        try:
            steps = self._read_plan(text)
        except UsageError as error:
            raise MisusedError(str(error)) from error
        if any(amps is not None and amps > MOST_AMPS for _, amps in steps):
            raise MisusedError(f"a limit is at most {MOST_AMPS} A")
        self._count(source, True)
        self._feed(LimitPlanned(source, steps))

    def _count(self, source: str, limits: bool) -> None:
        if not limits:
            self._limiting.discard(source)
        elif source in self._limiting or len(self._limiting) < MOST_SOURCES:
            self._limiting.add(source)
        else:
            names = ", ".join(sorted(self._limiting))
            raise UsageError(f"too many sources of limits; free one with none: {names}")

    def _shared(self) -> House:
        if self._house is None:
            raise UsageError("nothing is shared out in this house")
        return self._house

    def _want(self, watts: float) -> None:
        if watts and not self._discharges:
            raise UsageError("nothing is taken out of vehicles here; set discharge_amps")
        self._feed(DischargeWanted(watts))

    def _limit_network(self, value: str) -> None:
        """Obey the network operator: its contact, an amount, or neither."""
        match value:
            case "on":
                self._shared().turn(True)
            case "off":
                self._shared().free()
            case _:
                self._shared().take(NetworkLimited(_amps(value)))

    def _turn(self, state: PilotState) -> None:
        if self._pilot is None:
            raise UsageError("the pilot line is a real one: turn what is at its other end")
        self._pilot.set_vehicle(state)

    def _sense(self, **sensed: float | None) -> None:
        """Let a simulated board sense something else beside its pilot line."""
        if self._pilot is None:
            raise UsageError("the board is a real one: it senses what there is")
        self._pilot.sensed = replace(self._pilot.sensed, **sensed)  # type: ignore[arg-type]

    def _stop(self, why: str) -> None:
        if not self._plugged_in():
            raise UsageError("there is nothing to stop: no vehicle is plugged in")
        self._feed(limits.StopWanted(why))

    def _simulated(self) -> SimulatedCar:
        if self._car is None:
            raise UsageError(
                'there is a simulated car only where powerline.kind is "simulated"; turn the '
                "simulated pilot instead: `seccstack tell pilot B`"
            )
        return self._car


def _begin_wanted(order: dict[str, Any]) -> enrolment_events.BeginWanted:
    wait, expires = order.get("wait"), order.get("expires")
    if wait is not None and not (_is_number(wait) and 1 <= wait <= LONGEST_WAIT):
        raise MisusedError(f"the seconds to wait are 1 to {LONGEST_WAIT}; not {wait!r}")
    if expires is not None and not _is_number(expires):
        raise MisusedError(f"a record expires so many seconds after 1970; not {expires!r}")
    label, note = _text(order.get("label")), _text(order.get("note"))
    once = order.get("once") is True
    followed = order.get("followed") is True
    return enrolment_events.BeginWanted(wait, label, expires, note, once, followed)


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise MisusedError(f"steps have numbers; {value!r} is none")
    return value


def _text(value: object) -> str:
    text = "" if value is None else value
    if not isinstance(text, str) or not text.isprintable() or len(text) > LONGEST_TEXT:
        raise MisusedError(
            f"a label or note is printable, of at most {LONGEST_TEXT} characters; not {text!r}"
        )
    return text


def _seconds(value: object) -> float | None:
    if value is None:
        return None
    if not (_is_number(value) and 0 < value <= LONGEST_LIMIT):  # type: ignore[operator]
        right = f"more than 0 seconds, and at most {LONGEST_LIMIT}"
        raise MisusedError(f"a limit is believed for {right}; not {value!r}")
    return float(value)  # type: ignore[arg-type]


def _ohms(value: str) -> float | None:
    if value in ("open", "none"):
        return math.inf if value == "open" else None
    return _quantity(value, 0, 1e6, "a cable's coding is a number of ohms, open, or none")


def _celsius(value: str) -> float | None:
    if value == "none":
        return None
    return _quantity(value, -60, 200, "a temperature is a number of degrees Celsius, or none")


def _quantity(value: str, least: float, most: float, right: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise MisusedError(f"{right}; not {value!r}")
    return number


def _currents(value: str) -> tuple[float, ...]:
    try:
        return tuple(map(float, value.split()))
    except ValueError as error:
        right = "amperes per phase, what is fed in negative, as in 12.5 3 -4"
        raise MisusedError(f"a house's currents are {right}; not {value!r}") from error


def _amps(value: str) -> float | None:
    if value == "none":
        return None
    try:
        amps = float(value)
    except ValueError:
        amps = -1.0
    if not 0 <= amps <= MOST_AMPS:
        right = f"a number of amperes from 0 to {MOST_AMPS}, or none"
        raise MisusedError(f"a limit is {right}; not {value!r}")
    return amps


def _watts(value: str) -> float:
    watts = float(value) if value.isdecimal() else -1.0
    if not 0 <= watts <= MOST_WATTS:
        right = f"watts from 0, for none, to {MOST_WATTS}"
        raise MisusedError(f"what a vehicle is to give is {right}; not {value!r}")
    return watts


def _pilot_state(value: str) -> PilotState:
    try:
        return PilotState(value.upper())
    except ValueError as error:
        states = ", ".join(state.value for state in PilotState)
        raise MisusedError(f"a pilot state is one of {states}; not {value!r}") from error


def _uid(value: str) -> str:
    try:
        return parse_uid(value)
    except UsageError as error:
        raise MisusedError(str(error)) from error


def _source(value: object) -> str:
    source = "owner" if value is None or value == "" else value
    if not isinstance(source, str) or not source.isprintable():
        raise MisusedError(f"a source of limits has a name of printable text; not {source!r}")
    if len(source) > LONGEST_SOURCE:
        raise MisusedError(f"a source's name has at most {LONGEST_SOURCE} characters")
    if source in RESERVED:
        raise MisusedError(f"{source!r} is a source of limits that is the charger's own")
    return source
