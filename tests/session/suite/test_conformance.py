"""Every case of `cases.txt`, in virtual time: at the session, or at the whole charger.

What a case does and wants is read off its line; cases of CMN run on AC and on DC.
"""

from dataclasses import replace

import pytest
from msgspec import structs

from seccstack import sdp
from seccstack.config import Access
from seccstack.events import CloseStream as StreamClosedByUs
from seccstack.events import DatagramReceived, SendDatagram
from seccstack.messages import iso2
from seccstack.messages.iso2 import EnergyTransferMode, PaymentOption
from seccstack.pilot.port import PilotState
from seccstack.session.dialogue import SEQUENCE_TIMEOUT
from seccstack.session.events import (
    CloseStream,
    LimitChanged,
    Meter,
    MeterRead,
    PilotChanged,
)
from seccstack.session.plant import INTERNET
from seccstack.session.session import SETUP_TIMEOUT
from seccstack.sim import pilot as pilots
from seccstack.sim.pilot import SHORT_OHMS
from tests.scenarios.scene import Scene, character
from tests.session import dc_vehicle, vehicle
from tests.session.dc_vehicle import (
    CABLE_CHECK,
    DC_WAYS,
    EXTENDED,
    WELDING,
    DcEv,
    dc_parameters,
    demand,
    pre_charge,
    stop_with,
)
from tests.session.suite.cases import STEPS
from tests.session.suite.outlet import Sleeper, scene_of
from tests.session.vehicle import (
    AUTHORIZATION,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    STATUS,
    STOP,
    THREE,
    WAYS,
    Ev,
    offer,
    parameters,
    power,
    profile,
    selection,
    value,
)

FOREIGN = bytes.fromhex("FEDCBA9876543210")
DEPARTURE, ENTRIES = 7200, 3

# Where a request is due, and what it is.
DUE = {
    "SessionSetup": ("CONNECTED", SESSION_SETUP),
    "ServiceDiscovery": ("SET_UP", SERVICE_DISCOVERY),
    "ServiceDetail": ("DISCOVERED", iso2.ServiceDetailReq(service_id=3)),
    "PaymentServiceSelection": ("DISCOVERED", selection(1)),
    "Authorization": ("SELECTED", AUTHORIZATION),
}
DUE_AC = {
    **DUE,
    "ChargeParameterDiscovery": ("AUTHORIZED", parameters()),
    "PowerDelivery": ("AGREED", power("Start")),
    "ChargingStatus": ("CHARGING", STATUS),
    "SessionStop": ("STOPPED", STOP),
}
DUE_DC = {
    **DUE,
    "ChargeParameterDiscovery": ("AUTHORIZED", dc_parameters()),
    "CableCheck": ("CHECKING", CABLE_CHECK),
    "PreCharge": ("CHECKED", pre_charge()),
    "PowerDelivery": ("PRECHARGED", power("Start")),
    "CurrentDemand": ("DEMANDING", demand()),
    "WeldingDetection": ("UNLOADING", WELDING),
    "SessionStop": ("UNLOADING", STOP),
}


class Bench:
    """A case's vehicle: AC or DC."""

    def __init__(self, dc, seller=None, **known):
        self.dc = dc
        charger = dc_vehicle.CHARGER if dc else vehicle.CHARGER
        charger = replace(charger, services=(INTERNET,), tariffs=seller is not None)
        self.ev = (DcEv if dc else Ev)(charger, **known)
        self.ev.seller = seller
        self.due = DUE_DC if dc else DUE_AC
        self.ways = {**WAYS, **DC_WAYS} if dc else WAYS

    def at(self, state):
        """Go there."""
        self.ways[state](self.ev)
        return self

    def loop(self):
        self.at("DEMANDING" if self.dc else "CHARGING")
        return demand() if self.dc else STATUS

    def parameters(self, does=""):
        own = dc_parameters if self.dc else parameters
        changes = {"departure_time": DEPARTURE} if "DepartureTime" in does else {}
        return own(most=ENTRIES if "MaxEntries" in does else None, **changes)


