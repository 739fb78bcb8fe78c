"""Receipts: a vehicle with a contract signs for what the meter showed."""

import pytest
from msgspec import structs

from seccstack.messages import iso2
from seccstack.session.events import Meter, MeterRead, ReceiptSigned
from seccstack.session.iso2.loop import MOST_RENEGOTIATIONS
from seccstack.session.iso2.record import State
from tests.session.vehicle import OUR_ID, RECEIPT, STATUS, Ev, parameters, power, signed

INVALID = "FAILED_MeteringSignatureNotValid"


def later(ev, seconds):
    """Let the vehicle ask on, every half minute."""
    for _ in range(seconds // 30):
        ev.wait(30)
        response = ev.ask(STATUS)
    return response


def test_a_reading_is_shown_and_its_receipt_is_due():
    ev = Ev().meter()
    shown = ev.answer()
    assert (shown.receipt_required, shown.meter_info) == (True, RECEIPT.meter_info)
    assert shown.evse_max_current is None
    assert ev.code(STATUS) == "FAILED_SequenceError"


def test_a_receipt_that_is_signed_is_kept_and_the_charge_goes_on():
    ev = Ev().meter()
    assert ev.ask(RECEIPT) is None
    response = ev.confirm()
    assert response.response_code.value == "OK"
    assert ev.last[0] == ReceiptSigned("meter", 1)
    assert ev.session.state is State.CHARGING
    assert ev.ask(STATUS).receipt_required is False


def test_after_a_while_another_receipt_is_due():
    ev = Ev().meter()
    ev.ask(RECEIPT)
    ev.confirm()
    ev.tell(MeterRead(Meter("meter", 500)))
    assert later(ev, 30).receipt_required is False
    shown = later(ev, 30)
    assert (shown.receipt_required, shown.meter_info.meter_reading) == (True, 500)


def test_a_signature_of_another_key_makes_no_receipt():
    ev = Ev().meter()
    ev.ask(RECEIPT)
    assert ev.confirm(valid=False).response_code.value == INVALID
    assert not ev.energy()


@pytest.mark.parametrize(
    "changes",
    [
        {"session_id": bytes(8)},
        {"meter_info": iso2.MeterInfo(meter_id="meter", meter_reading=2)},
        {"meter_info": iso2.MeterInfo(meter_id="meter")},
        {"meter_info": iso2.MeterInfo(meter_id="other", meter_reading=1)},
    ],
)
def test_a_receipt_for_something_else_is_none(changes):
    ev = Ev().meter()
    assert ev.code(structs.replace(RECEIPT, **changes)) == INVALID
    assert not ev.energy()


def test_a_receipt_whose_signature_is_about_something_else_is_none():
    other = signed(structs.replace(RECEIPT, session_id=OUR_ID[::-1]))
    ev = Ev().meter()
    assert ev.ask(RECEIPT, signature=other).response_code.value == INVALID


def test_a_vehicle_that_owes_a_receipt_may_stop():
    ev = Ev().meter()
    assert ev.code(power("Stop")) == "OK"
    assert not ev.energy()


def test_a_vehicle_that_owes_a_receipt_may_not_go_on_without():
    ev = Ev().meter()
    assert ev.code(power("Start")) == "FAILED_SequenceError"
    assert not ev.energy()


def test_a_vehicle_that_negotiates_anew_owes_the_next_receipt():
    ev = Ev().meter()
    assert ev.code(power("Renegotiate")) == "OK"
    ev.ask(parameters())
    ev.ask(power("Start"))
    assert ev.ask(STATUS).receipt_required is True


def anew(ev):
    code = ev.code(power("Renegotiate"))
    if code == "OK":
        ev.ask(parameters())
        ev.ask(power("Start"))
    return code


def test_a_receipt_is_not_put_off_for_ever_by_negotiating_anew():
    ev = Ev().meter()
    for _ in range(MOST_RENEGOTIATIONS):
        assert anew(ev) == "OK"
        assert ev.ask(STATUS).receipt_required is True
    assert anew(ev) == "FAILED"
    assert not ev.energy()


def test_who_signs_may_negotiate_anew_as_often_as_before():
    ev = Ev().meter()
    assert [anew(ev) for _ in range(MOST_RENEGOTIATIONS)] == ["OK"] * MOST_RENEGOTIATIONS
    ev.ask(STATUS)
    ev.ask(RECEIPT)
    ev.confirm()
    assert anew(ev) == "OK"


def test_who_pays_otherwise_signs_nothing():
    ev = Ev()
    ev.tell(MeterRead(Meter("meter", 1)))
    shown = ev.charge().ask(STATUS)
    assert shown.receipt_required is False
    assert shown.evse_max_current is not None
