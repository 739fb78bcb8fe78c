"""Why a session in which both spoke did not end well, staged."""

import pytest

from seccstack.capture.packets import Packet
from seccstack.capture.plugins import plug_ins_of
from seccstack.capture.trace import read_trace
from seccstack.capture.verdict import failure_of
from seccstack.messages import iso2
from tests.capture.scene import (
    PAUSE,
    REFUSED,
    SET_UP,
    SETUP,
    STOP,
    STOPPED,
    Scene,
    choice,
    offer,
)

OK = iso2.ResponseCode.OK
SEQUENCE = iso2.ResponseCode.FAILED_SEQUENCE_ERROR
FINISHED, ONGOING = iso2.EVSEProcessing.FINISHED, iso2.EVSEProcessing.ONGOING
AC = iso2.EnergyTransferMode.AC_THREE_PHASE_CORE
DC = iso2.EnergyTransferMode.DC_EXTENDED
EXTERNAL = iso2.PaymentOption.EXTERNAL_PAYMENT
CONTRACT = iso2.PaymentOption.CONTRACT
EVSEID = "ZZ00000"


def amps(value):
    return iso2.PhysicalValue(multiplier=-1, unit=iso2.UnitSymbol.A, value=round(10 * value))


def volts(value):
    return iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.V, value=value)


def ev_status(error="NO_ERROR"):
    return iso2.DC_EVStatus(
        ev_ready=True, ev_error_code=iso2.DC_EVErrorCode(error), evresssoc=50
    )


def evse_status(code="EVSE_Ready", notification="None", isolation=None):
    return iso2.DC_EVSEStatus(
        notification_max_delay=0,
        evse_notification=iso2.EVSENotification(notification),
        evse_isolation_status=isolation and iso2.IsolationLevel(isolation),
        evse_status_code=iso2.DC_EVSEStatusCode(code),
    )


def ac_status(notification="None", rcd=False):
    return iso2.AC_EVSEStatus(
        notification_max_delay=0,
        evse_notification=iso2.EVSENotification(notification),
        rcd=rcd,
    )


def discovery(modes=(AC,), payments=(EXTERNAL,), code=OK):
    service = iso2.ChargeService(
        service_id=1,
        service_category=iso2.ServiceCategory.EV_CHARGING,
        free_service=False,
        supported_energy_transfer_mode=iso2.SupportedEnergyTransferMode(
            energy_transfer_mode=modes
        ),
    )
    return iso2.ServiceDiscoveryReq(), iso2.ServiceDiscoveryRes(
        response_code=code,
        payment_option_list=iso2.PaymentOptionList(payment_option=payments),
        charge_service=service,
    )


def selection(code=OK, option=EXTERNAL):
    services = iso2.SelectedServiceList(selected_service=(iso2.SelectedService(service_id=1),))
    request = iso2.PaymentServiceSelectionReq(
        selected_payment_option=option, selected_service_list=services
    )
    return request, iso2.PaymentServiceSelectionRes(response_code=code)


def authorization(processing=FINISHED, code=OK):
    response = iso2.AuthorizationRes(response_code=code, evse_processing=processing)
    return iso2.AuthorizationReq(), response


def parameters(code=OK, mode=DC, most_amps=100, most_volts=500):
    charge = iso2.DC_EVChargeParameter(
        dc_ev_status=ev_status(),
        ev_maximum_current_limit=amps(100),
        ev_maximum_voltage_limit=volts(400),
    )
    offered = iso2.DC_EVSEChargeParameter(
        dc_evse_status=evse_status(),
        evse_maximum_current_limit=amps(most_amps),
        evse_maximum_power_limit=iso2.PhysicalValue(
            multiplier=3, unit=iso2.UnitSymbol.W, value=50
        ),
        evse_maximum_voltage_limit=volts(most_volts),
        evse_minimum_current_limit=amps(0),
        evse_minimum_voltage_limit=volts(200),
        evse_peak_current_ripple=amps(1),
    )
    request = iso2.ChargeParameterDiscoveryReq(
        requested_energy_transfer_mode=mode, ev_charge_parameter=charge
    )
    return request, iso2.ChargeParameterDiscoveryRes(
        response_code=code, evse_processing=FINISHED, evse_charge_parameter=offered
    )


def cable_check(processing=ONGOING, **status):
    request = iso2.CableCheckReq(dc_ev_status=ev_status())
    return request, iso2.CableCheckRes(
        response_code=OK, dc_evse_status=evse_status(**status), evse_processing=processing
    )


