"""What a recorded car picked from a list, by its number in that list: here it is in ours.

ISO 15118-20 has two such lists: the parameter sets of a service, and the schedules. A car that
picked the one by which the charger decides picks that of ours, whatever its number. Such a
request is encoded anew; all others stay as they were recorded.
"""

from __future__ import annotations

from typing import Any

from msgspec import structs

from seccstack.messages.iso20_common import (
    ParameterSet,
    PowerDeliveryReq,
    ScheduleExchangeRes,
    ServiceDetailRes,
    ServiceSelectionReq,
)

ALIKE = ("ControlMode", "Connector")  # the first counts most
MOST = 64  # numbers kept: a service has 32 sets at most, and a car selects one service


class Choices:
    """Which number of ours stands for which of theirs."""

    def __init__(self) -> None:
        self._sets: dict[tuple[int, int], int] = {}
        self._tuples: dict[int, int] = {}

    def learn(self, theirs: Any, ours: Any) -> None:
        """Compare their list with ours."""
        match theirs, ours:
            case ServiceDetailRes(), ServiceDetailRes():
                offered = ours.service_parameter_list.parameter_set
                for known in theirs.service_parameter_list.parameter_set[:MOST]:
                    key = (theirs.service_id, known.parameter_set_id)
                    if len(self._sets) < MOST:
                        self._sets[key] = most_alike(known, offered).parameter_set_id
            case ScheduleExchangeRes(), ScheduleExchangeRes():
                numbers = list(zip(tuples(theirs), tuples(ours), strict=False))
                self._tuples = dict(numbers)
            case _:
                pass

    def made(self, request: Any) -> Any | None:
        """Return the request as the car would make it here; None: as it was."""
        match request:
            case ServiceSelectionReq(selected_energy_transfer_service=chosen):
                ours = self._sets.get((chosen.service_id, chosen.parameter_set_id))
                if ours is None or ours == chosen.parameter_set_id:
                    return None
                changed = structs.replace(chosen, parameter_set_id=ours)
                return structs.replace(request, selected_energy_transfer_service=changed)
            case PowerDeliveryReq(ev_power_profile=profile) if profile is not None:
                mode = profile.scheduled_evppt_control_mode
                ours = (
                    None if mode is None else self._tuples.get(mode.selected_schedule_tuple_id)
                )
                if mode is None or ours is None or ours == mode.selected_schedule_tuple_id:
                    return None
                named = structs.replace(mode, selected_schedule_tuple_id=ours)
                drawn = structs.replace(profile, scheduled_evppt_control_mode=named)
                return structs.replace(request, ev_power_profile=drawn)
            case _:
                return None


def most_alike(known: ParameterSet, offered: tuple[ParameterSet, ...]) -> ParameterSet:
    """Return the first set of ours that is most like one of theirs."""
    wanted = values(known)

    def alike(one: ParameterSet) -> tuple[bool, ...]:
        has = values(one)
        return tuple(has.get(name) == wanted.get(name) for name in ALIKE)

    return max(offered, key=alike)


def values(one: ParameterSet) -> dict[str, int | None]:
    """Return the numbers of a set by their names."""
    return {parameter.name: parameter.int_value for parameter in one.parameter}


def tuples(response: ScheduleExchangeRes) -> list[int]:
    """Return the numbers of the schedules that are offered."""
    scheduled = response.scheduled_se_res_control_mode
    offered = () if scheduled is None else scheduled.schedule_tuple
    return [one.schedule_tuple_id for one in offered]
