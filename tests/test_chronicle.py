"""Our own charger's session objects: what happened at the outlet, and nothing else."""

import json

import pytest

from seccstack import events, sdp
from seccstack.chronicle import MAX_CHANGES, MAX_REASONS, MAX_SESSIONS, Chronicle
from seccstack.events import DatagramReceived, Noted, StreamClosed, StreamOpened
from seccstack.homeplug.frame import BROADCAST, Frame, encode_frame
from seccstack.homeplug.messages import (
    MnbcSoundInd,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
)
from seccstack.messages import iso2
from seccstack.messages.codec import Schema
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, Steady
from seccstack.session.events import Exchanged
from seccstack.slac import station
from tests.scenarios.scene import MAC, Scene, character
from tests.scenarios.test_dc import charging as gives_all
from tests.scenarios.test_dc import dc_scene

KEYS = [
    *("source", "started", "protocol", "tls", "identity", "slac", "sdp"),
    *("offered_protocols", "messages", "ended", "failure", "pilot", "errors"),
    *("decision", "limits", "contactor"),
]
CLAIMS = ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid")
STRANGER = bytes.fromhex("02AABBCCDD01")
STRANGERS_RUN = bytes.fromhex("0807060504030201")
ADDRESS = "fe80::1"


def chronicle_of(scene, **how):
    chronicle = Chronicle("here", **how)
    for step in scene.steps:
        chronicle.observe(*step)
    return chronicle


def session_of(scene, **how):
    """The only session of a scene that has ended."""
    scene.wait(10)
    [session] = chronicle_of(scene, **how).sessions
    return session


def charging(**how):
    car = character(wishes={"loops": 10_000})
    return Scene("autocharge", car=car, known=[MAC], **how).charge().wait(3)


LIMIT = ["t", "amps", "source", "told", "obeyed", "told_ms", "obeyed_ms"]


def frame(message, source=STRANGER, destination=BROADCAST):
    return station.FrameReceived(encode_frame(Frame(destination, source, message)))


# A charge.


@pytest.fixture(scope="module")
def charge():
    return session_of(charging().limit(10).wait(5).unplug())


def test_its_form_is_the_agreed_one(charge):
    assert list(charge) == KEYS
    assert list(charge["limits"][0]) == LIMIT
    assert list(charge["contactor"][0]) == ["t", "closed"]
    assert list(charge["decision"]) == ["granted", "by", "reasons"]
    json.dumps(charge)


def test_it_tells_who_was_there_and_why_it_was_let_in(charge):
    assert {charge["identity"][claim] for claim in CLAIMS} == {"EC65CC010203"}
    assert charge["identity"]["consistent"] is True
    assert charge["decision"] == {
        "granted": True,
        "by": "autocharge",
        "reasons": ["vehicle EC65CC010203 is registered"],
    }


def test_it_tells_what_went_over_the_wires(charge):
    assert (charge["source"], charge["protocol"], charge["tls"]) == ("here", "iso2", False)
    assert charge["slac"]["matched"] is True
    assert charge["slac"]["evse_mac"] == "02FEED000001"
    assert charge["offered_protocols"][0]["ProtocolNamespace"] == "urn:iso:15118:2:2013:MsgDef"
    assert [m["name"] for m in charge["messages"][:2]] == [
        "supportedAppProtocolReq",
        "supportedAppProtocolRes",
    ]
    assert charge["errors"] == []


def test_it_tells_how_it_ended(charge):
    assert charge["ended"] == (
        "the charger closed the connection after ChargingStatusRes; unplugged"
    )


def test_a_plug_that_is_pulled_is_no_failure_of_anybody(charge):
    assert charge["failure"] is None


def test_its_matching_and_its_discovery_are_told_whole(charge):
    [attempt] = charge["slac"]["attempts"]
    assert (attempt["matched"], attempt["start_atten"], attempt["sounds"]) == (True, 3, 10)
    assert charge["slac"]["crosstalk"] == []
    [inquiry] = charge["sdp"]
    assert (inquiry["asked"], inquiry["answered"], inquiry["times"]) == ("none", "none", 1)


