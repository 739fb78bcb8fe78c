"""A cable between two network namespaces, for what needs interfaces of its own."""

import asyncio
from dataclasses import dataclass

import pytest
import structlog

from tests.namespaces import Namespace, cable, namespace, require_namespaces
from tests.postgres import Server

SECONDS = 10.0  # after which whatever a test waits for will not come any more


@dataclass(frozen=True)
class Cable:
    """A charger's end, in which the test runs, and a vehicle's."""

    charger: Namespace
    vehicle: Namespace
    interface: str = "secc0"
    vehicle_interface: str = "ev0"


@pytest.fixture(autouse=True)
def logging_as_before():
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, with its schemas of earlier tests."""
    server = Server()
    yield server
    server.close()


@pytest.fixture(scope="session")
def namespaces():
    require_namespaces()


@pytest.fixture
def link(namespaces):
    with namespace() as charger, namespace() as vehicle:
        link = Cable(charger, vehicle)
        cable(charger, link.interface, vehicle, link.vehicle_interface)
        with charger.inside():
            yield link


def run(coroutine):
    """Run a test's coroutine, for so long and no longer."""

    async def bounded():
        async with asyncio.timeout(SECONDS):
            return await coroutine

    return asyncio.run(bounded())


async def until(condition):
    """Wait until a condition holds; `run` bounds the wait."""
    while not condition():  # noqa: ASYNC110 - conditions of any kind, no events
        await asyncio.sleep(0.002)
