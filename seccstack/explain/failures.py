"""Why ISO 15118 did not begin, or broke off, so that it went on by pulse width if at all."""

from __future__ import annotations

from collections.abc import Sequence

from seccstack.explain.answer import Turn
from seccstack.explain.reasons import (
    DOCTOR,
    REPLUG,
    Meaning,
    Reason,
    understood,
    unheard_of,
)

# What a refusal in an ISO 15118-2 session means.
CODES = {
    "FAILED": "something is not as it must be",
    "FAILED_SequenceError": "as the vehicle asked out of turn",
    "FAILED_ServiceIDInvalid": "as it asked for a service that is not offered",
    "FAILED_UnknownSession": "as it used another session's id",
    "FAILED_ServiceSelectionInvalid": "as it chose services that do not go together",
    "FAILED_PaymentSelectionInvalid": "as it chose a way to pay that is not offered",
    "FAILED_CertificateExpired": "as its certificate has expired",
    "FAILED_SignatureError": "as its signature is wrong",
    "FAILED_NoCertificateAvailable": "as there is no certificate for it",
    "FAILED_CertChainError": "as its certificates do not lead to a root that is trusted here",
    "FAILED_ChallengeInvalid": "as it signed something else than we gave it",
    "FAILED_ContractCanceled": "as its contract has been cancelled",
    "FAILED_WrongChargeParameter": "as it told us something impossible of itself",
    "FAILED_PowerDeliveryNotApplied": "as there was no power to give",
    "FAILED_TariffSelectionInvalid": "as it chose a schedule that was not offered",
    "FAILED_ChargingProfileInvalid": "as it planned to draw more than was offered",
    "FAILED_MeteringSignatureNotValid": "as its receipt is not of what the meter showed",
    "FAILED_NoChargeServiceSelected": "as it did not choose to charge",
    "FAILED_WrongEnergyTransferMode": "as it asked for a kind of current that is not here",
    "FAILED_ContactorError": "as the contactor did not close",
    "FAILED_CertificateNotAllowedAtThisEVSE": "as its contract may not charge here",
    "FAILED_CertificateRevoked": "as its certificate has been revoked",
}

QUIET = 'serve such vehicles sooner: pilot.start = "nominal", or powerline.slac_init_seconds'
MODEM = "have the modem and its supply looked at; a power cycle may help"

# Why there is no TLS with a vehicle that asked for it.
HANDSHAKE: Sequence[Reason] = (
    Reason(
        r"^the vehicle's certificate is refused: (?P<fault>.+)",
        "vehicle certificate refused",
        Turn.OWNER,
        ("trust its maker: tls.vehicle_roots", DOCTOR, REPLUG),
        "the vehicle's own certificate is not believed: {fault}",
    ),
    Reason(
        r"^the vehicle shows no certificate of its own",
        "no vehicle certificate",
        Turn.OWNER,
        ('serve it, though not in ISO 15118-20: tls.vehicle = "accept"', REPLUG),
        "the vehicle speaks TLS 1.3, and shows no certificate of its own, as it has to",
    ),
    Reason(
        r"",
        "TLS failed",
        Turn.OWNER,
        (DOCTOR, REPLUG),
        "TLS with the vehicle came to nothing: {why}",
    ),
)

