"""Every way to charge, for every kind of vehicle: who is let in by what, as one can read it.

A cell is by what it is granted: open, Card, Autocharge, contract (K), several of them, or -.
"""

import pytest

from seccstack.auth.decision import Denied, Granted, Pending, Policy
from seccstack.auth.judgement import Below
from seccstack.auth.policies import ways_of
from seccstack.auth.suspicion import FingerprintUse, RotatingUse
from tests.auth.visits import BY_CARD, BY_CONTRACT, KINDS, Desk

POLICIES = {
    "open": {"policy": Policy.OPEN},
    "card": {"policy": Policy.CARD},
    "auto": {"policy": Policy.AUTOCHARGE},
    "a&c": {"ways": ways_of("autocharge and card")},
    "a&k": {"ways": ways_of("autocharge and contract")},
    "a&c|k": {"ways": ways_of("autocharge and card or contract")},
    "contract": {"ways": ways_of("contract")},
}
LETTERS = {"open": "open", "card": "C", "autocharge": "A", "contract": "K", None: "-"}

ALONE = """
                    open  card  auto  a&c  a&k  a&c|k  contract
says nothing        open  -     -     -    -    -      -
unknown             open  -     -     -    -    -      -
registered          open  -     A     -    -    -      -
like before         open  -     A     -    -    -      -
unlike before       open  -     A     -    -    -      -
without TLS         open  -     A     -    -    -      -
blocked             -     -     -     -    -    -      -
expired             open  -     -     -    -    -      -
contradicting       open  -     -     -    -    -      -
doubled             open  -     -     -    -    -      -
without EVCCID      open  -     -     -    -    -      -
not of this plug    open  -     -     -    -    -      -
made-up address     open  -     -     -    -    -      -
rotating, its own   open  -     -     -    -    -      -
rotating, kept      open  -     A     -    -    -      -
rotating, like one  open  -     -     -    -    -      -
rotating, vouched   open  -     A     -    -    -      -
rotating, like two  open  -     -     -    -    -      -
proven before       open  -     -     -    -    -      -
"""
WITH_CARD = """
                    open  card  auto  a&c  a&k  a&c|k  contract
says nothing        C     C     C     -    -    -      -
unknown             C     C     C     -    -    -      -
registered          C     C     C     C&A  -    C&A    -
like before         C     C     C     C&A  -    C&A    -
unlike before       C     C     C     C&A  -    C&A    -
without TLS         C     C     C     C&A  -    C&A    -
blocked             -     -     -     -    -    -      -
expired             C     C     C     -    -    -      -
contradicting       C     C     C     -    -    -      -
doubled             C     C     C     -    -    -      -
without EVCCID      C     C     C     -    -    -      -
not of this plug    C     C     C     -    -    -      -
made-up address     C     C     C     C&A  -    C&A    -
rotating, its own   C     C     C     C&A  -    C&A    -
rotating, kept      C     C     C     C&A  -    C&A    -
rotating, like one  C     C     C     C&A  -    C&A    -
rotating, vouched   C     C     C     C&A  -    C&A    -
rotating, like two  C     C     C     -    -    -      -
proven before       C     C     C     C&A  -    C&A    -
"""
WITH_CONTRACT = """
                    open  card  auto  a&c  a&k  a&c|k  contract
says nothing        K     K     K     -    -    K      K
unknown             K     K     K     -    -    K      K
registered          K     K     K     -    K&A  K      K
unlike before       K     K     K     -    K&A  K      K
blocked             -     -     -     -    -    -      -
contradicting       K     K     K     -    -    K      K
made-up address     K     K     K     -    K&A  K      K
rotating, like one  K     K     K     -    K&A  K      K
rotating, like two  K     K     K     -    -    K      K
proven before       K     K     K     -    K&A  K      K
"""


def cells(table):
    head, *rows = table.strip("\n").splitlines()
    policies, found = head.split(), []
    for row in rows:
        kind, marks = row[:20].strip(), row[20:].split()
        found += [(kind, *cell) for cell in zip(policies, marks, strict=True)]
    return found


def mark(by):
    return "&".join(LETTERS[part] for part in by.split(" and ")) if by else "-"


@pytest.mark.parametrize(("kind", "policy", "expected"), cells(ALONE))
def test_a_vehicle_by_itself(kind, policy, expected):
    desk = Desk(kind, **POLICIES[policy])
    assert mark(desk.by) == expected
    assert desk.decision.reasons


@pytest.mark.parametrize(("kind", "policy", "expected"), cells(WITH_CARD))
def test_a_vehicle_for_which_a_card_is_held_up(kind, policy, expected):
    assert mark(Desk(kind, before=BY_CARD, **POLICIES[policy]).by) == expected


@pytest.mark.parametrize(("kind", "policy", "expected"), cells(WITH_CARD))
def test_a_card_may_come_later_if_it_is_needed(kind, policy, expected):
    alone = Desk(kind, **POLICIES[policy])
    already = alone.by
    assert mark(alone.tell(*BY_CARD).by) == (mark(already) if already else expected)


