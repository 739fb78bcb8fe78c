"""Notes of a sidecar: what one of a known name must say, so that it can be told."""

import pytest

from seccstack.errors import MalformedError
from seccstack.recording.entries import Step, acts
from seccstack.recording.lines import read_line, step_line
from seccstack.recording.notes import NEEDED, check_note
from seccstack.recording.redaction import Redaction
from seccstack.timeline import SENTENCES
from tests.scenarios.scene import MAC, Scene

DAMAGED = [
    ("pilot", {}),
    ("modem", {"state": "ready"}),
    ("limit", {"amps": 10.0}),
    ("limit", {"amps": "inf", "source": "owner"}),
    ("limit", {"amps": True, "source": "owner"}),
    ("current", {"amps": 1e308}),
    ("limit ignored", {"step": "X1", "amps": 6.0, "drawn": None, "seconds": 5.0}),
    ("limit unwatched", {}),
    ("forecast", {"steps": [{"seconds": 60, "amps": None}]}),
    ("matched", {"ev_mac": "zz", "sounds": 10, "attenuation_db": 20.0}),
    ("revoked", {"reasons": [1]}),
    ("certificates", {"chains": "none", "problems": []}),
    ("contactor", {"closed": 1}),
    ("stream opened", {"address": "fe80::1", "tls": "yes"}),
    ("anything", {"event": []}),
    ("anything", {"t": 0}),
]


@pytest.mark.parametrize(("event", "details"), DAMAGED, ids=str)
def test_what_cannot_be_told_is_refused(event, details):
    with pytest.raises(MalformedError, match="says nothing of use as"):
        check_note(event, details)


def test_a_limit_may_differ_from_phase_to_phase():
    limit = {"amps": 6.0, "source": "house"}
    check_note("limit", {**limit, "phases": [{"amps": 6.0, "source": "house"}]})
    with pytest.raises(MalformedError, match="says nothing of use as"):
        check_note("limit", {**limit, "phases": [{"amps": None, "source": "house"}]})


def test_what_this_version_does_not_know_may_say_anything():
    check_note("brand new", {"amps": None})


def test_evidence_without_a_time_is_refused():
    claims = dict.fromkeys(NEEDED["identity"])
    with pytest.raises(MalformedError, match="as evidence"):
        check_note("identity", {**claims, "evidence": [{}]})


def test_what_is_needed_belongs_to_what_is_told():
    assert NEEDED.keys() <= SENTENCES.keys()


def test_all_that_a_whole_charge_notes_is_good():
    scene = Scene("autocharge", known=[MAC])
    scene.charge().limit(10).wait(3).unplug().wait(3)
    steps = [Step(now, event, actions, None) for now, event, actions in scene.steps]
    read = [read_line(step_line(step, Redaction())).step for step in steps]
    assert [len(step.actions) for step in read] == [len(acts(step.actions)) for step in steps]