def closed(ev):
    return any(isinstance(action, CloseStream) for action in ev.done)


def benches(name):
    group = name.split("_")[2]
    return [Bench(dc) for dc in {"AC": [False], "DC": [True]}.get(group, [False, True])]


def family(name):
    return name.split("_")[4]


def cases(where):
    """The cases whose line matches; each has one test."""
    return pytest.mark.parametrize("name", [n for n, line in STEPS.items() if where(n, *line)])


OUT_OF_ORDER = cases(lambda name, does, wants: does.startswith("out-of-order"))


@OUT_OF_ORDER
def test_what_is_out_of_order_is_refused_and_the_stream_closed(name):
    does, _ = STEPS[name]
    for bench in benches(name):
        state, _ = bench.due[family(name)]
        if "(Stop) is due" in does:
            state = "DEMANDING" if bench.dc else "CHARGING"
        wrong = AUTHORIZATION if "AuthorizationReq" in does else SERVICE_DISCOVERY
        bench.at(state)
        assert bench.ev.code(wrong) == "FAILED_SequenceError"
        assert closed(bench.ev)


@cases(lambda name, does, wants: does.startswith("foreign"))
def test_a_foreign_session_id_is_refused_and_the_stream_closed(name):
    does, _ = STEPS[name]
    for bench in benches(name):
        state, request = bench.due[family(name)]
        if "Stop" in does:
            state, request = ("DEMANDING" if bench.dc else "CHARGING"), power("Stop")
        bench.at(state).ev.tell(PilotChanged(family(name) in ("PowerDelivery", "CableCheck")))
        response = bench.ev.ask(request, FOREIGN)
        assert response.response_code.value == "FAILED_UnknownSession"
        status = getattr(response, "evse_status", None)
        assert status is None or type(status).__name__.startswith("DC") is bench.dc
        assert closed(bench.ev)


AFTER = {
    "SupportedAppProtocolRes": "CONNECTED",
    "SessionSetupRes": "SET_UP",
    "ServiceDiscoveryRes": "DISCOVERED",
    "ServiceDetailRes": "DISCOVERED",
    "PaymentServiceSelectionRes": "SELECTED",
    "AuthorizationRes": "AUTHORIZED",
    "CableCheckRes": "CHECKED",
    "PreChargeRes": "PRECHARGED",
    "ChargingStatusRes": "CHARGING",
    "CurrentDemandRes": "DEMANDING",
}


@cases(lambda name, does, wants: does.startswith("EV silent"))
def test_a_vehicle_that_falls_silent_is_hung_up_on(name):
    after = STEPS[name][0].split()[-1]
    for bench in benches(name):
        agreed, stopped = ("CHECKING", "UNLOADING") if bench.dc else ("AGREED", "STOPPED")
        state = AFTER.get(after, agreed if after == "ChargeParameterDiscoveryRes" else stopped)
        if after == "PowerDeliveryRes" and family(name) in ("ChargingStatus", "CurrentDemand"):
            state = "DEMANDING" if bench.dc else "CHARGING"
        if after == "SDPRes":
            limit = SETUP_TIMEOUT
        else:
            bench.at(state)
            limit = SETUP_TIMEOUT if state == "CONNECTED" else SEQUENCE_TIMEOUT
        bench.ev.wait(limit - 0.1)
        assert not closed(bench.ev)
        bench.ev.wait(0.1)
        assert closed(bench.ev)


GOOD = (
    "SessionSetup",
    "ServiceDiscovery",
    "ServiceDetail",
    "PaymentServiceSelection",
    "Authorization",
    "PreCharge",
    "WeldingDetection",
)


