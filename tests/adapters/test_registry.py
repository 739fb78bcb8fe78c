"""The registry in a file: what it keeps, and what it says of files it cannot use."""

import sqlite3
import stat
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from sqlalchemy import event

from seccstack.adapters.registry import open_registry
from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.auth.port import RegistryError, sighting_of
from seccstack.errors import UsageError
from tests.auth.registry_contract import (
    CARD,
    I4,
    MAC,
    MOST,
    NOW,
    OTHER,
    RegistryContract,
    seen,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vehicles.sqlite"


class TestSqlRegistry(RegistryContract):
    @pytest.fixture
    def registry(self, path):
        registry = open_registry(path, clock=lambda: NOW, most=MOST)
        yield registry
        registry.close()


@pytest.fixture
def registry(path):
    registry = open_registry(path)
    yield registry
    registry.close()


def test_what_was_registered_is_there_after_a_restart(path, registry):
    registry.put([I4, CARD])
    registry.record_sighting(sighting_of(seen(1.0), NOW))
    registry.close()
    again = open_registry(path)
    assert [*again.vehicles(), *again.cards()] == [
        replace(I4, last_seen=NOW, first_seen=NOW, times_seen=1),
        CARD,
    ]
    assert len(again.sightings()) == 1
    again.close()


def test_two_processes_may_use_it_at_once(path, registry):
    other = open_registry(path)
    other.add_vehicle(I4)
    registry.add_card(CARD)
    assert registry.vehicle(MAC) == I4
    assert other.card(CARD.uid) == CARD
    other.close()


def test_threads_may_use_it_at_once(registry):
    def sight(at):
        registry.record_sighting(sighting_of(seen(at), NOW))

    registry.add_vehicle(I4)
    threads = [threading.Thread(target=sight, args=[float(at)]) for at in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert registry.vehicle(MAC).times_seen == 8


def test_a_file_that_is_no_database_is_named_and_left_alone(path):
    path.write_text("my diary\n" * 1000)
    with pytest.raises(RegistryError, match=f"{path} is not a registry .* left as it is"):
        open_registry(path)
    assert path.read_text() == "my diary\n" * 1000


def test_another_programs_database_is_named_and_left_alone(path):
    theirs = sqlite3.connect(path)
    theirs.execute("CREATE TABLE vehicles (mac)")
    theirs.commit()
    theirs.close()
    before = path.read_bytes()
    with pytest.raises(RegistryError, match=f"{path} is another program's database"):
        open_registry(path)
    assert path.read_bytes() == before


def test_a_registry_of_a_later_version_is_refused(path, registry):
    registry.close()
    scribble(path, "PRAGMA user_version = 5")
    with pytest.raises(RegistryError, match="has version 5, this program reads version 4"):
        open_registry(path)


def test_a_damaged_registry_is_named_and_left_alone(path, registry):
    registry.put(replace(I4, mac=b"\2" + number.to_bytes(5)) for number in range(1000))
    registry.close()
    whole = path.read_bytes()
    damaged = whole[:4096] + bytes(len(whole) - 4096)
    path.write_bytes(damaged)
    with pytest.raises(RegistryError, match=f"{path} is damaged .* import"):
        open_registry(path)
    assert path.read_bytes() == damaged


@pytest.mark.parametrize("mac", ["not hex", "0011", "FFFFFFFFFFFF"])
def test_a_row_that_someone_else_has_written_is_not_believed(path, registry, mac):
    registry.add_vehicle(I4)
    scribble(path, "UPDATE vehicles SET mac = ?", mac)
    with pytest.raises(RegistryError, match="holds what it should not"):
        registry.vehicles()


def test_what_was_written_outlives_the_power_too(registry):
    """No kill shows that; SQLite says of itself how it writes: EXTRA is 3."""
    with registry._database.transaction() as db:
        said = [
            db.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("synchronous", "journal_mode")
        ]
    assert said == [3, "delete"]


def test_only_its_user_may_read_a_new_registry_and_an_old_one_keeps_its_rights(path):
    open_registry(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o640)
    open_registry(path).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RegistryError, match=r"cannot be opened .* see that its folder exists"):
        open_registry(tmp_path / "nowhere" / "vehicles.sqlite")


def test_a_registry_that_must_exist_is_not_made(path):
    with pytest.raises(
        RegistryError, match=r"no registry .* `seccstack vehicles add` makes one"
    ):
        open_registry(path, create=False)
    assert not path.exists()


def test_a_registry_that_cannot_be_written_says_so_and_can_still_be_read(path, registry):
    registry.add_vehicle(I4)
    pragma(registry, "query_only = ON")
    with pytest.raises(RegistryError, match=r"cannot be written .* mounted read-only"):
        registry.add_card(CARD)
    assert registry.vehicle(MAC) == I4


def test_a_full_disk_is_called_a_full_disk_and_what_was_there_stays(registry):
    registry.add_vehicle(I4)
    pragma(registry, "max_page_count = 1")
    with pytest.raises(RegistryError, match=r"the disk is full.* still there"):
        registry.put(replace(I4, mac=b"\2" + number.to_bytes(5)) for number in range(1000))
    assert list(registry.vehicles()) == [I4]


def test_a_registry_that_another_process_does_not_let_go_of_is_called_busy(path, registry):
    holder = sqlite3.connect(path)
    holder.execute("BEGIN EXCLUSIVE")
    pragma(registry, "busy_timeout = 10")
    with pytest.raises(RegistryError, match=r"being written by another process .* try again"):
        registry.add_vehicle(I4)
    holder.close()


def test_an_error_nobody_has_foreseen_is_passed_on_with_the_file(path, registry):
    scribble(path, "DROP TABLE cards")
    with pytest.raises(RegistryError, match=f"registry {path} failed: no such table: cards"):
        registry.cards()


def test_a_duplicate_does_not_leave_the_registry_locked(registry):
    registry.add_vehicle(I4)
    with pytest.raises(UsageError):
        registry.add_vehicle(I4)
    registry.add_vehicle(replace(I4, mac=OTHER))


def test_opening_a_registry_is_what_loads_sqlalchemy():
    program = "import sys, seccstack.adapters.registry; sys.exit('sqlalchemy' in sys.modules)"
    importing = subprocess.run([sys.executable, "-c", program], check=False)  # noqa: S603
    assert importing.returncode == 0


def scribble(path, statement, *values):
    db = sqlite3.connect(path)
    db.execute(statement, values)
    db.commit()
    db.close()


def pragma(registry, setting):
    """Set what a connection of SQLite's brings real errors from SQLite with."""
    event.listen(
        registry._database.engine,
        "checkout",
        lambda db, *_: db.execute(f"PRAGMA {setting}").close(),
    )


VERSION_3 = """
DROP TABLE experiences; ALTER TABLE vehicles DROP COLUMN certificate;
PRAGMA user_version = 3;
"""
VERSION_2 = f"""{VERSION_3}
DROP TABLE contracts; DROP TABLE audit; DROP TABLE kept;
DROP INDEX sightings_of_box; ALTER TABLE sightings DROP COLUMN box;
ALTER TABLE cards DROP COLUMN setup; ALTER TABLE vehicles DROP COLUMN max_amps;
ALTER TABLE vehicles DROP COLUMN first_seen; ALTER TABLE vehicles DROP COLUMN proven_at;
PRAGMA user_version = 2;
"""
VERSION_1 = f"""{VERSION_2}
DROP TABLE prints; DROP TABLE tls_vehicles; ALTER TABLE sightings DROP COLUMN fingerprint;
PRAGMA user_version = 1
"""


@pytest.mark.parametrize("before", [VERSION_1, VERSION_2, VERSION_3])
def test_a_registry_of_an_earlier_version_is_brought_up_to_date_and_keeps_all(
    path, registry, before
):
    registry.put([I4, CARD])
    registry.record_sighting(sighting_of(seen(1.0), NOW))
    registry.close()
    with closing(sqlite3.connect(path)) as file:
        file.executescript(before)
    for _ in range(2):
        again = open_registry(path)
        assert again.vehicle(MAC) == replace(I4, times_seen=1, first_seen=NOW, last_seen=NOW)
        assert again.card(CARD.uid) == CARD
        assert again.sightings()[0].fingerprint == NOTHING
        assert (again.used_tls(MAC), again.prints(MAC)) == (False, ())
        assert (again.contracts(), again.audit(), again.kept("x")) == ([], [], None)
        again.close()


def test_a_registry_of_the_second_version_keeps_its_fingerprints(path, registry):
    registry.add_vehicle(I4)
    registry.learn(MAC, Fingerprint(sdp=0.4))
    registry.close()
    with closing(sqlite3.connect(path)) as file:
        file.executescript(VERSION_2)
    again = open_registry(path)
    assert again.prints(MAC) == (Fingerprint(sdp=0.4),)
    again.close()


def test_a_fingerprint_that_someone_else_has_written_is_not_believed(path, registry):
    registry.put([I4])
    registry.learn(MAC, Fingerprint(sdp=0.4))
    scribble(path, "UPDATE prints SET prints = '[7]'")
    with pytest.raises(RegistryError, match=r"holds what it should not .a fingerprint is an"):
        registry.prints(MAC)
