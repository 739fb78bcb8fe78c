"""The messages by which EXI codecs are compared, and what other codecs took for them.

The figures are medians in microseconds, to encode and to decode, of libcbv2g 54fed4d, the
compiled C that EVerest uses, taken once on the machine whose speed `exi.REFERENCE` tells. The
messages here are of the same kind and of as many octets as those they were taken with.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import starmap
from typing import Any

from msgspec import Struct

from seccstack.messages import infoset
from seccstack.messages.codec import Schema

LIBCBV2G = "54fed4d"  # the commit
SESSION = "0102030405060708"
EXI = "http://www.w3.org/TR/canonical-exi/"
ECDSA = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
EVSEID = "DE*SEC*E0000001"


class Row(Struct, frozen=True):
    """A message, its octets in EXI, and what libcbv2g took to encode and decode it."""

    schema: Schema
    name: str
    octets: int
    encode: float
    decode: float
    content: dict[str, Any]

    @property
    def message(self) -> Struct:
        """The message itself."""
        return infoset.from_json(self.schema, self.content)


def base64(count: int) -> str:
    """So many octets in base64; `count` is divisible by three, or what is left is padded."""
    whole, rest = divmod(count, 3)
    return "q7wB" * whole + ("", "qw==", "q7w=")[rest]


def value(number: int, unit: str, multiplier: int = 0) -> dict[str, Any]:
    """A PhysicalValue."""
    return {"Multiplier": multiplier, "Unit": unit, "Value": number}


def rational(number: int, exponent: int = 0) -> dict[str, Any]:
    """A RationalNumber."""
    return {"Exponent": exponent, "Value": number}


def signature() -> dict[str, Any]:
    """A Signature with one reference, as -2 and -20 send it."""
    return {
        "SignedInfo": {
            "CanonicalizationMethod": {"Algorithm": EXI},
            "SignatureMethod": {"Algorithm": ECDSA},
            "Reference": [
                {
                    "URI": "#id1",
                    "Transforms": {"Transform": [{"Algorithm": EXI}]},
                    "DigestMethod": {"Algorithm": SHA256},
                    "DigestValue": base64(32),
                }
            ],
        },
        "SignatureValue": {"value": base64(64)},
    }


def v2g(body: dict[str, Any], **header: Any) -> dict[str, Any]:
    """A V2G_Message."""
    return {"V2G_Message": {"Header": {"SessionID": SESSION} | header, "Body": body}}


def common(name: str, content: dict[str, Any], **header: Any) -> dict[str, Any]:
    """A message of -20."""
    head = {"SessionID": SESSION, "TimeStamp": NOW} | header
    return {name: {"Header": head} | content}


def _protocol(number: int, namespace: str, major: int) -> dict[str, Any]:
    return {
        "ProtocolNamespace": namespace,
        "VersionNumberMajor": major,
        "VersionNumberMinor": 0,
        "SchemaID": number,
        "Priority": number,
    }


NAMESPACES = (
    "urn:din:70121:2012:MsgDef",
    "urn:iso:15118:2:2013:MsgDef",
    "urn:iso:std:iso:15118:-20:DC",
)
HANDSHAKE: dict[str, Any] = {
    "AppProtocol": [_protocol(at + 1, name, 2) for at, name in enumerate(NAMESPACES)]
}
MAC = "020000000001"
NOW = 1700000000
SERVICES = {
    "ResponseCode": "OK",
    "PaymentOptionList": {"PaymentOption": ["Contract", "ExternalPayment"]},
    "ChargeService": {
        "ServiceID": 1,
        "ServiceName": "AC_DC_Charging",
        "ServiceCategory": "EVCharging",
        "FreeService": False,
        "SupportedEnergyTransferMode": {
            "EnergyTransferMode": [
                "AC_single_phase_core",
                "AC_three_phase_core",
                "DC_extended",
            ]
        },
    },
    "ServiceList": {
        "Service": [
            {
                "ServiceID": 2,
                "ServiceName": "Certificate",
                "ServiceCategory": "ContractCertificate",
                "FreeService": True,
            },
            {
                "ServiceID": 3,
                "ServiceName": "InternetPort1",
                "ServiceCategory": "Internet",
                "FreeService": True,
            },
        ]
    },
}
LIMITS = (
    "EVTargetEnergyRequest",
    "EVMaximumEnergyRequest",
    "EVMinimumEnergyRequest",
    "EVMaximumChargePower",
    "EVMinimumChargePower",
    "EVMaximumChargeCurrent",
    "EVMaximumVoltage",
    "EVMinimumVoltage",
    "EVMaximumDischargePower",
    "EVMinimumDischargePower",
    "EVMaximumDischargeCurrent",
)
EV_STATUS = {"EVReady": True, "EVErrorCode": "NO_ERROR", "EVRESSSOC": 44}
EVSE_STATUS = {
    "NotificationMaxDelay": 0,
    "EVSENotification": "None",
    "EVSEIsolationStatus": "Valid",
    "EVSEStatusCode": "EVSE_Ready",
}
AC_STATUS = {"NotificationMaxDelay": 0, "EVSENotification": "None", "RCD": False}
METER = {"MeterID": "METER-000001", "MeterReading": 123456, "TMeter": NOW}
REQUESTED = {
    "EVTargetCurrent": value(150, "A"),
    "EVMaximumVoltageLimit": value(410, "V"),
    "EVMaximumCurrentLimit": value(200, "A"),
    "EVMaximumPowerLimit": value(500, "W", 2),
    "BulkChargingComplete": False,
    "ChargingComplete": False,
    "RemainingTimeToFullSoC": value(1800, "s"),
    "RemainingTimeToBulkSoC": value(900, "s"),
    "EVTargetVoltage": value(400, "V"),
}
DELIVERED = {
    "EVSEPresentVoltage": value(398, "V"),
    "EVSEPresentCurrent": value(149, "A"),
    "EVSECurrentLimitAchieved": False,
    "EVSEVoltageLimitAchieved": False,
    "EVSEPowerLimitAchieved": False,
    "EVSEMaximumVoltageLimit": value(500, "V"),
    "EVSEMaximumCurrentLimit": value(200, "A"),
    "EVSEMaximumPowerLimit": value(500, "W", 2),
}


def p_max(entries: int) -> list[dict[str, Any]]:
    """A PMaxSchedule's entries, a quarter of an hour each."""
    return [
        {"RelativeTimeInterval": {"start": 900 * at}, "PMax": value(11000, "W")}
        for at in range(entries)
    ]


