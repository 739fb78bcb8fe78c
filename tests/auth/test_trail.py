"""What an outlet's trail keeps of what is told of it."""

import pytest

from seccstack.auth.audit import AuditKind
from seccstack.auth.decision import Denied, Granted, Pending, to_json
from seccstack.auth.emaid import normal
from seccstack.auth.trail import MAX_CARDS, MOST_DENIALS, MOST_PER_PLUG_IN, Trail
from seccstack.auth.vehicle import Identity, Proven

MAC = bytes.fromhex("EC65CC010203")
UID = "04A1B2C3D4E5F6"
EMAID = "DE8AA1A2B3C4D5V"


@pytest.fixture
def trail():
    trail = Trail("DE*ABC*E1")
    trail.noted("plugged in", {"plug_in": 7}, 1.0)
    return trail


def said(**claims):
    identity = Identity()
    for claim, value in claims.items():
        identity = identity.learn(claim, value, "message", 1.0)
    return identity


def decided(trail, decision):
    return trail.noted("decision", to_json(decision), 9.0)


def test_who_was_let_in_is_kept_with_reasons_and_evidence(trail):
    trail.noted("identity", said(slac_mac=MAC, evccid=MAC).to_json(), 2.0)
    known = {"stage": "confirmed", "confidence": "high"}
    trail.noted("recognition", known, 2.0)
    entry = decided(trail, Granted("autocharge", ("it is registered",)))
    assert (entry.kind, entry.by, entry.at) == (AuditKind.GRANTED, "autocharge", 9.0)
    assert (entry.box, entry.plug_in, entry.mac) == ("DE*ABC*E1", 7, MAC)
    assert entry.reasons == ("it is registered",)
    assert entry.evidence == (
        "SLAC EC65CC010203",
        "EVCCID EC65CC010203",
        "confirmed, confidence high",
    )


def test_who_was_not_let_in_is_kept_and_what_is_pending_is_not(trail):
    assert decided(trail, Pending(("a card is awaited",))) is None
    entry = decided(trail, Denied(("no card came",)))
    assert (entry.kind, entry.by, entry.reasons) == (AuditKind.DENIED, "", ("no card came",))
    assert (entry.mac, entry.uid, entry.emaid, entry.evidence) == (None, None, None, ())


def test_a_charge_that_was_ended_is_kept(trail):
    entry = trail.noted("revoked", {"reasons": ["claims disagree"]}, 9.0)
    assert (entry.kind, entry.reasons) == (AuditKind.REVOKED, ("claims disagree",))
    entry = trail.noted("halted", {"why": "removed by the owner"}, 9.0)
    assert (entry.kind, entry.reasons) == (AuditKind.REVOKED, ("removed by the owner",))


def test_the_card_that_is_named_is_kept_though_it_came_before_the_vehicle(trail):
    for uid in ("0011AABB", UID, "04FFFFFF"):
        trail.presented(uid)
    trail.noted("plugged in", {"plug_in": 8}, 1.0)
    reasons = (f"card {UID} (Ada) is registered",)
    assert decided(trail, Granted("card", reasons)).uid == UID
    assert decided(trail, Denied((f"card {UID} is not registered",))).uid == UID
    assert decided(trail, Denied(("no card was held to the reader",))).uid is None


def test_cards_that_were_held_up_long_ago_are_forgotten(trail):
    for number in range(MAX_CARDS + 1):
        trail.presented(f"0400000{number}")
    trail.presented("04000001")
    assert decided(trail, Granted("card", ("card 04000000",))).uid is None
    assert decided(trail, Granted("card", ("card 04000001",))).uid == "04000001"


def test_a_contract_is_kept_and_so_is_its_refusal(trail):
    trail.noted("contract", {"emaid": EMAID, "root": "CN=MO"}, 2.0)
    proven = said(slac_mac=MAC).prove(Proven.CONTRACT, EMAID, "AuthorizationReq", 2.0)
    trail.noted("identity", proven.to_json(), 2.0)
    granted = decided(trail, Granted("contract", ("proven",)))
    assert granted.emaid == normal(EMAID)  # as it is looked for
    assert granted.evidence[-1] == f"contract {EMAID} proven"
    refused = trail.noted("contract refused", {"why": "not listed", "code": "FAILED"}, 9.0)
    assert (refused.kind, refused.by, refused.emaid) == (
        AuditKind.DENIED,
        "contract",
        normal(EMAID),
    )


def test_a_vehicle_that_is_gone_leaves_nothing_to_the_next(trail):
    trail.noted("identity", said(slac_mac=MAC).to_json(), 2.0)
    trail.noted("contract", {"emaid": EMAID, "root": "CN=MO"}, 2.0)
    trail.noted("plugged in", {"plug_in": 8}, 3.0)
    entry = decided(trail, Denied())
    assert (entry.plug_in, entry.mac, entry.emaid, entry.evidence) == (8, None, None, ())


def test_one_that_asks_again_and_again_fills_no_trail(trail):
    entries = [decided(trail, Denied()) for _ in range(MOST_DENIALS + 5)]
    assert sum(entry is not None for entry in entries) == MOST_DENIALS
    trail.noted("plugged in", {"plug_in": 8}, 3.0)
    assert decided(trail, Denied()) is not None


def test_one_that_asked_again_and_again_is_kept_once_it_is_let_in_and_stopped(trail):
    for _ in range(MOST_PER_PLUG_IN):
        decided(trail, Denied())
    assert decided(trail, Granted("card")).kind is AuditKind.GRANTED
    assert trail.noted("halted", {"why": "a card"}, 9.0).kind is AuditKind.REVOKED


def test_a_plug_in_that_goes_on_and_off_fills_no_trail_either(trail):
    entries = [decided(trail, Granted("card")) for _ in range(MOST_PER_PLUG_IN + 5)]
    assert sum(entry is not None for entry in entries) == MOST_PER_PLUG_IN


def test_what_else_happens_is_not_kept(trail):
    assert trail.noted("pilot", {"state": "B"}, 2.0) is None
