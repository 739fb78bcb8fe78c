"""What a vehicle says of itself, and whether it says one thing throughout."""

import json
from dataclasses import FrozenInstanceError

import pytest

from seccstack.auth.vehicle import (
    MAX_ALARMS,
    MAX_EVCCID,
    MAX_PROOFS,
    MAX_VALUES,
    NAMES,
    Evidence,
    Identity,
    Proof,
    Proven,
    Source,
    mac_from_evccid,
    mac_from_ipv6,
    show,
)
from seccstack.errors import UsageError

MAC = bytes.fromhex("EC65CC4FC201")
OTHER = bytes.fromhex("DC442711BBAA")
THIRD = bytes.fromhex("90125A000001")
VIN = b"WMIV1234567890ABCDEX"  # EVCCID of a dSPACE simulator, ISO 15118-20


def claiming(**claims):
    identity = Identity()
    for at, (claim, value) in enumerate(claims.items()):
        identity = identity.learn(claim, value, f"source of {claim}", float(at))
    return identity


ALL_FIVE = dict.fromkeys(NAMES, MAC)


def test_a_vehicle_that_says_one_thing_five_times_is_consistent():
    identity = claiming(**ALL_FIVE)
    assert identity.consistent is True
    assert identity.mac == identity.common_mac == MAC
    assert identity.disagreements == ()
    assert identity.sources == set(Source)


@pytest.mark.parametrize("claims", [{}, {"slac_mac": MAC}, {"evccid": VIN}, {"evccid": b""}])
def test_fewer_than_two_claims_cannot_be_consistent(claims):
    identity = claiming(**claims)
    assert identity.consistent is None
    assert identity.disagreements == ()


def test_a_single_claim_is_the_address_so_far():
    assert claiming(slac_mac=MAC).mac == MAC
    assert Identity().mac is None
    assert Identity().sources == frozenset()


@pytest.mark.parametrize("liar", NAMES)
def test_one_claim_of_five_that_differs_is_named(liar):
    identity = claiming(**{**ALL_FIVE, liar: OTHER})
    assert identity.consistent is False
    assert identity.mac is identity.common_mac is None
    assert identity.sources == frozenset()
    [sentence] = identity.disagreements
    assert f"DC442711BBAA ({NAMES[liar]})" in sentence


def test_a_disagreement_reads_as_a_sentence():
    identity = claiming(slac_mac=MAC, match_mac=MAC, ethernet_mac=MAC, evccid=OTHER)
    assert identity.disagreements == (
        "the vehicle goes by different MAC addresses: "
        "EC65CC4FC201 (SLAC, SLAC match and Ethernet), DC442711BBAA (EVCCID)",
    )


def test_a_claim_that_changes_is_a_disagreement_and_the_first_value_stays():
    identity = claiming(evccid=MAC).learn("evccid", OTHER, "SessionSetupReq", 9.0)
    assert identity.evccid == MAC
    assert identity.consistent is False
    assert identity.disagreements == (
        "EVCCID changed within the plug-in: EC65CC4FC201, then DC442711BBAA",
    )
    assert identity.evidence[-1] == Evidence("evccid", "DC442711BBAA", "SessionSetupReq", 9.0)


def test_a_claim_that_changes_back_has_still_changed():
    identity = claiming(slac_mac=MAC)
    for mac in (OTHER, MAC):
        identity = identity.learn("slac_mac", mac, "CM_SLAC_PARM.REQ", 9.0)
    assert identity.consistent is False


def test_what_is_repeated_is_kept_once_with_its_first_source_and_time():
    identity = claiming(slac_mac=MAC)
    assert identity.learn("slac_mac", MAC, "elsewhere", 9.0) is identity


def test_a_peer_that_changes_for_ever_fills_no_memory():
    identity = Identity()
    for number in range(1000):
        mac = number.to_bytes(6)
        identity = identity.learn("evccid", mac, "SessionSetupReq", 0.0)
        identity = identity.learn_address(f"fe80::{number + 1:x}", "SDP", 0.0)
    assert len(identity.evidence) == 2 * MAX_VALUES
    assert identity.consistent is False


@pytest.mark.parametrize("extra", [b"\0", b"\0\0", b"\1\2"])
def test_a_longer_evccid_does_not_agree_whatever_it_begins_or_ends_with(extra):
    for evccid in (MAC + extra, extra + MAC):
        identity = claiming(slac_mac=MAC, ethernet_mac=MAC, evccid=evccid)
        assert identity.evccid == evccid
        assert identity.consistent is False
        assert identity.mac is None
        assert identity.disagreements == (
            f"EVCCID {evccid.hex().upper()} is not a MAC address ({len(evccid)} octets)",
        )


def test_an_evccid_that_is_no_mac_address_leaves_the_address_the_others_share():
    identity = claiming(slac_mac=MAC, evccid=VIN)
    assert identity.common_mac == MAC
    assert identity.conflicts == ()
    assert identity.sources == {Source.SLAC}
    assert identity.foreign_evccid == (
        "EVCCID WMIV1234567890ABCDEX is not a MAC address (20 octets)"
    )


