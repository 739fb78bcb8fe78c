"""A simulated vehicle's V2G session, against answers that a test makes up."""

import pytest
from msgspec import structs

from seccstack import v2gtp
from seccstack.auth.decision import Granted
from seccstack.messages import app_protocol, codec, iso2
from seccstack.messages.codec import Schema
from seccstack.messages.iso2 import ResponseCode
from seccstack.session.events import (
    ContactorChanged,
    Decided,
    LimitChanged,
    PilotChanged,
    StopCharging,
)
from seccstack.sim import evcc
from seccstack.sim.evcc import Evcc, GetReady, HangUp, HeedLimit, SendBytes
from seccstack.sim.evcc_requests import Wishes
from tests.session.vehicle import EVCCID, OUR_ID, SERVICE_DISCOVERY, Ev, sap

WISHES = Wishes(evccid=EVCCID, loops=3)


class Talk:
    """An EVCC, and our own session to answer it."""

    def __init__(self, wishes=WISHES, granted=True, known=None, **own):
        self.evcc = Evcc(wishes, **own)
        self.ev = Ev(**known or {})
        self.ev.tell(LimitChanged(16.0), ContactorChanged(True))
        self.ev.tell(PilotChanged(True))
        if granted:
            self.ev.tell(Decided(Granted("open")))
        self.now = 0.0
        self.done = []
        self.asked = []
        self.evcc.start(0.0)

    def wait(self, seconds, answers=True):
        until = self.now + seconds
        while self.evcc.deadline is not None and self.evcc.deadline <= until:
            self.now = self.evcc.deadline
            self.carry(self.evcc.tick(self.now), answers)
        self.now = until
        return self

    def carry(self, actions, answers=True):
        self.done += actions
        for action in actions:
            if isinstance(action, SendBytes):
                self.asked.append(action.data)
            if isinstance(action, SendBytes) and answers:
                self.ev.write(action.data)
                for told in list(self.ev.last):
                    if type(told).__name__ == "SendBytes":
                        self.carry(self.evcc.receive(told.data, self.now))

    def hear(self, octets, payload_type=v2gtp.EXI):
        self.carry(self.evcc.receive(v2gtp.encode(payload_type, octets), self.now))
        return self

    def of(self, kind):
        return [action for action in self.done if isinstance(action, kind)]

    @property
    def why(self):
        return [action.why for action in self.of(HangUp)]


def said(body):
    message = iso2.V2G_Message(header=iso2.MessageHeader(session_id=OUR_ID), body=body)
    return codec.encode(Schema.ISO2, message)


AGREED = codec.encode(
    Schema.APP_PROTOCOL,
    app_protocol.SupportedAppProtocolRes(
        response_code=app_protocol.ResponseCode.OK_SUCCESSFUL_NEGOTIATION, schema_id=1
    ),
)


REQUEST = sap()[v2gtp.HEADER.size :]


def test_it_goes_all_the_way_and_is_full_after_its_loops():
    talk = Talk().wait(20)
    assert talk.why == ["charged"]
    assert talk.of(GetReady) == [GetReady(True), GetReady(False), GetReady(False)]
    assert talk.evcc.full
    assert talk.evcc.over
    assert talk.evcc.deadline is None


def test_it_heeds_what_it_is_told_at_every_turn():
    assert talk_limits(Talk().wait(20)) == [16.0] * 4


def talk_limits(talk):
    return [heed.amps for heed in talk.of(HeedLimit)]


def test_it_asks_again_while_its_authorisation_is_pending():
    talk = Talk(granted=False).wait(5)
    assert len(talk.asked) > 10
    assert talk.why == []
    talk.ev.tell(Decided(Granted("card")))
    assert talk.wait(20).why == ["charged"]


def test_it_asks_again_while_the_limit_is_not_known():
    talk = Talk()
    talk.ev.session._plant.limit_amps = None
    talk.wait(3)
    assert talk_limits(talk) == []
    talk.ev.tell(LimitChanged(10.0))
    assert talk_limits(talk.wait(20)) == [10.0] * 4


def test_it_stops_when_it_is_asked_to_and_is_not_full_then():
    talk = Talk(Wishes(evccid=EVCCID)).wait(2)
    talk.ev.tell(StopCharging("enough"))
    assert talk.wait(2).why == ["stopped"]
    assert not talk.evcc.full


def test_or_does_not_heed_it():
    talk = Talk(Wishes(evccid=EVCCID, heeds_stop=False)).wait(2)
    talk.ev.tell(StopCharging("enough"))
    assert talk.wait(5).why == []


def test_it_may_be_made_full():
    talk = Talk(Wishes(evccid=EVCCID)).wait(2)
    assert talk.evcc.stop(talk.now) == []
    assert talk.wait(2).why == ["charged"]


def test_it_may_pause_and_go_on_with_the_old_session():
    talk = Talk(pauses=True).wait(20)
    assert talk.why == ["paused"]
    assert talk.evcc.paused_id == OUR_ID
    paused = talk.ev.last[-1].how
    again = Talk(known={"resumable": paused}, session_id=OUR_ID).wait(20)
    assert again.evcc.joined
    assert again.why == ["charged"]
    assert not talk.evcc.joined