# Why ISO 15118 was given up, and it went on by pulse width (`seccstack.slac` and above).
FALLBACK: Sequence[Reason] = (
    Reason(
        r"^the modem is silent: (?P<trouble>.+)",
        "modem dead",
        Turn.ELECTRICIAN,
        (DOCTOR, MODEM),
        "the modem does not answer ({trouble})",
    ),
    Reason(
        r"^the powerline is not open",
        "powerline closed",
        Turn.OWNER,
        (DOCTOR, "see that powerline.interface is there, and up"),
        "there is no way to the modem: its interface is not open",
    ),
    Reason(
        r"^(?=.)(?!.*CM_)(.*went down|.*has another address|interface .*|.*No such device.*)$",
        "powerline closed",
        Turn.OWNER,
        (DOCTOR, "see that powerline.interface is there, and up"),
        "there is no way to the modem ({why})",
    ),
    Reason(
        r"^no CM_SLAC_PARM\.REQ came within (?P<seconds>\S+ s)",
        "SLAC never began",
        Turn.NOBODY,
        (QUIET,),
        "SLAC never began within {seconds}: this vehicle does not seem to speak ISO 15118",
    ),
    Reason(
        r"^the vehicle may charge, and was silent for",
        "SLAC never began",
        Turn.NOBODY,
        ("give it longer to begin: pilot.speak_seconds",),
        "it was let in and did not begin to speak ISO 15118",
    ),
    Reason(
        r"^our modem reported no sound",
        "SLAC failed",
        Turn.ELECTRICIAN,
        (DOCTOR, MODEM),
        "our modem heard none of the vehicle's sounds",
    ),
    Reason(
        r"^the EV did not choose us|^the EV was validated and did not choose",
        "SLAC failed",
        Turn.DRIVER,
        (REPLUG, "if it is heard too faintly: powerline.attenuation_correction_db"),
        "the vehicle measured us, and chose no charger, or another one",
    ),
    Reason(
        r"CM_START_ATTEN_CHAR\.IND|CM_ATTEN_CHAR\.IND|ended its validation|did not announce "
        r"its toggles|the pilot line was toggled",
        "SLAC failed",
        Turn.DRIVER,
        (REPLUG,),
        "matching by SLAC broke off ({why})",
    ),
    Reason(
        r"^our key was changed while|has our key but did not join",
        "not joined",
        Turn.DRIVER,
        (REPLUG, DOCTOR),
        "the vehicle was matched, but its modem did not join our network",
    ),
    Reason(
        r"^the powerline link is lost|^the link was not back",
        "link lost",
        Turn.DRIVER,
        (REPLUG, "if it comes again, have cable and plug looked at"),
        "the powerline link to the vehicle was lost",
    ),
    Reason(
        r"^no session within",
        "no session",
        Turn.DRIVER,
        (REPLUG,),
        "the modems were linked, and the vehicle opened no session",
    ),
    Reason(
        r"^no protocol in common but (?P<protocol>\w+)",
        "protocol failed",
        Turn.NOBODY,
        (),
        "the vehicle offers {protocol} alone, which has failed with it before, while another "
        "has worked; after a month it is tried again",
    ),
    Reason(
        r"^no protocol in common",
        "no protocol",
        Turn.NOBODY,
        (),
        "the vehicle speaks no protocol that is spoken here (which is ISO 15118-2)",
    ),
    Reason(
        r"^(?P<request>\w+)Req: (?P<code>FAILED\w*)(?: \((?P<detail>.+)\))?",
        "session refused",
        Turn.OWNER,
        (REPLUG, "look at what was said: record it with recorder.folder"),
        "the ISO 15118 session failed in {request}: we answered {code}, {meant}",
        CODES,
    ),
    Reason(
        r"^no SessionSetupReq within|^no request within|does not ask what has become",
        "vehicle fell silent",
        Turn.DRIVER,
        (REPLUG,),
        "the vehicle fell silent in its ISO 15118 session ({why})",
    ),
    Reason(
        r"payloads that are no messages|^no (supportedAppProtocolReq|V2G_Mess)|^V2GTP|^payload",
        "unreadable",
        Turn.DRIVER,
        (REPLUG, "keep what it said for us: recorder.folder"),
        "what the vehicle said could not be read ({why})",
    ),
    Reason(
        r"connection|^the vehicle that was matched|^the vehicle closed the stream|^unplugged",
        "connection lost",
        Turn.DRIVER,
        (REPLUG,),
        "the connection to the vehicle ended in mid-session ({why})",
    ),
)


def fallback(reason: str) -> Meaning:
    """Return why ISO 15118 was given up; of a reason without words, itself."""
    return understood(reason, FALLBACK) or unheard_of(reason)
