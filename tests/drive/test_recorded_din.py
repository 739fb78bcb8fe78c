"""Real cars at our charger in DIN SPEC 70121: every session that was recorded in it."""

import json

import pytest

from tests.drive.test_recorded import answers, driven, read
from tests.names import CAPTURES

# Where the recorded charger refused what it had to answer: a session may end after CableCheck,
# and PreCharge may be asked for again.
EXPECTED = {
    "opel-ampera-e-2023-01-13-din-spec-70121-session-ampera-dc-din-1": [
        ("SessionStopRes", "OK", "FAILED_SequenceError")
    ],
    "renault-zoe-z50-r135-din-spec-70121-dc-zoe-z50-r135-dc-charging": [
        ("PreChargeRes", "OK", "FAILED_SequenceError")
    ],
}
RESPONSES = {  # what a car on DC is told, in the order of the norm
    "supportedAppProtocolRes",
    "SessionSetupRes",
    "ServiceDiscoveryRes",
    "ServicePaymentSelectionRes",
    "ContractAuthenticationRes",
    "ChargeParameterDiscoveryRes",
    "CableCheckRes",
}
WITHOUT_LOOP = ("ampera-dc-din", "renault-zoe")  # what some sessions of these ended before


def in_din(shared, name):
    sessions = read(shared / "captures" / name)
    return [one for one in sessions if one.to_json()["protocol"] == "din"]


@pytest.fixture(scope="module")
def drives(shared):
    """By file: what was recorded in DIN, and the same cars at our charger."""
    found = {name: in_din(shared, name) for name in CAPTURES if "din" in name}
    return {
        name.split(".")[0]: [(one.to_json(), driven(one)) for one in sessions]
        for name, sessions in found.items()
        if sessions
    }


def test_there_are_as_many_as_there_are(drives):
    assert len(drives) == 23
    assert sum(map(len, drives.values())) == 26


def test_every_answer_has_the_recorded_code_but_where_theirs_was_wrong(drives):
    for name, sessions in drives.items():
        parted = [
            (parting["message"], parting["ours"], parting["theirs"])
            for _, ours in sessions
            for parting in ours["partings"]
        ]
        assert parted == EXPECTED.get(name, []), name


def test_each_car_comes_through_the_whole_of_it(drives):
    for name, sessions in drives.items():
        for _, ours in sessions:
            told = {answer for _, answer, _ in answers(ours) if answer.endswith("Res")}
            assert told >= RESPONSES, name
            loops = "CurrentDemandRes" in told
            assert loops or any(one in name for one in WITHOUT_LOOP), name
            assert any(change["closed"] for change in ours["contactor"]) or not loops
            assert not any("FAILED" in code for _, _, code in answers(ours)), name


def test_the_cars_are_who_they_were(drives):
    for sessions in drives.values():
        for recorded, ours in sessions:
            for claim in ("slac_mac", "ethernet_mac", "evccid"):
                assert ours["identity"][claim] == recorded["identity"][claim]


def test_a_surplus_octet_of_a_tesla_is_borne_with(drives):
    [(_, ours)] = drives["tesla-model-y-11-1-din-spec-70121-2023-03-30-1100-tesla-y-dinspec"]
    surplus = [m for m in ours["messages"] if m["name"] == "ContractAuthenticationReq"]
    assert any(message["exi"].endswith("00") for message in surplus)
    json.dumps(ours)
