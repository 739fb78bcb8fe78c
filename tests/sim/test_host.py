"""The host behind a simulated vehicle's modem."""

import pytest

from seccstack.homeplug.frame import BROADCAST, LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import (
    AttenCharInd,
    SetKeyCnf,
    SetKeyReq,
    SlacMatchCnf,
    SlacParmCnf,
    SlacParmReq,
)
from seccstack.homeplug.vendor import PlLinkStatusCnf, PlLinkStatusReq
from seccstack.sim.host import PowerlineHost
from seccstack.slac.ev import Character, MatchFailed
from seccstack.slac.events import LinkChanged
from tests.slac.bench import EV, EVSE, KEY, MODEM, PROFILE, RUN


class Wire:
    def __init__(self):
        self.host = PowerlineHost(EV, bytes, Character(run_id=RUN))
        self.now = 0.0
        self.done = list(self.host.match(0.0))

    def wait(self, seconds):
        until = self.now + seconds
        while self.host.deadline is not None and self.host.deadline <= until:
            self.now = self.host.deadline
            self.done += self.host.tick(self.now)
        self.now = until
        return self

    def hear(self, message, source=EVSE):
        self.done += self.host.receive(encode_frame(Frame(EV, source, message)), self.now)
        return self

    def match(self):
        self.wait(0.1).hear(SlacParmCnf(forwarding_station=EV, run_id=RUN)).wait(0.5)
        self.hear(
            AttenCharInd(source_address=EV, run_id=RUN, num_sounds=10, attenuations=PROFILE)
        ).wait(0.5)
        return self.hear(
            SlacMatchCnf(
                ev_mac=EV, evse_mac=EVSE, run_id=RUN, network_id=bytes(7), network_key=KEY
            )
        )

    @property
    def sent(self):
        frames = [decode_frame(octets) for octets in self.done if isinstance(octets, bytes)]
        assert {frame.source for frame in frames} == {EV}
        return [(frame.destination, type(frame.message)) for frame in frames]


@pytest.fixture
def wire():
    return Wire()


def test_it_asks_everybody(wire):
    assert wire.wait(0).sent == [(BROADCAST, SlacParmReq)]


def test_a_key_that_it_is_given_goes_to_its_modem(wire):
    assert wire.match().sent[-1] == (LOCAL_MODEM, SetKeyReq)


def test_then_it_watches_the_link(wire):
    wire.match().hear(SetKeyCnf(result=1, your_nonce=bytes(4)), MODEM)
    assert wire.sent[-1] == (LOCAL_MODEM, PlLinkStatusReq)
    wire.hear(PlLinkStatusCnf(link=1), MODEM)
    assert wire.done[-1] == LinkChanged(up=True)


def test_where_nobody_answers_it_says_so(wire):
    [failed] = [a for a in wire.wait(30).done if isinstance(a, MatchFailed)]
    assert failed.why == "no charger answered CM_SLAC_PARM.REQ"


def test_it_may_match_anew(wire):
    wire.match()
    wire.host.match(wire.now)
    assert wire.wait(0).sent[-1] == (BROADCAST, SlacParmReq)


def test_what_it_cannot_read_it_does_not_hear(wire):
    assert wire.host.receive(b"\x00", 0.0) == []
