"""The key of names, and a charger's log in which nobody is named."""

import stat

import pytest

from seccstack.adapters.privacy import Hiding, hiding_of, key_of, key_path
from seccstack.auth.pseudonyms import Pseudonyms
from seccstack.config import Config, Privacy, Registry
from seccstack.errors import UsageError
from tests.programs import SECCSTACK, Program, seccstack

VEHICLE, UID = "EC65CC010203", "04A1B2C3D4E5F6"


def test_a_key_is_drawn_once_and_only_its_user_may_read_it(tmp_path):
    path = tmp_path / "registry.key"
    key = key_of(path)
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_of(path) == key
    assert key_of(tmp_path / "another.key") != key
    assert {file.name for file in tmp_path.iterdir()} == {"registry.key", "another.key"}


@pytest.mark.parametrize("text", ["no key", "00" * 31, ""])
def test_a_file_that_is_no_key_is_named_and_left_alone(tmp_path, text):
    path = tmp_path / "registry.key"
    path.write_text(text)
    with pytest.raises(UsageError, match=f"{path}, the key of names"):
        key_of(path)
    assert path.read_text() == text


def test_where_no_key_can_be_kept_names_are_of_this_run(tmp_path):
    config = Config(registry=Registry(str(tmp_path / "none" / "registry.sqlite")))
    [hiding], trouble = hiding_of(config)
    assert "No such file" in trouble
    assert VEHICLE not in hiding(None, "info", {"mac": VEHICLE})["mac"]


def test_an_owner_who_asks_for_it_is_told_plainly(tmp_path):
    config = Config(
        privacy=Privacy(macs="plain"), registry=Registry(str(tmp_path / "registry.sqlite"))
    )
    assert hiding_of(config) == ([], None)
    assert list(tmp_path.iterdir()) == []


def test_what_a_line_is_about_stays_readable():
    line = {
        "event": "ready",
        "level": "info",
        "timestamp": "2026-11-25T14:03:59Z",
        "mac": VEHICLE,
    }
    hidden = Hiding(Pseudonyms(bytes(32)))(None, "info", dict(line))
    assert hidden == {**line, "mac": Pseudonyms(bytes(32)).mac(VEHICLE)}


@pytest.mark.parametrize("also", ["", '[recorder]\nfolder = "recordings"'])
def test_a_charger_s_log_names_nobody_and_its_owner_can_tell_whom_it_means(tmp_path, also):
    config = f'[access]\npolicy = "autocharge"\n{also}'
    (tmp_path / "secc.toml").write_text(config)
    seccstack("vehicles", "add", VEHICLE, "--label", "family car", folder=tmp_path)
    with charger(tmp_path) as program:
        program.expect(event="ready")
        seccstack("tell", "card", UID, folder=tmp_path)
        seccstack("tell", "plug", folder=tmp_path)
        program.expect(event="contactor", closed=True)
        seccstack("tell", "unplug", folder=tmp_path)
        program.expect(event="unplugged")
        assert program.end() == 0
    log = "\n".join(map(str, program.lines))
    assert VEHICLE not in log.upper()
    assert "ee65:ccff:fe01:203" not in log
    assert UID not in log
    name = Pseudonyms(key_of(key_path(tmp_path / "seccstack.sqlite"))).mac(VEHICLE)
    assert f"vehicle {name} (family car) is registered" in log


def charger(folder):
    command = [*SECCSTACK, "run", "--config", "secc.toml"]
    return Program(command, folder, lines_on="stderr")
