"""Every note of the charge point counts for something here, or is known not to."""

import ast
from pathlib import Path

from seccstack.events import NetworkOpened, Noted
from seccstack.explain import situation
from seccstack.explain.situation import Situation
from tests.test_timeline import noted

# Told among the steps; they keep nobody from charging.
NO_MATTER = {
    "identity", "recognition", "second station", "TLS downgrade", "key", "neighbour",
    "foreign station", "vehicle modem", "SDP answered", "receipt", "output", "forecast",
    "limit unwatched", "limit told", "limit obeyed", "start", "stuck", "experience",
    "reaction", "least current", "least current found", "wake", "wake ended",
}  # fmt: skip


def taken():
    """The names of the notes that are taken account of, read off the source."""
    tree = ast.parse(Path(situation.__file__).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.MatchValue) and isinstance(node.value, ast.Constant):
            yield node.value.value


def test_a_new_note_of_the_charge_point_has_to_be_considered():
    assert set(noted()) - set(taken()) <= NO_MATTER


def test_a_note_of_nobody_concerns_nobody():
    case = Situation()
    case.did(Noted("matched", {"ev_mac": "EC65CC010203"}), 1.0)
    case.did(Noted("contactor", {"closed": True}), 1.0)
    assert case.visit is None
    assert case.charged(2.0) == 0


def test_a_network_that_comes_back_is_there():
    case = Situation()
    case.did(Noted("network lost", {"why": "eth1 went down"}), 1.0)
    case.heard(NetworkOpened("fe80::1", 49152))
    assert case.network == ""


def test_a_state_that_is_told_again_lasts_on():
    case = Situation()
    for at in (1.0, 2.0):
        case.did(Noted("pilot", {"state": "B"}), at)
    assert case.pilot_since == 1.0