@cases(lambda name, does, wants: does == "valid request" and family(name) in GOOD)
def test_a_good_request_is_granted(name):
    if name.endswith("Authorization_014"):
        return ongoing_authorization()
    for bench in benches(name):
        state, request = bench.due[family(name)]
        if family(name) == "Authorization":
            state = "AUTHORIZED"  # decided before it asked
        response = bench.at(state).ev.ask(request)
        assert response.response_code.value.startswith("OK")
        if family(name) == "ServiceDetail":
            assert len(response.service_parameter_list.parameter_set) == 2
    return None


def ongoing_authorization():
    """A card that nobody holds up ends the session within the vehicle's 60 s."""
    access = {"card_wait_seconds": Access().card_wait_seconds}
    scene = Scene(policy="card", access=access).plug_in()
    scene.wait_until(lambda: scene.exchanged("AuthorizationRes"))
    began = scene.now
    scene.wait(54).wait_until(lambda: scene.code("AuthorizationRes") == "FAILED")
    assert 55 <= scene.now - began < 60
    assert scene.done(StreamClosedByUs)


@cases(lambda name, does, _: family(name) == "SupportedAppProtocol" and "silent" not in does)
def test_a_protocol_is_agreed_or_there_is_none(name):
    does, wants = STEPS[name]
    if "waits" in does:
        return sdp_is_still_answered()
    wrong = {"namespace": "urn:nobody"} if "unknown" in does else {}
    ev = Ev()
    answer = ev.write(vehicle.sap(offer(minor=7 if "minor" in does else 0, **wrong)))
    assert answer.response_code.value.upper() in wants.upper().replace("ORED", "")
    assert closed(ev) is bool(wrong)
    return None


BAD_HEADERS = {
    "001": bytes.fromhex("01fe8001"),
    "002": bytes.fromhex("01fe800100000000"),
    "003": bytes.fromhex("01fe70000000000100"),
    "004": bytes.fromhex("fffe80010000000100"),
    "005": bytes.fromhex("01ff80010000000100"),
}


@cases(lambda name, does, wants: family(name) == "V2GTPSessionSetup")
def test_a_transport_header_that_is_wrong_is_not_answered(name):
    ev = Ev().connect()
    if name.endswith("001"):
        assert ev.code(SESSION_SETUP) == "OK_NewSessionEstablished"
        [sent] = [a.data for a in ev.last if type(a).__name__ == "SendBytes"]
        assert sent[:4] == BAD_HEADERS["001"]
    else:
        assert ev.write(BAD_HEADERS[name[-3:]]) is None


def inquire(scene, octets):
    """Ask for a charger by SDP, and return what is answered."""
    before = len(scene.done(SendDatagram))
    scene.tell(DatagramReceived("fe80::2", 50000, octets, scene.world.car.mac)).wait(0.1)
    return [a.octets for _, a in scene.done(SendDatagram)[before:]]


def plugged_in():
    scene = Scene(car=character(speaks=False)).plug_in()
    return scene.wait(2)


SDP_HEADERS = {"002": "01fe900000000000", "003": "01fe7001000000021000"}
SDP_HEADERS |= {"004": "fffe9000000000021000", "005": "01ff9000000000021000"}


@cases(lambda name, does, wants: family(name) == "V2GTPSDP")
def test_an_sdp_request_with_a_wrong_header_is_not_answered(name):
    scene, good = plugged_in(), sdp.SdpRequest(sdp.SECURITY_NONE).encode()
    if not name.endswith("001"):
        assert inquire(scene, bytes.fromhex(SDP_HEADERS[name[-3:]])) == []
    [answer] = inquire(scene, good)
    assert answer[:8] == bytes.fromhex("01fe900100000014")