def pre_charge(target=400, code=OK):
    request = iso2.PreChargeReq(
        dc_ev_status=ev_status(), ev_target_voltage=volts(target), ev_target_current=amps(1)
    )
    return request, iso2.PreChargeRes(
        response_code=code, dc_evse_status=evse_status(), evse_present_voltage=volts(400)
    )


def power(progress="Start", status=None, error=None, complete=False, code=OK):
    parameter = error and iso2.DC_EVPowerDeliveryParameter(
        dc_ev_status=ev_status(error), charging_complete=complete
    )
    request = iso2.PowerDeliveryReq(
        charge_progress=iso2.ChargeProgress(progress),
        sa_schedule_tuple_id=1,
        ev_power_delivery_parameter=parameter,
    )
    response = iso2.PowerDeliveryRes(
        response_code=code, evse_status=ac_status() if status is None else status
    )
    return request, response


def demand(wished=20.0, came=20.0, complete=False, error="NO_ERROR", target=400, **status):
    request = iso2.CurrentDemandReq(
        dc_ev_status=ev_status(error),
        ev_target_current=amps(wished),
        charging_complete=complete,
        ev_target_voltage=volts(target),
    )
    return request, iso2.CurrentDemandRes(
        response_code=OK,
        dc_evse_status=evse_status(**status),
        evse_present_voltage=volts(400),
        evse_present_current=amps(came),
        evse_current_limit_achieved=False,
        evse_voltage_limit_achieved=False,
        evse_power_limit_achieved=False,
        evseid=EVSEID,
        sa_schedule_tuple_id=1,
    )


def status(most=16.0, **of):
    return iso2.ChargingStatusReq(), iso2.ChargingStatusRes(
        response_code=OK,
        evseid=EVSEID,
        sa_schedule_tuple_id=1,
        evse_max_current=None if most is None else amps(most),
        ac_evse_status=ac_status(**of),
    )


ENDED = (STOP, STOPPED)


class Stage:
    """A session whose clock the test sets: ``after`` is how long until the next packet."""

    def __init__(self):
        self.scene = Scene()
        self.talk = self.scene.connect()
        self.begin = len(self.scene.packets)
        self.times = [0.01] * self.begin

    def says(self, *contents, answer=0.01, ask=0.02):
        """Requests and answers in turn; each request comes ``ask`` after what was before."""
        for number, content in enumerate(contents):
            evse = number % 2
            self.talk.say("evse" if evse else "ev", content)
            self.times.append(answer if evse else ask)
        return self

    def begins(self, **offered):
        return self.says(offer(), choice(), SETUP, SET_UP, *discovery(**offered))

    def wants(self, **offered):
        return self.begins(**offered).says(*selection(), *authorization())

    def charges(self, *loop, **offered):
        self.wants(modes=(DC,), **offered).says(*parameters())
        self.says(*cable_check(FINISHED), *pre_charge(), *power(status=evse_status()))
        return self.says(*loop) if loop else self

    def draws(self, **how):
        """Go through the loop for longer than a vehicle waits for current."""
        for _ in range(7):
            self.says(*demand(**how), ask=1.0)
        return self

    def closes(self, sender="ev", flags="FA", after=0.02):
        self.talk.close(sender, flags)
        self.times.append(after)
        return self

    def waits(self, seconds):
        self.scene.packet(bytes(60))
        self.times.append(seconds)
        return self

    def failure(self):
        time, packets = 1000.0, []
        for packet, after in zip(self.scene.packets, self.times, strict=True):
            time += after
            packets.append(Packet(packet.number, time, 1, packet.octets))
        [plug_in] = plug_ins_of(read_trace("stage", packets))
        return failure_of(plug_in)

    def fails(self, whose, words):
        found = self.failure()
        assert (found and found.whose, words if words in found.why else found.why) == (
            whose,
            words,
        )
        assert found.evidence == tuple(sorted(set(found.evidence), key=found.evidence.index))


@pytest.fixture
def stage():
    return Stage()


def test_a_charge_that_ends_in_good_order_is_no_failure(stage):
    assert stage.wants().says(*power(), *status(), *power("Stop"), *ENDED).failure() is None


def test_a_pause_is_no_failure(stage):
    assert stage.wants().says(*power(), *status(), PAUSE, STOPPED).failure() is None


def test_an_answer_that_is_left_from_another_session_is_no_failure(stage):
    stage.talk.say("evse", STOPPED)
    stage.times.append(0.1)
    assert stage.closes("evse").failure() is None