@pytest.mark.parametrize(
    "name", ["supportedAppProtocolReq", "SessionSetupReq", "ChargingStatusReq"]
)
def test_it_may_fall_silent_before_any_request(name):
    talk = Talk(Wishes(evccid=EVCCID, silent_at=name)).wait(300)
    assert talk.why == []
    assert talk.evcc.deadline is None


def test_a_charger_that_does_not_answer_is_given_up():
    talk = Talk().wait(5.1, answers=False)
    assert talk.why == ["no response in 5 s"]


def test_it_can_be_asked_what_it_asks():
    talk = Talk()
    assert talk.evcc.asked == "supportedAppProtocolReq"
    talk.wait(0.06, answers=False)
    assert talk.evcc.asked == "supportedAppProtocolReq"
    assert talk.hear(AGREED).evcc.asked == "SessionSetupReq"


def test_a_handshake_that_fails_ends_it():
    talk = Talk(Wishes(evccid=EVCCID, namespace="urn:din:70121:2012:MsgDef")).wait(5)
    assert talk.why == ["Failed_NoNegotiation"]


def test_a_refusal_ends_it_with_its_code():
    talk = Talk().wait(0.06, answers=False).hear(AGREED)
    talk.hear(said(iso2.SessionSetupRes(response_code=ResponseCode.FAILED, evseid="DE*ABC*E1")))
    assert talk.why == ["SessionSetupRes: FAILED"]
    assert talk.of(GetReady) == [GetReady(False)]


def test_a_response_that_it_does_not_await_ends_it():
    talk = Talk().wait(0.06, answers=False).hear(AGREED)
    talk.hear(said(iso2.SessionStopRes(response_code=ResponseCode.OK)))
    assert talk.why == ["unexpected SessionStopRes"]


def test_so_does_a_request():
    assert Talk().hear(REQUEST).why == ["unexpected SupportedAppProtocolReq"]
    talk = Talk().wait(0.06, answers=False).hear(AGREED).hear(said(SERVICE_DISCOVERY))
    assert talk.why == ["unexpected ServiceDiscoveryReq"]


def test_octets_that_are_no_message_end_it():
    talk = Talk().wait(0.06, answers=False).hear(AGREED).hear(b"\xff\xff")
    assert len(talk.why) == 1


def test_what_is_no_exi_or_comes_after_the_end_is_passed_over():
    talk = Talk().wait(0.06, answers=False).hear(b"what is this", payload_type=0x4C41)
    assert talk.why == []
    talk.wait(6).hear(AGREED)
    assert talk.why == ["no response in 5 s"]


def test_a_status_without_a_limit_leaves_the_old_one():
    talk = Talk().wait(1)
    status = talk.ev.answer()
    assert isinstance(status, iso2.ChargingStatusRes)
    before = len(talk.of(HeedLimit))
    talk.hear(said(structs.replace(status, evse_max_current=None)))
    assert len(talk.of(HeedLimit)) == before


def test_a_tick_before_the_time_does_nothing():
    talk = Talk()
    assert talk.evcc.tick(0.01) == []
    assert talk.evcc.deadline == WISHES.think_seconds


def test_physical_values_are_read_with_their_power_of_ten():
    value = iso2.PhysicalValue(multiplier=-1, unit=iso2.UnitSymbol.A, value=105)
    assert evcc.in_units(value) == pytest.approx(10.5)


def dc_talk(known=None, **wishes):
    from tests.session.dc_vehicle import CHARGER as DC_CHARGER
    from tests.session.dc_vehicle import EXTENDED

    given = {"evccid": EVCCID, "loops": 3, "mode": EXTENDED, "max_amps": 100, **wishes}
    return Talk(Wishes(**given), known={"charger": DC_CHARGER, **(known or {})})


def test_on_dc_it_lets_the_cable_be_checked_and_demands_what_it_wants():
    from seccstack.session.events import InsulationChecked, OutputMeasured

    talk = dc_talk().wait(3)
    assert talk.evcc.asked == "CableCheckReq"
    talk.ev.tell(InsulationChecked(True))
    talk.wait(2)
    assert talk.evcc.asked == "PreChargeReq"
    talk.ev.tell(OutputMeasured(395.0, 0.0))
    talk.wait(5)
    assert talk.evcc.asked == "WeldingDetectionReq"
    talk.ev.tell(PilotChanged(False))
    for told in list(talk.ev.last):
        if type(told).__name__ == "SendBytes":
            talk.carry(talk.evcc.receive(told.data, talk.now))
    talk.wait(2)
    assert talk.done[-1] == HangUp("charged")


def test_it_negotiates_anew_when_it_wants_to():
    talk = Talk(Wishes(evccid=EVCCID, loops=4, renegotiates_at=2)).wait(10)
    progress = [GetReady(True), GetReady(True), GetReady(True), GetReady(False)]
    assert [a for a in talk.done if isinstance(a, GetReady)][:4] == progress
    assert talk.done[-1] == HangUp("charged")


def test_it_negotiates_anew_when_the_charger_wants_to():
    from seccstack.session.events import Renegotiate

    talk = Talk(Wishes(evccid=EVCCID, loops=10)).wait(2)
    talk.ev.tell(Renegotiate("a better offer"))
    talk.wait(10)
    assert talk.done[-1] == HangUp("charged")
    assert talk.ev.session._plant.renegotiation is None
