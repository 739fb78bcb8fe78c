"""Files whose names are no UTF-8: read like all others, and named with escapes."""

import json
import os
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from seccstack.cli import app
from seccstack.cli_names import named
from tests.capture.files import pcap
from tests.capture.scene import STOP, STOPPED, Scene

ODD = Path(os.fsdecode(b"bad\xff\xfename.pcap"))
ESCAPED = r"bad\xff\xfename.pcap"


@pytest.fixture
def odd(tmp_path):
    scene = Scene()
    scene.match()
    scene.discover()
    scene.connect().set_up().exchange(STOP, STOPPED)
    path = tmp_path / ODD
    path.write_bytes(pcap([packet.octets for packet in scene.packets]))
    return path


def test_octets_that_are_no_text_are_escaped():
    assert named(ODD) == ESCAPED
    assert named(Path("größe.pcap")) == "größe.pcap"


@pytest.mark.parametrize("command", ["replay", "drive"])
def test_json_names_such_a_file(odd, command):
    result = CliRunner().invoke(app, [command, str(odd), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout.splitlines()[0])["source"].endswith(ESCAPED)


def test_a_card_names_such_a_file(odd, tmp_path):
    arguments = ["drive", str(odd), "--record", "odd", "--into", str(tmp_path)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert tomllib.loads((tmp_path / "odd.toml").read_text())["capture"]["file"] == ESCAPED
