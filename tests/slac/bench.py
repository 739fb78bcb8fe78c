"""An EV that says what it is told to, to a matching machine in virtual time."""

from seccstack.homeplug.fields import Mme
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    SlacMatchReq,
    SlacParmReq,
    StartAttenCharInd,
)
from seccstack.slac.checks import ToAll
from seccstack.slac.events import Heard, Ignored, KeyInForce, ModemLearned, Send
from seccstack.slac.evse import SlacEvse, VehicleArrived

EVSE = bytes.fromhex("021122334401")
MODEM = bytes.fromhex("c49300564e34")
EV = bytes.fromhex("02aabbccdd01")
OTHER = bytes.fromhex("02aabbccdd02")
RUN = bytes.fromhex("02aabbccdd010001")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")
KEY_2 = bytes.fromhex("50d3e4933f855b7040784df815aa8db7")
PROFILE = bytes(range(10, 68))


def start(mac=EV, run=RUN, **changes):
    return StartAttenCharInd(**{"forwarding_station": mac, "run_id": run} | changes)


def response(mac=EV, run=RUN, **changes):
    return AttenCharRsp(**{"source_address": mac, "run_id": run} | changes)


def choice(mac=EV, run=RUN, **changes):
    return SlacMatchReq(**{"ev_mac": mac, "evse_mac": EVSE, "run_id": run} | changes)


class Bench:
    """Everything the charger does is kept in ``done`` as (time, action)."""

    def __init__(self, ready=True, **settings):
        self.charger = SlacEvse(EVSE, **settings)
        self.now = 0.0
        self.done = []
        if ready:
            self.tell(ModemLearned(MODEM))
            self.tell(KeyInForce(KEY))
            self.tell(VehicleArrived())

    def tell(self, event):
        """Give the charger an event; return what it does at once."""
        actions = list(self.charger.receive(event, self.now))
        self.done += [(self.now, action) for action in actions]
        return actions

    def say(self, message, mac=EV, to=None):
        """Say something on the line; return the messages the charger answers at once."""
        destination = to or (BROADCAST if isinstance(message, ToAll) else EVSE)
        return sent(self.tell(Heard(destination, mac, message)))

    def wait(self, seconds):
        """Let time pass; return what the charger does, each with its time."""
        end, before = self.now + seconds, len(self.done)
        while self.charger.deadline is not None and self.charger.deadline <= end:
            self.now = self.charger.deadline
            self.done += [(self.now, action) for action in self.charger.tick(self.now)]
        self.now = end
        return self.done[before:]

    def said(self, kind):
        """The times at which the charger sent a message of this kind."""
        return [
            at for at, a in self.done if isinstance(a, Send) and isinstance(a.message, kind)
        ]

    def ask(self, mac=EV, run=RUN):
        return self.say(SlacParmReq(run_id=run), mac)

    def hear(self, count=10, mac=EV, profile=PROFILE, modem=MODEM):
        """Let the modem report so many sounds; return the last answers."""
        answers = []
        for _ in range(count):
            answers = self.say(AttenProfileInd(ev_mac=mac, attenuations=profile), modem)
        return answers

    def get_report(self, mac=EV, run=RUN):
        """Ask and sound; return the charger's CM_ATTEN_CHAR.IND."""
        self.ask(mac, run)
        self.say(start(mac, run), mac)
        [report] = self.hear(mac=mac)
        assert isinstance(report, AttenCharInd)
        return report

    def get_chosen(self, mac=EV, run=RUN):
        """Do all that comes before CM_SLAC_MATCH.REQ."""
        self.get_report(mac, run)
        assert self.say(response(mac, run), mac) == []

    def match(self, mac=EV, run=RUN):
        """Do everything; return the charger's answers to CM_SLAC_MATCH.REQ."""
        self.get_chosen(mac, run)
        return self.say(choice(mac, run), mac)


def sent(actions) -> list[Mme]:
    return [action.message for action in actions if isinstance(action, Send)]


def reasons(actions):
    return [(action.what, action.why) for action in actions if isinstance(action, Ignored)]
