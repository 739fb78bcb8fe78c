"""A vehicle's requests of ISO 15118-20 on DC, and a session that they are made in."""

from msgspec import structs

from seccstack.auth.decision import Granted
from seccstack.messages import iso20_dc
from seccstack.messages.iso20_types import MessageHeader, Processing
from seccstack.session.iso20.rational import measured
from seccstack.session.iso20.record import Chosen, Control, Service, Session
from seccstack.session.plant import Charger, DcSupply, Plant

OUR_ID = bytes.fromhex("0123456789ABCDEF")
HEADER = MessageHeader(session_id=OUR_ID, time_stamp=1_700_000_000)
SUPPLY = DcSupply(max_volts=500, max_amps=125, max_watts=50_000, min_volts=150, min_amps=1)
BOTH_WAYS = DcSupply(
    max_volts=500,
    max_amps=125,
    max_watts=50_000,
    min_volts=150,
    min_amps=1,
    discharge_amps=40,
    discharge_watts=10_000,
)
GRID_AMPS = 100.0  # per phase: 69 kW

LIMITS = {
    "ev_maximum_charge_power": 100_000,
    "ev_minimum_charge_power": 0,
    "ev_maximum_charge_current": 200,
    "ev_minimum_charge_current": 0,
    "ev_maximum_voltage": 450,
    "ev_minimum_voltage": 200,
}
BACK = {
    "ev_maximum_discharge_power": 20_000,
    "ev_minimum_discharge_power": 0,
    "ev_maximum_discharge_current": 30,
    "ev_minimum_discharge_current": 0,
}
ENERGY = {
    "ev_target_energy_request": 20_000,
    "ev_maximum_energy_request": 40_000,
    "ev_minimum_energy_request": -5000,
}


def numbers(*groups, **changes):
    merged = {key: value for group in groups for key, value in group.items()} | changes
    return {key: measured(value) for key, value in merged.items()}


def parameters(both_ways=False, **changes):
    if both_ways:
        mode = iso20_dc.BPT_DC_CPDReqEnergyTransferMode(**numbers(LIMITS, BACK, **changes))
    else:
        mode = iso20_dc.DC_CPDReqEnergyTransferMode(**numbers(LIMITS, **changes))
    return iso20_dc.DC_ChargeParameterDiscoveryReq(
        header=HEADER, dc_cpd_req_energy_transfer_mode=mode
    )


CABLE_CHECK = iso20_dc.DC_CableCheckReq(header=HEADER)
WELDING = iso20_dc.DC_WeldingDetectionReq(header=HEADER, ev_processing=Processing.ONGOING)


def pre_charge(volts=400, processing=Processing.ONGOING):
    return iso20_dc.DC_PreChargeReq(
        header=HEADER,
        ev_processing=processing,
        ev_present_voltage=measured(0),
        ev_target_voltage=measured(volts),
    )


def turn(mode, volts=400, metered=False):
    return iso20_dc.DC_ChargeLoopReq(
        header=HEADER,
        meter_info_requested=metered,
        ev_present_voltage=measured(volts),
        cl_req_control_mode=mode,
    )


def scheduled(volts=400, amps=100, both_ways=False, **request):
    demand = numbers(ev_target_current=amps, ev_target_voltage=volts)
    if both_ways:
        return turn(iso20_dc.BPT_Scheduled_DC_CLReqControlMode(**demand), **request)
    return turn(iso20_dc.Scheduled_DC_CLReqControlMode(**demand), **request)


def dynamic(both_ways=False, volts=400, **changes):
    kept = {key: n for key, n in LIMITS.items() if key != "ev_minimum_charge_current"}
    if not both_ways:
        mode = iso20_dc.Dynamic_DC_CLReqControlMode(**numbers(ENERGY, kept, **changes))
        return turn(mode, volts)
    back = {key: n for key, n in BACK.items() if key != "ev_minimum_discharge_current"}
    mode = iso20_dc.BPT_Dynamic_DC_CLReqControlMode(**numbers(ENERGY, kept, back, **changes))
    return turn(mode, volts)


def session(control=Control.SCHEDULED, both_ways=False, supply=None, amps=GRID_AMPS, **plant):
    """One in which a service has been selected."""
    service = Service.DC_BPT if both_ways else Service.DC
    given = supply or (BOTH_WAYS if both_ways else SUPPLY)
    known = {"decision": Granted("open"), "limit_amps": amps, "ready": True, **plant}
    return Session(
        charger=Charger(evse_id="DE*ABC*E1", supply=given),
        plant=Plant(**known),
        session_id=OUR_ID,
        timestamp=1_700_000_000,
        opened=0.0,
        now=10.0,
        header=HEADER,
        chosen=Chosen(service, 1, control),
    )


def replaced(request, **changes):
    return structs.replace(request, **changes)
