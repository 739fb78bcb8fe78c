"""A simulated car, shown what a test likes it to see."""

from dataclasses import replace

import pytest

from seccstack import sdp
from seccstack.auth.decision import Granted
from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import SetKeyCnf, SlacParmReq
from seccstack.homeplug.vendor import PlLinkStatusCnf
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS
from seccstack.session import events as session_events
from seccstack.session.events import ContactorChanged, Decided, LimitChanged
from seccstack.sim import car as cars
from seccstack.sim.car import (
    Appetite,
    BytesArrived,
    Car,
    Character,
    Connect,
    DatagramArrived,
    Disconnect,
    Draw,
    FrameArrived,
    MainsChanged,
    Multicast,
    PlugIn,
    PullPlug,
    Said,
    SendFrame,
    SignalSeen,
    StreamDown,
    StreamUp,
    link_local,
)
from seccstack.sim.pilot import VehicleConnected, VehicleDisconnected
from seccstack.slac import ev
from tests.scenarios.scene import character
from tests.session.vehicle import OUR_ID, Ev
from tests.sim.test_host import Wire
from tests.slac.bench import MODEM

SECC = bytes.fromhex("fe80" + 13 * "00" + "01")
RESPONSE = sdp.SdpResponse(SECC, 49152, sdp.SECURITY_NONE).encode()
CONNECTED, READY = VehicleConnected(CONNECTED_OHMS), VehicleConnected(READY_OHMS)
SILENT = replace(Character(), speaks=False)


class Street:
    """A car, plugged in if not told otherwise, and all it has done."""

    def __init__(self, own=None, plugged=True):
        self.car = Car(own or Character(), bytes)
        self.now = 0.0
        self.done = []
        if plugged:
            self.show(PlugIn())

    def show(self, *events):
        """Return what it does at once, its frames left out."""
        told = [action for e in events for action in self.car.receive(e, self.now)]
        self.done += told
        return [action for action in told if not isinstance(action, SendFrame)]

    def wait(self, seconds):
        until, told = self.now + seconds, []
        while self.car.deadline is not None and self.car.deadline <= until:
            self.now = self.car.deadline
            told += self.car.tick(self.now)
            assert self.car.deadline is None or self.car.deadline > self.now
        self.now = until
        self.done += told
        return [action for action in told if not isinstance(action, SendFrame)]

    def join(self):
        """Be in the charger's network, as the modem has it."""
        wire = Wire()
        wire.host._mac, self.car._host = self.car.mac, wire.host  # one that has matched
        wire.match().hear(SetKeyCnf(result=1, your_nonce=bytes(4)), MODEM)
        return self.link(up=True)

    def link(self, up):
        told = []
        for _ in range(4):
            told += self.wait(1)
            frame = Frame(self.car.mac, MODEM, PlLinkStatusCnf(link=int(up)))
            told += self.show(FrameArrived(encode_frame(frame)))
        return told

    def of(self, kind):
        return [action for action in self.done if isinstance(action, kind)]

    @property
    def asked(self):
        """How often it has asked for matching, in runs."""
        frames = [decode_frame(action.octets) for action in self.of(SendFrame)]
        return [f for f in frames if isinstance(f.message, SlacParmReq)]


@pytest.fixture
def street():
    return Street()


# The plug.


def test_a_car_that_is_plugged_in_shows_its_resistor():
    assert Street(plugged=False).show(PlugIn()) == [CONNECTED]


def test_one_that_is_not_sees_and_hears_nothing():
    street = Street(plugged=False)
    events = [
        SignalSeen(Limit(16)),
        MainsChanged(True),
        StreamUp(),
        StreamDown(),
        Appetite(True),
    ]
    assert street.show(*events, BytesArrived(b"x"), FrameArrived(b"x")) == []
    assert street.car.deadline is None


def test_one_whose_plug_is_pulled_forgets_everything(street):
    street.show(SignalSeen(Digital()), StreamUp())
    assert street.show(PullPlug()) == [VehicleDisconnected(), Draw(0.0)]
    assert street.car.deadline is None


# Pulses.


def test_pulses_make_it_charge_as_any_vehicle_does():
    street = Street(SILENT)
    assert street.show(SignalSeen(Limit(10))) == [READY]
    street.show(MainsChanged(True))
    assert street.wait(1) == [Draw(10.0)]


