"""What a charger asks for, in words."""

import pytest

from seccstack.auth.decision import Denied, Granted
from seccstack.auth.policies import Factor, name_of, rests_on, ways_of
from seccstack.errors import UsageError

CARD, CONTRACT, CLAIMS = Factor.CARD, Factor.CONTRACT, Factor.AUTOCHARGE


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("card", ((CARD,),)),
        ("autocharge and card", ((CARD, CLAIMS),)),
        ("card and autocharge or autocharge and card", ((CARD, CLAIMS),)),
        ("autocharge or card", ((CARD,), (CLAIMS,))),
        ("autocharge and card or contract", ((CARD, CLAIMS), (CONTRACT,))),
        ("card and card", ((CARD,),)),
    ],
)
def test_ways_are_read_and_the_surest_comes_first(text, ways):
    assert ways_of(text) == ways


@pytest.mark.parametrize("text", ["", "open", "card or", "card AND autocharge", "and"])
def test_what_is_no_way_is_refused(text):
    with pytest.raises(UsageError, match="is no policy"):
        ways_of(text)


def test_more_ways_than_are_of_use_are_refused():
    with pytest.raises(UsageError, match="has 5 ways; 4 at most"):
        ways_of("card or contract or autocharge or card and contract or card and autocharge")


def test_a_grant_rests_on_all_factors_of_its_way():
    grant = Granted(name_of((CARD, CLAIMS)))
    assert grant.by == "card and autocharge"
    assert [rests_on(grant, factor) for factor in Factor] == [True, False, True]


@pytest.mark.parametrize("decision", [None, Denied(("card",)), Granted("open")])
def test_what_is_no_grant_rests_on_nothing(decision):
    assert not any(rests_on(decision, factor) for factor in Factor)
