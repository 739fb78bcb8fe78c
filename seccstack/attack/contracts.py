"""Attacks on contracts, and on what the owner has taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from seccstack.attack.script import (
    EVERYBODY,
    NOT_TRIED,
    PULSES_SECONDS,
    Attack,
    clear,
    energised_within,
    heard_out,
    matched,
    owner,
)
from seccstack.attack.target import STRANGER, Target
from seccstack.attack.verdict import OUR_FAULT, Breached, Held, NotApplicable, Outcome
from seccstack.attack.visitor import VEHICLE, Visitor
from seccstack.auth.decision import Policy
from seccstack.errors import UsageError
from seccstack.sim.wallet import Wallet

ASK_SECONDS = 3.0
STOP_SECONDS = 75.0  # 10 until it is noticed, and a minute in which a vehicle should stop


def _specimens(good: Wallet, foreign: Wallet | None) -> Iterator[tuple[str, Wallet]]:
    leaf, *subs = good.chain
    yield "octets that are no certificate", replace(good, chain=(b"\x30\x82\xff\xff", *subs))
    yield "a certificate cut short", replace(good, chain=(leaf[:40], *subs))
    yield (
        "one bit turned",
        replace(good, chain=(leaf[:-5] + bytes([leaf[-5] ^ 1]) + leaf[-4:],)),
    )
    yield "no authorities", replace(good, chain=(leaf,))
    yield "authorities only", replace(good, chain=tuple(subs))
    yield "a signature of nothing", replace(good, sign=lambda octets: bytes(64))
    yield "another's contract", replace(good, emaid="DE8AA9Z9Z9Z9Z9F")
    if foreign is not None:
        yield "an unknown root", foreign
        yield "another's key", replace(good, sign=foreign.sign)


def bad_contract(target: Target) -> Outcome:
    """Contracts that are no certificates, are cut, altered, unrooted, or not one's own."""
    setup = target.setup
    if not setup.contracts or setup.wallet is None:
        return NotApplicable("no contract is taken here (access.contract = false)")
    if setup.policy is Policy.OPEN:
        return NotApplicable(EVERYBODY)
    count = 0
    for name, wallet in _specimens(setup.wallet, setup.foreign):
        thief = Visitor(target, STRANGER, VEHICLE, wallet=wallet)
        matched(thief)
        if thief.charge(ASK_SECONDS):
            return Breached(f"{name}: it charged", OUR_FAULT)
        if not target.alive:
            return Breached(f"{name}: the charger died", OUR_FAULT)
        if not thief.presented:
            raise UsageError(f"{NOT_TRIED}: {name}: it never came to show its contract")
        clear(target)
        count += 1
    return Held(f"none of {count} charged")


def late_revocation(target: Target) -> Outcome:
    """The owner takes back vehicle and card in the middle of a charge."""
    if target.setup.policy is Policy.OPEN:
        return NotApplicable(EVERYBODY)
    own = owner(target)
    own.wishes = replace(own.wishes, wallet=None)
    linked = own.arrive()
    if target.setup.policy is Policy.CARD or target.setup.wallet is not None:
        target.hold_card()
    if not linked or not own.charge():
        return NotApplicable("nobody charges here by registry or card")
    target.enrol(False)
    try:
        return _after_removal(target, own)
    finally:
        target.enrol(True)


def _after_removal(target: Target, own: Visitor) -> Outcome:
    struck = target.now
    while own.loop() and target.now < struck + STOP_SECONDS:
        target.wait(1.0)
    if target.energised:
        said = f"it charged on for {target.now - struck:.0f} s after it had been taken back"
        return Breached(said, OUR_FAULT)
    stopped = target.now - struck
    clear(target)
    again = Visitor(target, target.setup.registered, VEHICLE)
    matched(again)
    target.hold_card()
    if again.charge(ASK_SECONDS) or energised_within(target, PULSES_SECONDS):
        return Breached("what was taken back was good for another charge", OUR_FAULT)
    heard_out(again)
    return Held(f"a vehicle that heeds nothing had no power {stopped:.0f} s later")


ATTACKS = (
    Attack(
        "bad-contract",
        "contracts that are no certificates, cut, altered, unrooted, or signed by others",
        "one of them charges, or the charger dies",
        bad_contract,
    ),
    Attack(
        "late-revocation",
        "vehicle and card are taken out of the registry in mid-charge; it heeds nothing",
        "it charges on, or ever again",
        late_revocation,
    ),
)