def test_pulses_that_end_make_it_open_its_switch():
    street = Street(SILENT)
    street.show(SignalSeen(Limit(10)), MainsChanged(True))
    street.wait(1)
    assert street.show(SignalSeen(Steady())) == [CONNECTED]
    assert street.wait(1) == [Draw(0.0)]


def test_mains_that_are_gone_make_it_stop_at_once():
    street = Street(SILENT)
    street.show(SignalSeen(Limit(10)), MainsChanged(True))
    street.wait(1)
    assert street.show(MainsChanged(False)) == [Draw(0.0)]


def test_a_full_car_wants_nothing_and_may_be_made_to_want_more():
    street = Street(SILENT)
    street.show(SignalSeen(Limit(10)))
    assert street.show(Appetite(False)) == [CONNECTED]
    assert street.show(SignalSeen(Steady()), SignalSeen(Limit(12))) == []
    assert street.show(Appetite(True)) == [READY]
    assert street.wait(1) == []


def test_a_sleeping_car_wakes_the_charger_by_b_c_b():
    street = Street(SILENT)
    street.show(SignalSeen(Steady()))
    assert street.show(Appetite(True)) == [READY]
    assert street.show(SignalSeen(Steady())) == []
    assert street.wait(0.3) == [CONNECTED]


def test_or_by_opening_a_session_as_if_it_had_never_slept():
    street = Street(character(wakes_by_pilot=False))
    street.join()
    street.show(DatagramArrived(RESPONSE), StreamDown(), SignalSeen(Steady()))
    before = len(street.of(Multicast))
    assert street.show(Appetite(True)) == []
    street.wait(0.6)
    assert len(street.of(Multicast)) == before + 1


# 5 %.


def test_5_percent_makes_it_speak_each_time_anew(street):
    street.show(SignalSeen(Digital()), SignalSeen(Digital()))
    street.wait(0.1)
    assert len(street.asked) == 1
    street.show(SignalSeen(Fault()), SignalSeen(Digital()))
    street.wait(0.1)
    assert len(street.asked) == 2


@pytest.mark.parametrize("own", [SILENT, character(slac={"start_seconds": 30.0})])
def test_but_not_one_that_cannot_or_not_yet(own):
    street = Street(own)
    street.show(SignalSeen(Digital()))
    street.wait(20)
    assert street.asked == []


def test_nor_one_that_is_full(street):
    street.show(Appetite(False), SignalSeen(Digital()))
    street.wait(1)
    assert street.asked == []


def test_a_car_that_nobody_answers_gives_up(street):
    street.show(SignalSeen(Digital()))
    assert street.wait(30) == [Said("gives up SLAC: no charger answered CM_SLAC_PARM.REQ")]


def test_a_link_makes_it_look_for_an_secc(street):
    street.show(SignalSeen(Digital()))
    street.join()
    street.wait(1)
    [first, *_] = street.of(Multicast)
    assert sdp.SdpRequest.decode(first.octets) == sdp.SdpRequest(sdp.SECURITY_NONE)


def test_where_the_link_stands_5_percent_make_it_look_for_an_secc_at_once(street):
    street.join()
    street.show(DatagramArrived(RESPONSE), StreamDown())
    before = len(street.of(Multicast))
    street.show(SignalSeen(Digital()))
    street.wait(0.6)
    assert len(street.of(Multicast)) > before
    assert street.asked == []


def test_it_stops_looking_when_it_is_answered_or_the_link_is_lost(street):
    street.join()
    assert street.show(DatagramArrived(RESPONSE)) == [Connect(SECC, 49152)]
    assert street.show(DatagramArrived(RESPONSE)) == []
    street = Street()
    street.join()
    street.link(up=False)
    before = len(street.of(Multicast))
    street.wait(10)
    assert len(street.of(Multicast)) == before


def test_it_gives_up_looking_after_50_requests(street):
    street.join()
    assert street.wait(30)[-1] == Said("finds no SECC")
    assert len(street.of(Multicast)) == 50


def test_it_opens_one_session_at_a_time(street):
    street.join()
    street.show(DatagramArrived(RESPONSE), SignalSeen(Digital()))
    before = len(street.of(Multicast))
    street.wait(5)
    street.show(StreamUp(), SignalSeen(Steady()), SignalSeen(Digital()))
    street.wait(1)
    assert len(street.of(Multicast)) == before


