"""What is told of a sidecar, whole or torn."""

import itertools

import pytest

from seccstack.events import Noted
from seccstack.recording import review as review_module
from seccstack.recording.entries import Step
from seccstack.recording.lines import Ended, Leg, ended_line, leg_line, step_line
from seccstack.recording.redaction import Redaction
from seccstack.recording.review import MAX_NOTES, review
from tests.recording.desk import WALL, Desk
from tests.scenarios.scene import MAC, Scene


@pytest.fixture(scope="module")
def sidecar():
    scene = Scene("autocharge", known=[MAC])
    desk = Desk(scene)
    scene.charge().wait(3).unplug().wait(3)
    return desk.done[0][1].splitlines(keepends=True)


def leg(**about):
    scene = Scene()
    return leg_line(
        Leg(
            version="", offset=WALL, redacted=True, plug_in=1,
            settings=scene.world.charge_point._settings, **{"part": 0, "t": 0.0, **about},
        )
    )  # fmt: skip


def step(now, *actions, event=None):
    return step_line(Step(now, event, actions, None), Redaction())


def test_a_whole_one_tells_the_decision_the_limits_and_the_contactor(sidecar):
    told = review("x", sidecar)
    [session] = told.sessions
    assert session["decision"]["granted"] is True
    assert [limit["amps"] for limit in session["limits"]] == [16.0]
    assert session["started"] == WALL / 1e9 + 1
    assert told.notes == []


def test_its_happenings_have_each_claim_once_and_no_messages(sidecar):
    told = [happening["event"] for happening in review("x", sidecar).happenings]
    assert "message" not in told
    assert not any(a == b == "identity" for a, b in itertools.pairwise(told))
    assert told.count("decision") == 1


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_one_that_breaks_off_is_told_as_far_as_it_goes(sidecar, share):
    octets = b"".join(sidecar)
    told = review("x", octets[: int(len(octets) * share)].splitlines())
    assert "the recording breaks off" in told.notes[-1]
    assert told.rerun.differences == []
    assert told.rerun.identical is True
    assert len(told.sessions) == 1


def test_a_damaged_line_ends_what_can_be_run_again_but_not_what_is_told(sidecar):
    middle = len(sidecar) // 2
    told = review("x", [*sidecar[:middle], b"{]\n", *sidecar[middle + 1 :]])
    assert told.rerun.identical is True
    assert len(told.rerun.omissions) == len(told.notes) == 1
    assert told.sessions[0]["contactor"][-1]["closed"] is False


def test_a_file_of_damage_alone_has_few_words_and_no_session():
    told = review("x", [b"{]"] * 99)
    assert len(told.notes) == MAX_NOTES
    assert told.session([]) == {
        "source": "x", "decision": None, "limits": None, "contactor": None,
        "rerun": told.rerun.to_json(),
    }  # fmt: skip


def test_steps_before_any_beginning_are_nobodys():
    told = review("x", [step(1.0), ended_line(Ended(1.0, "over"))])
    assert told.notes == ["no recording begins in it"]


def test_a_limit_that_stood_before_is_the_first():
    plugged = step(1.0, Noted("plugged in", {"plug_in": 1}))
    told = review("x", [leg(limit=(-5.0, 11.0, "owner")), plugged])
    assert [limit["amps"] for limit in told.sessions[0]["limits"]] == [11.0]


def test_messages_of_a_connection_that_nothing_is_known_of_are_left_to_the_capture(sidecar):
    told = review("x", [line for line in sidecar if b'"StreamOpened"' not in line])
    assert told.sessions[0]["messages"] == []


def test_a_gap_is_told_with_its_length():
    lines = [leg(), step(1.0), leg(part=3, steps=21, t=9.0), step(9.0)]
    assert "20 steps, in 8 s, were not kept: there was no room" in review("x", lines).notes


def test_only_so_much_is_told(sidecar, monkeypatch):
    monkeypatch.setattr(review_module, "MAX_HAPPENINGS", 3)
    assert len(review("x", sidecar).happenings) == 3


# What a capture has heard, and what the charger says.


def heard(messages):
    return {"source": "y", "messages": messages, "protocol": "iso2"}


def test_a_capture_with_its_one_session_is_believed(sidecar):
    whole = review("x", sidecar).session([heard(["m"])])
    assert (whole["source"], whole["messages"]) == ("y", ["m"])
    assert whole["rerun"]["identical"] is True


def test_where_it_could_read_no_message_ours_are_told(sidecar):
    told = review("x", sidecar)
    assert told.session([heard([])])["messages"] == told.sessions[0]["messages"] != []


def test_where_it_has_none_or_several_the_charger_knows_better(sidecar):
    told = review("x", sidecar)
    for captured in ([], [heard(["a"]), heard(["b"])]):
        assert told.session(captured)["source"] == "x"


def test_where_the_charger_knows_nothing_the_capture_is_all_there_is():
    assert review("x", []).session([heard(["a"]), heard(["b"])])["messages"] == ["a"]


def test_parts_that_follow_one_another_without_a_gap_are_told_as_one():
    lines = [leg(), step(1.0), leg(part=1, steps=1, t=1.5), step(2.0)]
    lines.append(ended_line(Ended(2.0, "unplugged")))
    assert review("x", lines).notes == []
