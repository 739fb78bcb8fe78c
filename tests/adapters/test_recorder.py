"""The flight recorder of a running charger: told, killed, and kept from writing."""

import json
import signal
import threading
from contextlib import contextmanager

import pytest

from seccstack.adapters import recorder as recorder_module
from seccstack.adapters.recorder import Recorder, Writer
from seccstack.adapters.recordings import Recordings
from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.chargepoint import ChargePoint
from seccstack.cli_recording import account_of
from seccstack.config import Recorder as Config
from seccstack.homeplug.keys import network_id
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState
from seccstack.recording.journal import Begin, Discard, End, Write
from seccstack.session.plant import Charger
from tests.adapters.conftest import run, until
from tests.programs import SECCSTACK, Program, seccstack

SETTINGS = Settings(charger=Charger(evse_id="DE*SEC*E1"), rated_amps=16.0)
A, B = PilotState.NO_VEHICLE, PilotState.CONNECTED
FOLDER = "[recorder]\nfolder = 'rec'\n"


# A process of its own.


@contextmanager
def charger(folder, config=FOLDER):
    (folder / "secc.toml").write_text(config)
    command = [*SECCSTACK, "run", "--config", "secc.toml"]
    with Program(command, folder, lines_on="stderr") as program:
        program.expect(event="ready")
        yield program


def tell(folder, *words):
    return seccstack("tell", *words, folder=folder)


def replayed(capture):
    """The session object that replay prints, and what is told of the sidecar."""
    account = account_of(capture)
    sessions = sessions_of(read_trace(str(capture), read_capture(capture)))
    return account.session([session.to_json() for session in sessions]), account


def captures(folder):
    return sorted((folder / "rec").glob("*.pcapng"))


def charge(folder, program, plug_in=1):
    after = program.expect(event="plugged in", plug_in=plug_in) if plug_in > 1 else 0
    tell(folder, "plug")
    return program.expect(event="contactor", closed=True, after=after)


def test_a_charge_is_recorded_told_from_both_sides_and_runs_again(tmp_path):
    with charger(tmp_path) as program:
        charging = charge(tmp_path, program)
        tell(tmp_path, "limit", "10")
        program.expect(event="current", amps=10.0)
        tell(tmp_path, "unplug")
        program.expect(event="unplugged")
        program.expect(event="contactor", closed=False, after=charging)  # before or after that
        assert program.end() == 0
    [capture] = captures(tmp_path)
    assert capture.name.endswith("Z-0001-EC65CC010203.pcapng")
    printed = seccstack("replay", capture, "--json", "--strict-rerun", folder=tmp_path)
    [session] = map(json.loads, printed.splitlines())
    assert session["rerun"]["identical"] is True
    assert session["decision"]["by"] == "open"
    assert [change["closed"] for change in session["contactor"]] == [True, False]
    assert [limit["amps"] for limit in session["limits"]] == [32.0, 10.0]
    assert session["identity"]["consistent"] is True
    assert "SessionSetupReq" in [message["name"] for message in session["messages"]]


def test_without_a_folder_nothing_is_left_behind(tmp_path):
    with charger(tmp_path, "") as program:
        charge(tmp_path, program)
        assert program.end() == 0
    left = {".toml", ".sqlite", ".key", ".power.json"}
    assert {"".join(path.suffixes) for path in tmp_path.iterdir()} == left


def test_a_charger_that_is_stopped_completes_what_it_records(tmp_path):
    with charger(tmp_path) as program:
        charge(tmp_path, program)
        assert program.end() == 0
    [capture] = captures(tmp_path)
    session, account = replayed(capture)
    assert session["rerun"]["identical"] is True
    assert account.notes == []
    assert "the charger was stopped" in capture.with_suffix(".jsonl").read_text()


MOMENTS = ["pilot", "matched", "decision", "contactor", "current"]


@pytest.mark.parametrize("moment", MOMENTS)
def test_whenever_it_is_killed_what_is_there_is_readable_and_completed_later(tmp_path, moment):
    with charger(tmp_path) as program:
        told = len(program.lines)
        tell(tmp_path, "plug")
        program.expect(event=moment, after=told)
        assert program.end(signal.SIGKILL) == -signal.SIGKILL
    for part in captures(tmp_path):
        assert part.name.endswith(".part0.pcapng")
        session, account = replayed(part)
        assert session["rerun"]["differences"] == []
        assert account.notes[-1].startswith("the recording breaks off")
    with charger(tmp_path) as program:
        assert program.end() == 0
    for capture in captures(tmp_path):
        assert ".part" not in capture.name
        session, account = replayed(capture)
        assert session["rerun"]["identical"] is True
        assert account.notes == [
            "the recording breaks off: the charger ended without closing it"
        ]


