"""Other vehicles on the line."""

from seccstack.slac import timing
from seccstack.slac.events import KeyInForce, LinkChanged
from seccstack.slac.evse import VehicleArrived, VehicleLeft
from seccstack.slac.neighbours import NeighbourHeard, Neighbours
from tests.slac.bench import EV, KEY, OTHER, Bench, start

FAINT = bytes([38]) * 58


def told(bench):
    return [a for _, a in bench.done if isinstance(a, NeighbourHeard)]


def test_a_vehicle_that_was_sounded_and_is_not_ours_is_told_of_at_the_match():
    bench = Bench()
    bench.ask(OTHER)
    bench.say(start(OTHER), OTHER)
    bench.hear(mac=OTHER, profile=FAINT)
    assert told(bench) == []
    bench.match()
    assert told(bench) == [NeighbourHeard(OTHER, 38.0)]


def test_one_that_is_heard_while_ours_is_linked_is_told_of_once():
    bench = Bench()
    bench.match()
    bench.tell(LinkChanged(up=True))
    bench.hear(mac=OTHER, profile=FAINT)
    assert told(bench) == [NeighbourHeard(OTHER, 38.0)]
    bench.hear(mac=EV)
    assert len(told(bench)) == 1


def test_the_next_plug_in_begins_with_nobody():
    bench = Bench()
    bench.get_report(OTHER)
    for event in (VehicleLeft(), VehicleArrived(), KeyInForce(KEY)):
        bench.tell(event)
    bench.match()
    assert told(bench) == []


def test_no_more_are_kept_than_their_bound():
    neighbours = Neighbours()
    for n in range(1000):
        neighbours.hear(n.to_bytes(6), FAINT)
    assert len(neighbours.matched(EV)) == timing.MAX_NEIGHBOURS


def test_a_second_match_tells_of_nobody_twice():
    neighbours = Neighbours()
    neighbours.hear(OTHER, FAINT)
    assert len(neighbours.matched(EV)) == 1
    assert neighbours.matched(EV) == []
