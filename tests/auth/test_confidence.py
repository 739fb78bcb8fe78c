"""How sure it is that a vehicle is the one that it says to be."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.auth.addresses import BROADCAST, ZERO
from seccstack.auth.confidence import (
    ALWAYS_LIKE,
    CLAIMED,
    DOWNGRADED,
    FOREIGN,
    LIKE,
    NOBODY,
    POOR_ADDRESS,
    UNFINISHED,
    UNLIKE,
    confidence_of,
)
from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.judgement import VehicleLookup, Visit
from seccstack.auth.vehicle import NAMES, Identity
from tests.auth.visits import BORN, HONEST, I4, INVENTED, LIAR, MAC, SHOWN, claiming
from tests.auth.visits import UNLIKE as STRANGE

VIN = b"WMIV1234567890ABCDEX"


def visit(identity=HONEST, *, record=I4, tls=None, **found):
    lookup = VehicleLookup(MAC, 0.0, True, record, **found)
    return Visit(1, identity=identity, vehicle=lookup, tls=tls)


def score(*args, shown=None, **found):
    return confidence_of(visit(*args, **found), shown).score


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (Identity(), NOBODY),
        (claiming(None, evccid=VIN), NOBODY),
        (LIAR, NOBODY),
        (HONEST.alarm("it is heard twice"), NOBODY),
        (claiming(ZERO), NOBODY),
        (claiming(BROADCAST), NOBODY),
        (claiming(INVENTED), POOR_ADDRESS),
        (claiming(BORN), POOR_ADDRESS),
        (claiming(evccid=VIN), FOREIGN),
        (claiming(ethernet_mac=None, ipv6_mac=None, evccid=None), POOR_ADDRESS),
        (claiming(evccid=None), UNFINISHED),
        (claiming(slac_mac=None, match_mac=None), UNFINISHED),
        (claiming(ethernet_mac=None, ipv6_mac=None), CLAIMED[2]),
        (HONEST, CLAIMED[3]),
    ],
)
def test_what_it_claims_says_so_much(identity, expected):
    assert score(identity) == expected
    assert confidence_of(visit(identity), None).reasons


@pytest.mark.parametrize(
    ("shown", "least", "most"),
    [
        (None, CLAIMED[3], CLAIMED[3]),
        (SHOWN, ALWAYS_LIKE, ALWAYS_LIKE),
        (STRANGE, 0.0, UNLIKE),
        (Fingerprint(), CLAIMED[3], CLAIMED[3]),
    ],
)
def test_how_it_speaks_makes_it_more_or_less_sure(shown, least, most):
    assert least <= score(prints=(SHOWN,), shown=shown) <= most


@pytest.mark.parametrize(
    "identity", [claiming(evccid=None), claiming(slac_mac=None, match_mac=None)]
)
def test_being_like_before_makes_up_for_nothing_that_is_missing(identity):
    assert score(identity, prints=(SHOWN,), shown=SHOWN) == UNFINISHED
    assert score(identity, prints=(SHOWN,), shown=STRANGE) < UNFINISHED


def test_an_evccid_that_is_no_address_counts_if_it_is_registered():
    registered = replace(I4, evccid=VIN)
    assert score(claiming(evccid=VIN), record=registered) == CLAIMED[3]


@pytest.mark.parametrize(
    ("used_tls", "tls", "expected"),
    [(True, False, DOWNGRADED), (True, True, CLAIMED[3]), (False, False, CLAIMED[3])],
)
def test_one_that_does_without_tls_now_is_less_sure(used_tls, tls, expected):
    assert score(used_tls=used_tls, tls=tls) == expected


def test_an_address_of_those_that_rotate_counts_once_it_has_been_kept():
    assert score(claiming(BORN), prints=(SHOWN, SHOWN)) == CLAIMED[3]


def test_without_an_answer_of_the_registry_it_is_what_it_claims():
    assert confidence_of(Visit(1, identity=HONEST), SHOWN).score == CLAIMED[3]


# Properties. Each step of these makes a vehicle more suspicious.


CLAIMS = st.dictionaries(st.sampled_from(list(NAMES)), st.sampled_from([MAC, INVENTED, None]))
PRINTS = st.sampled_from([(), (SHOWN,), (SHOWN, SHOWN)])


@given(CLAIMS, PRINTS, st.booleans(), st.sampled_from([None, True, False]))
def test_it_is_from_0_to_1_and_always_says_why(others, prints, used_tls, tls):
    found = visit(claiming(**others), prints=prints, used_tls=used_tls, tls=tls)
    assurance = confidence_of(found, SHOWN)
    assert 0 <= assurance.score < 1
    assert all(assurance.reasons)


@given(CLAIMS, PRINTS, st.sampled_from([None, SHOWN, STRANGE]))
def test_suspicion_never_makes_it_surer(others, prints, shown):
    clean = visit(claiming(**others), prints=prints)
    worse = replace(clean, tls=False, vehicle=replace(clean.vehicle, used_tls=True))
    worst = replace(worse, identity=worse.identity.alarm("it is heard twice"))
    scores = [confidence_of(one, shown).score for one in (clean, worse, worst)]
    assert all(later <= earlier for earlier, later in pairwise(scores))


@given(CLAIMS, PRINTS)
def test_nor_does_being_unlike_before(others, prints):
    found = visit(claiming(**others), prints=prints)
    assert confidence_of(found, STRANGE).score <= confidence_of(found, None).score


def test_the_bounds_are_in_order():
    assert NOBODY < FOREIGN < POOR_ADDRESS < UNFINISHED < DOWNGRADED
    assert DOWNGRADED < CLAIMED[2] < CLAIMED[3] < LIKE < ALWAYS_LIKE < 1
    assert UNLIKE <= UNFINISHED