def test_it_tells_when_the_contactor_was_closed_and_opened(charge):
    assert [change["closed"] for change in charge["contactor"]] == [True, False]


def test_an_offset_moves_every_time(charge):
    moved = session_of(charging().limit(10).wait(5).unplug(), offset=1000.0)
    times = [charge[key] for key in ("messages", "limits", "contactor")]
    times_moved = [moved[key] for key in ("messages", "limits", "contactor")]
    for before, after in zip(times, times_moved, strict=True):
        assert [one["t"] + 1000 for one in before] == pytest.approx([one["t"] for one in after])
    assert moved["started"] == charge["started"] + 1000
    assert moved["identity"]["evidence"][0]["at"] > 1000
    assert moved["sdp"][0]["t"] == pytest.approx(charge["sdp"][0]["t"] + 1000)
    assert {**moved["slac"], "attempts": ()} == {**charge["slac"], "attempts": ()}


# Limits.


def told_in(scene, amps):
    """When the first response with this limit was sent."""
    said = [(now, body.evse_max_current) for now, body in scene.exchanged("ChargingStatusRes")]
    return next(now for now, told in said if told.value * 10**told.multiplier == amps)


def test_a_limit_that_falls_is_told_with_the_next_response_and_obeyed_once_it_is_drawn():
    scene = charging().limit(10).wait(3).unplug()
    last = session_of(scene)["limits"][-1]
    assert (last["amps"], last["source"]) == (10, "owner")
    assert last["told"] == pytest.approx(told_in(scene, 10))
    followed = next(now for now, amps in scene.draws if amps == 10)
    assert last["obeyed"] == pytest.approx(followed)
    assert last["t"] < last["told"] < last["obeyed"]


def test_and_both_in_milliseconds_from_when_it_was_decided():
    last = session_of(charging().limit(10).wait(3).unplug())["limits"][-1]
    for what in ("told", "obeyed"):
        assert last[f"{what}_ms"] == pytest.approx((last[what] - last["t"]) * 1000, abs=1)
    assert 0 < last["told_ms"] < 1000 < last["obeyed_ms"] + 1000


def test_or_from_when_the_vehicle_came_if_it_came_later():
    scene = Scene().wait(100).charge().wait(5).unplug()
    first = session_of(scene)["limits"][0]
    assert first["t"] == 0
    assert 0 < first["told_ms"] <= first["obeyed_ms"] < 20_000


def test_on_dc_a_limit_is_told_in_watts_and_obeyed_by_the_output():
    scene = dc_scene().plug_in()
    scene.wait_until(lambda: gives_all(scene))
    scene.limit(10.0).wait(3)
    last = session_of(scene.unplug())["limits"][-1]
    assert last["amps"] == 10
    assert 0 < last["told_ms"] < 1000
    assert 0 <= last["obeyed_ms"] < 1000


def test_a_limit_that_rises_is_obeyed_as_soon_as_it_is_told():
    last = session_of(charging().limit(10).wait(3).limit(13).wait(3).unplug())["limits"][-1]
    assert last["amps"] == 13
    assert last["t"] < last["told"] == last["obeyed"]


def test_a_limit_that_was_replaced_before_it_was_told_never_was():
    first, passing, last = session_of(charging().limit(10).limit(8).wait(3).unplug())["limits"]
    assert first["obeyed"] is not None
    assert (passing["told"], passing["obeyed"]) == (None, None)
    assert last["obeyed"] is not None


def test_a_car_that_goes_on_drawing_has_not_obeyed():
    slow = character(wishes={"loops": 10_000}, follow_seconds=30.0)
    scene = Scene("open", car=slow).plug_in().wait(60).limit(10).wait(5).unplug()
    last = session_of(scene)["limits"][-1]
    assert last["told"] is not None
    assert last["obeyed"] is None