def test_network_keys_are_in_no_file_unless_they_are_wanted(tmp_path):
    for secrets in ("false", "true"):
        folder = tmp_path / secrets
        folder.mkdir()
        with charger(folder, f"{FOLDER}secrets = {secrets}\n") as program:
            charge(folder, program)
            assert program.end() == 0
        [capture] = captures(folder)
        lines = map(json.loads, capture.with_suffix(".jsonl").read_text().splitlines())
        drawn = [
            line["event"]["KeyDrawn"]
            for line in lines
            if "KeyDrawn" in (line.get("event") or ())
        ]
        session, _ = replayed(capture)
        assert session["rerun"]["identical"] is True
        # The network's id follows from the real key; on the wire it is the real one.
        networks = [
            network_id(bytes.fromhex(one["network_key"])).hex().upper() for one in drawn
        ]
        assert (session["slac"]["nid"] in networks) is (secrets == "true")


def test_two_chargers_do_not_record_into_one_folder(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    config = f"[recorder]\nfolder = '{tmp_path / 'rec'}'\n"
    for folder in (one, two):
        folder.mkdir()
    with charger(one, config) as first, charger(two, config) as second:
        second.expect(lambda line: "another charger records" in line.get("why", ""))
        charge(two, second)
        assert (first.end(), second.end()) == (0, 0)
    assert captures(tmp_path) == []


# In this process.


class Log:
    def __init__(self):
        self.lines = []

    def warning(self, event, **details):
        self.lines.append(details["why"])

    error = warning


def step(recorder, machine, now, event):
    recorder.observe(now, event, machine.receive(event, now))


def plug_in_and_out(recorder, machine, times=1):
    for n in range(times):
        for state in (A, B, A):
            step(recorder, machine, float(n), limits.PilotChanged(state))


def recording(folder, scenario, **config):
    """Run a scenario with a recorder, and return what it logged."""

    async def all_of_it():
        log, machine = Log(), ChargePoint(SETTINGS)
        recorder = Recorder(Config(folder=str(folder), **config), machine, SETTINGS, log)
        try:
            await scenario(recorder, machine)
        finally:
            recorder.close()
        return log.lines

    return run(all_of_it())


def test_each_plug_in_has_its_pair(tmp_path):
    async def scenario(recorder, machine):
        plug_in_and_out(recorder, machine, times=2)

    assert recording(tmp_path, scenario) == []
    assert len(list(tmp_path.iterdir())) == 4


def test_a_tap_is_heard(tmp_path):
    async def scenario(recorder, machine):
        recorder.network("fe80::1", bytes(6))
        step(recorder, machine, 0.0, limits.PilotChanged(A))
        step(recorder, machine, 0.0, limits.PilotChanged(B))
        recorder.opened(1, (("fe80::2", 50000), ("fe80::1", 49152)))
        recorder.octets(1, "ev", b"something that was said")
        recorder.secrets(b"CLIENT_RANDOM 00 11\n")
        recorder.closed(1, "ev", reset=True)

    recording(tmp_path, scenario, secrets=True)
    [capture] = tmp_path.glob("*.pcapng")
    assert b"something that was said" in capture.read_bytes()
    assert b"CLIENT_RANDOM" in capture.read_bytes()


def test_a_folder_that_cannot_be_used_is_said_once_and_disturbs_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"")

    async def scenario(recorder, machine):
        plug_in_and_out(recorder, machine, times=3)

    [why] = recording(tmp_path / "file", scenario)
    assert why == "the folder cannot be used: File exists"


def test_one_that_can_be_used_later_is_used_then(tmp_path):
    place = tmp_path / "later"
    place.write_bytes(b"")

    async def scenario(recorder, machine):
        await until(lambda: recorder._log.lines)
        place.unlink()
        plug_in_and_out(recorder, machine)

    assert len(recording(place, scenario)) == 1
    assert len(list(place.iterdir())) == 2


