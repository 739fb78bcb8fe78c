"""Every case of `cases.txt`, in virtual time."""

from dataclasses import replace

import pytest

from seccstack.auth.decision import Granted
from seccstack.messages.din import PaymentOption
from seccstack.session.dialogue import SEQUENCE_TIMEOUT
from seccstack.session.events import (
    CloseStream,
    Decided,
    InsulationChecked,
    LimitChanged,
    OutputMeasured,
    PilotChanged,
    SessionEnded,
    StopCharging,
    Stopped,
)
from seccstack.session.session import SETUP_TIMEOUT
from tests.session.din.suite.cases import STEPS
from tests.session.din.vehicle import (
    AUTHENTICATION,
    CABLE_CHECK,
    CHARGER,
    NAMESPACE,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    STOP,
    WAYS,
    WELDING,
    DinEv,
    demand,
    parameters,
    power,
    pre_charge,
    selection,
    value,
)
from tests.session.vehicle import offer, sap

FOREIGN = bytes.fromhex("FEDCBA9876543210")
DUE = {  # where a request is due, and what it is
    "SessionSetup": ("CONNECTED", SESSION_SETUP),
    "ServiceDiscovery": ("SET_UP", SERVICE_DISCOVERY),
    "ServicePaymentSelection": ("DISCOVERED", selection(1)),
    "ContractAuthentication": ("SELECTED", AUTHENTICATION),
    "ChargeParameterDiscovery": ("AUTHORIZED", parameters()),
    "CableCheck": ("CHECKING", CABLE_CHECK),
    "PreCharge": ("CHECKED", pre_charge()),
    "PowerDelivery": ("PRECHARGED", power(True)),
    "CurrentDemand": ("DEMANDING", demand()),
    "WeldingDetection": ("UNLOADING", WELDING),
    "SessionStop": ("UNLOADING", STOP),
}
AFTER = {  # the state after a response
    "supportedAppProtocolRes": "CONNECTED",
    "SessionSetup": "SET_UP",
    "ServiceDiscovery": "DISCOVERED",
    "ServicePaymentSelection": "SELECTED",
    "ContractAuthentication": "AUTHORIZED",
    "ChargeParameterDiscovery": "CHECKING",
    "CableCheck": "CHECKED",
    "PreCharge": "PRECHARGED",
    "PowerDelivery": "DEMANDING",
    "CurrentDemand": "DEMANDING",
    "WeldingDetection": "UNLOADING",
}


def closed(ev):
    return any(isinstance(action, CloseStream) for action in ev.done)


def at(state, **known):
    return WAYS[state](DinEv(**known))


def plain(found):
    return found.value * 10.0**found.multiplier


def assert_refused(ev, request, code, *told):
    """It is refused with this code, and the stream is closed."""
    response = ev.told(*told).ask(request)
    if response is None:  # it is owed for a moment
        ev.wait(1.5)
        response = ev.answer()
    assert response.response_code.value == code
    assert closed(ev)
    return response


def assert_given_up(ev, request, within=60.0):
    """The vehicle is told Ongoing, and in the end, before its own patience, no."""
    began = ev.now
    while ev.ask(request).response_code.value == "OK":
        ev.wait(1.0)
    assert ev.answer().response_code.value == "FAILED"
    assert ev.now - began < within
    assert closed(ev)


def out_of_order(what):
    wrong = AUTHENTICATION if what == "ServiceDiscovery" else SERVICE_DISCOVERY
    assert_refused(at(DUE[what][0]), wrong, "FAILED_SequenceError")


def foreign(what):
    state, request = DUE[what]
    ev = at(state)
    assert ev.ask(request, FOREIGN).response_code.value == "FAILED_UnknownSession"
    assert closed(ev)


def silent(after):
    ev = at(AFTER[after])
    limit = SETUP_TIMEOUT if after == "supportedAppProtocolRes" else SEQUENCE_TIMEOUT
    ev.wait(limit - 0.1)
    assert not closed(ev)
    ev.wait(0.1)
    assert closed(ev)


