"""The registry on a PostgreSQL server: the same contract, and what only a server can do."""

import subprocess
import sys
from contextlib import ExitStack, closing
from dataclasses import replace

import psycopg
import pytest

from seccstack.adapters.registry import open_registry
from seccstack.adapters.registry_postgres import ADVICE, WRITERS, PostgresDatabase
from seccstack.auth.port import RegistryError, sighting_of
from tests.auth.registry_contract import CARD, I4, MAC, MOST, NOW, RegistryContract, seen

REFUSED = "cannot be reached .* see that it runs and is reached from here"


@pytest.fixture
def schema(postgres):
    return postgres.schema()


@pytest.fixture
def url(postgres, schema):
    return postgres.url(schema)


@pytest.fixture
def opened():
    """Opens registries, and closes them."""
    with ExitStack() as all_of_them:

        def opened(url, **options):
            return all_of_them.enter_context(closing(open_registry(url, **options)))

        yield opened


@pytest.fixture
def registry(opened, url):
    return opened(url)


class TestPostgresRegistry(RegistryContract):
    @pytest.fixture
    def registry(self, opened, url):
        return opened(url, clock=lambda: NOW, most=MOST)


def test_boxes_share_what_is_registered_and_keep_their_own_state(opened, url, registry):
    other = opened(url, box="DE*ABC*E2")
    other.add_vehicle(I4)
    other.keep("tariff", "theirs")
    assert registry.vehicle(MAC) == I4
    assert registry.kept("tariff") is None


def test_two_boxes_that_see_the_same_words_have_two_sightings(opened, url, registry):
    other = opened(url, box="DE*ABC*E2")
    registry.add_vehicle(I4)
    for box in (registry, other, registry):
        box.record_sighting(sighting_of(seen(1.0), NOW))
    assert [sighting.box for sighting in registry.sightings()] == ["DE*ABC*E2", ""]
    assert registry.vehicle(MAC).times_seen == 2


def test_a_server_that_comes_back_is_found_again(postgres, registry):
    registry.add_vehicle(I4)
    postgres.stop()
    try:
        for _ in range(2):
            with pytest.raises(RegistryError, match=REFUSED):
                registry.vehicle(MAC)
    finally:
        postgres.start()
    assert registry.vehicle(MAC) == I4


def test_a_server_that_is_not_there_yet_is_waited_for(opened, postgres, url):
    postgres.stop()
    try:
        registry = opened(url)
        with pytest.raises(RegistryError, match=REFUSED):
            registry.add_card(CARD)
    finally:
        postgres.start()
    registry.add_card(CARD)
    assert registry.card(CARD.uid) == CARD


def test_tables_of_another_program_are_named_and_left_alone(opened, postgres, schema, url):
    postgres.execute("CREATE TABLE vehicles (mac TEXT)", schema)
    registry = opened(url)
    with pytest.raises(RegistryError, match=r"tables of another program \(vehicles\)"):
        registry.vehicles()
    postgres.execute("SELECT mac FROM vehicles", schema)


@pytest.mark.parametrize("version", ["5", "0", "NULL"])
def test_a_version_that_is_not_known_is_refused(
    opened, postgres, schema, url, registry, version
):
    registry.vehicles()
    postgres.execute("DELETE FROM seccstack_schema", schema)
    postgres.execute(f"INSERT INTO seccstack_schema VALUES ({version})", schema)  # noqa: S608
    with pytest.raises(RegistryError, match="this program reads version 4; install"):
        opened(url).vehicles()


VERSION_2 = """
DROP TABLE contracts; DROP TABLE audit; DROP TABLE kept;
DROP INDEX sightings_of_box; ALTER TABLE sightings DROP COLUMN box;
ALTER TABLE cards DROP COLUMN setup; ALTER TABLE vehicles DROP COLUMN max_amps;
ALTER TABLE vehicles DROP COLUMN first_seen; ALTER TABLE vehicles DROP COLUMN proven_at;
ALTER TABLE vehicles DROP COLUMN certificate;
UPDATE seccstack_schema SET version = 2
"""


def test_tables_of_an_earlier_version_are_brought_up_to_date_and_keep_all(
    opened, postgres, schema, url, registry
):
    registry.put([I4, CARD])
    registry.record_sighting(sighting_of(seen(1.0), NOW))
    postgres.execute(VERSION_2, schema)
    for again in (opened(url), opened(url)):
        assert again.vehicle(MAC) == replace(I4, times_seen=1, first_seen=NOW, last_seen=NOW)
        assert again.card(CARD.uid) == CARD
        assert again.sightings()[0].box == ""
        assert (again.contracts(), again.audit(), again.kept("x")) == ([], [], None)


