"""The response of a request's own kind that says no (ISO 15118-20).

A refusal has all that the schema asks for, at any moment of a session, also before there is
one: a vehicle that cannot decode it learns nothing. What is asked for and means nothing then is
as empty as it may be. FAILED_* ends the session, WARNING_* does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from seccstack.messages import iso20_ac, iso20_common, iso20_dc
from seccstack.messages.iso20_types import Processing, ResponseCode
from seccstack.session.dialogue import broken_by
from seccstack.session.iso20 import catalogue
from seccstack.session.iso20.rational import ZERO
from seccstack.session.iso20.record import Reply, Session, State
from seccstack.session.iso20.requests import Request, Response

NO_CERTIFICATE = b""
NO_POINT = bytes(133)  # dhPublicKeyType has exactly so many octets
NO_KEY = bytes(94)  # and secp521_EncryptedPrivateKeyType so many
FINISHED = Processing.FINISHED


def refused(request: Request, code: ResponseCode, session: Session, why: str = "") -> Reply:
    """Refuse a request, and end the session with it; the vehicle is not told why."""
    how = broken_by(request, code, why)
    return Reply(refuse(request, code, session), State.ENDED, how=how)


def refuse(request: Request, code: ResponseCode, session: Session) -> Response:
    """Answer a request of any kind with this code."""
    return REFUSALS[type(request)](request, code, session)


Refusal = Callable[[Any, ResponseCode, Session], Response]


def bare(kind: type[Any], **empty: Any) -> Refusal:
    """Refuse a request whose response has nothing in it that depends on anything."""

    def refusal(request: Any, code: ResponseCode, session: Session) -> Response:
        response: Response = kind(header=session.heading, response_code=code, **empty)
        return response

    return refusal


def session_setup(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse SessionSetupReq."""
    return iso20_common.SessionSetupRes(
        header=session.heading, response_code=code, evseid=session.charger.evse_id
    )


