"""What the host of a modem is told and hands out, beside `seccstack.slac.events`."""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.homeplug.messages import NO_NONCE
from seccstack.slac.events import Heard, KeyInForce, KeyLost, LinkChanged, ModemLearned, Send
from seccstack.slac.modem_status import Status


@dataclass(frozen=True, slots=True)
class UseKey:
    """Give the modem this key; ``network_id`` None: the one that follows from it."""

    network_key: bytes = field(repr=False)
    network_id: bytes | None = None
    nonce: bytes = NO_NONCE


@dataclass(frozen=True, slots=True)
class WatchLink:
    """Tell of the link, as it is first seen from now on and as it changes; or no longer.

    ``vehicle``: whose link it should be; others in the network are then told of.
    """

    on: bool
    vehicle: bytes | None = None


@dataclass(frozen=True, slots=True)
class ModemSilent:
    """The modem does not do what it is asked to; asking goes on."""

    why: str


@dataclass(frozen=True, slots=True)
class ModemAnswers:
    """The modem that was silent is not any more."""


@dataclass(frozen=True, slots=True)
class ModemReported:
    """What is known of the modem has changed."""

    status: Status


@dataclass(frozen=True, slots=True)
class ForeignStationSeen:
    """In our network is a station that does not bridge to the matched vehicle.

    ``modem_mac`` is its own address, ``host_mac`` the one behind it.
    """

    modem_mac: bytes
    host_mac: bytes


@dataclass(frozen=True, slots=True)
class ReopenLine:
    """Open the way to the modem anew: it may be ours that is stuck."""


Event = Heard | UseKey | WatchLink
Action = (
    Send
    | KeyInForce
    | KeyLost
    | ModemLearned
    | LinkChanged
    | ModemSilent
    | ModemAnswers
    | ModemReported
    | ForeignStationSeen
    | ReopenLine
)
