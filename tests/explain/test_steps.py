"""The steps: bounded, counted, and in words."""

import json

import pytest

from seccstack.events import Ignored, Noted
from seccstack.explain.steps import FIRST, LAST, LONGEST, REQUESTS, Chain, done
from seccstack.messages import iso2
from seccstack.pilot.limits import Apply
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.session.din import requests as in_din
from seccstack.session.events import Exchanged, LimitChanged
from seccstack.session.iso2.requests import Request
from seccstack.session.iso20 import requests as in_iso20
from tests.scenarios.scene import MAC, Scene, character
from tests.session.din.vehicle import GOOD, DinEv
from tests.session.din.vehicle import parameters as parameters_in_din
from tests.session.iso20 import vehicle as newest
from tests.test_timeline import exchanged, parameters, status


def said(action):
    return list(done(action, 1.0))


def note(event, **details):
    return said(Noted(event, details))


def test_what_happens_again_is_counted():
    chain = Chain()
    for at in (1.0, 2.0, 5.0):
        chain.add(at, "the vehicle charges")
    [step] = chain.steps
    assert (step.at, step.until, step.times) == (1.0, 5.0, 3)
    assert str(step) == "the vehicle charges (3 times)"


def test_the_beginning_and_the_end_are_kept():
    chain = Chain()
    for number in range(200):
        chain.add(number, f"step {number}")
    told = [str(step) for step in chain.steps]
    assert len(told) == FIRST + LAST
    assert (told[0], told[FIRST], told[-1]) == ("step 0", f"step {200 - LAST}", "step 199")
    assert chain.left_out == 200 - FIRST - LAST


def test_a_peer_can_neither_fill_it_nor_command_a_terminal():
    chain = Chain()
    chain.add(1.0, "\x1b[2J" + "x" * 10_000)
    [step] = chain.steps
    assert len(step.says) == LONGEST
    assert step.says.startswith("\\x1b[2J")


def test_a_step_is_json():
    chain = Chain()
    chain.add(1.0, "it begins")
    [step] = chain.steps
    assert step.to_json() == {"t": 1.0, "says": "it begins", "times": 1, "until": 1.0}


@pytest.mark.parametrize(
    ("signal", "says"),
    [
        (Digital(), "we ask the vehicle to speak ISO 15118 (5 %)"),
        (Limit(10), "we offer 10 A by pulse width"),
        (Steady(), "we offer nothing by pulse width (X1)"),
        (Fault(), "we say that nothing is available (state F)"),
    ],
)
def test_the_pilots_signal_in_words(signal, says):
    assert said(Apply(signal)) == [says]


@pytest.mark.parametrize(
    ("event", "details", "says"),
    [
        ("pilot", {"state": "B"}, "the vehicle is there, and asks for no energy (state B)"),
        ("pilot", {"state": "X"}, "pilot state X"),
        ("contactor", {"closed": True}, "power is on: the contactor is closed"),
        ("contactor", {"closed": False}, "no power: the contactor is open"),
        ("halted", {"why": "a card"}, "it is to stop: a card"),
        ("stop wanted", {"why": "a card"}, "it is asked to stop: a card"),
        ("supply", {"fault": "too hot"}, "the power supply has a fault: too hot"),
        ("supply", {"fault": ""}, "the power supply has no fault any more"),
        ("insulation", {"ok": True}, "the insulation is good"),
        ("insulation", {"ok": False}, "the insulation is NOT good"),
        ("modem", {"trouble": "x", "state": "silent"}, "our modem is silent: x"),
        (
            "decision",
            {"granted": False, "by": None, "reasons": []},
            "it may NOT charge",
        ),
        (
            "recognition",
            {"label": None, "mac": None, "confidence": "none"},
            "it seems to be nobody that is known: the confidence is none",
        ),
        ("session ended", {"how": "broken", "why": "x"}, "the session is broken: x"),
    ],
)
def test_a_note_in_words(event, details, says):
    assert note(event, **details) == [says]


