"""`seccstack attack` against a charger that runs, over an emulated power line."""

import json
import os
import subprocess

import pytest

from seccstack.adapters.powerline import mac_of
from seccstack.adapters.registry import open_registry
from tests.interop.conftest import CAR
from tests.programs import PROJECT, SECCSTACK

POLICY = '[access]\npolicy = "{}"\n'


def attack(stage, *names, code=0, seconds=170):
    """Attack the charger from the car's place; return the results by name."""
    only = [word for name in names for word in ("--only", name)]
    words = ("attack", "--config", stage.config, "--interface", CAR, "--json", *only)
    done = subprocess.run(  # noqa: S603
        stage.car_place.command(*SECCSTACK, *words),
        cwd=stage.folder,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    results = {r["attack"]: r for r in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == code, (results, done.stderr)
    return results


@pytest.fixture
def charger(own_stage):
    def start(policy):
        own_stage.lay_powerline()
        own_stage.start_charger(POLICY.format(policy))
        return own_stage

    return start


def test_a_running_charger_holds_and_afterwards_everything_is_as_it_was(charger):
    """By others' frames on its line, and by connections that its vehicle makes."""
    stage = charger("autocharge")
    before = stage.car_mac
    results = attack(stage, "slac-flood", "huge-lengths")
    assert {name: r["verdict"] for name, r in results.items()} == dict.fromkeys(results, "held")
    assert len(results) == 2
    assert results["slac-flood"]["against"].endswith(f"over {CAR}")
    with stage.car_place.inside():
        assert mac_of(CAR) == before
    registry = open_registry(stage.folder / "seccstack.sqlite")
    assert [*registry.vehicles(), *registry.cards()] == []
    registry.close()
    assert stage.status()["contactor"] == {"closed": False}


def test_what_autocharge_cannot_stop_is_found_at_a_running_charger_too(charger):
    results = attack(charger("autocharge"), "mac-clone", code=1)
    assert results["mac-clone"]["happened"] == "a laptop with the vehicle's MAC address charged"
