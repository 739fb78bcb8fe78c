"""Attacks on TLS, and on a vehicle that has shown its certificate here."""

from __future__ import annotations

from seccstack import sdp
from seccstack.attack.script import (
    EVERYBODY,
    Attack,
    clear,
    matched,
    needs_card,
    owner,
    tries,
)
from seccstack.attack.target import STRANGER, Target
from seccstack.attack.verdict import OUR_FAULT, Breached, Held, NotApplicable, Outcome
from seccstack.attack.visitor import VEHICLE, Visitor
from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.decision import Policy
from seccstack.errors import UsageError

WITHOUT_TLS = 'no vehicle is offered TLS here (tls.mode = "forbid")'
ASK_SECONDS = 3.0
NOISE = (
    b"\x16\x03\x03\x00\x00",  # a record of nothing
    b"\x16\x03\x03\xff\xff" + bytes(200),  # longer than any may be
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(600),  # a ClientHello of zeros
    b"\x16\x03\x03\x00\x04\x0b\x00\x00\x00",  # certificates before anybody has said hello
    b"\x15\x03\x03\x00\x02\x02\x28",  # an alert
    b"\x17\x03\x03\x00\x20" + bytes(32),  # what would be encrypted
    b"\x16" * 20_000,
)


def _certificate(holder: str) -> VehicleCertificate:
    digest, name = bytes.fromhex(holder) * 2, "WMIV1234567890ABCDEX"
    issuer = "CN=Vehicle Sub-CA 2"
    return VehicleCertificate(
        name=name, issuer=issuer, digest=digest, ends=0.0, root="CN=OEM Root CA", holder=holder
    )


OWN, OTHER = _certificate("0A" * 32), _certificate("0B" * 32)


def tls_noise(target: Target) -> Outcome:
    """What is no handshake, or breaks off in one, on connections of its own."""
    if target.setup.tls is sdp.Tls.FORBIDDEN:
        return NotApplicable(WITHOUT_TLS)
    visitor = Visitor(target, STRANGER, VEHICLE)
    matched(visitor)
    for octets in NOISE:
        stream = visitor.open(tls=False)
        stream.send(octets)
        target.wait(0.5)
        stream.close()
        target.wait(0.5)
        if not target.alive:
            return Breached(f"{octets[:8].hex()}...: the charger died", OUR_FAULT)
    clear(target)
    return Held(f"{len(NOISE)} kinds of noise came to nothing")


def stolen_identity(target: Target) -> Outcome:
    """What looks like a vehicle that has shown its certificate comes without it."""
    setup = target.setup
    if setup.tls is sdp.Tls.FORBIDDEN:
        return NotApplicable(WITHOUT_TLS)
    if setup.policy is Policy.OPEN:
        return NotApplicable(EVERYBODY)
    if not setup.certificates:
        return NotApplicable("no vehicle's certificate is at hand that this charger believes")
    try:
        return _borrowed(target)
    finally:
        target.enrol(False)
        target.enrol(True)


def _borrowed(target: Target) -> Outcome:
    own = owner(target)
    own.certificate = OWN
    matched(own)
    if needs_card(target):
        target.hold_card()
    if not own.charge():
        raise UsageError("the owner's vehicle does not charge with its certificate")
    clear(target)
    for what, shown in (("none", None), ("another vehicle's", OTHER)):
        thief = Visitor(target, target.setup.registered, VEHICLE)
        thief.certificate = shown
        if tries(thief, ASK_SECONDS):
            said = f"with {what} it charged, as the vehicle that has one of its own"
            return Breached(said, OUR_FAULT)
        clear(target)
    return Held("without the vehicle's own certificate it needed a card, or a contract")


ATTACKS = (
    Attack(
        "tls-noise",
        "noise instead of a TLS handshake, on seven connections",
        "the charger dies, or serves nobody afterwards",
        tls_noise,
    ),
    Attack(
        "stolen-identity",
        "a copy of a vehicle that has shown its certificate here, with none, or another's",
        "it charges by itself",
        stolen_identity,
    ),
)
