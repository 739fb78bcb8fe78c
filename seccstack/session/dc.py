"""DC, whatever the protocol: what is checked, what is passed on, and what is said of it.

What a vehicle demands is passed on as it is, and answered with what was last measured: the
output's own guard decides what comes of it, and no response waits for a supply. What is said of
a fault, the insulation or a limit is so with every response.

Some requests take the vehicle's switch: closed for the cable check, open again for the watch
for welding and for the end of the session. Their responses are owed for the 1.5 s that it has
for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeVar

from seccstack.session import scaled
from seccstack.session.dialogue import Deferred, Knowledge, Reply
from seccstack.session.events import Action, CheckInsulation, DemandOutput
from seccstack.session.plant import Charger, DcSupply, Plant

SWITCH_TIME = 1.5  # seconds until the pilot must show state C or D, or no longer
CHECK_TIME = 38.0  # seconds for the insulation; a vehicle waits for 40
NOTHING = DemandOutput(0.0, 0.0)
SOUND = ("NO_ERROR", "NoData")  # DC_EVErrorCode of a vehicle that has nothing to report
ISOLATION: Mapping[bool | None, str] = {None: "Invalid", True: "Valid", False: "Fault"}


@dataclass(slots=True)
class CableCheck:
    """How far a session is with it; ``since``: when the vehicle first asked."""

    since: float | None = None
    asked: bool = False  # that the insulation be measured


class DcKnowledge(Knowledge, Protocol):
    """What a session that may be one on DC knows besides."""

    @property
    def check(self) -> CableCheck:
        """How far the cable check is."""


StateT = TypeVar("StateT", bound=Enum)
SessionT = TypeVar("SessionT", bound=Knowledge)
DcSessionT = TypeVar("DcSessionT", bound=DcKnowledge)
ResponseT = TypeVar("ResponseT")


def await_switch(
    session: SessionT,
    closed: bool,
    until: float,
    state: StateT,
    then: Callable[
        [SessionT], Reply[StateT, ResponseT] | Deferred[StateT, SessionT, ResponseT]
    ],
    late: Callable[[SessionT], Reply[StateT, ResponseT]],
) -> Reply[StateT, ResponseT] | Deferred[StateT, SessionT, ResponseT]:
    """Owe a response, in ``state``, until the vehicle's switch is closed, or open."""
    if session.plant.ready is closed:
        return then(session)
    if session.now >= until:
        return late(session)
    return Deferred(
        until, lambda later: await_switch(later, closed, until, state, then, late), state
    )


def await_closed(
    session: DcSessionT,
    state: StateT,
    then: Callable[
        [DcSessionT], Reply[StateT, ResponseT] | Deferred[StateT, DcSessionT, ResponseT]
    ],
    refuse: Callable[[DcSessionT, str], Reply[StateT, ResponseT]],
) -> Reply[StateT, ResponseT] | Deferred[StateT, DcSessionT, ResponseT]:
    """Begin the cable check, for which the vehicle has to close its switch in time."""
    begin_check(session)
    why, until = "the vehicle is not ready", session.now + SWITCH_TIME
    return await_switch(session, True, until, state, then, lambda later: refuse(later, why))


def await_open(
    session: SessionT,
    state: StateT,
    then: Callable[
        [SessionT], Reply[StateT, ResponseT] | Deferred[StateT, SessionT, ResponseT]
    ],
    refuse: Callable[[SessionT, str], Reply[StateT, ResponseT]],
) -> Reply[StateT, ResponseT] | Deferred[StateT, SessionT, ResponseT]:
    """Watch for welding, or end: the vehicle has to have opened its switch in time."""
    why, until = "the vehicle's switch is closed", session.now + SWITCH_TIME
    return await_switch(session, False, until, state, then, lambda later: refuse(later, why))


def obstacle(plant: Plant) -> str:
    """Say why no voltage may be promised; empty if it may."""
    if plant.fault:
        return plant.fault
    return "" if plant.granted else "the vehicle may not charge"


def begin_check(session: DcKnowledge) -> None:
    """Note when the vehicle first asked for the cable check."""
    if session.check.since is None:
        session.check.since = session.now


def forget_check(session: DcKnowledge) -> None:
    """Let the insulation be measured anew: what was found before is void."""
    session.plant.insulated = None
    session.check.since, session.check.asked = None, False


def check_failed(session: DcKnowledge) -> str:
    """Say why the cable is not good, or will not be found so in time; empty: it may be."""
    plant, since = session.plant, session.check.since or 0.0
    if (why := obstacle(plant)) or plant.insulated is False:
        return why or "the insulation is not good"
    if plant.insulated is None and session.now - since >= CHECK_TIME:
        return "the insulation is not known"
    return ""


def measure(session: DcKnowledge) -> tuple[Action, ...]:
    """Have the insulation measured, once, unless it is known."""
    known, asked = session.plant.insulated is True, session.check.asked
    session.check.asked = not known
    return () if known or asked else (CheckInsulation(),)


def able(plant: Plant) -> bool:
    """Whether energy may be promised to a vehicle that is pre-charged."""
    may = plant.granted and not plant.stopping and not plant.fault
    return may and plant.insulated is True and plant.ready


def demand(error: Enum, volts: scaled.Physical, amps: scaled.Physical) -> DemandOutput:
    """Pass on what the vehicle demands; one that reports an error gets nothing."""
    if error.value not in SOUND:
        return NOTHING
    return DemandOutput(scaled.plain(volts), scaled.plain(amps))


def limited(
    supply: DcSupply, volts: scaled.Physical, amps: scaled.Physical, watts: float
) -> dict[str, bool]:
    """Say which of the charger's limits is reached by what the vehicle demands."""
    wanted, current = scaled.plain(volts), scaled.plain(amps)
    present = min(wanted, supply.max_volts)
    return {
        "evse_current_limit_achieved": current >= supply.max_amps,
        "evse_voltage_limit_achieved": wanted >= supply.max_volts,
        "evse_power_limit_achieved": present * current >= watts,
    }


def watts(charger: Charger, supply: DcSupply, amps: float | None) -> float:
    """Return the power that a limit of the grid's current stands for; None: it is not known."""
    grid = charger.nominal_volts * charger.phases * (amps or 0.0)
    return min(grid, supply.max_watts)


def status_code(plant: Plant, checking: bool) -> str:
    """Return the DC_EVSEStatusCode; ``checking``: the insulation is being measured."""
    if plant.fault:
        return "EVSE_Malfunction"
    if plant.stopping:
        return "EVSE_Shutdown"
    return "EVSE_IsolationMonitoringActive" if checking else "EVSE_Ready"


def notification(plant: Plant) -> str:
    """Return the EVSENotification: what the vehicle is to do, if anything."""
    if plant.stopping or plant.fault:
        return "StopCharging"
    return "None" if plant.renegotiation is None else "ReNegotiation"
