"""Every request of ISO 15118-20 in every state: it is answered in kind, whatever is wrong."""

import pytest

from seccstack import v2gtp
from seccstack.messages.codec import Schema
from seccstack.session.events import Broken, CloseStream, SessionEnded, Stopped
from seccstack.session.iso20.record import State
from seccstack.session.iso20.refusal import REFUSALS
from seccstack.session.iso20.requests import Request
from seccstack.session.iso20.sequence import SEQUENCE
from tests.session.iso20.vehicle import (
    CHARGER,
    SAMPLES,
    SETUP,
    WAYS,
    Ev,
    loop,
    power,
    schema_of,
    stop,
)

PAIRS = [(state, request) for state in WAYS for request in SAMPLES]
IDS = [f"{state}-{type(request).__name__}" for state, request in PAIRS]


@pytest.mark.parametrize("state", WAYS)
def test_each_state_is_reached(state):
    assert WAYS[state](Ev()).session.state is State[state]


def test_every_request_can_be_refused_and_has_a_sample():
    assert set(REFUSALS) == {type(sample) for sample in SAMPLES}
    assert all(isinstance(sample, Request) for sample in SAMPLES)
    assert set(SEQUENCE) == set(State)


@pytest.mark.parametrize(("state", "request_"), PAIRS, ids=IDS)
def test_out_of_order_a_request_is_refused_by_its_own_response(state, request_):
    if type(request_) in SEQUENCE[State[state]]:
        return
    ev = WAYS[state](Ev())
    response = ev.ask(request_)
    assert type(response).__name__ == type(request_).__name__[:-1] + "s"
    assert response.response_code.value == "FAILED_SequenceError"
    assert ev.session.over
    assert isinstance(ev.last[-1], SessionEnded)
    assert any(isinstance(action, CloseStream) for action in ev.last)


@pytest.mark.parametrize("foreign", [bytes(8), bytes(range(8))], ids=["none", "another"])
@pytest.mark.parametrize(("state", "request_"), PAIRS, ids=IDS)
def test_with_a_foreign_session_id_a_request_is_refused(state, request_, foreign):
    """OC-1, OC-2."""
    if type(request_) not in SEQUENCE[State[state]] or request_ is SETUP:
        return
    ev = WAYS[state](Ev())
    response = ev.ask(request_, session_id=foreign)
    assert response.response_code.value == "FAILED_UnknownSession"
    assert not ev.energy()
    assert isinstance(ev.last[-1].how, Broken)


@pytest.mark.parametrize("state", [state for state in WAYS if state != "CONNECTED"])
def test_a_session_can_be_stopped_wherever_it_is(state):
    """OC-22."""
    ev = WAYS[state](Ev())
    assert ev.code(stop()) == "OK"
    assert ev.last[-1] == SessionEnded(Stopped())
    assert not ev.energy()


def test_a_response_comes_as_the_payload_type_of_its_schema():
    ev = Ev().charge()
    ev.ask(loop())
    sent = next(action.data for action in ev.last if hasattr(action, "data"))
    assert v2gtp.Reader().feed(sent)[0].type == v2gtp.AC_MAINSTREAM
    assert schema_of(ev.answer()) is Schema.ISO20_AC


def test_in_the_loop_the_next_request_is_waited_for_half_a_second():
    """OC-13."""
    ev = Ev().charge()
    assert ev.session.deadline == ev.now + 60
    ev.ask(loop())
    assert ev.session.deadline == ev.now + 0.5
    ev.wait(0.5)
    assert ev.last[-1] == SessionEnded(Broken("no request within 0.5 s"))
    assert not ev.energy()


def test_after_the_loop_a_minute_is_waited_for_again():
    ev = Ev().charge()
    ev.ask(loop())
    ev.ask(power("Stop"))
    assert ev.session.deadline == ev.now + 60


def test_without_tls_1_3_it_is_not_spoken():
    """OC-7."""
    ev = Ev(tls_version="TLSv1.2").connect()
    assert ev.session.over


def test_a_response_has_the_time_in_its_header():
    ev = Ev().connect()
    ev.wait(5)
    assert ev.ask(SETUP).header.time_stamp == 1_700_000_005


def test_what_is_no_request_ends_the_session_without_a_word():
    ev = Ev().charge()
    answer = ev.ask(loop())
    assert ev.ask(answer) is None
    assert ev.last[-1] == SessionEnded(Broken("AC_ChargeLoopRes is no request"))


def test_the_messages_of_another_protocol_are_passed_over():
    ev = Ev().connect()
    ev.write(v2gtp.encode(v2gtp.EXI, bytes(4)))
    assert not ev.session.over
    assert CHARGER.evse_id == ev.ask(SETUP).evseid
