"""The owner's records, and decisions as JSON."""

import pytest

from seccstack.auth.decision import (
    CardRecord,
    ContractRecord,
    Denied,
    Granted,
    Pending,
    VehicleRecord,
    objection,
    to_json,
)
from seccstack.errors import UsageError

MAC = bytes.fromhex("EC65CC4FC201")


@pytest.mark.parametrize(
    ("decision", "granted", "by"),
    [
        (Pending(("a card is awaited",)), None, None),
        (Granted("card", ("a card is awaited",)), True, "card"),
        (Denied(("a card is awaited",)), False, None),
    ],
)
def test_a_decision_as_json(decision, granted, by):
    assert to_json(decision) == {
        "granted": granted,
        "by": by,
        "reasons": ["a card is awaited"],
    }


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ({}, None),
        ({"enabled": False}, "is registered, but disabled"),
        ({"expired": True}, "is registered, but has expired"),
    ],
)
def test_what_speaks_against_a_record(state, why):
    assert objection(VehicleRecord(mac=MAC, **state)) == why
    assert objection(CardRecord(uid="04A1B2C3", **state)) == why


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"mac": MAC[:5]}, "a MAC address of 5 octets"),
        ({"mac": bytes(6)}, "000000000000 is all zeros"),
        ({"mac": MAC, "evccid": b""}, "an EVCCID of 0 octets"),
        ({"mac": MAC, "evccid": bytes(256)}, "an EVCCID of 256 octets"),
    ],
)
def test_a_vehicle_that_cannot_be_is_not_recorded(fields, problem):
    with pytest.raises(UsageError, match=problem):
        VehicleRecord(**fields)


@pytest.mark.parametrize("uid", ["04a1b2c3", "04:A1:B2:C3", "04A1B2", ""])
def test_a_card_is_recorded_under_its_number_in_one_form_only(uid):
    with pytest.raises(UsageError, match="card"):
        CardRecord(uid=uid)


def test_a_contract_is_named_by_the_14_characters_of_its_emaid():
    assert ContractRecord(emaid="DE8AA1A2B3C4D5").emaid == "DE8AA1A2B3C4D5"
    for text in ("DE-8AA-1A2B3C4D5", "DE8AA1A2B3C4D5V", "de8aa1a2b3c4d5", "nobody", ""):
        with pytest.raises(UsageError, match="is no eMAID of 14 upper-case characters"):
            ContractRecord(emaid=text)


@pytest.mark.parametrize("amps", [-1.0, 1000.1, float("nan")])
def test_a_vehicles_limit_is_one_that_an_outlet_could_have(amps):
    with pytest.raises(UsageError, match=r"a limit of \S+ A; give 0 to 1000"):
        VehicleRecord(mac=bytes.fromhex("EC65CC4FC201"), max_amps=amps)