def session_setup(claimed):
    response = at("CONNECTED").ask(SESSION_SETUP, claimed)
    assert response.response_code.value == "OK_NewSessionEstablished"


def evse_id(name, octets):
    ev = DinEv(replace(CHARGER, evse_id=name)).connect()
    assert ev.ask(SESSION_SETUP).evseid == bytes.fromhex(octets)


def date_time_now():
    assert at("CONNECTED").ask(SESSION_SETUP).date_time_now == 1_700_000_000


def service():
    response = at("SET_UP").ask(SERVICE_DISCOVERY)
    service = response.charge_service
    assert response.payment_options.payment_option == (PaymentOption.EXTERNAL_PAYMENT,)
    assert service.energy_transfer_type.value == "DC_extended"
    assert service.service_tag.service_id == 1


def service_without_name():
    tag = at("SET_UP").ask(SERVICE_DISCOVERY).charge_service.service_tag
    assert (tag.service_name, tag.service_scope) == (None, None)


def selected():
    assert at("DISCOVERED").code(selection(1)) == "OK"


def known():
    ev = at("SELECTED").told(Decided(Granted("open")))
    assert ev.ask(AUTHENTICATION).evse_processing.value == "Finished"


def not_known_yet():
    assert at("SELECTED").ask(AUTHENTICATION).evse_processing.value == "Ongoing"


def schedule():
    response = at("AUTHORIZED").told(LimitChanged(16.0)).ask(parameters())
    [offered] = response.sa_schedules.sa_schedule_tuple
    assert response.evse_processing.value == "Finished"
    assert offered.sales_tariff is None
    assert response.evse_charge_parameter.dc_evse_status.notification_max_delay == 0


def no_limit():
    assert at("AUTHORIZED").ask(parameters()).evse_processing.value == "Ongoing"


def wrong_parameters(request, code):
    assert_refused(at("AUTHORIZED"), request, code, LimitChanged(16.0))


def cable_check():
    ev = at("CHECKING").told(PilotChanged(True))
    assert ev.ask(CABLE_CHECK).evse_processing.value == "Ongoing"
    response = ev.told(InsulationChecked(True)).ask(CABLE_CHECK)
    assert response.evse_processing.value == "Finished"
    assert response.dc_evse_status.evse_isolation_status.value == "Valid"


def bad_insulation():
    told = (PilotChanged(True), InsulationChecked(False))
    response = assert_refused(at("CHECKING"), CABLE_CHECK, "FAILED", *told)
    assert response.dc_evse_status.evse_isolation_status.value == "Fault"


def measured(state, request):
    """It is answered with the voltage at the plug, as often as it is asked."""
    ev = at(state)
    for volts in (200.0, 210.0):
        response = ev.told(OutputMeasured(volts, 7.0)).ask(request)
        assert response.response_code.value == "OK"
        assert plain(response.evse_present_voltage) == pytest.approx(volts)
    return response


def current_demand():
    response = measured("DEMANDING", demand())
    assert plain(response.evse_present_current) == pytest.approx(7)
    assert plain(response.evse_maximum_voltage_limit) == 500
    assert plain(response.evse_maximum_current_limit) == 125
    assert plain(response.evse_maximum_power_limit) == 50_000


def stop_wanted():
    status = at("DEMANDING").told(StopCharging("owner")).ask(demand()).dc_evse_status
    assert status.evse_notification.value == "StopCharging"


def delivered(state, on):
    ev = at(state)
    assert ev.code(power(on)) == "OK"
    assert ev.energy() is on


def stopped(state, *told, after=None):
    ev = at(state).told(*told)
    if after is not None:
        ev.ask(after)
    assert ev.code(STOP) == "OK"
    assert ev.last[-1] == SessionEnded(Stopped())
    assert closed(ev)


def negotiated(*offers):
    answer = DinEv().write(sap(*offers))
    assert answer.response_code.value == "OK_SuccessfulNegotiation"
    assert answer.schema_id == 5


