"""The short way from a configuration file to a charger."""

import subprocess
import sys

import pytest

from seccstack.cli_run import read
from seccstack.config import Config
from seccstack.errors import UsageError
from tests.programs import seccstack

HEAVY = {
    *("typer", "pydantic", "sqlalchemy", "scapy", "seccstack.cli", "seccstack.sim.car"),
    *("OpenSSL", "cryptography"),  # for who has certificates
    *("pymodbus", "serial"),  # for who has a meter
}


def loaded_by(code):
    """Say which modules are loaded in a process of its own after this."""
    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(loaded.stdout.split())


def test_a_charger_with_hardware_loads_nothing_that_it_does_not_need():
    load = "import seccstack.__main__, seccstack.cli_run, seccstack.adapters.app"
    assert not HEAVY & loaded_by(load)


def test_nor_what_prints_in_colours_where_nobody_sees_them():
    load = "import seccstack.adapters.app"
    short = f"from seccstack.cli_run import without_colours\nwith without_colours():\n {load}"
    assert "structlog" in loaded_by(short)
    assert "rich" not in loaded_by(short)
    assert "rich" in loaded_by(f"{short}\nimport rich")


def test_without_a_file_everything_is_simulated():
    assert read(None) == Config()
    assert Config().powerline.kind == "simulated"


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"[charger]\nphases = 2\n", "charger.phases"),
        (b"\xff\xfe", "not a text file in UTF-8: invalid start byte at byte 0"),
        (b'"a\\nb" = 1\n', "is not a key of this file"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_one_line(tmp_path, octets, why):
    path = tmp_path / "secc.toml"
    path.write_bytes(octets)
    with pytest.raises(UsageError, match=why) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}")
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(UsageError, match=r"cannot read .*none\.toml: No such file"):
        read(tmp_path / "none.toml")


@pytest.mark.parametrize("words", [("run", "--help"), ("run", "--config=secc.toml")])
def test_what_is_not_the_plain_command_goes_the_long_way(tmp_path, words):
    (tmp_path / "secc.toml").write_text("nonsense")
    said = seccstack(*words, folder=tmp_path, code=0 if "--help" in words else 2)
    assert "Be the charger" in said or "is not TOML" in said
