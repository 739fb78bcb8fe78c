"""The accounts beside a running charger."""

import asyncio

import structlog

from seccstack.adapters.outlet import settings_of
from seccstack.adapters.why import Why
from seccstack.config import parse
from seccstack.errors import UsageError
from seccstack.events import Noted
from tests.adapters.conftest import run

PLUGGED = Noted("plugged in", {"plug_in": 1})
BROKEN = Noted("plugged in", {})  # without its number


def observed(*notes):
    """Return what others were told of these, and the answer or what is said instead."""

    async def scenario():
        others = []
        settings, log = settings_of(parse("")), structlog.get_logger()
        why = Why(settings, log, lambda *step: others.append(step))
        for noted in notes:
            why.observe(asyncio.get_running_loop().time(), None, [noted])
        try:
            return others, why.answer()
        except UsageError as error:
            return others, str(error)

    return run(scenario())


def test_it_tells_what_is_going_on_and_others_are_told_too():
    others, answer = observed(PLUGGED)
    assert others[0][2] == [PLUGGED]
    [account] = answer["accounts"]
    assert account["plug_in"] == 1
    assert account["since"] > 1_700_000_000


def test_a_fault_in_it_ends_the_accounts_and_nothing_else():
    others, answer = observed(BROKEN, PLUGGED)
    assert len(others) == 2
    assert "given up after a fault" in answer
