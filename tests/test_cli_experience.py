"""`seccstack vehicles experience`, as its owner types it."""

import json
import sqlite3
import time
from contextlib import closing

import pytest
from typer.testing import CliRunner

from seccstack.adapters.privacy import key_of
from seccstack.adapters.registry import open_registry
from seccstack.auth.decision import VehicleRecord
from seccstack.auth.pseudonyms import Pseudonyms
from seccstack.cli_vehicles import app
from seccstack.experience import pack
from seccstack.experience.events import KeepExperience
from seccstack.experience.keeping import experience_kept
from seccstack.experience.outcomes import FaultedAtFive, Spoke, StayedSilent
from seccstack.experience.port import SILENT, Family, Vehicle
from seccstack.experience.record import Experience

MAC = bytes.fromhex("9012A1000001")
CAR, FAMILY = Vehicle(MAC), Family(MAC[:3], "MAC+0000", "1A2B3C4D")
VISITS = (
    KeepExperience((CAR, FAMILY), (Spoke(2.0),), five=True),
    KeepExperience((SILENT,), (StayedSilent(),), five=True),
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vehicles.sqlite"


@pytest.fixture
def run(path):
    def run(*arguments, code=0, db=path):
        command = ["experience", *map(str, arguments), "--db", str(db)]
        result = CliRunner(env={"COLUMNS": "200"}).invoke(app, command)
        assert result.exit_code == code, result.output
        return result

    return run


@pytest.fixture
def registry(path):
    with closing(open_registry(path)) as registry:
        registry.put([VehicleRecord(mac=MAC, label="Kona")])
        for number, visit in enumerate(VISITS):
            experience_kept(registry, visit, 1e9 + number)
        yield registry


def test_of_a_new_charger_nothing_is_known(run):
    assert "somebody new" in run().stdout
    assert run().stdout.endswith("nothing is known yet of how vehicles behave\n")


def test_it_says_who_comes_how_they_are_greeted_and_what_each_does(run, registry):
    told = run().stdout
    assert "who may charge is greeted with" in told
    assert "who may not yet is greeted with 5 %" in told
    assert "9012A1000001: Kona\n  has been here once\n  speaks SLAC after 2.0 s" in told
    assert "9012A1|MAC+0000|1A2B3C4D: the family 90:12:A1, RunID MAC+0000" in told
    assert "silent: vehicles that say nothing\n  has been here once" in told


@pytest.mark.parametrize("name", ["Kona", "90:12:A1:00:00:01", "9012A1|MAC+0000|1A2B3C4D"])
def test_one_is_asked_for_by_its_label_its_address_or_its_family(run, registry, name):
    told = run(name).stdout
    assert "speaks SLAC" in told
    assert "greeted" not in told


def test_the_silent_ones_have_a_name_too(run, registry):
    assert "has been silent at 5 % once" in run("silent").stdout


def test_so_has_a_vehicle_in_the_log(run, registry, path):
    name = Pseudonyms(key_of(path.with_suffix(".key"))).mac("9012A1000001")
    assert "Kona" in run(name).stdout


def test_a_vehicle_that_is_not_registered_is_said_to_be_so(run, registry):
    registry.remove_vehicle(MAC)
    assert "9012A1000001: not registered" in run("9012A1000001").stdout


def test_of_whom_nothing_is_known_that_is_said(run, registry):
    result = run("9012A1000009", code=1)
    assert "nothing is known of how 9012A1000009 behaves" in result.stderr


def test_where_times_are_fixed_nobody_is_expected(run, registry, tmp_path):
    config = tmp_path / "secc.toml"
    config.write_text('[start]\npolicy = "fixed"\n')
    assert run("--config", config).stdout.startswith("whoever comes is greeted by fixed times")


def test_programs_get_a_line_each(run, registry):
    entries = [json.loads(line) for line in run("--json").stdout.splitlines()]
    assert entries[0]["name"] == str(SILENT)
    assert entries[1]["known"]["first_slac"] == [2.0]


def test_a_pack_for_others_has_no_vehicles(run, registry, tmp_path):
    file = tmp_path / "pack.jsonl"
    assert "1 written" in run("--export", file).stderr
    assert "9012A1000001" not in file.read_text()
    other = tmp_path / "other.sqlite"
    assert run("--import", file, db=other).stdout == "1 taken in\n"
    with closing(open_registry(other)) as taken:
        assert taken.experiences.all() == [(FAMILY, registry.experiences.recall(FAMILY))]


def test_a_backup_has_them_all(run, registry, tmp_path):
    file, other = tmp_path / "backup.jsonl", tmp_path / "other.sqlite"
    run("--export", file, "--plain")
    assert run("--import", file, db=other).stdout == "3 taken in\n"


def test_of_what_both_know_the_worse_counts(run, registry, tmp_path):
    file = tmp_path / "pack.jsonl"
    run("--export", file)
    experience_kept(registry, KeepExperience((FAMILY,), (FaultedAtFive(True),), five=True), 2e9)
    run("--import", file)
    assert registry.experiences.recall(FAMILY).faulted_at_five == 1


def test_one_is_forgotten_or_all_are(run, registry):
    assert run("Kona", "--reset").stdout == "1 forgotten\n"
    assert run("--reset").stdout == "2 forgotten\n"
    assert registry.experiences.all() == []


def test_only_one_thing_is_done_at_once(run, registry, tmp_path):
    result = run("--reset", "--export", tmp_path / "x", code=1)
    assert "one thing each" in result.stderr


def test_a_file_that_cannot_be_used_is_named(run, registry, tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("{}\n")
    assert "bad.jsonl: line 1" in run("--import", bad, code=1).stderr
    assert "cannot read" in run("--import", tmp_path / "none", code=1).stderr
    assert "cannot write" in run("--export", tmp_path / "no" / "file", code=1).stderr


def test_what_a_clock_wrote_that_was_ahead_does_not_outlive_all_else(run, registry, tmp_path):
    known = Experience(visits=2, at=1e11)
    file = tmp_path / "pack"
    file.write_text("".join(f"{line}\n" for line in pack.written([(FAMILY, known)])))
    run("--import", file)
    assert registry.experiences.recall(FAMILY).at <= time.time()


@pytest.mark.parametrize("text", ["{", '{"of_a_later_version": 1}', '{"visits": -1}'])
def test_what_cannot_be_read_is_not_known_and_keeps_nothing_else_from_being(
    run, registry, path, text
):
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE experiences SET known = ? WHERE name = ?", (text, str(SILENT)))
        db.commit()
    assert {key for key, _ in registry.experiences.all()} == {CAR, FAMILY}
    assert experience_kept(registry, VISITS[1], 2e9).household.guests
    assert registry.experiences.recall(SILENT).visits == 1
