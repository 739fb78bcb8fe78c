"""Quantities by their names, in any schema."""

import pytest

from seccstack.exi.spans import spans_of
from seccstack.messages import codec, din, iso2
from seccstack.messages.codec import Schema, tables_of
from seccstack.report.elements import element_parts
from seccstack.report.quantities import Quantity, quantities, unit_of


def told(schema, message):
    octets = codec.encode(schema, message)
    return list(quantities(element_parts(schema, spans_of(tables_of(schema), octets).spans)))


def amps(value, multiplier=0):
    return iso2.PhysicalValue(multiplier=multiplier, unit=iso2.UnitSymbol.A, value=value)


def status(limit):
    return iso2.V2G_Message(
        header=iso2.MessageHeader(session_id=bytes(8)),
        body=iso2.ChargingStatusRes(
            response_code=iso2.ResponseCode.OK,
            evseid="ZZ00000",
            sa_schedule_tuple_id=1,
            evse_max_current=limit,
            ac_evse_status=iso2.AC_EVSEStatus(
                notification_max_delay=0,
                evse_notification=iso2.EVSENotification.NONE,
                rcd=False,
            ),
        ),
    )


@pytest.mark.parametrize(
    ("limit", "value"),
    [(amps(16), 16.0), (amps(165, -1), 16.5), (amps(2, 3), 2000.0), (amps(4005, -3), 4.005)],
)
def test_a_physical_value_is_its_value_times_a_power_of_ten(limit, value):
    assert told(Schema.ISO2, status(limit)) == [Quantity("EVSEMaxCurrent", value, "A")]


def test_din_70121_may_leave_the_unit_out():
    request = din.PreChargeReq(
        dc_ev_status=din.DC_EVStatus(
            ev_ready=True, ev_error_code=din.DC_EVErrorCode.NO_ERROR, evresssoc=55
        ),
        ev_target_voltage=din.PhysicalValue(multiplier=0, value=400),
        ev_target_current=din.PhysicalValue(multiplier=0, value=2),
    )
    message = din.V2G_Message(header=din.MessageHeader(session_id=bytes(8)), body=request)
    assert told(Schema.DIN, message) == [
        Quantity("EVRESSSOC", 55.0, "%"),
        Quantity("EVTargetVoltage", 400.0, "V"),
        Quantity("EVTargetCurrent", 2.0, "A"),
    ]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("EVSEPresentVoltage", "V"),
        ("EVSEMaximumCurrentLimit", "A"),
        ("EVMaximumChargePower", "W"),
        ("EVSEPresentActivePower_L2", "W"),
        ("PMax", "W"),
        ("EVSEPeakCurrentRipple", ""),
        ("EVSECurrentRegulationTolerance", ""),
        ("EVEnergyCapacity", ""),
    ],
)
def test_what_has_a_plot_is_known_by_its_name(name, unit):
    assert unit_of(name) == unit


def test_what_has_no_plot_is_passed_over():
    energy = iso2.PhysicalValue(multiplier=3, unit=iso2.UnitSymbol.WH, value=20)
    parameters = iso2.AC_EVChargeParameter(
        e_amount=energy,
        ev_max_voltage=iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.V, value=400),
        ev_max_current=amps(32),
        ev_min_current=amps(6),
    )
    request = iso2.ChargeParameterDiscoveryReq(
        requested_energy_transfer_mode=iso2.EnergyTransferMode.AC_THREE_PHASE_CORE,
        ev_charge_parameter=parameters,
    )
    message = iso2.V2G_Message(header=iso2.MessageHeader(session_id=bytes(8)), body=request)
    assert [q.name for q in told(Schema.ISO2, message)] == [
        "EVMaxVoltage", "EVMaxCurrent", "EVMinCurrent",
    ]  # fmt: skip
