"""The demonstration: a whole charge, under every policy."""

import pytest

from seccstack.auth.decision import Policy
from seccstack.chronicle import Chronicle
from seccstack.events import LimitOffered, Noted
from seccstack.pilot.limits import Apply, SetContactor
from seccstack.pilot.port import Digital
from seccstack.session.events import Exchanged
from seccstack.session.plant import Protocol
from seccstack.sim.demo import CARD_HELD, END, LOWERED, RAISED, UNPLUGGED, charged, stage
from tests.scenarios.scene import octets_of

POLICIES = list(Policy)


class Played:
    """One performance, with all that was done in it."""

    def __init__(self, policy, seed=1):
        self.world = stage(policy, octets_of(seed))
        chronicle = Chronicle("demo")
        self.steps = []
        self.world.observers += [chronicle.observe, lambda *step: self.steps.append(step)]
        self.world.run(END)
        [self.session] = chronicle.sessions

    @property
    def done(self):
        return [(now, action) for now, _, actions in self.steps for action in actions]

    def when(self, condition):
        return [now for now, action in self.done if condition(action)]

    def noted(self, event):
        return self.when(lambda a: isinstance(a, Noted) and a.event == event)

    def said(self, name):
        return [
            (now, a.message.body)
            for now, a in self.done
            if isinstance(a, Exchanged) and a.name == name
        ]


@pytest.fixture(scope="module")
def performances():
    return {policy: Played(policy) for policy in POLICIES}


@pytest.fixture(params=POLICIES, ids=lambda policy: policy.value)
def played(request, performances):
    return performances[request.param]


def test_it_is_a_charge(played):
    assert charged(played.session)
    assert played.session["ended"] == "the vehicle stopped the session; unplugged"
    assert played.session["errors"] == []


def test_the_car_is_let_in_by_the_policys_own_means(performances):
    by = {policy: p.session["decision"]["by"] for policy, p in performances.items()}
    assert by == {policy: policy.value for policy in POLICIES}


def test_a_card_lets_in_a_stranger_when_it_is_held_and_not_before(performances):
    [told] = [
        body.evse_processing.value
        for now, body in performances[Policy.CARD].said("AuthorizationRes")
        if now > CARD_HELD
    ]
    assert told == "Finished"


def test_digital_communication_is_announced_before_slac_begins(played):
    announced = played.when(lambda a: isinstance(a, Apply) and a.signal == Digital())
    assert announced[0] < played.noted("matched")[0]


def test_energy_flows_only_between_the_grant_and_the_end(played):
    closing = played.when(lambda a: isinstance(a, SetContactor) and a.closed)
    opening = played.when(lambda a: isinstance(a, SetContactor) and not a.closed)
    assert len(closing) == 1
    assert played.noted("decision")[-1] <= closing[0] < opening[-1] <= UNPLUGGED
    assert [change["closed"] for change in played.session["contactor"]] == [True, False]


@pytest.mark.parametrize(("set_at", "amps"), [(LOWERED, 10), (RAISED, 13)])
def test_a_limit_is_told_in_the_very_next_response(played, set_at, amps):
    told = [(t, b.evse_max_current) for t, b in played.said("ChargingStatusRes") if t > set_at]
    when, limit = told[0]
    assert limit.value * 10**limit.multiplier == amps
    [record] = [one for one in played.session["limits"] if one["t"] == set_at]
    assert record["told"] == pytest.approx(when)
    assert set_at < record["told"] <= record["obeyed"] < record["told"] + 1


def test_the_same_octets_give_the_same_performance():
    one, other = (Played(Policy.OPEN, seed=7) for _ in range(2))
    assert one.session == other.session
    assert Played(Policy.OPEN, seed=8).session != one.session


def test_a_session_without_energy_or_with_a_limit_not_obeyed_is_no_charge(performances):
    session = performances[Policy.OPEN].session
    never = [{**session["limits"][0], "obeyed": None}]
    assert not charged({**session, "contactor": []})
    assert not charged({**session, "contactor": session["contactor"][:1]})
    assert not charged({**session, "limits": never})


def test_the_owners_limits_are_events_like_any(performances):
    offered = [e for _, e, _ in performances[Policy.OPEN].steps if isinstance(e, LimitOffered)]
    assert [(one.source, one.amps) for one in offered] == [("owner", 10), ("owner", 13)]


@pytest.fixture(scope="module")
def in_din():
    world = stage(Policy.AUTOCHARGE, octets_of(1), protocol=Protocol.DIN)
    chronicle = Chronicle("demo")
    world.observers.append(chronicle.observe)
    world.run(END)
    [session] = chronicle.sessions
    return session


def test_in_din_it_is_a_charge_on_dc(in_din):
    assert charged(in_din)
    assert (in_din["protocol"], in_din["decision"]["by"]) == ("din", "autocharge")
    assert "CurrentDemandRes" in [message["name"] for message in in_din["messages"]]
    assert in_din["errors"] == []


def test_in_din_its_limits_are_told_and_obeyed(in_din):
    assert [limit["amps"] for limit in in_din["limits"]] == [16, 10, 13]
    for limit in in_din["limits"][1:]:
        assert limit["t"] < limit["told"] <= limit["obeyed"] < limit["told"] + 1


def test_in_iso_15118_20_it_is_a_charge_too_and_the_car_goes_by_its_name():
    world = stage(Policy.AUTOCHARGE, octets_of(1), protocol=Protocol.ISO20)
    chronicle = Chronicle("demo")
    world.observers.append(chronicle.observe)
    world.run(END)
    [session] = chronicle.sessions
    assert charged(session)
    assert (session["protocol"], session["decision"]["by"]) == ("iso20", "autocharge")
    assert session["identity"]["evccid"] == "WMIV1234567890ABCDEX"
    assert session["identity"]["consistent"] is True
