"""A tester in the car's place: it sets the pilot, sends what a case wants, and looks.

The charger is the product's own, whole; line, modems and pilot are simulated, in virtual time.
"""

from dataclasses import dataclass

import pytest

from seccstack.auth import events as auth_events
from seccstack.auth import judgement
from seccstack.auth.decision import CardRecord, Policy
from seccstack.events import DatagramReceived, Noted, SendDatagram
from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    MnbcSoundInd,
    SetKeyReq,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
    ValidateCnf,
    ValidateReq,
)
from seccstack.homeplug.upkeep import NwStatsCnf, NwStatsReq
from seccstack.outlet import Settings
from seccstack.pilot.limits import Apply
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.pilot.settings import Current
from seccstack.pilot.settings import Settings as PilotSettings
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS, READY_VENTILATED_OHMS
from seccstack.sdp import SECURITY_NONE, SdpRequest
from seccstack.session.plant import Charger
from seccstack.sim.car import FrameArrived, SignalSeen, link_local
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.pilot import OPEN_OHMS, VehicleConnected
from seccstack.sim.powerline import FrameSent, Powerline
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import EV_MODEM, EVSE_MAC, World
from seccstack.slac import station
from seccstack.slac.checks import ToAll
from tests.scenarios.scene import CARD, Scene, chances_of, octets_of

EV = bytes.fromhex("02AABBCCDD01")
OTHER = bytes.fromhex("02AABBCCDD02")
RUN = bytes.fromhex("02AABBCCDD010001")
ANOTHER_RUN = b"\x07" * 8
OHMS = {"A": OPEN_OHMS, "B": CONNECTED_OHMS, "C": READY_OHMS, "D": READY_VENTILATED_OHMS}
TOGGLE = 0.3  # seconds of each part
SLAC = SlacParmCnf | AttenCharInd | ValidateCnf | SlacMatchCnf


class Puppet:
    """A vehicle without a will of its own: it keeps what it is shown."""

    deadline = None

    def __init__(self, mac=EV):
        self.mac = mac
        self.address = link_local(mac)
        self.signals = []
        self.heard = []

    def receive(self, event, now):
        match event:
            case SignalSeen(signal):
                self.signals.append((now, signal))
            case FrameArrived(octets):
                frame = decode_frame(octets)
                self.heard.append(Heard(now, frame.destination, frame.message))
        return []

    def tick(self, now):
        return []


@dataclass(frozen=True)
class Heard:
    at: float
    to: bytes
    message: object


