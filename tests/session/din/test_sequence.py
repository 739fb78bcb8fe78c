"""Every request of DIN SPEC 70121 in every state: it is answered, or refused, in kind."""

import pytest

from seccstack.errors import UsageError
from seccstack.messages import din
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.din import ResponseCode
from seccstack.session.dialogue import SEQUENCE_TIMEOUT
from seccstack.session.din.record import Session, State
from seccstack.session.din.refusal import REFUSALS, refuse
from seccstack.session.din.requests import Request
from seccstack.session.din.sequence import RELEASED, SEQUENCE, begin
from seccstack.session.events import Broken, CloseStream, SendBytes, SessionEnded
from seccstack.session.opening import Opening
from seccstack.session.plant import Plant
from tests.session import vehicle
from tests.session.din.vehicle import CHARGER, GOOD, OUR_ID, SAMPLES, SUPPLY, WAYS, DinEv

PAIRS = [(state, request) for state in WAYS for request in SAMPLES]
ALLOWED = [pair for pair in PAIRS if type(pair[1]) in SEQUENCE[State[pair[0]]]]
REFUSED = [pair for pair in PAIRS if pair not in ALLOWED]
FOREIGN = [pair for pair in ALLOWED if pair[0] != "CONNECTED"]


def names(pairs):
    return [f"{state}-{type(request).__name__}" for state, request in pairs]


def kind(message):
    return type(message).__name__[:-3]


def assert_over(ev, code):
    how = ev.last[-1].how
    assert isinstance(how, Broken)
    assert code in how.why
    assert ev.last[-2:] == [CloseStream(how.why), SessionEnded(how)]
    assert not ev.energy()
    assert ev.session.deadline is None


def test_every_state_and_every_request_has_its_row():
    assert set(SEQUENCE) == set(State)
    assert set(REFUSALS) == set(Request.__args__) == {type(sample) for sample in SAMPLES}
    assert {State[name] for name in WAYS} | {State.ENDED} == set(State)


@pytest.mark.parametrize("name", WAYS)
def test_each_way_leads_to_its_state(name):
    assert WAYS[name](DinEv()).session.state is State[name]


@pytest.mark.parametrize(("name", "request_"), ALLOWED, ids=names(ALLOWED))
def test_a_request_in_order_is_answered_in_kind_and_leads_where_the_table_says(name, request_):
    ev = WAYS[name](DinEv())
    response = ev.ask(request_)
    if response is not None and ev.session.state is not State.ENDED:
        assert kind(response) == kind(request_)
        assert response.response_code.value.startswith("OK")
    step = SEQUENCE[State[name]][type(request_)]
    assert ev.session.state in (*step.to, State.ENDED)


@pytest.mark.parametrize(("name", "request_"), REFUSED, ids=names(REFUSED))
def test_a_request_out_of_order_is_refused_in_kind_and_ends_the_session(name, request_):
    ev = WAYS[name](DinEv())
    response = ev.ask(request_)
    assert kind(response) == kind(request_)
    assert response.response_code is ResponseCode.FAILED_SEQUENCE_ERROR
    assert_over(ev, "FAILED_SequenceError")


@pytest.mark.parametrize("wrong", ["", "00", "0000000000000000", "0123456789ABCDEE"])
@pytest.mark.parametrize(("name", "request_"), FOREIGN, ids=names(FOREIGN))
def test_a_request_with_a_foreign_session_id_is_refused_in_kind(name, request_, wrong):
    ev = WAYS[name](DinEv())
    response = ev.ask(request_, bytes.fromhex(wrong))
    assert kind(response) == kind(request_)
    assert response.response_code is ResponseCode.FAILED_UNKNOWN_SESSION
    assert_over(ev, "FAILED_UnknownSession")


@pytest.mark.parametrize("name", sorted(set(WAYS) - {"CONNECTED", "CONNECTING", "PARTING"}))
def test_a_vehicle_that_falls_silent_is_hung_up_on(name):
    ev = WAYS[name](DinEv())
    ev.wait(SEQUENCE_TIMEOUT - 3.0)
    if name != "NEGOTIATING":  # it was told Ongoing, and has less time
        assert ev.session.deadline is not None
    ev.wait(3.1)
    assert not any(isinstance(action, SendBytes) for action in ev.last)
    assert ev.session.over


@pytest.mark.parametrize("code", [c for c in ResponseCode if c.value.startswith("FAILED")])
@pytest.mark.parametrize("request_", SAMPLES, ids=lambda sample: type(sample).__name__)
def test_every_refusal_survives_the_line(request_, code):
    session = Session(
        charger=CHARGER,
        supply=SUPPLY,
        plant=Plant(),
        session_id=OUR_ID,
        timestamp=0,
        opened=0.0,
        now=0.0,
    )
    header = din.MessageHeader(session_id=OUR_ID)
    message = din.V2G_Message(header=header, body=refuse(request_, code, session))
    decoded = decode(Schema.DIN, encode(Schema.DIN, message))
    assert (decoded.message, decoded.findings) == (message, ())


@pytest.mark.parametrize("body", [None, din.SessionStopRes(response_code=ResponseCode.OK)])
def test_what_is_no_request_ends_the_session_without_an_answer(body):
    ev = WAYS["SET_UP"](DinEv())
    assert ev.ask(body) is None
    assert_over(ev, "is no request")


def test_a_message_of_another_language_ends_the_session():
    ev = WAYS["SET_UP"](DinEv())
    assert ev.write(vehicle.framed(vehicle.SERVICE_DISCOVERY, OUR_ID)) is None
    assert ev.session.over


def test_what_is_no_message_has_no_name():
    dialogue = WAYS["SET_UP"](DinEv()).session._dialogue
    assert dialogue.name_of(GOOD["setup"]) is None
    assert dialogue.name_of(din.V2G_Message(header=din.MessageHeader(session_id=b""))) == (
        "V2G_Message"
    )


def test_a_charger_on_ac_does_not_speak_it():
    opening = Opening(charger=vehicle.CHARGER, session_id=OUR_ID, timestamp=0, at=0.0)
    with pytest.raises(UsageError, match="a supply of DC"):
        begin(opening, 0.0)


def test_where_an_owed_response_leads_is_where_the_request_may_lead():
    for state, states in RELEASED.items():
        assert state in SEQUENCE
        assert set(states) <= set(State)
