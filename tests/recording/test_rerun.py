"""A recording run again: alike, or where not."""

from dataclasses import replace

import pytest

from seccstack.chargepoint import ChargePoint
from seccstack.events import LimitOffered
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState
from seccstack.recording.entries import Step, acts
from seccstack.recording.lines import Leg, WrittenStep
from seccstack.recording.rerun import MAX_DIFFERENCES, Difference, Rerun
from seccstack.recording.state import dump
from seccstack.recording.values import written
from seccstack.session.plant import Charger
from seccstack.slac import station

SETTINGS = Settings(charger=Charger(evse_id="DE*SEC*E1"), rated_amps=16.0)
LEG = Leg(version="0.0", plug_in=1, part=0, t=0.0, offset=0, redacted=True, settings=SETTINGS)
STORY = [
    (0.0, limits.PilotChanged(PilotState.NO_VEHICLE)),
    (0.0, limits.ContactorChanged(False)),
    (1.0, station.Opened(bytes.fromhex("02FEED000001"))),
    (2.0, limits.PilotChanged(PilotState.CONNECTED)),
    (3.0, LimitOffered("owner", 10.0)),
]


def record(machine, story=STORY, until=70.0):
    """The steps of a machine that is told a story, with every deadline on its way."""
    steps = []

    def keep(now, event, actions):
        step = Step(now, event, actions, machine.deadline)
        steps.append(WrittenStep(step, [written(action) for action in acts(actions)]))

    for when, event in [*story, (until, None)]:
        while machine.deadline is not None and machine.deadline < when:
            due = machine.deadline
            keep(due, None, machine.tick(due))
        if event is not None:
            keep(when, event, machine.receive(event, when))
    return steps


def again(steps, leg=LEG):
    rerun = Rerun()
    rerun.begin(leg)
    for step in steps:
        rerun.follow(step)
    return rerun


STEPS = record(ChargePoint(SETTINGS))


def test_the_same_machine_does_the_same():
    rerun = again(STEPS)
    assert (rerun.identical, rerun.acts_alike, rerun.steps) == (True, True, len(STEPS))
    assert rerun.to_json() == {
        "identical": True, "acts_alike": True, "steps": len(STEPS),
        "differences": [], "omissions": [],
    }  # fmt: skip


def test_it_does_so_from_a_state_in_between():
    machine = ChargePoint(SETTINGS)
    record(machine, STORY[:3], until=1.5)
    rest = record(machine, STORY[3:])
    state = dump(machine_at(1.5))
    assert again(rest, replace(LEG, state=state)).identical is True


def machine_at(until):
    machine = ChargePoint(SETTINGS)
    record(machine, STORY[:3], until)
    return machine


def test_a_machine_with_other_settings_is_told_by_its_first_difference():
    other = replace(LEG, settings=replace(SETTINGS, rated_amps=8.0))
    rerun = again(STEPS, other)
    assert rerun.identical is False
    first = rerun.differences[0]
    assert (first.t, first.event, first.acts) == (0.0, "PilotChanged", False)
    assert str(first) == "on PilotChanged: Noted.details.amps: then 16.0, now 8.0"


def test_a_machine_that_would_not_have_waited_is_let_act():
    hasty = replace(
        LEG, settings=replace(SETTINGS, slac=replace(SETTINGS.slac, init_seconds=9.0))
    )
    rerun = again(STEPS, hasty)
    early = next(what for what in rerun.differences if what.t == 11.0)
    assert (early.event, early.then, early.acts) == ("time", [], True)
    assert "then nothing, now Apply" in str(early)


def test_one_that_was_late_then_is_no_difference():
    late = [
        replace(s, step=replace(s.step, now=s.step.now + 0.3)) if s.step.event is None else s
        for s in STEPS[:4]
    ]
    assert again(late).identical is not None


def test_after_a_few_differences_in_what_is_done_a_leg_is_left():
    wrong = [replace(step, actions=[{"DrawKey": {}}]) for step in STEPS * 9]
    rerun = again(wrong)
    assert len([d for d in rerun.differences if d.acts]) == MAX_DIFFERENCES
    assert rerun.steps < len(wrong)


