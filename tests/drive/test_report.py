"""A report: what came of a drive, held against what was accepted."""

import json

import pytest

from seccstack.drive.report import MAX_CHANGES, changes, report_of
from seccstack.messages import iso2
from tests.capture.scene import SETUP, STOP, Scene, choice, exi, offer
from tests.drive.recording import charge, driven, recorded


@pytest.fixture(scope="module")
def report():
    return report_of(driven(recorded()))


def test_it_tells_what_came_of_it(report):
    assert (report["protocol"], report["tls"]) == ("iso2", False)
    assert report["claims"][0] == "slac_mac"
    assert report["consistent"] is True
    assert report["matching"]["matched"] is True
    assert report["decision"] == {"granted": True, "by": "card"}  # its address is made up
    assert report["limits"] == ["16 A, set by installation"]
    assert [change["closed"] for change in report["contactor"]] == [True, False]
    assert report["partings"] == report["errors"] == []


def test_a_request_and_its_answer_are_one_line_and_repetitions_are_counted(report):
    assert report["exchanges"][:2] == [
        "supportedAppProtocol: OK_SuccessfulNegotiation",
        "SessionSetup: OK_NewSessionEstablished",
    ]
    assert "Authorization: OK, Finished" in report["exchanges"]
    assert "ChargingStatus: OK, 3 times" in report["exchanges"]


def test_the_same_recording_gives_the_same_report_whatever_ids_and_keys_are_drawn(report):
    assert report_of(driven(recorded(), seed=77)) == report


def test_it_names_neither_the_car_nor_the_charger(report):
    text = json.dumps(report).upper()
    assert "02AA0000" not in text
    assert "FE80" not in text


def test_names_in_words_become_roles():
    session = driven(recorded())
    words = "02AA00000001 asked 02BB00000001, and 02CC00000001 at fe80::1:2 heard it"
    session["errors"] = [{"t": 0.0, "packet": 1, "message": words}]
    assert report_of(session)["errors"] == [
        "VEHICLE asked CHARGER, and STATION at STATION heard it"
    ]


def test_times_are_tenths_of_a_second_from_its_beginning():
    refusal = iso2.SessionStopRes(response_code=iso2.ResponseCode.FAILED_SEQUENCE_ERROR)
    said = [*charge()[:-1], ("evse", exi(refusal))]
    [parting] = report_of(driven(recorded(said)))["partings"]
    assert parting["theirs"] == "FAILED_SequenceError"
    assert 0 < parting["seconds"] < 20
    assert parting["seconds"] == round(parting["seconds"], 1)


def exchanges(*messages):
    session = driven(recorded())
    session["messages"] = [
        {"name": name, "body": None if code is None else {name: {"ResponseCode": code}}}
        for name, code in messages
    ]
    return report_of(session)["exchanges"]


def test_a_request_without_an_answer_is_told_as_that():
    assert exchanges(("AReq", None), ("BReq", None), ("BRes", "OK"), ("CReq", None)) == [
        "AReq, unanswered",
        "B: OK",
        "CReq, unanswered",
    ]


def test_an_answer_to_nothing_and_what_cannot_be_read_stand_alone():
    told = exchanges(("ARes", "OK"), (None, None), ("BReq", None), ("BRes", None))
    assert told == ["ARes", "a message that can't be decoded", "B"]


def test_a_car_whose_matching_was_not_heard_has_none_in_it():
    scene = Scene()
    scene.discover()
    scene.connect().exchange(offer(), choice(), SETUP, STOP)
    assert report_of(driven(scene))["matching"] is None


def test_a_car_that_said_nothing_more_was_not_decided_about():
    scene = Scene()
    scene.ask()
    scene.answer()
    report = report_of(driven(scene))
    assert (report["matching"]["matched"], report["decision"]) == (False, None)


# What has changed.


def test_what_is_the_same_has_not_changed(report):
    assert changes([report], [report]) == []


@pytest.mark.parametrize(
    ("accepted", "found", "words"),
    [
        ({"tls": True}, {"tls": False}, "tls: True was accepted, now it is False"),
        ({}, {"tls": False}, "tls: nothing was accepted, now it is False"),
        ({"tls": True}, {}, "tls: True was accepted, now it is nothing"),
        ([{"a": 1}], [{"a": 2}], "1/a: 1 was accepted, now it is 2"),
        ([{"a": 1}], [{"a": 1}, 5], "2: nothing was accepted, now it is 5"),
        (
            {"said": ["A", "B", "C"]},
            {"said": ["A", "C"]},
            "said, line 2: B became nothing",
        ),
        (
            {"said": ["A", "C"]},
            {"said": ["A", "D", "E"]},
            "said, line 2: C became D | E",
        ),
    ],
)
def test_what_has_changed_is_said_in_words(accepted, found, words):
    assert changes(accepted, found) == [words]


def test_what_has_become_more_or_fewer_is_told_one_by_one():
    one, three = [{"a": 1}], [{"a": 1}, {"a": 2}, 3]
    assert changes(one, three) == [
        "2: nothing was accepted, now it is {'a': 2}",
        "3: nothing was accepted, now it is 3",
    ]
    assert [words.split(":")[0] for words in changes(three, one)] == ["2", "3"]


def test_a_value_that_is_long_is_cut():
    [words] = changes({"ended": "x" * 1000}, {"ended": ""})
    assert len(words) < 300


def test_of_many_changes_the_first_are_told():
    told = changes({}, {str(n): n for n in range(100)})
    assert len(told) == MAX_CHANGES + 1
    assert told[-1] == "and 70 more"