def test_a_limit_that_stood_before_belongs_to_every_plug_in_that_it_is_told_to():
    scene = charging().unplug().wait(10).charge().wait(3).unplug().wait(10)
    one, other = (session["limits"] for session in chronicle_of(scene).sessions)
    assert one[0]["t"] == other[0]["t"] == 0
    assert one[0]["told"] < other[0]["told"]


def test_the_pilot_tells_too():
    scene = Scene(car=character(speaks=False)).plug_in().wait(90).limit(10).wait(9).unplug()
    first, last = session_of(scene)["limits"]
    assert first["t"] < first["told"] < first["obeyed"]
    assert last["told"] == last["t"]
    assert last["told"] < last["obeyed"]


def test_less_than_a_pilot_can_say_is_told_by_no_pulses():
    scene = Scene(car=character(speaks=False)).plug_in().wait(90).limit(3).wait(9).unplug()
    last = session_of(scene)["limits"][-1]
    assert last["told"] == last["t"]
    assert last["obeyed"] is not None


def page(*actions, limit=10.0):
    """The only session of a plug-in in which a charge point did this, a second each."""
    chronicle = Chronicle("here")
    chronicle.observe(0, None, [Noted("limit", {"amps": limit, "source": "owner"})])
    chronicle.observe(1, None, [Noted("plugged in", {"plug_in": 1})])
    chronicle.observe(2, StreamOpened(1, ADDRESS, bytes(8), 0), [])
    for second, action in enumerate(actions, start=3):
        chronicle.observe(second, None, [action])
    chronicle.close(100)
    [session] = chronicle.sessions
    return session


def parameters(amps, code="OK"):
    unit = iso2.UnitSymbol
    status = iso2.AC_EVSEStatus(
        notification_max_delay=0, evse_notification=iso2.EVSENotification.NONE, rcd=False
    )
    return iso2.ChargeParameterDiscoveryRes(
        response_code=iso2.ResponseCode(code),
        evse_processing=iso2.EVSEProcessing.FINISHED,
        evse_charge_parameter=iso2.AC_EVSEChargeParameter(
            ac_evse_status=status,
            evse_nominal_voltage=iso2.PhysicalValue(multiplier=0, unit=unit.V, value=230),
            evse_max_current=iso2.PhysicalValue(multiplier=-1, unit=unit.A, value=amps * 10),
        ),
    )


def said(body):
    header = iso2.MessageHeader(session_id=bytes(8))
    message = iso2.V2G_Message(header=header, body=body)
    return Exchanged("evse", Schema.ISO2, type(body).__name__, b"", message)


@pytest.mark.parametrize(
    ("action", "limit", "told"),
    [
        (said(parameters(10)), 10.0, 3.0),
        (said(parameters(9)), 10.0, 3.0),
        (said(parameters(11)), 10.0, None),
        (said(parameters(10, "FAILED")), 10.0, None),
        (limits.Apply(Limit(10)), 10.0, 3.0),
        (limits.Apply(Limit(16)), 10.0, None),
        (limits.Apply(Steady()), 10.0, None),
        (limits.Apply(Steady()), 5.9, 3.0),
        (limits.Apply(Digital()), 5.9, None),
    ],
)
def test_what_tells_a_limit_and_what_does_not(action, limit, told):
    [record] = page(action, limit=limit)["limits"]
    assert record["told"] == told
    assert record["obeyed"] is None


def test_without_any_limit_there_is_none_to_tell():
    chronicle = Chronicle("here")
    chronicle.observe(1, None, [Noted("plugged in", {"plug_in": 1})])
    chronicle.observe(2, events.CurrentMeasured(6), [limits.Apply(Limit(6))])
    chronicle.close(3)
    assert chronicle.sessions[0]["limits"] == []


# Without ISO 15118.


@pytest.fixture(scope="module")
def by_pulses():
    return session_of(Scene(car=character(speaks=False)).plug_in().wait(90).unplug())


