"""One PKI for all tests here, minted once."""

import json

import pytest

from tests import lab as labs


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


@pytest.fixture(scope="session")
def index(lab):
    return json.loads((lab / "index.json").read_text())["files"]


@pytest.fixture(scope="session")
def openssl():
    """The program `openssl`, which judges what we made; returns code and output."""
    return labs.openssl
