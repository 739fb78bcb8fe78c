"""Real cars at our charger: each recorded ISO 15118-2 AC session, and every capture."""

import json
import re
from collections import Counter
from random import Random

import pytest

from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.drive.course import drive
from seccstack.drive.report import report_of
from tests.names import CAPTURES

# Where ours answers otherwise than the recorded charger did, and why that is right.
SOONER = ("AuthorizationRes", "OK, Finished", "OK, Ongoing")  # it has been decided before
IN_SEQUENCE = ("SessionStopRes", "OK", "FAILED_SequenceError")  # a vehicle may always stop
EXPECTED = {
    "audi-q4-ac-iso2-1": [{SOONER: 4}],  # once in each of the four sessions that it resumes
    "citroen-ec4-2024-02-29-1240-2-iso2-ac": [{}],
    "dspace-iso-2-ac-ds5366": [{}],
    "hyundai-ioniq5-iso15118-2-ac-2023-04-07-1307-ioniq5-iso15118-ac-not-supported": [{}],
    "mercedes-benz-eqe-2023-04-18-1520-3-config-ac-iso2": [{}],
    "mercedes-benz-eqe-2023-10-04-iso2-ac": [{}, {}],
    "opel-mokka-e-iso-15118-2-ac-not-supported-2023-04-14-1421-3-config-ac-iso2": [{}],
    "skoda-enyaq-v3-0-2023-01-16-iso15118-ac-lumissil-enyaq-ac-iso-lumissil": [{}],
    "skoda-enyaq-v3-0-iso15118-ac-josev-enyaq-ac-0": [{}],
    "vw-id-4-fw-3-5-2023-04-18-1542-3-config-ac-iso2": [{IN_SEQUENCE: 1}],
    "vw-id-4-iso-15118-2-ac-2023-04-14-0952-3-config-ac-iso2": [{IN_SEQUENCE: 1}],
}
ADDED = ("decision", "limits", "contactor", "partings")
EVERY_ENDING = re.compile(r".+; (unplugged|still plugged in)(; by pulse width, because .+)?")
NO_CAR = "dspace-iec61851-ac-pwm-basic"
CLAIMS = ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid", "consistent")


def read(path):
    return sessions_of(read_trace(path.name, read_capture(path)))


def driven(session):
    return drive(session.plug_in, Random(5).randbytes)  # noqa: S311 - a test repeats


@pytest.fixture(scope="module")
def drives(shared):
    """By file: its sessions as they were recorded, and the same cars at our charger."""
    files = {path.name.split(".")[0]: path for path in (shared / "captures").glob("*.pcap*")}
    found = {}
    for name in EXPECTED:
        sessions = read(files[name])
        found[name] = [(one.to_json(), driven(one)) for one in sessions]
    return found


@pytest.fixture(params=EXPECTED)
def drive_of(request, drives):
    return request.param, drives[request.param]


def answers(session):
    """Who said what, with the code of a response, as messages themselves have it."""
    return [(m["from"], m["name"], code_of(m["body"])) for m in session["messages"]]


def code_of(body):
    text = json.dumps(body)
    return text.partition('"ResponseCode": "')[2].partition('"')[0] if text else ""


def test_every_request_is_answered_in_kind_and_with_the_recorded_code(drive_of):
    name, sessions = drive_of
    for (recorded, ours), expected in zip(sessions, EXPECTED[name], strict=True):
        parted = Counter(
            (theirs[1], mine[2], theirs[2])
            for mine, theirs in zip(answers(ours), answers(recorded), strict=True)
            if mine != theirs
        )
        codes = {k: n for k, n in expected.items() if k is not SOONER}
        assert parted == codes


def test_the_partings_are_those_that_are_expected(drive_of):
    name, sessions = drive_of
    for (_, ours), expected in zip(sessions, EXPECTED[name], strict=True):
        found = Counter((p["message"], p["ours"], p["theirs"]) for p in ours["partings"])
        assert found == expected


def test_the_car_is_matched_and_is_who_it_was(drive_of):
    for recorded, ours in drive_of[1]:
        assert ours["slac"]["matched"] is True
        assert ours["slac"]["evse_mac"] == recorded["slac"]["evse_mac"]
        assert {c: ours["identity"][c] for c in CLAIMS} == {
            c: recorded["identity"][c] for c in CLAIMS
        }
        assert ours["identity"]["consistent"] is True


def test_its_form_is_that_of_a_replay(drive_of):
    for recorded, ours in drive_of[1]:
        assert list(ours) == [*recorded, *ADDED]
        assert ours["started"] == pytest.approx(recorded["started"])


def test_our_charger_leads_every_session_by_ids_of_its_own(drive_of):
    for recorded, ours in drive_of[1]:
        ids = session_ids(ours, "evse")
        assert ids
        assert not ids & session_ids(recorded, "evse")
        assert session_ids(ours, "ev") - session_ids(recorded, "ev") <= ids


def session_ids(session, sender):
    return {
        m["body"]["V2G_Message"]["Header"]["SessionID"]
        for m in session["messages"]
        if m["from"] == sender and m["schema"] == "iso2"
    }


def test_nothing_but_its_session_id_is_changed_of_what_the_car_says(drive_of):
    for recorded, ours in drive_of[1]:
        for mine, theirs in zip(ours["messages"], recorded["messages"], strict=True):
            if theirs["from"] == "ev":
                assert differing_bits(mine["exi"], theirs["exi"]) <= set(range(26, 90))


def differing_bits(one, other):
    assert len(one) == len(other)
    difference = f"{int(one, 16) ^ int(other, 16):0{len(one) * 4}b}"
    return {place for place, bit in enumerate(difference) if bit == "1"}


def test_the_recorded_key_is_not_in_use(drive_of):
    for recorded, ours in drive_of[1]:
        assert ours["slac"]["nid"] != recorded["slac"]["nid"]


def test_the_identities_are_those_of_an_independent_reader(shared, drives):
    index = (shared / "captures" / "index.jsonl").read_text().splitlines()
    rows = {row["file"].split(".")[0]: row for row in map(json.loads, index)}
    for name, sessions in drives.items():
        theirs = {(one["evccid"], mac(one["id_slac"])) for one in rows[name]["sessions"]}
        for _, ours in sessions:
            assert (ours["identity"]["evccid"], ours["identity"]["slac_mac"]) in theirs


def mac(text):
    return text.replace(":", "").upper()


@pytest.mark.parametrize("name", CAPTURES)
def test_every_capture_can_be_driven_and_comes_to_the_same_each_time(shared, name):
    recorded = read(shared / "captures" / name)
    once, again = ([driven(session) for session in recorded] for _ in range(2))
    assert once == again
    assert (once == [None]) is name.startswith(NO_CAR)
    if name.startswith(NO_CAR):
        return
    for session, drive_of_it in zip(recorded, once, strict=True):
        assert list(drive_of_it) == [*session.to_json(), *ADDED]
        assert EVERY_ENDING.fullmatch(drive_of_it["ended"])
        assert_are_partings(drive_of_it)
        json.dumps(report_of(drive_of_it))


def assert_are_partings(session):
    """They come in their order, and only where an answer differs."""
    times = [parting["t"] for parting in session["partings"]]
    assert [session["started"], *times] == sorted([session["started"], *times])
    for parting in session["partings"]:
        assert parting["why"]
        assert parting["ours"] != parting["theirs"]


def test_all_of_them_are_listed(shared):
    assert {path.name for path in (shared / "captures").glob("*.pcap*")} == set(CAPTURES)
