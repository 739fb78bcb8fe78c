"""`seccstack run` as a process of its own: starting, being told, ending, being killed."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog

from seccstack.adapters.app import SWITCH_SECONDS, App, serve, settings_of
from seccstack.adapters.paused import PausedFile
from seccstack.adapters.powerline import mac_of
from seccstack.auth.decision import Policy
from seccstack.auth.suspicion import FingerprintUse, RotatingUse
from seccstack.config import parse
from seccstack.errors import UsageError
from seccstack.events import KeepPaused
from seccstack.pilot.settings import Fallback, LinkLoss, Start
from seccstack.pilot.settings import Settings as PilotSettings
from seccstack.session.events import Paused
from seccstack.sim.pilot import ContactorDefect
from seccstack.slac.station import Settings as SlacSettings
from seccstack.slac.validation import Validation
from tests.adapters.conftest import run, until
from tests.programs import SECCSTACK, Program, seccstack


@contextmanager
def charger(folder, config="", place=None):
    """Run a charger in a folder; where ``place`` is a namespace, in it."""
    (folder / "secc.toml").write_text(config)
    command = [*SECCSTACK, "run", "--config", "secc.toml"]
    if place is not None:
        command = place.command(*command)
    with Program(command, folder, lines_on="stderr") as program:
        yield program


def tell(folder, *words):
    return seccstack("tell", *words, folder=folder)


def status(folder):
    return json.loads(tell(folder, "status", "--json"))["status"]


def test_without_any_configuration_it_runs_and_answers(tmp_path):
    with Program([*SECCSTACK, "run"], tmp_path, lines_on="stderr") as program:
        program.expect(event="ready")
        assert status(tmp_path)["pilot"] == {"state": "A"}
        assert program.end() == 0


def test_it_says_what_is_simulated_and_how_to_plug_in(tmp_path):
    with charger(tmp_path) as program:
        program.expect(event="ready")
        [first, *_] = program.lines
        assert first["event"] == "power line, modem, pilot and car are simulated"
        assert "`seccstack tell plug`" in first["how"]
        assert program.end() == 0


def test_its_threads_keep_the_event_loop_waiting_for_a_moment_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    usual = sys.getswitchinterval()
    try:
        with pytest.raises(UsageError):  # it ends as soon as it has begun
            run(serve(parse('[control]\nsocket = "missing/control.sock"')))
        assert sys.getswitchinterval() == pytest.approx(SWITCH_SECONDS)
    finally:
        sys.setswitchinterval(usual)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_in_the_middle_of_a_charge(tmp_path, number):
    with charger(tmp_path) as program:
        program.expect(event="ready")
        tell(tmp_path, "plug")
        closed = program.expect(event="contactor", closed=True)
        assert program.end(number) == 0
        assert program.expect(event="contactor", closed=False, after=closed) > closed
        assert program.lines[-1]["event"] == "stopped"
        assert not any("Traceback" in text for text in program.text)
    assert not (tmp_path / "seccstack.sock").exists()


def test_after_a_kill_it_starts_again(tmp_path):
    with charger(tmp_path) as program:
        program.expect(event="ready")
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
    assert (tmp_path / "seccstack.sock").exists()
    with charger(tmp_path) as program:
        program.expect(event="ready")
        assert status(tmp_path)["pilot"] == {"state": "A"}
        assert program.end() == 0


def test_a_session_that_was_paused_before_a_kill_is_forgotten_if_nobody_is_there(tmp_path):
    file = PausedFile(tmp_path / "cars.paused.json", structlog.get_logger(), time.time)
    file.keep(KeepPaused(Paused(bytes(8), bytes(6), None)))
    file.close()
    assert file.found() is not None
    with charger(tmp_path, "[registry]\npath = 'cars.sqlite'\n") as program:
        program.expect(event="ready")
        program.expect(event="pilot")
        assert program.end() == 0
    assert list(tmp_path.glob("*.paused.json*")) == []


def test_a_second_charger_with_the_same_control_socket_is_refused_in_one_line(tmp_path):
    with charger(tmp_path) as first:
        first.expect(event="ready")
        [line] = seccstack("run", "--config", "secc.toml", folder=tmp_path, code=1).splitlines()
        assert "another charger is running" in line
        assert first.end() == 0


@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("[powerline]\nkind = 'ethernet'\n", "powerline.interface"),
        ("[charger]\nrated_amps = 'many'\n", "charger.rated_amps"),
        ("nonsense", "is not TOML"),
        ("[control]\nsocket = 'none/c.sock'\n", "control.socket"),
    ],
)
def test_a_bad_configuration_is_one_line_and_exit_code_2(tmp_path, config, why):
    (tmp_path / "secc.toml").write_text(config)
    [line] = seccstack("run", "--config", "secc.toml", folder=tmp_path, code=2).splitlines()
    assert why in line


def test_a_configuration_that_is_not_there_is_one_line_and_exit_code_2(tmp_path):
    [line] = seccstack("run", "--config", "none.toml", folder=tmp_path, code=2).splitlines()
    assert "none.toml" in line


ORDERS = [
    ("stop", 1, "no vehicle is plugged in"),
    ("bogus", 2, "none of cable, card, discharge, forecast"),
    ("limit many", 2, "number of amperes from 0"),
    ("limit", 2, "number of amperes from 0"),
    ("limit -3", 2, "number of amperes from 0"),
    ("limit 10 --source installation", 2, "the charger's own"),
    ("forecast now=16 25:00=6", 2, "'25:00' is no moment; give now, a time of day"),
    ("forecast", 2, "a forecast has 1 to 96 steps"),
    ("forecast 22:00=6 --source schedule", 2, "the charger's own"),
    ("limit 10 --sorce me", 2, "unexpected extra argument"),
    ("card ZZ", 2, "not a card"),
    ("pilot Q", 2, "A, B, C"),
]


def test_an_order_that_is_refused_is_said_and_of_exit_code_1_or_if_wrong_2(tmp_path):
    with charger(tmp_path) as program:
        program.expect(event="ready")
        for words, code, why in ORDERS:
            assert why in seccstack("tell", *words.split(), folder=tmp_path, code=code), words
        assert program.end() == 0


def test_what_is_plugged_in_can_be_stopped_and_what_was_cannot(tmp_path):
    with charger(tmp_path) as program:
        program.expect(event="ready")
        tell(tmp_path, "plug")
        program.expect(event="plugged in")
        tell(tmp_path, "stop")
        program.expect(event="stop wanted")
        tell(tmp_path, "unplug")
        program.expect(event="unplugged")
        assert "no vehicle" in seccstack("tell", "stop", folder=tmp_path, code=1)
        assert program.end() == 0


def test_the_simulated_car_charges_over_a_named_interface(tmp_path, link):
    config = f"[network]\ninterface = '{link.interface}'\n"
    with charger(tmp_path, config, link.charger) as program:
        program.expect(event="ready")
        tell(tmp_path, "plug")
        program.expect(event="current", amps=32.0)
        mac = mac_of(link.interface).hex().upper()
        assert status(tmp_path)["identity"]["evccid"] == mac
        assert program.end() == 0


def test_an_interface_that_is_missing_is_said_once_and_served_when_it_appears(tmp_path, link):
    config = "[powerline]\nkind = 'ethernet'\ninterface = 'plc0'\n"
    with charger(tmp_path, config, link.charger) as program:
        program.expect(event="waiting for the powerline")
        assert "no network interface 'plc0'" in str(program.lines)
        assert status(tmp_path)["pilot"] == {"state": "A"}
        link.charger.ip("link", "set", link.interface, "down")
        link.charger.ip("link", "set", link.interface, "name", "plc0")
        program.expect(event="waiting for the powerline", after=5)
        link.charger.ip("link", "set", "plc0", "up")
        program.expect(event="ready")
        said = [line["why"] for line in program.lines if line["event"].startswith("waiting")]
        assert len(said) == len(set(said))
        assert program.end() == 0


def test_an_interface_that_goes_and_comes_back_is_served_again(tmp_path, link):
    config = f"[powerline]\nkind = 'ethernet'\ninterface = '{link.interface}'\n"
    with charger(tmp_path, config, link.charger) as program:
        ready = program.expect(event="ready")
        link.charger.ip("link", "set", link.interface, "down")
        program.expect(event="network lost", after=ready)
        program.expect(event="powerline trouble", after=ready)
        link.charger.ip("link", "set", link.interface, "up")
        program.expect(event="network open", after=ready)
        program.expect(event="powerline open", after=ready)
        program.expect(event="powerline recovered", after=ready)
        assert program.end() == 0


def test_without_the_privilege_for_raw_frames_it_says_which_and_ends(tmp_path, link):
    config = f"[powerline]\nkind = 'ethernet'\ninterface = '{link.interface}'\n"
    (tmp_path / "secc.toml").write_text(config)
    nobody = ["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"]
    command = link.charger.command(*nobody, *SECCSTACK, "run", "--config", "secc.toml")
    with Program(command, tmp_path, lines_on="stderr") as program:
        assert program.wait() == 1
        assert "CAP_NET_RAW" in program.text[-1]


def test_a_fault_of_its_own_ends_it_with_an_open_contactor(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    async def scenario():
        app = App(parse(""))
        charging = asyncio.create_task(app.run())
        await until(lambda: Path("seccstack.sock").exists())
        await asyncio.to_thread(_order, {"do": "plug"})
        await until(lambda: app._pilot._line.closed)
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        with pytest.raises(UsageError, match="a fault of its own: ZeroDivisionError"):
            await charging
        return app._pilot

    pilot = run(scenario())
    assert pilot._line._energised is False
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    [fault] = [line for line in lines if line["event"] == "fault"]
    assert "ZeroDivisionError" in fault["exception"]
    assert lines[-1]["event"] == "stopped"


def test_a_contactor_that_does_not_open_is_not_kept_silent_about(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    async def scenario():
        app = App(parse(""))
        charging = asyncio.create_task(app.run())
        await until(lambda: Path("seccstack.sock").exists())
        app._pilot.break_contactor(ContactorDefect.WELDED)
        await asyncio.to_thread(_order, {"do": "plug"})
        await until(lambda: app._pilot._line.closed)
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(UsageError, match="the plug may be live"):
            await charging

    run(scenario())


def test_trouble_of_the_system_is_no_fault_of_its_own(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)

    async def scenario():
        app = App(parse(""))
        charging = asyncio.create_task(app.run())
        await until(lambda: Path("seccstack.sock").exists())
        loop = asyncio.get_running_loop()
        loop.call_exception_handler({"message": "accept", "exception": OSError("too many")})
        os.kill(os.getpid(), signal.SIGTERM)
        await charging

    run(scenario())
    assert '"event loop"' in capsys.readouterr().err


def _order(order):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("seccstack.sock")
        connection.sendall(json.dumps(order).encode() + b"\n")
        assert json.loads(connection.makefile().readline()) == {"ok": True}


def test_what_the_file_says_of_slac_and_pilot_reaches_the_outlet():
    settings = settings_of(
        parse(
            f"""
            [powerline]
            attenuation_correction_db = {[*range(-29, 29)]}
            slac_init_seconds = 20
            validation = "on"
            [pilot]
            start = "nominal"
            start_authorised = "digital"
            when_authorised = "nominal"
            speak_seconds = 5
            fallback = "steady"
            link_loss = "restart"
            retries = 1
            step_ef_seconds = 5
            step_x1_seconds = 2
            """
        )
    )
    assert settings.slac == SlacSettings(
        correction_db=tuple(range(-29, 29)), init_seconds=20.0, validation=Validation.ON
    )
    assert settings.pilot == PilotSettings(
        start=Start.NOMINAL,
        start_authorised=Start.DIGITAL,
        when_authorised=Start.NOMINAL,
        speak_seconds=5.0,
        fallback=Fallback.STEADY,
        link_loss=LinkLoss.RESTART,
        retries=1,
        step_ef=5.0,
        step_x1=2.0,
    )


def test_what_the_file_says_of_access_reaches_the_outlet():
    access = settings_of(
        parse('[access]\npolicy = "card"\nfingerprint = "require"\nrotating = "fingerprint"')
    ).access
    assert (access.policy, access.fingerprint, access.rotating) == (
        Policy.CARD,
        FingerprintUse.REQUIRE,
        RotatingUse.FINGERPRINT,
    )
    usual = settings_of(parse("")).access
    assert (usual.fingerprint, usual.rotating) == (FingerprintUse.EXPLAIN, RotatingUse.ONCE)


def test_an_empty_file_leaves_both_as_they_are():
    settings = settings_of(parse(""))
    assert (settings.slac, settings.pilot) == (SlacSettings(), PilotSettings())
