"""What happens at an outlet, told: as JSON for scripts, as a line for people."""

import ast
import json
from pathlib import Path

import pytest

import seccstack
from seccstack.auth.enrolment_events import Beep, BeepPattern
from seccstack.auth.vehicle import Identity
from seccstack.events import Ignored, Noted, RecordSighting, SendBytes, Show
from seccstack.indication import Standing, light_of
from seccstack.messages import app_protocol, iso2
from seccstack.messages.codec import Schema
from seccstack.pilot.limits import Apply, SetContactor
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.session.events import Exchanged, LimitChanged
from seccstack.slac import station
from seccstack.timeline import SENTENCES, happenings, line, told_amps, words
from tests.scenarios.scene import MAC, Scene, character
from tests.session.din.vehicle import DinEv, demand
from tests.session.vehicle import value

NOTING = (
    "chargepoint.py",
    "heeding.py",
    "learning.py",
    "lifecycle.py",
    "limiting.py",
    "searching.py",
    "admission.py",
    "discovery.py",
    "watching.py",
)
MODEM = {
    "state": "answers", "trouble": None, "mac": None, "maker": None, "firmware": None,
    "role": None, "coordinator": None, "key": "taken", "link": False, "warnings": [],
}  # fmt: skip
HEADER = iso2.MessageHeader(session_id=bytes(8))
OK = iso2.ResponseCode.OK


def told(*actions):
    return list(happenings(1.23456789, actions))


def message(body):
    return iso2.V2G_Message(header=HEADER, body=body)


def exchanged(body, sender="evse"):
    return Exchanged(sender, Schema.ISO2, type(body).__name__, b"", message(body))


def said(event, **details):
    return line({"t": 1.0, "event": event, **details})


def status(amps):
    limit = None if amps is None else value(amps * 10, "A", -1)
    return iso2.ChargingStatusRes(
        response_code=OK,
        evseid="ZZ00000",
        sa_schedule_tuple_id=1,
        evse_max_current=limit,
        ac_evse_status=AC_STATUS,
    )


AC_STATUS = iso2.AC_EVSEStatus(
    notification_max_delay=0, evse_notification=iso2.EVSENotification.NONE, rcd=False
)


def parameters(offer, code=OK):
    return iso2.ChargeParameterDiscoveryRes(
        response_code=code,
        evse_processing=iso2.EVSEProcessing.FINISHED,
        evse_charge_parameter=offer,
    )


AC_OFFER = iso2.AC_EVSEChargeParameter(
    ac_evse_status=AC_STATUS,
    evse_nominal_voltage=value(230, "V"),
    evse_max_current=value(16, "A"),
)


# For scripts.


def test_a_note_is_told_with_its_details_and_its_time_to_the_microsecond():
    noted = Noted("limit", {"amps": 10.0, "source": "owner"})
    assert told(noted) == [{"t": 1.234568, "event": "limit", "amps": 10.0, "source": "owner"}]


def test_what_was_not_believed_is_told():
    [happening] = told(Ignored("TCP octets", "they belong to no session"))
    assert happening["event"] == "ignored"
    assert happening["why"] == "they belong to no session"


def test_of_a_request_its_name_is_told():
    [happening] = told(exchanged(iso2.ChargingStatusReq(), "ev"))
    assert happening == {
        "t": 1.234568,
        "event": "message",
        "from": "ev",
        "schema": "iso2",
        "name": "ChargingStatusReq",
    }


def test_of_a_response_what_decides_how_the_vehicle_goes_on():
    waiting = iso2.EVSEProcessing.ONGOING_WAITING_FOR_CUSTOMER_INTERACTION
    body = iso2.AuthorizationRes(response_code=OK, evse_processing=waiting)
    [happening] = told(exchanged(body))
    assert happening["response_code"] == "OK"
    assert happening["evse_processing"] == "Ongoing_WaitingForCustomerInteraction"
    assert "amps" not in happening


def test_on_dc_the_power_that_may_be_drawn_is_told():
    ev = DinEv().charge().told(LimitChanged(16.0))
    ev.ask(demand())
    told = [happening for happening in happenings(1.0, ev.last) if "watts" in happening]
    assert [(one["name"], one["watts"]) for one in told] == [("CurrentDemandRes", 11_040)]


