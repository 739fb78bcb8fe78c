"""All that follows from what is measured in a house, and what is ordered of it: offers.

Each goes to the arbiter of the outlet as that of a source of its own, with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.energy import household, solar
from seccstack.energy.arbiter import LimitOffered
from seccstack.energy.balance import Balance, HouseMeasured, OwnMeasured
from seccstack.energy.floor import FloorChanged
from seccstack.energy.household import Household
from seccstack.energy.peak import ContactLost, ContactTurned, NetworkLimited, Peak
from seccstack.energy.solar import Solar

Order = ContactTurned | ContactLost | NetworkLimited
Event = HouseMeasured | OwnMeasured | Order | FloorChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """None: that way of charging is not set up."""

    house: household.Settings | None = None
    sun: solar.Settings | None = None
    contact_amps: float = 6.0  # three phases of which are what a network operator leaves


class Sharing:
    """One outlet's part of its house."""

    deadline = None

    def __init__(self, settings: Settings) -> None:
        self._balance = Balance()
        self._peak = Peak(settings.contact_amps)
        self._sharers: list[Household | Solar] = []
        if settings.house is not None:
            self._sharers.append(Household(settings.house))
        if settings.sun is not None:
            self._sharers.append(Solar(settings.sun))

    def receive(self, event: Event, now: float) -> Sequence[LimitOffered]:
        """Take a reading, an order, or what is worth offering."""
        if isinstance(event, FloorChanged):
            for sharer in self._sharers:
                sharer.suit(event.amps)
            return []
        if isinstance(event, ContactTurned | ContactLost | NetworkLimited):
            return self._peak.receive(event, now)
        if isinstance(event, HouseMeasured):
            self._balance.house(event.amps)
            return []
        balanced = self._balance.own(event.amps)
        if balanced is None:
            return []
        return [o for sharer in self._sharers for o in sharer.receive(balanced, now)]

    def tick(self, now: float) -> Sequence[LimitOffered]:
        """Nothing becomes of waiting."""
        return []
