"""The scene that most scenarios begin with."""

import pytest

from tests.scenarios.scene import Scene


@pytest.fixture
def scene():
    """A polite car and an outlet where everybody may charge; nothing is plugged in."""
    return Scene()
