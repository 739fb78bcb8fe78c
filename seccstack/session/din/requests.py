"""The requests and responses of DIN SPEC 70121, as unions."""

from __future__ import annotations

from seccstack.messages import din

Request = (
    din.SessionSetupReq
    | din.ServiceDiscoveryReq
    | din.ServiceDetailReq
    | din.ServicePaymentSelectionReq
    | din.PaymentDetailsReq
    | din.ContractAuthenticationReq
    | din.ChargeParameterDiscoveryReq
    | din.PowerDeliveryReq
    | din.ChargingStatusReq
    | din.MeteringReceiptReq
    | din.SessionStopReq
    | din.CertificateUpdateReq
    | din.CertificateInstallationReq
    | din.CableCheckReq
    | din.PreChargeReq
    | din.CurrentDemandReq
    | din.WeldingDetectionReq
)
Response = (
    din.SessionSetupRes
    | din.ServiceDiscoveryRes
    | din.ServiceDetailRes
    | din.ServicePaymentSelectionRes
    | din.PaymentDetailsRes
    | din.ContractAuthenticationRes
    | din.ChargeParameterDiscoveryRes
    | din.PowerDeliveryRes
    | din.ChargingStatusRes
    | din.MeteringReceiptRes
    | din.SessionStopRes
    | din.CertificateUpdateRes
    | din.CertificateInstallationRes
    | din.CableCheckRes
    | din.PreChargeRes
    | din.CurrentDemandRes
    | din.WeldingDetectionRes
)