def test_a_car_that_does_not_speak_gives_nulls_and_nothing_invented(by_pulses):
    assert list(by_pulses) == KEYS
    nulls = ("protocol", "tls", "slac", "offered_protocols")
    assert [by_pulses[key] for key in nulls] == [None] * len(nulls)
    assert by_pulses["messages"] == by_pulses["errors"] == []
    assert [by_pulses["identity"][claim] for claim in CLAIMS] == [None] * 5
    assert by_pulses["identity"]["consistent"] is None
    assert by_pulses["identity"]["evidence"] == []


def test_why_it_went_by_pulse_width_is_said_once(by_pulses):
    assert by_pulses["ended"] == (
        "no ISO 15118; unplugged; by pulse width, because no CM_SLAC_PARM.REQ came within 50 s"
    )
    assert [change["closed"] for change in by_pulses["contactor"]] == [True, False]


# Plug-ins, one after the other.


def test_each_plug_in_has_a_session_of_its_own():
    scene = charging().unplug().wait(10).charge().wait(3).unplug().wait(10)
    one, other = chronicle_of(scene).sessions
    assert one["started"] < one["messages"][-1]["t"] < other["started"]
    assert one["slac"]["run_id"] != other["slac"]["run_id"]
    assert [len(session["contactor"]) for session in (one, other)] == [2, 2]


def test_one_that_is_still_plugged_in_is_told_when_it_is_closed():
    scene = charging()
    chronicle = chronicle_of(scene)
    assert not chronicle.sessions
    chronicle.close(scene.now)
    [session] = chronicle.sessions
    assert session["ended"] == "it went on after ChargingStatusRes; still plugged in"
    chronicle.close(scene.now)
    assert len(chronicle.sessions) == 1


def test_a_car_that_sleeps_and_comes_back_is_in_one_session():
    car = character(pauses=2, wishes={"loops": 5})
    scene = Scene(car=car).plug_in().wait(120).unplug()
    session = session_of(scene)
    assert len(session["messages"]) == len(scene.exchanged())
    assert [m["name"] for m in session["messages"]].count("SessionSetupRes") == 3
    assert session["ended"] == "the vehicle stopped the session; unplugged"


def test_a_car_that_is_matched_anew_between_is_in_one_session_too():
    scene = Scene(car=character(wishes={"loops": 5}))
    scene.plug_in().wait(60).appetite(True).wait(60).unplug()
    session = session_of(scene)
    assert len(scene.noted("matched")) == 2
    assert len(session["messages"]) == len(scene.exchanged())


def test_a_plug_that_is_pulled_under_load_is_told_with_the_opening_of_the_contactor():
    scene = charging().unplug().wait(10)
    chronicle = Chronicle("here")
    for step in scene.steps:
        chronicle.observe(*step)
        noted = [a.event for a in step[2] if isinstance(a, Noted)]
        if "unplugged" in noted:
            assert not chronicle.sessions
    [session] = chronicle.sessions
    assert [change["closed"] for change in session["contactor"]] == [True, False]
    assert session["ended"].endswith("; unplugged")


def pulled_under_load():
    chronicle = Chronicle("here")
    chronicle.observe(1, None, [Noted("plugged in", {"plug_in": 1})])
    chronicle.observe(2, limits.ContactorChanged(True), [])
    chronicle.observe(3, None, [Noted("unplugged", {"plug_in": 1})])
    assert not chronicle.sessions
    return chronicle


@pytest.mark.parametrize("noted", ["contactor fault", "plugged in"])
def test_nobody_waits_for_ever_for_a_contactor_to_open(noted):
    chronicle = pulled_under_load()
    chronicle.observe(4, None, [Noted(noted, {"welded": True})])
    [session] = chronicle.sessions
    assert session["contactor"] == [{"t": 2, "closed": True}]
    assert session["ended"] == "no ISO 15118; unplugged"


def test_a_contactor_fault_alone_ends_no_plug_in():
    chronicle = Chronicle("here")
    chronicle.observe(1, None, [Noted("plugged in", {"plug_in": 1})])
    chronicle.observe(2, None, [Noted("contactor fault", {"welded": False})])
    assert not chronicle.sessions


