"""ISO 15118-20: who is there, may it charge, and what goes on after a pause."""

from dataclasses import replace

import pytest

from seccstack.auth.decision import Denied, Granted
from seccstack.messages.iso20_common import Authorization
from seccstack.session.events import (
    AskAuthorizer,
    Broken,
    ContactorChanged,
    Decided,
    Learned,
    LimitChanged,
    Paused,
    PilotChanged,
    SessionEnded,
    StopCharging,
)
from seccstack.session.iso20.record import State
from seccstack.session.iso20.stop import binding
from tests.session.iso20.vehicle import (
    CERTIFICATE,
    CHALLENGE,
    CHARGER,
    DYNAMIC,
    EVCCID,
    OUR_ID,
    SETUP,
    WAYS_IN,
    Ev,
    ac,
    contract,
    eim,
    power,
    profile,
    stop,
)

ANOTHER = replace(CERTIFICATE, digest=bytes(64))
OLD_ID = bytes(range(1, 9))
BOUND = binding(OLD_ID, CERTIFICATE)


def paused(mode="1/2", contract=False, bound=BOUND):
    return Paused(OLD_ID, EVCCID.encode(), mode, contract, bound)


def come_again(session_id=OLD_ID, resumable=None, granted=True, **known):
    """Let a vehicle come back with a session id; return it and the response's code."""
    ev = Ev(resumable=resumable or paused(), **known).connect()
    if granted:
        ev.tell(Decided(Granted("open")))
    ev.session_id = ev.session.opening.session_id
    if session_id == OLD_ID and ev.session.opening.vehicle == CERTIFICATE:
        ev.session_id = OLD_ID
    ev.write(ev.framed(SETUP, session_id))
    return ev, ev.answer().response_code.value


def test_a_new_session_has_our_id_and_learns_the_name_that_the_vehicle_claims():
    """E-1."""
    ev = Ev().connect()
    response = ev.ask(SETUP, session_id=bytes(8))
    assert response.response_code.value == "OK_NewSessionEstablished"
    assert response.header.session_id == OUR_ID
    assert Learned(EVCCID.encode()) in ev.last


def test_the_vehicle_that_paused_goes_on_with_its_parameters():
    """E-1."""
    ev, code = come_again()
    assert code == "OK_OldSessionJoined"
    assert AskAuthorizer() in ev.last
    assert ev.session.state is State.SELECTED
    assert ev.code(ac()) == "OK"


@pytest.mark.parametrize("vehicle", [None, ANOTHER], ids=["none", "another"])
def test_a_vehicle_without_the_same_certificate_begins_anew(vehicle):
    """E-1: that its identity is not verified is no failure."""
    charger = replace(CHARGER, iso20_in_plain=True)
    ev = Ev(charger, resumable=paused(), vehicle=vehicle).connect()
    code = ev.ask(SETUP, session_id=OLD_ID).response_code.value
    assert code == "OK_NewSessionEstablished"


def test_with_another_session_id_a_vehicle_begins_anew():
    ev = Ev(resumable=paused()).connect()
    assert ev.ask(SETUP, session_id=b"12345678").response_code.value.startswith("OK_New")


def test_a_pause_without_a_certificate_binds_nobody():
    ev = Ev(resumable=paused(bound=b"")).connect()
    assert ev.ask(SETUP, session_id=OLD_ID).response_code.value.startswith("OK_New")


def test_what_was_paid_by_a_contract_goes_on_where_that_is_still_decided():
    ev, code = come_again(resumable=paused(contract=True))
    assert code == "OK_OldSessionJoined"
    ev = Ev(resumable=paused(contract=True)).connect()
    assert ev.ask(SETUP, session_id=OLD_ID).response_code.value.startswith("OK_New")


def test_what_is_no_longer_on_offer_is_not_gone_on_with():
    for mode in ("2/1", "1/9", None):
        ev = Ev(resumable=paused(mode=mode)).connect()
        ev.tell(Decided(Granted("open")))
        assert ev.ask(SETUP, session_id=OLD_ID).response_code.value.startswith("OK_New")


def test_a_pause_says_what_is_needed_to_go_on():
    """E-15."""
    ev = Ev().charge(parameter_set=2)
    ev.ask(power("Stop"))
    assert ev.code(stop("Pause")) == "OK"
    how = ev.last[-1].how
    assert how == Paused(OUR_ID, EVCCID.encode(), "1/2", False, binding(OUR_ID, CERTIFICATE))


def test_a_pause_before_a_service_was_selected_keeps_none():
    ev = Ev().authorize()
    ev.ask(stop("Pause"))
    assert ev.last[-1].how.mode is None


def test_the_ways_to_be_authorised_are_a_card_and_where_it_can_be_proven_a_contract():
    """E-2."""
    response = Ev().set_up().ask(WAYS_IN)
    assert response.authorization_services == (Authorization.EIM, Authorization.PN_C)
    assert response.pn_c_as_res_authorization_mode.gen_challenge == CHALLENGE
    assert response.certificate_installation_service
    response = Ev(challenge=b"").set_up().ask(WAYS_IN)
    assert response.authorization_services == (Authorization.EIM,)
    assert response.eim_as_res_authorization_mode is not None
    assert not response.certificate_installation_service


def test_the_vehicle_is_told_ongoing_until_it_has_been_decided():
    """E-4."""
    ev = Ev().challenged()
    response = ev.ask(eim())
    assert (response.response_code.value, response.evse_processing.value) == ("OK", "Ongoing")
    assert ev.last.count(AskAuthorizer()) == 1
    ev.ask(eim())
    assert AskAuthorizer() not in ev.last
    ev.tell(Decided(Granted("card")))
    response = ev.ask(eim())
    assert (response.response_code.value, response.evse_processing.value) == ("OK", "Finished")


def test_a_refusal_is_a_warning_and_the_vehicle_may_ask_again():
    """E-4, OC-12."""
    ev = Ev().challenged()
    ev.tell(Decided(Denied(("unknown card",))))
    response = ev.ask(eim())
    assert response.response_code.value == "WARNING_EIMAuthorizationFailure"
    assert response.evse_processing.value == "Finished"
    ev.tell(Decided(Granted("card")))
    assert ev.code(eim()) == "OK"
    assert ev.session.state is State.AUTHORIZED


def test_a_way_that_was_not_offered_is_a_warning():
    """E-4."""
    ev = Ev(challenge=b"").challenged()
    assert ev.code(contract()) == "WARNING_AuthorizationSelectionInvalid"
    assert ev.code(eim()) == "OK"


def test_a_charger_that_is_to_stop_authorises_nobody():
    ev = Ev().challenged()
    ev.tell(StopCharging("owner"))
    assert ev.code(eim()) == "FAILED"
    assert ev.last[-1] == SessionEnded(Broken("AuthorizationReq: FAILED (owner)"))


def test_one_that_goes_on_gets_no_energy_before_it_is_let():
    ev, code = come_again(granted=False)
    assert code == "OK_OldSessionJoined"
    ev.tell(LimitChanged(16.0), PilotChanged(True), ContactorChanged(True))
    assert (ev.code(ac()), ev.code(DYNAMIC)) == ("OK", "OK")
    code = ev.code(power("Start", profile(tuple_id=None)))
    assert (code, ev.energy()) == ("FAILED_PowerDeliveryNotApplied", False)