def authorization_setup(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse AuthorizationSetupReq."""
    return iso20_common.AuthorizationSetupRes(
        header=session.heading,
        response_code=code,
        authorization_services=(iso20_common.Authorization.EIM,),
        certificate_installation_service=False,
        eim_as_res_authorization_mode=iso20_common.EIM_ASResAuthorizationMode(),
    )


def certificate_installation(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse CertificateInstallationReq: nothing is installed."""
    data = iso20_common.SignedInstallationData(
        id="id1",
        contract_certificate_chain=iso20_common.ContractCertificateChain(
            certificate=NO_CERTIFICATE,
            sub_certificates=iso20_common.SubCertificates(certificate=(NO_CERTIFICATE,)),
        ),
        ecdh_curve=iso20_common.EcdhCurve.SECP521,
        dh_public_key=NO_POINT,
        secp521_encrypted_private_key=NO_KEY,
    )
    return iso20_common.CertificateInstallationRes(
        header=session.heading,
        response_code=code,
        evse_processing=FINISHED,
        cps_certificate_chain=iso20_common.CertificateChain(certificate=NO_CERTIFICATE),
        signed_installation_data=data,
        remaining_contract_certificate_chains=0,
    )


def service_discovery(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ServiceDiscoveryReq."""
    return iso20_common.ServiceDiscoveryRes(
        header=session.heading,
        response_code=code,
        service_renegotiation_supported=False,
        energy_transfer_service_list=catalogue.energy_list(session),
    )


def service_detail(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse ServiceDetailReq."""
    return iso20_common.ServiceDetailRes(
        header=session.heading,
        response_code=code,
        service_id=request.service_id,
        service_parameter_list=catalogue.NO_PARAMETERS,
    )


def vehicle_check_out(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse VehicleCheckOutReq."""
    return iso20_common.VehicleCheckOutRes(
        header=session.heading,
        response_code=code,
        evse_check_out_status=iso20_common.EvseCheckOutStatus.COMPLETED,
    )


def ac_parameters(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse AC_ChargeParameterDiscoveryReq, in its own mode."""
    asked = request.ac_cpd_req_energy_transfer_mode
    nothing: dict[str, Any] = {
        "evse_maximum_charge_power": ZERO,
        "evse_minimum_charge_power": ZERO,
        "evse_nominal_frequency": ZERO,
    }
    mode: Any = iso20_ac.AC_CPDResEnergyTransferMode(**nothing)
    if isinstance(asked, iso20_ac.BPT_AC_CPDReqEnergyTransferMode):
        mode = iso20_ac.BPT_AC_CPDResEnergyTransferMode(
            **nothing, evse_maximum_discharge_power=ZERO, evse_minimum_discharge_power=ZERO
        )
    return iso20_ac.AC_ChargeParameterDiscoveryRes(
        header=session.heading, response_code=code, ac_cpd_res_energy_transfer_mode=mode
    )


AC_MODES: Mapping[type[Any], iso20_ac.CLResControlMode] = {
    iso20_ac.Scheduled_AC_CLReqControlMode: iso20_ac.Scheduled_AC_CLResControlMode(),
    iso20_ac.BPT_Scheduled_AC_CLReqControlMode: iso20_ac.BPT_Scheduled_AC_CLResControlMode(),
    iso20_ac.Dynamic_AC_CLReqControlMode: iso20_ac.Dynamic_AC_CLResControlMode(
        evse_target_active_power=ZERO
    ),
    iso20_ac.BPT_Dynamic_AC_CLReqControlMode: iso20_ac.BPT_Dynamic_AC_CLResControlMode(
        evse_target_active_power=ZERO
    ),
}


def ac_charge_loop(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse AC_ChargeLoopReq, in its own control mode."""
    return iso20_ac.AC_ChargeLoopRes(
        header=session.heading,
        response_code=code,
        cl_res_control_mode=AC_MODES[type(request.cl_req_control_mode)],
    )


def dc_parameters(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse DC_ChargeParameterDiscoveryReq, in its own mode."""
    asked = request.dc_cpd_req_energy_transfer_mode
    nothing: dict[str, Any] = {
        "evse_maximum_charge_power": ZERO,
        "evse_minimum_charge_power": ZERO,
        "evse_maximum_charge_current": ZERO,
        "evse_minimum_charge_current": ZERO,
        "evse_maximum_voltage": ZERO,
        "evse_minimum_voltage": ZERO,
    }
    mode: Any = iso20_dc.DC_CPDResEnergyTransferMode(**nothing)
    if isinstance(asked, iso20_dc.BPT_DC_CPDReqEnergyTransferMode):
        mode = iso20_dc.BPT_DC_CPDResEnergyTransferMode(
            **nothing,
            evse_maximum_discharge_power=ZERO,
            evse_minimum_discharge_power=ZERO,
            evse_maximum_discharge_current=ZERO,
            evse_minimum_discharge_current=ZERO,
        )
    return iso20_dc.DC_ChargeParameterDiscoveryRes(
        header=session.heading, response_code=code, dc_cpd_res_energy_transfer_mode=mode
    )


_DYNAMIC: dict[str, Any] = {
    "evse_maximum_charge_power": ZERO,
    "evse_minimum_charge_power": ZERO,
    "evse_maximum_charge_current": ZERO,
    "evse_maximum_voltage": ZERO,
}
_DYNAMIC_BOTH_WAYS: dict[str, Any] = {
    "evse_maximum_discharge_power": ZERO,
    "evse_minimum_discharge_power": ZERO,
    "evse_maximum_discharge_current": ZERO,
    "evse_minimum_voltage": ZERO,
}
DC_MODES: Mapping[type[Any], iso20_dc.CLResControlMode] = {
    iso20_dc.Scheduled_DC_CLReqControlMode: iso20_dc.Scheduled_DC_CLResControlMode(),
    iso20_dc.BPT_Scheduled_DC_CLReqControlMode: iso20_dc.BPT_Scheduled_DC_CLResControlMode(),
    iso20_dc.Dynamic_DC_CLReqControlMode: iso20_dc.Dynamic_DC_CLResControlMode(**_DYNAMIC),
    iso20_dc.BPT_Dynamic_DC_CLReqControlMode: iso20_dc.BPT_Dynamic_DC_CLResControlMode(
        **_DYNAMIC, **_DYNAMIC_BOTH_WAYS
    ),
}


def dc_charge_loop(request: Any, code: ResponseCode, session: Session) -> Response:
    """Refuse DC_ChargeLoopReq, in its own control mode."""
    return iso20_dc.DC_ChargeLoopRes(
        header=session.heading,
        response_code=code,
        evse_present_current=ZERO,
        evse_present_voltage=ZERO,
        evse_power_limit_achieved=False,
        evse_current_limit_achieved=False,
        evse_voltage_limit_achieved=False,
        cl_res_control_mode=DC_MODES[type(request.cl_req_control_mode)],
    )


REFUSALS: Mapping[type[Request], Refusal] = {
    iso20_common.SessionSetupReq: session_setup,
    iso20_common.AuthorizationSetupReq: authorization_setup,
    iso20_common.AuthorizationReq: bare(
        iso20_common.AuthorizationRes, evse_processing=FINISHED
    ),
    iso20_common.CertificateInstallationReq: certificate_installation,
    iso20_common.ServiceDiscoveryReq: service_discovery,
    iso20_common.ServiceDetailReq: service_detail,
    iso20_common.ServiceSelectionReq: bare(iso20_common.ServiceSelectionRes),
    iso20_common.ScheduleExchangeReq: bare(
        iso20_common.ScheduleExchangeRes,
        evse_processing=FINISHED,
        dynamic_se_res_control_mode=iso20_common.Dynamic_SEResControlMode(),
    ),
    iso20_common.PowerDeliveryReq: bare(iso20_common.PowerDeliveryRes),
    iso20_common.MeteringConfirmationReq: bare(iso20_common.MeteringConfirmationRes),
    iso20_common.SessionStopReq: bare(iso20_common.SessionStopRes),
    iso20_common.VehicleCheckInReq: bare(iso20_common.VehicleCheckInRes),
    iso20_common.VehicleCheckOutReq: vehicle_check_out,
    iso20_ac.AC_ChargeParameterDiscoveryReq: ac_parameters,
    iso20_ac.AC_ChargeLoopReq: ac_charge_loop,
    iso20_dc.DC_ChargeParameterDiscoveryReq: dc_parameters,
    iso20_dc.DC_CableCheckReq: bare(iso20_dc.DC_CableCheckRes, evse_processing=FINISHED),
    iso20_dc.DC_PreChargeReq: bare(iso20_dc.DC_PreChargeRes, evse_present_voltage=ZERO),
    iso20_dc.DC_ChargeLoopReq: dc_charge_loop,
    iso20_dc.DC_WeldingDetectionReq: bare(
        iso20_dc.DC_WeldingDetectionRes, evse_present_voltage=ZERO
    ),
}
