"""The response of a request's own kind that says no (ISO 15118-2).

A refusal has all that the schema asks for, at any moment of a session, also before there is
one: a vehicle that cannot decode it learns nothing. What is asked for and means nothing then is
as empty as it may be. The charger's status is that of its mode: where there is a choice, AC.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seccstack.messages import iso2
from seccstack.messages.iso2 import (
    CertificateChain,
    EVSEProcessing,
    PhysicalValue,
    ResponseCode,
    UnitSymbol,
)
from seccstack.session.dialogue import broken_by
from seccstack.session.iso2 import offers
from seccstack.session.iso2.record import Reply, Session, State
from seccstack.session.iso2.requests import Request, Response

NO_VOLTS = PhysicalValue(multiplier=0, unit=UnitSymbol.V, value=0)
NO_AMPS = PhysicalValue(multiplier=0, unit=UnitSymbol.A, value=0)
NO_CHALLENGE = bytes(16)  # genChallengeType has exactly 16 octets
NO_CONTRACT = "0" * 14  # eMAIDType has at least 14 characters
FIRST_TUPLE = 1  # SAIDType begins there


def refused(request: Request, code: ResponseCode, session: Session, why: str = "") -> Reply:
    """Refuse a request, and end the session with it; the vehicle is not told why."""
    how = broken_by(request, code, why)
    return Reply(refuse(request, code, session), State.ENDED, how=how)


def refuse(request: Request, code: ResponseCode, session: Session) -> Response:
    """Answer a request of any kind with this code."""
    return REFUSALS[type(request)](request, code, session)


def session_setup(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse SessionSetupReq."""
    return iso2.SessionSetupRes(response_code=code, evseid=session.charger.evse_id)


def service_discovery(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ServiceDiscoveryReq."""
    return iso2.ServiceDiscoveryRes(
        response_code=code,
        payment_option_list=offers.payment(session),
        charge_service=offers.charge_service(session),
    )


def service_detail(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ServiceDetailReq."""
    return iso2.ServiceDetailRes(response_code=code, service_id=request.service_id)


def payment_details(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse PaymentDetailsReq."""
    return iso2.PaymentDetailsRes(
        response_code=code, gen_challenge=NO_CHALLENGE, evse_time_stamp=session.timestamp
    )


def authorization(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse AuthorizationReq."""
    finished = EVSEProcessing.FINISHED
    return iso2.AuthorizationRes(response_code=code, evse_processing=finished)


def charge_parameter_discovery(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ChargeParameterDiscoveryReq."""
    return iso2.ChargeParameterDiscoveryRes(
        response_code=code,
        evse_processing=EVSEProcessing.FINISHED,
        evse_charge_parameter=offers.charge_parameter(session),
    )


def power_delivery(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse PowerDeliveryReq."""
    return iso2.PowerDeliveryRes(response_code=code, evse_status=offers.evse_status(session))


def metering_receipt(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse MeteringReceiptReq."""
    return iso2.MeteringReceiptRes(response_code=code, evse_status=offers.evse_status(session))


def charging_status(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ChargingStatusReq."""
    return iso2.ChargingStatusRes(
        response_code=code,
        evseid=session.charger.evse_id,
        sa_schedule_tuple_id=FIRST_TUPLE,
        receipt_required=False,
        ac_evse_status=offers.status(session),
    )


def cable_check(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse CableCheckReq."""
    finished = EVSEProcessing.FINISHED
    return iso2.CableCheckRes(
        response_code=code, dc_evse_status=offers.dc_status(session), evse_processing=finished
    )


def pre_charge(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse PreChargeReq."""
    return iso2.PreChargeRes(
        response_code=code,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=NO_VOLTS,
    )


def current_demand(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse CurrentDemandReq."""
    return iso2.CurrentDemandRes(
        response_code=code,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=NO_VOLTS,
        evse_present_current=NO_AMPS,
        evse_current_limit_achieved=False,
        evse_voltage_limit_achieved=False,
        evse_power_limit_achieved=False,
        evseid=session.charger.evse_id,
        sa_schedule_tuple_id=FIRST_TUPLE,
    )


def welding_detection(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse WeldingDetectionReq."""
    return iso2.WeldingDetectionRes(
        response_code=code,
        dc_evse_status=offers.dc_status(session),
        evse_present_voltage=NO_VOLTS,
    )


def certificate(kind: type[Any]) -> Refusal:
    """Refuse CertificateInstallationReq or CertificateUpdateReq: nothing is installed."""

    def refusal(request: Any, code: ResponseCode, session: Session) -> Response:
        response: Response = kind(
            response_code=code,
            sa_provisioning_certificate_chain=CertificateChain(certificate=b""),
            contract_signature_cert_chain=CertificateChain(id="id1", certificate=b""),
            contract_signature_encrypted_private_key=iso2.ContractSignatureEncryptedPrivateKey(
                id="id2", value=b""
            ),
            dh_public_key=iso2.DiffieHellmanPublickey(id="id3", value=b""),
            emaid=iso2.EMAID(id="id4", value=NO_CONTRACT),
        )
        return response

    return refusal


def bare(kind: type[Any]) -> Refusal:
    """Refuse a request whose response is a code and nothing else."""

    def refusal(request: Any, code: ResponseCode, session: Session) -> Response:
        response: Response = kind(response_code=code)
        return response

    return refusal


Refusal = Callable[[Any, ResponseCode, Session], Response]

REFUSALS: Mapping[type[Request], Refusal] = {
    iso2.SessionSetupReq: session_setup,
    iso2.ServiceDiscoveryReq: service_discovery,
    iso2.ServiceDetailReq: service_detail,
    iso2.PaymentServiceSelectionReq: bare(iso2.PaymentServiceSelectionRes),
    iso2.CertificateInstallationReq: certificate(iso2.CertificateInstallationRes),
    iso2.CertificateUpdateReq: certificate(iso2.CertificateUpdateRes),
    iso2.PaymentDetailsReq: payment_details,
    iso2.AuthorizationReq: authorization,
    iso2.ChargeParameterDiscoveryReq: charge_parameter_discovery,
    iso2.PowerDeliveryReq: power_delivery,
    iso2.ChargingStatusReq: charging_status,
    iso2.MeteringReceiptReq: metering_receipt,
    iso2.CableCheckReq: cable_check,
    iso2.PreChargeReq: pre_charge,
    iso2.CurrentDemandReq: current_demand,
    iso2.WeldingDetectionReq: welding_detection,
    iso2.SessionStopReq: bare(iso2.SessionStopRes),
}
