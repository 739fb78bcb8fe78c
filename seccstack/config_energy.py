"""The configuration of what is shared out in a house: its fuse, the sun, and peak load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from seccstack.errors import ConfigError

LEAST_AMPS = 6.0
MOST_AMPS = 1000.0  # of a connection
FOLLOW_SECONDS = 5.0  # that IEC 61851-1 gives a vehicle

Minimum = Annotated[float, Meta(ge=6, le=32)]
Watts = Annotated[float, Meta(ge=0, le=20_000)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


class Energy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the vehicle shares with its house; currents are per phase.

    Both [meter] and [house_meter] are needed for it, or `seccstack tell house` once a second or
    two instead of the latter.
    """

    # of the fuse at the grid connection point, which is then never overloaded; 0: not set up
    connection_amps: Annotated[float, Meta(ge=0, le=MOST_AMPS)] = 0.0
    step_amps: Annotated[float, Meta(ge=0, le=MOST_AMPS)] = 16.0  # may be switched on at once
    # from a reading to when the vehicle has followed; IEC 61851-1 gives it 5 s of these
    delay_seconds: Annotated[float, Meta(ge=1, le=60)] = 7.0
    # "direct": as fast as the house lets it; "manual": with manual_amps, and faster with the
    # sun; "strict": from surplus alone
    solar: Literal["direct", "manual", "strict"] = "direct"
    manual_amps: Minimum = LEAST_AMPS
    min_amps: Minimum = LEAST_AMPS  # with less, a vehicle is stopped
    # whether it is searched, with [meter] and by ISO 15118-2, how far below 6 A a vehicle
    # follows; min_amps above 6 are kept all the same
    below_6_amps: bool = True
    start_watts: Watts = 300.0  # of surplus beyond what min_amps take, for start_seconds
    start_seconds: Seconds = 60.0
    stop_watts: Watts = 300.0  # below that, for stop_seconds
    stop_seconds: Seconds = 60.0
    min_off_seconds: Annotated[float, Meta(ge=60, le=1800)] = 600.0  # for the sun to come back
    # where a meter is silent for stale_seconds, or has not been heard yet
    house_safe_amps: Annotated[float, Meta(ge=0, le=10)] = LEAST_AMPS
    solar_safe_amps: Annotated[float, Meta(ge=0, le=20)] = 0.0
    stale_seconds: Annotated[float, Meta(ge=2, le=600)] = 10.0
    contact_amps: Annotated[float, Meta(ge=0, le=80)] = LEAST_AMPS  # at peak load
    # "input": the pilot controller reads the network operator's contact; else it is told by
    # `seccstack tell network-limit`
    contact: Literal["none", "input"] = "none"
    # where a back office is to say its limit (`seccstack tell limit`): until it does, and once
    # it is not heard any more; without it nobody waits for one
    back_office_safe_amps: Annotated[float, Meta(ge=0, le=80)] | None = None
    # no energy for a random while, of 1 s to so much, after the power was away: as far as that
    # can be told; after each start of the computer; or never
    power_return: Literal["power-loss", "boot", "never"] = "power-loss"
    power_return_seconds: Annotated[float, Meta(ge=1, le=600)] = 120.0


def check_energy(
    given: Energy, rated_amps: float, *, metered: bool, polls: Sequence[float]
) -> None:
    """Raise ConfigError where keys do not go together.

    ``metered``: [meter] is given; ``polls``: how often meters are read, in seconds.
    """
    shared = given.connection_amps > 0 or given.solar != "direct"
    if shared and not metered:
        key = "connection_amps" if given.connection_amps else "solar"
        raise ConfigError(
            f"energy.{key}",
            "is given, and there is no [meter]",
            "configure the meter at the outlet: what the house has left cannot be known "
            "without what the vehicle draws",
        )
    if shared:
        _check_times(given, max(polls))
    for key in ("min_amps", "manual_amps"):
        if getattr(given, key) > rated_amps > 0:  # a charger of 0 A never charges, and says so
            raise ConfigError(
                f"energy.{key}",
                f"is above charger.rated_amps, {rated_amps:g}",
                "give what a vehicle can charge with here",
            )


def _check_times(given: Energy, poll_seconds: float) -> None:
    least = poll_seconds + FOLLOW_SECONDS
    if given.delay_seconds < least:
        raise ConfigError(
            "energy.delay_seconds",
            f"is below {least:g}: a meter is read every {poll_seconds:g} s, and a vehicle "
            f"follows within {FOLLOW_SECONDS:g} s",
            "give so much, or read the meters more often",
        )
    if given.stale_seconds < 2 * poll_seconds:
        raise ConfigError(
            "energy.stale_seconds",
            f"is below twice {poll_seconds:g} s, in which a meter is read",
            "give some times that",
        )
