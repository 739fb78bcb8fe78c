"""Attacks in the V2G session: ids, order, lengths, silence."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

from seccstack import v2gtp
from seccstack.attack.script import NOT_TRIED, Attack, charging, clear, connected, stranger
from seccstack.attack.target import STRANGER, Place, Stream, Target
from seccstack.attack.verdict import OUR_FAULT, Breached, Held, Outcome
from seccstack.attack.visitor import NOBODY, Visitor
from seccstack.errors import UsageError
from seccstack.messages import iso2
from seccstack.sim import evcc_requests as requests
from seccstack.sim.evcc_requests import Wishes

WISHES = Wishes(evccid=STRANGER)
HUGE = 0xFFFFFFFF  # octets, of one payload
CUT_SECONDS = 2.0  # from a breach of the protocol to no power; a contactor opens in 0.1
GIVEN_UP_SECONDS = 25.0  # V2G_SECC_CommunicationSetup is 18
DEEP = bytes([0x80]) * 4096  # no message


def foreign_session(target: Target) -> Outcome:
    """In the charging loop the session id is 0, another's, or cut short."""
    ids = {"zero": NOBODY, "another's": bytes(range(0xA0, 0xA8)), "one octet": b"\x01"}
    for name, session_id in ids.items():
        own = charging(target)
        answer = own.request(iso2.ChargingStatusReq(), session_id)
        if answer is not None and answer.response_code is iso2.ResponseCode.OK:
            return Breached(f"session id {name}: the charge went on", OUR_FAULT)
        target.wait(CUT_SECONDS)
        if target.energised:
            return Breached(f"session id {name}: the power stayed on", OUR_FAULT)
        clear(target)
    return Held("FAILED_UnknownSession and no power, for each of 3")


def _leaps() -> Iterator[tuple[str, tuple[Any, ...]]]:
    start = requests.delivery("START", 1)
    yield "PowerDelivery first", (start,)
    yield "ChargingStatus first", (iso2.ChargingStatusReq(),)
    yield "parameters first", (requests.parameters(WISHES), start)
    yield "PowerDelivery after discovery", (iso2.ServiceDiscoveryReq(), start)
    yield "Authorization before payment", (iso2.AuthorizationReq(), start)


def skipped_states(target: Target) -> Outcome:
    """A vehicle asks for power before it was let in, in several orders."""
    visitor, leaps = stranger(target), 0
    for name, asked in _leaps():
        connected(visitor)
        if not visitor.begin():
            raise UsageError(f"{NOT_TRIED}: after {leaps} leaps the attacker got no session")
        target.ready(True)
        for body in asked:
            visitor.request(body)
            if target.energised:
                return Breached(f"{name}: there was power", OUR_FAULT)
        target.wait(0.3)
        if target.energised:
            return Breached(f"{name}: there was power", OUR_FAULT)
        target.ready(False)
        leaps += 1
        target.wait(0.2)
    return Held(f"{leaps} leaps, each refused, and no power")


def huge_lengths(target: Target) -> Outcome:
    """Headers promise 4 GB, then come empty by the thousand, then with no message in them."""
    visitor = stranger(target)
    empty = v2gtp.encode(v2gtp.EXI, b"")
    header = struct.pack(">BBHI", 1, 0xFE, v2gtp.EXI, HUGE)
    for octets in (header + bytes(65536), empty * 10_000, v2gtp.encode(v2gtp.EXI, DEEP)):
        stream = connected(visitor)
        stream.send(octets)
        if not _ends(visitor, stream):
            return Breached(f"{octets[:8].hex()}...: the connection stayed open", OUR_FAULT)
        if not target.alive:
            return Breached(f"{octets[:8].hex()}...: the charger died", OUR_FAULT)
    return Held("each connection was closed at once")


def _ends(visitor: Visitor, stream: Stream) -> bool:
    return visitor.until(lambda: stream.closed, CUT_SECONDS)


def stalled_sender(target: Target) -> Outcome:
    """A vehicle sends half a header and then nothing; others hold connections open."""
    visitor = stranger(target)
    stream, began = connected(visitor), target.now
    stream.send(b"\x01\xfe\x80")
    others = [target.connect(Place.of(STRANGER[:5] + b"\xae"), visitor.tls) for _ in range(5)]
    if not visitor.until(lambda: stream.closed, GIVEN_UP_SECONDS):
        return Breached(f"it was waited for {GIVEN_UP_SECONDS:g} s and more", OUR_FAULT)
    if not all(other.closed for other in others):
        return Breached("silent connections of others stayed open", OUR_FAULT)
    return Held(f"given up after {target.now - began:.0f} s; others were turned away at once")


ATTACKS = (
    Attack(
        "foreign-session-id",
        "in the charging loop the session id is 0, another's, or too short",
        "the charge goes on",
        foreign_session,
    ),
    Attack(
        "skipped-states",
        "power is asked for before the vehicle was let in, in five orders",
        "there is power",
        skipped_states,
    ),
    Attack(
        "huge-lengths",
        "headers promise 4 GB, come empty by the thousand, or before what is no message",
        "the charger dies, waits for it, or serves nobody afterwards",
        huge_lengths,
    ),
    Attack(
        "stalled-sender",
        "half a header, and silence; meanwhile others hold connections open",
        "it is waited for longer than the norm has it, or keeps the next vehicle out",
        stalled_sender,
    ),
)
