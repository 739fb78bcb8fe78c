"""What a reason that some part of the charger gave means to its owner, and what to do about it.

Reasons are sentences of the parts that gave them; here each kind has its remedy. What comes
first in a table says more than what comes later: of several reasons it is the one to tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seccstack.explain.answer import Turn

CARD = "hold a registered card to the reader"
ADD_CARD = "register a card: `seccstack vehicles cards add UID`"
REPLUG = "unplug the vehicle, and plug it in again"
DOCTOR = "find out what is wrong: `seccstack doctor --config secc.toml`"


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind of reasons; ``says`` and ``do`` may use ``why``, all of it, and its groups."""

    pattern: str
    cause: str
    turn: Turn
    do: tuple[str, ...]
    says: str = "{why}"


@dataclass(frozen=True, slots=True)
class Meaning:
    """A reason, understood."""

    cause: str
    says: str
    turn: Turn
    do: tuple[str, ...]


VEHICLE = r"vehicle (?P<mac>[0-9A-F]{12})"
PLAIN = ("check that nobody else's device answers for the vehicle, and plug it in again", CARD)

# Why a vehicle may not charge, or not yet (`seccstack.auth`).
ACCESS: Sequence[Reason] = (
    Reason(
        r"^vehicles and cards are being registered",
        "registration on",
        Turn.OWNER,
        ("end registration: hold the setup card to the reader, or `seccstack tell learn off`",),
    ),
    Reason(
        r"^card (?P<uid>\w+), (which|of who) started it",
        "stopped by a card",
        Turn.DRIVER,
        ("hold the card to the reader again to go on",),
        "card {uid}, of who had started it",
    ),
    Reason(
        r"^more than \S+ strangers were here",
        "locked out",
        Turn.OWNER,
        (CARD, "if you trust them, lift the lock-out: `seccstack tell unlock`"),
    ),
    Reason(
        r"^another station uses this vehicle's address", "claims differ", Turn.DRIVER, PLAIN
    ),
    Reason(r"^the vehicle goes by different MAC", "claims differ", Turn.DRIVER, PLAIN),
    Reason(r"changed within the plug-in", "claims differ", Turn.DRIVER, PLAIN),
    Reason(r"speaks from different IPv6 addresses", "claims differ", Turn.DRIVER, PLAIN),
    Reason(
        r"^card (?P<uid>\w+) is not registered",
        "card unknown",
        Turn.DRIVER,
        (CARD, "register this one: `seccstack vehicles cards add {uid}`"),
    ),
    Reason(r"^card \w+ is a setup card", "setup card", Turn.DRIVER, (CARD, ADD_CARD)),
    Reason(
        r"^card (?P<uid>\w+) is registered, but",
        "card invalid",
        Turn.OWNER,
        (CARD, "see what is registered: `seccstack vehicles cards list`"),
    ),
    Reason(
        r"^the registry did not answer|^the registry cannot be read",
        "registry silent",
        Turn.OWNER,
        (DOCTOR, "see that the disk is not full and registry.path can be written"),
    ),
    Reason(
        VEHICLE + " is registered, but",
        "vehicle invalid",
        Turn.OWNER,
        (CARD, "see how it is registered: `seccstack vehicles show {mac}`"),
    ),
    Reason(
        r"^EVCCID is \S+, registered is",
        "EVCCID differs",
        Turn.OWNER,
        (CARD, "if it is the same vehicle, register it anew: `seccstack vehicles add`"),
    ),
    Reason(
        r"^EVCCID .+ is not a MAC address",
        "EVCCID unknown",
        Turn.OWNER,
        (CARD, "register the vehicle with its EVCCID: `seccstack vehicles add MAC --evccid`"),
    ),
    Reason(
        VEHICLE + " has used TLS here before",
        "TLS no more",
        Turn.DRIVER,
        (CARD, 'let it in all the same: tls.downgrade = "report"'),
    ),
    Reason(
        VEHICLE + " has proven itself here before",
        "proof wanted",
        Turn.DRIVER,
        (CARD, "register it anew, if its contract is gone: `seccstack vehicles add {mac}`"),
    ),
    Reason(
        VEHICLE + ": confidence",
        "confidence low",
        Turn.DRIVER,
        (CARD, "ask for less: access.autocharge_confidence, or see access.below"),
    ),
    Reason(
        VEHICLE + ": ",
        "unlike before",
        Turn.DRIVER,
        (CARD, 'do not demand that it speaks as it did: access.fingerprint = "explain"'),
    ),
    Reason(
        r"^a card makes it certain|^it is probably |^it may be any of ",
        "probably known",
        Turn.DRIVER,
        (CARD, "let a likeness be enough, if you trust it: access.rotating"),
        "its address is another each time, and what it is like, others may be too",
    ),
    Reason(
        r"is of the range from which Volkswagen",
        "address changes",
        Turn.DRIVER,
        (CARD, "let a likeness be enough, if you trust it: access.rotating"),
        "its address is of those that Volkswagen group vehicles draw anew for every plug-in",
    ),
    Reason(r"is locally administered", "address made up", Turn.DRIVER, (CARD,)),
    Reason(
        r"is all zeros|is the broadcast|is a group", "address made up", Turn.DRIVER, (CARD,)
    ),
    Reason(
        VEHICLE + " is not registered",
        "not registered",
        Turn.DRIVER,
        (CARD, "register the vehicle: `seccstack vehicles add {mac}`"),
    ),
    Reason(
        r"^the vehicle is named by .*only",
        "named too seldom",
        Turn.DRIVER,
        (CARD, REPLUG),
    ),
    Reason(
        r"^there is its (?P<has>.+), and (?P<lacks>.+) is wanted besides",
        "more wanted",
        Turn.DRIVER,
        ("show the {lacks} too", "ask for less: access.policy"),
    ),
    Reason(
        r"^the registry is being asked",
        "registry asked",
        Turn.CHARGER,
        (),
    ),
    Reason(r"^no contract was proven", "contract missing", Turn.VEHICLE, (CARD,)),
    Reason(r"^a contract is awaited", "contract awaited", Turn.VEHICLE, (CARD,)),
    Reason(
        r"^the vehicle has not said who it is|^EVCCID was sent empty",
        "says no name",
        Turn.DRIVER,
        (CARD,),
    ),
    Reason(
        r"^no card was held",
        "card missing",
        Turn.DRIVER,
        (CARD, ADD_CARD),
        "{why}; one that is held up now still counts",
    ),
    Reason(r"^a card is awaited", "card awaited", Turn.DRIVER, (CARD,)),
    Reason(
        r"^nothing grants it any more",
        "withdrawn",
        Turn.OWNER,
        ("see what is registered: `seccstack vehicles list`", CARD),
    ),
)