# Processes that take too long.


def test_a_cable_check_that_takes_too_long_is_the_chargers(stage):
    stage.wants(modes=(DC,)).says(*parameters())
    for _ in range(5):
        stage.says(*cable_check(), ask=10)
    stage.closes().fails("evse", "CableCheck took too long: 5 requests in 40.")


def test_a_stop_in_answer_to_it_is_as_good_and_its_refusal_is_told(stage):
    stage.wants(modes=(DC,)).says(*parameters())
    for _ in range(5):
        stage.says(*cable_check(), ask=10)
    stage.says(STOP, REFUSED)
    stage.fails("evse", "40 s; its SessionStop was answered with FAILED_SequenceError")


def test_an_authorisation_that_never_comes_is_the_chargers(stage):
    stage.begins().says(*selection())
    for _ in range(7):
        stage.says(*authorization(ONGOING), ask=10)
    stage.says(*ENDED).fails("evse", "Authorization took too long: 7 requests in 60.")


def test_a_vehicle_that_has_less_patience_is_another_matter(stage):
    stage.begins().says(*selection(), *authorization(ONGOING)).closes()
    stage.fails("ev", "the vehicle closed the connection after Authorization")


def test_a_process_that_the_charger_ends_by_closing_is_another_matter_too(stage):
    stage.begins().says(*selection(), *authorization(ONGOING)).waits(90).closes("evse")
    stage.fails("evse", "the charger closed the connection out of the blue")


def test_a_process_that_was_finished_did_not_take_too_long(stage):
    stage.wants().says(*ENDED, ask=70).fails("ev", "the vehicle stopped after Authorization")


# No power.


def test_alternating_current_that_never_comes_is_the_chargers(stage):
    stage.wants().says(*power()).says(STOP, REFUSED, ask=8.5)
    stage.fails(
        "evse", "no power came: the vehicle waited for 8.5 s, and ended it; its Session"
    )


def test_a_stop_soon_after_power_delivery_is_unclear(stage):
    stage.wants().says(*power(), *ENDED)
    stage.fails("unclear", "the vehicle stopped after PowerDelivery, before any energy flowed")


def test_power_delivery_without_start_waits_for_no_power(stage):
    stage.wants().says(*power("Stop")).says(*ENDED, ask=9)
    stage.fails("unclear", "the vehicle stopped after PowerDelivery")


def test_power_delivery_of_direct_current_is_followed_by_current_demand(stage):
    stage.charges().says(*ENDED, ask=9).fails("unclear", "stopped after PowerDelivery")


def test_a_power_delivery_that_was_not_answered_explains_nothing(stage):
    stage.wants().says(power()[0]).says(*ENDED, ask=9)
    stage.fails("unclear", "the vehicle stopped after PowerDelivery")


@pytest.mark.parametrize(
    ("how", "whose", "words"),
    [
        (
            {"came": 0.0},
            "evse",
            "no current came: the charger's measured 0 A at most of the 20 A",
        ),
        ({"came": 0.0, "complete": True}, None, ""),
        ({"came": 0.0, "notification": "StopCharging"}, None, ""),
        ({"came": 0.0, "code": "EVSE_Shutdown"}, None, ""),
        ({"came": 0.0, "wished": 0.0}, None, ""),
        ({"came": -20.0}, None, ""),
    ],
)
def test_a_vehicle_that_gives_up_without_current_was_not_given_any(stage, how, whose, words):
    stage.charges().draws(**how).says(*ENDED)
    if whose is None:
        assert stage.failure() is None
    else:
        stage.fails(whose, words)


def test_what_the_vehicle_reports_of_it_is_told(stage):
    stage.charges().draws(came=0.0).says(*power("Stop", error="FAILED_EVRESSMalfunction"))
    stage.closes(after=1).fails("evse", "ended it, reporting FAILED_EVRESSMalfunction")


def test_completeness_may_be_told_with_the_power_delivery(stage):
    stage.charges().draws(came=0.0)
    stage.says(*power("Stop", error="NO_ERROR", complete=True), *ENDED)
    assert stage.failure() is None


def test_a_loop_too_short_to_tell_is_no_failure(stage):
    assert stage.charges(*demand(came=0.0)).says(*ENDED).failure() is None


def test_a_limit_of_nothing_explains_that_the_vehicle_stops(stage):
    stage.wants().says(*power(), *status(most=0.0), *ENDED)
    stage.fails("evse", "the vehicle stopped while the charger's limit was 0 A")