def test_a_name_of_iso_15118_20_neither_agrees_with_an_address_nor_contradicts_it():
    identity = claiming(slac_mac=MAC, evccid=VIN)
    assert identity.called == "WMIV1234567890ABCDEX"
    assert identity.disagreements == ()
    assert identity.consistent is None
    assert identity.notes == ("it calls itself WMIV1234567890ABCDEX, which is no MAC address",)
    assert claiming(slac_mac=MAC, ethernet_mac=MAC, evccid=VIN).consistent is True
    assert claiming(slac_mac=MAC, evccid=MAC).called is None


def test_an_empty_evccid_claims_nothing_and_is_noted():
    identity = claiming(slac_mac=MAC, evccid=b"")
    assert identity.consistent is None
    assert identity.notes == ("EVCCID was sent empty",)
    assert identity.to_json()["evccid"] == ""


def test_an_evccid_that_is_empty_first_and_an_address_later_has_changed():
    identity = claiming(evccid=b"").learn("evccid", MAC, "SessionSetupReq", 9.0)
    assert identity.disagreements == (
        "EVCCID changed within the plug-in: (empty), then EC65CC4FC201",
    )


def test_an_evccid_longer_than_any_schema_allows_is_cut_but_still_no_address():
    identity = claiming(slac_mac=MAC, evccid=bytes(10_000))
    assert len(identity.evccid) == MAX_EVCCID + 1
    assert identity.consistent is False


def test_a_mac_address_of_other_than_six_octets_is_our_own_mistake():
    with pytest.raises(UsageError, match="slac_mac of 5 octets"):
        Identity().learn("slac_mac", bytes(5), "test", 0.0)


def test_a_rotating_address_is_noted_and_no_disagreement():
    rotating = bytes.fromhex("007DFA087C85")
    identity = claiming(**dict.fromkeys(NAMES, rotating))
    assert identity.consistent is True
    [note] = identity.notes
    assert "new address for every plug-in" in note


def test_an_address_in_which_no_mac_is_is_evidence_but_no_claim():
    identity = claiming(slac_mac=MAC).learn_address("fe80::d268:d455:802a:22b6", "SDP", 1.0)
    assert identity.ipv6_mac is None
    assert identity.consistent is None
    assert identity.evidence[-1].claim == "ipv6_address"


def test_an_address_made_from_a_mac_claims_it():
    identity = Identity().learn_address("fe80::ee65:ccff:fe4f:c201", "SDP", 1.0)
    assert identity.ipv6_mac == MAC
    assert identity.evidence == (Evidence("ipv6_mac", "EC65CC4FC201", "SDP", 1.0),)


def test_joining_what_has_grown_gives_what_has_grown():
    early = claiming(slac_mac=MAC, evccid=MAC).learn_address("fe80::1", "SDP", 1.0)
    late = early.learn("evccid", OTHER, "SessionSetupReq", 9.0)
    assert early.joined(late) == late
    assert Identity().joined(late) == late
    assert late.joined(early) == late


def test_joining_another_identity_forgets_nothing_of_either():
    joined = Identity(slac_mac=MAC).joined(Identity(slac_mac=OTHER, evccid=THIRD))
    assert joined.values("slac_mac") == (MAC, OTHER)
    assert joined.evccid == THIRD
    assert joined.consistent is False


def test_an_identity_is_a_value():
    with pytest.raises(FrozenInstanceError):
        Identity().slac_mac = MAC


def test_the_json_of_an_identity_is_that_of_a_session():
    identity = claiming(slac_mac=MAC, evccid=MAC)
    assert json.loads(json.dumps(identity.to_json())) == {
        "slac_mac": "EC65CC4FC201",
        "match_mac": None,
        "ethernet_mac": None,
        "ipv6_mac": None,
        "evccid": "EC65CC4FC201",
        "consistent": True,
        "evidence": [
            {
                "claim": "slac_mac",
                "value": "EC65CC4FC201",
                "source": "source of slac_mac",
                "at": 0,
            },
            {"claim": "evccid", "value": "EC65CC4FC201", "source": "source of evccid", "at": 1},
        ],
    }


@pytest.mark.parametrize(
    ("address", "mac"),
    [
        ("fe80::27d:faff:fe08:7c85", "007DFA087C85"),  # Audi Q4, EVerest/logfiles
        ("fe80::27d:faff:fe08:7c85%eth1", "007DFA087C85"),
        ("fe80::d268:d455:802a:22b6", None),  # a random one, dSPACE
        ("fd00::27d:faff:fe08:7c85", None),  # not link-local
        ("192.0.2.1", None),
        ("", None),
    ],
)
def test_the_mac_inside_a_link_local_address(address, mac):
    assert mac_from_ipv6(address) == (bytes.fromhex(mac) if mac else None)


@pytest.mark.parametrize(
    ("evccid", "mac"),
    [
        (MAC, MAC),
        (b"EC65CC4FC201", MAC),
        (b"ec:65:cc:4f:c2:01", MAC),
        (VIN, None),
        (b"\xff" * 12, None),
        (b"", None),
        (MAC[:5], None),
    ],
)
def test_the_mac_that_an_evccid_is(evccid, mac):
    assert mac_from_evccid(evccid) == mac


