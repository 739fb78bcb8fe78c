"""A simulated vehicle that speaks DIN SPEC 70121, against our own session."""

import pytest

from seccstack.auth.decision import Granted
from seccstack.messages import codec, din
from seccstack.messages.codec import Schema
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.session.events import (
    CheckInsulation,
    Decided,
    DemandOutput,
    InsulationChecked,
    LimitChanged,
    OutputMeasured,
    PilotChanged,
    StopCharging,
)
from seccstack.sim.evcc import Evcc, GetReady
from seccstack.sim.evcc_din import DinEvcc, speaker
from seccstack.sim.evcc_requests import DIN_NAMESPACE, Wishes
from tests.session.din.vehicle import EVCCID, OUR_ID, DinEv
from tests.sim.test_evcc import Talk as Iso2Talk

WISHES = Wishes(
    evccid=EVCCID,
    namespace=DIN_NAMESPACE,
    mode=EnergyTransferMode.DC_EXTENDED,
    max_amps=100,
    loops=3,
)


class Talk(Iso2Talk):
    """A vehicle, our own session to answer it, and a plant that does what it is asked."""

    def __init__(self, granted=True, limit=100.0):
        self.evcc, self.ev = speaker(WISHES)(WISHES), DinEv()
        self.now, self.done, self.asked = 0.0, [], []
        self.ev.tell(*([LimitChanged(limit)] if limit else []))
        self.ev.tell(*([Decided(Granted("open"))] if granted else []))
        self.evcc.start(0.0)

    def carry(self, actions, answers=True):
        for action in actions:
            if isinstance(action, GetReady):
                self.ev.tell(PilotChanged(action.ready))
        super().carry(actions, answers)
        for action in list(self.ev.last):
            if isinstance(action, DemandOutput):
                self.ev.tell(OutputMeasured(action.volts, action.amps))
            if isinstance(action, CheckInsulation):
                self.ev.tell(InsulationChecked(True))


def test_it_goes_all_the_way_and_is_full_after_its_loops():
    talk = Talk().wait(20)
    assert talk.why == ["charged"]
    assert talk.evcc.full


def test_it_demands_what_it_wants():
    talk = Talk().wait(20)
    demands = [a for a in talk.ev.done if isinstance(a, DemandOutput)]
    assert DemandOutput(400.0, 2.0) in demands
    assert DemandOutput(400.0, 100.0) in demands


@pytest.mark.parametrize("lacks", [{"granted": False}, {"limit": None}])
def test_it_asks_again_while_something_is_not_known(lacks):
    talk = Talk(**lacks).wait(20)
    assert not talk.evcc.over
    talk.ev.tell(Decided(Granted("open")), LimitChanged(100.0))
    assert talk.wait(20).why == ["charged"]


def test_it_stops_when_it_is_asked_to():
    talk = Talk().wait(1.6)
    talk.ev.tell(StopCharging("owner"))
    assert talk.wait(10).why == ["stopped"]


def test_a_response_that_it_does_not_await_ends_it():
    talk = Talk().wait(0.12)
    response = din.SessionStopRes(response_code=din.ResponseCode.OK)
    message = din.V2G_Message(header=din.MessageHeader(session_id=OUR_ID), body=response)
    talk.hear(codec.encode(Schema.DIN, message))
    assert talk.why == ["unexpected SessionStopRes"]


def test_a_pre_charge_is_asked_for_until_the_voltage_is_there():
    talk = Talk()
    talk.ev.tell(PilotChanged(True))
    names = []
    while not talk.evcc.over:
        talk.wait(0.05)
        names.append(talk.evcc.asked)
    assert "PreChargeReq" in names


def test_who_speaks_is_chosen_by_the_language():
    assert speaker(WISHES) is DinEvcc
    assert speaker(Wishes(evccid=EVCCID)) is Evcc
