"""The ritual of registration at `seccstack run`, a process of its own."""

import json
import signal
from contextlib import contextmanager

import pytest

from tests.programs import SECCSTACK, Program, seccstack

SETUP, UID, VEHICLE = "04FFFFFFFFFFFF", "04A1B2C3D4E5F6", "EC65CC010203"
CONFIG = f'[access]\npolicy = "autocharge"\n[enrolment]\nsetup_cards = ["{SETUP}"]\n'


@contextmanager
def charger(folder, config=CONFIG):
    (folder / "secc.toml").write_text(config)
    command = [*SECCSTACK, "run", "--config", "secc.toml"]
    with Program(command, folder, lines_on="stderr") as program:
        program.expect(event="ready")
        yield program


@contextmanager
def learning(folder, *words):
    command = [*SECCSTACK, "vehicles", "learn", "--config", "secc.toml", *words]
    with Program(command, folder) as program:
        yield program


def tell(folder, *words, **expected):
    return seccstack("tell", *words, "--config", "secc.toml", folder=folder, **expected)


def registered(folder):
    said = seccstack("vehicles", "list", "--json", "--config", "secc.toml", folder=folder)
    return [record.get("mac") or record["uid"] for record in map(json.loads, said.splitlines())]


def test_a_setup_card_registers_a_vehicle_which_charges_when_it_is_over(tmp_path):
    with charger(tmp_path) as program:
        tell(tmp_path, "card", SETUP)
        program.expect(event="beep", says="short")
        tell(tmp_path, "plug")
        place = program.expect(event="registration", step="registered")
        program.expect(event="beep", says="short, short", after=place - 2)
        status = json.loads(tell(tmp_path, "status", "--json"))["status"]
        assert status["registration"]["on"]
        assert registered(tmp_path) == [VEHICLE]
        assert not any(line.get("closed") for line in program.lines)
        tell(tmp_path, "card", SETUP)
        program.expect(event="beep", says="long")
        program.expect(event="contactor", closed=True)
        assert program.end() == 0


def test_what_two_beeps_were_heard_for_is_there_after_a_kill(tmp_path):
    with charger(tmp_path) as program:
        tell(tmp_path, "card", SETUP)
        tell(tmp_path, "card", UID)
        program.expect(event="beep", says="short, short")
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
    assert registered(tmp_path) == [UID]


def test_an_operator_registers_without_a_setup_card_until_ctrl_c(tmp_path):
    with charger(tmp_path), learning(tmp_path, "--json") as operator:
        operator.expect(step="started", on=True)
        tell(tmp_path, "plug")
        operator.expect(step="registered", mac=VEHICLE)
        assert operator.end() == 0
        assert operator.lines[-1]["step"] == "ended"
    assert registered(tmp_path) == [VEHICLE]


@pytest.mark.parametrize(
    "signals", [[signal.SIGHUP], [signal.SIGTERM], [signal.SIGINT, signal.SIGINT]]
)
def test_it_does_not_go_on_when_the_operator_s_terminal_is_gone(tmp_path, signals):
    with charger(tmp_path) as program, learning(tmp_path, "--wait", "3600") as operator:
        program.expect(event="registration", step="started")
        for number in signals[:-1]:
            operator.process.send_signal(number)
        operator.end(signals[-1])
        program.expect(event="registration", step="ended")


def test_it_does_not_go_on_for_an_operator_who_was_killed(tmp_path):
    with charger(tmp_path) as program, learning(tmp_path, "--wait", "3600") as operator:
        program.expect(event="registration", step="started")
        assert operator.end(signal.SIGKILL) == -signal.SIGKILL
        program.expect(event="registration", step="ended")


def test_with_a_label_an_operator_registers_one(tmp_path):
    with charger(tmp_path), learning(tmp_path, "--label", "i4", "--json") as operator:
        operator.expect(step="started")
        tell(tmp_path, "card", UID)
        assert operator.wait() == 0
    said = seccstack("vehicles", "list", "--json", "--config", "secc.toml", folder=tmp_path)
    assert json.loads(said)["label"] == "i4"


def test_an_operator_is_told_why_not(tmp_path):
    with charger(tmp_path) as program:
        tell(tmp_path, "plug")
        program.expect(event="plugged in")
        said = seccstack("vehicles", "learn", "--config", "secc.toml", folder=tmp_path, code=1)
        assert "does not start with a vehicle connected" in said
        assert "learn is on, off or steps" in tell(tmp_path, "learn", "what", code=2)


def test_an_operator_for_whom_nothing_came_is_told_so(tmp_path):
    with charger(tmp_path):
        said = seccstack(
            "vehicles", "learn", "--wait", "1", "--config", "secc.toml", folder=tmp_path, code=1
        )
        assert said == "seccstack: nothing was registered\n"


def test_where_no_charger_answers_the_registry_is_watched(tmp_path):
    (tmp_path / "secc.toml").write_text(CONFIG)
    words = ("vehicles", "learn", "--wait", "0", "--config", "secc.toml")
    assert "no unknown vehicle came" in seccstack(*words, folder=tmp_path, code=1)


def test_a_registry_that_cannot_be_used_is_heard(tmp_path):
    (tmp_path / "cars.sqlite").write_text("this is no registry, but a letter to somebody")
    with charger(tmp_path, f'{CONFIG}[registry]\npath = "cars.sqlite"\n') as program:
        tell(tmp_path, "card", SETUP)
        tell(tmp_path, "card", UID)
        program.expect(event="beep", says="long, long, long")
        program.expect(event="registration", step="registry")
        assert program.end() == 0
