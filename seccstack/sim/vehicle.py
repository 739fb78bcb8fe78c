"""What a simulated world can have at its outlet."""

from __future__ import annotations

from typing import Protocol

from seccstack.machine import Machine
from seccstack.sim.car import Action, Event


class Vehicle(Machine[Event, Action], Protocol):
    """A simulated car, or a recorded one."""

    @property
    def mac(self) -> bytes:
        """Its Ethernet address."""

    @property
    def address(self) -> str:
        """Its IPv6 link-local address."""