def test_a_handshake_is_told_like_any_message():
    code = app_protocol.ResponseCode.OK_SUCCESSFUL_NEGOTIATION
    response = app_protocol.SupportedAppProtocolRes(response_code=code, schema_id=1)
    schema = Schema.APP_PROTOCOL
    [happening] = told(Exchanged("evse", schema, "supportedAppProtocolRes", b"", response))
    assert happening["response_code"] == "OK_SuccessfulNegotiation"


@pytest.mark.parametrize(
    ("body", "amps"),
    [
        (status(13), 13.0),
        (status(0), 0.0),
        (status(None), None),
        (parameters(AC_OFFER), 16.0),
        (parameters(AC_OFFER, iso2.ResponseCode.FAILED), None),
        (parameters(None), None),
        (iso2.ChargingStatusReq(), None),
    ],
)
def test_what_lets_the_vehicle_draw_and_what_does_not(body, amps):
    assert told_amps(message(body)) == amps
    [happening] = told(exchanged(body))
    assert happening.get("amps") == amps


@pytest.mark.parametrize(
    ("signal", "duty", "say"),
    [
        (Steady(), 1.0, "+12 V, no pulses (X1)"),
        (Digital(), 0.05, "5 %: digital communication"),
        (Limit(16), 0.2667, "26.7%: 16 A"),
        (Fault(), 0.0, "-12 V: not available (F)"),
    ],
)
def test_the_pilots_signal_is_told_by_its_duty_cycle_and_in_words(signal, duty, say):
    assert words(signal) == say
    [happening] = told(Apply(signal))
    assert happening["event"] == "signal"
    assert happening["says"] == say
    assert happening["duty"] == pytest.approx(duty)


def test_an_order_to_the_contactor_is_told():
    assert told(SetContactor(True)) == [
        {"t": 1.234568, "event": "contactor ordered", "closed": True}
    ]


def test_a_beep_is_told():
    [told] = happenings(1.0, [Beep(BeepPattern.TWO_SHORT)])
    assert told == {"t": 1.0, "event": "beep", "pattern": ".."}


def test_a_light_is_told_in_words():
    [told] = happenings(1.0, [Show(light_of(Standing(charging=True)))])
    assert told == {"t": 1.0, "event": "light", "says": "blue, breathing"}


def test_octets_and_what_is_kept_are_not_told():
    quiet = (SendBytes(1, b"x"), station.SendFrame(b"x"), RecordSighting(Identity()))
    assert told(*quiet) == []


def test_all_of_a_charge_is_json_and_no_network_key_is_in_it():
    scene = Scene("autocharge", known=[MAC], car=character()).charge().wait(40).unplug()
    scene.wait(5)
    told_all = [h for now, _, actions in scene.steps for h in happenings(now, actions)]
    assert all(list(h)[:2] == ["t", "event"] for h in told_all)
    text = "\n".join([json.dumps(told_all), *map(line, told_all)]).upper()
    assert scene.keys
    assert not any(key.hex().upper() in text for key in scene.keys)


# For people.


def noted():
    """The names of all notes that the charge point takes, read off its source."""
    for name in NOTING:
        tree = ast.parse((Path(seccstack.__file__).parent / name).read_text())
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if called in ("note", "Noted") and isinstance(call.args[0], ast.Constant):
                yield call.args[0].value


def test_everything_that_the_charge_point_notes_has_a_sentence():
    names = set(noted())
    assert len(names) > 15
    assert names <= SENTENCES.keys()


def test_every_sentence_is_of_something_that_happens():
    assert SENTENCES.keys() - set(noted()) == {
        "message",
        "signal",
        "contactor ordered",
        "beep",
        "light",
        "ignored",
    }


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        ({"from": "ev", "name": "ChargingStatusReq"}, "EV -> EVSE  ChargingStatusReq"),
        (
            {"from": "evse", "name": "AuthorizationRes", "response_code": "OK"},
            "EVSE -> EV  AuthorizationRes  OK",
        ),
        (
            {
                "from": "evse",
                "name": "ChargeParameterDiscoveryRes",
                "response_code": "OK",
                "evse_processing": "Finished",
                "amps": 16.0,
            },
            "EVSE -> EV  ChargeParameterDiscoveryRes  OK, Finished, 16 A",
        ),
    ],
)
def test_a_message(details, sentence):
    assert said("message", **details) == sentence


