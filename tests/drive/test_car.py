"""A recorded car: it does what it did then, and says where our charger would have parted."""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack import v2gtp
from seccstack.capture.items import Disconnected, Link, V2gMessage
from seccstack.drive.car import (
    MAX_PARTINGS,
    PATIENCE,
    SOMEWHERE,
    Authorise,
    Finished,
    RecordedCar,
)
from seccstack.drive.script import CONNECTION, SDP_ANSWER, Step, script_of
from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import SetKeyCnf, SetKeyReq, SlacMatchCnf, SlacParmCnf
from seccstack.messages import codec, iso2
from seccstack.messages.codec import Schema
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS
from seccstack.sdp import SdpResponse
from seccstack.sim import car
from seccstack.sim.pilot import VehicleConnected, VehicleDisconnected
from tests.capture.scene import (
    EV,
    EVSE,
    ISO2,
    KEY,
    NID,
    RUN,
    SET_UP,
    SETUP,
    STOP,
    STOPPED,
    Scene,
    address,
    choice,
    exi,
    offer,
)
from tests.drive.recording import plug_in_of, recorded, scene_of_a_charge
from tests.session.vehicle import power

OTHER = structs.replace(ISO2, schema_id=2, priority=2)
OURS = bytes.fromhex("A0A1A2A3A4A5A6A7")
ANSWER = SdpResponse(bytes(16), 50000, 0x10).encode()


class Stage:
    """A recorded car, and us for its charger: what we say is said at once."""

    def __init__(self, scene, **who):
        script = script_of(plug_in_of(scene), EV, **who)
        self.car = RecordedCar(script)
        self.now = 100.0
        self.done = list(self.car.receive(car.PlugIn(), self.now))

    def next(self, times=1):
        """Let it do what is due next, so many times; return what it did."""
        done = []
        for _ in range(times):
            self.now = self.car.deadline
            done += self.car.tick(self.now)
        self.done += done
        return done

    def see(self, event):
        return self.car.receive(event, self.now)

    def say(self, content, session_id=OURS):
        octets = content if isinstance(content, bytes) else answer(content, session_id)
        self.see(car.BytesArrived(v2gtp.encode(v2gtp.EXI, octets)))

    @property
    def partings(self):
        return [(p.message, p.ours, p.theirs) for p in self.car.partings]


def answer(content, session_id):
    if not type(content).__module__.endswith("iso2"):
        return exi(content)
    header = iso2.MessageHeader(session_id=session_id)
    return codec.encode(Schema.ISO2, iso2.V2G_Message(header=header, body=content))


def connected(*contents, close=None):
    """A car of which only a connection is recorded, and what is said on it; it stands."""
    scene = Scene()
    talk = scene.connect()
    talk.exchange(*contents)
    if close:
        talk.close(close)
    stage = Stage(scene)
    assert stage.next() == [car.Connect(*SOMEWHERE)]
    stage.see(car.StreamUp())
    return stage


def sent(done):
    """The EXI of the only request."""
    [data] = [action.data for action in done if isinstance(action, car.SendBytes)]
    return data[v2gtp.HEADER.size :]


# Who it is.


def test_its_addresses_are_those_of_the_recording():
    recorded_car = Stage(recorded(), address="fe80::1", host_mac=EVSE).car
    assert (recorded_car.mac, recorded_car.address) == (EVSE, "fe80::1")


def test_what_the_recording_lacks_of_them_is_made_of_the_mac_of_its_matching():
    recorded_car = Stage(recorded()).car
    assert (recorded_car.mac, recorded_car.address) == (EV, address(EV))


# The plug.


def test_it_does_nothing_before_it_is_plugged_in():
    recorded_car = RecordedCar(script_of(plug_in_of(recorded()), EV))
    assert recorded_car.deadline is None
    assert recorded_car.tick(1000.0) == []


def test_plugging_in_and_out_shows_on_the_pilot_line():
    stage = Stage(recorded())
    assert stage.done == [VehicleConnected(CONNECTED_OHMS)]
    assert stage.see(car.PullPlug()) == [VehicleDisconnected()]
    assert stage.car.deadline is None


def test_what_it_makes_of_the_pilot_and_the_mains_is_not_recorded():
    stage = Stage(recorded())
    assert stage.see(car.MainsChanged(True)) == []


