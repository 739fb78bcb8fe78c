"""The requests and responses of ISO 15118-2, as unions."""

from __future__ import annotations

from seccstack.messages import iso2

Request = (
    iso2.SessionSetupReq
    | iso2.ServiceDiscoveryReq
    | iso2.ServiceDetailReq
    | iso2.PaymentServiceSelectionReq
    | iso2.PaymentDetailsReq
    | iso2.AuthorizationReq
    | iso2.ChargeParameterDiscoveryReq
    | iso2.PowerDeliveryReq
    | iso2.MeteringReceiptReq
    | iso2.SessionStopReq
    | iso2.CertificateUpdateReq
    | iso2.CertificateInstallationReq
    | iso2.ChargingStatusReq
    | iso2.CableCheckReq
    | iso2.PreChargeReq
    | iso2.CurrentDemandReq
    | iso2.WeldingDetectionReq
)
Response = (
    iso2.SessionSetupRes
    | iso2.ServiceDiscoveryRes
    | iso2.ServiceDetailRes
    | iso2.PaymentServiceSelectionRes
    | iso2.PaymentDetailsRes
    | iso2.AuthorizationRes
    | iso2.ChargeParameterDiscoveryRes
    | iso2.PowerDeliveryRes
    | iso2.MeteringReceiptRes
    | iso2.SessionStopRes
    | iso2.CertificateUpdateRes
    | iso2.CertificateInstallationRes
    | iso2.ChargingStatusRes
    | iso2.CableCheckRes
    | iso2.PreChargeRes
    | iso2.CurrentDemandRes
    | iso2.WeldingDetectionRes
)
