"""A row for everything that happened, and what is wrong with it beside it."""

import pytest

from seccstack import v2gtp
from seccstack.capture.items import Connected, Link, Powerline, TlsEvent, Trouble, V2gMessage
from seccstack.capture.plugins import PlugIn
from seccstack.capture.sessions import session_of, sessions_of
from seccstack.capture.trace import Loss
from seccstack.report.book import Book
from seccstack.report.rows import (
    FAILED,
    FINE,
    NOTE,
    ODD,
    SDP,
    SLAC,
    TLS,
    V2G,
    Reader,
    rows_of,
    rows_to_json,
)
from tests.capture.scene import PAUSE, REFUSED, RUN, STOP, STOPPED, Scene, exi


@pytest.fixture
def scene():
    return Scene()


def rows(scene):
    (session,) = sessions_of(scene.trace())
    return rows_of(session, Reader(Book()))


def row_of(item):
    return Reader(Book()).row(item)


def told(found, lane):
    return [(row.sender, row.what, row.note) for row in found if row.lane == lane]


def test_each_lane_has_what_belongs_to_it(scene):
    scene.match()
    scene.discover()
    scene.connect().set_up().close("ev")
    found = rows(scene)
    assert [row.number for row in found] == sorted(row.number for row in found)
    assert told(found, SLAC)[0] == ("ev", "CM_SLAC_PARM.REQ", f"run {RUN.hex()}")
    assert told(found, SLAC)[1][:2] == ("evse", "CM_SLAC_PARM.CNF")
    assert told(found, SDP) == [
        ("ev", "SDP request", "wants no TLS"),
        ("evse", "SDP response", "port 61341, no TLS"),
    ]
    assert told(found, TLS) == [("ev", "connects", ""), ("ev", "closes the connection", "")]
    names = [what for _, what, _ in told(found, V2G)]
    assert names[:2] == ["supportedAppProtocolReq", "supportedAppProtocolRes"]
    assert names[2:] == ["SessionSetupReq", "SessionSetupRes"]
    assert {row.level for row in found} == {FINE}


def test_a_message_that_comes_again_is_kept_once(scene):
    scene.connect().exchange(STOP, STOPPED, STOP, STOPPED)
    contents = [row.content for row in rows(scene) if row.lane == V2G]
    assert contents == [0, 1, 0, 1]


def test_a_frame_and_a_datagram_that_come_again_are_kept_once(scene):
    for _ in range(2):
        scene.ask()
        scene.discover()
    contents = [row.content for row in rows(scene)]
    assert contents == [0, 1, 2, 0, 1, 2]


def test_a_refusal_is_a_failure(scene):
    scene.connect().exchange(PAUSE, REFUSED)
    assert [row.level for row in rows(scene)] == [FINE, FINE, FAILED]


def test_what_cannot_be_decoded_is_a_failure_and_says_why(scene):
    talk = scene.connect().set_up()
    talk.say("ev", b"\x80\x98\x02")
    last = rows(scene)[-1]
    assert (last.what, last.level) == ("unreadable message", FAILED)
    assert last.note.startswith("3 octets; iso2")


def test_a_surplus_octet_is_told_at_its_message(scene):
    scene.connect().say("ev", exi(STOP) + b"\0")
    (odd,) = [row for row in rows(scene) if row.level]
    assert (odd.what, odd.level) == ("SessionStopReq", ODD)
    assert odd.why == ("SessionStopReq: 1 octets after the document",)


def test_octets_that_lack_are_a_row_of_their_own(scene):
    talk = scene.connect().set_up()
    talk.send("ev", bytes(20), lost=True)
    talk.exchange(STOP, STOPPED)
    (gap,) = [row for row in rows(scene) if row.lane == NOTE]
    assert (gap.what, gap.level) == ("trouble", ODD)
    assert gap.note.startswith("the capture lacks 20 octets")