# The session. What it says there is `tests.sim.test_evcc`'s matter.


def test_a_stream_is_the_beginning_of_a_session(street):
    street.show(SignalSeen(Digital()), StreamUp())
    street.wait(0.1)
    assert len(street.of(cars.SendBytes)) == 1


def test_a_charger_that_does_not_answer_is_left(street):
    street.show(StreamUp())
    assert street.wait(6)[-2:] == [Said("ends the session: no response in 5 s"), Disconnect()]


def test_a_session_that_breaks_leaves_it_to_the_pulses(street):
    street.show(SignalSeen(Digital()), StreamUp(), SignalSeen(Limit(16)))
    assert street.show(StreamDown()) == [READY]


def test_octets_without_a_session_are_nothing_to_it(street):
    assert street.show(BytesArrived(b"hello")) == []


def test_in_a_session_it_wakes_nobody(street):
    street.show(StreamUp())
    assert street.show(Appetite(True)) == []


def test_its_address_is_made_from_its_mac():
    assert link_local(bytes.fromhex("EC65CC010203")) == "fe80::ee65:ccff:fe01:203"
    assert Car(Character(), bytes).address == "fe80::ee65:ccff:fe01:203"


def test_its_character_is_that_of_its_slac_too():
    street = Street(replace(Character(), slac=ev.Character(run_id=b"TESLA EV")))
    street.show(SignalSeen(Digital()))
    street.wait(0)
    assert street.asked[0].message.run_id == b"TESLA EV"
    assert street.asked[0].destination != LOCAL_MODEM


class Charger:
    """Answers a street's car as our own session would, with everything granted."""

    def __init__(self, street):
        self.street = street
        self.ev = Ev()
        self.ev.tell(LimitChanged(16.0), Decided(Granted("open")))
        self.ev.tell(session_events.PilotChanged(True), ContactorChanged(True))
        self.answered = 0
        street.show(SignalSeen(Digital()), StreamUp())

    def wait(self, seconds):
        for _ in range(round(seconds / 0.05)):
            self.street.wait(0.05)
            sent = self.street.of(cars.SendBytes)
            for action in sent[self.answered :]:
                self.answered += 1
                self.ev.write(action.data)
                answers = [
                    a.data for a in self.ev.last if isinstance(a, session_events.SendBytes)
                ]
                self.street.show(*map(BytesArrived, answers))
        return self.street.of(Said)


def test_in_a_session_it_closes_its_switch_for_power_delivery_only(street):
    charger = Charger(street)
    charger.wait(2)
    assert street.of(VehicleConnected) == [CONNECTED, READY]
    street.show(MainsChanged(True))
    charger.wait(1)
    assert street.of(Draw) == [Draw(16.0)]


def test_pulses_that_end_in_a_session_open_its_switch(street):
    Charger(street).wait(2)
    assert street.show(SignalSeen(Steady())) == [CONNECTED]
    assert street.show(SignalSeen(Digital())) == [READY]


def test_a_full_battery_ends_the_session_in_order(street):
    charger = Charger(street)
    charger.wait(2)
    assert street.show(Appetite(False)) == []
    assert charger.wait(2) == [Said("ends the session: charged")]
    assert street.show(SignalSeen(Steady()), SignalSeen(Limit(16))) == []


def test_a_car_that_pauses_sleeps_and_then_goes_on_with_its_session():
    own = character(pauses=1, pause_seconds=7.0, wishes={"loops": 2})
    street = Street(own)
    assert Charger(street).wait(6)[-1] == Said("ends the session: paused")
    street.show(SignalSeen(Steady()))
    assert street.wait(7.5)[:2] == [READY, CONNECTED]
    street.show(StreamUp())
    assert street.car._evcc._session_id == OUR_ID


def test_one_that_was_stopped_is_not_full(street):
    charger = Charger(street)
    charger.wait(2)
    charger.ev.tell(session_events.StopCharging("enough"))
    assert charger.wait(2) == [Said("ends the session: stopped")]
    assert street.show(SignalSeen(Steady()), SignalSeen(Limit(16))) == [READY]