@pytest.mark.parametrize(("kind", "policy", "expected"), cells(WITH_CONTRACT))
def test_a_vehicle_that_proves_a_contract(kind, policy, expected):
    desk = Desk(kind, **POLICIES[policy]).tell(*BY_CONTRACT)
    assert mark(desk.by) == expected


def test_every_kind_is_in_the_tables():
    for table in (ALONE, WITH_CARD):
        assert {kind for kind, _, _ in cells(table)} == set(KINDS)


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("says nothing", "the vehicle has not said who it is"),
        ("unknown", "vehicle EC65CC4FC201 is not registered"),
        ("registered", "vehicle EC65CC4FC201 (i4) is registered"),
        ("like before", "its fingerprint is 100% like before"),
        ("unlike before", "RunID differs: drawn at random, before MAC+0000"),
        ("blocked", "is registered, but disabled: neither a card nor a contract lets it"),
        ("expired", "is registered, but has expired"),
        ("contradicting", "goes by different MAC addresses: EC65CC4FC201 (SLAC, SLAC match"),
        ("doubled", "another station uses this vehicle's address: it is heard twice"),
        ("without EVCCID", "named by SLAC and Ethernet only"),
        ("not of this plug", "named by Ethernet and EVCCID only"),
        ("made-up address", "is locally administered: anybody may make it up, so a card"),
        ("rotating, its own", "hold a card to the reader once"),
        ("rotating, kept", "of the range from which Volkswagen group vehicles draw"),
        ("rotating, like one", "it is probably vehicle 007DFA061234 (id.4)"),
        ("rotating, vouched", "a card was held up for it 0.0 days ago"),
        ("rotating, like two", "it may be any of 2 registered vehicles"),
        ("proven before", "has proven itself here before, by a contract: since then its"),
    ],
)
def test_it_is_said_why(kind, why):
    assert why in Desk(kind).reasons


@pytest.mark.parametrize(
    ("policy", "with_", "why"),
    [
        ("a&c", (), "there is its autocharge, and card is wanted besides"),
        ("a&c", BY_CARD, None),
        ("a&k", (), "there is its autocharge, and contract is wanted besides"),
        ("a&k", BY_CARD, "there is its autocharge, and contract is wanted besides"),
        ("a&c|k", (), "there is its autocharge, and card is wanted besides"),
    ],
)
def test_it_is_said_what_is_wanted_besides(policy, with_, why):
    desk = Desk("registered", **POLICIES[policy]).tell(*with_)
    assert (why in desk.reasons) if why else isinstance(desk.decision, Granted)


# What it gets of whom it is less sure, with a confidence of 0.8 wanted: that it speaks as ever.

SURE = {"confidence": 0.8, "fingerprint": FingerprintUse.WEIGH, "reduced_amps": 8.0}
BELOW = """
                    card  reduced  refuse
says nothing        wait  wait     wait
unknown             wait  wait     no
registered          wait  8        no
like before         all   all      all
unlike before       wait  8        no
without TLS         wait  8        no
blocked             no    no       no
contradicting       wait  wait     no
doubled             wait  wait     no
without EVCCID      wait  wait     no
made-up address     wait  wait     no
rotating, its own   wait  wait     no
rotating, kept      all   all      all
rotating, like one  wait  wait     no
rotating, vouched   all   all      all
proven before       wait  wait     no
"""


def got(decision):
    if isinstance(decision, Granted):
        return "all" if decision.max_amps is None else f"{decision.max_amps:g}"
    return "no" if isinstance(decision, Denied) else "wait"


@pytest.mark.parametrize(("kind", "below", "expected"), cells(BELOW))
def test_one_of_whom_it_is_less_sure_than_is_wanted(kind, below, expected):
    desk = Desk(kind, below=Below(below), **SURE)
    assert got(desk.decision) == expected
    assert got(desk.tell(*BY_CARD).decision) == ("no" if kind == "blocked" else "all")


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"says nothing"}))
def test_who_has_a_name_is_refused_or_let_in_at_once_so_nobody_learns_who_is_registered(kind):
    assert got(Desk(kind, below=Below.REFUSE, **SURE).decision) != "wait"


@pytest.mark.parametrize("below", Below)
def test_it_is_said_how_sure_it_is_and_how_sure_it_should_be(below):
    desk = Desk("unlike before", below=below, **SURE)
    assert "confidence 0.02" in desk.reasons
    assert "wanted is 0.80" in desk.reasons


ROTATING = """
                    card  once  reduced  fingerprint
rotating, like one  wait  wait  6        all
rotating, vouched   wait  all   6        all
rotating, like two  wait  wait  wait     wait
unknown             wait  wait  wait     wait
"""


@pytest.mark.parametrize(("kind", "use", "expected"), cells(ROTATING))
def test_one_that_is_probably_a_registered_one(kind, use, expected):
    desk = Desk(kind, rotating=RotatingUse(use))
    assert got(desk.decision) == expected
    assert got(desk.tell(*BY_CARD).decision) == "all"


def test_a_refusal_without_waiting_waits_for_a_card_that_is_being_looked_up():
    looked_up, found = BY_CARD
    desk = Desk("unlike before", before=[looked_up], below=Below.REFUSE, **SURE)
    assert isinstance(desk.decision, Pending)
    assert desk.tell(found).by == "card"
