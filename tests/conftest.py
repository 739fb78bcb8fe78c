"""What tests of every part share."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes is the machine's affair, and that of what else it does.
settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("untimed")

SHARED = Path(os.environ.get("SECCSTACK_SHARED", Path(__file__).parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recorded sessions and their corpus.

    It is never part of the project, so CI's clone has none either: it is skipped there too.
    """
    if not (SHARED / "captures" / "index.jsonl").is_file():
        pytest.skip(f"no recorded sessions at {SHARED} (set SECCSTACK_SHARED)")
    return SHARED
