"""Attacks over the powerline: whoever is in earshot can send management messages."""

from __future__ import annotations

from collections.abc import Iterator

from seccstack.attack.script import NOT_TRIED, Attack, charging, clear, owner, stranger
from seccstack.attack.target import STRANGER, Target
from seccstack.attack.verdict import OUR_FAULT, Breached, Held, Outcome
from seccstack.attack.visitor import MATCH_SECONDS, VEHICLE, Visitor
from seccstack.errors import UsageError
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import BROADCAST
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SetKeyCnf,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)

NEAR = bytes([1]) * 58  # dB: as if it stood at this very plug
FLOOD_RATE = 1000  # stations a second that ask, each with an address and a run of its own
AT_ONCE = 10  # of them between two looks
BELIEVED_DB = 6.0  # by which a report differs only if a forged one was counted


def _keys(target: Target) -> list[SlacMatchCnf]:
    heard = (frame.message for frame in target.heard)
    return [message for message in heard if isinstance(message, SlacMatchCnf)]


def _charger(target: Target) -> bytes:
    for frame in target.heard:
        if isinstance(frame.message, SlacParmCnf):
            return frame.source
    return BROADCAST


def _recorded(mac: bytes, run_id: bytes, evse: bytes) -> Iterator[tuple[Mme, bytes]]:
    """Yield what a vehicle says in one matching, and to whom."""
    yield SlacParmReq(run_id=run_id), BROADCAST
    start = StartAttenCharInd(
        num_sounds=10, timeout=6, response_type=1, forwarding_station=mac, run_id=run_id
    )
    for _ in range(3):
        yield start, BROADCAST
    for left in reversed(range(10)):
        yield MnbcSoundInd(remaining=left, run_id=run_id, random=bytes(16)), BROADCAST
    yield AttenCharRsp(source_address=mac, run_id=run_id), evse
    yield SlacMatchReq(ev_mac=mac, evse_mac=evse, run_id=run_id), evse


def _replay(target: Target, mac: bytes, run_id: bytes, evse: bytes) -> int:
    """Send a recorded matching; return how many keys were given for it."""
    before = len(_keys(target))
    for message, destination in _recorded(mac, run_id, evse):
        target.say(mac, message, destination)
        target.wait(0.03)
    target.wait(1.0)
    return len(_keys(target)) - before


def replayed_slac(target: Target) -> Outcome:
    """A recorded matching is sent again: to nobody, into a charge, and its end alone."""
    own = charging(target)
    run_id, evse, mac = VEHICLE.slac.run_id or bytes(8), _charger(target), own.place.mac
    [first, *_] = _keys(target)
    if _replay(target, mac, run_id, evse) or _replay(target, mac, bytes(8), evse):
        return Breached("a recording got the key of a vehicle that charges", OUR_FAULT)
    if not own.loop():
        return Breached("a recording ended the charge", OUR_FAULT)
    own.end()
    target.wait(3.0)
    if _replay(target, mac, run_id, evse):
        return Breached("a recording got a key with nothing plugged in", OUR_FAULT)
    target.plug_in(STRANGER, VEHICLE.slac)
    target.say(mac, SlacMatchReq(ev_mac=mac, evse_mac=evse, run_id=run_id), evse)
    target.wait(0.3)
    if _keys(target):
        return Breached("the end of a recording alone got a key", OUR_FAULT)
    clear(target)
    charging(target)
    if _keys(target)[0].network_key == first.network_key:
        return Breached("the key of an earlier plug-in was given out again", OUR_FAULT)
    return Held("no key for any part of a recording, and another key for each plug-in")


def slac_flood(target: Target) -> Outcome:
    """Thousands ask to be matched while the owner's vehicle does."""
    own = owner(target)
    target.plug_in(own.place.mac, own.manner.slac)
    sent, end = 0, target.now + MATCH_SECONDS
    while target.now < end and not target.linked:
        for number in range(sent, sent + AT_ONCE):
            mac = STRANGER[:3] + number.to_bytes(3, "big")
            target.say(mac, SlacParmReq(run_id=number.to_bytes(8, "big")))
        sent += AT_ONCE
        target.wait(AT_ONCE / FLOOD_RATE)
    if not target.linked:
        return Breached(f"{sent} who asked kept the owner's vehicle from its match", OUR_FAULT)
    if any(key.ev_mac != own.place.mac for key in _keys(target)):
        return Breached("one of the many was given the key", OUR_FAULT)
    return Held(f"{sent} asked in the meantime; the vehicle was matched, and nobody else")


