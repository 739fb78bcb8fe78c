"""A right that is taken away while it is being used, at whatever moment."""

import pytest

from seccstack.auth.decision import Policy
from tests.hostile.peer import KNOWN, HostilePeer, HostilePeerOnDc
from tests.strategies import C

MOMENTS = range(12)  # requests, from the handshake to the charging loop


def live(peer):
    return peer.oracle.closed or peer.oracle.volts > 0


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("kind", [HostilePeer, HostilePeerOnDc])
def test_a_card_that_is_taken_out_in_whatever_moment_ends_the_charge(kind, moment):
    peer = kind()
    peer.begin(Policy.CARD, "nothing")
    peer.hold_a_card(KNOWN)
    peer.go_on(moment, "card")
    peer.change_the_registry(there=False)
    peer.keep_on(65)
    assert not live(peer)
    peer.be_followed("nothing")
    assert not live(peer)


@pytest.mark.parametrize("kind", [HostilePeer, HostilePeerOnDc])
def test_it_goes_on_where_nothing_is_taken_away(kind):
    peer = kind()
    peer.begin(Policy.CARD, "card")
    peer.keep_on(65)
    assert live(peer)


@pytest.mark.parametrize("by", ["card", "contract"])
@pytest.mark.parametrize("kind", [HostilePeer, HostilePeerOnDc])
def test_an_answer_that_comes_when_another_vehicle_is_there_lets_nobody_in(kind, by):
    peer = kind()
    peer.begin(Policy.CARD)
    peer.charge(by, "later")
    assert peer.kept
    peer.answering = "at once"
    peer.be_followed("nothing")
    peer.keep_on(5)
    peer.give(C)
    assert not live(peer)
