"""One stream, from its opening to its end."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack import v2gtp
from seccstack.auth.decision import Denied, Granted, Pending
from seccstack.errors import UsageError
from seccstack.messages.codec import Schema
from seccstack.messages.iso2 import CertificateInstallationRes, PaymentOption
from seccstack.session.events import (
    AllowEnergy,
    Broken,
    BytesReceived,
    CloseStream,
    ContactorChanged,
    ContractProvided,
    ContractRefused,
    ContractVerified,
    Decided,
    Exchanged,
    Ignored,
    LimitChanged,
    Meter,
    MeterRead,
    PilotChanged,
    Renegotiate,
    SendBytes,
    SessionEnded,
    SignatureVerified,
    StopCharging,
    StreamClosed,
    Ticket,
    Unproven,
)
from seccstack.session.iso2.record import State
from seccstack.session.iso2.sequence import SEQUENCE
from seccstack.session.opening import Opening
from seccstack.session.plant import Plant
from seccstack.session.session import MAX_PROBLEMS
from tests.session.vehicle import (
    CHALLENGE,
    CHARGER,
    OUR_ID,
    PAUSE,
    PROOF,
    PROVEN,
    SAMPLES,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    STATUS,
    STOP,
    WAYS,
    Ev,
    delivered,
    framed,
    offer,
    parameters,
    power,
    sap,
    selection,
    value,
)

# Where something else is due before the vehicle is taken to be silent.
NOT_SILENT = ("CONNECTED", "STARTING", "VERIFYING")


def broken(why):
    return [CloseStream(why), SessionEnded(Broken(why))]


def test_the_handshake_chooses_the_protocol():
    ev = Ev()
    assert ev.session.protocol is None
    assert ev.write(sap(offer(schema_id=9))).schema_id == 9
    assert ev.session.protocol is Schema.ISO2
    assert ev.session.state is State.CONNECTED


def test_without_a_protocol_in_common_the_vehicle_is_told_so_before_the_stream_is_closed():
    ev = Ev()
    response = ev.write(sap(offer(namespace="urn:din:70121:2012:MsgDef")))
    assert response.response_code.value == "Failed_NoNegotiation"
    assert ev.last[-2:] == broken("no protocol in common")


@pytest.mark.parametrize("first", [SESSION_SETUP, STOP])
def test_a_v2g_message_before_the_handshake_is_not_answered(first):
    ev = Ev()
    assert ev.ask(first) is None
    assert ev.last[-2:] == broken("no supportedAppProtocolReq")


def test_the_chargers_own_handshake_message_is_no_request():
    ev = Ev()
    ev.write(v2gtp.encode(v2gtp.EXI, bytes.fromhex("80400000")))
    assert ev.last[0] == Ignored("no supportedAppProtocolReq", "SupportedAppProtocolRes")


def test_a_second_handshake_is_not_answered():
    ev = Ev().set_up()
    assert ev.write(sap()) is None
    assert ev.last[-2:] == broken("no V2G_Message")


@pytest.mark.parametrize("octets", [b"\0", b"\xff" * 40, b"\x80\x98\x02"])
def test_what_cannot_be_decoded_ends_the_session_and_takes_the_energy_away(octets):
    ev = Ev().charge()
    ev.write(v2gtp.encode(v2gtp.EXI, octets))
    assert ev.kinds() == ["Ignored", "AllowEnergy", "CloseStream", "SessionEnded"]
    assert not ev.energy()


def test_every_message_is_recorded_as_it_went_over_the_line():
    ev = Ev().connect()
    ev.write(framed(SESSION_SETUP, OUR_ID))
    heard, _, said, sent = ev.last
    assert (heard.direction, heard.schema, heard.name) == ("ev", Schema.ISO2, "SessionSetupReq")
    assert v2gtp.encode(v2gtp.EXI, heard.exi) == framed(SESSION_SETUP, OUR_ID)
    assert (said.direction, said.name) == ("evse", "SessionSetupRes")
    assert sent == SendBytes(v2gtp.encode(v2gtp.EXI, said.exi))
    assert said.message.body.evseid == CHARGER.evse_id


def test_the_handshake_is_recorded_too():
    ev = Ev().connect()
    named = [(a.direction, a.name) for a in ev.done if isinstance(a, Exchanged)]
    assert named == [("ev", "supportedAppProtocolReq"), ("evse", "supportedAppProtocolRes")]


def test_it_does_not_matter_how_tcp_cuts_the_stream():
    ev = Ev()
    stream = sap() + framed(SESSION_SETUP, b"") + framed(SERVICE_DISCOVERY, OUR_ID)
    for octet in stream:
        ev.tell(BytesReceived(bytes([octet])))
    assert ev.session.state is State.DISCOVERED
    whole = Ev()
    whole.tell(BytesReceived(stream))
    assert whole.done == ev.done


def test_what_follows_the_end_in_one_segment_is_not_looked_at():
    ev = Ev().set_up()
    ev.tell(BytesReceived(framed(STOP, OUR_ID) + framed(SERVICE_DISCOVERY, OUR_ID)))
    assert isinstance(ev.last[-1], SessionEnded)
    assert len([a for a in ev.last if isinstance(a, SendBytes)]) == 1


def test_a_payload_of_another_type_is_ignored_and_the_session_goes_on():
    ev = Ev().charge()
    for payload_type in (0x4C41, v2gtp.MAINSTREAM, 0x7001):
        ev.write(v2gtp.encode(payload_type, bytes(26)))
        assert ev.kinds() == ["Ignored"]
    assert ev.code(STATUS) == "OK"


def test_a_flood_of_them_ends_it():
    ev = Ev().charge()
    for _ in range(MAX_PROBLEMS):
        assert ev.session.deadline is not None
        ev.write(v2gtp.encode(0x4C41, bytes(26)))
    assert ev.last[-2:] == broken("100 payloads that are no messages")
    assert not ev.energy()


@pytest.mark.parametrize("header", ["ffFE800100000001", "01ff800100000001"])
def test_a_wrong_version_is_not_answered_and_closes_the_stream(header):
    ev = Ev().set_up()
    assert ev.write(bytes.fromhex(header) + b"\0") is None
    assert isinstance(ev.last[-2], CloseStream)


@pytest.mark.parametrize(
    ("way", "length", "taken"),
    [
        (None, v2gtp.HANDSHAKE_LIMIT + 1, False),
        (Ev.connect, v2gtp.HANDSHAKE_LIMIT + 1, True),
        (Ev.connect, v2gtp.MESSAGE_LIMIT + 1, False),
        (Ev.connect, 2**32 - 1, False),
    ],
)
def test_a_message_may_be_longer_after_the_handshake_but_not_much(way, length, taken):
    ev = Ev()
    if way:
        way(ev)
    ev.write(b"\x01\xfe\x80\x01" + length.to_bytes(4, "big"))
    assert (ev.session.deadline is not None) is taken


def test_a_vehicle_has_18_s_from_the_opening_of_the_stream_to_set_up_its_session():
    ev = Ev()
    ev.wait(17.0)
    ev.connect().wait(0.9)
    assert ev.session.deadline == 118.0
    ev.wait(0.1)
    assert ev.last == broken("no SessionSetupReq within 18 s")


def test_a_vehicle_that_says_nothing_at_all_is_dropped_too():
    ev = Ev()
    assert ev.wait(18.0) == broken("no SessionSetupReq within 18 s")


@pytest.mark.parametrize("name", [n for n in WAYS if n not in NOT_SILENT])
def test_a_vehicle_that_falls_silent_is_dropped_60_s_after_the_last_response(name):
    ev = WAYS[name](Ev())
    before = ev.wait(59.9)
    assert ev.session.deadline is not None
    assert ev.wait(0.1) != before
    assert ev.last[-2:] == broken("no request within 60 s")
    assert not ev.energy()


def test_each_response_gives_the_vehicle_another_60_s():
    ev = Ev().charge()
    for _ in range(5):
        ev.wait(59.0)
        assert ev.code(STATUS) == "OK"


def test_a_tick_before_the_deadline_changes_nothing():
    ev = Ev().charge()
    assert ev.session.tick(ev.session.deadline - 0.001) == []
    assert ev.code(STATUS) == "OK"


def test_what_is_ignored_gives_no_time():
    ev = Ev().charge()
    ev.wait(30.0)
    ev.write(v2gtp.encode(0x4C41, bytes(26)))
    ev.wait(30.0)
    assert ev.session.state is State.ENDED


@pytest.mark.parametrize("name", WAYS)
def test_a_stream_that_is_lost_ends_the_session_wherever_it_is(name):
    ev = WAYS[name](Ev())
    ev.tell(StreamClosed())
    assert ev.last[-1] == SessionEnded(Broken("the vehicle closed the stream"))
    assert CloseStream not in {type(a) for a in ev.last}
    assert not ev.energy()
    assert ev.tell(StreamClosed(), LimitChanged(6.0)) == []


def test_half_a_message_is_no_message_when_the_stream_is_lost():
    ev = Ev().charge()
    ev.tell(BytesReceived(framed(STATUS, OUR_ID)[:11]))
    assert ev.tell(StreamClosed())[-1] == SessionEnded(Broken("the vehicle closed the stream"))


@pytest.mark.parametrize("session_id", [b"", bytes(8), b"1234567", b"123456789"])
def test_a_session_id_is_eight_octets_and_not_zero(session_id):
    with pytest.raises(UsageError, match="8 octets"):
        Opening(charger=CHARGER, session_id=session_id, timestamp=0, at=0.0)


def test_what_was_known_before_the_stream_was_opened_is_known():
    known = Plant(decision=Granted("open"), limit_amps=10.0, ready=True, contactor_closed=True)
    ev = Ev(plant=known).authorize()
    assert ev.ask(parameters()).evse_charge_parameter.evse_max_current == value(100, "A", -1)
    assert ev.code(power("Start")) == "OK"


# Laws.

UNGRANTED = (
    *(None, "CONNECTED", "SET_UP", "DISCOVERED", "SELECTED"),
    *("CONTRACTING", "PROVIDED", "IDENTIFIED", "VERIFYING"),
)
BY_CONTRACT = selection(1, option=PaymentOption.CONTRACT)
REQUESTS = st.sampled_from(
    [*SAMPLES, PAUSE, power("Stop"), power("Renegotiate"), BY_CONTRACT, PROOF]
)
TICKETS = st.builds(Ticket, st.just(CHALLENGE), st.integers(1, 3))
STEPS = st.one_of(
    st.builds(BytesReceived, REQUESTS.map(lambda request: framed(request, OUR_ID))),
    st.builds(BytesReceived, REQUESTS.map(lambda request: framed(request, bytes(8)))),
    st.builds(BytesReceived, st.binary(max_size=40)),
    st.builds(BytesReceived, st.binary(max_size=60).map(lambda b: v2gtp.encode(v2gtp.EXI, b))),
    st.just(BytesReceived(sap())),
    st.just(StreamClosed()),
    st.sampled_from([Pending(), Granted("open"), Denied()]).map(Decided),
    st.builds(LimitChanged, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(PilotChanged, st.booleans()),
    st.builds(ContactorChanged, st.booleans()),
    st.just(MeterRead(Meter("meter", 1))),
    st.just(StopCharging("")),
    st.just(Renegotiate("")),
    st.builds(ContractVerified, TICKETS, st.sampled_from([PROVEN, Unproven("FAILED", "")])),
    st.builds(SignatureVerified, TICKETS, st.booleans()),
    st.builds(
        ContractProvided,
        TICKETS,
        st.none() | st.binary(max_size=60) | st.just(delivered(CertificateInstallationRes)),
    ),
    st.just(ContractRefused("FAILED_ContractCanceled", "")),
)


class Observer(Ev):
    """Holds a session to what must be true after each of its steps."""

    def __init__(self, **known):
        self.granted = False
        self.seen = set()
        super().__init__(**known)

    def step(self, actions):
        for action in actions:
            if action == AllowEnergy(True):
                assert self.granted
        ended = [a for a in actions if isinstance(a, SessionEnded)]
        assert ended == [a for a in actions[-1:] if isinstance(a, SessionEnded)]
        super().step(actions)
        if ended:
            assert not self.energy()
        deadline = self.session.deadline
        assert (deadline is None) == self.session.over
        return self.last

    def happen(self, event):
        if isinstance(event, Decided):
            self.granted = isinstance(event.decision, Granted)
        before = self.session.state
        self.tell(event)
        heard = [a for a in self.last if isinstance(a, Exchanged) and a.direction == "ev"]
        body = getattr(heard[-1].message, "body", None) if heard else None
        if body is not None and type(body) in SEQUENCE[before]:
            self.seen.add((before, type(body), self.session.state))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([None, *WAYS]),
    st.lists(st.tuples(st.sampled_from([0.0, 0.5, 2.0, 20.0]), STEPS), max_size=15),
)
def test_whatever_happens_the_session_lives_and_energy_is_never_allowed_ungranted(way, steps):
    ev = Observer()
    ev.granted = way not in UNGRANTED
    if way:
        WAYS[way](ev)
    for pause, event in steps:
        ev.happen(event)
        ev.wait(pause)
        assert ev.session.tick(ev.now) == []
    for state, request, after in ev.seen:
        assert after in (*SEQUENCE[state][request].to, State.ENDED)


@pytest.mark.parametrize("way", [lambda ev: ev, Ev.charge])
def test_what_is_ignored_is_of_few_kinds_whatever_the_vehicle_sends(way):
    kinds = set()
    for number in range(0, 1 << 16, 251):
        octets = struct.pack(">H", number)
        for data in (
            octets + v2gtp.encode(v2gtp.EXI, b"")[2:],
            v2gtp.encode(number, octets),
            v2gtp.HEADER.pack(1, 0xFE, v2gtp.EXI, number << 8),
            v2gtp.encode(v2gtp.EXI, octets * 5),
        ):
            ev = way(Ev())
            ev.write(data)
            kinds |= {action.what for action in ev.last if isinstance(action, Ignored)}
    few = {"V2GTP version", "payload type", "payload length"}
    assert few < kinds <= few | {"no supportedAppProtocolReq", "no V2G_Message", "V2G_Message"}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(REQUESTS, st.builds(LimitChanged, st.just(16.0))), max_size=25))
def test_no_order_of_requests_gets_energy_without_a_grant(requests):
    ev = Ev(plant=Plant(limit_amps=16.0, ready=True, contactor_closed=True)).connect()
    for request in requests:
        ev.tell(request) if isinstance(request, LimitChanged) else ev.ask(request)
    assert AllowEnergy(True) not in ev.done
