"""Real processes at one registry, in a file and on a server: killed, and many at once."""

import subprocess
import sys
from contextlib import ExitStack, closing

import pytest

from seccstack.adapters.registry import open_registry
from seccstack.auth.port import Enrolled
from tests.auth.registry_contract import CARD, I4, MAC, NOW

OPEN = """
import sys
from pathlib import Path
from seccstack.adapters.registry import open_registry
from seccstack.auth.audit import AuditEntry, AuditKind
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.port import sighting_of
from seccstack.auth.vehicle import Identity
place, box = sys.argv[1:]
registry = open_registry(place if "://" in place else Path(place), box=box)
"""
# One thing after the other, each said once it is acknowledged.
WRITER = f"""{OPEN}
for number in range(100_000):
    mac = b"\\2" + number.to_bytes(5)
    registry.add_vehicle(VehicleRecord(mac=mac))
    print(mac.hex().upper(), flush=True)
    registry.record_decision(AuditEntry(at=1.0, kind=AuditKind.ENROLLED, mac=mac))
    print("audit", mac.hex().upper(), flush=True)
    registry.keep("state", str(number))
    print("kept", number, flush=True)
"""
BOX = f"""{OPEN}
sys.stdin.readline()  # all begin at once
for number in range(10):
    card = CardRecord(uid=f"0400{{number:04X}}")
    print(card.uid, registry.enrol(card, 7).value)
    seen = Identity().learn("slac_mac", bytes.fromhex("EC65CC4FC201"), "SLAC", float(number))
    registry.record_sighting(sighting_of(seen, 1760000000.0 + number))
    registry.record_decision(AuditEntry(at=float(number), kind=AuditKind.GRANTED, box=box))
    registry.put([VehicleRecord(mac=b"\\2" + number.to_bytes(5), label=box)])
"""
BOXES = 3


@pytest.fixture(params=["file", "server"])
def place(request, tmp_path):
    if request.param == "file":
        return tmp_path / "vehicles.sqlite"
    postgres = request.getfixturevalue("postgres")
    return postgres.url(postgres.schema())


def process(program, place, box=""):
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", program, str(place), box],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said_until_killed(place, lines, kill):
    with process(WRITER, place) as writer:
        said = [writer.stdout.readline() for _ in range(lines)]
        kill(writer)
        said += writer.stdout.readlines()
        writer.kill()
    return [line.strip() for line in said]


def check_that_nothing_is_lost(place, said):
    with closing(open_registry(place)) as survivor:
        there = [record.mac.hex().upper() for record in survivor.vehicles()]
        there += [f"audit {entry.mac.hex().upper()}" for entry in survivor.audit()]
        kept = survivor.kept("state")
        numbers = [] if kept is None else range(int(kept) + 1)
        there += [f"kept {number}" for number in numbers]
        assert set(said) <= set(there)
        assert len(there) <= len(said) + 1  # at most the one that was written but not said
        survivor.add_card(CARD)


@pytest.mark.parametrize("lines", [1, 2, 3, 40])
def test_a_kill_at_work_loses_nothing_that_was_acknowledged(place, lines):
    said = said_until_killed(place, lines, lambda writer: writer.kill())
    check_that_nothing_is_lost(place, said)


@pytest.mark.parametrize("lines", [2, 25])
def test_a_kill_of_the_server_loses_nothing_either(postgres, lines):
    url = postgres.url(postgres.schema())
    said = said_until_killed(url, lines, lambda writer: postgres.kill())
    postgres.start()
    check_that_nothing_is_lost(url, said)


def test_boxes_that_work_at_once_lose_nothing_and_double_nothing(place):
    with closing(open_registry(place)) as registry:
        registry.put([I4, CARD])
        check_enrolled(registry, together(place))
        assert len(registry.vehicles()) == 11
        assert registry.vehicle(MAC).times_seen == 10 * BOXES
        assert registry.vehicle(MAC).last_seen == NOW + 9
        assert len(registry.sightings()) == len(registry.audit()) == 10 * BOXES
        boxes = {entry.box for entry in registry.audit()}
        assert sorted(boxes) == [f"box {number}" for number in range(BOXES)]


def check_enrolled(registry, said):
    """Each card was added once, by one box, as long as there was room."""
    answers = [line.split() for line in said]
    added = [uid for uid, what in answers if what == Enrolled.ADDED.value]
    assert len(added) == len(set(added))
    assert sorted([*added, CARD.uid]) == [card.uid for card in registry.cards()]
    assert len(registry.cards()) <= 7


def together(place):
    """Let boxes begin at once; return all lines they say."""
    with ExitStack() as running:
        boxes = [
            running.enter_context(process(BOX, place, f"box {number}"))
            for number in range(BOXES)
        ]
        for box in boxes:
            box.stdin.write("go\n")
            box.stdin.flush()
        lines = [line for box in boxes for line in box.stdout.read().splitlines()]
    assert [box.returncode for box in boxes] == [0] * BOXES
    return lines


def test_boxes_that_meet_an_empty_place_at_once_make_one_registry(place):
    together(place)
    with closing(open_registry(place)) as registry:
        assert len(registry.cards()) <= 7
        assert len(registry.sightings()) == 10 * BOXES
