"""The host's side of one modem, for which a test speaks, in virtual time."""

from seccstack.homeplug.frame import LOCAL_MODEM
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.lumissil import NscmGetVersionReq
from seccstack.homeplug.messages import Network, NwInfoCnf, NwInfoReq, SetKeyCnf, SetKeyReq
from seccstack.homeplug.vendor import (
    ModuleOperationReq,
    PlLinkStatusCnf,
    PlLinkStatusReq,
    RdModReq,
    SwVerReq,
    VsNwInfoReq,
)
from seccstack.slac.events import Heard, Send
from seccstack.slac.modem import ModemHost
from seccstack.slac.modem_events import ModemReported, UseKey

HOST = bytes.fromhex("021122334401")
MODEM = bytes.fromhex("c49300564e34")
STRANGER = bytes.fromhex("c49300666666")
KEY = bytes.fromhex("b59319d7e8157ba001b018669ccee30d")
NONCE = bytes.fromhex("1a2b3c4d")
POLL = Send(LOCAL_MODEM, PlLinkStatusReq())
ASIDES = (
    SwVerReq,
    NscmGetVersionReq,
    NwInfoReq,
    VsNwInfoReq,
    ModuleOperationReq,
    RdModReq,
)


def set_key(key=KEY, nonce=bytes(4)):
    message = SetKeyReq(my_nonce=nonce, network_id=network_id(key), network_key=key)
    return Send(LOCAL_MODEM, message)


def in_network_of(key=KEY):
    network = Network(network_id=network_id(key), role=2, coordinator_mac=MODEM)
    return NwInfoCnf(networks=(network,))


def is_aside(action):
    """Whether it is neither key, link nor silence that an action is about."""
    question = isinstance(action, Send) and isinstance(action.message, ASIDES)
    return question or isinstance(action, ModemReported)


class Desk:
    """What is done is kept in ``done`` as (time, action), but for asides, in ``asides``."""

    def __init__(self, **settings):
        self.host = ModemHost(**settings)
        self.now = self.begun = 0.0
        self.done, self.asides = [], []

    def keep(self, actions):
        at = round(self.now - self.begun, 6)
        self.asides += [(at, action) for action in actions if is_aside(action)]
        kept = [action for action in actions if not is_aside(action)]
        self.done += [(at, action) for action in kept]
        return kept

    def tell(self, event):
        return self.keep(self.host.receive(event, self.now))

    def say(self, message, source=MODEM):
        return self.tell(Heard(HOST, source, message))

    def confirm(self, result=1, source=MODEM, nonce=bytes(4)):
        return self.say(SetKeyCnf(result=result, your_nonce=nonce), source)

    def report(self, link, source=MODEM, status=0):
        return self.say(PlLinkStatusCnf(link=link, status=status), source)

    def wait(self, seconds, link=None):
        """Let time pass, while the modem answers every poll so; None: not at all."""
        end, before = self.now + seconds, len(self.done)
        while self.host.deadline is not None and self.host.deadline <= end:
            self.now = self.host.deadline
            kept = self.keep(self.host.tick(self.now))
            if POLL in kept and link is not None:
                self.report(link)
        self.now = end
        return self.done[before:]

    def polls(self):
        return self.asked(PlLinkStatusReq)

    def asked(self, kind):
        """When the modem was asked so."""
        said = [*self.done, *self.asides]
        return [at for at, a in said if isinstance(a, Send) and isinstance(a.message, kind)]

    def reports(self):
        return [(at, a.status) for at, a in self.asides if isinstance(a, ModemReported)]

    def settle(self):
        """Give it a key that it takes and shows; then begin to count anew."""
        self.tell(UseKey(KEY))
        self.confirm()
        self.report(link=0)
        self.say(in_network_of(KEY))
        self.wait(10, link=0)
        self.now = self.begun = self.host.deadline  # a poll is due
        self.keep(self.host.tick(self.now))
        self.report(link=0)
        self.done.clear()
        self.asides.clear()
