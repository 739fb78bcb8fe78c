"""What of a message is worth telling beside its name, in a few words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from seccstack import sdp
from seccstack.auth.addresses import format_mac
from seccstack.capture.items import V2gMessage
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.messages import (
    AttenCharInd,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
    ValidateCnf,
)
from seccstack.report.parts import Part
from seccstack.report.quantities import Quantity

LONGEST = 160  # characters of a note; what is longer is read in the message
USUAL = {  # element: the value that goes without saying; None: every value is told
    "ResponseCode": "OK",
    "EVSEProcessing": "Finished",
    "EVProcessing": "Finished",
    "EVCCID": None,
    "EVSEID": None,
    "ProtocolNamespace": None,
    "SelectedPaymentOption": None,
    "SelectedAuthorizationService": None,
    "RequestedEnergyTransferMode": None,
    "EVRequestedEnergyTransferType": None,
    "ServiceID": None,
    "ReadyToChargeState": None,
    "ChargeProgress": None,
    "ChargingSession": None,
    "EVErrorCode": "NO_ERROR",
    "EVSEStatusCode": "EVSE_Ready",
    "EVSEIsolationStatus": "Valid",
    "EVSENotification": "None",
}
TOLD = {  # quantities in a note: in this order, with short words for what a loop repeats
    "EVTargetVoltage": "wants",
    "EVTargetCurrent": "wants",
    "EVSEPresentVoltage": "has",
    "EVSEPresentCurrent": "has",
    "EVPresentVoltage": "has",
    "EVSEMaxCurrent": "at most",
    "PMax": "at most",
    "EVRESSSOC": "charged",
    "PresentSOC": "charged",
}
NO_MESSAGE = "can't be decoded"


def note_of(message: V2gMessage, parts: Sequence[Part], told: Sequence[Quantity]) -> str:
    """Return what a V2G message says, beside its name."""
    if message.message is None:
        return f"{len(message.exi)} octets; {'; '.join(message.problems) or NO_MESSAGE}"[
            :LONGEST
        ]
    said: dict[str, None] = {}  # a set that keeps its order: offers repeat themselves
    for part in parts:
        if part.form is None or part.name not in USUAL:
            continue
        value = str(part.value)
        repeated = part.name == "EVSEID" and message.name != "SessionSetupRes"
        if value and value != USUAL[part.name] and not repeated:
            said[_short(part.name, value)] = None
    return ", ".join([*said, *_amounts(told)])[:LONGEST]


def _short(name: str, value: str) -> str:
    if name in ("EVCCID", "EVSEID", "ReadyToChargeState", "ServiceID"):
        return f"{name} {value}"
    return value


def _amounts(told: Sequence[Quantity]) -> list[str]:
    """Tell quantities of the same kind together: wants 400 V 100 A."""
    said: dict[str, list[str]] = {}
    for name, word in TOLD.items():
        amounts = [f"{q.value:g} {q.unit}" for q in told if q.name == name]
        said.setdefault(word, []).extend(amounts)
    return [
        f"{word} {' '.join(dict.fromkeys(amounts))}"
        for word, amounts in said.items()
        if amounts
    ]


def discovery_note(message: sdp.SdpRequest | sdp.SdpResponse) -> str:
    """Return what an SDP message says."""
    names = {sdp.SECURITY_TLS: "TLS", sdp.SECURITY_NONE: "no TLS"}
    security = names.get(message.security, f"security {message.security:02X}")
    if isinstance(message, sdp.SdpRequest):
        return f"wants {security}"
    return f"port {message.port}, {security}"


def _mean(attenuations: bytes) -> str:
    return f"{sum(attenuations) / len(attenuations):.1f} dB"


SLAC_NOTES: Mapping[type[Mme], Callable[..., str]] = {
    SlacParmReq: lambda m: f"run {m.run_id.hex().upper()}",
    SlacParmCnf: lambda m: f"{m.num_sounds} sounds, please",
    StartAttenCharInd: lambda m: f"{m.num_sounds} sounds will come",
    MnbcSoundInd: lambda m: f"{m.remaining} more",
    AttenCharInd: lambda m: f"{m.num_sounds} sounds heard, {_mean(m.attenuations)}",
    SlacMatchReq: lambda m: f"chooses {format_mac(m.evse_mac)}",
    SlacMatchCnf: lambda m: f"network {m.network_id.hex().upper()}",
    ValidateCnf: lambda m: f"result {m.result}",
}


def slac_note(message: Mme) -> str:
    """Return what a message of matching says."""
    tell = SLAC_NOTES.get(type(message))
    return "" if tell is None else tell(message)