@cases(lambda name, does, wants: family(name) == "SDP")
def test_sdp_says_where_the_charger_is(name):
    if "waits" in STEPS[name][0]:
        return sdp_is_still_answered()
    asked = sdp.SECURITY_TLS if "asks TLS" in STEPS[name][0] else sdp.SECURITY_NONE
    [answer] = inquire(plugged_in(), sdp.SdpRequest(asked).encode())
    found = sdp.SdpResponse.decode(answer)
    assert (found.security, found.address[:2]) == (sdp.SECURITY_NONE, b"\xfe\x80")
    assert 49152 <= found.port <= 65535
    return None


def sdp_is_still_answered():
    """Our decision: whoever is plugged in may come back, however late."""
    scene = plugged_in().wait(60)
    assert len(inquire(scene, sdp.SdpRequest(sdp.SECURITY_NONE).encode())) == 1


@cases(lambda name, does, wants: family(name) == "SessionSetup" and "waits" in does)
def test_a_session_that_is_not_set_up_in_time_is_ended(name):
    for bench in benches(name):
        bench.at("CONNECTED").ev.wait(SETUP_TIMEOUT)
        assert closed(bench.ev)


@cases(lambda name, does, wants: does == "unknown ServiceID" or "not selected" in does)
def test_a_service_that_is_not_there_is_refused(name):
    for bench in benches(name):
        bench.at("DISCOVERED")
        if family(name) == "ServiceDetail":
            request, code = iso2.ServiceDetailReq(service_id=99), "FAILED_ServiceIDInvalid"
        elif "not selected" in STEPS[name][0]:
            request, code = selection(2), "FAILED_NoChargeServiceSelected"
        else:
            request, code = selection(1, 99), "FAILED_ServiceSelectionInvalid"
        assert bench.ev.code(request) == code
        assert closed(bench.ev)


@cases(lambda name, does, wants: does == "payment option not offered")
def test_a_payment_that_is_not_offered_is_refused(name):
    for dc in (False, True):
        bench = Bench(dc, tls=False)
        bench.at("DISCOVERED")
        asked = selection(1, option=PaymentOption.CONTRACT)
        assert bench.ev.code(asked) == "FAILED_PaymentSelectionInvalid"
        assert closed(bench.ev)


# ChargeParameterDiscovery.


def assert_schedule(response, does):
    assert response.response_code.value == "OK"
    assert response.evse_processing.value == "Finished"
    for one in response.sa_schedules.sa_schedule_tuple:
        entries = one.p_max_schedule.p_max_schedule_entry
        assert entries[0].time_interval.start == 0
        last = entries[-1].time_interval
        covered = last.start + last.duration
        assert covered >= (DEPARTURE if "DepartureTime" in does else 24 * 3600)
        assert "MaxEntries" not in does or len(entries) <= ENTRIES


PARAMETERS = "ChargeParameterDiscovery"


@cases(lambda name, does, wants: family(name) == PARAMETERS and does.startswith("valid"))
def test_a_schedule_is_offered(name):
    does, wants = STEPS[name]
    [bench] = benches(name)
    bench.at("AUTHORIZED")
    assert bench.ev.ask(bench.parameters(does)).evse_processing.value == "Ongoing"
    if "55-60 s" in wants:
        bench.ev.wait(55)
        assert bench.ev.code(bench.parameters(does)) == "FAILED"
        assert closed(bench.ev)
    else:
        bench.ev.tell(LimitChanged(16.0))
        assert_schedule(bench.ev.ask(bench.parameters(does)), does)


@cases(lambda name, does, wants: family(name) == PARAMETERS and does.startswith("reneg"))
def test_a_schedule_is_offered_again(name):
    does, _ = STEPS[name]
    [bench] = benches(name)
    bench.loop()
    assert bench.ev.code(power("Renegotiate")) == "OK"
    assert_schedule(bench.ev.ask(bench.parameters(does)), does)


@cases(lambda name, does, wants: "not offered" in does and family(name) == PARAMETERS)
def test_a_mode_that_is_not_offered_is_refused(name):
    [bench] = benches(name)
    bench.at("AUTHORIZED")
    mode = EnergyTransferMode.DC_UNIQUE
    asked = structs.replace(bench.parameters(), requested_energy_transfer_mode=mode)
    assert bench.ev.code(asked) == "FAILED_WrongEnergyTransferMode"
    assert closed(bench.ev)


