"""Every powerline frame of the recorded sessions, against what another reader made of it."""

import json
import lzma
from collections import Counter

import pytest

from seccstack.homeplug.frame import Frame, UnknownMme, decode_frame, encode_frame, untagged
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    MnbcSoundInd,
    SetKeyReq,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)

OURS = {  # the corpus's name for a field: ours
    "app": "application_type",
    "sec": "security_type",
    "run": "run_id",
    "target": "sound_target",
    "nsounds": "num_sounds",
    "timeout": "timeout",
    "resp": "response_type",
    "fwd": "forwarding_station",
    "sender": "sender_id",
    "cnt": "remaining",
    "rsvd": "reserved",
    "rnd": "random",
    "ngroups": "num_groups",
    "aag": "attenuations",
    "source": "source_address",
    "srcid": "source_id",
    "respid": "response_id",
    "result": "result",
    "mvf": "length",
    "pevid": "ev_id",
    "pev": "ev_mac",
    "evseid": "evse_id",
    "evse": "evse_mac",
    "nid": "network_id",
    "nmk": "network_key",
    "keytype": "key_type",
    "mynonce": "my_nonce",
    "yournonce": "your_nonce",
    "pid": "protocol",
    "prn": "protocol_run",
    "pmn": "protocol_message",
    "cco": "cco_capability",
    "eks": "key_select",
    "key": "network_key",
}
ABOUT_THE_FRAME = {"tail", "blen"}


@pytest.fixture(scope="module")
def recorded(shared):
    with lzma.open(shared / "corpus" / "slac_frames.jsonl.xz", "rt") as lines:
        return [json.loads(line) for line in lines]


def octets_of(row):
    return untagged(bytes.fromhex(row["frame_hex"]))


def as_corpus(value, like):
    if isinstance(like, list):
        return list(value)
    if isinstance(value, int):
        return value if isinstance(like, int) else value.to_bytes(2, "little").hex()
    return value.hex(":") if ":" in like else value.hex()


def test_every_recorded_frame_reads_as_the_corpus_says(recorded):
    for row in recorded:
        frame = decode_frame(octets_of(row))
        assert (frame.destination.hex(":"), frame.source.hex(":")) == (row["dst"], row["src"])
        assert frame.message.mmtype == int(row["mmtype"], 16)
        for name, value in (row["fields"] or {}).items():
            if name not in ABOUT_THE_FRAME:
                read = getattr(frame.message, OURS[name])
                assert as_corpus(read, value) == value, (row["file"], row["frame"], name)
    assert len(recorded) == 3929


def test_only_what_other_makers_say_is_unknown(recorded):
    frames = [decode_frame(octets_of(row)) for row in recorded]
    unknown = Counter(f.message.mmtype for f in frames if isinstance(f.message, UnknownMme))
    assert not any(0x6030 <= mmtype < 0x6090 for mmtype in unknown)
    assert unknown[0x8002] == 419  # dSPACE


def test_every_recorded_frame_is_written_as_it_was_sent(recorded):
    for row in recorded:
        octets = octets_of(row)
        written = encode_frame(decode_frame(octets))
        known = written.rstrip(b"\x00")  # behind the last field some cars leave memory
        assert octets.startswith(known), (row["file"], row["frame"])


ESSENTIALS = {  # all that a sender of ours fills in; the rest has to be the defaults
    SlacParmReq: {"run_id"},
    SlacParmCnf: {"forwarding_station", "run_id"},
    StartAttenCharInd: {"forwarding_station", "run_id"},
    MnbcSoundInd: {"remaining", "run_id", "random"},
    AttenCharInd: {"source_address", "run_id", "num_sounds", "attenuations"},
    AttenCharRsp: {"source_address", "run_id"},
    SlacMatchReq: {"ev_mac", "evse_mac", "run_id"},
    SlacMatchCnf: {"ev_mac", "evse_mac", "run_id", "network_id", "network_key"},
    SetKeyReq: {"my_nonce", "network_id", "network_key", "cco_capability"},
}


@pytest.mark.parametrize("cls", ESSENTIALS, ids=lambda cls: cls.name)
def test_ours_are_the_same_octets_as_those_of_real_cars_and_chargers(recorded, cls):
    same = Counter()
    for row in recorded:
        frame = decode_frame(octets_of(row))
        if isinstance(frame.message, cls):
            told = {name: getattr(frame.message, name) for name in ESSENTIALS[cls]}
            ours = encode_frame(Frame(frame.destination, frame.source, cls(**told)))
            same[octets_of(row)[: len(ours)].ljust(len(ours), b"\0") == ours] += 1
    assert same[True]
    assert same[False] == 0
