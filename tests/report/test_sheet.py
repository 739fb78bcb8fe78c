"""All that the page shows."""

import json

from seccstack.capture.packets import Lost
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.report.account import Happening
from seccstack.report.sheet import Capture, sheet_of
from tests.capture.scene import EV, KEY, REFUSED, STOP, STOPPED, Scene


def capture(scene, name="one.pcap"):
    trace = scene.trace(name)
    return Capture(name, trace, sessions_of(trace))


def whole():
    scene = Scene()
    scene.match()
    scene.discover()
    scene.connect().set_up().exchange(STOP, STOPPED)
    return scene


def test_a_session_has_its_findings_its_rows_and_its_plots():
    sheet = sheet_of([capture(whole())], "seccstack test")
    (session,) = sheet["sessions"]
    assert (sheet["made_by"], sheet["captures"][0]["source"]) == ("seccstack test", "one.pcap")
    assert (session["protocol"], session["tls"], session["failed"]) == ("iso2", False, 0)
    assert session["identity"]["slac_mac"] == EV.hex().upper()
    assert session["ended"] == "the vehicle stopped the session"
    assert len(session["rows"]["t"]) == 22
    assert session["plots"] == []


def test_failures_are_counted():
    scene = Scene()
    scene.connect().exchange(STOP, REFUSED)
    assert sheet_of([capture(scene)], "")["sessions"][0]["failed"] == 1


def test_sessions_of_several_captures_share_what_they_have_in_common():
    one = sheet_of([capture(whole())], "")
    two = sheet_of([capture(whole()), capture(whole(), "two.pcap")], "")
    assert [session["capture"] for session in two["sessions"]] == [0, 1]
    assert two["contents"] == one["contents"]
    assert two["sessions"][0]["rows"] == two["sessions"][1]["rows"]


def test_a_file_that_could_not_be_read_is_told():
    sheet = sheet_of([Capture("x", problem="neither pcap nor pcapng")], "")
    assert sheet["captures"] == [
        {"source": "x", "problem": "neither pcap nor pcapng", "packets": 0, "losses": []}
    ]
    assert sheet["sessions"] == []


def test_losses_of_a_file_are_told():
    trace = read_trace("x", [Lost(0, "16 octets are damaged")])
    losses = sheet_of([Capture("x", trace)], "")["captures"][0]["losses"]
    assert losses == [{"packet": 0, "what": "16 octets are damaged"}]


def test_no_network_key_is_on_the_page():
    text = json.dumps(sheet_of([capture(whole())], ""))
    assert KEY.hex().upper() not in text


def test_what_our_charger_told_is_with_the_session_that_went_on():
    trace = two_plug_ins().trace("x")
    sessions = sessions_of(trace)
    second = sessions[1].started
    told = [Happening(t, {"event": "limit", "amps": t}, "") for t in (1, second - 1, second)]
    own = {"decision": {"granted": True}}
    sheet = sheet_of([Capture("x", trace, sessions, happenings=told, own=own)], "")
    first, last = sheet["sessions"]
    (plot,) = first["plots"]
    assert plot["lines"][0]["v"] == [1, second - 1]
    assert last["plots"][0]["lines"][0]["v"] == [second]
    assert last["decision"] == {"granted": True}


def two_plug_ins():
    scene = Scene()
    for _ in range(2):
        scene.match()
        scene.connect().exchange(STOP, STOPPED)
    return scene


def test_which_offer_was_taken_is_told():
    assert sheet_of([capture(whole())], "")["sessions"][0]["taken"] == 1
    scene = Scene()
    scene.connect().exchange(STOP, STOPPED)
    assert sheet_of([capture(scene)], "")["sessions"][0]["taken"] is None