# Matching.


def test_its_frames_are_the_recorded_octets():
    scene = recorded()
    stage = Stage(scene)
    [frame] = stage.next()
    assert frame.octets == scene.packets[0].octets


def test_it_keeps_its_own_pace_after_the_answer():
    stage = Stage(recorded())
    stage.next()
    stage.now += 3.0
    stage.see(car.FrameArrived(parm_cnf()))
    assert stage.car.deadline == pytest.approx(stage.now + 0.1)


def test_it_waits_in_vain_for_as_long_as_it_is_patient():
    stage = Stage(recorded())
    stage.next()
    assert stage.car.deadline == pytest.approx(stage.now + 0.2 + PATIENCE)
    stage.next()
    assert stage.partings == [("CM_SLAC_PARM.CNF", None, None)]
    assert stage.car.partings[0].why == "our charger said nothing"


def test_it_gives_its_modem_the_key_of_our_charger_and_not_the_recorded_one():
    key = bytes(range(16))
    stage = Stage(recorded())
    [set_key] = stage.see(car.FrameArrived(match_cnf(key)))
    message = decode_frame(set_key.octets).message
    assert isinstance(message, SetKeyReq)
    assert (message.network_key, message.network_id) == (key, NID)
    assert key != KEY


def test_frames_that_cannot_be_read_tell_it_nothing():
    stage = Stage(recorded())
    assert stage.see(car.FrameArrived(bytes(20))) == []


def test_what_its_own_modem_says_is_no_word_of_the_charger():
    stage = Stage(recorded())
    stage.next()
    confirmation = SetKeyCnf(result=1, my_nonce=bytes(4), your_nonce=bytes(4))
    stage.see(car.FrameArrived(encode_frame(Frame(EV, LOCAL_MODEM, confirmation))))
    stage.next()
    assert stage.car.partings[0].why == "our charger said nothing"


def parm_cnf():
    return encode_frame(Frame(EV, EVSE, SlacParmCnf(forwarding_station=EV, run_id=RUN)))


def match_cnf(key):
    message = SlacMatchCnf(
        ev_mac=EV, evse_mac=EVSE, run_id=RUN, network_id=NID, network_key=key
    )
    return encode_frame(Frame(EV, EVSE, message))


# SDP and the connection.


def discovering():
    """A car of which SDP and a connection are recorded; it has asked."""
    scene = Scene()
    scene.discover()
    scene.connect().exchange(STOP, STOPPED)
    stage = Stage(scene)
    stage.next()
    return stage


def test_it_connects_to_what_our_charger_told_it():
    stage = discovering()
    stage.see(car.DatagramArrived(SdpResponse(bytes(15) + b"\1", 50001, 0x10).encode()))
    assert stage.next() == [car.Connect(bytes(15) + b"\1", 50001)]


def test_a_datagram_that_is_no_answer_is_not_taken_for_one():
    stage = discovering()
    stage.see(car.DatagramArrived(b"hello"))
    stage.see(car.DatagramArrived(ANSWER))
    assert stage.next() == [car.Connect(bytes(16), 50000)]


def test_a_charger_with_another_kind_of_connection_is_a_parting():
    stage = discovering()
    stage.see(car.DatagramArrived(SdpResponse(bytes(16), 50000, 0x00).encode()))
    stage.next()
    assert stage.partings == [(SDP_ANSWER, "TLS", "no TLS")]


def test_a_recorded_answer_that_cannot_be_read_is_compared_with_nothing():
    scene = Scene()
    scene.discover(answered=False)
    scene.udp(address(EVSE), address(EV), (15118, 49152), b"\1\xfe", mac=EVSE)
    stage = Stage(scene)
    stage.next()
    stage.see(car.DatagramArrived(ANSWER))
    stage.next()
    assert stage.partings == []


def test_without_an_address_there_is_no_connection_and_all_on_it_is_left_out():
    stage = discovering()
    stage.next()
    assert stage.next() == [Finished()]
    assert stage.partings == [
        (SDP_ANSWER, None, "no TLS"),
        ("SessionStopReq", "no connection", "it was answered"),
    ]
    assert "did not tell its address; 1 requests" in stage.car.partings[1].why


