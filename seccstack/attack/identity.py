"""Attacks on who a vehicle is taken for."""

from __future__ import annotations

from seccstack.attack.script import (
    EVERYBODY,
    NOT_TRIED,
    PULSES_SECONDS,
    Attack,
    charging,
    energised_within,
    matched,
    tries,
)
from seccstack.attack.target import STRANGER, Place, Target
from seccstack.attack.verdict import Breached, Held, NotApplicable, Outcome
from seccstack.attack.visitor import LAPTOP, VEHICLE, Manner, Visitor
from seccstack.auth.addresses import format_mac
from seccstack.auth.decision import Policy
from seccstack.auth.suspicion import FingerprintUse
from seccstack.errors import UsageError

ASK_SECONDS = 3.0  # for which an intruder asks to be let in
STRANGERS = 12  # addresses that are tried; the registered one is the next
BY_CARD = (
    'set access.policy = "card", or let the vehicle pay by contract (access.contract): once it '
    "has, its address alone is not enough any more"
)
BY_CLAIMS = "no vehicle is let in for its address here"


def _claims_nothing(target: Target) -> NotApplicable | None:
    """Say why an address is worth nothing here, if so."""
    if target.setup.policy is Policy.OPEN:
        return NotApplicable(EVERYBODY)
    return None


def _copy(target: Target, manner: Manner) -> bool:
    # A copy has no contract's key, whatever it has seen.
    return tries(Visitor(target, target.setup.registered, manner), ASK_SECONDS)


def mac_clone(target: Target) -> Outcome:
    """A laptop has the address of a registered vehicle."""
    if (nothing := _claims_nothing(target)) is not None:
        return nothing
    if not _copy(target, LAPTOP):
        return Held("the copy was matched and asked to be let in, and got no power")
    remedy = 'set access.fingerprint = "require", so that who speaks otherwise needs a card'
    if target.setup.fingerprint is FingerprintUse.REQUIRE:
        remedy = "it is not known yet how the vehicle speaks: let it charge some more; or "
        remedy += BY_CARD
    return Breached("a laptop with the vehicle's MAC address charged", remedy)


def perfect_clone(target: Target) -> Outcome:
    """A copy has the address, and speaks like the vehicle in every way."""
    if (nothing := _claims_nothing(target)) is not None:
        return nothing
    if not _copy(target, VEHICLE):
        return Held("the copy was matched and asked to be let in, and got no power")
    remedy = f"nothing that is only said can tell them apart: {BY_CARD}"
    return Breached("a copy that speaks exactly like the vehicle charged", remedy)


def wrong_evccid(target: Target) -> Outcome:
    """The modem is a stranger's, the EVCCID a registered vehicle's; and the reverse."""
    if (nothing := _claims_nothing(target)) is not None:
        return nothing
    registered = target.setup.registered
    for mac, evccid in ((STRANGER, registered), (registered, STRANGER)):
        if tries(Visitor(target, mac, VEHICLE, evccid=evccid), ASK_SECONDS):
            said = f"MAC {format_mac(mac)} with EVCCID {format_mac(evccid)} charged"
            return Breached(said, BY_CARD)
        target.unplug()
        target.wait(ASK_SECONDS)
    return Held("neither way was it let in for its claims")


def relay(target: Target) -> Outcome:
    """A stranger is plugged in and matched; all that is IP comes from a registered vehicle."""
    if (nothing := _claims_nothing(target)) is not None:
        return nothing
    stranger = Visitor(target, STRANGER, VEHICLE, evccid=target.setup.registered)
    matched(stranger)
    stranger.place = Place.of(target.setup.registered)
    if stranger.charge(ASK_SECONDS) or energised_within(target, PULSES_SECONDS):
        return Breached("the stranger charged in the name of a vehicle elsewhere", BY_CARD)
    if stranger.asked:
        return Held("powerline and network named different vehicles, and neither was let in")
    if stranger.stream is None:
        raise UsageError(f"{NOT_TRIED}: discovery was not answered, so nothing could connect")
    return Held("connections from elsewhere than the matched vehicle were turned away")


def enumeration(target: Target) -> Outcome:
    """Address after address is tried; at last there is one that is registered."""
    if (nothing := _claims_nothing(target)) is not None:
        return nothing
    if target.setup.policy is not Policy.AUTOCHARGE:
        return NotApplicable(BY_CLAIMS)
    began = target.now
    for number in range(STRANGERS):
        mac = STRANGER[:3] + (0xE00000 + number).to_bytes(3, "big")
        guess = Visitor(target, mac, VEHICLE)
        matched(guess)
        guess.set_up()
        guess.leave()
        target.wait(1.0)
    guess = Visitor(target, target.setup.registered, VEHICLE)
    minutes = (target.now - began) / 60
    matched(guess)
    if guess.charge(ASK_SECONDS):
        said = f"after {STRANGERS} wrong addresses in {minutes:.0f} min the right one charged"
        return Breached(said, "wrong addresses have to lock the right ones out for a while")
    if not target.locked_out:
        return Breached("the addresses went uncounted", "see `seccstack tell status`")
    return Held(f"locked out after a few of {STRANGERS}; cards and contracts still count")


def replug(target: Target) -> Outcome:
    """Another vehicle is plugged in at once, and goes on in the name of the one before."""
    own = charging(target)
    before, old = own.session_id, own.stream
    target.ready(False)
    target.unplug()
    target.wait(0.3)
    thief = Visitor(target, STRANGER, VEHICLE, evccid=target.setup.registered)
    target.plug_in(STRANGER, VEHICLE.slac)
    if old is not None and not old.closed:
        return Breached("the old connection outlived the plug", "report it as a fault")
    if target.setup.policy is Policy.OPEN:
        return Held("the old connection and its session ended with the plug")
    thief.place = own.place
    thief.open(tls=own.tls)
    thief.session_id = before
    begun = thief.begin()
    charged = begun and thief.go_on(ASK_SECONDS)
    if charged or energised_within(target, PULSES_SECONDS):
        return Breached("the next vehicle charged on the last one's grant", BY_CARD)
    if begun:
        return Held("connection, session and grant ended with the plug")
    return Held("the connection ended with the plug, and the next vehicle got none in its name")


ATTACKS = (
    Attack(
        "mac-clone",
        "a laptop with the MAC address of a registered vehicle is plugged in",
        "it charges",
        mac_clone,
    ),
    Attack(
        "perfect-clone",
        "the same, and it speaks like that vehicle down to the millisecond",
        "it charges",
        perfect_clone,
    ),
    Attack(
        "evccid-mismatch",
        "MAC address and EVCCID are of different vehicles, one of them registered",
        "it charges for either",
        wrong_evccid,
    ),
    Attack(
        "relay",
        "a stranger's modem is matched; SDP and TCP come from a registered vehicle's address",
        "it charges",
        relay,
    ),
    Attack(
        "enumeration",
        f"{STRANGERS} addresses are tried one after the other, then a registered one",
        "the right one charges unhindered; or a card no longer counts",
        enumeration,
    ),
    Attack(
        "replug",
        "in 0.3 s another is plugged in, and uses the old connection and session id",
        "it charges on what was granted to the one before",
        replug,
    ),
)
