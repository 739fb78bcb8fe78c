"""Lines that are absent, appear, and are lost again."""

import asyncio
from contextlib import suppress

import pytest
import structlog

from seccstack.adapters import lines
from seccstack.adapters.lines import keep_open
from seccstack.adapters.unavailable import UnavailableError
from tests.adapters.conftest import run, until


class Line:
    """Opens as `outcomes` says, one by one; an exception is raised."""

    name = "powerline"

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)
        self.closed = 0
        self._lost = asyncio.Event()

    async def open(self):
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def lost(self):
        await self._lost.wait()
        self._lost.clear()
        return "lost"

    def lose(self):
        self._lost.set()

    def close(self):
        self.closed += 1


def not_yet(why="there is no interface"):
    return UnavailableError(why, waiting_helps=True)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(lines, "RETRY_SECONDS", 0.001)


@pytest.fixture
def said():
    with structlog.testing.capture_logs() as lines:
        yield lines


def keep(make, talk):
    """Run ``talk(line, fed)`` while a line is kept open."""

    async def scenario():
        line, fed, log = make(), [], structlog.get_logger()
        keeping = asyncio.create_task(
            keep_open(line, fed.append, log, lambda line: fed.append("told"))
        )
        try:
            await talk(line, fed, keeping)
        finally:
            keeping.cancel()
            with suppress(asyncio.CancelledError, UnavailableError):
                await keeping
        return fed

    return run(scenario())


def test_a_line_that_is_there_is_opened_at_once():
    async def talk(line, fed, keeping):
        await until(lambda: len(fed) == 2)

    assert keep(lambda: Line("opened"), talk) == ["opened", "told"]


def test_a_line_that_is_not_there_is_waited_for_and_said_once(said):
    async def talk(line, fed, keeping):
        await until(lambda: fed)

    keep(lambda: Line(not_yet(), not_yet(), not_yet(), not_yet("it is down"), "opened"), talk)
    assert [(line["event"], line["why"]) for line in said] == [
        ("waiting for the powerline", "there is no interface"),
        ("waiting for the powerline", "it is down"),
    ]


def test_a_line_that_is_lost_is_closed_and_opened_again():
    async def talk(line, fed, keeping):
        await until(lambda: "told" in fed)
        line.lose()
        await until(lambda: fed.count("told") == 2)
        assert line.closed == 1

    fed = keep(lambda: Line("opened", not_yet(), "again"), talk)
    assert fed == ["opened", "told", "lost", "again", "told"]


def test_what_waiting_does_not_help_is_an_end():
    async def talk(line, fed, keeping):
        with pytest.raises(UnavailableError, match="CAP_NET_RAW"):
            await keeping

    refused = UnavailableError("CAP_NET_RAW", waiting_helps=False)
    assert keep(lambda: Line(refused), talk) == []
