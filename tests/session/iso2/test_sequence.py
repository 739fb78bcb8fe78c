"""Every request in every state: it is answered in kind, whatever is wrong with it."""

from dataclasses import replace

import pytest

from seccstack.auth.decision import Granted
from seccstack.messages import iso2
from seccstack.session.events import (
    Broken,
    CloseStream,
    ContactorChanged,
    Decided,
    InsulationChecked,
    LimitChanged,
    PilotChanged,
    SessionEnded,
    SignatureVerified,
    VerifySignature,
)
from seccstack.session.iso2.contract import DECISION_TIME, SIGNATURE_TIME
from seccstack.session.iso2.record import State
from seccstack.session.iso2.refusal import REFUSALS
from seccstack.session.iso2.requests import Request
from seccstack.session.iso2.sequence import RELEASED, SEQUENCE
from tests.session import dc_vehicle, vehicle
from tests.session.dc_vehicle import (
    CABLE_CHECK,
    DC_WAYS,
    WELDING,
    DcEv,
    dc_parameters,
    demand,
    pre_charge,
)
from tests.session.vehicle import (
    AUTHORIZATION,
    DETAILS,
    INSTALLATION,
    PROOF,
    RECEIPT,
    SAMPLES,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    STATUS,
    STOP,
    UPDATE,
    Ev,
    parameters,
    power,
    selection,
)
from tests.session.vehicle import WAYS as AC_WAYS

WAYS = {
    **AC_WAYS,
    **{name: lambda _, way=way: way(DcEv()) for name, way in DC_WAYS.items()},
}
RESPONSE = iso2.SessionStopRes(response_code=iso2.ResponseCode.OK)
PAIRS = [(state, request) for state in WAYS for request in SAMPLES]
ALLOWED = [pair for pair in PAIRS if type(pair[1]) in SEQUENCE[State[pair[0]]]]
REFUSED = [pair for pair in PAIRS if pair not in ALLOWED]
SESSION = [pair for pair in ALLOWED if pair[0] != "CONNECTED"]


OWED = {
    iso2.PowerDeliveryReq,
    iso2.PaymentDetailsReq,
    iso2.CertificateInstallationReq,
    iso2.CertificateUpdateReq,
    iso2.AuthorizationReq,
    iso2.MeteringReceiptReq,
    iso2.CableCheckReq,
    iso2.WeldingDetectionReq,
}


def sound(state, request):
    """The request as it has to be in this state."""
    if state == "METERED" and isinstance(request, iso2.PowerDeliveryReq):
        return power("Stop")
    return PROOF if (state, request) == ("IDENTIFIED", AUTHORIZATION) else request


def names(pairs):
    return [f"{state}-{type(request).__name__}" for state, request in pairs]


def kind(message):
    return type(message).__name__[:-3]


def assert_over(ev, code):
    how = Broken(ev.last[-1].how.why)
    assert how.why.endswith(f": {code}")
    assert ev.last[-2:] == [CloseStream(how.why), SessionEnded(how)]
    assert not ev.energy()
    assert ev.session.state is State.ENDED
    assert ev.session.deadline is None


def test_every_state_and_every_request_has_its_row():
    assert set(SEQUENCE) == set(State)
    assert set(REFUSALS) == set(Request.__args__) == {type(sample) for sample in SAMPLES}
    assert {State[name] for name in WAYS} | {State.ENDED} == set(State)


@pytest.mark.parametrize("name", WAYS)
def test_each_way_leads_to_its_state(name):
    assert WAYS[name](Ev()).session.state is State[name]


@pytest.mark.parametrize(("name", "request_"), ALLOWED, ids=names(ALLOWED))
def test_a_request_in_order_is_answered_or_its_response_is_owed(name, request_):
    response = WAYS[name](Ev()).ask(sound(name, request_))
    if response is not None:
        assert kind(response) == kind(request_)
        assert response.response_code.value.startswith("OK")
    else:
        assert type(request_) in OWED or name == "PARTING"


@pytest.mark.parametrize(("name", "request_"), REFUSED, ids=names(REFUSED))
def test_a_request_out_of_order_is_refused_in_kind_and_ends_the_session(name, request_):
    ev = WAYS[name](Ev())
    response = ev.ask(request_)
    assert kind(response) == kind(request_)
    assert response.response_code.value == "FAILED_SequenceError"
    assert_over(ev, "FAILED_SequenceError")


