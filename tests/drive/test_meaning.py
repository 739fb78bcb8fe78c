"""What a recorded message means for the pilot line and for the authorisation."""

import pytest

from seccstack.drive.meaning import authorises, insulates, readiness
from seccstack.messages import din, iso2, iso20_common, iso20_types
from tests.session.vehicle import power

HEADER = iso20_types.MessageHeader(session_id=bytes(8), time_stamp=0)


def din_power(ready):
    return din.PowerDeliveryReq(ready_to_charge_state=ready)


def iso20_power(progress):
    return iso20_common.PowerDeliveryReq(
        header=HEADER,
        ev_processing=iso20_types.Processing.FINISHED,
        charge_progress=iso20_common.ChargeProgress(progress),
    )


CABLE_CHECK = iso2.CableCheckReq(
    dc_ev_status=iso2.DC_EVStatus(
        ev_ready=True, ev_error_code=iso2.DC_EVErrorCode.NO_ERROR, evresssoc=50
    )
)


@pytest.mark.parametrize(
    ("request_", "ready"),
    [
        (power("Start"), True),
        (power("Renegotiate"), True),
        (power("Stop"), False),
        (din_power(True), True),
        (din_power(False), False),
        (iso20_power("Start"), True),
        (iso20_power("Standby"), True),
        (iso20_power("Stop"), False),
        (CABLE_CHECK, True),
        (iso2.ChargingStatusReq(), None),
        (None, None),
    ],
)
def test_a_car_closes_its_switch_before_it_asks_for_power_in_every_protocol(request_, ready):
    assert readiness(request_) is ready


def iso2_authorization(processing):
    return iso2.AuthorizationRes(
        response_code=iso2.ResponseCode.OK, evse_processing=iso2.EVSEProcessing(processing)
    )


def din_authorization(processing):
    return din.ContractAuthenticationRes(
        response_code=din.ResponseCode.OK, evse_processing=din.EVSEProcessing(processing)
    )


@pytest.mark.parametrize("answer", [iso2_authorization, din_authorization])
def test_a_charger_that_has_finished_has_authorised(answer):
    assert authorises(answer("Finished")) is True
    assert authorises(answer("Ongoing")) is False


@pytest.mark.parametrize("code", ["FAILED", "FAILED_ChallengeInvalid"])
def test_a_charger_that_has_refused_has_not(code):
    refusal = iso2.AuthorizationRes(
        response_code=iso2.ResponseCode(code), evse_processing=iso2.EVSEProcessing.FINISHED
    )
    assert authorises(refusal) is False


def test_no_other_answer_authorises():
    assert authorises(iso2.SessionStopRes(response_code=iso2.ResponseCode.OK)) is False


def cable_check(processing, code="OK"):
    return iso2.CableCheckRes(
        response_code=iso2.ResponseCode(code),
        dc_evse_status=iso2.DC_EVSEStatus(
            notification_max_delay=0,
            evse_notification=iso2.EVSENotification.NONE,
            evse_status_code=iso2.DC_EVSEStatusCode.EVSE_READY,
        ),
        evse_processing=iso2.EVSEProcessing(processing),
    )


@pytest.mark.parametrize(
    ("response", "good"),
    [
        (cable_check("Finished"), True),
        (cable_check("Ongoing"), False),
        (cable_check("Finished", "FAILED"), False),
        (iso2_authorization("Finished"), False),
        (None, False),
    ],
)
def test_the_insulation_is_good_once_the_cable_check_is_finished(response, good):
    assert insulates(response) is good
