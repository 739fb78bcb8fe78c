"""The registry of a running charger: in order, beside the event loop, and what if it fails."""

import asyncio
import threading
from dataclasses import replace

import pytest
import structlog

from seccstack.adapters.lookups import MOST_SIGHTINGS_WAITING, Lookups
from seccstack.adapters.registry import open_registry
from seccstack.auth.decision import VehicleRecord
from seccstack.auth.port import Sighting
from tests.adapters.conftest import run, until

MAC = bytes.fromhex("EC65CC010203")
SIGHTING = Sighting(
    at=1.0, mac=MAC, evccid=None, consistent=True, identity={"evidence": [{"n": 0}]}
)


@pytest.fixture
def path(tmp_path):
    registry = open_registry(tmp_path / "registry.sqlite")
    registry.add_vehicle(VehicleRecord(mac=MAC, label="family car"))
    registry.close()
    return tmp_path / "registry.sqlite"


@pytest.fixture
def said():
    with structlog.testing.capture_logs() as lines:
        yield lines


def with_lookups(path, talk):
    async def scenario():
        lookups = Lookups(path, structlog.get_logger())
        try:
            return await talk(lookups)
        finally:
            lookups.close()

    return run(scenario())


async def ask(lookups, question):
    answers = []
    lookups.ask(question, answers.append)
    await until(lambda: answers)
    return answers[0]


def test_a_question_is_answered_later_on_the_event_loop(path):
    async def talk(lookups):
        threads, answers = set(), []

        def answered(record):
            threads.add(threading.current_thread())
            answers.append(record)

        lookups.ask(lambda registry: registry.vehicle(MAC), answered)
        assert answers == []
        await until(lambda: answers)
        return answers[0], threads

    record, threads = with_lookups(path, talk)
    assert record.label == "family car"
    assert threads == {threading.main_thread()}


def test_questions_are_answered_in_the_order_they_were_asked(path):
    async def talk(lookups):
        answers = []
        for number in range(20):
            lookups.ask(lambda registry, number=number: number, answers.append)
        await until(lambda: len(answers) == 20)
        return answers

    assert with_lookups(path, talk) == list(range(20))


def test_the_event_loop_goes_on_while_the_disk_is_slow(path):
    async def talk(lookups):
        disk = threading.Event()
        lookups.ask(lambda registry: disk.wait(5), lambda nothing: None)
        await asyncio.sleep(0)
        disk.set()
        return await ask(lookups, lambda registry: "then")

    assert with_lookups(path, talk) == "then"


def test_a_registry_that_fails_knows_nobody_and_is_complained_of(tmp_path, said):
    path = tmp_path / "registry.sqlite"
    path.write_text("this is no database, and long enough to be seen as none" * 10)

    async def talk(lookups):
        lookups.open()
        return await ask(lookups, lambda registry: registry.vehicle(MAC))

    assert with_lookups(path, talk) is None
    assert [line["log_level"] for line in said] == ["error", "error"]
    assert str(path) in said[0]["why"]


def test_what_is_recorded_is_kept_when_the_charger_ends(path):
    async def talk(lookups):
        lookups.record(SIGHTING)

    with_lookups(path, talk)
    registry = open_registry(path)
    assert [sighting.mac for sighting in registry.sightings()] == [MAC]
    registry.close()


def test_sightings_beyond_what_a_disk_can_be_behind_by_are_dropped(path, said):
    async def talk(lookups):
        disk = threading.Event()
        lookups.ask(lambda registry: disk.wait(5), lambda nothing: None)
        for number in range(MOST_SIGHTINGS_WAITING + 3):
            identity = {"evidence": [{"n": number}]}
            lookups.record(replace(SIGHTING, identity=identity))
        disk.set()
        before = await ask(lookups, lambda registry: len(registry.sightings()))
        lookups.record(SIGHTING)
        return before, await ask(lookups, lambda registry: len(registry.sightings()))

    assert with_lookups(path, talk) == (MOST_SIGHTINGS_WAITING, MOST_SIGHTINGS_WAITING + 1)
    assert [line["event"] for line in said] == ["a sighting is not kept"] * 3


def test_an_answer_that_comes_when_everything_is_over_goes_nowhere(path):
    answers = []

    async def talk(lookups):
        lookups.ask(lambda registry: 1, answers.append)

    with_lookups(path, talk)
    assert answers in ([], [1])


def test_a_charger_that_never_asked_leaves_no_registry(tmp_path):
    async def talk(lookups):
        return None

    with_lookups(tmp_path / "registry.sqlite", talk)
    assert list(tmp_path.iterdir()) == []


def test_who_does_without_tls_and_has_used_it_is_told_of(path):
    async def talk(lookups):
        told = []
        for at, tls in ((1.0, True), (2.0, None), (3.0, False)):
            sighting = replace(SIGHTING, at=at, identity={"evidence": [{"n": at}]}, tls=tls)
            lookups.record(sighting, lambda at=at: told.append(at))
        await until(lambda: told)
        return told

    assert with_lookups(path, talk) == [3.0]
