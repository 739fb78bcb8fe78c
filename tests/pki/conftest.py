"""One PKI for all tests here, minted once."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pki import layout, profiles
from tests.prerequisites import missing


@pytest.fixture(scope="session")
def lab(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("pki") / "lab"
    layout.build(out, profiles.load(), datetime.now(UTC))
    return out


@pytest.fixture(scope="session")
def index(lab):
    return json.loads((lab / "index.json").read_text())["files"]


@pytest.fixture(scope="session")
def openssl():
    """The program `openssl`, which judges what we made; returns code and output."""
    program = shutil.which("openssl")
    if program is None:
        missing("openssl")

    def run(*words, folder=None):
        command = [program, *map(str, words)]
        done = subprocess.run(  # noqa: S603
            command, cwd=folder, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    return run