def test_what_only_an_engineer_needs_is_left_out():
    assert note("key", in_force=True) == []
    assert note("modem", trouble=None, state="answers") == []
    assert said(Ignored("TCP octets", "they belong to no session")) == []


def test_a_search_that_is_not_answered_is_a_step():
    assert said(Ignored("SDP request", "x")) == ["we do not answer its search: x"]


def test_what_the_vehicle_asks_for_is_told_and_of_the_answer_only_what_matters():
    start = iso2.PowerDeliveryReq(
        charge_progress=iso2.ChargeProgress.START, sa_schedule_tuple_id=1
    )
    assert said(exchanged(start, "ev")) == ["the vehicle asks for power to be switched on"]
    assert said(exchanged(iso2.ChargingStatusReq(), "ev")) == ["the vehicle charges"]
    assert said(exchanged(status(16))) == []
    detail = iso2.ServiceDetailReq(service_id=1)
    assert said(exchanged(detail, "ev")) == ["the vehicle sends ServiceDetailReq"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("selection", "the vehicle chooses how to pay"),
        ("authentication", "the vehicle asks whether it may charge"),
        ("start", "the vehicle asks for power to be switched on"),
        ("stop", "the vehicle asks for power to be switched off"),
        ("welding", "the vehicle has its contactors watched"),
    ],
)
def test_what_a_vehicle_asks_for_in_din_is_told_in_the_same_words(name, says):
    assert said(exchanged(GOOD[name], "ev")) == [says]


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (newest.power("Start"), "the vehicle asks for power to be switched on"),
        (newest.power("Standby"), "the vehicle asks to stand by"),
        (newest.loop(), "the vehicle charges"),
        (newest.detail(), "the vehicle sends ServiceDetailReq"),
    ],
)
def test_what_a_vehicle_asks_for_in_iso_15118_20_is_told_in_the_same_words(request_, says):
    told = Exchanged("ev", newest.schema_of(request_), type(request_).__name__, b"", request_)
    assert said(told) == [says]


def test_a_warning_is_told():
    response = newest.Ev().charge().ask(newest.power("Standby"))
    told = Exchanged("evse", newest.schema_of(response), "PowerDeliveryRes", b"", response)
    assert said(told) == ["we warn it: WARNING_StandbyNotAllowed"]


@pytest.mark.parametrize(("on", "says"), [(True, "power is on"), (False, "no power")])
def test_on_dc_it_is_told_whether_there_is_power(on, says):
    [told] = note("output", on=on)
    assert told.startswith(says)


def test_an_offer_on_dc_is_told_in_kilowatts():
    ev = DinEv().authorize().told(LimitChanged(16.0))
    assert said(exchanged(ev.ask(parameters_in_din()))) == ["we offer it 11.04 kW"]


def test_an_offer_and_a_refusal_are_told():
    from tests.test_timeline import AC_OFFER

    assert said(exchanged(parameters(AC_OFFER))) == ["we offer it 16 A"]
    assert said(exchanged(parameters(None))) == []
    refusal = parameters(AC_OFFER, iso2.ResponseCode.FAILED)
    assert said(exchanged(refusal)) == ["we refuse: FAILED"]


def test_requests_that_have_words_are_requests():
    requests = (*Request.__args__, *in_din.Request.__args__, *in_iso20.Request.__args__)
    names = {kind.__name__ for kind in requests} | {"supportedAppProtocolReq"}
    assert REQUESTS.keys() <= names


def test_no_network_key_is_in_any_step_of_a_charge():
    scene = Scene("autocharge", known=[MAC], car=character()).charge().wait(40).unplug()
    told = [says for now, _, actions in scene.steps for a in actions for says in done(a, now)]
    text = json.dumps(told).upper()
    assert scene.keys
    assert not any(key.hex().upper() in text for key in scene.keys)
