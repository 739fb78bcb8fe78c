"""A world with a clock that only the test moves, and all that happens in it, to look up."""

import hashlib
import itertools
from dataclasses import replace

from seccstack.auth import enrolling, judgement
from seccstack.auth import events as auth_events
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.energy import floor as floors
from seccstack.energy import watchdog_events
from seccstack.events import (
    BytesReceived,
    Ignored,
    LimitOffered,
    Noted,
    StreamClosed,
    StreamOpened,
)
from seccstack.experience import policy as starts
from seccstack.homeplug.frame import BROADCAST, Frame, encode_frame
from seccstack.homeplug.messages import SlacParmReq
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot import settings as pilot_settings
from seccstack.session.events import Exchanged
from seccstack.session.plant import Charger
from seccstack.sim.car import Appetite, Car, Character, StreamDown
from seccstack.sim.powerline import LineSettings, Powerline
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import World
from seccstack.slac import station
from tests.recording.tape import Tape
from tests.scenarios.witness import Witness
from tests.session.vehicle import framed

MAC = Character().mac
CARD = "04A2B3C4D5E680"
TAPES = []  # of the scenes of the present test
STRANGE_CARD = "0401020304"


def octets_of(seed):
    """Octets that look random and are the same each time."""
    count = itertools.count()

    def octets(n):
        return hashlib.sha512(b"%d %d" % (seed, next(count))).digest()[:n]

    return octets


def chances_of(seed):
    """Numbers of [0, 1), from octets of their own."""
    octets = octets_of(~seed)
    while True:
        yield int.from_bytes(octets(4)) / 2**32


def character(slac=None, wishes=None, **changes):
    """A car that differs from the polite one in this."""
    polite = Character()
    return replace(
        polite,
        slac=replace(polite.slac, **slac or {}),
        wishes=replace(polite.wishes, **wishes or {}),
        **changes,
    )


