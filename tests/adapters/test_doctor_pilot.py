"""What a doctor finds of a pilot controller; one runs on a pseudo-terminal, as a process."""

import sys
from contextlib import contextmanager

import pytest

from seccstack.adapters.doctor_pilot import pilot
from seccstack.config import parse
from seccstack.doctor.finding import Verdict
from tests.programs import Program


@contextmanager
def controller(folder, *orders):
    command = [sys.executable, "-m", "tools.pilot_mcu", "--link", folder / "ttyPILOT"]
    with Program(command, folder) as program:
        program.expect(state="A")
        for order, said in orders:
            program.process.stdin.write(order + "\n")
            program.process.stdin.flush()
            program.expect(**said)
        yield program


def look(folder, running=None):
    device = folder / "ttyPILOT"
    return pilot(parse(f'[pilot]\nkind = "serial"\ndevice = "{device}"'), running)


def test_one_that_answers_is_named_and_nothing_is_changed(tmp_path, capsys):
    with controller(tmp_path, ("B", {"state": "B"})) as program:
        finding = look(tmp_path)
        program.expect(ended="the host was silent for 1 s")
        assert {line.get("duty", 100.0) for line in program.lines} == {100.0}
    assert finding.verdict is Verdict.OK
    assert finding.found.startswith("seccstack simulated 1 on")
    assert finding.found.endswith("state B, contactor open")
    assert capsys.readouterr() == ("", "")


def test_one_that_says_to_be_in_trouble_is_believed(tmp_path):
    with controller(tmp_path, ("trouble GENERATOR", {"trouble": "GENERATOR"})):
        finding = look(tmp_path)
    assert finding.verdict is Verdict.FAIL
    assert "trouble with its generator" in finding.found


def test_one_that_is_not_there_is_missed(tmp_path):
    finding = look(tmp_path)
    assert finding.verdict is Verdict.FAIL
    assert "cannot be opened: No such file" in finding.found


@pytest.mark.parametrize(("trouble", "verdict"), [(None, Verdict.OK), ("gone", Verdict.FAIL)])
def test_a_running_charger_is_asked_instead(tmp_path, trouble, verdict):
    running = {"pilot controller": {"name": "board", "trouble": trouble}}
    finding = look(tmp_path, running)
    assert finding.verdict is verdict
    assert "in use by the running charger" in finding.found


@pytest.mark.parametrize(
    ("more", "trouble"),
    [
        ('cable = "socket"', "the proximity contact of the socket cannot be read"),
        ('[energy]\ncontact = "input"', "the network operator's contact cannot be read"),
        ('[temperature]\nkind = "controller"', "temperature: no sensor says anything"),
    ],
)
def test_what_is_to_be_sensed_and_is_not_is_found(tmp_path, more, trouble):
    text = f'[pilot]\nkind = "serial"\ndevice = "{tmp_path / "ttyPILOT"}"\n{more}\n'
    with controller(tmp_path):
        finding = pilot(parse(text), None)
    assert finding.verdict is not Verdict.OK
    assert trouble in finding.found


def test_a_temperature_without_a_file_is_found_where_the_rest_is_simulated(tmp_path):
    text = f'[temperature]\nkind = "file"\nfile = "{tmp_path / "temp1_input"}"\n'
    assert "No such file" in pilot(parse(text), None).found
    (tmp_path / "temp1_input").write_text("40000\n")
    assert pilot(parse(text), None).verdict is Verdict.OK