@pytest.mark.parametrize(
    ("octets", "shown"), [(MAC, "EC65CC4FC201"), (VIN, VIN.decode()), (bytes(9), "00" * 9)]
)
def test_text_is_shown_as_text_and_octets_as_digits(octets, shown):
    assert show(octets) == shown


def identities(shared):
    """Every recorded session with an EVCCID: file, our identity, the index's comparison."""
    for line in (shared / "captures" / "index.jsonl").read_text().splitlines():
        capture = json.loads(line)
        for session in capture["sessions"]:
            if session.get("evccid"):
                yield capture["file"], told_by(session, capture), session["id_agree"]


def told_by(session, capture):
    identity = Identity()
    macs = {"slac_mac": session["id_slac"], "ethernet_mac": session["ev_l2_mac"]}
    for match in capture["match"]:
        if match["pev"] == session["id_slac"]:
            macs["match_mac"] = match["pev"]
    for claim, mac in macs.items():
        identity = identity.learn(claim, bytes.fromhex(mac.replace(":", "")), "capture", 0.0)
    identity = identity.learn_address(session["ev_ip"], "capture", 0.0)
    text = session["evccid"]
    evccid = bytes.fromhex(text) if len(text) == 12 else text.encode()
    return identity.learn("evccid", evccid, "capture", 0.0)


def test_real_vehicles_agree_wherever_the_index_of_recorded_sessions_says_so(shared):
    told = list(identities(shared))
    assert len(told) > 60
    for file, identity, agree in told:
        if identity.ipv6_mac is None:  # not made from a MAC: then there is nothing to compare
            agree = {pair: same for pair, same in agree.items() if "ipv6" not in pair}
        if identity.called is not None:  # a name, which no address can be compared with
            agree = {pair: same for pair, same in agree.items() if "evccid" not in pair}
        assert identity.consistent is all(agree.values()), file


def test_the_mac_in_recorded_addresses_is_the_one_the_index_has(shared):
    for line in (shared / "captures" / "index.jsonl").read_text().splitlines():
        for session in json.loads(line)["sessions"]:
            mac = mac_from_ipv6(session["ev_ip"])
            assert session["ev_ip_mac"] == ("not-EUI64" if mac is None else mac.hex(":"))


# Stations.

FIRST, SECOND = "fe80::1", "fe80::2"


@pytest.mark.parametrize("later", [SECOND, "fe80::ee65:ccff:fe4f:c201"])
def test_who_discovers_from_one_address_and_connects_from_another_contradicts_itself(later):
    identity = Identity().learn_address(FIRST, "SDP", 0.0)
    assert identity.conflicts == ()
    [why] = identity.learn_address(later, "TCP", 1.0).conflicts
    assert why.startswith("it speaks from different IPv6 addresses: fe80::1 (SDP), then ")
    assert why.endswith("(TCP)")


def test_who_keeps_its_address_does_not_whatever_it_is_made_of():
    identity = claiming(**ALL_FIVE).learn_address("fe80::ee65:ccff:fe4f:c201", "TCP", 1.0)
    assert identity.conflicts == ()
    twice = Identity().learn_address(FIRST, "SDP", 0.0).learn_address(FIRST, "TCP", 1.0)
    assert twice.conflicts == ()


# Proofs and alarms.

CONTRACT = (Proven.CONTRACT, "DE8AA1A2B3C4D5V", "AuthorizationReq", 4.0)


def test_a_proof_is_kept_once_with_where_it_comes_from_and_changes_no_claim():
    identity = claiming(**ALL_FIVE).prove(*CONTRACT).prove(*CONTRACT)
    assert identity.proofs == (Proof(*CONTRACT),)
    assert identity.to_json()["proofs"][0]["value"] == "DE8AA1A2B3C4D5V"
    assert identity.evidence == claiming(**ALL_FIVE).evidence


def test_who_has_proven_nothing_says_nothing_of_proofs():
    assert "proofs" not in claiming(**ALL_FIVE).to_json()


def test_a_second_station_is_a_conflict_said_once():
    identity = claiming(**ALL_FIVE).alarm("it asks twice").alarm("it asks twice")
    assert identity.conflicts == ("another station uses this vehicle's address: it asks twice",)
    assert identity.consistent is False


def test_of_proofs_and_alarms_there_are_only_so_many():
    identity = Identity()
    for number in range(100):
        identity = identity.prove(Proven.CONTRACT, str(number), "", 0.0).alarm(str(number))
    assert (len(identity.proofs), len(identity.alarms)) == (MAX_PROOFS, MAX_ALARMS)


def test_they_are_joined_with_all_else():
    told = claiming(**ALL_FIVE).prove(*CONTRACT).alarm("twice")
    assert Identity().joined(told) == told


def test_the_first_address_is_the_first_whatever_came_later():
    assert claiming(slac_mac=MAC, evccid=OTHER).first_mac == MAC
    assert Identity().first_mac is None
