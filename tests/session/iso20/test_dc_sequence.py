"""Every request of ISO 15118-20 in every state of a session on DC."""

import pytest

from seccstack import v2gtp
from seccstack.messages.codec import Schema
from seccstack.session.events import (
    AllowEnergy,
    Broken,
    DemandOutput,
    InsulationChecked,
    LimitChanged,
    OutputMeasured,
    PilotChanged,
    SessionEnded,
    Stopped,
)
from seccstack.session.iso20.record import State
from seccstack.session.iso20.sequence import RELEASED, SEQUENCE
from seccstack.session.plant import Charger, Protocol
from tests.session.iso20.dc_requests import (
    BOTH_WAYS,
    CABLE_CHECK,
    WELDING,
    parameters,
    pre_charge,
)
from tests.session.iso20.dc_requests import scheduled as demand
from tests.session.iso20.vehicle import (
    ONGOING,
    SAMPLES,
    Ev,
    detail,
    power,
    profile,
    scheduled,
    schema_of,
    stop,
)
from tests.session.iso20.vehicle import selection as selected

CHARGER = Charger(evse_id="DE*ABC*E1", supply=BOTH_WAYS, protocols=(Protocol.ISO20,))
DC, DC_BPT = 2, 6


class DcEv(Ev):
    """On the way through cable check and pre-charge."""

    protocol = "urn:iso:std:iso:15118:-20:DC"

    def __init__(self, charger=CHARGER, service=DC_BPT):
        super().__init__(charger)
        self.service = service

    def choose(self):
        self.discover().ask(detail(self.service))
        self.ask(selected(self.service, 1))
        return self

    def agree(self, amps=100.0):
        self.tell(LimitChanged(amps))
        self.choose().ask(parameters(both_ways=self.service == DC_BPT))
        self.ask(scheduled())
        return self

    def connecting(self):
        self.agree().ask(CABLE_CHECK)
        return self

    def check(self):
        self.agree().tell(PilotChanged(True))
        self.ask(CABLE_CHECK)
        self.tell(InsulationChecked(True))
        self.ask(CABLE_CHECK)
        return self

    def precharge(self):
        self.check().ask(pre_charge())
        self.tell(OutputMeasured(399.5, 0.0))
        return self

    def charge(self):
        self.precharge().ask(power("Start"))
        return self

    def unload(self):
        self.charge().ask(power("Stop"))
        self.tell(PilotChanged(False))
        return self

    def part(self):
        self.charge().ask(power("Stop"))
        self.ask(WELDING)
        return self


WAYS = {
    "SELECTED": DcEv.choose,
    "CHECKING": DcEv.agree,
    "CONNECTING": DcEv.connecting,
    "CHECKED": DcEv.check,
    "PRECHARGED": DcEv.precharge,
    "DEMANDING": DcEv.charge,
    "UNLOADING": DcEv.unload,
    "PARTING": DcEv.part,
}
PAIRS = [(state, request) for state in WAYS for request in SAMPLES]
IDS = [f"{state}-{type(request).__name__}" for state, request in PAIRS]


@pytest.mark.parametrize("state", WAYS)
def test_each_state_is_reached(state):
    assert WAYS[state](DcEv()).session.state is State[state]


@pytest.mark.parametrize(("state", "request_"), PAIRS, ids=IDS)
def test_out_of_order_a_request_is_refused_by_its_own_response(state, request_):
    if type(request_) in SEQUENCE[State[state]]:
        return
    ev = WAYS[state](DcEv())
    response = ev.ask(request_)
    assert type(response).__name__ == type(request_).__name__[:-1] + "s"
    assert response.response_code.value == "FAILED_SequenceError"
    assert isinstance(ev.last[-1], SessionEnded)
    assert not ev.energy()


@pytest.mark.parametrize("foreign", [bytes(8), bytes(range(8))], ids=["none", "another"])
@pytest.mark.parametrize(("state", "request_"), PAIRS, ids=IDS)
def test_with_a_foreign_session_id_a_request_is_refused(state, request_, foreign):
    if type(request_) not in SEQUENCE[State[state]]:
        return
    ev = WAYS[state](DcEv())
    response = ev.ask(request_, session_id=foreign)
    assert response.response_code.value == "FAILED_UnknownSession"
    assert isinstance(ev.last[-1].how, Broken)
    assert not ev.energy()