@pytest.mark.parametrize(
    ("claims", "sentence"),
    [
        ({}, "the vehicle claims nothing"),
        ({"slac_mac": b"\2\0\0\0\0\1"}, "020000000001 (SLAC): nothing to compare yet"),
        (
            {"slac_mac": b"\2\0\0\0\0\1", "evccid": b"\2\0\0\0\0\1"},
            "020000000001 (SLAC, EVCCID): they agree",
        ),
        (
            {"slac_mac": b"\2\0\0\0\0\1", "evccid": b"\2\0\0\0\0\2"},
            "020000000001 (SLAC), 020000000002 (EVCCID): THEY DISAGREE",
        ),
        ({"evccid": b""}, "(empty) (EVCCID): "),
        ({"evccid": b"WMIV1234567890ABC"}, "the vehicle calls itself WMIV1234567890ABC"),
        (
            {"slac_mac": b"\2\0\0\0\0\1", "evccid": b"WMIV1234567890ABC"},
            "020000000001 (SLAC): nothing to compare yet; it calls itself WMIV1234567890ABC",
        ),
    ],
)
def test_an_identity(claims, sentence):
    identity = Identity()
    for claim, octets in claims.items():
        identity = identity.learn(claim, octets, "somewhere", 1.0)
    assert sentence in said("identity", **identity.to_json())


@pytest.mark.parametrize(
    ("granted", "sentence"),
    [(True, "GRANTED by card: a; b"), (False, "DENIED: a; b"), (None, "not decided yet: a; b")],
)
def test_a_decision(granted, sentence):
    assert said("decision", granted=granted, by="card", reasons=["a", "b"]) == sentence


