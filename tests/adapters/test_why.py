"""The accounts beside a running charger."""

import asyncio

import structlog

from seccstack.adapters import why as why_of
from seccstack.adapters.outlet import settings_of
from seccstack.adapters.why import Why
from seccstack.config import parse
from seccstack.errors import UsageError
from seccstack.events import Noted
from tests.adapters.conftest import run, until

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


def test_so_does_what_happened_before_it_was_loaded(monkeypatch):
    monkeypatch.setattr(why_of, "MOST_EARLY", 2)
    others, answer = observed(PLUGGED, Noted("pilot", {"state": "B"}), Noted("unplugged", {}))
    assert len(others) == 3
    assert [account["plug_in"] for account in answer["accounts"]] == [None, 1]


def test_it_is_loaded_by_itself_soon_after_the_start(monkeypatch):
    monkeypatch.setattr(why_of, "LATER", 0.0)

    async def scenario():
        why = Why(settings_of(parse("")), structlog.get_logger())
        why.observe(asyncio.get_running_loop().time(), None, [PLUGGED])
        await until(lambda: why._early is None)
        return why.answer()

    [account] = run(scenario())["accounts"]
    assert account["plug_in"] == 1
