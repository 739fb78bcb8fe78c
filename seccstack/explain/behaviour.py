"""How the present vehicle behaves, as far as that explains why it charges or does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seccstack.pilot.port import LEAST_AMPS


@dataclass(slots=True)
class Behaviour:
    """What was learned of a vehicle, here or before, and what comes of waking it."""

    least_amps: float = LEAST_AMPS  # no less is worth offering to it by messages
    refused_amps: float = 0.0  # less than that is nothing to it
    found: str = ""  # why no less is, where that was found during this plug-in
    reaction: float | None = None  # seconds that it is given to follow a limit
    woken_by: str = ""  # it is being woken, in this way
    left_nothing: bool = False  # by the limit, when its session ended
    unwoken: int = 0  # times that it was woken, and does not ask for energy

    def noted(self, event: str, details: Mapping[str, Any], limit: float | None) -> None:
        """Take a note of the charge point's, while there is this limit."""
        match event:
            case "session ended":
                self.left_nothing = limit is not None and limit < self.least_amps
            case "least current":
                self.least_amps = details["amps"]
                self.refused_amps = details["refused"]
            case "least current found" if details["final"]:
                self.found = str(details["why"])
            case "reaction":
                self.reaction = details["seconds"]
            case "wake":
                self.woken_by = str(details["by"])
            case "wake ended":
                self.woken_by = ""
                self.unwoken = 0 if details["worked"] else details["times"]
            case "pilot" if details["state"] in ("C", "D"):
                self.woken_by, self.unwoken = "", 0
            case _:
                pass
