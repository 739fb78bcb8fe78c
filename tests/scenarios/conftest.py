"""The scene that most scenarios begin with; and each of them, recorded, runs again alike."""

import pytest

from tests.recording.tape import differences
from tests.scenarios.scene import TAPES, Scene


@pytest.fixture(autouse=True)
def _run_again():
    """Whatever a scenario is about, its recording runs again with identical actions."""
    TAPES.clear()
    yield
    for tape in TAPES:
        assert differences(tape) == []
    TAPES.clear()


@pytest.fixture
def scene():
    """A polite car and an outlet where everybody may charge; nothing is plugged in."""
    return Scene()
