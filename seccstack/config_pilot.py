"""The configuration of the pilot controller, and of what it does."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seccstack.errors import ConfigError

Number = Annotated[int, Meta(ge=0, le=4095)]
Scale = Annotated[float, Meta(ge=-1, le=1)]  # volts for each count
Volts = Annotated[float, Meta(ge=-1000, le=1000)]
Celsius = Annotated[float, Meta(ge=0, le=150)]
NONE = -1  # of lines of a chip


class Pilot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pilot controller."""

    # "serial": a microcontroller (`seccstack.pilot.wire`); "linux": what [board] says
    kind: Literal["simulated", "serial", "linux"] = "simulated"
    device: str = ""  # "serial": its port
    # "fixed": charger.rated_amps has it; "socket": by its proximity contact each cable says
    # what it can carry, which the controller reads, and without a cable there is no energy
    cable: Literal["fixed", "socket"] = "fixed"
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
    # how often per plug-in a vehicle is woken that sleeps when there is energy again
    wakes: Annotated[int, Meta(ge=0, le=10)] = 3
    step_ef_seconds: Annotated[float, Meta(ge=1, le=8)] = 4.0  # T_step_EF
    step_x1_seconds: Annotated[float, Meta(ge=0.3, le=10)] = 3.0  # T_step_X1
    # how long a vehicle may take to keep to a limit that it was told; IEC 61851-1: 5 s
    react_seconds: Annotated[float, Meta(ge=5, le=60)] = 5.0
    # one that draws so many times its limit, for so long, is cut off; a meter is needed
    trip_share: Annotated[float, Meta(ge=1.1, le=3)] = 1.25
    trip_seconds: Annotated[float, Meta(ge=6, le=3600)] = 60.0


class Board(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pilot controller out of Linux's own parts; what its board owes: `pilot_linux`."""

    # /sys/class/pwm/pwmchip0/pwm0; high is +12 V at the line, low -12 V
    pwm_chip: Number = 0
    pwm_channel: Number = 0
    # files with the line's held peaks, as in /sys/bus/iio/devices/iio:device0/in_voltage0_raw;
    # volts are what they say, times a scale, plus an offset: found by measuring 12 V and -12 V
    high: str = ""
    low: str = ""
    high_scale: Scale = 0.001
    high_offset: Volts = 0.0
    low_scale: Scale = 0.001
    low_offset: Volts = 0.0
    gpio_chip: str = "/dev/gpiochip0"
    relay: Number = 0  # its line that energises the contactor's coil
    relay_active_low: bool = False
    feedback: Number = 1  # its line that is active while the contactor is closed
    feedback_active_low: bool = False
    # a file with the voltage at a socket's proximity contact, which hangs on `proximity_volts`
    # behind `proximity_ohms`
    proximity: str = ""
    proximity_scale: Scale = 0.001
    proximity_offset: Volts = 0.0
    proximity_volts: Annotated[float, Meta(gt=0, le=24)] = 5.0
    proximity_ohms: Annotated[float, Meta(ge=10, le=100_000)] = 1000.0
    # the line that the network operator's contact makes active; -1: there is none
    peak_load: Annotated[int, Meta(ge=NONE, le=4095)] = NONE
    peak_load_active_low: bool = False


class Temperature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Less current from `derate_celsius` on, none from `stop_celsius` to `resume_celsius`."""

    # "file": of the kernel's; "controller": the pilot controller's own; "simulated": as
    # `seccstack tell temperature` has it
    kind: Literal["none", "file", "controller", "simulated"] = "none"
    # of hwmon or IIO, as in /sys/class/hwmon/hwmon0/temp1_input
    file: str = ""
    scale: Scale = 0.001  # degrees Celsius for each count
    offset: Annotated[float, Meta(ge=-1000, le=1000)] = 0.0
    derate_celsius: Celsius = 65.0
    stop_celsius: Celsius = 80.0
    resume_celsius: Celsius = 70.0
    stale_seconds: Annotated[float, Meta(ge=2, le=600)] = 10.0  # of silence, until it is lost
    safe_amps: Annotated[float, Meta(ge=0, le=16)] = 6.0  # while it is lost


def check_sensors(pilot: Pilot, board: Board, heat: Temperature, contact: str) -> None:
    """Raise ConfigError where something is to be read that nothing reads."""
    if heat.kind == "file" and not heat.file.startswith("/"):
        right = 'name a file, as in "/sys/class/hwmon/hwmon0/temp1_input"'
        raise ConfigError("temperature.file", f"is {heat.file!r}", right)
    if heat.kind == "simulated" and pilot.kind != "simulated":
        why = f'is "simulated", and pilot.kind {pilot.kind!r}'
        raise ConfigError("temperature.kind", why, "simulate both, or read a file")
    if heat.scale == 0:
        raise ConfigError("temperature.scale", "is 0", "give degrees for each count")
    if heat.kind == "controller" and pilot.kind != "serial":
        why = f'is "controller", and pilot.kind {pilot.kind!r} has no sensor of its own'
        raise ConfigError("temperature.kind", why, 'name a file of the kernel: kind = "file"')
    if pilot.kind != "linux":
        return
    if pilot.cable == "socket" and not board.proximity.startswith("/"):
        right = "name the file of an ADC that has the voltage at the proximity contact"
        raise ConfigError("board.proximity", f"is {board.proximity!r}", right)
    if contact == "input" and board.peak_load == NONE:
        right = "name the line of the network operator's contact"
        raise ConfigError("board.peak_load", "is not given", right)


def check_pilot(pilot: Pilot, board: Board) -> None:
    """Raise ConfigError where keys do not go together."""
    if pilot.kind == "linux":
        _check_board(board)
    if pilot.trip_seconds < pilot.react_seconds:
        raise ConfigError(
            "pilot.trip_seconds",
            f"is {pilot.trip_seconds:g}, and pilot.react_seconds {pilot.react_seconds:g}",
            "give a vehicle the time to react before it is cut off",
        )
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


def _check_board(board: Board) -> None:
    for key in ("high", "low"):
        if not getattr(board, key).startswith("/"):
            raise ConfigError(
                f"board.{key}",
                f"is {getattr(board, key)!r}",
                "name the file of an ADC, as in "
                '"/sys/bus/iio/devices/iio:device0/in_voltage0_raw"',
            )
    if board.high_scale == 0 or board.low_scale == 0:
        raise ConfigError("board", "has a scale of 0", "give volts for each count of the ADC")
    if board.peak_load in (board.relay, board.feedback):
        right = "name the line of the network operator's contact, or leave it away"
        raise ConfigError("board.peak_load", f"is {board.peak_load}, which is taken", right)
    if board.relay == board.feedback:
        raise ConfigError(
            "board.feedback",
            f"is {board.feedback}, as is board.relay",
            "name the line of the contact that says where the contactor is",
        )
