"""What nobody may guess comes from `secrets`; what nobody may see is nowhere to be read."""

import ast
from pathlib import Path

import pytest

import seccstack
from seccstack.slac import station
from tests.scenarios.scene import Scene

PRODUCT = sorted(Path(seccstack.__file__).parent.rglob("*.py"))
GUESSABLE = {"random", "uuid", "numpy"}
XML = {"xml", "lxml", "defusedxml", "xmltodict", "html"}
WRITES_HTML = {"report"}  # it escapes text, and reads none


def modules(path):
    """The packages that a module imports, at their top level."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def test_no_module_draws_from_what_can_be_guessed_or_reads_xml():
    for path in PRODUCT:
        assert not modules(path) & GUESSABLE, path
        assert not modules(path) & XML or path.parent.name in WRITES_HTML, path
        assert "urandom" not in path.read_text(), path


def drawn(path):
    """How many octets are drawn from `secrets`, each time."""
    return [
        ast.literal_eval(node.args[0])
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "secrets.token_bytes"
    ]


def test_session_ids_and_challenges_are_drawn_from_secrets():
    [network] = [path for path in PRODUCT if path.parts[-2:] == ("adapters", "network.py")]
    assert sorted(drawn(network)) == [8, 16]


def test_the_network_key_is_in_nothing_that_a_charge_shows(scene_of_a_charge):
    scene, shown = scene_of_a_charge
    assert scene.keys
    for key in scene.keys:
        assert repr(key) not in shown
        assert key.hex() not in shown.lower()


@pytest.fixture
def scene_of_a_charge():
    scene = Scene().charge()
    assert scene.unplug().wait(5).done(station.DrawKey)
    return scene, repr(scene.steps) + repr(vars(scene.world.charge_point))
