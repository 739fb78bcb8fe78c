"""What a recorded message means for what no recording of the network shows.

The same in every protocol that a recording may hold, ours or not: what a message is called and
what its fields are called says enough.
"""

from __future__ import annotations

from typing import Any

CABLE_CHECKS = ("CableCheckReq", "DC_CableCheckReq")  # the car is in state C before the first
INSULATIONS = ("CableCheckRes", "DC_CableCheckRes")
AUTHORISATIONS = ("AuthorizationRes", "ContractAuthenticationRes")


def readiness(request: Any) -> bool | None:
    """Whether the car closes or opens its switch S2 before this request; None: neither."""
    name = type(request).__name__
    if name in CABLE_CHECKS:
        return True
    if name != "PowerDeliveryReq":
        return None
    progress = getattr(request, "charge_progress", None)  # DIN 70121 has a boolean instead
    return bool(request.ready_to_charge_state if progress is None else progress.value != "Stop")


def authorises(response: Any) -> bool:
    """Whether this answer of a charger says that the vehicle may charge."""
    return type(response).__name__ in AUTHORISATIONS and _done(response)


def insulates(response: Any) -> bool:
    """Whether this answer of a charger says that the insulation is good."""
    return type(response).__name__ in INSULATIONS and _done(response)


def _done(response: Any) -> bool:
    finished = response.evse_processing.value == "Finished"
    return finished and not response.response_code.value.startswith("FAILED")
