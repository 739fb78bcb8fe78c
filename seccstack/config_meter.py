"""The configuration of a meter: the charger's own, or that of the house."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seccstack.errors import ConfigError

ModelName = Literal[
    "inepro-pro380",
    "inepro-pro2",
    "janitza-b23",
    "janitza-b21",
    "schneider-iem3150",
    "siemens-7kt1665",
]
SINGLE_PHASE = ("inepro-pro2", "janitza-b21")


class Meter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A meter, by Modbus; how its line is set is the maker's default, if it is not given."""

    kind: Literal["none", "simulated", "modbus-tcp", "modbus-rtu"] = "none"
    model: ModelName | None = None
    id: Annotated[str, Meta(max_length=32)] = ""  # as vehicles are told; default: the model
    unit: Annotated[int, Meta(ge=1, le=247)] = 1  # its Modbus address
    host: Annotated[str, Meta(max_length=253)] = ""  # "modbus-tcp": the meter's, or a gateway's
    port: Annotated[int, Meta(ge=1, le=65535)] = 502
    device: str = ""  # "modbus-rtu": the serial port, which two meters may share
    baud: Annotated[int, Meta(ge=300, le=4_000_000)] | None = None
    parity: Literal["none", "even", "odd"] | None = None
    stop_bits: Literal[1, 2] = 1
    # the meter's phases that are at the charger's L1, L2 and L3, as in [2, 3, 1]; default: the
    # same; of a charger with one phase that one, as in [2]
    phases: Annotated[list[Annotated[int, Meta(ge=1, le=3)]], Meta(max_length=3)] = []
    poll_seconds: Annotated[float, Meta(ge=0.2, le=60)] = 1.0
    timeout_seconds: Annotated[float, Meta(ge=0.05, le=10)] = 1.0  # of one answer
    stale_seconds: Annotated[float, Meta(ge=1, le=600)] = (
        10.0  # then a reading is no longer true
    )


def phases_of(given: Meter, charger_phases: int) -> tuple[int, ...]:
    """Return the meter's phases in the charger's order."""
    return tuple(given.phases) or tuple(range(1, charger_phases + 1))


def check_meters(own: Meter, house: Meter, charger_phases: int) -> None:
    """Raise ConfigError where keys do not go together."""
    for section, given in (("meter", own), ("house_meter", house)):
        if given.kind.startswith("modbus"):
            _check_modbus(section, given)
        _check_phases(section, given, charger_phases)
        if given.stale_seconds <= given.poll_seconds:
            raise ConfigError(
                f"{section}.stale_seconds",
                f"is not above {section}.poll_seconds, {given.poll_seconds:g}",
                "give some times that",
            )
    if own.kind == house.kind == "modbus-rtu" and own.device == house.device:
        _check_shared(own, house)


def _check_modbus(section: str, given: Meter) -> None:
    if given.model is None:
        raise ConfigError(
            f"{section}.model", "is missing", 'name the meter, as in model = "inepro-pro380"'
        )
    if given.kind == "modbus-tcp" and not given.host:
        raise ConfigError(f"{section}.host", "is empty", 'name it, as in host = "192.168.1.20"')
    if given.kind == "modbus-rtu" and not given.device:
        raise ConfigError(
            f"{section}.device",
            "is empty",
            'name the serial port, as in device = "/dev/ttyUSB0"',
        )


def _check_phases(section: str, given: Meter, charger_phases: int) -> None:
    phases = phases_of(given, charger_phases)
    most = 1 if given.model in SINGLE_PHASE else 3
    if len(phases) != charger_phases or len(set(phases)) != len(phases) or max(phases) > most:
        raise ConfigError(
            f"{section}.phases",
            f"is {list(phases)}, for {charger_phases} of the charger and {most} of the meter",
            "give the meter's phase for each phase of the charger, each once",
        )


def _check_shared(own: Meter, house: Meter) -> None:
    if own.unit == house.unit:
        raise ConfigError(
            "house_meter.unit",
            f"is {house.unit}, as meter.unit, on the same line",
            "give each meter an address of its own, and the same here",
        )
    if own.model != house.model and None in (own.baud, own.parity):
        raise ConfigError(
            "meter.baud",
            "and meter.parity are not both given, and another model is on the same line",
            "set both meters, and both sections, alike",
        )
    for key in ("baud", "parity", "stop_bits"):
        if getattr(own, key) != getattr(house, key):
            raise ConfigError(
                f"house_meter.{key}",
                f"is not as meter.{key}, on the same line",
                "set both meters, and both sections, alike",
            )
