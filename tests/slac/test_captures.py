"""Recorded cars, with the times of the recording, at our charger instead of their own."""

import json
import lzma
from collections import defaultdict
from dataclasses import replace

import pytest

from seccstack.homeplug.frame import decode_frame, untagged
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenProfileInd,
    SetKeyCnf,
    SlacMatchCnf,
    SlacParmCnf,
    SlacParmReq,
)
from seccstack.slac.events import Heard, KeyInForce, ModemLearned, Send
from seccstack.slac.evse import Matched, SlacEvse, VehicleArrived


@pytest.fixture(scope="module")
def recordings(shared):
    """The frames of each capture, as (time, frame)."""
    by_file = defaultdict(list)
    with lzma.open(shared / "corpus" / "slac_frames.jsonl.xz", "rt") as lines:
        for row in map(json.loads, lines):
            frame = decode_frame(untagged(bytes.fromhex(row["frame_hex"])))
            by_file[row["file"]].append((row["timestamp"], frame))
    return by_file


def matches_of(frames):
    """Each match: its CM_SLAC_MATCH.CNF and the frames since the car's last first ask."""
    for end, frame in frames:
        if isinstance(frame.message, SlacMatchCnf):
            asks = [
                at
                for at, ask in frames
                if isinstance(ask.message, SlacParmReq)
                and ask.source == frame.destination
                and at <= end
            ]
            yield frame, [(at, f) for at, f in frames if max(asks) <= at <= end + 0.001]


def modem_of(charger, frames):
    told = [f.source for _, f in frames if isinstance(f.message, AttenProfileInd)]
    set_key = [
        f.source
        for _, f in frames
        if isinstance(f.message, SetKeyCnf) and f.destination == charger
    ]
    return (set_key or told)[0]


def ours_instead(confirmation, frames, modem):
    """Everything our charger does when it hears what the recorded one heard."""
    charger, key = confirmation.source, confirmation.message.network_key
    ours, now = SlacEvse(charger), frames[0][0]
    for event in (ModemLearned(modem), KeyInForce(key), VehicleArrived()):
        ours.receive(event, now)
    actions = []
    for now, frame in frames:
        while ours.deadline <= now:
            actions += ours.tick(ours.deadline)
        if frame.source != charger:
            heard = Heard(frame.destination, frame.source, frame.message)
            actions += ours.receive(heard, now)
    return actions


@pytest.fixture(scope="module")
def replayed(recordings):
    """For each recorded match: what the recorded charger said, and what ours does."""
    return [
        (
            confirmation,
            frames,
            ours_instead(confirmation, frames, modem_of(confirmation.source, all_)),
        )
        for all_ in recordings.values()
        for confirmation, frames in matches_of(all_)
    ]


def sent_by_ours(actions, kind):
    return [a.message for a in actions if isinstance(a, Send) and isinstance(a.message, kind)]


def sent_by_theirs(confirmation, frames, kind):
    return [
        f.message
        for _, f in frames
        if f.source == confirmation.source and isinstance(f.message, kind)
    ]


def test_every_recorded_match_is_a_match_with_ours(replayed):
    assert len(replayed) == 73
    for confirmation, _, actions in replayed:
        [matched] = [a for a in actions if isinstance(a, Matched)]
        assert matched.ev_mac == confirmation.destination
        assert matched.run_id == confirmation.message.run_id


def test_ours_confirms_what_theirs_confirmed_octet_by_octet(replayed):
    by_the_rule = 0
    for confirmation, frames, actions in replayed:
        theirs = confirmation.message
        rule = network_id(theirs.network_key)
        by_the_rule += theirs.network_id == rule  # dSPACE's network ids follow none
        expected = replace(theirs, network_id=rule, reserved=bytes(8))
        assert expected in sent_by_ours(actions, SlacMatchCnf)
        asked = sent_by_theirs(confirmation, frames, SlacParmCnf)
        assert asked[0] in sent_by_ours(actions, SlacParmCnf)
    assert by_the_rule == 61


def test_ours_reports_what_theirs_reported_but_for_rounding(replayed):
    """EVerest rounds down, and some of its chargers correct by -10 dB; dSPACE by -3 to -6."""
    for confirmation, frames, actions in replayed:
        [ours], theirs = (
            sent_by_ours(actions, AttenCharInd),
            sent_by_theirs(confirmation, frames, AttenCharInd),
        )
        differences = [
            a - b for a, b in zip(ours.attenuations, theirs[0].attenuations, strict=True)
        ]
        assert replace(ours, attenuations=theirs[0].attenuations) == theirs[0]
        assert min(differences) >= -28
        if confirmation.source[:3].hex() not in {"644d70", "d64b4a", "e604d1"}:
            assert set(differences) <= {0, 1}