def test_a_reset_is_odd(scene):
    talk = scene.connect()
    talk.exchange(STOP, STOPPED)
    talk.close("evse", flags="R")
    assert rows(scene)[-1][3:7] == ("evse", "resets the connection", "", ODD)


def test_a_datagram_that_cannot_be_read_says_why(scene):
    scene.udp("fe80::1", "ff02::1", (49152, 15118), b"\1\xfe\x90")
    (odd,) = rows(scene)
    assert (odd.what, odd.level) == ("SDP request", ODD)
    assert "shorter than a header" in odd.note


def test_a_beginning_that_the_capture_lacks_is_told(scene):
    scene.connect(opened=False).exchange(STOP, STOPPED)
    assert rows(scene)[0].note == "the capture lacks the beginning"


def test_a_frame_that_cannot_be_read_says_why():
    row = row_of(Powerline(7, 1.0, bytes(20), None, "not type 0x88E1"))
    assert (row.lane, row.what, row.note, row.level) == (SLAC, "frame", "not type 0x88E1", ODD)


def event(name, *, fatal=False, **details):
    return TlsEvent(7, 1.0, Link(0, tls=True), "ev", name, "says", details, fatal)


def test_an_event_of_tls_has_its_details():
    book = Book()
    reader = Reader(book)
    rows = [reader.row(event("ClientHello", versions="TLS 1.3")) for _ in range(2)]
    assert [(row.what, row.note, row.level, row.content) for row in rows] == [
        ("ClientHello", "says", FINE, 0)
    ] * 2
    assert book.to_json()["contents"] == [[0, "", ["TLS 1.3"]]]


def test_a_fatal_alert_is_a_failure():
    assert row_of(event("Alert", fatal=True)).level == FAILED


def test_a_connection_with_tls_says_so():
    assert row_of(Connected(7, 1.0, Link(0, beginning_seen=True, tls=True))).what == (
        "connects with TLS"
    )


def test_a_problem_of_no_row_has_one_of_its_own(scene):
    scene.connect().exchange(STOP, STOPPED)
    trace = scene.trace()
    (session,) = sessions_of(trace)
    session.plug_in.notes += [Loss(9, 1001.0, "16 octets are damaged"), Loss(9, None, "more")]
    notes = [
        row for row in rows_of(session_of(session.plug_in), Reader(Book())) if row.lane == NOTE
    ]
    assert [(note.number, note.time, note.note) for note in notes] == [
        (9, 1001.0, "16 octets are damaged"), (9, session.started, "more"),
    ]  # fmt: skip


def test_of_several_rows_of_a_packet_a_problem_is_told_at_the_one_it_is_about():
    link = Link(0)
    good = V2gMessage(1, 0.0, link, "ev", v2gtp.EXI, b"a", None, "A", object())
    bad = V2gMessage(1, 0.0, link, "ev", v2gtp.EXI, b"b", None, "B", object(), ("odd",))
    plug_in = PlugIn("", None, items=[Trouble(1, 0.0, link, "gap"), good, bad])
    found = rows_of(session_of(plug_in), Reader(Book()))
    assert [(row.what, row.why, row.level) for row in found] == [
        ("trouble", (), ODD), ("A", (), FINE), ("B", ("B: odd",), ODD),
    ]  # fmt: skip


def test_rows_are_told_as_columns(scene):
    scene.ask()
    scene.answer()
    book = Book()
    (session,) = sessions_of(scene.trace())
    columns = rows_to_json(rows_of(session, Reader(book)), session.started, book)
    names = book.names.all()
    assert columns["t"] == [0, 100_000]
    assert (columns["n"], columns["lane"], columns["from"]) == ([1, 2], [SLAC, SLAC], [0, 1])
    assert [names[what] for what in columns["what"]] == ["CM_SLAC_PARM.REQ", "CM_SLAC_PARM.CNF"]
    assert (columns["level"], columns["content"], columns["why"]) == ([0, 0], [0, 1], {})