class Scene:
    """One outlet at 16 A, one car that is polite if not told otherwise, and a witness."""

    def __init__(
        self,
        policy="open",
        car=None,
        known=(),
        cards=(CARD,),
        amps=16.0,
        seed=0,
        line=None,
        access=None,
        pilot=None,
        floor=None,
        slac_init_seconds=50.0,
        slac=None,
        opens=True,
        supply=None,
        enrolment=None,
        registry=None,
        prices=None,
        watchdog=None,
        start=starts.FIXED,
        charger=None,
    ):
        octets = octets_of(seed)
        if registry is None:
            registry = SimRegistry([CardRecord(uid=uid) for uid in cards])
        registry.put(VehicleRecord(mac=mac) for mac in known)
        self.world = World(
            Settings(
                charger=Charger(
                    evse_id="DE*SEC*E000001",
                    supply=supply,
                    tariffs=prices is not None,
                    **charger or {},
                ),
                rated_amps=amps,
                access=judgement.Settings(policy=Policy(policy), **access or {}),
                enrolment=enrolling.Settings(**enrolment or {}),
                pilot=pilot_settings.Settings(**pilot or {}),
                start=start,
                watchdog=watchdog_events.Settings(**watchdog or {}),
                floor=floors.Settings(**floor or {}),
                slac=station.Settings(init_seconds=slac_init_seconds, **slac or {}),
            ),
            Car(car or Character(), octets),
            registry=registry,
            octets=octets,
            opens=opens,
            contracts=None if prices is None else lambda question: (0.01, prices(question)),
            line=Powerline(LineSettings(**line or {}), chances_of(seed)),
        )
        self.registry = registry
        self.steps = []
        self.witness = Witness()
        self.world.observers += [lambda *step: self.steps.append(step), self.witness]
        TAPES.append(Tape(self.world))
        self.wait(1)

    @property
    def now(self):
        return self.world.now

    # What is done.

    def wait(self, seconds):
        self.world.run(self.now + seconds)
        return self

    def wait_until(self, happens, within=60.0):
        """Let time pass until something is the case."""
        end = self.now + within
        while not happens():
            assert self.now < end, f"it did not happen in {within} s"
            self.wait(0.01)
        return self

    def plug_in(self):
        self.world.plug_in()
        return self

    def unplug(self):
        self.world.unplug()
        return self

    def tell(self, event):
        self.world.tell(event)
        return self

    def hold_card(self, uid=CARD):
        return self.tell(auth_events.CardPresented(uid))

    def limit(self, amps, source="owner"):
        return self.tell(LimitOffered(source, amps))

    def stop(self, why="the owner wants it"):
        return self.tell(limits.StopWanted(why))

    def let_modem_live(self, lives):
        """A modem that is dead hears neither its host nor the line."""
        self.world.line.modems["evse"].silent = not lives
        self.world.line.attenuate("evse", "ev", 20 if lives else 255)
        return self

    def say_on_line(self, message, mac=MAC, to=BROADCAST):
        """Have somebody say something to our modem's side of the line, and it heard."""
        octets = encode_frame(Frame(to, mac, message))
        return self.tell(station.FrameReceived(octets))

    def ask_as(self, mac, run_id=bytes(8)):
        """Have a car ask to be matched."""
        return self.say_on_line(SlacParmReq(run_id=run_id), mac)

    @property
    def stream(self):
        """The car's last stream."""
        return [e.stream for _, e, _ in self.steps if isinstance(e, StreamOpened)][-1]

    def lose_stream(self):
        """A reset: both sides see their stream end."""
        self.world.show(StreamDown())
        return self.tell(StreamClosed(self.stream))

    def say(self, request):
        """Say something in the car's session, in its stead."""
        session_id = self.done(Exchanged)[-1][1].message.header.session_id
        return self.tell(BytesReceived(self.stream, framed(request, session_id)))

    def appetite(self, more):
        self.world.show(Appetite(more))
        return self

    def charge(self, within=20.0):
        """Plug in, and wait until the car draws."""
        self.plug_in()
        return self.wait_until(lambda: self.drawing, within)

    # What is seen.

    @property
    def drawing(self):
        assert self.world.drawn == 0 or self.world.pilot.closed
        return self.world.drawn > 0

    @property
    def actions(self):
        return [(now, action) for now, _, actions in self.steps for action in actions]

    @property
    def signal(self):
        return self.world.pilot.signal

    def done(self, kind):
        return [(now, action) for now, action in self.actions if isinstance(action, kind)]

    def noted(self, event):
        """The details of every note of this kind."""
        return [action.details for _, action in self.done(Noted) if action.event == event]

    def reasons(self):
        """Why the charger went on by pulse width, each time."""
        return [details["why"] for details in self.noted("pulse width")]

    def ended(self):
        """How the sessions ended."""
        return [details["how"] for details in self.noted("session ended")]

    def exchanged(self, *names):
        """The messages with these names, each with its time; without names, all."""
        return [
            (now, getattr(action.message, "body", action.message))
            for now, action in self.done(Exchanged)
            if not names or action.name in names
        ]

    def last(self, name):
        return self.exchanged(name)[-1][1]

    def code(self, name):
        """The response code of the last response with this name."""
        return self.last(name).response_code.value

    def ignored(self):
        return [(action.what, action.why) for _, action in self.done(Ignored)]

    @property
    def keys(self):
        """Every network key that was drawn."""
        events = [event for _, event, _ in self.steps]
        return [e.network_key for e in events if isinstance(e, station.KeyDrawn)]

    @property
    def said(self):
        """What the car has had to say."""
        return [what for _, what in self.world.said]

    @property
    def decision(self):
        return self.noted("decision")[-1]

    @property
    def draws(self):
        """What the car drew, each with its time."""
        return [(now, a.details["amps"]) for now, a in self.done(Noted) if a.event == "current"]
