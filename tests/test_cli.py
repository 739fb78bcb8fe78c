"""The command line as a whole: help, wrong use, wrong configurations, a charger to tell."""

import asyncio
import json
import subprocess
import sys
import threading

import pytest
import typer
from typer.testing import CliRunner

from seccstack import __version__
from seccstack.adapters.control import Control
from seccstack.cli import app, main
from seccstack.errors import UsageError
from tests.programs import SECCSTACK, seccstack


def commands(command, path=()):
    """Every command there is, by the words that name it."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


COMMANDS = sorted(commands(typer.main.get_command(app)))


def invoke(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def wrong(result):
    """The one line that says what is wrong."""
    [line] = result.stderr.splitlines()
    assert result.stdout == ""
    return line


def test_all_that_was_promised_is_there():
    promised = {"demo", "run", "tell", "version", "replay", "drive", "vehicles"}
    assert {(name,) for name in promised} <= set(COMMANDS)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_helps_with_an_example(words):
    result = invoke(*words, "--help")
    assert result.exit_code == 0
    example = " ".join(result.stdout.partition("Example: ")[2].split())
    assert " ".join(("seccstack", *words)) in example


def test_the_version_is_told():
    result = invoke("version")
    assert (result.exit_code, result.stdout) == (0, f"{__version__}\n")


@pytest.mark.parametrize(
    "words",
    [(), ("nonsense",), ("demo", "--nonsense"), ("drive",), ("run", "x"), ("tell",)],
    ids=" ".join,
)
def test_wrong_use_is_exit_code_2(words):
    assert invoke(*words).exit_code == 2


# Configurations.


@pytest.fixture
def config(tmp_path):
    def write(octets):
        path = tmp_path / "secc.toml"
        path.write_bytes(octets)
        return path

    return write


WRONG = {
    b"[charger]\nphases = 2\n": "charger.phases: is 2; give 1 or 3",
    b"[charger]\nphase = 1\n": "charger.phase: is not a key of this file; keys here: evse_id",
    b'"a.b" = 1\n': "a.b: is not a key of this file; keys here: charger",
    b'[log]\n"a.`b" = 1\n': "log.a.`b: is not a key of this file; keys here: level",
    b'"a\\nb" = 1\n': "a b: is not a key of this file; keys here: charger",
    b"[log]\nlevel = 3\n": "log.level: is 3; give a text",
    b"[charger\n": "the file: is not TOML",
    b"\xff\xfe": "not a text file in UTF-8",
}


@pytest.mark.parametrize("command", ["run", "tell"])
@pytest.mark.parametrize(("octets", "why"), WRONG.items())
def test_a_wrong_configuration_is_exit_code_2_and_one_line(config, command, octets, why):
    words = {"run": ["run"], "tell": ["tell", "status"]}[command]
    result = invoke(*words, "--config", config(octets))
    assert result.exit_code == 2
    line = wrong(result)
    assert line.startswith("seccstack: ")
    assert why in line


@pytest.mark.parametrize("name", ["none.toml", "."])
def test_a_configuration_that_cannot_be_read_is_exit_code_2(tmp_path, name):
    result = invoke("tell", "status", "--config", tmp_path / name)
    assert result.exit_code == 2
    assert wrong(result).startswith(f"seccstack: cannot read {tmp_path / name}: ")


def test_a_configuration_is_text_in_utf_8_whatever_the_locale(config, monkeypatch):
    for name, setting in (("LC_ALL", "C"), ("PYTHONUTF8", "0"), ("PYTHONCOERCECLOCALE", "0")):
        monkeypatch.setenv(name, setting)
    path = config('[registry]\npath = "/nowhere/\u00e9.sqlite"\n'.encode())
    said = seccstack("tell", "status", "--config", path, folder=path.parent, code=1)
    assert "no charger answers" in said


# A charger to tell.


def test_without_a_charger_there_is_nobody_to_tell(config, tmp_path):
    path = config(f'[control]\nsocket = "{tmp_path}/none.sock"\n'.encode())
    result = invoke("tell", "card", "04A2B3C4D5E680", "--config", path)
    assert result.exit_code == 1
    assert "no charger answers" in wrong(result)


def obey(command):
    if command["do"] == "refuse":
        raise UsageError("it will not")
    return {"heard": command}


async def serve(path, ready, over):
    control = Control(obey)
    await control.listen(path)
    ready.set()
    await asyncio.to_thread(over.wait)
    control.close()


@pytest.fixture
def charger(config, tmp_path):
    """The configuration of a charger that answers with what it was told."""
    path = tmp_path / "c.sock"
    ready, over = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(serve(path, ready, over)))
    thread.start()
    assert ready.wait(10)
    yield config(f'[control]\nsocket = "{path}"\n'.encode())
    over.set()
    thread.join()


def test_a_charger_is_told_what_who_and_how_much(charger):
    words = ("tell", "limit", "10", "--source", "sun", "--json", "--config", charger)
    result = invoke(*words)
    assert result.exit_code == 0
    [line] = result.stdout.splitlines()
    assert json.loads(line) == {"heard": {"do": "limit", "value": "10", "source": "sun"}}


def test_a_charger_that_obeys_needs_no_words(charger):
    assert invoke("tell", "stop", "--config", charger).stdout == ""


def test_its_status_is_told_in_any_case(charger):
    result = invoke("tell", "status", "--config", charger)
    assert json.loads(result.stdout)["heard"]["do"] == "status"


def test_what_a_charger_refuses_is_exit_code_1(charger):
    result = invoke("tell", "refuse", "--config", charger)
    assert result.exit_code == 1
    assert wrong(result) == "seccstack: it will not"


FULL = {
    "demo": "",
    "demo --json": "",
    "version": "",
    "decode --schema app-protocol": "80400040\n",
}


@pytest.mark.parametrize(("words", "told"), FULL.items())
def test_what_cannot_be_written_is_one_line_and_exit_code_1(words, told):
    command = [*SECCSTACK, *words.split()]
    with open("/dev/full", "w") as full:
        done = subprocess.run(  # noqa: S603
            command, input=told, stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (done.returncode, done.stderr) == (1, "seccstack: No space left on device\n")


def test_a_closed_output_is_no_trouble():
    command = ["sh", "-c", '"$0" -m seccstack demo >&-', sys.executable]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


def test_who_reads_no_further_is_not_told_so():
    with subprocess.Popen(  # noqa: S603
        [*SECCSTACK, "demo", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(10) == 1


def test_the_program_is_the_command_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["seccstack", "version"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"