@pytest.mark.parametrize("state", [state for state in WAYS if state != "PARTING"])
def test_a_session_can_be_stopped_wherever_it_is(state):
    ev = WAYS[state](DcEv())
    assert ev.code(stop()) == "OK"
    assert ev.last[-1] == SessionEnded(Stopped())
    assert not ev.energy()


@pytest.mark.parametrize(("service", "both_ways"), [(DC, False), (DC_BPT, True)])
def test_energy_may_go_back_where_that_was_selected(service, both_ways):
    ev = DcEv(service=service).charge()
    assert AllowEnergy(True, both_ways) in ev.done
    assert AllowEnergy(True, not both_ways) not in ev.done


def test_what_is_demanded_reaches_the_output():
    ev = DcEv().charge()
    ev.ask(demand(400, -20, both_ways=True))
    assert DemandOutput(400.0, -20.0) in ev.last


def test_in_the_loop_the_next_request_is_waited_for_half_a_second():
    """OC-13."""
    ev = DcEv().charge()
    ev.ask(demand(both_ways=True))
    assert ev.session.deadline == ev.now + 0.5
    ev.wait(0.5)
    assert not ev.energy()


def test_a_response_comes_as_the_payload_type_of_its_schema():
    ev = DcEv().agree()
    ev.tell(PilotChanged(True))
    ev.ask(CABLE_CHECK)
    sent = next(action.data for action in ev.last if hasattr(action, "data"))
    assert v2gtp.Reader().feed(sent)[0].type == v2gtp.DC_MAINSTREAM
    assert schema_of(ev.answer()) is Schema.ISO20_DC


def test_nobody_starts_whose_switch_is_open_again():
    ev = DcEv().precharge().told(PilotChanged(False))
    assert ev.code(power("Start")) == "FAILED_PowerDeliveryNotApplied"


def test_schedules_are_exchanged_anew_while_energy_flows():
    ev = DcEv().charge()
    ev.ask(demand(both_ways=True))
    assert ev.code(power("ScheduleRenegotiation")) == "OK"
    assert ev.code(scheduled()) == "OK"
    assert ev.session.state is State.AGREED
    assert ev.energy()
    assert ev.code(power("Start")) == "OK"
    assert ev.session.state is State.DEMANDING


def test_after_choosing_another_service_the_cable_is_checked_anew():
    """OC-21: no voltage without a check of this cable, in this service."""
    ev = DcEv().unload()
    assert ev.code(stop("ServiceRenegotiation")) == "OK"
    assert ev.session.state is State.AUTHORIZED
    assert not ev.energy()
    assert ev.code(CABLE_CHECK) == "FAILED_SequenceError"


def test_a_response_that_was_owed_leads_where_the_table_says():
    connecting, parting = DcEv().connecting(), DcEv().part()
    connecting.tell(PilotChanged(True))
    parting.tell(PilotChanged(False))
    assert connecting.session.state in RELEASED[State.CONNECTING]
    assert parting.session.state in RELEASED[State.PARTING]


def test_who_is_still_about_to_say_it_in_a_loop_stays_in_the_loop():
    ev = DcEv().charge()
    assert ev.code(power("Start", processing=ONGOING)) == "OK"
    assert ev.session.state is State.DEMANDING


def test_a_pre_charge_ends_when_another_service_is_to_be_chosen():
    ev = DcEv().precharge()
    assert ev.code(stop("ServiceRenegotiation")) == "OK"
    assert DemandOutput(0.0, 0.0) in ev.last


@pytest.mark.parametrize(
    ("service", "watts", "code"),
    [
        (DC_BPT, -10_000, "OK"),
        (DC_BPT, -10_100, "FAILED_EVPowerProfileInvalid"),
        (DC, -100, "FAILED_EVPowerProfileInvalid"),
    ],
)
def test_a_profile_gives_back_no_more_than_the_supply_takes(service, watts, code):
    ev = DcEv(service=service).precharge()
    assert ev.code(power("Start", profile((3600, watts)))) == code
