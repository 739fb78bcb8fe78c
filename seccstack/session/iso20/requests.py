"""The requests and responses of ISO 15118-20, as unions, and the schema that each is of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from seccstack.messages import iso20_ac, iso20_common, iso20_dc
from seccstack.messages.codec import Schema

CommonRequest = (
    iso20_common.SessionSetupReq
    | iso20_common.AuthorizationSetupReq
    | iso20_common.AuthorizationReq
    | iso20_common.CertificateInstallationReq
    | iso20_common.ServiceDiscoveryReq
    | iso20_common.ServiceDetailReq
    | iso20_common.ServiceSelectionReq
    | iso20_common.ScheduleExchangeReq
    | iso20_common.PowerDeliveryReq
    | iso20_common.MeteringConfirmationReq
    | iso20_common.SessionStopReq
    | iso20_common.VehicleCheckInReq
    | iso20_common.VehicleCheckOutReq
)
AcRequest = iso20_ac.AC_ChargeParameterDiscoveryReq | iso20_ac.AC_ChargeLoopReq
DcRequest = (
    iso20_dc.DC_ChargeParameterDiscoveryReq
    | iso20_dc.DC_CableCheckReq
    | iso20_dc.DC_PreChargeReq
    | iso20_dc.DC_ChargeLoopReq
    | iso20_dc.DC_WeldingDetectionReq
)
Request = CommonRequest | AcRequest | DcRequest

CommonResponse = (
    iso20_common.SessionSetupRes
    | iso20_common.AuthorizationSetupRes
    | iso20_common.AuthorizationRes
    | iso20_common.CertificateInstallationRes
    | iso20_common.ServiceDiscoveryRes
    | iso20_common.ServiceDetailRes
    | iso20_common.ServiceSelectionRes
    | iso20_common.ScheduleExchangeRes
    | iso20_common.PowerDeliveryRes
    | iso20_common.MeteringConfirmationRes
    | iso20_common.SessionStopRes
    | iso20_common.VehicleCheckInRes
    | iso20_common.VehicleCheckOutRes
)
AcResponse = iso20_ac.AC_ChargeParameterDiscoveryRes | iso20_ac.AC_ChargeLoopRes
DcResponse = (
    iso20_dc.DC_ChargeParameterDiscoveryRes
    | iso20_dc.DC_CableCheckRes
    | iso20_dc.DC_PreChargeRes
    | iso20_dc.DC_ChargeLoopRes
    | iso20_dc.DC_WeldingDetectionRes
)
Response = CommonResponse | AcResponse | DcResponse

SCHEMAS: Mapping[type[Any], Schema] = {
    kind: schema
    for union, schema in (
        (CommonRequest | CommonResponse, Schema.ISO20_COMMON),
        (AcRequest | AcResponse, Schema.ISO20_AC),
        (DcRequest | DcResponse, Schema.ISO20_DC),
    )
    for kind in get_args(union)
}
