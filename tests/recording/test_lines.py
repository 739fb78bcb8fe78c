"""A sidecar's lines."""

import pytest

from seccstack import events
from seccstack.errors import MalformedError
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.recording.entries import Step
from seccstack.recording.lines import (
    Ended,
    Leg,
    ended_line,
    leg_line,
    read_line,
    step_line,
)
from seccstack.recording.redaction import Redaction
from seccstack.session.plant import Charger

LEG = Leg(
    version="1.2", plug_in=3, part=1, t=4.5, offset=6, redacted=True, steps=7, unknown="why",
    settings=Settings(charger=Charger(evse_id="DE*SEC*E1"), rated_amps=16.0),
    state={"tuple": []}, limit=(1.0, 16.0, "owner"),
)  # fmt: skip
CLOSED = limits.ContactorChanged(True)


def test_a_leg_is_read_back():
    assert read_line(leg_line(LEG)) == LEG


def test_so_is_a_step_and_how_its_actions_were_written():
    step = Step(1.25, CLOSED, [limits.SetContactor(True)], 2.5)
    line = read_line(step_line(step, Redaction()))
    assert line.step == step
    assert line.actions == [{"SetContactor": {"closed": True}}]


def test_time_alone_is_a_step_without_an_event():
    step = Step(1.0, None, [], None)
    assert read_line(step_line(step, Redaction())).step == step


def test_the_end_is_read_back():
    assert read_line(ended_line(Ended(1.0, "unplugged"))) == Ended(1.0, "unplugged")


def test_a_line_is_one_line_whatever_is_in_it():
    step = Step(1.0, limits.StopWanted("a\nb\u2028"), [], None)
    assert step_line(step, Redaction()).count(b"\n") == 1


def test_an_action_that_this_version_does_not_know_is_compared_and_not_understood():
    line = read_line(
        b'{"t":1,"event":null,"actions":[{"New":{}},{"DrawKey":{}}],"deadline":null}'
    )
    assert [type(action).__name__ for action in line.step.actions] == ["DrawKey"]
    assert len(line.actions) == 2


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"", "is no JSON"),
        (b'{"t":1,"eve', "is no JSON"),
        (b"[" * 100_000, "is no JSON"),
        (b"3", "is no line"),
        (b"{}", "is no line"),
        (b'{"ended":{}}', "is no line"),
        (b'{"recording":{"format":2}}', "format 2 is unknown"),
        (b'{"recording":{"format":1}}', "is no line"),
        (b'{"t":1,"event":{"New":{}},"actions":[],"deadline":null}', "cannot be 'New'"),
        (b'{"t":"x","event":null,"actions":[],"deadline":null}', "is no line"),
    ],
)
def test_what_is_no_line_is_refused(octets, why):
    with pytest.raises(MalformedError, match=why):
        read_line(octets)


def test_the_events_of_the_seam_have_no_key_in_their_lines():
    drawn = events.NetworkOpened("fe80::1", 50000)
    assert b"fe80::1" in step_line(Step(0.0, drawn, [], None), Redaction())


DAMAGED = {
    "octets that are no text": b'{"t":\xe3}',
    "a time nobody can reckon with": b'{"t":1e308,"event":null,"actions":[],"deadline":null}',
    "a time as text": b'{"t":"inf","event":null,"actions":[],"deadline":null}',
    "an action without a name": b'{"t":1,"event":null,"actions":[null],"deadline":null}',
    "an action of two names": b'{"t":1,"event":null,"actions":[{"a":1,"b":2}],"deadline":null}',
    "a note that lacks what it is told by": (
        b'{"t":1,"event":null,"actions":[{"Noted":{"event":"pilot","details":{}}}],'
        b'"deadline":null}'
    ),
    "actions that are no list": b'{"t":1,"event":null,"actions":{},"deadline":null}',
    "a datagram from nowhere": (
        b'{"t":1,"event":{"DatagramReceived":{"address":"FF","port":1,"octets":""}},"actions":[],'
        b'"deadline":null}'
    ),
}


@pytest.mark.parametrize("line", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_line_is_refused_where_it_is_read(line):
    with pytest.raises(MalformedError, match=r"is no|cannot be|says nothing of use"):
        read_line(line)