@cases(lambda name, does, wants: does.startswith("nonsense"))
def test_limits_that_make_no_sense_are_refused(name):
    [bench] = benches(name)
    bench.at("AUTHORIZED")
    negative = value(-10, "A")
    asked = (
        dc_parameters(ev_maximum_current_limit=negative)
        if bench.dc
        else parameters(ev_max_current=negative)
    )
    assert bench.ev.code(asked) == "FAILED_WrongChargeParameter"
    assert closed(bench.ev)


# Pausing.


@cases(lambda name, does, wants: does.startswith("pause"))
def test_a_vehicle_that_slept_comes_back(name):
    does, wants = STEPS[name]
    claimed = {"another new SessionID": FOREIGN, "SessionID 0": bytes(8)}
    own = next((other for words, other in claimed.items() if words in does), None)
    slept = Sleeper("_DC_" in name, "BCB" in does, own, **wishes(does)).fall_asleep().wake()
    assert_rejoined(slept, own is None)
    assert family(name) != "SessionSetup" or wants.startswith(slept.code)
    if family(name) == PARAMETERS:
        assert_schedule(slept.both("ChargeParameterDiscoveryRes")[1], does)


def wishes(does):
    """What the vehicle says of its departure, and of how much it can remember."""
    return {
        "departure_seconds": DEPARTURE if "DepartureTime" in does else None,
        "max_entries": ENTRIES if "MaxEntries" in does else None,
    }


def assert_rejoined(slept, joined):
    """It has its old session again, with the mode and the schedule of it; or a new one."""
    before, after = slept.ids()
    assert (before == after) is joined
    assert slept.code == ("OK_OldSessionJoined" if joined else "OK_NewSessionEstablished")
    if joined:
        _, found = slept.both("ServiceDiscoveryRes")
        service, dc = found.charge_service.supported_energy_transfer_mode, slept.dc
        assert service.energy_transfer_mode == (EXTENDED if dc else THREE,)
        old, new = map(tuples, slept.both("ChargeParameterDiscoveryRes"))
        assert old <= new


def tuples(response):
    return {one.sa_schedule_tuple_id for one in response.sa_schedules.sa_schedule_tuple}


# PowerDelivery.


@cases(
    lambda name, does, wants: (
        family(name) == "PowerDelivery"
        and not does.startswith(("out-of", "foreign", "EV silent"))
    )
)
def test_power_is_delivered_or_it_is_said_why_not(name):
    does, wants = STEPS[name]
    [bench] = benches(name)
    ev, ready = bench.ev, (PilotChanged(True), vehicle.ContactorChanged(True))
    if "before any" in does:
        ev = bench.at("PRECHARGED" if bench.dc else "AGREED").ev
        request = power("Renegotiate")
    elif "error code" in does.lower() or "EVErrorCode" in does:
        bench.loop()
        request = stop_with(does.split()[1])
    elif "again after" in does:
        bench.loop()
        ev.ask(power("Renegotiate"))
        ev.ask(bench.parameters())
        if bench.dc:
            ev.ask(CABLE_CHECK)
            ev.tell(dc_vehicle.InsulationChecked(True))
            ev.ask(CABLE_CHECK)
            ev.ask(pre_charge())
        request = power("Start")
    elif "Renegotiate" in does or "Stop" in does:
        bench.loop()
        request = power("Renegotiate" if "Renegotiate" in does else "Stop")
    else:
        bench.at("PRECHARGED" if bench.dc else "AGREED").ev.tell(*ready)
        above = profile((0, value(100, "W")), (90_000, value(32767, "W", 3)))
        unknown = 7 if "TupleID" in does else 1
        request = power("Start", unknown, above if "profile" in does else None)
    response = ev.ask(request)
    assert response.response_code.value == wants.split(";")[0]
    assert type(response.evse_status).__name__.startswith("DC") is bench.dc
    assert closed(ev) is ("closed" in wants)


