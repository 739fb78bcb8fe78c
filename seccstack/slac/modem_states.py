"""How far the host is with its modem; what it makes of a key, and of who is in its network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import LOCAL_MODEM
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import BROADCAST, SetKeyReq
from seccstack.homeplug.vendor import NetworkStation
from seccstack.slac import timing
from seccstack.slac.events import Send
from seccstack.slac.modem_events import ForeignStationSeen, UseKey
from seccstack.slac.modem_status import KeyState

NOT_USED = "the modem has taken the network key, twice, and is not in its network"
NOBODY = (bytes(6), BROADCAST)  # behind a station that has not let anything through yet
MAX_FOREIGN = 8  # stations told of per link: whoever fills our network with more is known then


@dataclass(frozen=True, slots=True)
class Unused:
    """No key has been asked for yet."""

    deadline: None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """The modem has been given a key and has not taken it yet.

    ``refused_by``: who has refused it; ``again``: it had taken it before, but not used it.
    """

    use: UseKey
    deadline: float
    retries_left: int = timing.SET_KEY_RETRIES
    trouble: str = "it does not answer CM_SET_KEY.REQ"
    refused_by: bytes | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class InForce:
    """The modem has taken the key, and is asked for its link, and for other things in turn.

    ``unanswered_since``: when the first question was put since it last answered any.
    ``doubts``: how many answers in a row have said that the link, reported up, is down.
    ``shown``: whether it has been seen in the network of the key; ``missed``: looks since then.
    """

    use: UseKey
    deadline: float
    taken_at: float
    again: bool = False
    unanswered_since: float | None = None
    link_asked: bool = False
    doubts: int = 0
    shown: bool = False
    missed: int = 0
    survey_at: float = 0.0
    key_at: float = 0.0
    stations_at: float = 0.0
    firmware_at: float = 0.0


State = Unused | Setting | InForce


def key_state(state: State) -> tuple[KeyState, tuple[str, ...]]:
    """Return how far the modem is with the key, and what is odd about that."""
    if not isinstance(state, InForce):
        return KeyState.NONE, ()
    if state.shown:
        return KeyState.SHOWN, ()
    return KeyState.TAKEN, (NOT_USED,) if state.again and state.missed else ()


def network_of(use: UseKey) -> bytes:
    """Return the id of the network that the key is of."""
    return network_id(use.network_key) if use.network_id is None else use.network_id


def request(use: UseKey) -> SetKeyReq:
    """Return the request to use the key."""
    network, key = network_of(use), use.network_key
    return SetKeyReq(my_nonce=use.nonce, network_id=network, network_key=key)


def sends(*messages: Mme) -> list[Send]:
    """Give messages to our own modem, whatever its address is."""
    return [Send(LOCAL_MODEM, message) for message in messages]


def strangers(
    stations: Sequence[NetworkStation], vehicle: bytes, told: frozenset[bytes]
) -> list[ForeignStationSeen]:
    """Return who in our network is not the vehicle's modem and has not been told of."""
    others = [station for station in stations if station.bridged_mac != vehicle]
    is_there = len(others) < len(stations)
    new = [
        ForeignStationSeen(station.mac, station.bridged_mac)
        for station in others
        if station.mac not in told and (is_there or station.bridged_mac not in NOBODY)
    ]
    return new[: MAX_FOREIGN - len(told)]