def test_a_limit_that_is_not_told_explains_nothing(stage):
    assert stage.wants().says(*power(), *status(most=None), *ENDED).failure() is None


# Refusals.


def test_a_legal_request_that_is_refused_is_the_chargers(stage):
    stage.begins().says(*selection(code=iso2.ResponseCode.FAILED)).closes()
    stage.fails("evse", "answered PaymentServiceSelectionReq, which is legal here, with FAILED")


def test_a_request_out_of_sequence_is_the_vehicles(stage):
    stage.begins().says(*authorization(code=SEQUENCE)).closes()
    stage.fails("ev", "sent AuthorizationReq out of sequence (Authorization may not follow on")


def test_a_stop_is_legal_at_any_time(stage):
    stage.begins().says(STOP, REFUSED)
    stage.fails("evse", "SessionStopReq, which is legal here, with FAILED_SequenceError")


INVALID = iso2.ResponseCode.FAILED_PAYMENT_SELECTION_INVALID


def test_a_way_to_pay_that_was_not_offered_is_the_vehicles(stage):
    stage.begins(payments=(EXTERNAL,)).says(*selection(INVALID, CONTRACT)).closes()
    stage.fails(
        "ev", "FAILED_PaymentSelectionInvalid: Contract was chosen, offered was External"
    )


def test_a_contract_without_tls_is_no_offer(stage):
    stage.begins(payments=(CONTRACT,)).says(*selection(INVALID, EXTERNAL)).closes()
    stage.fails("evse", "the charger offers only Contract, without TLS")


def test_a_way_to_pay_that_was_offered_and_is_refused_is_the_chargers(stage):
    stage.begins().says(*selection(INVALID)).closes()
    stage.fails("evse", "PaymentServiceSelectionReq, which is legal here")


def test_a_mode_that_was_not_offered_is_the_vehicles(stage):
    wrong = iso2.ResponseCode.FAILED_WRONG_ENERGY_TRANSFER_MODE
    stage.wants(modes=(AC,)).says(*parameters(wrong)).closes()
    stage.fails("ev", "DC_extended was wished for, offered was AC_three_phase_core")


def test_a_certificate_that_is_refused_is_the_vehicles(stage):
    expired = iso2.ResponseCode.FAILED_CHALLENGE_INVALID
    stage.begins().says(*selection(), *authorization(code=expired)).closes()
    stage.fails("ev", "AuthorizationReq got FAILED_ChallengeInvalid")


def test_a_voltage_beyond_the_limit_that_is_refused_is_the_vehicles(stage):
    stage.wants(modes=(DC,)).says(*parameters(), *cable_check(FINISHED))
    stage.says(*pre_charge(600, iso2.ResponseCode.FAILED)).closes()
    stage.fails(
        "ev", "PreChargeReq was answered with FAILED: it asked for 600 V, the charger's"
    )


def test_a_refusal_that_was_got_over_is_no_failure(stage):
    stage.begins().says(*selection(INVALID), *selection(), *authorization())
    assert stage.says(*power(), *status(), *ENDED).failure() is None


# What either side reports of itself.


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"code": "EVSE_Malfunction"}, "the charger reports EVSE_Malfunction"),
        ({"isolation": "Fault"}, "the charger reports isolation Fault"),
    ],
)
def test_a_charger_that_reports_a_fault_has_it(stage, how, words):
    stage.charges(*demand(**how)).says(*ENDED).fails("evse", words)


def test_a_residual_current_is_the_chargers_to_explain(stage):
    tripped = power("Stop", status=ac_status(rcd=True))
    stage.wants().says(*power(), *status(), *tripped, *ENDED)
    stage.fails("evse", "residual current device has tripped")


def test_a_vehicle_that_reports_a_fault_has_it(stage):
    stage.charges(*demand(error="FAILED_ChargerConnectorLockFault")).says(*ENDED)
    stage.fails("ev", "the vehicle reports FAILED_ChargerConnectorLockFault")


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"wished": 150.0}, "it asked for 150 A, the charger's limit is 100 A"),
        ({"target": 600}, "it asked for 600 V, the charger's limit is 500 V"),
    ],
)
def test_a_vehicle_outside_the_limits_is_told_where_the_charger_ends_it(stage, how, words):
    stage.charges(*demand(**how)).closes("evse").fails("ev", words)


def test_a_vehicle_outside_the_limits_that_ends_it_itself_is_another_matter(stage):
    stage.charges(*demand(wished=150.0)).closes("ev").fails("ev", "out of the blue")