# The loops.


@cases(
    lambda name, does, wants: (
        does == "valid request" and family(name) in ("ChargingStatus", "CurrentDemand")
    )
)
def test_the_loop_goes_on_and_shows_the_meter(name):
    _, wants = STEPS[name]
    [bench] = benches(name)
    turn = bench.loop()
    if "MeterInfo" in wants:
        bench.ev.tell(MeterRead(Meter("METER-1", 1234)))
    response = bench.ev.ask(turn)
    assert response.response_code.value == "OK"
    assert response.receipt_required is False
    reading = response.meter_info.meter_reading if response.meter_info else None
    assert reading == (1234 if "MeterInfo" in wants else None)


# Cable check, welding detection, the end.


@cases(lambda name, does, wants: family(name) == "CableCheck" and does.startswith("CP"))
def test_the_cable_is_checked_in_state_c_or_d(name):
    does, _ = STEPS[name]
    ev = DcEv().agree()
    if "not in" in does:
        ev.ask(CABLE_CHECK)
        ev.wait(1.5)
        assert ev.answer().response_code.value == "FAILED"
        assert closed(ev)
        return
    ev.tell(PilotChanged(True))
    assert ev.ask(CABLE_CHECK).evse_processing.value == "Ongoing"
    ev.tell(dc_vehicle.InsulationChecked(True))
    response = ev.ask(CABLE_CHECK)
    assert response.evse_processing.value == "Finished"
    assert response.dc_evse_status.evse_isolation_status.value == "Valid"


@cases(lambda name, does, wants: does == "CP not returned to B")
def test_a_switch_that_is_not_opened_is_refused(name):
    ev = DcEv().stop()
    ev.ask(WELDING if family(name) == "WeldingDetection" else STOP)
    ev.wait(1.5)
    assert ev.answer().response_code.value == "FAILED"
    assert closed(ev)


@cases(lambda name, does, wants: family(name) == "SessionStop" and does.startswith("valid"))
def test_a_session_that_is_stopped_lets_the_link_go(name):
    scene = scene_of("_DC_" in name).plug_in()
    scene.wait_until(lambda: scene.exchanged("SessionStopRes"))
    assert scene.code("SessionStopRes") == "OK"
    scene.wait(1.0)
    assert not scene.world.line.linked("evse", scene.now)


@cases(lambda name, does, wants: family(name) == "Abnormal")
def test_what_is_wrong_with_the_pilot_ends_it_all(name):
    dc = "_DC_" in name
    scene = scene_of(dc).plug_in()
    loop = "CurrentDemandRes" if dc else "ChargingStatusRes"
    if "diode" in STEPS[name][0]:
        scene.world.turn(pilots.VehicleConnected(pilots.CONNECTED_OHMS, diode=False))
        scene.wait(30)
        assert not scene.exchanged(loop)
        assert not scene.world.pilot.closed
        return
    scene.wait_until(lambda: scene.exchanged(loop))
    scene.wait(1)
    lost = "lost" in STEPS[name][0]
    seen = PilotState.NO_VEHICLE if lost else PilotState.SHORTED
    wrong = pilots.VehicleDisconnected() if lost else pilots.VehicleConnected(SHORT_OHMS)
    scene.world.turn(wrong)
    scene.wait(0.2)
    assert seen.value in [details["state"] for details in scene.noted("pilot")]
    assert not scene.world.pilot.closed
    assert scene.world.supply.given.volts == 0
    assert scene.wait(5).done(StreamClosedByUs)


def test_every_case_has_a_test_and_none_has_two(request):
    ran = [
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]
    assert sorted(ran) == sorted(STEPS)
