"""A lock-out over a restart: in the registry, in the status, and back in the outlet."""

import json
import time
from types import SimpleNamespace

import pytest
import structlog

from seccstack.adapters.lockout import LockOut
from seccstack.adapters.lookups import Lookups
from seccstack.adapters.registry import open_registry
from seccstack.auth.events import KeepLockOut, LockOutFound
from seccstack.auth.limiter import CALM, KEPT, LOCK_SECONDS, Limiter, limiter_of, text_of
from tests.adapters.conftest import run, until
from tests.programs import SECCSTACK, Program, seccstack

AT = 1_700_000_000.0
LOCKED = Limiter((), 1, LOCK_SECONDS)


def with_lockout(folder, talk, at=AT):
    """Run a talk; return what the outlet was told, and what the talk returned."""

    async def scenario():
        fed, clock = [], SimpleNamespace(now=at)
        lookups = Lookups(folder / "registry.sqlite", structlog.get_logger())
        try:
            lockout = LockOut(lookups, fed.append, structlog.get_logger(), lambda: clock.now)
            said = talk(lockout, clock)
            done = []
            lookups.ask(lambda registry: True, done.append)
            await until(lambda: done)
            return fed, said
        finally:
            lookups.close()

    return run(scenario())


def kept(folder):
    return open_registry(folder / "registry.sqlite").kept(KEPT)


def test_the_next_run_finds_what_is_left_of_it(tmp_path):
    with_lockout(tmp_path, lambda lockout, clock: lockout.keep(KeepLockOut(LOCKED)))
    fed, _ = with_lockout(tmp_path, lambda lockout, clock: lockout.find(), AT + 60)
    assert fed == [LockOutFound(Limiter((), 1, LOCK_SECONDS - 60))]


def test_where_nothing_was_kept_nothing_is_found(tmp_path):
    assert with_lockout(tmp_path, lambda lockout, clock: lockout.find()) == ([], None)


def test_one_that_was_lifted_is_none_to_the_next_run(tmp_path):
    def talk(lockout, clock):
        lockout.keep(KeepLockOut(LOCKED))
        lockout.keep(KeepLockOut(CALM))

    with_lockout(tmp_path, talk)
    assert with_lockout(tmp_path, lambda lockout, clock: lockout.find()) == ([], None)


def test_the_status_says_how_long_it_lasts_and_then_nothing(tmp_path):
    def talk(lockout, clock):
        before = lockout.status()
        lockout.keep(KeepLockOut(LOCKED))
        clock.now += 60
        during = lockout.status()
        clock.now += LOCK_SECONDS
        return before, during, lockout.status()

    _, (before, during, after) = with_lockout(tmp_path, talk)
    assert before == after == {}
    assert during == {"lock-out": {"seconds": 840, "until": "2023-11-14T22:28:20+00:00"}}


def test_what_cannot_be_read_is_said_and_forgotten(tmp_path):
    open_registry(tmp_path / "registry.sqlite").keep(KEPT, "{")
    with structlog.testing.capture_logs() as lines:
        fed, _ = with_lockout(tmp_path, lambda lockout, clock: lockout.find())
    assert fed == []
    assert [line["event"] for line in lines] == ["strangers counted earlier are forgotten"]


class Away:
    """A registry that is away until it is asked again."""

    def __init__(self, text):
        self.text, self.away = text, True

    def ask(self, question, answered):
        answered(None if self.away else question(self))

    def kept(self, name):
        return self.text

    def keep(self, name, text):
        self.text = text


def after_an_outage(text, *kept):
    """Return what the outlet is told once the registry is back, and what that has then."""

    async def scenario():
        fed, lookups = [], Away(text)
        lockout = LockOut(lookups, fed.append, structlog.get_logger(), lambda: AT)
        lockout.find()
        for limiter in kept:
            lockout.keep(KeepLockOut(limiter))
        assert lookups.text == text
        lookups.away = False
        lockout.find()  # as it does by itself, a little later
        return fed, None if lookups.text is None else limiter_of(lookups.text, AT)

    return run(scenario())


ONE = Limiter((("a", -1.0),))


@pytest.mark.parametrize("since", [(), (ONE,)])
def test_what_a_registry_has_that_was_away_at_the_start_is_found_when_it_is_back(since):
    assert after_an_outage(text_of(LOCKED, AT), *since) == ([LockOutFound(LOCKED)], LOCKED)


@pytest.mark.parametrize(
    ("before", "since"), [(LOCKED, CALM), (ONE, LOCKED), (CALM, ONE), (None, LOCKED)]
)
def test_what_was_forgiven_or_is_worse_since_is_not_undone_by_it(before, since):
    text = None if before is None else text_of(before, AT)
    assert after_an_outage(text, since) == ([], since)


def test_a_registry_that_is_away_at_the_start_is_asked_again_by_itself():
    async def scenario():
        fed, lookups = [], Away(text_of(LOCKED, AT))
        LockOut(lookups, fed.append, structlog.get_logger(), lambda: AT, 0.0).find()
        lookups.away = False
        await until(lambda: fed)
        return fed

    assert run(scenario()) == [LockOutFound(LOCKED)]


@pytest.mark.parametrize("counted", [LOCKED, CALM])
def test_what_is_kept_is_small(tmp_path, counted):
    with_lockout(tmp_path, lambda lockout, clock: lockout.keep(KeepLockOut(counted)))
    assert len(kept(tmp_path)) < 200


def test_a_charger_that_starts_again_shows_it_and_its_owner_lifts_it(tmp_path):
    registry = open_registry(tmp_path / "seccstack.sqlite")
    registry.keep(KEPT, text_of(LOCKED, time.time()))

    def tell(*words):
        return seccstack("tell", *words, folder=tmp_path)

    with Program([*SECCSTACK, "run"], tmp_path, lines_on="stderr") as charger:
        charger.expect(event="locked out")
        left = json.loads(tell("status"))["status"]["lock-out"]["seconds"]
        assert LOCK_SECONDS - 60 < left <= LOCK_SECONDS
        tell("unlock")
        assert "lock-out" not in json.loads(tell("status"))["status"]
        assert charger.end() == 0
    assert limiter_of(registry.kept(KEPT), time.time()) == CALM
    registry.close()
