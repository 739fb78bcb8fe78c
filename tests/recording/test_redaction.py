"""Network keys: hidden wherever they are, and alike wherever they are."""

import hashlib

import pytest

from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import SetKeyReq, SlacMatchCnf, SlacParmReq
from seccstack.homeplug.upkeep import GetKeyCnf
from seccstack.recording.redaction import MAX_OWN, Redaction, stand_in, without_key

KEY, OTHER = hashlib.sha256(b"ours").digest()[:16], hashlib.sha256(b"theirs").digest()[:16]
EV, EVSE = bytes.fromhex("02AA00000001"), bytes.fromhex("02BB00000001")
NID = network_id(KEY)


def match(key):
    return SlacMatchCnf(
        ev_mac=EV, evse_mac=EVSE, run_id=bytes(8), network_id=network_id(key), network_key=key
    )


def frame(message):
    return encode_frame(Frame(EV, EVSE, message))


def set_key(key):
    return SetKeyReq(network_id=network_id(key), network_key=key)


def knowing(*keys, off=False):
    redaction = Redaction(off=off)
    for key in keys:
        redaction.draw(key)
    return redaction


def test_a_key_of_ours_is_hidden_wherever_it_is_and_always_alike():
    text = knowing(KEY).text(b"before" + KEY + b"after")
    assert KEY.hex().upper() not in text
    assert text == knowing(OTHER, KEY).text(b"before" + stand_in(KEY) + b"after")


def test_its_network_goes_with_it_in_a_sidecar_so_that_one_still_follows_from_the_other():
    octets = bytes.fromhex(knowing(KEY).frame_text(frame(match(KEY))))
    shown = decode_frame(octets).message
    assert shown.network_id == network_id(shown.network_key) != NID


def test_on_the_wire_the_network_is_the_real_one():
    shown = decode_frame(knowing(KEY).frame(frame(match(KEY)))).message
    assert (shown.network_id, shown.network_key) == (NID, stand_in(KEY))


@pytest.mark.parametrize("message", [match(OTHER), set_key(OTHER)], ids=["match", "set"])
def test_a_key_of_another_station_is_hidden_at_its_place(message):
    shown = decode_frame(without_key(frame(message))).message
    assert shown.network_key == stand_in(OTHER)
    assert OTHER.hex().upper() not in Redaction().frame_text(frame(message))


def test_so_is_the_one_that_a_modem_tells_its_host():
    fields = {f: bytes(n) for f, n in (("my_nonce", 4), ("your_nonce", 4), ("network_id", 7))}
    message = GetKeyCnf(**fields, network_key=OTHER)
    assert OTHER not in without_key(frame(message))


def test_a_frame_with_a_vlan_tag_hides_nothing_less():
    octets = frame(match(OTHER))
    tagged = octets[:12] + bytes.fromhex("81000005") + octets[12:]
    assert OTHER not in without_key(tagged)
    assert len(without_key(tagged)) == len(tagged)


def test_nor_does_one_of_the_old_version_whose_header_is_shorter():
    octets = frame(match(OTHER))
    old = octets[:14] + b"\x00" + octets[15:17] + octets[19:]
    assert OTHER not in without_key(old)


@pytest.mark.parametrize("size", [0, 13, 40, 100])
def test_a_frame_that_is_cut_short_is_no_longer_afterwards(size):
    octets = frame(match(OTHER))[:size]
    shown = without_key(octets)
    assert len(shown) == size
    assert OTHER[:7] not in shown


def test_other_frames_are_as_they_are():
    octets = frame(SlacParmReq(run_id=bytes(8)))
    assert Redaction().frame(octets) == octets


def test_only_the_last_keys_of_ours_are_looked_for_and_each_is_one():
    old = [bytes([n]) * 16 for n in range(1, MAX_OWN + 1)]
    assert old[0].hex().upper() in knowing(*old, KEY, KEY).text(old[0])
    assert old[1].hex().upper() not in knowing(*old, KEY, KEY).text(old[1])


def test_where_secrets_are_wanted_everything_is_as_it_is():
    redaction, octets = knowing(KEY, off=True), frame(match(OTHER))
    assert redaction.text(KEY) == KEY.hex().upper()
    assert redaction.frame_text(octets) == octets.hex().upper()
    assert redaction.frame(octets) == octets


def test_nothing_leads_back_from_what_is_written_to_the_key():
    assert stand_in(KEY) == hashlib.sha256(b"seccstack recording" + KEY).digest()[:16]
    assert repr(KEY) not in repr(knowing(KEY)._own)