@pytest.mark.parametrize(
    ("event", "details", "sentence"),
    [
        (
            "matched",
            {"ev_mac": "02", "sounds": 9, "attenuation_db": 20.5},
            "SLAC matched 02 (9 sounds, 20.5 dB)",
        ),
        ("signal", {"says": "5 %"}, "pilot carries 5 %"),
        ("pilot", {"state": "B"}, "pilot state B"),
        ("pilot fault", {"state": "E"}, "PILOT FAULT: state E"),
        ("contactor", {"closed": True}, "contactor is CLOSED"),
        ("contactor", {"closed": False}, "contactor is open"),
        ("contactor ordered", {"closed": True}, "contactor: close!"),
        ("contactor ordered", {"closed": False}, "contactor: open!"),
        ("beep", {"pattern": ".-"}, "beep: short, long"),
        ("light", {"says": "blue, breathing"}, "the light is blue, breathing"),
        ("registration", {"on": True, "says": "it is on"}, "REGISTRATION: it is on"),
        ("contactor fault", {"welded": True}, "CONTACTOR FAULT: it does not open"),
        ("contactor fault", {"welded": False}, "CONTACTOR FAULT: it does not close"),
        ("limit", {"amps": 10.0, "source": "owner"}, "limit 10 A, set by owner"),
        (
            "limit",
            {"amps": 0.0, "source": "solar", "why": "it is night"},
            "limit 0 A, set by solar: it is night",
        ),
        ("current", {"amps": 9.5}, "the vehicle draws 9.5 A"),
        (
            "current lost",
            {},
            "nothing is known of what the vehicle draws: its meter is silent",
        ),
        (
            "limit ignored",
            {"step": "X1", "amps": 13.0, "drawn": 16.0, "seconds": 10.0},
            "THE VEHICLE IGNORES ITS LIMIT, 16 A of 13 A after 10.0 s: X1",
        ),
        (
            "limit ignored",
            {"step": "obeyed", "amps": 13.0, "drawn": 13.0, "seconds": 8.04},
            "the vehicle keeps to 13 A again, after 8.0 s",
        ),
        (
            "limit ignored",
            {"step": "power is off", "amps": 13.0, "drawn": 16.0, "seconds": 16.0},
            "the vehicle that ignored its limit has no power any more, after 16.0 s",
        ),
        (
            "limit unwatched",
            {"why": "no meter"},
            "nobody sees whether the limit is kept: no meter",
        ),
        (
            "neighbour",
            {"ev_mac": "02AABBCCDD02", "attenuation_db": 38.0},
            "another vehicle, 02AABBCCDD02, is heard at 38 dB",
        ),
        (
            "foreign station",
            {"modem_mac": "02A1", "host_mac": "02B1"},
            "ANOTHER STATION IS IN OUR NETWORK: 02A1, before 02B1",
        ),
        ("modem", MODEM, "modem answers (kind not known yet), key taken"),
        ("modem", MODEM | {"firmware": "1.2", "link": True}, "modem answers (1.2), linked"),
        (
            "modem",
            MODEM | {"maker": "Qualcomm", "trouble": "x", "warnings": ["a", "b"]},
            "modem answers (Qualcomm), x; a; b",
        ),
        ("key", {"in_force": True}, "network key in force"),
        ("key", {"in_force": False}, "network key lost"),
        ("powerline trouble", {"why": "x"}, "the powerline cannot be used: x"),
        ("powerline recovered", {}, "the powerline can be used again"),
        ("network lost", {"why": "x"}, "the network is lost: x"),
        ("link ready", {}, "the modems are linked"),
        ("link lost", {}, "the modems are no longer linked"),
        ("SDP answered", {"address": "fe80::1"}, "SDP answered to fe80::1"),
        ("stream opened", {"address": "fe80::1"}, "TCP connection from fe80::1"),
        (
            "stream opened",
            {"address": "fe80::1", "tls": {"version": "TLS 1.2", "suite": "S", "chain": "a"}},
            "TLS connection from fe80::1 (TLS 1.2, S, a)",
        ),
        (
            "stream opened",
            {
                "address": "fe80::1",
                "tls": {"version": "TLS 1.3", "vehicle": {"evccid": "WMIV1", "of": "CN=r"}},
            },
            "TLS connection from fe80::1 (TLS 1.3); PROVEN: vehicle WMIV1, by a chain to CN=r",
        ),
        (
            "handshake failed",
            {"address": "fe80::1", "why": "it hung up", "alert": None},
            "no session with fe80::1: it hung up",
        ),
        ("certificates", {"chains": ["a"], "problems": []}, "certificate chains for TLS: a"),
        (
            "certificates",
            {"chains": [], "problems": ["a has expired"]},
            "certificate chains for TLS: none; a has expired",
        ),
        (
            "TLS downgrade",
            {"mac": "02"},
            "VEHICLE 02 HAS USED TLS HERE BEFORE, and does without it now",
        ),
        ("session ended", {"how": "paused"}, "the session is paused"),
        ("session ended", {"how": "broken", "why": "x"}, "the session is broken: x"),
        ("pulse width", {"why": "x"}, "goes on by pulse width: x"),
        ("forecast", {"steps": []}, "no change of the limit is foreseen"),
        (
            "forecast",
            {"steps": [{"seconds": 900, "amps": 6.0}, {"seconds": 30600, "amps": 16.0}]},
            "the limit will probably be 6 A in 0.25 h, 16 A in 8.50 h",
        ),
        (
            "forecast",
            {"steps": [{"seconds": 1800, "amps": 6}] * 5},
            "the limit will probably be " + "6 A in 0.50 h, " * 2 + "6 A in 0.50 h, and 2 more",
        ),
        ("stop wanted", {"why": "x"}, "is asked to stop: x"),
        ("revoked", {"reasons": ["a", "b"]}, "REVOKED: a; b"),
        ("plugged in", {"plug_in": 7}, "plugged in (no. 7)"),
        ("unplugged", {"plug_in": 7}, "unplugged (no. 7)"),
        ("ignored", {"what": "x", "why": "y"}, "ignored x: y"),
    ],
)
def test_anything_else_that_has_a_sentence(event, details, sentence):
    assert said(event, **details) == sentence


def test_what_has_no_sentence_is_told_by_its_details():
    assert said("new", one=1, other="x") == "new one=1 other=x"


def test_a_peers_text_cannot_command_the_terminal_or_make_a_second_line():
    assert said("ignored", what="a\nb", why="\x1b[31m") == "ignored a\\x0ab: \\x1b[31m"


def test_phases_that_differ_are_told_with_the_limit():
    phases = [{"amps": amps, "source": "house"} for amps in (13.0, 7.0, 9.0)]
    told = {"amps": 7.0, "source": "house", "phases": phases}
    assert SENTENCES["limit"](told) == "limit 7 A, set by house (L1 13 A, L2 7 A, L3 9 A)"