def test_of_differences_that_are_only_told_a_few_are_kept_and_the_leg_goes_on():
    wrong = [
        replace(step, actions=[*step.actions, {"Noted": {"event": "x", "details": {}}}])
        for step in record(ChargePoint(SETTINGS), until=300.0)
    ]
    rerun = again(wrong)
    assert (rerun.identical, rerun.acts_alike) == (False, True)
    assert rerun.steps == len(wrong) > MAX_DIFFERENCES == len(rerun.differences)
    assert "then Noted, now nothing" in str(rerun.differences[0])


def test_a_leg_without_a_state_is_not_run_and_says_why():
    rerun = again(STEPS, replace(LEG, unknown="a response was owed"))
    assert (rerun.identical, rerun.acts_alike, rerun.steps) == (None, None, 0)
    assert rerun.omissions == ["part 0 has no state: a response was owed"]


def test_nor_is_one_whose_state_this_version_does_not_understand():
    rerun = again(STEPS, replace(LEG, state={"new": ["seccstack.old:Machine", {}]}))
    assert rerun.identical is None
    assert "version 0.0 wrote can't be taken over" in rerun.omissions[0]


def test_where_a_step_is_unknown_the_leg_ends():
    rerun = Rerun()
    rerun.begin(LEG)
    rerun.follow(STEPS[0])
    rerun.omit("a line is damaged")
    rerun.omit("another, too")
    rerun.follow(STEPS[1])
    assert (rerun.steps, rerun.omissions) == (1, ["a line is damaged"])


@pytest.mark.parametrize(
    "state", [5, {"tuple": []}, {"new": ["seccstack.pilot.port:Steady", {}]}]
)
def test_a_state_that_no_version_writes_ends_the_leg_and_nothing_else(state):
    rerun = again(STEPS, replace(LEG, state=state))
    assert (rerun.identical, len(rerun.omissions)) == (None, 1)


def test_a_step_that_the_machine_fails_in_ends_the_leg_and_nothing_else():
    odd = replace(STEPS[0], step=replace(STEPS[0].step, event=limits.PilotChanged("Q")))
    rerun = again([odd, *STEPS])
    assert rerun.steps == 1
    assert "now Failed" in str(rerun.differences[0])


def test_the_hasty_machine_is_left_when_it_has_done_enough_on_its_own():
    story = [*STORY[:3], (1.0, station.KeyDrawn(bytes(range(16)), b"once"))]
    calm = record(ChargePoint(SETTINGS), story, until=1.0)
    calm[-1] = replace(calm[-1], step=replace(calm[-1].step, deadline=None))
    rerun = again([*calm, replace(STEPS[4], step=replace(STEPS[4].step, now=9000.0))])
    assert {difference.event for difference in rerun.differences} == {"time"}
    assert len(rerun.differences) == MAX_DIFFERENCES
    assert rerun.steps == len(calm)


def test_what_another_version_does_not_write_is_a_difference_too():
    then, now = [{"Kept": {"a": 1}}], [{"Kept": {"a": 1, "b": None}}]
    assert str(Difference(0.0, "time", then, now)).endswith("Kept.b: then (nothing), now None")
    assert str(Difference(0.0, "time", now, then)).endswith("Kept.b: then None, now (nothing)")


def test_a_difference_is_told_by_what_parts_first():
    def said(then, now):
        return str(Difference(0.0, "time", then, now))

    ring, ping = {"Ring": {"at": {"x": 1, "y": 2}}}, {"Ring": {"at": {"x": 1, "y": 3}}}
    assert said([ring], [ping]) == "on time: Ring.at.y: then 2, now 3"
    assert said([ring, ring], [ring]) == "on time: then Ring, now nothing"
    assert said([ring], [{"Pong": {}}, ring]) == "on time: then Ring, now Pong, Ring"
    assert said([{"Ring": {"x": "a" * 99}}], [{"Ring": {}}]).endswith("a..., now (nothing)")
    told = [{"Noted": {"x": 1}}]
    assert said([*told, ring], [ping]) == "on time: Ring.at.y: then 2, now 3"
    assert Difference(0.0, "time", [ring], [ping]).to_json()["acts"] is True
