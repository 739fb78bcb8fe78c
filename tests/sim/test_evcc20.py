"""A simulated vehicle that speaks ISO 15118-20, against our own session and made-up answers."""

from dataclasses import replace

import pytest

from seccstack import v2gtp
from seccstack.auth.decision import Granted
from seccstack.messages import app_protocol, codec, iso20_common, iso20_dc
from seccstack.messages.codec import Schema
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session.events import (
    CheckInsulation,
    ContactorChanged,
    Decided,
    DemandOutput,
    InsulationChecked,
    LimitChanged,
    OutputMeasured,
    PilotChanged,
    Renegotiate,
    StopCharging,
)
from seccstack.sim.evcc import GetReady, HangUp, HeedLimit, SendBytes
from seccstack.sim.evcc20 import Evcc20
from seccstack.sim.evcc20_requests import (
    AC,
    AC_BPT,
    AC_NAMESPACE,
    DC,
    DC_BPT,
    DC_NAMESPACE,
    Wishes20,
    number,
    parameter_set,
)
from tests.session.iso20.dc_requests import BOTH_WAYS
from tests.session.iso20.vehicle import ANY, CHARGER, OUR_ID, Ev

WISHES = Wishes20(evccid=bytes.fromhex("EC65CC010203"), loops=3)
CHARGERS = {
    AC: CHARGER,
    AC_BPT: replace(CHARGER, discharge_amps=10.0),
    DC: replace(CHARGER, supply=BOTH_WAYS),
    DC_BPT: replace(CHARGER, supply=BOTH_WAYS),
}


class Talk:
    """A vehicle, our own session to answer it, and a plant that does what it is asked."""

    def __init__(self, service=AC, granted=True, limit=16.0, wishes=WISHES, **own):
        namespace = DC_NAMESPACE if service in (DC, DC_BPT) else AC_NAMESPACE
        self.evcc = Evcc20(replace(wishes, service=service, namespace=namespace), **own)
        self.ev = Ev(CHARGERS[service])
        self.ev.tell(ContactorChanged(True), *([LimitChanged(limit)] if limit else []))
        self.ev.tell(*([Decided(Granted("open"))] if granted else []))
        self.now, self.done = 0.0, []
        self.evcc.start(0.0)

    def wait(self, seconds):
        until = self.now + seconds
        while self.evcc.deadline is not None and self.evcc.deadline <= until:
            self.now = self.evcc.deadline
            for action in self.evcc.tick(self.now):
                self.carry(action)
        self.now = until
        return self

    def carry(self, action):
        self.done.append(action)
        match action:
            case GetReady(ready):
                self.ev.tell(PilotChanged(ready))
            case SendBytes(data):
                self.ev.write(data)
                for told in list(self.ev.last):
                    self.answered(told)

    def answered(self, told):
        match told:
            case DemandOutput(volts, amps):
                self.ev.tell(OutputMeasured(volts, amps))
            case CheckInsulation():
                self.ev.tell(InsulationChecked(True))
            case _ if type(told).__name__ == "SendBytes":
                for action in self.evcc.receive(told.data, self.now):
                    self.carry(action)

    def demanded(self):
        return [a.amps for a in self.ev.done if isinstance(a, DemandOutput)]

    @property
    def why(self):
        return [action.why for action in self.done if isinstance(action, HangUp)]


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("service", [AC, DC, AC_BPT, DC_BPT])
def test_it_goes_all_the_way_and_is_full_after_its_loops(service, dynamic):
    talk = Talk(service, wishes=replace(WISHES, dynamic=dynamic)).wait(20)
    assert talk.why == ["charged"]
    assert talk.evcc.full


@pytest.mark.parametrize("lacks", [{"granted": False}, {"limit": None}])
def test_it_asks_again_while_something_is_not_known(lacks):
    talk = Talk(**lacks).wait(20)
    assert not talk.evcc.over
    talk.ev.tell(Decided(Granted("open")), LimitChanged(16.0))
    assert talk.wait(20).why == ["charged"]


def test_it_waits_for_the_voltage():
    talk = Talk(DC)
    talk.answered = lambda told: (
        Talk.answered(talk, told) if not isinstance(told, DemandOutput) else None
    )
    talk.wait(20)
    assert not talk.evcc.over
    talk.ev.tell(OutputMeasured(395.0, 0.0))
    assert talk.wait(20).why == ["charged"]


def test_it_heeds_its_target():
    talk = Talk().wait(20)
    assert next(a for a in talk.done if isinstance(a, HeedLimit)) == HeedLimit(16.0)


def test_it_gives_from_the_turn_that_it_wants_to():
    wishes = replace(WISHES, gives_amps=20, gives_from=2, max_amps=50)
    assert Talk(DC_BPT, wishes=wishes).wait(20).demanded() == [2, 2, 50, 50, -20]


