"""Meters in a running charger: read for ever, told once, and shown to vehicles."""

import asyncio
import sys
from contextlib import asynccontextmanager

import pytest
import structlog
from structlog.testing import capture_logs

from seccstack.adapters.meter import (
    AMPS_STEP,
    ENERGY_SECONDS,
    Followed,
    Meters,
    SimulatedMeter,
    Telling,
    meters_of,
)
from seccstack.adapters.unavailable import UnavailableError
from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.config import parse
from seccstack.config_meter import Meter as MeterConfig
from seccstack.energy.reading import Reading
from seccstack.errors import ConfigError, MalformedError
from seccstack.events import CurrentLost, CurrentMeasured, NetworkLost
from seccstack.session.events import Meter, MeterRead
from tests.adapters.conftest import run, until
from tests.adapters.meter_contract import MeterContract
from tests.adapters.modbus import free_port, served
from tests.adapters.test_app import charger, status, tell
from tests.energy.meters import B23, PRO380
from tests.programs import seccstack

MODBUS = 'kind = "modbus-tcp"\nmodel = "inepro-pro380"\nhost = "127.0.0.1"\nunit = 7\n'


class TestSimulated(MeterContract):
    vanishes = False

    @asynccontextmanager
    async def new_meter(self):
        meter = SimulatedMeter(3, 230.0)
        meter.draw(16.0)
        yield meter


class Scripted:
    """A meter with these outcomes, and then the last one for ever."""

    name = "scripted"

    def __init__(self, *outcomes):
        self.outcomes = list(outcomes)

    async def read(self):
        outcome = self.outcomes[0]
        if len(self.outcomes) > 1:
            self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def close(self):
        pass


SILENT = UnavailableError("unit 7 does not answer; look at it", waiting_helps=True)
RAVING = MalformedError("nan A cannot be", path="register 1")
# Faster than can be configured: a test waits for it.
QUICK = MeterConfig(poll_seconds=0.001, stale_seconds=0.02)


def follow(meter, condition, config=QUICK):
    """Follow a meter until ``condition(followed)``; return it, what it took, what it said."""
    taken = []

    async def scenario():
        followed = Followed("meter", meter, config, structlog.get_logger(), taken.append)
        task = asyncio.create_task(followed.run())
        await until(lambda: condition(followed))
        task.cancel()
        followed.close()
        return followed.status()

    with capture_logs() as said:
        return run(scenario()), taken, said


def test_each_reading_is_taken_and_the_meter_is_told_of_once():
    meter = Scripted(B23.reading)
    shown, taken, said = follow(meter, lambda followed: followed.believed())
    assert taken[0] == B23.reading
    assert [line["event"] for line in said] == ["meter found"]
    assert (shown["amps"], shown["watts"]) == ((1.01, 2.01, 3.02), 1251.56)
    assert shown["trouble"] is None


@pytest.mark.parametrize("error", [SILENT, RAVING])
def test_a_meter_that_is_lost_is_told_of_once_with_its_reason(error):
    meter = Scripted(B23.reading, error)
    shown, _, said = follow(meter, lambda each: taken_from(meter) and not each.believed())
    assert said[0]["event"] == "meter found"
    assert shown["trouble"] == str(error)
    assert "watts" not in shown


def test_a_loss_is_said_once_however_long_it_lasts_and_so_is_the_return():
    meter = Scripted(*[SILENT] * 60, B23.reading)
    _, _, said = follow(meter, lambda followed: followed.believed())
    assert [line["event"] for line in said] == ["meter lost", "meter found"]
    assert said[0]["why"] == str(SILENT)


def test_a_stale_reading_is_believed_no_more():
    meter = Scripted(B23.reading, SILENT)
    shown, taken, _ = follow(meter, lambda each: taken_from(meter) and not each.believed())
    assert taken == [B23.reading]
    assert "energy_wh" not in shown


def taken_from(meter):
    """Whether it has come to its last outcome."""
    return len(meter.outcomes) == 1