def test_one_that_was_unplugged_when_it_is_closed_is_told_as_that():
    chronicle = pulled_under_load()
    chronicle.close(4)
    assert chronicle.sessions[0]["ended"] == "no ISO 15118; unplugged"


# Others.


def test_a_strangers_matching_does_not_disturb_a_charge():
    scene = charging()
    for message in (SlacParmReq(run_id=STRANGERS_RUN), sound()):
        scene.tell(frame(message)).wait(1)
    session = session_of(scene.unplug())
    assert session["slac"]["run_id"] != STRANGERS_RUN.hex().upper()
    assert session["identity"]["slac_mac"] == "EC65CC010203"
    assert session["messages"]


def sound():
    return MnbcSoundInd(remaining=1, run_id=STRANGERS_RUN, random=bytes(16))


def test_a_stranger_who_was_heard_first_is_not_the_vehicle():
    scene = Scene().plug_in().wait(0.2)
    scene.tell(frame(SlacParmReq(run_id=STRANGERS_RUN)))
    session = session_of(scene.wait(30).unplug())
    assert session["slac"]["matched"] is True
    assert session["slac"]["run_id"] != STRANGERS_RUN.hex().upper()


def test_strangers_of_whom_none_was_matched_are_nobody():
    scene = Scene(car=character(speaks=False)).plug_in().wait(1)
    for mac in (STRANGER, STRANGER[:-1] + b"\2"):
        scene.tell(frame(SlacParmReq(run_id=STRANGERS_RUN), source=mac))
    session = session_of(scene.wait(90).unplug())
    assert session["slac"] is None
    assert session["identity"]["slac_mac"] is None


def test_a_matching_that_failed_and_can_be_no_others_is_told_without_an_identity():
    scene = Scene()
    scene.world.line.deaf = frozenset({SlacMatchReq})
    session = session_of(scene.plug_in().wait(90).unplug())
    assert session["slac"]["matched"] is False
    assert session["identity"]["slac_mac"] is None
    assert session["ended"].startswith("no match: ")


def test_a_match_with_another_charger_that_was_overheard_is_not_ours():
    other = bytes.fromhex("02AABBCCDD09")
    scene = Scene(car=character(speaks=False)).plug_in().wait(1)
    scene.tell(frame(SlacParmReq(run_id=STRANGERS_RUN)))
    answer = SlacParmCnf(forwarding_station=STRANGER, run_id=STRANGERS_RUN)
    scene.tell(frame(answer, source=other, destination=STRANGER))
    request = SlacMatchReq(ev_mac=STRANGER, evse_mac=other, run_id=STRANGERS_RUN)
    scene.tell(frame(request, destination=other))
    session = session_of(scene.wait(90).unplug())
    assert session["identity"]["match_mac"] is None


def test_a_second_connection_is_no_part_of_the_session():
    scene = charging()
    scene.tell(StreamOpened(77, "fe80::1234", bytes(range(1, 9)), 0, STRANGER)).wait(3)
    scene.tell(StreamClosed(77)).wait(3)
    session = session_of(scene.unplug())
    assert session["ended"] == (
        "the charger closed the connection after ChargingStatusRes; unplugged"
    )
    assert len(session["messages"]) == len(scene.exchanged())
    assert session["errors"] == []


def test_a_car_that_closes_its_connection_did_so():
    scene = charging().lose_stream().wait(6).unplug()
    ended = session_of(scene)["ended"]
    assert ended.startswith("the vehicle closed the connection after ChargingStatusRes")
    assert ended.endswith("by pulse width, because the vehicle closed the stream")


def test_somebody_who_only_asks_for_an_address_is_not_the_vehicle():
    scene = charging()
    scene.tell(DatagramReceived("fe80::1234", 50000, b"\1\xfe", STRANGER)).wait(3)
    session = session_of(scene.unplug())
    assert session["errors"] == []
    assert session["identity"]["ethernet_mac"] == "EC65CC010203"


def test_what_the_vehicle_asks_badly_is_told():
    scene = charging()
    address = scene.world.car.address
    scene.tell(DatagramReceived(address, 50000, b"\1\xfe", MAC)).wait(3)
    [error] = session_of(scene.unplug())["errors"]
    assert list(error) == ["t", "packet", "message"]


