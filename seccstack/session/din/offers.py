"""What a charger says of itself in several responses: its name, service, limits and status."""

from __future__ import annotations

from math import floor

from seccstack.messages.din import (
    AC_EVSEStatus,
    DC_EVSEChargeParameter,
    DC_EVSEStatus,
    DC_EVSEStatusCode,
    EVRequestedEnergyTransfer,
    EVSENotification,
    EVSESupportedEnergyTransfer,
    IsolationLevel,
    PaymentOption,
    PaymentOptions,
    PhysicalValue,
    PMaxSchedule,
    PMaxScheduleEntry,
    RelativeTimeInterval,
    SAScheduleList,
    SAScheduleTuple,
    ServiceCategory,
    ServiceCharge,
    ServiceTag,
    UnitSymbol,
)
from seccstack.session import dc, scaled
from seccstack.session.din.record import Session
from seccstack.session.scaled import NOISE

CHARGE_SERVICE = 1  # the ServiceID of the charge service
TUPLE = 1  # the SAScheduleTupleID of the one schedule there is
DAY = 86_400  # seconds
MOST_PMAX = 32_767  # W: an xs:short, without a power of ten
NO_ID = b"\0"
MODES = (EVRequestedEnergyTransfer.DC_EXTENDED, EVRequestedEnergyTransfer.DC_CORE)


def evse_id(name: str) -> bytes:
    """Write a charger's name as DIN SPEC 91286 has it: half an octet per digit, A for a star.

    Such a name is of digits (+49*80737*45678). For another, or one that would end in the
    middle of an octet, there is 0.
    """
    digits = name.removeprefix("+").replace("*", "A")
    if len(digits) % 2 or not digits.replace("A", "").isdecimal():
        return NO_ID
    return bytes.fromhex(digits)


def payment() -> PaymentOptions:
    """Return the one way to pay: elsewhere."""
    return PaymentOptions(payment_option=(PaymentOption.EXTERNAL_PAYMENT,))


def charge_service(session: Session) -> ServiceCharge:
    """Describe the charge service."""
    tag = ServiceTag(service_id=CHARGE_SERVICE, service_category=ServiceCategory.EV_CHARGING)
    return ServiceCharge(
        service_tag=tag,
        free_service=session.charger.free,
        energy_transfer_type=EVSESupportedEnergyTransfer.DC_EXTENDED,
    )


def watts(session: Session) -> float:
    """Return the power that the present limit stands for."""
    return dc.watts(session.charger, session.supply, session.plant.limit_amps)


def schedules(session: Session) -> SAScheduleList:
    """Offer the present limit for a day, and remember what was offered.

    What changes later is said with every CurrentDemandRes; nothing is negotiated anew here.
    """
    session.pmax = min(max(floor(round(watts(session), NOISE)), 0), MOST_PMAX)
    interval = RelativeTimeInterval(start=0, duration=DAY)
    entry = PMaxScheduleEntry(time_interval=interval, p_max=session.pmax)
    schedule = PMaxSchedule(p_max_schedule_id=TUPLE, p_max_schedule_entry=(entry,))
    offer = SAScheduleTuple(sa_schedule_tuple_id=TUPLE, p_max_schedule=schedule)
    return SAScheduleList(sa_schedule_tuple=(offer,))


def charge_parameter(session: Session) -> DC_EVSEChargeParameter:
    """Give what the supply can, within the limit that holds now."""
    supply = session.supply
    return DC_EVSEChargeParameter(
        dc_evse_status=status(session),
        evse_maximum_current_limit=limit(supply.max_amps, UnitSymbol.A),
        evse_maximum_power_limit=limit(watts(session), UnitSymbol.W),
        evse_maximum_voltage_limit=limit(supply.max_volts, UnitSymbol.V),
        evse_minimum_current_limit=measured(supply.min_amps, UnitSymbol.A),
        evse_minimum_voltage_limit=measured(supply.min_volts, UnitSymbol.V),
        evse_peak_current_ripple=measured(supply.ripple_amps, UnitSymbol.A),
    )


def status(session: Session, checking: bool = False) -> DC_EVSEStatus:
    """Tell the vehicle what the charger wants of it; ``checking``: it is being measured."""
    plant = session.plant
    return DC_EVSEStatus(
        evse_isolation_status=IsolationLevel(dc.ISOLATION[plant.insulated]),
        evse_status_code=DC_EVSEStatusCode(dc.status_code(plant, checking)),
        notification_max_delay=0,
        evse_notification=notification(session),
    )


def ac_status(session: Session) -> AC_EVSEStatus:
    """Tell a vehicle that asks for what there is on AC alone."""
    return AC_EVSEStatus(
        power_switch_closed=False,
        rcd=False,
        notification_max_delay=0,
        evse_notification=notification(session),
    )


def notification(session: Session) -> EVSENotification:
    """Return what the vehicle is to do: stop, or nothing."""
    stop = session.plant.stopping or session.plant.fault
    return EVSENotification.STOP_CHARGING if stop else EVSENotification.NONE


def limit(value: float, unit: UnitSymbol) -> PhysicalValue:
    """Write a limit, rounded down."""
    multiplier, number = scaled.limit(value)
    return PhysicalValue(multiplier=multiplier, unit=unit, value=number)


def measured(value: float, unit: UnitSymbol) -> PhysicalValue:
    """Write a measurement, to the nearest."""
    multiplier, number = scaled.measured(value)
    return PhysicalValue(multiplier=multiplier, unit=unit, value=number)


def present_volts(session: Session) -> PhysicalValue:
    """Return what is at the plug."""
    return measured(session.plant.output_volts, UnitSymbol.V)