def test_a_fault_of_the_recorders_own_is_said_and_ends_only_the_recorder(tmp_path):
    async def scenario(recorder, machine):
        step(recorder, machine, 0.0, limits.PilotChanged(A))
        step(recorder, machine, 0.0, limits.PilotChanged(B))
        recorder.observe(0.0, object(), ())
        await until(lambda: recorder._log.lines)
        plug_in_and_out(recorder, machine)

    [why] = recording(tmp_path, scenario)
    assert why.startswith("it has failed, and rests")


# The thread.


class Disk(Recordings):
    """A folder that fails in one thing, or takes its time."""

    def __init__(self, folder, fails="", slow=None):
        super().__init__(folder, most_octets=10**6, most_days=1)
        self.fails, self.slow = fails, slow

    def fail(self, what):
        if what == self.fails:
            raise OSError(28, "No space left on device", "a file")

    def begin(self, plug_in, nanoseconds):
        self.fail("begin")
        super().begin(plug_in, nanoseconds)

    def write(self, part, sidecar, packets):
        self.fail("write")
        if self.slow is not None:
            self.slow.wait()
        super().write(part, sidecar, packets)

    def discard(self, part):
        self.fail("discard")
        super().discard(part)

    def end(self, vehicle):
        self.fail("end")
        super().end(vehicle)

    def prune(self, room, now):
        self.fail("prune")
        return super().prune(room, now)


ONE = [Begin(1, 10**18), Write(0, b"{}\n", b""), Discard(7), End("")]


def written(folder, orders, **disk):
    log = Log()
    writer = Writer(Disk(folder, **disk), 1000, log)
    writer.put(orders)
    writer.close()
    return log.lines


@pytest.mark.parametrize(
    ("fails", "why", "left"),
    [
        ("begin", "no recording", []),
        ("write", "the recording breaks off", []),
        ("discard", "a part is not deleted", [".jsonl"]),
        ("end", "not completed", [".jsonl"]),
        ("prune", "old ones are not deleted", [".jsonl"]),
        ("nothing", None, [".jsonl"]),
    ],
)
def test_a_full_disk_is_a_line_of_each_kind_and_no_more(tmp_path, fails, why, left):
    lines = written(tmp_path, ONE * 2, fails=fails)
    assert [path.suffix for path in tmp_path.iterdir()][: len(left)] == left
    if why is not None:
        assert f"{why}: No space left on device" in lines
        assert len(lines) <= 2


def test_what_is_more_than_a_slow_disk_can_take_is_dropped_and_said(tmp_path, monkeypatch):
    monkeypatch.setattr(recorder_module, "MAX_UNWRITTEN", 10)
    disk = threading.Event()
    writer = Writer(Disk(tmp_path, slow=disk), 1000, Log())
    assert writer.put(ONE[:1])
    assert [writer.put([Write(0, b"12345\n", b"")]) for _ in range(3)] == [True, True, False]
    disk.set()
    writer.put([End("")])
    writer.close()
    [sidecar] = tmp_path.glob("*.jsonl")
    assert sidecar.read_bytes() == b"12345\n" * 2


def test_a_part_begins_anew_after_something_was_dropped(tmp_path, monkeypatch):
    async def scenario(recorder, machine):
        step(recorder, machine, 0.0, limits.PilotChanged(A))
        step(recorder, machine, 0.0, limits.PilotChanged(B))
        await until(lambda: any(tmp_path.iterdir()))
        monkeypatch.setattr(recorder_module, "MAX_UNWRITTEN", -1)
        step(recorder, machine, 1.0, limits.StopWanted("one"))
        await until(lambda: not recorder._due)
        monkeypatch.undo()
        for n in range(2):
            step(recorder, machine, 2.0, limits.StopWanted(f"more {n}"))
            await until(lambda: not recorder._due)

    recording(tmp_path, scenario)
    [sidecar] = tmp_path.glob("*.jsonl")
    lines = sidecar.read_text().splitlines()
    assert [json.loads(line)["recording"]["part"] for line in lines if "recording" in line] == [
        0, 1,
    ]  # fmt: skip


def test_a_disk_that_does_not_come_back_does_not_keep_a_charger_from_ending(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(recorder_module, "CLOSE_SECONDS", 0.01)
    disk, log = threading.Event(), Log()
    writer = Writer(Disk(tmp_path, slow=disk), 1000, log)
    writer.put(ONE)
    writer.close()
    disk.set()
    assert log.lines == ["the disk is too slow: an end is not recorded"]
    writer._thread.join()