@pytest.mark.parametrize("wrong", ["", "00", "0000000000000000", "0123456789ABCDEE"])
@pytest.mark.parametrize(("name", "request_"), SESSION, ids=names(SESSION))
def test_a_request_with_a_foreign_session_id_is_refused_in_kind(name, request_, wrong):
    ev = WAYS[name](Ev())
    response = ev.ask(request_, bytes.fromhex(wrong))
    assert kind(response) == kind(request_)
    assert response.response_code.value == "FAILED_UnknownSession"
    assert_over(ev, "FAILED_UnknownSession")


def test_of_two_faults_the_order_is_reported():
    ev = Ev().discover()
    assert ev.code(SAMPLES[6], bytes(8)) == "FAILED_SequenceError"


GRANTED = Decided(Granted("contract"))
CONTRACT = iso2.PaymentOption.CONTRACT


def undecided(ev):
    """A contract is proven, and nobody has said whether it may charge."""
    ev.prove().confirm()
    ev.wait(DECISION_TIME)
    return ev


def metering(ev):
    return metered_again(ev, STATUS)


def metered_again(ev, turn):
    """A receipt was signed, and the time for another has come."""
    ev.meter().ask(RECEIPT)
    ev.confirm()
    ev.wait(50)
    ev.ask(turn)
    ev.wait(50)
    return ev


CLOSED = (PilotChanged(True), ContactorChanged(True))
ARROWS = [  # one to each state that `SEQUENCE` says a request may lead to
    (Ev.connect, SESSION_SETUP, State.SET_UP),
    (Ev.set_up, SERVICE_DISCOVERY, State.DISCOVERED),
    (Ev.discover, iso2.ServiceDetailReq(service_id=1), State.DISCOVERED),
    (Ev.discover, selection(1), State.SELECTED),
    (Ev.select, AUTHORIZATION, State.SELECTED),
    (lambda ev: ev.select().told(Decided(Granted("open"))), AUTHORIZATION, State.AUTHORIZED),
    (Ev.discover, selection(1, option=CONTRACT), State.CONTRACTING),
    (Ev.contract, DETAILS, State.VERIFYING),
    (Ev.contract, INSTALLATION, State.VERIFYING),
    (Ev.contract, UPDATE, State.VERIFYING),
    (Ev.provided, DETAILS, State.VERIFYING),
    (Ev.identify, PROOF, State.VERIFYING),
    (undecided, AUTHORIZATION, State.IDENTIFIED),
    (lambda ev: undecided(ev).told(GRANTED), AUTHORIZATION, State.AUTHORIZED),
    (metering, STATUS, State.METERED),
    (Ev.meter, RECEIPT, State.VERIFYING),
    (Ev.meter, power("Renegotiate"), State.NEGOTIATING),
    (Ev.meter, power("Stop"), State.STOPPED),
    (Ev.authorize, AUTHORIZATION, State.NEGOTIATING),
    (Ev.authorize, parameters(), State.NEGOTIATING),
    (lambda ev: ev.authorize().told(LimitChanged(6)), parameters(), State.AGREED),
    (Ev.repeat, parameters(), State.NEGOTIATING),
    (lambda ev: ev.repeat().told(LimitChanged(6)), parameters(), State.AGREED),
    (Ev.agree, power("Start"), State.STARTING),
    (lambda ev: ev.agree().told(*CLOSED), power("Start"), State.CHARGING),
    (Ev.renegotiate, power("Renegotiate"), State.NEGOTIATING),
    (Ev.agree, power("Stop"), State.STOPPED),
    (Ev.start, power("Start"), State.STARTING),
    (Ev.start, power("Stop"), State.STOPPED),
    (Ev.charge, STATUS, State.CHARGING),
    (lambda ev: ev.charge().told(PilotChanged(False)), power("Start"), State.STARTING),
    (Ev.charge, power("Start"), State.CHARGING),
    (Ev.charge, power("Renegotiate"), State.NEGOTIATING),
    (Ev.charge, power("Stop"), State.STOPPED),
]


def dc(way):
    return lambda _: way(DcEv())


def ready(ev):
    return ev.told(PilotChanged(True))


