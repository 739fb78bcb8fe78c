"""What a charger says of itself in several responses: its services, its limits, its status."""

from __future__ import annotations

from seccstack.messages.iso2 import (
    AC_EVSEChargeParameter,
    AC_EVSEStatus,
    ChargeService,
    EnergyTransferMode,
    EVSENotification,
    PaymentOption,
    PaymentOptionList,
    ServiceCategory,
    SupportedEnergyTransferMode,
)
from seccstack.session.iso2 import physical
from seccstack.session.iso2.record import Session

CHARGE_SERVICE = 1  # the ServiceID of the charge service
PAYMENT = PaymentOptionList(payment_option=(PaymentOption.EXTERNAL_PAYMENT,))
PHASES = {
    EnergyTransferMode.AC_THREE_PHASE_CORE: 3,
    EnergyTransferMode.AC_SINGLE_PHASE_CORE: 1,
}


def modes(session: Session) -> tuple[EnergyTransferMode, ...]:
    """Return the modes on offer: to a vehicle that paused, the one it had chosen."""
    if session.mode is not None:
        return (session.mode,)
    return tuple(mode for mode, phases in PHASES.items() if phases <= session.charger.phases)


def charge_service(session: Session) -> ChargeService:
    """Describe the charge service."""
    return ChargeService(
        service_id=CHARGE_SERVICE,
        service_category=ServiceCategory.EV_CHARGING,
        free_service=session.charger.free,
        supported_energy_transfer_mode=SupportedEnergyTransferMode(
            energy_transfer_mode=modes(session)
        ),
    )


def charge_parameter(session: Session) -> AC_EVSEChargeParameter:
    """Give the limits that hold now."""
    return AC_EVSEChargeParameter(
        ac_evse_status=status(session),
        evse_nominal_voltage=physical.volts(session.charger.nominal_volts),
        evse_max_current=physical.amps(session.plant.limit_amps or 0.0),
    )


def status(session: Session) -> AC_EVSEStatus:
    """Tell the vehicle what the charger wants of it, at once."""
    plant = session.plant
    if plant.stopping:
        notification = EVSENotification.STOP_CHARGING
    elif plant.renegotiation is not None:
        notification = EVSENotification.RE_NEGOTIATION
    else:
        notification = EVSENotification.NONE
    return AC_EVSEStatus(notification_max_delay=0, evse_notification=notification, rcd=False)
