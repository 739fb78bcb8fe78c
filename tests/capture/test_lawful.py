"""What a request may follow on, and what had been offered to it."""

import pytest

from seccstack.capture.case import Case, Exchange
from seccstack.capture.items import Link, V2gMessage
from seccstack.capture.lawful import (
    FOLLOWERS,
    excess_of,
    offered_modes,
    offered_payments,
    place_of,
)
from seccstack.capture.plugins import PlugIn
from seccstack.capture.verdict import failure_of
from seccstack.messages import din, iso2
from seccstack.messages.codec import Schema
from seccstack.session.iso2.sequence import SEQUENCE
from tests.capture.recordings import recordings_in

LINK = Link(0)


def message(number, name, content=None, schema=Schema.ISO2):
    sender = "ev" if name.endswith("Req") else "evse"
    return V2gMessage(number, float(number), LINK, sender, 0x8001, b"", schema, name, content)


def case(*messages):
    return Case(PlugIn("x", None, items=list(messages)))


def place(*names):
    """What is wrong with the last of these requests."""
    staged = case(*(message(n, f"{name}Req") for n, name in enumerate(names)))
    return place_of(staged.exchanges[-1], staged)


@pytest.mark.parametrize(
    "names",
    [
        ("supportedAppProtocol", "SessionSetup"),
        ("CurrentDemand", "CurrentDemand"),
        ("CableCheck", "SessionStop"),
        ("SessionStop",),
        ("PowerDelivery", "DC_ChargeLoop"),
        ("ServiceDiscovery", "SomethingNew"),
        ("SomethingNew", "ServiceDiscovery"),
    ],
)
def test_what_may_follow_is_in_its_place(names):
    assert place(*names) == ""


@pytest.mark.parametrize(
    "names", [("SessionSetup", "Authorization"), ("SessionStop", "CurrentDemand")]
)
def test_what_may_not_follow_is_told(names):
    assert place(*names) == f"{names[1]} may not follow on {names[0]}"


def test_our_own_sequence_allows_nothing_that_this_table_forbids():
    """From each state, what is allowed next follows on what led there."""
    leading = {
        "SET_UP": "SessionSetup",
        "DISCOVERED": "ServiceDiscovery",
        "SELECTED": "PaymentServiceSelection",
        "NEGOTIATING": "ChargeParameterDiscovery",
        "CHARGING": "ChargingStatus",
    }
    for state, before in leading.items():
        rows = {s.name: row for s, row in SEQUENCE.items()}
        allowed = {request.__name__[:-3] for request in rows[state]}
        assert allowed <= {*FOLLOWERS[before], "SessionStop"}, state


def test_every_recorded_dialogue_that_was_not_refused_is_in_sequence(shared):
    recordings = recordings_in(shared)
    for name in recordings.index:
        for session in recordings.sessions(name):
            of = Case(session.plug_in)
            wrong = [place_of(e, of) for e in of.exchanges if e.response and not e.failed]
            assert set(wrong) <= {""}, name


def test_the_offers_of_din_70121_are_one_mode_and_its_ways_to_pay():
    service = din.ServiceCharge(
        service_tag=din.ServiceTag(
            service_id=1, service_category=din.ServiceCategory.EV_CHARGING
        ),
        free_service=False,
        energy_transfer_type=din.EVSESupportedEnergyTransfer.DC_EXTENDED,
    )
    payments = din.PaymentOptions(payment_option=(din.PaymentOption.EXTERNAL_PAYMENT,))
    response = din.ServiceDiscoveryRes(
        response_code=din.ResponseCode.OK, payment_options=payments, charge_service=service
    )
    staged = case(
        message(1, "ServiceDiscoveryReq"),
        message(2, "ServiceDiscoveryRes", response, Schema.DIN),
    )
    assert offered_modes(staged) == ["DC_extended"]
    assert offered_payments(staged) == ["ExternalPayment"]


def test_where_no_offer_is_known_there_is_none():
    staged = case(message(1, "ServiceDiscoveryReq"))
    assert (offered_modes(staged), offered_payments(staged)) == ([], [])
    assert (offered_modes(case()), offered_payments(case())) == ([], [])


def test_without_limits_nothing_is_beyond_them():
    volts = iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.V, value=900)
    amps = iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.A, value=900)
    status = iso2.DC_EVStatus(
        ev_ready=True, ev_error_code=iso2.DC_EVErrorCode.NO_ERROR, evresssoc=1
    )
    request = iso2.PreChargeReq(
        dc_ev_status=status, ev_target_voltage=volts, ev_target_current=amps
    )
    staged = case(message(1, "PreChargeReq", request))
    assert excess_of(staged.exchanges[0], staged) == ""


def test_an_exchange_without_an_answer_has_neither_code_nor_duration():
    exchange = Exchange(message(1, "PreChargeReq"), None)
    assert (exchange.code, exchange.seconds, exchange.answered) == ("", None, None)
    assert (exchange.failed, exchange.numbers) == (False, (1,))


def test_every_verdict_of_the_recordings_says_who_in_one_of_five_words(shared):
    recordings = recordings_in(shared)
    for name in recordings.index:
        for session in recordings.sessions(name):
            failure = failure_of(session.plug_in)
            assert failure is None or failure.whose in {
                "ev",
                "evse",
                "line",
                "capture",
                "unclear",
            }
            assert session.failure == failure
