"""Why a vehicle may not charge, or not yet, or with less: what the owner can do about each."""

from __future__ import annotations

from collections.abc import Sequence

from seccstack.explain.answer import Turn
from seccstack.explain.reasons import DOCTOR, REPLUG, Reason

CARD = "hold a registered card to the reader"
ADD_CARD = "register a card: `seccstack vehicles cards add UID`"
VEHICLE = r"^vehicle (?P<mac>[0-9A-F]{12})"
PLAIN = ("check that nobody else's device answers for the vehicle, and plug it in again", CARD)

SURE = "it is less sure that it is that vehicle ({has}) than is wanted ({wanted})"

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
        VEHICLE + " .*: neither a card nor a contract lets it",
        "vehicle blocked",
        Turn.OWNER,
        ("if it may charge here again: `seccstack vehicles add {mac}`, without --disabled",),
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
        VEHICLE + " has shown its certificate here before",
        "certificate wanted",
        Turn.DRIVER,
        (
            CARD,
            "if it has another one now, register it anew: `seccstack vehicles remove {mac}`",
        ),
    ),
    Reason(
        r"^(vehicle|it) .*has shown .*certificate.*, but not that it is at this plug",
        "not of this plug",
        Turn.DRIVER,
        (REPLUG, CARD),
        "it has shown a vehicle's certificate, and SLAC does not tie it to this plug",
    ),
    Reason(
        VEHICLE + r": confidence (?P<has>[\d.]+), wanted is (?P<wanted>[\d.]+)",
        "confidence low",
        Turn.DRIVER,
        (CARD, "ask for less: access.autocharge_confidence, or see access.below"),
        SURE,
    ),
    Reason(
        VEHICLE + ": ",
        "unlike before",
        Turn.DRIVER,
        (CARD, 'do not demand that it speaks as it did: access.fingerprint = "explain"'),
        "it does not speak as that vehicle did before",
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

# Why it may charge with less than there is; the last is any other.
REDUCED: Sequence[Reason] = (
    Reason(
        r"^confidence (?P<has>[\d.]+), wanted is (?P<wanted>[\d.]+)",
        "charging unsure",
        Turn.DRIVER,
        (CARD, "ask for less: access.autocharge_confidence"),
        SURE,
    ),
    Reason(
        r"^it is registered for",
        "charging as registered",
        Turn.OWNER,
        ("register it for more: `seccstack vehicles add MAC --max-amps`",),
    ),
    Reason(
        r"^that is enough here for",
        "charging by likeness",
        Turn.DRIVER,
        (CARD,),
        "its address is another each time, and it is only like a registered vehicle",
    ),
    Reason(r"", "charging reduced", Turn.DRIVER, (CARD,)),
)
