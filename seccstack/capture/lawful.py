"""Whether a request was in its place, and asked for nothing that was not offered.

The sequences of DIN 70121, ISO 15118-2 and ISO 15118-20 as one table, coarse on purpose: it
only has to tell a vehicle that went astray from a charger that refused what it had to answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seccstack.capture.case import Case, Exchange, quantity

STOP = "SessionStop"
PARAMETERS = ("ChargeParameterDiscovery",)
CERTIFICATES = ("CertificateInstallation", "CertificateUpdate", "PaymentDetails")
CHARGE_PARAMETERS_20 = tuple(
    f"{kind}_ChargeParameterDiscovery" for kind in ("AC", "DC", "WPT", "ACDP")
)
LOOPS_20 = ("AC_ChargeLoop", "DC_ChargeLoop", "WPT_ChargeLoop", "ACDP_ChargeLoop")

# What may follow on what; a request may be repeated where it stands in its own row.
FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "supportedAppProtocol": ("supportedAppProtocol", "SessionSetup"),
    "SessionSetup": ("ServiceDiscovery", "AuthorizationSetup"),
    "ServiceDiscovery": (
        "ServiceDetail",
        "PaymentServiceSelection",
        "ServicePaymentSelection",
        "ServiceSelection",
    ),
    "ServiceDetail": (
        "ServiceDetail",
        "PaymentServiceSelection",
        "ServicePaymentSelection",
        "ServiceSelection",
    ),
    "PaymentServiceSelection": ("Authorization", *CERTIFICATES),
    "ServicePaymentSelection": ("ContractAuthentication", *CERTIFICATES),
    "CertificateInstallation": ("PaymentDetails", "Authorization", "CertificateInstallation"),
    "CertificateUpdate": ("PaymentDetails",),
    "PaymentDetails": ("Authorization", "ContractAuthentication"),
    "Authorization": ("Authorization", "ServiceDiscovery", *PARAMETERS),
    "ContractAuthentication": ("ContractAuthentication", *PARAMETERS),
    "ChargeParameterDiscovery": (*PARAMETERS, "PowerDelivery", "CableCheck"),
    "CableCheck": ("CableCheck", "PreCharge"),
    "PreCharge": ("PreCharge", "PowerDelivery"),
    "PowerDelivery": (
        "ChargingStatus",
        "CurrentDemand",
        "WeldingDetection",
        "PowerDelivery",
        *PARAMETERS,
        *LOOPS_20,
        "DC_WeldingDetection",
    ),
    "ChargingStatus": ("ChargingStatus", "MeteringReceipt", "PowerDelivery"),
    "CurrentDemand": ("CurrentDemand", "MeteringReceipt", "PowerDelivery"),
    "MeteringReceipt": ("ChargingStatus", "CurrentDemand", "PowerDelivery"),
    "WeldingDetection": ("WeldingDetection",),
    "AuthorizationSetup": ("Authorization", "CertificateInstallation"),
    "ServiceSelection": CHARGE_PARAMETERS_20,
    **dict.fromkeys(CHARGE_PARAMETERS_20, ("ScheduleExchange", *CHARGE_PARAMETERS_20)),
    "ScheduleExchange": ("ScheduleExchange", "PowerDelivery", "DC_CableCheck"),
    "DC_CableCheck": ("DC_CableCheck", "DC_PreCharge"),
    "DC_PreCharge": ("DC_PreCharge", "PowerDelivery"),
    **dict.fromkeys(LOOPS_20, (*LOOPS_20, "PowerDelivery", "ScheduleExchange")),
    "DC_WeldingDetection": ("DC_WeldingDetection",),
    STOP: (),
}

# Codes that speak of what the vehicle itself has brought along.
OF_THE_VEHICLE = frozenset(
    {
        "FAILED_CertificateExpired",
        "FAILED_CertificateNotAllowedAtThisEVSE",
        "FAILED_CertificateNotYetValid",
        "FAILED_CertificateRevoked",
        "FAILED_CertChainError",
        "FAILED_ChallengeInvalid",
        "FAILED_ChargingProfileInvalid",
        "FAILED_ContractCanceled",
        "FAILED_ContractCancelled",
        "FAILED_MeteringSignatureNotValid",
        "FAILED_NoCertificateAvailable",
        "FAILED_SignatureError",
        "FAILED_TariffSelectionInvalid",
        "FAILED_WrongChargeParameter",
    }
)


def place_of(exchange: Exchange, case: Case) -> str:
    """Say what is wrong with a request's place in the sequence; nothing if it is right."""
    before = [e for e in case.exchanges if e.request.number < exchange.request.number]
    if not before or before[-1].name not in FOLLOWERS or exchange.name not in FOLLOWERS:
        return ""
    if exchange.name in (*FOLLOWERS[before[-1].name], STOP):
        return ""
    return f"{exchange.name} may not follow on {before[-1].name}"


def offered_modes(case: Case) -> list[str]:
    """Return the energy transfer modes that the charger offers, by DIN 70121 and -2."""
    for exchange in case.of("ServiceDiscovery"):
        service = getattr(exchange.answered, "charge_service", None)
        mode = getattr(service, "energy_transfer_type", None)
        if mode is not None:
            return [mode.value]
        modes = getattr(service, "supported_energy_transfer_mode", None)
        if modes is not None:
            return [mode.value for mode in modes.energy_transfer_mode]
    return []


def offered_payments(case: Case) -> list[str]:
    """Return the ways to pay that the charger offers, by DIN 70121 and -2."""
    for exchange in case.of("ServiceDiscovery"):
        for name in ("payment_option_list", "payment_options"):
            listed = getattr(exchange.answered, name, None)
            if listed is not None:
                return [option.value for option in listed.payment_option]
    return []


def excess_of(exchange: Exchange, case: Case) -> str:
    """Say what a vehicle asks for beyond the charger's limits; nothing if all is within."""
    limits = _limits(case, exchange.request.number)
    for wish, limit, unit in (
        ("ev_target_voltage", "evse_maximum_voltage_limit", "V"),
        ("ev_target_current", "evse_maximum_current_limit", "A"),
    ):
        wanted, most = quantity(getattr(exchange.asked, wish, None)), limits.get(limit)
        if wanted is not None and most is not None and wanted > most:
            return f"it asked for {wanted:g} {unit}, the charger's limit is {most:g} {unit}"
    return ""


def _limits(case: Case, before: int) -> dict[str, float]:
    """Return the limits that the charger told before that packet, the last of each."""
    found: dict[str, float] = {}
    for exchange in case.exchanges:
        if exchange.response is None or exchange.response.number > before:
            continue
        told: Any = exchange.answered
        for source in (getattr(told, "evse_charge_parameter", None), told):
            for name in ("evse_maximum_voltage_limit", "evse_maximum_current_limit"):
                value = quantity(getattr(source, name, None))
                if value is not None:
                    found[name] = value
    return found
