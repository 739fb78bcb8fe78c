"""The tally of what peers can make happen often."""

import json

import pytest
import structlog

from seccstack.adapters import log
from seccstack.adapters.log import MOST_KINDS, OFTEN, OTHERS, QUIET_SECONDS, Tally


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def said():
    with structlog.testing.capture_logs() as lines:
        yield lines


@pytest.fixture
def tally(clock, said):
    return Tally(structlog.get_logger(), clock)


def test_the_first_of_a_kind_is_said_with_its_reason(tally, said):
    tally.ignored("frame", "too short")
    assert [(line["what"], line["why"], line["times"]) for line in said] == [
        ("frame", "too short", 1)
    ]


def test_a_kind_is_said_once_in_a_second_and_counted_always(tally, said, clock):
    for _ in range(1000):
        tally.ignored("frame", "too short")
    clock.now += QUIET_SECONDS
    tally.ignored("frame", "too short")
    assert [line["times"] for line in said] == [1, 1001]


def test_one_noisy_kind_does_not_silence_another(tally, said):
    for what in ("frame", "frame", "datagram"):
        tally.ignored(what, "")
    assert [line["what"] for line in said] == ["frame", "datagram"]


def test_kinds_that_a_peer_makes_up_fill_no_memory(tally):
    for number in range(10 * MOST_KINDS):
        tally.ignored(f"kind {number}", "")
    assert len(tally.counts) == MOST_KINDS + 1
    assert tally.counts[OTHERS] == 9 * MOST_KINDS
    assert len(tally._said) == MOST_KINDS + 1


def test_a_known_kind_is_still_counted_as_itself_when_the_tally_is_full(tally):
    for number in range(MOST_KINDS + 5):
        tally.ignored(f"kind {number}", "")
    tally.ignored("kind 3", "")
    assert tally.counts["kind 3"] == 2


@pytest.mark.parametrize(("event", "lines"), OFTEN.items())
def test_what_a_peer_can_cause_at_will_is_said_seldom_and_counted_always(
    tally, said, clock, event, lines
):
    for _ in range(1000):
        tally.noted(event, {"why": "it hung up"})
    clock.now += QUIET_SECONDS
    tally.noted(event, {"why": "it hung up"})
    assert [line["times"] for line in said] == [*range(1, lines + 1), 1001]
    assert {(line["event"], line["why"]) for line in said} == {(event, "it hung up")}


def test_what_no_peer_can_cause_at_will_is_always_said(tally, said):
    for _ in range(10):
        tally.noted("contactor", {"closed": False})
    assert len(said) == 10


def test_lines_are_json_on_standard_error_where_nobody_watches(capsys):
    log.start("info").info("ready", seconds=0.1)
    captured = capsys.readouterr()
    line = json.loads(captured.err)
    assert (line["event"], line["level"], line["seconds"]) == ("ready", "info", 0.1)
    assert captured.out == ""


def test_what_is_below_the_level_is_not_written(capsys):
    logger = log.start("warning")
    logger.info("a detail")
    assert capsys.readouterr().err == ""
