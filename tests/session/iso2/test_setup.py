"""From SessionSetup to Authorization."""

import pytest

from seccstack.auth.decision import Denied, Granted, Pending
from seccstack.messages import iso2
from seccstack.messages.iso2 import PaymentOption, ServiceCategory
from seccstack.session.events import (
    AskAuthorizer,
    Broken,
    Decided,
    Learned,
    Paused,
    SessionEnded,
    StopCharging,
)
from seccstack.session.iso2.record import State
from seccstack.session.plant import Charger, Plant
from tests.session.vehicle import (
    AUTHORIZATION,
    CHARGER,
    EVCCID,
    OUR_ID,
    PAUSE,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    Ev,
    parameters,
    selection,
)

OLD_ID = bytes.fromhex("1111111111111111")
WAITING = "Ongoing_WaitingForCustomerInteraction"


def modes(ev):
    service = ev.ask(SERVICE_DISCOVERY).charge_service
    return [m.value for m in service.supported_energy_transfer_mode.energy_transfer_mode]


@pytest.mark.parametrize("session_id", ["", "00", "060606060606", "00" * 8, "FEDCBA9876543210"])
def test_whatever_session_id_a_vehicle_comes_with_it_gets_a_new_one(session_id):
    ev = Ev().connect()
    response = ev.ask(SESSION_SETUP, bytes.fromhex(session_id))
    assert response.response_code.value == "OK_NewSessionEstablished"
    assert response.evseid == CHARGER.evse_id
    assert ev.session.state is State.SET_UP


def test_the_vehicles_claim_is_passed_on():
    ev = Ev().set_up()
    assert Learned(EVCCID) in ev.last


@pytest.mark.parametrize("evccid", [b"", b"\0", bytes(6)])
def test_an_evccid_of_any_length_is_taken(evccid):
    ev = Ev().connect()
    ev.ask(iso2.SessionSetupReq(evccid=evccid))
    assert Learned(evccid) in ev.last


def test_the_time_stamp_goes_on_from_when_the_stream_was_opened():
    ev = Ev().connect()
    ev.wait(7.9)
    assert ev.ask(SESSION_SETUP).evse_time_stamp == 1_700_000_007


def test_a_vehicle_that_paused_joins_its_session_again():
    ev = Ev(resumable=Paused(OLD_ID, EVCCID, "AC_single_phase_core")).connect()
    ev.session_id = OLD_ID
    assert ev.code(SESSION_SETUP) == "OK_OldSessionJoined"
    assert modes(ev) == ["AC_single_phase_core"]
    assert ev.code(selection(1)) == "OK"


def test_a_vehicle_that_paused_before_it_chose_a_mode_may_still_choose():
    ev = Ev(resumable=Paused(OLD_ID, EVCCID, None)).connect()
    ev.session_id = OLD_ID
    assert ev.code(SESSION_SETUP) == "OK_OldSessionJoined"
    assert modes(ev) == ["AC_three_phase_core", "AC_single_phase_core"]


@pytest.mark.parametrize("session_id", [b"", bytes(8), OUR_ID])
def test_a_vehicle_that_paused_may_begin_anew(session_id):
    ev = Ev(resumable=Paused(OLD_ID, EVCCID, None)).connect()
    assert ev.code(SESSION_SETUP, session_id) == "OK_NewSessionEstablished"


@pytest.mark.parametrize(
    ("contract", "offered"),
    [
        (None, ["Contract", "ExternalPayment"]),
        (True, ["Contract"]),
        (False, ["ExternalPayment"]),
    ],
)
def test_a_vehicle_that_paused_pays_as_before(contract, offered):
    ev = Ev(resumable=Paused(OLD_ID, EVCCID, "AC_single_phase_core", contract))
    ev.session_id = OLD_ID
    ev.connect().ask(SESSION_SETUP, OLD_ID)
    options = ev.ask(SERVICE_DISCOVERY).payment_option_list.payment_option
    assert [option.value for option in options] == offered


def test_what_a_contract_paid_does_not_go_on_where_none_can_be_proven():
    paused = Paused(OLD_ID, EVCCID, "AC_single_phase_core", contract=True)
    ev = Ev(resumable=paused, tls=False).connect()
    assert ev.code(SESSION_SETUP, OLD_ID) == "OK_NewSessionEstablished"
    options = ev.ask(SERVICE_DISCOVERY).payment_option_list.payment_option
    assert [option.value for option in options] == ["ExternalPayment"]


def test_only_the_vehicle_that_paused_joins_its_session():
    ev = Ev(resumable=Paused(OLD_ID, b"other", None)).connect()
    assert ev.code(SESSION_SETUP, OLD_ID) == "OK_NewSessionEstablished"


def test_a_pause_ends_with_what_the_next_session_has_to_know():
    ev = Ev().charge()
    ev.ask(PAUSE)
    paused = Paused(OUR_ID, EVCCID, "AC_three_phase_core", contract=False)
    assert ev.last[-1] == SessionEnded(paused)
    again = Ev(resumable=paused).connect()
    assert again.code(SESSION_SETUP, OUR_ID) == "OK_OldSessionJoined"


