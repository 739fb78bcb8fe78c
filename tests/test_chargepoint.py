"""The outlet as a whole, under any events in any order."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack import events
from seccstack.auth import contract, judgement
from seccstack.auth import events as auth_events
from seccstack.auth.decision import Granted, Policy
from seccstack.chargepoint import ChargePoint
from seccstack.energy.arbiter import Source
from seccstack.events import CloseStream, Noted
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.settings import Current, Fallback, LinkLoss, Start
from seccstack.session.events import Meter, MeterRead
from seccstack.session.plant import Charger
from seccstack.slac import modem_events, station
from tests.scenarios.witness import Witness
from tests.session.vehicle import AUTHORIZATION, STATUS, power
from tests.strategies import (
    ARRIVAL,
    CARD_HELD,
    DELIVERY,
    OURS,
    SESSION,
    STEPS,
    STORIES,
    A,
    B,
    C,
    said,
)


def outlet(policy=Policy.OPEN, amps=16.0, ventilated=False, **pilot):
    return Settings(
        charger=Charger(evse_id="DE*SEC*E000001"),
        rated_amps=amps,
        access=judgement.Settings(policy=policy, card_wait_seconds=5.0),
        pilot=pilot_settings.Settings(ventilated=ventilated, **pilot),
    )


GRANTED_BEFORE = auth_events.Decided(0, Granted("card"))
READING = MeterRead(Meter("meter", 1234))
OUTLETS = st.builds(
    outlet,
    policy=st.sampled_from(Policy),
    amps=st.sampled_from([16.0, 32.0]),
    ventilated=st.booleans(),
    start=st.sampled_from(Start),
    when_authorised=st.sampled_from(Start),
    link_loss=st.sampled_from(LinkLoss),
    current=st.sampled_from([Current.AC, Current.AC, Current.DC]),
    fallback=st.sampled_from(Fallback),
    retries=st.integers(0, 2),
    contactor_feedback=st.booleans(),
)


class Bench:
    """A charge point whose every step is watched; it is held to the laws of machines."""

    def __init__(self, chosen=None):
        chosen = chosen or outlet()
        self.machine = ChargePoint(chosen)
        self.witness = Witness(chosen.pilot.ventilated)
        self.now = 0.0
        self.done = []
        self.wait(0)

    def step(self, event, actions):
        self.witness(self.now, event, actions)
        self.done += actions

    def wait(self, seconds):
        until = self.now + seconds
        while (deadline := self.machine.deadline) is not None and deadline <= until:
            self.now = max(self.now, deadline)
            self.step(None, self.machine.tick(self.now))
            after = self.machine.deadline
            assert after is None or after > self.now
            assert self.machine.tick(self.now) == []
            assert self.machine.deadline == after
        self.now = until

    def tell(self, *happened):
        for event in happened:
            self.step(event, self.machine.receive(event, self.now))
            self.wait(0.11)
        return self

    def notes(self, name):
        return [a.details for a in self.done if isinstance(a, Noted) and a.event == name]


@settings(max_examples=500, deadline=None)
@given(OUTLETS, STORIES, STEPS)
def test_in_no_order_of_events_energy_flows_without_all_that_it_takes(chosen, story, steps):
    bench = Bench(chosen).tell(*story)
    for wait, event in steps:
        bench.wait(wait)
        bench.step(event, bench.machine.receive(event, bench.now))
    bench.wait(100)


def test_these_stories_do_get_to_the_contactor():
    for story in ([*ARRIVAL, *SESSION, *DELIVERY], [*ARRIVAL, *CARD_HELD, *SESSION, *DELIVERY]):
        for policy in (Policy.OPEN, Policy.CARD):
            bench = Bench(outlet(policy)).tell(*story)
            allowed = policy is Policy.OPEN or story[3:5] == CARD_HELD
            assert bench.witness.closed == allowed


def test_what_an_outlet_is_born_with_is_told_by_its_first_tick():
    machine = ChargePoint(outlet(amps=20.0))
    assert machine.deadline == 0.0
    told = machine.tick(5.0)
    assert told[0] == Noted("limit", {"amps": 20.0, "source": "installation", "watts": 13_800})
    assert limits.SetContactor(False) in told
    assert machine.deadline is None


def test_or_by_its_first_event():
    machine = ChargePoint(outlet())
    told = machine.receive(A, 0.0)
    assert Noted("limit", {"amps": 16.0, "source": "installation", "watts": 11_040}) in told


def test_until_the_rating_is_told_nothing_is_offered():
    told = ChargePoint(outlet(start=Start.NOMINAL)).receive(B, 0.0)
    assert not any(isinstance(a, limits.Apply) and hasattr(a.signal, "amps") for a in told[:2])


@pytest.mark.parametrize("why", ["grid", "owner"])
def test_a_limit_that_cannot_be_is_ignored_with_its_source(why):
    bench = Bench().tell(events.LimitOffered(why, -1.0))
    assert [(a.what, "no limit" in a.why) for a in bench.done if hasattr(a, "what")] == [
        (f"limit of {why}", True)
    ]


def test_an_offer_is_believed_until_its_time_and_its_reason_is_noted():
    waited = replace(outlet(), sources=(Source("house", 7.0),))
    bench = Bench(waited).tell(events.LimitOffered("house", 10.0, 15.0, "an oven"))
    bench.tell(events.LimitOffered("house", 10.0, 15.0, "another oven")).wait(16.0)
    safe = {"amps": 7.0, "source": "house", "watts": 4830}
    lost = safe | {"why": "nothing is heard of it, so its safe value holds"}
    offered = {"amps": 10.0, "source": "house", "watts": 6900, "why": "an oven"}
    assert bench.notes("limit") == [lost, offered, lost]


def test_so_is_a_source_too_many():
    bench = Bench().tell(*(events.LimitOffered(f"source {n}", 16.0) for n in range(20)))
    assert [a.what for a in bench.done if hasattr(a, "what")] == ["limit of source 19"]


def test_a_decision_of_another_plug_in_authorises_nobody():
    bench = Bench(outlet(Policy.CARD)).tell(*ARRIVAL, *SESSION[:-1])
    bench.machine._parts.pending.append(GRANTED_BEFORE)
    bench.tell(C, said(AUTHORIZATION))
    [answer] = [
        a.message.body for a in bench.done if getattr(a, "name", "") == "AuthorizationRes"
    ][-1:]
    assert answer.evse_processing.value == "Ongoing_WaitingForCustomerInteraction"
    assert not bench.witness.closings


def test_a_contract_that_another_plug_in_was_paid_by_may_go():
    bench = Bench().tell(*ARRIVAL, *SESSION, *DELIVERY)
    bench.machine._parts.pending.append(contract.ContractWithdrawn(99, "it is gone"))
    before = len(bench.done)
    bench.tell(said(STATUS))
    assert bench.witness.closings
    assert not [a for a in bench.done[before:] if isinstance(a, limits.SetContactor)]


def test_an_unplugged_outlet_has_nothing_left_to_wait_for_but_its_modem():
    bench = Bench().tell(*ARRIVAL, *SESSION, *DELIVERY, A, limits.ContactorChanged(False))
    assert bench.machine.deadline is None
    assert [a.reason for a in bench.done if isinstance(a, CloseStream)] == ["unplugged"]


def test_the_meters_reading_is_for_the_session_that_comes():
    bench = Bench().tell(READING, *ARRIVAL, *SESSION, *DELIVERY)
    status = bench.done[-2].message.body
    assert status.meter_info.meter_reading == 1234


def test_a_station_without_a_vehicle_may_come_and_go():
    bench = Bench().tell(station.Opened(OURS), station.Lost("down"), station.Opened(OURS))
    assert bench.notes("powerline trouble") == [{"why": "down"}]
    assert bench.notes("pulse width") == []


def test_a_response_that_is_released_in_the_moment_of_unplugging_goes_nowhere():
    bench = Bench().tell(*ARRIVAL, *SESSION, said(power("Start")))
    bench.tell(limits.ContactorChanged(True))  # welded, and found out a second later
    bench.now += 1.0
    told = bench.machine.receive(C, bench.now)
    assert Noted("unplugged", {"plug_in": 1}) in told
    assert CloseStream(1, "unplugged") in told
    assert not any(isinstance(action, events.SendBytes) for action in told)


class _Late:
    """A machine of the outlet that speaks when it should not any more."""

    def __init__(self, *says):
        self.says, self.deadline = says, 0.0

    def tick(self, now):
        self.deadline = None
        return self.says


def hears(*says):
    """What comes of it where one of the machines says this, and no vehicle is there."""
    bench = Bench()
    late = _Late(*says)
    bench.machine._parts.machines = lambda: [late]
    return bench.machine.tick(bench.now)


def test_a_stop_or_a_refusal_for_another_plug_in_does_not_concern_this_one():
    assert hears(auth_events.Stop(7, "it was taken out")) == []
    assert hears(auth_events.LimitAccess(7, 6.0)) == []
    assert hears(contract.ContractRefused(7, "FAILED_ContractCanceled", "cancelled")) == []


def test_a_foreign_station_in_our_network_is_told():
    [told] = hears(modem_events.ForeignStationSeen(bytes(6), b"\x02" * 6))
    assert told.event == "foreign station"
    assert told.details == {"modem_mac": "000000000000", "host_mac": "020202020202"}
