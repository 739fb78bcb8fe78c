"""A simulated world filmed: what the flight recorder would have written of it.

Only what carries octets between charge point and car is not there, so the entries that a tap of
the network would have made are made here, of the charge point's own events and actions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seccstack.auth import judgement
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.drive.octets import octets_of
from seccstack.events import (
    Action,
    BytesReceived,
    CloseStream,
    Event,
    NetworkOpened,
    SendBytes,
    StreamClosed,
    StreamOpened,
)
from seccstack.outlet import Settings
from seccstack.recording.entries import Closed, Entry, Octets, Opened, Served, Step
from seccstack.recording.journal import Journal, Order, Write
from seccstack.session.plant import Charger
from seccstack.sim.car import Car, Character
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import ADDRESS, EVSE_MAC, PORT, World

BEGAN = 1_700_000_000 * 10**9  # nanoseconds since 1970: what a world's 0 s was
BOUND = 10_000_000  # octets of a recording: none comes near it, so each is in one part
CARD_UID = "04A2B3C4D5E680"
LOOPS = 6  # turns of the charging loop: enough to see that it goes round


class Film:
    """Watches a world, and keeps what the flight recorder writes of it."""

    def __init__(self, world: World, settings: Settings) -> None:
        self._machine = world.charge_point
        self._journal = Journal(world.charge_point, settings, most_octets=BOUND, secrets=True)
        self._packets: list[bytes] = []
        world.observers.append(self._observe)

    def end(self, now: float) -> bytes:
        """Return the pcapng."""
        self._take(self._journal.close(BEGAN, now, "the end"))
        return b"".join(self._packets)

    def _observe(self, now: float, event: Event | None, actions: Sequence[Action]) -> None:
        for entry in _before(now, event):
            self._journal.note(entry)
        self._journal.note(Step(now, event, actions, self._machine.deadline))
        for action in actions:
            for entry in _of_action(now, action):
                self._journal.note(entry)
        self._take(self._journal.settle(BEGAN, now))

    def _take(self, orders: Sequence[Order]) -> None:
        self._packets += [order.packets for order in orders if isinstance(order, Write)]


def _before(now: float, event: Event | None) -> Iterator[Entry]:
    match event:
        case NetworkOpened(address):
            yield Served(now, address, EVSE_MAC)
        case StreamOpened(stream, address):
            yield Opened(now, stream, (address, 50_000 + stream), (ADDRESS, PORT))
        case BytesReceived(stream, data):
            yield Octets(now, stream, "ev", data)
        case StreamClosed(stream):
            yield Closed(now, stream, "ev", reset=False)
        case _:
            pass


def _of_action(now: float, action: Action) -> Iterator[Entry]:
    match action:
        case SendBytes(stream, data):
            yield Octets(now, stream, "evse", data)
        case CloseStream(stream):
            yield Closed(now, stream, "evse", reset=False)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Take:
    """A world in which all is ready to begin, and when the plug is pulled."""

    world: World
    film: Film
    until: float = 40.0
    unplugs: bool = True  # else its world does

    def shoot(self) -> bytes:
        """Let it run, unplug, and wait until all is over; return the pcapng."""
        if self.unplugs:
            self.world.at(self.until, self.world.unplug)
        self.world.run(self.until + 10.0)
        return self.film.end(self.world.now)


def stage(
    name: str,
    policy: Policy,
    *,
    known: bool = False,
    character: Character | None = None,
    **settings: Any,
) -> tuple[World, Film]:
    """Return a world with a car that is plugged in after a second, and what films it.

    ``settings``: of the outlet, where they are not the usual ones.
    """
    octets = octets_of(name)
    car = Car(character or polite(), octets)
    registry = SimRegistry([CardRecord(uid=CARD_UID)])
    if known:
        registry.add_vehicle(VehicleRecord(mac=car.mac, label="known"))
    usual = Settings(
        charger=Charger(evse_id="DE*SEC*E000001"),
        rated_amps=16,
        access=judgement.Settings(policy=policy, card_wait_seconds=20.0),
    )
    own = replace(usual, **settings)
    world = World(own, car, registry=registry, octets=octets)
    film = Film(world, own)
    world.at(1.0, world.plug_in)
    return world, film


def polite(**wishes: object) -> Character:
    """Return the usual car, which does not charge for long, and may wish something else."""
    usual = Wishes(evccid=b"", loops=LOOPS)
    return Character(wishes=replace(usual, **wishes))  # type: ignore[arg-type]
