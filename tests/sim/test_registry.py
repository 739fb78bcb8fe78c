"""The registry in memory keeps the registries' contract."""

from dataclasses import replace

import pytest

from seccstack.sim.registry import SimRegistry
from tests.auth.registry_contract import I4, MAC, MOST, NOW, RegistryContract


class TestSimRegistry(RegistryContract):
    @pytest.fixture
    def registry(self):
        registry = SimRegistry(now=NOW, most=MOST)
        yield registry
        registry.close()


def test_its_clock_is_moved_by_its_owner():
    registry = SimRegistry([replace(I4, expires=NOW)], now=NOW - 1)
    assert not registry.vehicle(MAC).expired
    registry.now = NOW
    assert registry.vehicle(MAC).expired
