"""`seccstack attack`, as an owner types it."""

import json

import pytest
from typer.testing import CliRunner

from seccstack.attack.catalogue import ATTACKS
from seccstack.cli import app


@pytest.fixture
def run(tmp_path):
    def run(*words, policy=None, code=0):
        if policy is not None:
            config = tmp_path / "secc.toml"
            config.write_text(f'[access]\npolicy = "{policy}"\n')
            words = ("--config", str(config), *words)
        result = CliRunner(env={"COLUMNS": "120"}).invoke(app, ["attack", *words])
        assert result.exit_code == code, result.output
        return result

    return run


def test_the_attacks_are_listed_with_what_must_not_happen(run):
    lines = run("--list").stdout.splitlines()
    assert len(lines) == len(ATTACKS) == 21
    assert lines[0].startswith("mac-clone           a laptop with the MAC address of a regist")
    assert lines[0].endswith("; must not happen: it charges")


def test_what_is_held_is_exit_code_0_and_a_row(run):
    said = run("--only", "skipped-states").stdout
    assert said.startswith("held            skipped-states       5 leaps, each refused")
    assert said.endswith("against a simulated charger: 1 held\n")


def test_a_breach_is_exit_code_1_with_what_to_do(run):
    said = run("--only", "mac-clone", policy="autocharge", code=1).stdout
    assert said.startswith("BREACHED        mac-clone ")
    assert 'set access.fingerprint = "require"' in said


def test_a_breach_that_is_known_and_accepted_is_exit_code_0(run):
    words = ("--only", "mac-clone", "--only", "replug", "--accept", "mac-clone")
    said = run(*words, policy="autocharge").stdout
    assert "1 BREACHED, 1 held (1 of them accepted)" in said


def test_json_is_a_line_for_each_attack(run):
    words = ("--only", "mac-clone", "--only", "replug", "--json", "--accept", "mac-clone")
    results = [
        json.loads(line) for line in run(*words, policy="autocharge").stdout.splitlines()
    ]
    verdicts = [(r["attack"], r["verdict"], r["accepted"]) for r in results]
    assert verdicts == [("mac-clone", "BREACHED", True), ("replug", "held", False)]
    assert {"does", "must_not", "happened", "remedy", "against"} <= results[0].keys()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--only", "no-such"), "there is no attack 'no-such'; there are: mac-clone, "),
        (("--against", "running"), "--against running needs --interface"),
        (("--config", "none.toml"), "cannot read none.toml"),
        (("--interface", "none0"), "no charger answers at control socket"),
    ],
)
def test_what_cannot_be_is_exit_code_2_and_one_line(run, tmp_path, monkeypatch, words, why):
    monkeypatch.chdir(tmp_path)
    said = run(*words, code=2).stderr
    assert why in said
    assert len(said.splitlines()) == 1
