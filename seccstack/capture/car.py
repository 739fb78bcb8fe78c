"""What the vehicle of a plug-in did, in order, and what it got for it: a charger's driver.

Three channels run beside each other: matching, SDP, and each connection. What the charger and
its modem send on a channel, up to the vehicle's next event there, answers the event before.
"""

from __future__ import annotations

from dataclasses import dataclass

from seccstack.capture.items import (
    Connected,
    Disconnected,
    Discovery,
    Item,
    Powerline,
    Trouble,
    V2gMessage,
)
from seccstack.capture.matching import FromVehicle
from seccstack.capture.plugins import PlugIn


@dataclass(frozen=True, slots=True)
class CarEvent:
    """One thing the vehicle did.

    ``what`` is its powerline frame, SDP request, connection, V2G request, or FIN or RST;
    ``answers`` are the charger's frames and messages, and its modem's about a sound.
    """

    what: Item
    answers: tuple[Item, ...]

    @property
    def number(self) -> int:
        """The packet's number: the order of events."""
        return self.what.number

    @property
    def time(self) -> float:
        """The capture's time, which may go back."""
        return self.what.time


def car_events(plug_in: PlugIn) -> list[CarEvent]:
    """Return what the vehicle did; what can't be read, or has no known sender, is left out."""
    events: list[tuple[Item, list[Item]]] = []
    latest: dict[object, list[Item]] = {}
    for item in plug_in.items:
        if isinstance(item, Trouble):
            continue
        channel = _channel(item)
        if _by_vehicle(item):
            answers: list[Item] = []
            events.append((item, answers))
            if not isinstance(
                item, Disconnected
            ):  # what comes after it answers the last request
                latest[channel] = answers
        elif channel in latest:
            latest[channel].append(item)
    return [CarEvent(what, tuple(answers)) for what, answers in events]


def _channel(item: Powerline | Discovery | Connected | V2gMessage | Disconnected) -> object:
    return type(item) if isinstance(item, Powerline | Discovery) else item.link


def _by_vehicle(item: Powerline | Discovery | Connected | V2gMessage | Disconnected) -> bool:
    match item:
        case Powerline():
            return item.frame is not None and isinstance(item.frame.message, FromVehicle)
        case Connected():
            return True
        case _:
            return item.sender == "ev"