def _tariff(entries: int) -> dict[str, Any]:
    made = [
        {"RelativeTimeInterval": {"start": at, "duration": 900}, "EPriceLevel": at // 900 % 3}
        for at in range(900, 900 * (entries + 1), 900)
    ]
    return {"SalesTariffID": 1, "NumEPriceLevels": 3, "SalesTariffEntry": made}


def schedules(tuples: int, entries: int, tariff: int = 0) -> dict[str, Any]:
    """A ChargeParameterDiscoveryRes with so many schedules of so many entries."""
    more = {"SalesTariff": _tariff(tariff)} if tariff else {}
    made = [
        {"SAScheduleTupleID": at + 1, "PMaxSchedule": {"PMaxScheduleEntry": p_max(entries)}}
        | more
        for at in range(tuples)
    ]
    return v2g(
        {
            "ChargeParameterDiscoveryRes": {
                "ResponseCode": "OK",
                "EVSEProcessing": "Finished",
                "SAScheduleList": {"SAScheduleTuple": made},
                "DC_EVSEChargeParameter": {
                    "DC_EVSEStatus": EVSE_STATUS,
                    "EVSEMaximumCurrentLimit": value(200, "A"),
                    "EVSEMaximumPowerLimit": value(500, "W", 2),
                    "EVSEMaximumVoltageLimit": value(500, "V"),
                    "EVSEMinimumCurrentLimit": value(0, "A"),
                    "EVSEMinimumVoltageLimit": value(150, "V"),
                    "EVSEPeakCurrentRipple": value(2, "A"),
                    "EVSEEnergyToBeDelivered": value(12 * entries, "Wh", 3),
                },
            }
        }
    )


def power_schedule(entries: int) -> dict[str, Any]:
    """A ScheduleExchangeRes with so many entries."""
    made = [
        {"Duration": 3600, "Power": rational(11000), "Power_L2": rational(11000)}
        for _ in range(entries)
    ]
    schedule = {
        "TimeAnchor": NOW,
        "AvailableEnergy": rational(30000),
        "PowerScheduleEntries": {"PowerScheduleEntry": made},
    }
    return common(
        "ScheduleExchangeRes",
        {
            "ResponseCode": "OK",
            "EVSEProcessing": "Finished",
            "GoToPause": False,
            "Scheduled_SEResControlMode": {
                "ScheduleTuple": [
                    {"ScheduleTupleID": 1, "ChargingSchedule": {"PowerSchedule": schedule}}
                ]
            },
        },
    )


def chain(*octets: int) -> dict[str, Any]:
    """A certificate and those that it is signed by, of so many octets."""
    first, *others = map(base64, octets)
    return {"Certificate": first, "SubCertificates": {"Certificate": others}}


def rows() -> Iterator[Row]:
    """Every message, the octets that it must have, and the figures of libcbv2g."""
    for of_schema in (_handshake, _din, _iso2, _iso2_certificates, _common, _dc):
        yield from starmap(Row, of_schema())


Line = tuple[Schema, str, int, float, float, dict[str, Any]]


def _handshake() -> Iterator[Line]:
    schema = Schema.APP_PROTOCOL
    answer: dict[str, Any] = {"ResponseCode": "OK_SuccessfulNegotiation", "SchemaID": 1}
    request: dict[str, Any] = {"supportedAppProtocolReq": HANDSHAKE}
    yield schema, "supportedAppProtocolReq", 102, 3.29, 2.68, request
    yield schema, "supportedAppProtocolRes", 4, 0.19, 0.18, {"supportedAppProtocolRes": answer}


def _din() -> Iterator[Line]:
    schema = Schema.DIN
    answer: dict[str, Any] = {
        "ResponseCode": "OK_NewSessionEstablished",
        "EVSEID": "00",
        "DateTimeNow": NOW,
    }
    request: dict[str, Any] = {"DC_EVStatus": EV_STATUS} | REQUESTED
    response: dict[str, Any] = {"ResponseCode": "OK", "DC_EVSEStatus": EVSE_STATUS} | DELIVERED
    yield schema, "SessionSetupReq", 21, 0.67, 0.61, v2g({"SessionSetupReq": {"EVCCID": MAC}})
    yield schema, "SessionSetupRes", 22, 0.77, 0.73, v2g({"SessionSetupRes": answer})
    yield schema, "CurrentDemandReq", 50, 2.41, 2.20, v2g({"CurrentDemandReq": request})
    yield schema, "CurrentDemandRes", 43, 2.04, 1.95, v2g({"CurrentDemandRes": response})


def _iso2() -> Iterator[Line]:
    schema = Schema.ISO2
    answer: dict[str, Any] = {"ResponseCode": "OK_NewSessionEstablished", "EVSEID": EVSEID}
    answer |= {"EVSETimeStamp": NOW}
    metered: dict[str, Any] = {
        "SAScheduleTupleID": 1,
        "MeterInfo": METER,
        "ReceiptRequired": False,
    }
    status: dict[str, Any] = {
        "ResponseCode": "OK",
        "EVSEID": EVSEID,
        "EVSEMaxCurrent": value(32, "A"),
    }
    status |= metered | {"AC_EVSEStatus": AC_STATUS}
    request: dict[str, Any] = {"DC_EVStatus": EV_STATUS} | REQUESTED
    response: dict[str, Any] = {
        "ResponseCode": "OK",
        "EVSEID": EVSEID,
        "DC_EVSEStatus": EVSE_STATUS,
    }
    response |= DELIVERED | metered
    yield schema, "SessionSetupReq", 21, 0.66, 0.62, v2g({"SessionSetupReq": {"EVCCID": MAC}})
    yield schema, "SessionSetupRes", 36, 1.18, 1.06, v2g({"SessionSetupRes": answer})
    yield schema, "ServiceDiscoveryRes", 70, 2.59, 2.34, v2g({"ServiceDiscoveryRes": SERVICES})
    name = "ChargeParameterDiscoveryRes"
    yield schema, f"{name} 1x3", 70, 2.97, 2.81, schedules(1, 3)
    yield schema, f"{name} 2x12 and tariffs", 411, 17.9, 15.7, schedules(2, 12, tariff=12)
    yield schema, "ChargingStatusRes", 62, 2.09, 2.01, v2g({"ChargingStatusRes": status})
    yield schema, "CurrentDemandReq", 48, 2.14, 1.86, v2g({"CurrentDemandReq": request})
    yield schema, "CurrentDemandRes", 83, 3.03, 2.93, v2g({"CurrentDemandRes": response})


def _iso2_certificates() -> Iterator[Line]:
    details: dict[str, Any] = {
        "eMAID": "DE1234567890123",
        "ContractSignatureCertChain": chain(577, 576, 576),
    }
    signed: dict[str, Any] = {"Id": "id1", "GenChallenge": base64(16)}
    authorization = v2g({"AuthorizationReq": signed}, Signature=signature())
    schema = Schema.ISO2
    yield schema, "PaymentDetailsReq", 1767, 95.0, 38.0, v2g({"PaymentDetailsReq": details})
    yield schema, "AuthorizationReq, signed", 307, 9.01, 6.90, authorization


def _common() -> Iterator[Line]:
    schema = Schema.ISO20_COMMON
    contract: dict[str, Any] = {"Id": "id1", "GenChallenge": base64(16)}
    contract |= {"ContractCertificateChain": chain(577, 577, 576)}
    selected: dict[str, Any] = {
        "SelectedAuthorizationService": "PnC",
        "PnC_AReqAuthorizationMode": contract,
    }
    signed = common("AuthorizationReq", selected, Signature=signature())
    request = common("SessionSetupReq", {"EVCCID": "WMIV1234567890ABCDEX"})
    answer: dict[str, Any] = {"ResponseCode": "OK_NewSessionEstablished", "EVSEID": EVSEID}
    yield schema, "SessionSetupReq", 39, 1.20, 1.04, request
    yield schema, "SessionSetupRes", 35, 1.02, 0.99, common("SessionSetupRes", answer)
    yield schema, "AuthorizationReq, signed", 2050, 114.0, 42.4, signed
    yield schema, "ScheduleExchangeRes", 304, 13.1, 10.5, power_schedule(24)


def _dc() -> Iterator[Line]:
    schema = Schema.ISO20_DC
    wanted: dict[str, Any] = {
        "EVTargetCurrent": rational(150),
        "EVTargetVoltage": rational(400),
    }
    scheduled: dict[str, Any] = {"MeterInfoRequested": False, "EVPresentVoltage": rational(400)}
    scheduled |= {"Scheduled_DC_CLReqControlMode": wanted}
    limits: dict[str, Any] = {"DepartureTime": 3600}
    for name in LIMITS:
        limits[name] = rational(100 if name.endswith("Current") else 300)
    dynamic: dict[str, Any] = {
        "DisplayParameters": {"PresentSOC": 44, "ChargingComplete": False}
    }
    dynamic |= {"MeterInfoRequested": True, "EVPresentVoltage": rational(400)}
    dynamic |= {"BPT_Dynamic_DC_CLReqControlMode": limits}
    reached: dict[str, Any] = {
        f"EVSE{what}LimitAchieved": False for what in ("Power", "Current", "Voltage")
    }
    offered: dict[str, Any] = {
        "EVSEMaximumChargePower": rational(500, 2),
        "EVSEMaximumChargeCurrent": rational(200),
        "EVSEMaximumVoltage": rational(500),
    }
    answer: dict[str, Any] = {"ResponseCode": "OK", "EVSEPresentCurrent": rational(149)}
    answer |= {"EVSEPresentVoltage": rational(398)} | reached
    answer |= {"Scheduled_DC_CLResControlMode": offered}
    loop = "DC_ChargeLoopReq"
    yield schema, f"{loop}, scheduled", 31, 1.32, 1.11, common(loop, scheduled)
    yield schema, f"{loop}, BPT, dynamic", 72, 3.00, 3.26, common(loop, dynamic)
    loop = "DC_ChargeLoopRes"
    yield schema, f"{loop}, scheduled", 42, 1.78, 1.52, common(loop, answer)
