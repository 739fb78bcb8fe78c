"""Charges in a simulated world, as the flight recorder writes them: the same ones each time.

The charge point, the recorder and the simulated car are those of the product; only what carries
octets between them is not there, so the entries that a tap of the network would have made are
made here, of the charge point's own events and actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from seccstack import __version__, sdp
from seccstack.auth import events as auth_events
from seccstack.auth import judgement
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.drive.octets import octets_of
from seccstack.events import (
    Action,
    BytesReceived,
    CloseStream,
    DatagramReceived,
    Event,
    LimitOffered,
    NetworkOpened,
    SendBytes,
    StreamClosed,
    StreamOpened,
)
from seccstack.homeplug.frame import BROADCAST, Frame, encode_frame
from seccstack.homeplug.messages import AttenProfileInd, SlacMatchReq, SlacParmReq
from seccstack.outlet import Settings
from seccstack.recording.entries import Closed, Entry, Octets, Opened, Served, Step
from seccstack.recording.journal import Journal, Order, Write
from seccstack.session.plant import Charger
from seccstack.sim import car as cars
from seccstack.sim.car import Car, Character
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import ADDRESS, EVSE_MAC, PORT, World
from seccstack.slac import ev, station
from tools.captures.card import Recording

BEGAN = 1_700_000_000 * 10**9  # nanoseconds since 1970: what a world's 0 s was
BOUND = 10_000_000  # octets of a recording: none comes near it, so each is in one part
CARD_UID = "04A2B3C4D5E680"
NEIGHBOUR = bytes.fromhex("02AABBCCDD02")
NEIGHBOUR_ADDRESS = "fe80::aa:bbff:fecc:dd02"
ORIGIN = "python -m tools.record_captures {name}; seccstack {version}, in virtual time"
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
    """A world in which all is ready to begin; the plug is pulled at a time."""

    world: World
    film: Film
    until: float = 40.0

    def shoot(self) -> bytes:
        """Let it run, unplug, and wait until all is over; return the pcapng."""
        self.world.at(self.until, self.world.unplug)
        self.world.run(self.until + 10.0)
        return self.film.end(self.world.now)


def stage(
    name: str, policy: Policy, *, known: bool = False, character: Character | None = None
) -> tuple[World, Film]:
    """Return a world with a car that is plugged in after a second, and what films it."""
    octets = octets_of(name)
    car = Car(character or polite(), octets)
    registry = SimRegistry([CardRecord(uid=CARD_UID)])
    if known:
        registry.add_vehicle(VehicleRecord(mac=car.mac, label="known"))
    settings = Settings(
        charger=Charger(evse_id="DE*SEC*E000001"),
        rated_amps=16,
        access=judgement.Settings(policy=policy, card_wait_seconds=20.0),
    )
    world = World(settings, car, registry=registry, octets=octets)
    film = Film(world, settings)
    world.at(1.0, world.plug_in)
    return world, film


def polite(**wishes: object) -> Character:
    """Return the usual car, which does not charge for long, and may wish something else."""
    usual = Wishes(evccid=b"", loops=LOOPS)
    return Character(wishes=replace(usual, **wishes))  # type: ignore[arg-type]


Scene = Callable[[str], Take]


def opened(name: str) -> Take:
    """Whoever comes may charge."""
    return Take(*stage(name, Policy.OPEN))


def recognised(name: str) -> Take:
    """The car is registered."""
    return Take(*stage(name, Policy.AUTOCHARGE, known=True))


def with_card(name: str) -> Take:
    """The car is a stranger; a card is held up meanwhile."""
    world, film = stage(name, Policy.CARD)
    world.at(7.0, lambda: world.tell(auth_events.CardPresented(CARD_UID)))
    return Take(world, film)


def refused(name: str) -> Take:
    """The car is a stranger, and nobody holds a card up."""
    return Take(*stage(name, Policy.AUTOCHARGE), until=60.0)


def unplugged(name: str) -> Take:
    """The plug is pulled in mid-charge."""
    world, film = stage(name, Policy.OPEN, character=polite(loops=1000))
    return Take(world, film, until=8.0)


def limited(name: str) -> Take:
    """The limit falls, falls to nothing for a moment, and rises again."""
    world, film = stage(name, Policy.OPEN, character=polite(loops=24))
    for at, amps in ((6.0, 10.0), (8.0, 6.0), (10.0, 0.0), (12.0, 13.0)):
        world.at(at, lambda amps=amps: world.tell(LimitOffered("owner", amps)))  # type: ignore[misc]
    return Take(world, film)


def paused(name: str) -> Take:
    """The car pauses, sleeps, and comes back to its session."""
    character = replace(polite(), pauses=1, pause_seconds=10.0)
    return Take(*stage(name, Policy.AUTOCHARGE, known=True, character=character))


def by_pulse_width(name: str) -> Take:
    """The car is matched and never asks for the charger: it charges by pulse width."""
    return Take(
        *stage(name, Policy.OPEN, character=replace(polite(), sdp_seconds=1000.0)), until=45.0
    )


def silent(name: str) -> Take:
    """The car stops speaking in the middle of its session."""
    character = polite(silent_at="ChargeParameterDiscoveryReq", response_seconds=1000.0)
    return Take(*stage(name, Policy.OPEN, character=character), until=90.0)


def no_protocol(name: str) -> Take:
    """The car offers a protocol that nobody else has."""
    character = polite(namespace="urn:example:private:2026:MsgDef")
    return Take(*stage(name, Policy.OPEN, character=character), until=20.0)


def undecided(name: str) -> Take:
    """The car sounds, is told its attenuation, and never chooses a charger."""
    slac = ev.Character(withheld=frozenset({SlacMatchReq}))
    return Take(*stage(name, Policy.OPEN, character=replace(polite(), slac=slac)), until=60.0)


def out_of_turn(name: str) -> Take:
    """The car asks for what it may not ask for yet: its SessionSetupReq comes twice."""
    world, film = stage(name, Policy.OPEN)
    said: list[bytes] = []

    def again(now: float, event: Event | None, actions: Sequence[Action]) -> None:
        if isinstance(event, BytesReceived):
            said.append(event.data)
            if len(said) == 3:
                repeated = BytesReceived(event.stream, said[1])
                world.at(now + 0.01, lambda: world.tell(repeated))

    world.observers.append(again)
    return Take(world, film, until=15.0)


def beside_others(name: str) -> Take:
    """While a car charges, a neighbour asks, lies and pushes in."""
    world, film = stage(name, Policy.AUTOCHARGE, known=True, character=polite(loops=12))

    def say(message: SlacParmReq | SlacMatchReq | AttenProfileInd) -> None:
        octets = encode_frame(Frame(BROADCAST, NEIGHBOUR, message))
        world.tell(station.FrameReceived(octets))

    victim, request = polite().mac, sdp.SdpRequest(sdp.SECURITY_NONE).encode()
    choice = SlacMatchReq(ev_mac=victim, evse_mac=EVSE_MAC, run_id=bytes(8))
    loud = AttenProfileInd(ev_mac=victim, attenuations=bytes(58))
    asked = DatagramReceived(NEIGHBOUR_ADDRESS, 50_001, request, NEIGHBOUR)
    pushed = StreamOpened(900, NEIGHBOUR_ADDRESS, bytes(range(8)), 0, NEIGHBOUR)
    for n in range(4):
        world.at(1.2 + n / 5, lambda: say(SlacParmReq(run_id=bytes(8))))
    world.at(1.5, lambda: say(loud))
    world.at(1.6, lambda: say(choice))
    world.at(6.0, lambda: world.tell(asked))
    world.at(6.1, lambda: world.tell(pushed))
    return Take(world, film)


def hung_up(name: str) -> Take:
    """The connection breaks off in mid-charge: it goes on by pulse width."""
    world, film = stage(name, Policy.OPEN, character=polite(loops=16))
    world.at(7.0, lambda: world.show(cars.StreamDown()))
    world.at(7.0, lambda: world.tell(StreamClosed(1)))
    return Take(world, film)


SCENES: dict[str, tuple[str, Scene]] = {
    "own-ac-open": ("Whoever comes may charge: ISO 15118-2 AC", opened),
    "own-ac-autocharge": ("A registered car is recognised and charges", recognised),
    "own-ac-card": ("A stranger waits for a card and then charges", with_card),
    "own-ac-refused": ("A stranger waits for a card that nobody holds up", refused),
    "own-ac-unplugged": ("The plug is pulled in mid-charge", unplugged),
    "own-ac-limits": ("The limit falls, falls to nothing, and rises again", limited),
    "own-ac-pause": ("A car pauses and comes back to its session", paused),
    "own-ac-hung-up": ("The connection breaks off in mid-charge", hung_up),
    "own-ac-silent": ("A car stops speaking in the middle of its session", silent),
    "own-ac-out-of-turn": ("A request comes that may not come now", out_of_turn),
    "own-ac-beside-others": ("A neighbour asks, lies and pushes in meanwhile", beside_others),
    "own-pulse-width": ("A car is matched and never asks for the charger", by_pulse_width),
    "own-no-protocol": ("A car offers a protocol that nobody else has", no_protocol),
    "own-no-match": ("A car is told its attenuation and never chooses us", undecided),
}


def recordings(names: Sequence[str]) -> Iterator[Recording]:
    """Play the scenes with these names, or all."""
    for name, (what, scene) in SCENES.items():
        if names and name not in names:
            continue
        origin = ORIGIN.format(name=name, version=__version__)
        yield Recording(name, what, origin, scene(name).shoot())