INSULATED = InsulationChecked(True)
ARROWS += [
    (dc(lambda ev: ev.authorize().told(LimitChanged(6))), dc_parameters(), State.CHECKING),
    (dc(lambda ev: ev.repeat().told(LimitChanged(6))), dc_parameters(), State.CHECKING),
    (dc(DcEv.agree), CABLE_CHECK, State.CONNECTING),
    (dc(DcEv.connecting), CABLE_CHECK, State.CONNECTING),
    (dc(lambda ev: ready(ev.agree())), CABLE_CHECK, State.CHECKING),
    (dc(lambda ev: ready(ev.agree()).told(INSULATED)), CABLE_CHECK, State.CHECKED),
    (dc(DcEv.check), pre_charge(), State.PRECHARGED),
    (dc(DcEv.precharge), pre_charge(), State.PRECHARGED),
    (dc(DcEv.precharge), power("Start"), State.DEMANDING),
    (dc(DcEv.precharge), power("Stop"), State.UNLOADING),
    (dc(DcEv.charge), demand(), State.DEMANDING),
    (dc(DcEv.charge), power("Start"), State.DEMANDING),
    (dc(DcEv.charge), power("Renegotiate"), State.NEGOTIATING),
    (dc(DcEv.charge), power("Stop"), State.UNLOADING),
    (dc(lambda ev: metered_again(ev, demand())), demand(), State.METERED),
    (dc(DcEv.meter), power("Stop"), State.UNLOADING),
    (dc(DcEv.stop), WELDING, State.PARTING),
    (dc(DcEv.unload), WELDING, State.UNLOADING),
    (dc(DcEv.stop), STOP, State.PARTING),
    (dc(DcEv.part), WELDING, State.PARTING),
    (dc(DcEv.part), STOP, State.PARTING),
]


def priced(ev):
    """It may be offered a schedule, as soon as it is known what energy costs."""
    return ev.authorize().told(LimitChanged(16))


def sold(kind=Ev):
    charger = dc_vehicle.CHARGER if kind is DcEv else vehicle.CHARGER
    return kind(replace(charger, tariffs=True))


def unanswered(ev):
    """It has been told Ongoing while somebody finds out."""
    priced(ev).ask(parameters())
    ev.wait(SIGNATURE_TIME)
    return ev


ARROWS += [
    (lambda _: priced(sold()), parameters(), State.VERIFYING),
    (lambda _: unanswered(sold()), parameters(), State.VERIFYING),
]


@pytest.mark.parametrize(("way", "request_", "after"), ARROWS)
def test_a_request_leads_where_the_table_says(way, request_, after):
    ev = way(Ev())
    before = ev.session.state
    ev.ask(request_)
    assert ev.session.state is after
    assert after in SEQUENCE[before][type(request_)].to


def test_every_arrow_of_the_table_is_walked_above():
    walked = {(way(Ev()).session.state, type(r), after) for way, r, after in ARROWS}
    assert walked == {
        (state, request, after)
        for state, row in SEQUENCE.items()
        for request, step in row.items()
        for after in step.to
    }


def test_what_was_owed_leads_where_the_table_says():
    ev = Ev().start().told(*CLOSED)
    after = {State.STARTING: {ev.session.state}}
    after[State.VERIFYING] = {
        way(Ev()).session.state
        for way in (Ev.provided, Ev.identify, lambda ev: granted(ev.prove()), receipted)
    } | {receipted(DcEv()).session.state, unanswered(sold()).session.state}
    for ev, request in ((sold(), parameters()), (sold(DcEv), dc_parameters())):
        priced(ev).ask(request)
        ev.price(None)
        after[State.VERIFYING].add(ev.session.state)
    after[State.CONNECTING] = {ready(DcEv().connecting()).session.state}
    after[State.PARTING] = {DcEv().part().told(PilotChanged(False)).session.state}
    assert after == {state: set(then) for state, then in RELEASED.items()}


def granted(ev):
    return ev.told(GRANTED, SignatureVerified(ev.wanted(VerifySignature).ticket, True))


def receipted(ev):
    ev.meter().ask(RECEIPT)
    ev.confirm()
    return ev


@pytest.mark.parametrize("name", WAYS)
def test_after_the_end_nothing_is_answered(name):
    ev = WAYS[name](Ev())
    ev.ask(SAMPLES[4] if name == "CONNECTED" else SESSION_SETUP)
    assert ev.ask(STOP) is None
    assert ev.last == []


@pytest.mark.parametrize("body", [None, RESPONSE])
def test_what_is_no_request_ends_the_session_without_an_answer(body):
    ev = Ev().charge()
    assert ev.ask(body) is None
    assert ev.kinds() == ["Exchanged", "Ignored", "AllowEnergy", "CloseStream", "SessionEnded"]
