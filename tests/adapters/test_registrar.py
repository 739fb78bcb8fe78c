"""The registry's place in a running charger, in a file and on a server that comes and goes."""

import json
from contextlib import closing
from pathlib import Path

import pytest
import structlog

from seccstack.adapters.registrar import MOST_WAITING, Registrar
from seccstack.adapters.registry import open_registry
from seccstack.auth.audit import AuditKind
from seccstack.auth.contract import UNANSWERED, ContractFound, LookUpContract
from seccstack.auth.decision import Granted, to_json
from seccstack.auth.enrolment_events import Enrol, EnrolAnswered
from seccstack.auth.events import CardFound, LookUpCard, LookUpVehicle, VehicleFound
from seccstack.auth.port import Enrolled
from seccstack.auth.vehicle import Identity
from seccstack.config import Config, Registry
from seccstack.events import RecordSighting
from tests.adapters.conftest import run, until
from tests.auth.registry_contract import CARD, CONTRACT, I4, MAC
from tests.programs import SECCSTACK, Program, seccstack

EMAID = "DE-8AA-1A2B3C4D5-V"
VEHICLE = "EC65CC010203"


@pytest.fixture
def place(tmp_path):
    return Registry(str(tmp_path / "registry.sqlite"))


def kept(place):
    """Open what a registrar has had kept."""
    return closing(open_registry(place.url or Path(place.path)))


def with_registrar(place, talk):
    """Return what a registrar has told the outlet."""
    told = []

    async def scenario():
        registrar = Registrar(Config(registry=place), told.append, structlog.get_logger())
        try:
            await talk(registrar, told)
        finally:
            registrar.close()

    with structlog.testing.capture_logs() as log:
        run(scenario())
    return told, log


def asked(place, *questions):
    async def talk(registrar, told):
        for question in questions:
            registrar.take(question)
        await until(lambda: len(told) == len(questions))

    return with_registrar(place, talk)[0]


def test_who_is_asked_about_is_answered(place):
    with kept(place) as registry:
        registry.put([I4, CARD, CONTRACT])
    vehicle, card, contract = asked(
        place, LookUpVehicle(MAC), LookUpCard(CARD.uid), LookUpContract(EMAID, ())
    )
    assert vehicle == VehicleFound(MAC, I4)
    assert card == CardFound(CARD.uid, CARD)
    assert contract == ContractFound(EMAID, None, "and it is registered (fleet)")


def test_a_registry_that_fails_finds_nobody_and_says_why(tmp_path):
    questions = LookUpVehicle(MAC), LookUpCard(CARD.uid), LookUpContract(EMAID, ())
    told = asked(Registry(str(tmp_path / "none" / "r.sqlite")), *questions)
    assert told == [
        VehicleFound(MAC, None, failed=True),
        CardFound(CARD.uid, None, failed=True),
        ContractFound(EMAID, UNANSWERED, "the registry cannot be asked"),
    ]


def test_what_is_registered_at_the_charger_is_in_the_trail(place):
    told = asked(place, Enrol(1, I4, 9), Enrol(2, CARD, 9), Enrol(3, CARD, 9))
    assert told == [
        EnrolAnswered(1, Enrolled.ADDED),
        EnrolAnswered(2, Enrolled.ADDED),
        EnrolAnswered(3, Enrolled.KNOWN),
    ]
    with kept(place) as registry:
        card, vehicle = registry.audit()
    assert (vehicle.kind, vehicle.mac, card.uid) == (AuditKind.ENROLLED, MAC, CARD.uid)
    assert card.box == Config().charger.evse_id


def test_what_is_decided_is_in_the_trail_and_who_was_here_is_seen(place):
    async def talk(registrar, told):
        registrar.noted("plugged in", {"plug_in": 7})
        seen = Identity().learn("slac_mac", MAC, "SLAC", 1.0)
        registrar.take(RecordSighting(seen, None))
        registrar.take(LookUpCard(CARD.uid))
        granted = Granted("card", (f"card {CARD.uid} is registered",))
        registrar.noted("decision", to_json(granted))

    with_registrar(place, talk)
    with kept(place) as registry:
        [entry] = registry.audit()
        [sighting] = registry.sightings()
    assert (entry.kind, entry.uid, entry.plug_in) == (AuditKind.GRANTED, CARD.uid, 7)
    assert sighting.mac == MAC


def decide(registrar, number):
    registrar.noted("plugged in", {"plug_in": number})
    registrar.noted("decision", to_json(Granted("open", (f"no. {number}",))))


def test_a_registry_that_was_away_is_told_later_what_was_decided(tmp_path):
    place = Registry(str(tmp_path / "away" / "registry.sqlite"))

    async def talk(registrar, told):
        for number in range(3):
            decide(registrar, number)
        registrar.take(LookUpCard(CARD.uid))
        await until(lambda: told)
        (tmp_path / "away").mkdir()
        decide(registrar, 3)

    _, log = with_registrar(place, talk)
    assert "cannot be opened" in log[0]["why"]
    with kept(place) as registry:
        assert [entry.plug_in for entry in registry.audit()] == [3, 2, 1, 0]


def test_of_very_much_that_waits_the_latest_is_told(tmp_path):
    place = Registry(str(tmp_path / "away" / "registry.sqlite"))

    async def talk(registrar, told):
        for number in range(MOST_WAITING + 5):
            decide(registrar, number)
        registrar.take(LookUpCard(CARD.uid))
        await until(lambda: told)
        (tmp_path / "away").mkdir()
        decide(registrar, 999)

    with_registrar(place, talk)
    with kept(place) as registry:
        assert len(registry.audit()) == MOST_WAITING
        assert registry.audit()[0].plug_in == 999


# On a server that goes away under a running charger.


def entry(folder, **fields):
    said = seccstack("vehicles", "history", "--json", "--config", "secc.toml", folder=folder)
    lines = map(json.loads, said.splitlines())
    return [line for line in lines if fields.items() <= line.items()]


def test_a_charger_lives_on_without_its_server_and_finds_it_again(tmp_path, postgres):
    url = postgres.url(postgres.schema())
    access = '[access]\npolicy = "autocharge"\ncard_wait_seconds = 0\n'
    registry = f'[registry]\nurl = "{url}"\nbox = "row 3"\n'
    (tmp_path / "secc.toml").write_text(f"{access}{registry}")
    config = ("--config", "secc.toml")
    seccstack("vehicles", "add", VEHICLE, *config, folder=tmp_path)
    command = [*SECCSTACK, "run", *config]
    with Program(command, tmp_path, lines_on="stderr") as program:
        program.expect(event="ready")
        postgres.stop()
        try:
            seccstack("tell", "plug", *config, folder=tmp_path)
            program.expect(lambda line: "cannot be reached" in line["why"], event="registry")
            program.expect(event="decision", granted=False)
            seccstack("tell", "unplug", *config, folder=tmp_path)
            place = program.expect(event="unplugged")
        finally:
            postgres.start()
        seccstack("tell", "plug", *config, folder=tmp_path)
        program.expect(event="contactor", closed=True, after=place)
        assert program.end() == 0
    [granted] = entry(tmp_path, kind="granted")
    assert (granted["box"], granted["mac"], granted["plug_in"]) == ("row 3", VEHICLE, 2)
    assert [line["plug_in"] for line in entry(tmp_path, kind="denied")][:1] == [1]