def test_it_stops_when_it_is_asked_to():
    talk = Talk(wishes=replace(WISHES, loops=50)).wait(2)
    talk.ev.tell(StopCharging("owner"))
    assert talk.wait(10).why == ["stopped"]


def test_it_exchanges_schedules_anew_when_it_is_asked_to():
    talk = Talk(wishes=replace(WISHES, loops=50)).wait(2)
    talk.ev.tell(Renegotiate("another plan"))
    assert talk.wait(20).why == ["charged"]
    assert [a for a in talk.done if a == GetReady(True)] == [GetReady(True)] * 3


def test_it_pauses():
    talk = Talk(pauses=True).wait(20)
    assert talk.why == ["paused"]
    assert talk.evcc.paused_id == OUR_ID


# Answers that a test makes up.


def heard(*messages):
    """What it does about these responses, one after the other."""
    evcc, actions = Evcc20(WISHES), []
    for message in messages:
        octets = codec.encode(Schema.ISO20_COMMON, message)
        actions += evcc.receive(v2gtp.encode(v2gtp.MAINSTREAM, octets), 0.0)
    return evcc, [action.why for action in actions if isinstance(action, HangUp)]


def set_up(code):
    return iso20_common.SessionSetupRes(
        header=ANY, response_code=ResponseCode(code), evseid="DE*ABC*E1"
    )


def test_it_goes_on_where_it_paused():
    evcc, _ = heard(set_up("OK_OldSessionJoined"))
    assert evcc.joined
    assert evcc.asked == "AC_ChargeParameterDiscoveryReq"


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (set_up("FAILED"), "SessionSetupRes: FAILED"),
        (iso20_common.AuthorizationSetupReq(header=ANY), "unexpected AuthorizationSetupReq"),
    ],
)
def test_it_hangs_up_on_what_does_not_let_it_go_on(message, why):
    evcc, said = heard(message)
    assert said == [why]
    octets = v2gtp.encode(v2gtp.MAINSTREAM, codec.encode(Schema.ISO20_COMMON, message))
    assert evcc.receive(octets, 1.0) == []


def test_it_hangs_up_on_octets_that_are_no_message():
    evcc = Evcc20(WISHES)
    actions = evcc.receive(v2gtp.encode(v2gtp.DC_MAINSTREAM, b"\xff" * 8), 0.0)
    assert isinstance(actions[-1], HangUp)


def test_it_hangs_up_where_its_protocol_is_not_spoken():
    evcc = Evcc20(replace(WISHES, namespace=DC_NAMESPACE))
    response = app_protocol.SupportedAppProtocolRes(
        response_code=app_protocol.ResponseCode.FAILED_NO_NEGOTIATION
    )
    octets = codec.encode(Schema.APP_PROTOCOL, response)
    actions = evcc.receive(v2gtp.encode(v2gtp.EXI, octets), 0.0)
    assert actions[-1] == HangUp("SupportedAppProtocolRes: Failed_NoNegotiation")


def test_it_hangs_up_where_no_parameter_set_is_of_its_control_mode():
    nothing = iso20_common.ServiceParameterList(
        parameter_set=(
            iso20_common.ParameterSet(
                parameter_set_id=1,
                parameter=(iso20_common.Parameter(name="ControlMode", int_value=2),),
            ),
        )
    )
    offered = iso20_common.ServiceDetailRes(
        header=ANY, response_code=ResponseCode.OK, service_id=1, service_parameter_list=nothing
    )
    assert parameter_set(offered, WISHES) is None
    assert heard(offered)[1] == ["no parameter set has its control mode"]


@pytest.mark.parametrize(("value", "written"), [(32_767, (0, 32_767)), (50_000, (1, 5000))])
def test_it_writes_large_numbers_in_tens(value, written):
    assert (number(value).exponent, number(value).value) == written


def test_a_request_has_its_own_schema():
    talk = Talk(DC).wait(20)
    sent = [a.data for a in talk.done if isinstance(a, SendBytes)]
    [last] = v2gtp.Reader().feed(sent[-2])
    assert last.type == v2gtp.DC_MAINSTREAM
    found = codec.decode(Schema.ISO20_DC, last.octets).message
    assert isinstance(found, iso20_dc.DC_WeldingDetectionReq)


def test_it_hangs_up_where_nobody_answers():
    evcc = Evcc20(WISHES)
    evcc.start(0.0)
    [sent] = evcc.tick(evcc.deadline)
    assert isinstance(sent, SendBytes)
    assert isinstance(evcc.tick(evcc.deadline)[-1], HangUp)