@pytest.mark.parametrize("scope", [None, "", "ü" * 64])
@pytest.mark.parametrize("category", [None, *ServiceCategory])
def test_in_plain_there_is_the_charge_service_and_no_other(scope, category):
    ev = Ev(tls=False).set_up()
    response = ev.ask(iso2.ServiceDiscoveryReq(service_scope=scope, service_category=category))
    assert response.payment_option_list.payment_option == (PaymentOption.EXTERNAL_PAYMENT,)
    assert response.charge_service.service_id == 1
    assert response.service_list is None


@pytest.mark.parametrize(
    ("phases", "offered"),
    [(1, ["AC_single_phase_core"]), (3, ["AC_three_phase_core", "AC_single_phase_core"])],
)
def test_the_modes_are_those_of_the_chargers_phases(phases, offered):
    assert modes(Ev(Charger(evse_id="DE*ABC*E1", phases=phases)).set_up()) == offered


@pytest.mark.parametrize("free", [True, False])
def test_a_charger_says_whether_it_is_free(free):
    ev = Ev(Charger(evse_id="DE*ABC*E1", free=free)).set_up()
    assert ev.ask(SERVICE_DISCOVERY).charge_service.free_service is free


def test_the_charge_service_has_no_parameters_however_often_it_is_asked():
    ev = Ev().discover()
    for _ in range(3):
        response = ev.ask(iso2.ServiceDetailReq(service_id=1))
        assert response.response_code.value == "OK"
        assert response.service_parameter_list is None
    assert ev.code(selection(1)) == "OK"


@pytest.mark.parametrize("service_id", [0, 2, 3, 65535])
def test_a_service_that_is_not_offered_has_no_details(service_id):
    ev = Ev(tls=False).discover()
    response = ev.ask(iso2.ServiceDetailReq(service_id=service_id))
    assert response.response_code.value == "FAILED_ServiceIDInvalid"
    assert response.service_id == service_id
    assert ev.session.state is State.ENDED


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (selection(1), "OK"),
        (selection(1, 1), "OK"),
        (selection(2), "FAILED_NoChargeServiceSelected"),
        (selection(1, 2), "FAILED_ServiceSelectionInvalid"),
    ],
)
def test_a_vehicle_selects_the_charge_service_and_pays_here(request_, code):
    ev = Ev().discover()
    assert ev.code(request_) == code
    assert ev.session.state is (State.SELECTED if code == "OK" else State.ENDED)


def test_the_authorizer_is_asked_once_while_the_vehicle_asks_again_and_again():
    ev = Ev().select()
    answers = [ev.ask(AUTHORIZATION).evse_processing.value for _ in range(5)]
    ev.tell(Decided(Pending(("waiting for a card",))))
    answers.append(ev.ask(AUTHORIZATION).evse_processing.value)
    assert answers == [WAITING] * 6
    assert ev.done.count(AskAuthorizer()) == 1


def test_a_vehicle_may_wait_for_a_card_for_as_long_as_it_asks():
    ev = Ev().select()
    for _ in range(20):
        ev.wait(30.0)
        assert ev.ask(AUTHORIZATION).evse_processing.value == WAITING


def test_a_granted_vehicle_is_told_so_once_more_if_it_asks():
    ev = Ev().select()
    ev.ask(AUTHORIZATION)
    ev.tell(Decided(Granted("card")))
    answers = [ev.ask(AUTHORIZATION).evse_processing.value for _ in range(2)]
    assert answers == ["Finished", "Finished"]
    assert ev.code(AUTHORIZATION) == "FAILED_SequenceError"


def test_a_decision_that_was_there_before_needs_no_authorizer():
    ev = Ev(plant=Plant(decision=Granted("open"))).select()
    assert ev.ask(AUTHORIZATION).evse_processing.value == "Finished"
    assert AskAuthorizer() not in ev.done


def test_a_denied_vehicle_is_refused():
    ev = Ev().select()
    ev.ask(AUTHORIZATION)
    ev.tell(Decided(Denied(("nobody held a card",))))
    assert ev.code(AUTHORIZATION) == "FAILED"
    assert ev.last[-1] == SessionEnded(Broken("AuthorizationReq: FAILED"))


def test_nobody_waits_for_a_decision_at_a_charger_that_wants_to_stop():
    ev = Ev().select()
    ev.ask(AUTHORIZATION)
    ev.tell(StopCharging("the owner"))
    assert ev.code(AUTHORIZATION) == "FAILED"


def test_a_vehicle_that_is_denied_after_all_is_not_told_finished_again():
    ev = Ev().authorize()
    ev.tell(Decided(Denied()))
    assert ev.code(AUTHORIZATION) == "FAILED"


def test_in_the_middle_of_a_denied_session_parameters_are_still_answered():
    ev = Ev().authorize()
    ev.tell(Decided(Denied()))
    response = ev.ask(parameters())
    status = response.evse_charge_parameter.ac_evse_status
    assert status.evse_notification.value == "StopCharging"


def test_what_paused_in_iso_15118_20_begins_anew():
    paused = Paused(OLD_ID, EVCCID, "1/2", contract=False, binding=bytes(64))
    ev = Ev(resumable=paused).connect()
    assert ev.code(SESSION_SETUP, OLD_ID) == "OK_NewSessionEstablished"
