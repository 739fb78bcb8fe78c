"""The configuration of an outlet's front: the reader of cards, the light, what beeps."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seccstack.errors import ConfigError

LedName = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_:.@-]{1,63}\Z")]
LedNames = Annotated[list[LedName], Meta(max_length=4)]


class Reader(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The reader of cards; those of 13.56 MHz have numbers of 4, 7 or 10 octets."""

    # "simulated": `seccstack tell card` holds cards to it; "pcsc": any that pcscd knows, as the
    # ACR122U; "serial": one on a serial port
    kind: Literal["simulated", "pcsc", "serial"] = "simulated"
    device: str = ""  # "serial": its port; "pcsc": a part of its name, of several readers
    baud: Annotated[int, Meta(ge=300, le=4_000_000)] = 9600
    # "line": a number's digits and an end of line; "frame": STX, digits, checksum, ETX
    format: Literal["line", "frame"] = "line"


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The light of four segments, S1 to S4 from left to right, and what beeps."""

    kind: Literal["simulated", "leds"] = "simulated"  # "simulated": told in the log only
    brightness: Annotated[int, Meta(ge=1, le=100)] = 100  # percent
    # names in /sys/class/leds: of four LEDs with all colours, or of four blue and four red ones
    multicolor: LedNames = []
    blue: LedNames = []
    red: LedNames = []
    # of "leds": an input device that can sound, as "/dev/input/by-path/platform-beeper-event",
    # or the name of a LED that is none; without it nothing is heard
    beeper: str = ""


def check_front(reader: Reader, indicator: Indicator) -> None:
    """Raise ConfigError where keys do not go together."""
    if reader.kind == "serial" and not reader.device:
        raise ConfigError(
            "reader.device", "is empty", 'name the serial port, as in device = "/dev/ttyUSB0"'
        )
    if indicator.kind == "leds":
        _check_leds(indicator)


def _check_leds(given: Indicator) -> None:
    lengths = tuple(map(len, (given.multicolor, given.blue, given.red)))
    if lengths not in ((4, 0, 0), (0, 4, 4)):
        raise ConfigError(
            "indicator",
            "names {} in multicolor, {} in blue and {} in red".format(*lengths),
            "name four LEDs in multicolor, or four in blue and four in red",
        )
