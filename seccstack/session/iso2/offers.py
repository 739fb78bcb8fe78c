"""What a charger says of itself in several responses: its services, its limits, its status."""

from __future__ import annotations

from seccstack.messages.iso2 import (
    AC_EVSEChargeParameter,
    AC_EVSEStatus,
    ChargeService,
    DC_EVSEChargeParameter,
    DC_EVSEStatus,
    DC_EVSEStatusCode,
    EnergyTransferMode,
    EVSEChargeParameter,
    EVSENotification,
    EVSEStatus,
    IsolationLevel,
    Parameter,
    ParameterSet,
    PaymentOption,
    PaymentOptionList,
    Service,
    ServiceCategory,
    ServiceList,
    ServiceParameterList,
    SupportedEnergyTransferMode,
    UnitSymbol,
)
from seccstack.session import dc
from seccstack.session.iso2 import physical
from seccstack.session.iso2.record import Session
from seccstack.session.plant import DcSupply

CHARGE_SERVICE = 1  # the ServiceID of the charge service
CERTIFICATE_SERVICE = 2  # that of contract certificates
PHASES = {
    EnergyTransferMode.AC_THREE_PHASE_CORE: 3,
    EnergyTransferMode.AC_SINGLE_PHASE_CORE: 1,
}

DC_MODES = (EnergyTransferMode.DC_EXTENDED, EnergyTransferMode.DC_CORE)


def payment(session: Session) -> PaymentOptionList:
    """Return the ways to pay; a contract is one only where it can be proven.

    To a vehicle that paused, the one it had chosen [V2G2-741].
    """
    external = (PaymentOption.EXTERNAL_PAYMENT,)
    contract = (PaymentOption.CONTRACT,) if session.payment.possible else ()
    if session.payment.only is not None:
        chosen = contract if session.payment.only else external
        return PaymentOptionList(payment_option=chosen)
    return PaymentOptionList(payment_option=contract + external)


def provisioning(session: Session) -> ServiceList | None:
    """Return the service that gives a vehicle its contract, where there is one."""
    if not (session.payment.possible and session.charger.provides):
        return None
    service = Service(
        service_id=CERTIFICATE_SERVICE,
        service_name="Certificate",
        service_category=ServiceCategory.CONTRACT_CERTIFICATE,
        free_service=True,
    )
    return ServiceList(service=(service,))


def provisioning_parameters() -> ServiceParameterList:
    """Return what that service does: each way has a parameter set of its own."""
    return ServiceParameterList(
        parameter_set=tuple(
            ParameterSet(
                parameter_set_id=number,
                parameter=(Parameter(name="Service", string_value=way),),
            )
            for number, way in enumerate(("Installation", "Update"), start=1)
        )
    )


def modes(session: Session) -> tuple[EnergyTransferMode, ...]:
    """Return the modes on offer: to a vehicle that paused, the one it had chosen."""
    if session.mode is not None:
        return (session.mode,)
    if session.charger.supply is not None:
        return DC_MODES
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


def watts(session: Session, amps: float | None = None) -> float:
    """Return the power that a limit stands for: the present one, if no other is given."""
    charger, mode = session.charger, session.mode
    carried = session.plant.limit_amps or 0.0 if amps is None else amps
    if charger.supply is not None:
        return dc.watts(charger, charger.supply, carried)
    phases = charger.phases if mode is None else PHASES.get(mode, charger.phases)
    return charger.nominal_volts * phases * carried


def charge_parameter(session: Session) -> EVSEChargeParameter:
    """Give the limits that hold now."""
    if session.charger.supply is not None:
        return dc_charge_parameter(session.charger.supply, session)
    return AC_EVSEChargeParameter(
        ac_evse_status=status(session),
        evse_nominal_voltage=physical.volts(session.charger.nominal_volts),
        evse_max_current=physical.amps(session.plant.limit_amps or 0.0),
    )


def dc_charge_parameter(supply: DcSupply, session: Session) -> DC_EVSEChargeParameter:
    """Give what a supply can, within the limit that holds now."""
    return DC_EVSEChargeParameter(
        dc_evse_status=dc_status(session),
        evse_maximum_current_limit=physical.limit(supply.max_amps, UnitSymbol.A),
        evse_maximum_power_limit=physical.limit(watts(session), UnitSymbol.W),
        evse_maximum_voltage_limit=physical.limit(supply.max_volts, UnitSymbol.V),
        evse_minimum_current_limit=physical.measured(supply.min_amps, UnitSymbol.A),
        evse_minimum_voltage_limit=physical.measured(supply.min_volts, UnitSymbol.V),
        evse_peak_current_ripple=physical.measured(supply.ripple_amps, UnitSymbol.A),
    )


def evse_status(session: Session) -> EVSEStatus:
    """Tell the vehicle what the charger wants of it, in the words of its mode."""
    return status(session) if session.charger.supply is None else dc_status(session)


def status(session: Session) -> AC_EVSEStatus:
    """Tell the vehicle what the charger wants of it, at once."""
    wanted = notification(session)
    return AC_EVSEStatus(notification_max_delay=0, evse_notification=wanted, rcd=False)


def dc_status(session: Session, checking: bool = False) -> DC_EVSEStatus:
    """Tell a vehicle on DC; ``checking``: its insulation is being measured."""
    plant = session.plant
    return DC_EVSEStatus(
        notification_max_delay=0,
        evse_notification=notification(session),
        evse_isolation_status=IsolationLevel(dc.ISOLATION[plant.insulated]),
        evse_status_code=DC_EVSEStatusCode(dc.status_code(plant, checking)),
    )


def notification(session: Session) -> EVSENotification:
    """Return what the vehicle is to do, if anything."""
    return EVSENotification(dc.notification(session.plant))