def test_a_car_that_only_finds_the_charger_is_told_as_that():
    silent = character(wishes={"silent_at": "supportedAppProtocolReq"})
    scene = Scene(car=silent).plug_in().wait(10).unplug()
    session = session_of(scene)
    assert (session["protocol"], session["tls"], session["messages"]) == (None, False, [])
    assert session["ended"].startswith("an empty connection; ")


def test_frames_that_cannot_be_read_are_left_out():
    scene = charging()
    scene.tell(station.FrameReceived(bytes(20))).wait(1)
    assert session_of(scene.unplug())["errors"] == []


# Secrets and bounds.


def test_no_network_key_is_in_a_session_or_in_what_stands_for_it():
    scene = charging()
    scene.tell(frame(SlacParmReq(run_id=STRANGERS_RUN))).unplug().wait(10)
    chronicle = Chronicle("here")
    seen = ""
    for step in scene.steps:
        chronicle.observe(*step)
        seen += repr(chronicle._page)
    seen += repr(list(chronicle.sessions))
    assert len(scene.keys) > 1
    for key in scene.keys:
        assert key.hex().upper() not in seen.upper()
        assert repr(key)[2:-1] not in seen


def test_items_that_are_too_many_are_counted():
    session = session_of(charging().wait(10).unplug(), most_items=40)
    assert len(session["messages"]) < 40
    error = session["errors"][-1]
    assert error["packet"] is None
    assert error["message"].endswith(" items were not kept")


def test_talk_with_the_modem_is_not_kept_though_it_lasts_all_day():
    scene = charging()
    chronicle = chronicle_of(scene)
    before = len(chronicle._page.items)
    start = len(scene.steps)
    scene.wait(5)
    for step in scene.steps[start:]:
        chronicle.observe(*step)
    messages = sum(isinstance(a, Exchanged) for *_, did in scene.steps[start:] for a in did)
    assert len(chronicle._page.items) == before + messages


def test_records_are_bounded():
    chronicle = Chronicle("here")
    chronicle.observe(1, None, [Noted("plugged in", {"plug_in": 1})])
    for number in range(MAX_CHANGES + 1):
        chronicle.observe(2, limits.ContactorChanged(number % 2 == 0), [])
    for number in range(MAX_REASONS + 1):
        chronicle.observe(3, None, [Noted("pulse width", {"why": f"reason {number}"})])
    chronicle.close(4)
    [session] = chronicle.sessions
    assert len(session["contactor"]) == MAX_CHANGES
    assert f"reason {MAX_REASONS - 1}" in session["ended"]
    assert f"reason {MAX_REASONS}" not in session["ended"]


def test_the_last_sessions_are_kept():
    chronicle = Chronicle("here")
    for number in range(MAX_SESSIONS + 1):
        chronicle.observe(number, None, [Noted("plugged in", {"plug_in": number})])
        chronicle.observe(number, None, [Noted("unplugged", {"plug_in": number})])
    assert [s["started"] for s in chronicle.sessions] == list(range(1, MAX_SESSIONS + 1))


def test_what_happens_while_nothing_is_plugged_in_is_of_no_session():
    chronicle = Chronicle("here")
    request = sdp.SdpRequest(sdp.SECURITY_NONE).encode()
    chronicle.observe(1, DatagramReceived(ADDRESS, 50000, request, MAC), [])
    chronicle.observe(1, None, [Noted("decision", {"granted": None})])
    chronicle.observe(2, None, [events.SendDatagram(ADDRESS, 50000, request)])
    chronicle.close(3)
    assert not chronicle.sessions


def test_messages_of_a_connection_that_nobody_saw_begin_are_left_out():
    chronicle = Chronicle("here")
    for now, event, actions in charging().steps:
        chronicle.observe(now, None if isinstance(event, StreamOpened) else event, actions)
    chronicle.close(100.0)
    assert chronicle.sessions[0]["messages"] == []
