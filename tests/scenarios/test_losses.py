"""A line that loses messages, and a world that is the same each time."""

import pytest

from seccstack.pilot.port import Digital
from tests.scenarios.scene import MAC, Scene, character

POOR = {"mme_loss": 0.10, "profile_loss": 0.05}


@pytest.mark.parametrize("seed", range(50))
def test_a_polite_car_charges_over_a_line_that_loses_every_tenth_message(seed):
    scene = Scene("autocharge", known=[MAC], line=POOR, seed=seed).charge(within=30)
    assert scene.signal == Digital()
    assert scene.reasons() == []


def test_that_line_does_lose_messages_and_sounds():
    scenes = [Scene(line=POOR, seed=seed).charge(within=30) for seed in range(10)]
    assert min(scene.noted("matched")[0]["sounds"] for scene in scenes) < 10
    times = [scene.now for scene in scenes]
    assert max(times) - min(times) > 0.3  # somebody had to say something twice


def story(seed):
    """A charge with a bit of everything, step by step."""
    car = character(pauses=1, pause_seconds=5.0, wishes={"loops": 12})
    scene = Scene("autocharge", car=car, line=POOR, seed=seed).plug_in()
    scene.wait(5).hold_card().wait(5).limit(10).wait(20).limit(0).wait(5).limit(16).wait(30)
    scene.unplug().wait(1).plug_in().wait(10).stop().wait(5)
    return scene


def test_the_same_world_run_twice_gives_the_same_steps():
    first, second = story(1), story(1)
    assert first.steps == second.steps
    assert first.said == second.said


def test_and_another_seed_another_run():
    assert story(1).steps != story(2).steps