class TestTelling:
    def setup_method(self):
        self.told, self.now = [], 1000.0
        self.telling = Telling(
            "meter-1", self.told.append, lambda: self.now, lambda: 1_700_000_000.9
        )

    def take(self, amps, energy_wh=1000.0):
        reading = Reading(
            volts=(230.0,),
            amps=(amps,),
            phase_watts=(None,),
            watts=None,
            energy_wh=energy_wh,
            hertz=50.0,
        )
        self.telling.take(reading)

    def test_the_first_reading_is_told(self):
        self.take(16.04)
        read = MeterRead(Meter("meter-1", 1000, 1_700_000_000))
        assert self.told == [CurrentMeasured(16.0), read]

    def test_a_current_that_trembles_is_told_once(self):
        for amps in (16.0, 16.1, 15.9, 16.0 + AMPS_STEP - 0.01):
            self.take(amps)
        assert self.told[::2] == [CurrentMeasured(16.0)]

    def test_a_current_that_changes_is_told(self):
        for amps in (16.0, 16.5, 0.0):
            self.take(amps)
        currents = [event.amps for event in self.told if isinstance(event, CurrentMeasured)]
        assert currents == [16.0, 16.5, 0.0]

    def test_that_it_is_silent_is_told_once_and_what_comes_next_is_news(self):
        self.telling.lose()
        self.take(16.0)
        for _ in range(2):
            self.telling.lose()
        self.take(16.0)
        heard = [event for event in self.told if not isinstance(event, MeterRead)]
        assert heard == [CurrentMeasured(16.0), CurrentLost(), CurrentMeasured(16.0)]

    def test_a_count_is_told_when_it_has_changed_and_not_too_often(self):
        for energy, seconds in (
            (1000.0, 1),
            (1003.4, 1),
            (1006.8, ENERGY_SECONDS),
            (1006.8, 9),
        ):
            self.take(16.0, energy)
            self.now += seconds
        self.take(16.0, 1007.2)
        counts = [event.meter.reading_wh for event in self.told if isinstance(event, MeterRead)]
        assert counts == [1000, 1007]

    def test_what_a_meter_has_not_is_not_told(self):
        self.take(None, None)
        assert self.told == []

    def test_a_name_that_no_message_can_hold_is_cut(self):
        Telling("x" * 40, self.told.append).take(B23.reading)
        assert self.told[-1].meter.id == "x" * 32


def test_what_a_simulated_car_draws_goes_to_whoever_measures_it():
    async def scenario(config):
        told = []
        meters = Meters(parse(config), told.append, structlog.get_logger())
        feed = meters.beside(told.append)
        feed(CurrentMeasured(16.0))
        feed(NetworkLost("gone"))
        readings = [await each._meter.read() for each in meters._followed]
        return [type(event) for event in told], [reading.most_amps for reading in readings]

    def of(config):
        return run(scenario(config))

    simulated = 'kind = "simulated"\n'
    assert of("") == ([CurrentMeasured, NetworkLost], [])
    assert of(f"[meter]\n{simulated}") == ([NetworkLost], [16.0])
    assert of(f"[house_meter]\n{simulated}") == ([CurrentMeasured, NetworkLost], [16.0])
    assert of(f"[meter]\n{simulated}[house_meter]\n{simulated}") == (
        [NetworkLost],
        [16.0, 16.0],
    )


@pytest.mark.parametrize(
    ("section", "library", "kind"),
    [
        ("meter", "pymodbus", MODBUS),
        ("house_meter", "serial", 'kind="modbus-rtu"\nmodel="janitza-b23"\ndevice="/dev/x"\n'),
    ],
)
def test_what_it_takes_is_named_where_it_is_missing(monkeypatch, section, library, kind):
    monkeypatch.setitem(sys.modules, library, None)
    monkeypatch.delitem(sys.modules, "seccstack.adapters.meter_modbus", raising=False)
    with pytest.raises(
        ConfigError, match=rf"^{section}\.kind: .*{library}.*seccstack\[meters\]"
    ):
        meters_of(parse(f"[{section}]\n{kind}"))


def test_what_a_meter_counts_is_in_the_status_and_what_the_vehicle_is_told(tmp_path):
    with served(PRO380.words) as port:
        config = f'[meter]\n{MODBUS}id = "box-7"\nport = {port}\n[recorder]\nfolder = "rec"\n'
        with charger(tmp_path, config) as program:
            program.expect(event="ready")
            program.expect(event="meter found")
            assert status(tmp_path)["meter"]["energy_wh"] == pytest.approx(123456, abs=0.1)
            tell(tmp_path, "plug")
            program.expect(event="contactor", closed=True)
            while status(tmp_path)["message"]["name"] != "ChargingStatusRes":
                pass
            tell(tmp_path, "unplug")
            program.expect(event="unplugged")
            assert program.end() == 0
    assert meter_infos(tmp_path) == {("box-7", 123456)}


def meter_infos(folder):
    """What is in the ChargingStatusRes of the only recording."""
    [capture] = (folder / "rec").glob("*.pcapng")
    [session] = sessions_of(read_trace(str(capture), read_capture(capture)))
    seccstack("replay", capture, "--strict-rerun", folder=folder)
    bodies = [m.message.body for m in session.messages if m.name == "ChargingStatusRes"]
    return {(body.meter_info.meter_id, body.meter_info.meter_reading) for body in bodies}


def test_a_meter_that_falls_silent_and_comes_back_is_two_lines_in_the_log(tmp_path):
    port = free_port()
    quick = "poll_seconds = 0.2\ntimeout_seconds = 0.2\nstale_seconds = 1\n"
    with charger(tmp_path, f"[house_meter]\n{MODBUS}{quick}port = {port}\n") as program:
        with served(PRO380.words, port):
            program.expect(event="house meter found")
            assert status(tmp_path)["house meter"]["amps"] == [16.0, 16.25, 15.75]
        lost = program.expect(event="house meter lost")
        assert "nobody accepts a connection" in status(tmp_path)["house meter"]["trouble"]
        with served(PRO380.words, port):
            program.expect(event="house meter found", after=lost)
        assert program.end() == 0
    assert [line["event"] for line in program.lines].count("house meter lost") == 1