def test_a_connection_that_is_not_accepted_is_one_parting():
    stage = discovering()
    stage.see(car.DatagramArrived(ANSWER))
    stage.next()
    assert stage.next() == [Finished()]
    assert stage.partings == [("SessionStopReq", "no connection", "it was answered")]
    assert "did not accept it" in stage.car.partings[0].why


def test_a_connection_without_requests_that_is_not_accepted_is_a_parting_too():
    scene = Scene()
    scene.connect(opened=False).send("ev", bytes.fromhex("16030100050000000000"))
    stage = Stage(scene)
    stage.next(2)
    assert stage.partings == [(CONNECTION, "no connection", "it was answered")]


def test_where_the_capture_lacks_the_discovery_it_connects_all_the_same():
    stage = connected(STOP, STOPPED)
    kinds = [type(action) for action in stage.done]
    assert car.Multicast not in kinds
    assert kinds.count(car.Connect) == 1
    assert sent(stage.next()) == exi(STOP)


def test_it_closes_what_it_closed():
    stage = connected(STOP, STOPPED, close="ev")
    stage.next()
    stage.say(STOPPED)
    assert stage.next() == [car.Disconnect()]


# Requests.


def test_a_request_is_sent_as_it_was_recorded():
    stage = connected(offer(), choice())
    assert sent(stage.next()) == exi(offer())


def test_its_session_id_becomes_ours_once_it_is_known():
    stage = connected(offer(), choice(), SETUP, SET_UP, STOP, STOPPED)
    stage.next()
    stage.say(choice())
    assert sent(stage.next()) == exi(SETUP)
    stage.say(SET_UP)
    assert sent(stage.next()) == answer(STOP, OURS)
    assert stage.partings == []


def test_payloads_that_are_no_messages_tell_it_nothing():
    stage = connected(STOP, STOPPED)
    stage.next()
    stage.say(b"\x80\xff\xff")
    stage.see(car.BytesArrived(b"\1\xfe\xff\xff\0\0\0\0"))
    stage.next()
    assert stage.partings == [("SessionStopRes", None, "OK")]


@pytest.mark.parametrize(
    ("progress", "ohms"),
    [("Start", READY_OHMS), ("Renegotiate", READY_OHMS), ("Stop", CONNECTED_OHMS)],
)
def test_power_delivery_shows_on_the_pilot_line_before_it_is_asked_for(progress, ohms):
    done = connected(power(progress)).next()
    assert done[0] == VehicleConnected(ohms)
    assert isinstance(done[1], car.SendBytes)


def authorization(processing):
    return iso2.AuthorizationRes(
        response_code=iso2.ResponseCode.OK, evse_processing=iso2.EVSEProcessing(processing)
    )


@pytest.mark.parametrize(("processing", "known"), [("Finished", True), ("Ongoing", False)])
def test_our_charger_knows_of_the_authorisation_when_the_recorded_one_did(processing, known):
    stage = connected(iso2.AuthorizationReq(), authorization(processing))
    assert (Authorise() in stage.next()) is known


def test_what_it_asked_in_a_protocol_that_our_charger_did_not_choose_it_does_not_ask():
    stage = connected(offer(ISO2, OTHER), choice(2), SETUP, SET_UP, STOP, STOPPED)
    stage.next()
    stage.say(choice(1))
    assert stage.next() == [car.Disconnect()]
    assert stage.next() == [Finished()]
    ours, theirs = (f"OK_SuccessfulNegotiation, SchemaID {n}" for n in (1, 2))
    assert stage.partings == [
        ("supportedAppProtocolRes", ours, theirs),
        ("SessionSetupReq", "not asked", "it was answered"),
    ]
    assert stage.car.partings[1].why == (
        "the car would have gone on in another protocol, of which nothing is recorded; "
        "2 requests of the car are left out"
    )


def test_an_answer_of_the_handshake_that_cannot_be_read_leads_it_nowhere_else():
    stage = connected(offer(), b"\x80\xff\xff", SETUP, SET_UP)
    stage.next()
    stage.say(choice())
    assert sent(stage.next()) == exi(SETUP)


def test_what_it_says_on_an_older_connection_beside_the_present_one_is_not_said():
    scene = Scene()
    first = scene.connect()
    scene.connect().say("ev", SETUP)
    first.say("ev", STOP)
    first.close("ev")
    stage = Stage(scene)
    for _ in range(2):
        stage.next()
        stage.see(car.StreamUp())
    assert sent(stage.next()) == exi(SETUP)
    assert stage.next(2) == []