def _reported_db(target: Target, mac: bytes) -> float | None:
    """Return the attenuation that the charger has told the vehicle, the mean of all groups."""
    for frame in target.heard:
        message = frame.message
        if isinstance(message, AttenCharInd) and frame.destination == mac:
            return sum(message.attenuations) / len(message.attenuations)
    return None


def forged_frames(target: Target) -> Outcome:
    """A foreign modem reports sounds as near, answers for ours, and asks for the key."""
    own = charging(target)
    mac, run_id, evse = own.place.mac, VEHICLE.slac.run_id or bytes(8), _charger(target)
    honest_db = _reported_db(target, mac)
    own.end()
    target.wait(6.0)
    target.plug_in(mac, own.manner.slac)
    forged: tuple[tuple[Mme, bytes], ...] = (
        (AttenProfileInd(ev_mac=mac, attenuations=NEAR), BROADCAST),
        (SlacMatchReq(ev_mac=mac, evse_mac=evse, run_id=run_id), evse),
        (AttenCharRsp(source_address=mac, run_id=run_id), evse),
        (SetKeyCnf(result=1, my_nonce=bytes(4), your_nonce=bytes(4)), evse),
    )
    end = target.now + MATCH_SECONDS
    while target.now < end and not target.linked:
        for message, destination in forged:
            target.say(STRANGER, message, destination)
        target.wait(0.02)
    if any(frame.destination == STRANGER for frame in target.heard):
        return Breached("the charger answered a foreign modem", OUR_FAULT)
    told_db = _reported_db(target, mac)
    if honest_db is None or told_db is None:
        return Breached("forged reports kept the owner's vehicle from its match", OUR_FAULT)
    if honest_db - told_db > BELIEVED_DB:
        said = f"forged sounds were counted: {told_db:.0f} dB instead of {honest_db:.0f} dB"
        return Breached(said, OUR_FAULT)
    if not target.linked:
        return Breached("forged messages kept the owner's vehicle from its link", OUR_FAULT)
    return Held(f"the vehicle was told {told_db:.0f} dB as ever, and nobody else was answered")


def second_station(target: Target) -> Outcome:
    """While a vehicle charges, another station with its very address asks to be matched."""
    own = charging(target)
    evse, mac = _charger(target), own.place.mac
    for run in range(3):
        if _replay(target, mac, bytes([0x77] * 7 + [run]), evse):
            return Breached("a second station was given the vehicle's key", OUR_FAULT)
        if not own.loop():
            return Breached("a second station ended the charge", OUR_FAULT)
    other = Visitor(target, STRANGER)
    other.open(tls=own.tls)
    if other.begin():
        return Breached("a second station was served beside the vehicle", OUR_FAULT)
    if not own.loop():
        return Breached("a second station's connection ended the charge", OUR_FAULT)
    own.end()
    clear(target)
    if not (alone := stranger(target)).set_up():
        said = (
            f"{NOT_TRIED}: the other station gets no session even if it is the one plugged in"
        )
        raise UsageError(said)
    alone.leave()
    return Held("one station was served, and its charge went on")


ATTACKS = (
    Attack(
        "second-station",
        "while a vehicle charges, another station sounds and asks with the same address",
        "it gets the network key or a session, or the charge ends",
        second_station,
    ),
    Attack(
        "replayed-slac",
        "a recorded matching is sent again: into a charge, to an empty plug, only its end",
        "the network key is disclosed, or is the same twice",
        replayed_slac,
    ),
    Attack(
        "slac-flood",
        f"{FLOOD_RATE} stations a second ask, while the owner's vehicle is being matched",
        "the vehicle is kept out, or one of the others is given the key",
        slac_flood,
    ),
    Attack(
        "forged-frames",
        "a foreign modem reports the sounds as near, acknowledges and asks in others' names",
        "its reports count, or it is answered",
        forged_frames,
    ),
)
