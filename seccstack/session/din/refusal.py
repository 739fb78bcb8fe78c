"""The response of a request's own kind that says no (DIN SPEC 70121).

A refusal has all that the schema asks for, at any moment of a session, also to requests that
DIN SPEC 70121 names and does not use: a vehicle that cannot decode it learns nothing. What is
asked for and means nothing then is as empty as it may be.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seccstack.messages import din
from seccstack.messages.din import CertificateChain, EVSEProcessing, ResponseCode, UnitSymbol
from seccstack.session.dialogue import broken_by
from seccstack.session.din import offers
from seccstack.session.din.record import Reply, Session, State
from seccstack.session.din.requests import Request, Response

Refusal = Callable[[Any, ResponseCode, Session], Response]

NO_VOLTS = offers.measured(0.0, UnitSymbol.V)
NO_AMPS = offers.measured(0.0, UnitSymbol.A)


def refused(request: Request, code: ResponseCode, session: Session, why: str = "") -> Reply:
    """Refuse a request, and end the session with it; the vehicle is not told why."""
    how = broken_by(request, code, why)
    return Reply(refuse(request, code, session), State.ENDED, how=how)


def refuse(request: Request, code: ResponseCode, session: Session) -> Response:
    """Answer a request of any kind with this code."""
    return REFUSALS[type(request)](request, code, session)


def session_setup(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse SessionSetupReq."""
    name = offers.evse_id(session.charger.evse_id)
    return din.SessionSetupRes(response_code=code, evseid=name)


def service_discovery(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ServiceDiscoveryReq."""
    return din.ServiceDiscoveryRes(
        response_code=code,
        payment_options=offers.payment(),
        charge_service=offers.charge_service(session),
    )


def service_detail(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ServiceDetailReq."""
    return din.ServiceDetailRes(response_code=code, service_id=request.service_id)


def payment_details(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse PaymentDetailsReq."""
    return din.PaymentDetailsRes(
        response_code=code, gen_challenge="", date_time_now=session.timestamp
    )


def contract_authentication(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ContractAuthenticationReq."""
    finished = EVSEProcessing.FINISHED
    return din.ContractAuthenticationRes(response_code=code, evse_processing=finished)


def charge_parameter_discovery(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ChargeParameterDiscoveryReq."""
    return din.ChargeParameterDiscoveryRes(
        response_code=code,
        evse_processing=EVSEProcessing.FINISHED,
        sa_schedules=offers.schedules(session),
        evse_charge_parameter=offers.charge_parameter(session),
    )


def power_delivery(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse PowerDeliveryReq."""
    return din.PowerDeliveryRes(response_code=code, evse_status=offers.status(session))


def charging_status(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ChargingStatusReq."""
    return din.ChargingStatusRes(
        response_code=code,
        evseid=offers.evse_id(session.charger.evse_id),
        sa_schedule_tuple_id=offers.TUPLE,
        receipt_required=False,
        ac_evse_status=offers.ac_status(session),
    )


def metering_receipt(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse MeteringReceiptReq."""
    status = offers.ac_status(session)
    return din.MeteringReceiptRes(response_code=code, ac_evse_status=status)


def cable_check(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse CableCheckReq."""
    return din.CableCheckRes(
        response_code=code,
        dc_evse_status=offers.status(session),
        evse_processing=EVSEProcessing.FINISHED,
    )


def measuring(kind: type[Any]) -> Refusal:
    """Refuse a request that is answered with the voltage at the plug."""

    def refusal(request: Any, code: ResponseCode, session: Session) -> Response:
        response: Response = kind(
            response_code=code,
            dc_evse_status=offers.status(session),
            evse_present_voltage=NO_VOLTS,
        )
        return response

    return refusal


def current_demand(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse CurrentDemandReq."""
    return din.CurrentDemandRes(
        response_code=code,
        dc_evse_status=offers.status(session),
        evse_present_voltage=NO_VOLTS,
        evse_present_current=NO_AMPS,
        evse_current_limit_achieved=False,
        evse_voltage_limit_achieved=False,
        evse_power_limit_achieved=False,
    )


def certificate(kind: type[Any], **more: Any) -> Refusal:
    """Refuse CertificateInstallationReq or CertificateUpdateReq: nothing is installed."""

    def refusal(request: Any, code: ResponseCode, session: Session) -> Response:
        response: Response = kind(
            id="id1",
            response_code=code,
            contract_signature_cert_chain=CertificateChain(certificate=b""),
            contract_signature_encrypted_private_key=b"",
            dh_params=b"",
            contract_id="",
            **more,
        )
        return response

    return refusal


def bare(kind: type[Any]) -> Refusal:
    """Refuse a request whose response is a code and nothing else."""

    def refusal(request: Any, code: ResponseCode, session: Session) -> Response:
        response: Response = kind(response_code=code)
        return response

    return refusal


REFUSALS: Mapping[type[Request], Refusal] = {
    din.SessionSetupReq: session_setup,
    din.ServiceDiscoveryReq: service_discovery,
    din.ServiceDetailReq: service_detail,
    din.ServicePaymentSelectionReq: bare(din.ServicePaymentSelectionRes),
    din.PaymentDetailsReq: payment_details,
    din.ContractAuthenticationReq: contract_authentication,
    din.ChargeParameterDiscoveryReq: charge_parameter_discovery,
    din.PowerDeliveryReq: power_delivery,
    din.ChargingStatusReq: charging_status,
    din.MeteringReceiptReq: metering_receipt,
    din.CertificateUpdateReq: certificate(din.CertificateUpdateRes, retry_counter=0),
    din.CertificateInstallationReq: certificate(din.CertificateInstallationRes),
    din.CableCheckReq: cable_check,
    din.PreChargeReq: measuring(din.PreChargeRes),
    din.CurrentDemandReq: current_demand,
    din.WeldingDetectionReq: measuring(din.WeldingDetectionRes),
    din.SessionStopReq: bare(din.SessionStopRes),
}