TESLA = "urn:tesla:din:2018:MsgDef"
NO = "FAILED"
TESTS = {
    "D-1.1": lambda: session_setup(bytes(8)),
    "D-1.2": lambda: session_setup(FOREIGN),
    "D-1.3": lambda: evse_id("+49*80737*45678", "49A80737A45678"),
    "D-1.4": lambda: evse_id("DE*ABC*E000001", "00"),
    "D-1.5": date_time_now,
    "D-2.1": service,
    "D-2.2": service_without_name,
    "D-3.1": selected,
    "D-3.2": lambda: assert_refused(
        at("DISCOVERED"),
        selection(1, option=PaymentOption.CONTRACT),
        "FAILED_PaymentSelectionInvalid",
    ),
    "D-3.3": lambda: assert_refused(
        at("DISCOVERED"), selection(7), "FAILED_ServiceSelectionInvalid"
    ),
    "D-4.1": known,
    "D-4.2": not_known_yet,
    "D-4.3": lambda: assert_refused(at("SELECTED"), AUTHENTICATION, NO, StopCharging("no")),
    "D-4.4": lambda: assert_given_up(at("SELECTED"), AUTHENTICATION),
    "D-5.1": schedule,
    "D-5.2": no_limit,
    "D-5.3": lambda: wrong_parameters(
        parameters("AC_three_phase_core"), "FAILED_WrongEnergyTransferType"
    ),
    "D-5.4": lambda: wrong_parameters(
        parameters(ev_maximum_current_limit=value(-1, "A")), "FAILED_WrongChargeParameter"
    ),
    "D-5.5": lambda: assert_given_up(at("AUTHORIZED"), parameters()),
    "D-6.1": cable_check,
    "D-6.2": lambda: assert_refused(at("CHECKING"), CABLE_CHECK, NO),
    "D-6.3": bad_insulation,
    "D-6.4": lambda: measured("CHECKED", pre_charge()),
    "D-6.5": current_demand,
    "D-6.6": stop_wanted,
    "D-6.7": lambda: measured("UNLOADING", WELDING),
    "D-6.8": lambda: assert_refused(at("UNLOADING"), WELDING, NO, PilotChanged(True)),
    "D-7.1": lambda: delivered("PRECHARGED", True),
    "D-7.2": lambda: delivered("DEMANDING", False),
    "D-7.3": lambda: assert_refused(
        at("PRECHARGED"), power(True, (0, 1), tuple_id=9), "FAILED_TariffSelectionInvalid"
    ),
    "D-7.4": lambda: assert_refused(
        DinEv().precharge_at(16.0), power(True, (0, 11_041)), "FAILED_ChargingProfileInvalid"
    ),
    "D-7.5": lambda: assert_refused(
        at("PRECHARGED"),
        power(True),
        "FAILED_PowerDeliveryNotApplied",
        InsulationChecked(False),
    ),
    "D-8.1": lambda: stopped("UNLOADING", after=WELDING),
    "D-8.2": lambda: stopped("UNLOADING"),
    "D-8.3": lambda: stopped("AUTHORIZED"),
    "D-8.4": lambda: assert_refused(at("UNLOADING"), STOP, NO, PilotChanged(True)),
    "D-9.1": lambda: negotiated(
        offer(TESLA, 0, 7, 1, priority=1), offer(NAMESPACE, schema_id=5, priority=2)
    ),
    "D-9.2": lambda: negotiated(
        offer(schema_id=1, priority=9), offer(NAMESPACE, schema_id=5, priority=4)
    ),
    "D-9.3": lambda: stopped("UNLOADING", after=WELDING),
}
KINDS = {"out-of-order": out_of_order, "foreign": foreign, "EV": silent}


@pytest.mark.parametrize("name", STEPS)
def test_a_case(name):
    does, _ = STEPS[name]
    if name in TESTS:
        TESTS[name]()
        return
    kind, words = KINDS[does.split()[0]], does.removesuffix(" is due").split()
    kind(words[-1])


def test_every_case_has_its_steps():
    assert set(TESTS) == {name for name in STEPS if not name.startswith("D-0.")}