def test_within_the_limits_it_is_the_charger_that_ended_it(stage):
    stage.charges(*demand()).closes("evse")
    stage.fails(
        "evse", "the charger closed the connection out of the blue, 0.02 s after Current"
    )


# Time.


def test_an_answer_that_comes_too_late_for_the_vehicle_is_the_chargers(stage):
    stage.charges().says(*demand(), answer=0.355).closes(after=0.025)
    stage.fails("evse", "CurrentDemandRes took 355 ms, and the vehicle left 25 ms after it")


@pytest.mark.parametrize(("answer", "after"), [(0.2, 0.025), (0.355, 1.0)])
def test_an_answer_in_time_explains_nothing_and_a_late_one_not_for_long(stage, answer, after):
    stage.charges().says(*demand(), answer=answer).closes(after=after)
    stage.fails("ev", "the vehicle closed the connection out of the blue")


def test_a_vehicle_that_waits_in_vain_is_the_chargers(stage):
    stage.charges().says(demand()[0]).closes(after=0.5)
    stage.fails("evse", "the vehicle waited 500 ms for CurrentDemandRes, and left")


def test_a_vehicle_that_does_not_wait_is_its_own_failure(stage):
    stage.charges().says(demand()[0]).closes(after=0.1)
    stage.fails("ev", "the vehicle closed the connection out of the blue, 0.10 s after Current")


def test_an_answer_after_the_vehicle_has_left_does_not_count(stage):
    stage.charges().says(demand()[0]).closes(after=0.5)
    stage.talk.say("evse", demand()[1])
    stage.times.append(0.05)
    stage.fails("evse", "the vehicle waited 500 ms")


def test_a_request_that_is_never_answered_is_the_chargers(stage):
    stage.wants().says(power()[0]).waits(9)
    stage.fails("evse", "the charger did not answer PowerDeliveryReq in 9.0 s")


def test_a_charger_that_closes_instead_of_answering_is_told(stage):
    stage.wants().says(power()[0]).closes("evse", "R")
    stage.fails(
        "evse", "the charger reset the connection instead of answering PowerDeliveryReq"
    )


def test_a_capture_that_ends_before_the_answer_shows_no_failure(stage):
    stage.wants().says(power()[0]).fails("capture", "the capture ends after PowerDeliveryReq")


def test_a_clock_that_was_set_back_measures_nothing(stage):
    stage.charges().says(*demand(), answer=0.355).closes(after=-60)
    stage.fails("ev", "out of the blue, after CurrentDemandRes")


# Ends.


@pytest.mark.parametrize(
    ("flags", "how"), [("FA", "closed the connection"), ("R", "reset the")]
)
def test_a_vehicle_that_leaves_once_it_knows_the_offer_did_not_like_it(stage, flags, how):
    stage.begins().closes(flags=flags)
    stage.fails("ev", f"the vehicle {how}")
    stage.fails("ev", "the charger offers only AC_three_phase_core")


def test_one_that_stops_in_good_order_is_told_so(stage):
    stage.wants().says(*ENDED)
    stage.fails("ev", "stopped after Authorization, without having asked for energy")


def test_one_that_leaves_before_the_offer_leaves_out_of_the_blue(stage):
    stage.says(offer(), choice(), SETUP, SET_UP).closes()
    stage.fails("ev", "the vehicle closed the connection out of the blue")


def test_one_that_had_agreed_on_parameters_liked_the_offer(stage):
    stage.wants(modes=(DC,)).says(*parameters()).closes()
    stage.fails("ev", "out of the blue, 0.02 s after ChargeParameterDiscoveryRes")


def test_a_reset_while_charging_may_be_a_plug_that_was_pulled(stage):
    stage.wants().says(*power(), *status()).closes(flags="R")
    stage.fails("ev", "after ChargingStatusRes while it charged; its plug may have been pulled")


def test_a_reset_that_was_got_over_was_not_the_end(stage):
    stage.wants().closes(flags="R").says(*power(), *status())
    stage.fails("capture", "the capture ends after ChargingStatusRes")


def test_a_capture_that_ends_while_charging_shows_no_failure(stage):
    stage.wants().says(*power(), *status()).fails(
        "capture", "ends after ChargingStatusRes, 0.0 s"
    )


def test_what_can_not_be_decoded_may_be_the_last_there_is(stage):
    stage.wants().says(b"\x80\x98\xff\xff")
    stage.fails("capture", "the capture ends after a message that can't be decoded")
