"""Twelve kinds of car, as they were seen at chargers: what each does that others do not.

Times, run ids, offers and where each leaves a session are those of public captures and reports,
one or few cars each: seen so, and not always so. What is not known of one is as the polite car
has it. A vehicle of one model draws its address out of the model's range; some draw a new one
for every plug-in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.pilot.port import Digital, Signal
from seccstack.sim.car import Action, Car, Character
from seccstack.sim.evcc_requests import Wishes
from seccstack.slac import ev

TESLA = "urn:tesla:din:2018:MsgDef"
PRNG = bytes.fromhex("FD3FA6BFF5099E10")  # several makes draw from the same fixed stream
LONG = 4000  # turns of the loop: longer than anybody looks on


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of car; ``oui``: the range of its addresses, ``run_id``: how it makes one.

    ``start_seconds``: from 5 % to its first ask, by the number of the plug-in; ``rotates``: it
    has another address for every plug-in; ``bears_five``: else it does nothing any more once it
    has seen 5 %, until it is unplugged; ``restarts``: how often it begins matching anew.
    """

    name: str
    oui: str = "EC65CC"
    rotates: bool = False
    run_id: Callable[[bytes], bytes | None] = lambda mac: None
    start_seconds: tuple[float, ...] = (0.2,)
    slac: ev.Character = field(default_factory=ev.Character)
    bears_five: bool = True
    restarts: int = 0
    character: Character = field(default_factory=Character)

    def mac(self, visit: int) -> bytes:
        """Return its address in a plug-in."""
        own = bytes([visit % 200 + 1 if self.rotates else 1])
        rest = bytes(6 - len(self.oui) // 2 - 1)
        return bytes.fromhex(self.oui) + rest + own

    def car(self, octets: Callable[[int], bytes], visit: int = 0) -> OddCar:
        """Make it, as it is in a plug-in."""
        mac, seconds = self.mac(visit), self.start_seconds[visit % len(self.start_seconds)]
        slac = replace(self.slac, run_id=self.run_id(mac), start_seconds=seconds)
        return OddCar(replace(self.character, name=self.name, mac=mac, slac=slac), octets, self)


class OddCar(Car):
    """A car that may not bear 5 %, and may begin matching anew."""

    def __init__(
        self, character: Character, octets: Callable[[int], bytes], kind: Kind
    ) -> None:
        self._kind = kind
        super().__init__(character, octets)

    def _reset(self) -> None:
        super()._reset()
        self._gave_up = False
        self._restarts = self._kind.restarts

    def _see(self, signal: Signal, now: float) -> Sequence[Action]:
        if isinstance(signal, Digital) and not self._kind.bears_five:
            self._gave_up = True
        return super()._see(signal, now)

    def _get_ready(self, ready: bool) -> list[Action]:
        return super()._get_ready(ready and not self._gave_up)

    def _link_changed(self, up: bool, now: float) -> list[Action]:
        if up and self._restarts:
            self._restarts -= 1
            return self._carry(self._host.match(now), now)
        return super()._link_changed(up, now)


def _wishes(**own: object) -> Wishes:
    return replace(Wishes(evccid=b"", loops=LONG), **own)  # type: ignore[arg-type]


def _and(tail: bytes) -> Callable[[bytes], bytes]:
    return lambda mac: mac + tail


def _always(run_id: bytes) -> Callable[[bytes], bytes]:
    return lambda mac: run_id


PLAIN = Kind(name="plain", character=Character(speaks=False, wishes=_wishes()))
KINDS = (
    # asks 39 times, if it must, until a charger is ready for it; 4.1 s from match to SDP
    Kind(
        name="Kona",
        oui="9012A1",
        run_id=_and(bytes(2)),
        slac=ev.Character(patience_seconds=63.0),
        character=Character(sdp_seconds=2.6, wishes=_wishes()),
    ),
    # takes up to 30 s to its first ask; another address each time
    Kind(
        name="id.3",
        oui="007DFA06",
        rotates=True,
        start_seconds=(30.0, 4.0, 28.0, 12.0),
        character=Character(sdp_seconds=0.7, wishes=_wishes(min_amps=3)),
    ),
    Kind(
        name="Taycan",
        oui="001887",
        run_id=_always(PRNG),
        character=Character(sdp_seconds=2.0, wishes=_wishes(min_amps=2)),
    ),
    # speaks at once, and nothing that an AC charger speaks
    Kind(
        name="Tesla",
        oui="DC4427",
        run_id=_always(b"TESLA EV"),
        start_seconds=(0.05,),
        slac=ev.Character(choice_seconds=0.9, interval_seconds=0.024),
        character=Character(sdp_seconds=0.05, wishes=_wishes(namespace=TESLA)),
    ),
    # ends its connection after PaymentServiceSelection
    Kind(
        name="Mokka-e",
        oui="A453EE",
        run_id=_always(PRNG),
        character=Character(sdp_seconds=1.3, wishes=_wishes(leaves_at="AuthorizationReq")),
    ),
    # 10 to 11 s from match to SDP, 9 sounds of 10, and checks a cable on AC
    Kind(
        name="Seres",
        oui="141FBA",
        run_id=_always(bytes(8)),
        slac=ev.Character(sounds=9),
        character=Character(sdp_seconds=9.0, wishes=_wishes(checks_cable=True)),
    ),
    # takes 5 % for a fault, until it is unplugged
    Kind(name="Ioniq PHEV", bears_five=False, character=PLAIN.character),
    PLAIN,
    # needs 8 A on three phases
    Kind(
        name="Zoe",
        oui="184CAE",
        character=Character(sdp_seconds=0.05, wishes=_wishes(min_amps=8)),
    ),
    # chooses a single phase, and leaves after ChargeParameterDiscovery
    Kind(
        name="Polestar",
        oui="48C58D",
        character=Character(
            sdp_seconds=0.05,
            wishes=_wishes(
                mode=EnergyTransferMode.AC_SINGLE_PHASE_CORE, leaves_at="PowerDeliveryReq"
            ),
        ),
    ),
    # begins matching anew once; offers ISO 15118-2, and does not complete it on AC
    Kind(
        name="BYD",
        oui="C0FBB6",
        run_id=_and(b"\0\1"),
        restarts=1,
        slac=ev.Character(sounds=9),
        character=Character(
            sdp_seconds=4.8, wishes=_wishes(leaves_at="ChargeParameterDiscoveryReq")
        ),
    ),
    # pauses soon, sleeps, and wakes the charger by B, C, B
    Kind(
        name="sleepy VW",
        oui="007DFA07",
        rotates=True,
        start_seconds=(8.0, 6.0, 9.0),
        character=Character(
            sdp_seconds=2.2, pauses=1, pause_seconds=30.0, wishes=_wishes(loops=10)
        ),
    ),
)


def kind(name: str) -> Kind:
    """Return the kind that is called so."""
    return next(one for one in KINDS if one.name == name)
