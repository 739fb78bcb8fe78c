"""Charges in a simulated world, as the flight recorder writes them: the same ones each time.

The charge point, the recorder and the simulated car are those of the product. Only what a
contract is signed with is drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from seccstack import __version__, sdp
from seccstack.adapters.paper import paper
from seccstack.auth import events as auth_events
from seccstack.auth.decision import Policy
from seccstack.drive.octets import octets_of
from seccstack.events import (
    Action,
    BytesReceived,
    DatagramReceived,
    Event,
    LimitOffered,
    StreamClosed,
    StreamOpened,
)
from seccstack.homeplug.frame import BROADCAST, Frame, encode_frame
from seccstack.homeplug.messages import AttenProfileInd, SlacMatchReq, SlacParmReq
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.limits import StopWanted
from seccstack.session.plant import Charger, DcSupply, Protocol
from seccstack.sim import car as cars
from seccstack.sim import demo
from seccstack.sim import supply as supplies
from seccstack.sim.evcc_requests import DIN_NAMESPACE
from seccstack.sim.world import EVSE_MAC
from seccstack.slac import ev, station
from tools.captures.card import Recording
from tools.captures.film import CARD_UID, Film, Take, polite, stage

NEIGHBOUR = bytes.fromhex("02AABBCCDD02")
NEIGHBOUR_ADDRESS = "fe80::aa:bbff:fecc:dd02"
ORIGIN = "python -m tools.record_captures {name}; seccstack {version}, in virtual time"

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


def renegotiated(name: str) -> Take:
    """In mid-charge the car negotiates anew."""
    return Take(*stage(name, Policy.OPEN, character=polite(loops=10, renegotiates_at=4)))


def on_contract(name: str) -> Take:
    """The car of the demonstration pays by its contract, and signs receipts of the meter."""
    world = demo.stage(Policy.CARD, octets_of(name), paper(demo.WALL_TIME))
    film = Film(world, world.charge_point._settings)
    return Take(world, film, until=demo.UNPLUGGED, unplugs=False)


def on_dc(name: str, loops: int = 10, **wishes: object) -> Take:
    """The car charges DC."""
    supply = DcSupply(max_volts=500, max_amps=125, max_watts=50_000)
    mode = EnergyTransferMode.DC_EXTENDED
    character = polite(mode=mode, max_amps=100, loops=loops, **wishes)
    world, film = stage(
        name,
        Policy.OPEN,
        character=character,
        rated_amps=72,
        charger=Charger(evse_id="DE*SEC*E000001", supply=supply),
        pilot=pilot_settings.Settings(current=pilot_settings.Current.DC),
    )
    return Take(world, film, until=60.0)


def broken(name: str) -> Take:
    """The supply fails in the middle of a DC charge."""
    take = on_dc(name, loops=1000)
    world = take.world

    def fail() -> None:
        for report in world.supply.receive(supplies.Broken("too hot"), world.now):
            world.tell(report)

    world.at(14.0, fail)
    return replace(take, until=30.0)


def in_din(name: str) -> Take:
    """The car speaks DIN SPEC 70121."""
    return on_dc(name, namespace=DIN_NAMESPACE)


def asked_to_stop(name: str) -> Take:
    """The limit falls in mid-charge, and then the owner has had enough."""
    take = on_dc(name, loops=1000, namespace=DIN_NAMESPACE)
    world = take.world
    world.at(12.0, lambda: world.tell(LimitOffered("owner", 20.0)))
    world.at(15.0, lambda: world.tell(StopWanted("the owner wants it")))
    return replace(take, until=30.0)


def in_20(name: str) -> Take:
    """The registered car of the demonstration speaks ISO 15118-20, as in a lab: without TLS."""
    world = demo.stage(Policy.AUTOCHARGE, octets_of(name), protocol=Protocol.ISO20)
    film = Film(world, world.charge_point._settings)
    return Take(world, film, until=demo.UNPLUGGED, unplugs=False)


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
    "own-ac-renegotiation": ("A car negotiates anew in mid-charge", renegotiated),
    "own-ac-pnc": ("A car pays by contract; TLS is not simulated", on_contract),
    "own-dc": ("ISO 15118-2 DC, from the cable's check to the end", on_dc),
    "own-dc-supply-fails": ("The supply fails in the middle of a DC charge", broken),
    "own-din": ("DIN SPEC 70121, from the cable's check to the end", in_din),
    "own-din-stopped": ("In DIN SPEC 70121 a limit falls, then it has to stop", asked_to_stop),
    "own-20-ac": ("ISO 15118-20 AC, as in a lab without TLS; the limit falls and rises", in_20),
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
