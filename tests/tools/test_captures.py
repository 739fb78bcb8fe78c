"""Our own captures, made anew: the simulated ones are the same, and say what they should."""

import json

import pytest

from seccstack.chronicle import Chronicle
from tools.captures import virtual
from tools.captures.card import Recording, expect, keep, replayed
from tools.captures.sniffer import wanted
from tools.record_captures import NAMES

QUICK = "own-no-match"


@pytest.fixture(scope="module")
def recording():
    [recording] = virtual.recordings([QUICK])
    return recording


def test_a_simulated_charge_is_the_same_each_time(recording):
    [again] = virtual.recordings([QUICK])
    assert again == recording


def test_its_card_says_how_to_make_it(recording):
    assert recording.origin.startswith(f"python -m tools.record_captures {QUICK}; seccstack ")


def test_what_is_asked_for_by_name_is_made_alone():
    assert list(virtual.recordings(["peer-din-dc"])) == []
    assert set(virtual.SCENES) < set(NAMES)


def test_a_recording_is_kept_with_what_comes_of_it(recording, tmp_path):
    card = keep(recording, tmp_path)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".pcapng", ".toml"]
    results = card.load()
    assert list(results) == ["replay", "drive"]
    assert results["replay"] == json.loads(json.dumps(replayed(card.find())))


def test_one_that_is_large_is_packed_and_takes_the_place_of_the_older(recording, tmp_path):
    keep(recording, tmp_path)
    keep(Recording(QUICK, "x", "y", recording.octets * 5), tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"{QUICK}{suffix}" for suffix in (".json", ".pcapng.xz", ".toml")]


def test_what_must_come_of_one_can_be_renewed(recording, tmp_path):
    card = keep(recording, tmp_path)
    before = card.results.read_bytes()
    card.results.write_text("{}")
    expect(card)
    assert card.results.read_bytes() == before


@pytest.mark.parametrize("name", ["own-ac-autocharge", "own-ac-pause", "own-ac-refused"])
def test_a_recording_holds_what_our_charger_itself_tells_of_the_plug_in(name, tmp_path):
    [recording] = virtual.recordings([name])
    [told] = told_by_charger(name)
    [read] = json.loads(json.dumps(replayed(keep(recording, tmp_path).find())))
    told = json.loads(json.dumps(told))
    assert [bare(one) for one in read["messages"]] == [bare(one) for one in told["messages"]]
    assert read["protocol"] == told["protocol"]
    for claim in ("slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid", "consistent"):
        assert read["identity"][claim] == told["identity"][claim]
    for fact in ("run_id", "evse_mac", "nid", "sounds", "attenuation_db", "matched"):
        assert read["slac"][fact] == told["slac"][fact]


def told_by_charger(name):
    """The session objects of a scene, by the chronicle of the charger in it."""
    chronicle = Chronicle(name)
    take = virtual.SCENES[name][1](name)
    take.world.observers.append(chronicle.observe)
    take.shoot()
    return list(chronicle.sessions)


def bare(message):
    return {key: message[key] for key in ("from", "schema", "name", "exi", "body")}


IPV6 = bytes(12) + b"\x86\xdd" + bytes(6)


@pytest.mark.parametrize(
    ("octets", "is_wanted"),
    [
        (bytes(12) + b"\x88\xe1" + bytes(40), True),
        (IPV6 + b"\x06", True),
        (IPV6 + b"\x11", True),
        (IPV6 + b"\x3a", False),
        (IPV6, False),
        (bytes(12) + b"\x08\x06" + bytes(40), False),
        (b"", False),
    ],
)
def test_only_what_this_field_speaks_is_sniffed(octets, is_wanted):
    assert wanted(octets) is is_wanted