# Partings.


def test_an_answer_that_did_not_come_is_told_with_what_came_instead():
    stage = connected(STOP, STOPPED)
    stage.next()
    stage.say(SET_UP)
    stage.next()
    assert stage.partings == [("SessionStopRes", None, "OK")]
    assert stage.car.partings[0].why == "our charger said SessionSetupRes instead"


def test_an_answer_that_differs_is_told_at_its_time():
    stage = connected(STOP, STOPPED)
    stage.next()
    stage.say(iso2.SessionStopRes(response_code=iso2.ResponseCode.FAILED))
    stage.next()
    [found] = stage.car.partings
    assert (found.t, found.ours, found.theirs) == (stage.now, "FAILED", "OK")


def test_only_the_first_partings_are_kept():
    left = Disconnected(1, 0.0, Link(0), "ev", "FIN")
    step = Step(left, at=0.0, delay=0.0, awaited=frozenset({"an answer"}))
    script = replace(script_of(plug_in_of(recorded()), EV), steps=(step,) * (MAX_PARTINGS + 1))
    recorded_car = RecordedCar(script)
    recorded_car.receive(car.PlugIn(), 0.0)
    for _ in script.steps:
        assert recorded_car.tick(recorded_car.deadline) == []
    assert len(recorded_car.partings) == MAX_PARTINGS


# A connection that our charger closes.


def test_what_was_said_before_it_closed_is_compared():
    stage = connected(STOP, STOPPED)
    stage.next()
    stage.say(iso2.SessionStopRes(response_code=iso2.ResponseCode.FAILED))
    stage.see(car.StreamDown())
    stage.next()
    assert stage.partings == [("SessionStopRes", "FAILED", "OK")]


def test_what_it_said_after_that_is_left_out():
    stage = connected(offer(), choice(), SETUP, SET_UP, STOP, STOPPED)
    stage.next()
    stage.see(car.StreamDown())
    assert stage.next() == [Finished()]
    assert stage.partings == [
        ("supportedAppProtocolRes", None, "OK_SuccessfulNegotiation, SchemaID 1"),
        ("SessionSetupReq", "no connection", "it was answered"),
    ]
    assert stage.car.partings[1].why == (
        "our charger closed it; 2 requests of the car are left out"
    )


def test_what_it_did_elsewhere_goes_on_and_on_the_next_connection_too():
    scene = Scene()
    first = scene.connect()
    first.say("ev", offer())
    scene.discover()
    first.say("evse", choice())
    first.exchange(SETUP, SET_UP)
    scene.connect().exchange(STOP, STOPPED)
    stage = Stage(scene)
    stage.next()
    stage.see(car.StreamUp())
    stage.next()
    stage.see(car.StreamDown())
    [asked] = stage.next()
    assert isinstance(asked, car.Multicast)
    stage.see(car.DatagramArrived(ANSWER))
    [again] = stage.next()
    assert isinstance(again, car.Connect)
    assert [name for name, *_ in stage.partings] == ["SessionSetupReq"]


def test_a_close_after_the_end_is_of_no_matter():
    stage = connected(STOP)
    assert stage.next(2)[1:] == [Finished()]
    stage.see(car.StreamDown())
    assert (stage.partings, stage.car.deadline) == ([], None)


def test_a_close_before_there_is_a_connection_is_of_no_matter():
    stage = Stage(recorded())
    stage.see(car.StreamDown())
    assert stage.partings == []


def test_a_request_that_cannot_be_read_is_sent_all_the_same():
    scene, talk = scene_of_a_charge()
    talk.say("ev", b"\x80\xff\xff")
    [step] = [s for s in script_of(plug_in_of(scene), EV).steps if is_message(s)]
    assert step.item.message is None
    stage = Stage(scene)
    while not any(isinstance(action, car.SendBytes) for action in stage.done):
        stage.see(car.StreamUp())
        stage.see(car.DatagramArrived(ANSWER))
        stage.next()
    assert sent(stage.done) == b"\x80\xff\xff"


def is_message(step):
    return isinstance(step.item, V2gMessage)
