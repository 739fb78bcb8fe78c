"""How full a vehicle says that its battery is: on DC mostly, in -20 if it likes to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

FULL = 100  # percent


@dataclass(frozen=True, slots=True)
class StateOfCharge:
    """``source``: the request that said it; ``at``: when."""

    percent: int
    source: str
    at: float

    @property
    def can_be(self) -> bool:
        """Whether it is one: the byte that it comes in holds others, too."""
        return 0 <= self.percent <= FULL


def said_in(message: Any) -> int | None:
    """Return the state of charge that a vehicle's request tells, whatever its protocol."""
    shown = getattr(message, "display_parameters", None)  # ISO 15118-20
    if shown is not None:
        percent: int | None = shown.present_soc
        return percent
    body = getattr(message, "body", None)
    parameters = ("ev_charge_parameter", "ev_power_delivery_parameter")
    for part in (body, *(getattr(body, name, None) for name in parameters)):
        status = getattr(part, "dc_ev_status", None)
        if status is not None:
            return int(status.evresssoc)
    return None
