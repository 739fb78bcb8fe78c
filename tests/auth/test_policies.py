"""What a charger asks for, in words."""

import pytest

from seccstack.auth.decision import Denied, Granted
from seccstack.auth.policies import MAX_WAYS, Factor, name_of, rests_on, ways_of
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


def test_a_way_that_asks_for_more_than_another_is_of_no_use():
    more = "card or contract or autocharge or card and contract or card and autocharge"
    assert ways_of(more) == ((CARD,), (CONTRACT,), (CLAIMS,))
    pairs = "card and contract or autocharge and card or contract and autocharge"
    assert len(ways_of(f"{pairs} or card and contract and autocharge")) == MAX_WAYS


def test_a_grant_rests_on_all_factors_of_its_way():
    grant = Granted(name_of((CARD, CLAIMS)))
    assert grant.by == "card and autocharge"
    assert [rests_on(grant, factor) for factor in Factor] == [True, False, True]


@pytest.mark.parametrize("decision", [None, Denied(("card",)), Granted("open")])
def test_what_is_no_grant_rests_on_nothing(decision):
    assert not any(rests_on(decision, factor) for factor in Factor)
