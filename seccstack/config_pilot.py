"""The configuration of the pilot controller, and of what it does."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seccstack.errors import ConfigError


class Pilot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pilot controller."""

    # "serial": a microcontroller (`seccstack.pilot.wire`)
    kind: Literal["simulated", "serial"] = "simulated"
    device: str = ""  # "serial": its port
    ventilation: bool = False  # whether a vehicle in state D may charge here
    # 5 % ("digital") or pulse width at once: with no authorisation yet, with one beforehand,
    # and with one that comes while the vehicle is being matched at 5 %
    start: Literal["digital", "nominal"] = "digital"
    start_authorised: Literal["digital", "nominal"] = "nominal"
    when_authorised: Literal["digital", "nominal"] = "digital"
    # how long a vehicle that may charge may be silent at 5 %, until it goes on by pulse width
    speak_seconds: Annotated[float, Meta(ge=0, le=600)] = 10.0
    fallback: Literal["fault", "steady"] = "fault"  # how it is told: state F, or X1
    link_loss: Literal["restart", "stay"] = "stay"  # of a link on top of pulse width
    retries: Annotated[int, Meta(ge=0, le=10)] = 2  # C_sequ_retry, of 5 %
    step_ef_seconds: Annotated[float, Meta(ge=1, le=8)] = 4.0  # T_step_EF
    step_x1_seconds: Annotated[float, Meta(ge=0.3, le=10)] = 3.0  # T_step_X1


def check_pilot(pilot: Pilot) -> None:
    """Raise ConfigError where keys do not go together."""
    if pilot.kind == "serial" and not pilot.device:
        raise ConfigError(
            "pilot.device",
            "is empty",
            'name the serial port of the pilot controller, as in device = "/dev/ttyACM0"',
        )
    if pilot.kind != "serial" and pilot.device:
        raise ConfigError(
            "pilot.device",
            f"is {pilot.device!r}, and pilot.kind {pilot.kind!r}",
            'set kind = "serial", or leave device away',
        )