class Prober:
    """At an outlet of this kind; it has been idle for a second, and its modem is ready."""

    def __init__(self, policy="card", pilot=None, slac=None, current=Current.AC):
        octets = octets_of(0)
        settings = Settings(
            charger=Charger(evse_id="DE*SEC*E000001"),
            rated_amps=16.0,
            access=judgement.Settings(policy=Policy(policy)),
            pilot=PilotSettings(**{"current": current} | (pilot or {})),
            slac=station.Settings(**slac or {}),
        )
        world = World(
            settings,
            Puppet(),
            registry=SimRegistry([CardRecord(uid=CARD)]),
            octets=octets,
            line=Powerline(chance=chances_of(0)),
        )
        self._look_at(world, EV)
        self.wait(1)

    @classmethod
    def taking_over(cls, scene: Scene):
        """Stand in for a car that has come so far by itself."""
        tester = cls.__new__(cls)
        mac = scene.world.car.mac
        scene.world.car = Puppet(mac)
        scene.world.car.signals += [(at, a.signal) for at, a in scene.done(Apply)]
        tester._look_at(scene.world, mac)
        return tester

    def _look_at(self, world, mac):
        self.world, self.mac, self.steps = world, mac, []
        world.observers.append(lambda *step: self.steps.append(step))

    @property
    def now(self):
        return self.world.now

    def wait(self, seconds):
        self.world.run(self.now + seconds)
        return self

    # The pilot.

    def pilot(self, state):
        """Turn the resistor; the first time, the plug is put in, which is state B first."""
        if "ev" not in self.world.line.modems:
            self.world.line.attach("ev", SimModem(EV_MODEM, Role.EV))
            self.world.turn(VehicleConnected(OHMS["B"]))
        self.world.turn(VehicleConnected(OHMS[state]))
        return self

    def toggle(self, times):
        for _ in range(times):
            self.pilot("C").wait(TOGGLE).pilot("B").wait(TOGGLE)
        return self

    @property
    def signal(self):
        return self.world.pilot.signal

    @property
    def nominal(self):
        return isinstance(self.signal, Limit)

    def signals(self, since=0.0):
        """What the line has carried since then: (seconds after it, signal)."""
        changes = self.world.car.signals
        return [(round(at - since, 3), signal) for at, signal in changes if at > since]

    def fault_was_held(self, since=0.0):
        """E/F for T_step_EF at least, for 8 s at most; return what came after it."""
        [began, *_] = [at for at, signal in self.signals(since) if signal == Fault()]
        [(ended, after), *_] = [(at, s) for at, s in self.signals(since) if at > began]
        assert 4 <= round(ended - began, 3) <= 8
        return after

    # The powerline.

    def say(self, message, mac=None, to=None):
        destination = to or (BROADCAST if isinstance(message, ToAll) else EVSE_MAC)
        octets = encode_frame(Frame(destination, mac or self.mac, message))
        self.world.line.receive(FrameSent("ev", octets), self.now)
        return self

    def heard(self, kind=object, since=0.0):
        """What came from the charger, or from the tester's own modem."""
        return [h for h in self.world.car.heard if isinstance(h.message, kind) and h.at > since]

    def answer(self, kind, within=0.2):
        """Return the one message of this kind that comes within so many seconds."""
        since = self.now
        while not (heard := self.heard(kind, since)):
            assert self.now < since + within, f"no {kind.__name__} in {within} s"
            self.wait(0.001)
        [only] = heard
        return only.message

    def assert_silence(self, seconds=0.5, kind=SLAC):
        since = self.now
        self.wait(seconds)
        assert self.heard(kind, since) == []

    def ask(self, mac=None, run=RUN, **changes):
        return self.say(SlacParmReq(**{"run_id": run} | changes), mac)

    def start(self, mac=None, run=RUN, **changes):
        mac = mac or self.mac
        fields = {"forwarding_station": mac, "run_id": run}
        for _ in range(3):
            self.say(StartAttenCharInd(**fields | changes), mac).wait(0.04)
        return self

    def sound(self, count=10, mac=None, run=RUN):
        for left in reversed(range(10 - count, 10)):
            self.say(MnbcSoundInd(remaining=left, run_id=run, random=bytes(16)), mac)
            self.wait(0.04 if left > 10 - count else 0)
        return self

    def respond(self, mac=None, run=RUN, **changes):
        fields = {"source_address": mac or self.mac, "run_id": run}
        return self.say(AttenCharRsp(**fields | changes), mac)

    def choose(self, mac=None, run=RUN, **changes):
        fields = {"ev_mac": mac or self.mac, "evse_mac": EVSE_MAC, "run_id": run}
        return self.say(SlacMatchReq(**fields | changes), mac)

    def get_report(self, mac=None, run=RUN):
        """Everything up to CM_ATTEN_CHAR.IND, which is returned."""
        self.ask(mac, run).answer(SlacParmCnf)
        return self.start(mac, run).sound(mac=mac, run=run).answer(AttenCharInd, 1.2)

    def get_chosen(self, mac=None, run=RUN):
        """Everything up to before CM_SLAC_MATCH.REQ."""
        self.get_report(mac, run)
        return self.respond(mac, run).wait(0.01)

    def announce(self, timer=0, mac=None, **changes):
        return self.say(ValidateReq(timer=timer, **changes), mac)

    def validate(self, toggles=2):
        """Both steps of the validation; return the second answer."""
        assert self.announce().answer(ValidateCnf).result == 1
        self.announce(timer=19).toggle(toggles)
        return self.answer(ValidateCnf, 3.0)

    def match(self, run=RUN):
        """Everything up to CM_SLAC_MATCH.CNF, which is returned."""
        return self.get_chosen(run=run).choose(run=run).answer(SlacMatchCnf)

    def answer_key(self):
        """Return CM_SLAC_MATCH.CNF, which is on its way."""
        return self.answer(SlacMatchCnf)

    def join(self, confirmed):
        """Give our own modem the charger's key, or one of nobody's."""
        network = confirmed.network_id, confirmed.network_key
        request = SetKeyReq(network_id=network[0], network_key=network[1])
        return self.say(request, to=LOCAL_MODEM)

    def leave(self):
        """Change our own key: the connection is lost."""
        return self.say(SetKeyReq(network_id=bytes(7), network_key=bytes(16)), to=LOCAL_MODEM)

    def link(self, run=RUN):
        """Match, join, and wait until the charger has seen it."""
        self.join(self.match(run))
        self.wait_for("link ready", 12.0)
        return self

    @property
    def stations(self):
        """How many others our modem has in its network (CM_NW_STATS)."""
        return len(self.say(NwStatsReq(), to=LOCAL_MODEM).answer(NwStatsCnf).stations)

    def wait_until_left(self, within):
        """Wait until nobody is in our network any more."""
        end = self.now + within
        while self.stations:
            assert self.now < end, f"still in the network after {within} s"
            self.wait(0.02)
        return self

    # The charger, from outside.

    def wait_for(self, note, within):
        since, end = self.now, self.now + within
        while not self.noted(note, since):
            assert self.now < end, f"no {note} in {within} s"
            self.wait(0.01)
        return self

    def wait_signal(self, kind, within):
        """Wait until the line carries such a signal; return how long it took."""
        since = self.now
        while not isinstance(self.signal, kind):
            assert self.now < since + within, f"no {kind.__name__} in {within} s"
            self.wait(0.01)
        return self.now - since

    def noted(self, note, since=-1.0):
        """The details of every such note."""
        noted = [(at, a) for at, _, actions in self.steps for a in actions if at >= since]
        return [a.details for _, a in noted if isinstance(a, Noted) and a.event == note]

    def authorise(self):
        """Hold up a card that grants."""
        self.world.tell(auth_events.CardPresented(CARD))
        return self.wait(0.01)

    def assert_sdp_works(self):
        """Ask for the SECC over the link; it answers."""
        assert self.world.line.linked("evse", self.now)
        request = SdpRequest(SECURITY_NONE).encode()
        address = link_local(self.mac)
        self.world.tell(DatagramReceived(address, 50000, request, self.mac))
        assert any(isinstance(action, SendDatagram) for action in self.steps[-1][2])


STEADY, DIGITAL, FAULT = Steady(), Digital(), Fault()


def case(name):
    """Name a test by the case that it is."""
    return pytest.mark.parametrize("case", [f"TC_SECC_{name}"], indirect=True)


def each(group, variants):
    """Name a test by several cases of one group, each with what is wrong in it."""
    named = [pytest.param(what, id=f"TC_SECC_{group}_{n:03}") for n, what in variants.items()]
    return pytest.mark.parametrize("wrong", named)
