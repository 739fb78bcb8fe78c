"""A thousand rituals of registration, interrupted by everything that can happen to a box."""

from random import Random

from seccstack.auth import enrolling, judgement
from seccstack.auth import events as auth_events
from seccstack.auth.decision import CardRecord, Policy
from seccstack.auth.enrolment_events import Beep, BeepPattern, Enrol, EnrolAnswered
from seccstack.auth.port import RegistryError
from seccstack.events import Noted
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.session.plant import Charger
from seccstack.sim.car import Car
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import World
from tests.scenarios.scene import character, octets_of

RITUALS = 1000
SETUP = "04FFFFFFFFFFFF"
CARDS = [f"04A1B2{number:02X}" for number in range(40)]
MACS = [bytes([0, 1, 2, 3, 4, number]) for number in range(40)]
ODD = [bytes.fromhex("007DFA071234"), bytes.fromhex("02005E100001")]
SETTINGS = Settings(
    charger=Charger(evse_id="DE*SEC*E000001"),
    rated_amps=16.0,
    access=judgement.Settings(policy=Policy.AUTOCHARGE),
    enrolment=enrolling.Settings(setup_cards=(SETUP,), most=12),
)


class PowerCutError(Exception):
    """The box is without power from here on."""


class Disk(SimRegistry):
    """What is written is kept; now and then it cannot be."""

    broken = False

    def enrol(self, record, most):
        if self.broken:
            raise RegistryError("the disk is full")
        return super().enrol(record, most)


class Box(World):
    """A world that may end before any action; it says what was heard of what."""

    def __init__(self, diary, disk, seed):
        octets = octets_of(seed)
        super().__init__(SETTINGS, Car(character(), octets), registry=disk, octets=octets)
        self.diary = diary
        self.cut_in = None
        self.on = False
        self.asked = {}
        self.run(1.0)

    def _carry_out(self, action):
        if self.cut_in is not None:
            self.cut_in -= 1
            if self.cut_in < 0:
                raise PowerCutError
        match action:
            case Enrol(ticket, record):
                self.asked[ticket] = name_of(record)
            case Beep(BeepPattern.TWO_SHORT):
                self.diary.heard.append(self.asked.pop(self.answered))
            case Noted("registration", details):
                self.on = details["on"]
                self.diary.begun += details["step"] == "started"
            case limits.SetContactor(closed):
                assert not (closed and self.on)
        super()._carry_out(action)

    def tell(self, event):
        if isinstance(event, EnrolAnswered):
            self.answered = event.ticket
        super().tell(event)


def name_of(record):
    return record.uid if isinstance(record, CardRecord) else record.mac


class Diary:
    """What a person at the box does, hears, and remembers over power cuts."""

    def __init__(self, seed):
        self.chance = Random(seed)  # noqa: S311
        self.disk = Disk()
        self.heard = []
        self.unheard = set()  # what was registered when the power failed
        self.begun = self.cuts = 0
        self.there = False  # a vehicle
        self.box = Box(self, self.disk, seed)

    def ritual(self):
        """One from setup card to setup card, if nothing comes between."""
        self.disk.broken = self.chance.random() < 0.05
        self.box.cut_in = self.chance.randrange(150) if self.chance.random() < 0.4 else None
        try:
            self.hold(SETUP)
            for _ in range(self.chance.randrange(4)):
                self.chance.choice([self.card, self.card, self.vehicle, self.nothing])()
            self.hold(SETUP)
            self.unplug()
            self.wait(0.1)  # in which the registry answers
        except PowerCutError:
            self.power_back()
        if (
            len(self.disk.vehicles()) + len(self.disk.cards()) == 12
            and self.chance.random() < 0.3
        ):
            self.tidy_up()

    def hold(self, uid):
        self.box.tell(auth_events.CardPresented(uid))
        self.wait(self.chance.choice([0.001, 0.006, 1.0, 4.0]))

    def card(self):
        self.hold(self.chance.choice(CARDS))

    def vehicle(self):
        if self.there:
            return
        mac = self.chance.choice(ODD if self.chance.random() < 0.1 else MACS)
        self.box.car = Car(character(mac=mac), octets_of(self.chance.randrange(1000)))
        self.there = True
        self.box.plug_in()
        self.wait(self.chance.choice([0.3, 1.2, 3.0, 4.0, 4.5]))
        if self.chance.random() < 0.8:
            self.unplug()

    def nothing(self):
        self.wait(self.chance.choice([0.1, 30.0, 61.0]))

    def unplug(self):
        if self.there:
            self.there = False
            self.box.unplug()
            self.wait(2.0)

    def wait(self, seconds):
        self.box.run(self.box.now + seconds)

    def power_back(self):
        self.cuts += 1
        self.unheard |= self.kept & set(self.box.asked.values()) - set(self.heard)
        self.box = Box(self, self.disk, self.cuts)
        self.there = self.there and self.chance.random() < 0.5
        if self.there:
            self.box.plug_in()

    def tidy_up(self):
        """Forget all: there is to be room."""
        for vehicle in self.disk.vehicles():
            self.disk.remove_vehicle(vehicle.mac)
        for card in self.disk.cards():
            self.disk.remove_card(card.uid)
        self.heard.clear()
        self.unheard.clear()

    @property
    def kept(self):
        return {name_of(record) for record in [*self.disk.vehicles(), *self.disk.cards()]}


def test_what_two_beeps_were_heard_for_is_registered_and_nothing_else_but_by_a_power_cut():
    diary = Diary(1)
    while diary.begun < RITUALS:
        diary.ritual()
        assert diary.kept == set(diary.heard) | diary.unheard
        assert len(diary.heard) == len(set(diary.heard))
    assert diary.cuts > 100
