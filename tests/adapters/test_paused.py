"""What is left of a paused session on a disk, whatever has become of the file since."""

import json
import stat

import pytest
from structlog.testing import CapturingLogger

from seccstack.adapters.paused import LARGEST, OLDEST, PausedFile
from seccstack.events import KeepPaused, PausedFound
from seccstack.session.events import Paused

PAUSED = Paused(bytes(range(8)), bytes(6), "AC_three_phase_core", contract=False)
FOUND = PausedFound(PAUSED, b"\x02" * 6)


def paused_file(path, at=1000.0):
    log = CapturingLogger()
    file = PausedFile(path / "r.paused.json", log, lambda: at)
    file.log = log
    return file


def keep(path, paused=PAUSED):
    file = paused_file(path)
    file.keep(KeepPaused(paused, FOUND.mac))
    file.close()
    return path / "r.paused.json"


def test_what_was_kept_is_found_by_the_next_run(tmp_path):
    keep(tmp_path)
    assert paused_file(tmp_path, 1000.0 + OLDEST).found() == FOUND


def test_only_the_last_one_is_kept_and_only_its_owner_reads_it(tmp_path):
    keep(tmp_path, Paused(bytes(8), b"", None))
    path = keep(tmp_path)
    assert paused_file(tmp_path).found() == FOUND
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("at", [1000.1 + OLDEST, 999.0])
def test_what_is_too_old_or_of_the_future_is_not_found(tmp_path, at):
    keep(tmp_path)
    assert paused_file(tmp_path, at).found() is None


def test_what_a_kill_left_half_written_is_replaced(tmp_path):
    (tmp_path / "r.paused.json.new").write_text("{")
    keep(tmp_path)
    assert paused_file(tmp_path).found() == FOUND


def test_what_is_forgotten_is_not_found_and_forgotten_twice_is_no_fault(tmp_path):
    keep(tmp_path)
    file = paused_file(tmp_path)
    file.forget()
    file.forget()
    file.close()
    assert file.found() is None
    assert file.log.calls == []


def spoilt(text, **changes):
    value = json.loads(text)
    value["paused"]["PausedFound"]["paused"]["Paused"].update(changes)
    return json.dumps(value)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text[:-9],
        lambda text: "[" * LARGEST,
        lambda text: "[]",
        lambda text: '{"at": "noon"}',
        lambda text: '{"at": 1000.0}',
        lambda text: spoilt(text, mode="by hand"),
        lambda text: spoilt(text, session_id="00"),
        lambda text: "\udcff",
    ],
)
def test_a_file_that_is_damaged_is_said_and_costs_the_old_session_only(tmp_path, spoil):
    path = keep(tmp_path)
    path.write_bytes(spoil(path.read_text()).encode(errors="surrogateescape"))
    file = paused_file(tmp_path)
    assert file.found() is None
    assert [call.method_name for call in file.log.calls] == ["warning"]


def test_a_disk_that_fails_is_said(tmp_path):
    file = paused_file(tmp_path / "none")
    file.keep(KeepPaused(PAUSED))
    file.close()
    assert [call.method_name for call in file.log.calls] == ["error"]