def test_who_writes_waits_for_who_writes_and_not_for_ever(url, registry):
    registry.vehicles()
    with psycopg.connect(url) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({WRITERS})")
        assert registry.vehicle(MAC) is None
        with pytest.raises(RegistryError, match="being written by others for too long"):
            registry.add_vehicle(I4)
    registry.add_vehicle(I4)


def test_who_makes_the_tables_waits_for_who_makes_them(opened, postgres, schema, url, registry):
    registry.vehicles()
    postgres.execute(VERSION_2, schema)
    late = opened(url)
    with psycopg.connect(url) as other:
        other.execute(f"SELECT pg_advisory_xact_lock({WRITERS})")
        with pytest.raises(RegistryError, match="being written by others for too long"):
            late.vehicles()
    assert late.vehicles() == []


def test_a_right_that_is_lacking_is_named(opened, postgres, schema, registry):
    registry.add_vehicle(I4)
    name = f"reader_of_{schema}"
    postgres.execute(f"CREATE USER {name}")
    postgres.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}")
    postgres.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {name}")
    reader = opened(postgres.url(schema, user=name))
    assert reader.vehicle(MAC) == I4
    with pytest.raises(RegistryError, match=r"lacks a right .* GRANT it to this user"):
        reader.add_card(CARD)


def test_a_database_or_user_that_is_not_there_is_named(opened, postgres):
    for url in (postgres.url(database="none"), postgres.url(user="nobody")):
        with pytest.raises(RegistryError, match=r"is not there .* with createuser"):
            opened(url).vehicles()


def test_a_row_that_someone_else_has_written_is_not_believed(postgres, schema, registry):
    registry.add_vehicle(I4)
    postgres.execute("UPDATE vehicles SET mac = 'not hex'", schema)
    with pytest.raises(RegistryError, match=r"holds what it should not .* who else writes it"):
        registry.vehicles()


def test_an_error_nobody_has_foreseen_is_passed_on(postgres, schema, registry):
    registry.vehicles()
    postgres.execute("DROP TABLE cards", schema)
    with pytest.raises(RegistryError, match='failed: relation "cards" does not exist'):
        registry.cards()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ada:s3cret@127.0.0.1:1/registry?connect_timeout=2",
        "postgresql://ada:s3cret@/registry?host=/nowhere&sslpassword=s3cret",
        "postgresql://ada:s3cret@/registry?nonsense=s3cret",
        "postgresql://ada:s3cret@host:s3cret/registry",
        "mysql://ada:s3cret@host/registry",
        "s3cret",
    ],
)
def test_no_password_is_ever_said(opened, url):
    with pytest.raises(RegistryError) as error:
        opened(url).vehicles()
    told = f"{error.value} {error.value.__cause__!r} {error.value!r}"
    assert "s3cret" not in told


def test_whatever_is_said_with_the_password_in_it_is_told_without():
    with closing(PostgresDatabase("postgresql://ada:s3cret@host/registry")) as database:
        told = str(database._explained(OSError("cannot use ada:s3cret here")))
    assert "cannot use ada:*** here" in told


def test_a_wrong_password_is_not_said_either(opened, postgres):
    postgres.execute("CREATE USER ada PASSWORD 's3cret'")
    asked = postgres.folder / "data" / "pg_hba.conf"
    before = asked.read_text()
    asked.write_text("local all ada scram-sha-256\n" + before)
    postgres.execute("SELECT pg_reload_conf()")
    try:
        database = PostgresDatabase(postgres.url(user="ada:wr0ng"))
        with (
            pytest.raises(RegistryError, match=r"refuses this user .* correct") as error,
            database.transaction(),
        ):
            pass
        assert "wr0ng" not in str(error.value)
        with pytest.raises(RegistryError, match=r"wants a password .* ~/.pgpass"):
            opened(postgres.url(user="ada")).vehicles()
    finally:
        asked.write_text(before)
        postgres.execute("SELECT pg_reload_conf()")


def test_without_psycopg_it_is_said_what_to_install():
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from seccstack.adapters.registry import open_registry\n"
        "open_registry('postgresql://ada@host/registry')"
    )
    failed = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert "pip install 'seccstack[postgres]'" in failed.stderr


def test_every_advice_is_a_pattern_with_a_remedy():
    assert all(problem and advice for problem, advice in ADVICE.values())