QUIET = 'serve such vehicles sooner: pilot.start = "nominal", or powerline.slac_init_seconds'
MODEM = "have the modem and its supply looked at; a power cycle may help"

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
    ),
    Reason(
        r"^no SessionSetupReq within|^no request within|does not ask what has become",
        "vehicle fell silent",
        Turn.DRIVER,
        (REPLUG,),
        "the vehicle fell silent in its ISO 15118 session ({why})",
    ),
    Reason(
        r"payloads that are no messages|^no supportedAppProtocolReq|^no V2G_Message|^V2GTP|^payload ",
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
DEFAULT = Reason(r"", "another reason", Turn.OWNER, (REPLUG, DOCTOR))

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


def understood(reason: str, table: Sequence[Reason]) -> Meaning | None:
    """Return what a reason means, by the first kind that it is of."""
    for kind in table:
        found = re.search(kind.pattern, reason)
        if found is not None:
            return _meaning(reason, kind, found)
    return None


def understood_best(reasons: Iterable[str], table: Sequence[Reason]) -> Meaning | None:
    """Return the meaning of the reason that says most."""
    given = list(reasons)
    for kind in table:
        for reason in given:
            found = re.search(kind.pattern, reason)
            if found is not None:
                return _meaning(reason, kind, found)
    return unheard_of(given[0]) if given else None


def fallback(reason: str) -> Meaning:
    """Return why ISO 15118 was given up; of a reason without words, itself."""
    return understood(reason, FALLBACK) or unheard_of(reason)


def unheard_of(reason: str) -> Meaning:
    """Return what can be said of a reason of no kind that has words here."""
    return _meaning(reason, DEFAULT, None)


def _meaning(reason: str, kind: Reason, found: re.Match[str] | None) -> Meaning:
    groups = {} if found is None else found.groupdict(default="")
    told = {**groups, "why": reason, "meant": _meant(groups)}
    do = tuple(what.format(**told) for what in kind.do)
    return Meaning(kind.cause, kind.says.format(**told), kind.turn, do)


def _meant(groups: dict[str, str]) -> str:
    return groups.get("detail") or CODES.get(groups.get("code", ""), "which is new to us")
