"""A session id is exchanged, and nothing else: by our codec, and by every recorded message."""

import json
import lzma

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.drive.session_id import patched
from seccstack.messages import codec, iso2
from seccstack.messages.codec import Schema

THEIRS, OURS = bytes.fromhex("AFEEDBCFFBEF7FFB"), bytes.fromhex("0123456789ABCDEF")
EIGHT = st.binary(min_size=8, max_size=8)
SESSION_ID_BITS = slice(26, 26 + 64)


def message(session_id, body=None):
    header = iso2.MessageHeader(session_id=session_id)
    body = body or iso2.ChargingStatusReq()
    return codec.encode(Schema.ISO2, iso2.V2G_Message(header=header, body=body))


def bits(octets):
    return f"{int.from_bytes(octets, 'big'):0{len(octets) * 8}b}"


def without_session_id(octets, first=SESSION_ID_BITS.start):
    return bits(octets)[:first], bits(octets)[first + 64 :]


@given(EIGHT, EIGHT, st.binary(min_size=6, max_size=6))
def test_the_message_is_the_one_that_a_vehicle_with_our_session_id_writes(theirs, ours, mac):
    request = iso2.SessionSetupReq(evccid=mac)
    exchanged = patched(message(theirs, request), {theirs: ours})
    assert exchanged == message(ours, request)


@given(EIGHT, EIGHT, st.binary(max_size=40))
def test_only_the_64_bits_of_the_session_id_change_whatever_follows_them(theirs, ours, tail):
    exi = message(theirs) + tail
    exchanged = patched(exi, {theirs: ours})
    assert len(exchanged) == len(exi)
    assert without_session_id(exchanged) == without_session_id(exi)
    assert bits(exchanged)[SESSION_ID_BITS] == bits(ours)


def test_a_session_id_that_stands_for_none_of_ours_stays():
    assert patched(message(THEIRS), {OURS: THEIRS}) == message(THEIRS)
    assert patched(message(THEIRS), {}) == message(THEIRS)


@pytest.mark.parametrize("length", range(8))
def test_a_shorter_session_id_stays_whatever_the_bits_in_its_place_are(length):
    exi = message(THEIRS[:length]) + bytes(8)
    in_its_place = int(bits(exi)[SESSION_ID_BITS], 2).to_bytes(8, "big")
    assert patched(exi, {THEIRS[:length]: OURS, in_its_place: OURS}) == exi


def test_a_session_id_that_would_not_fit_is_not_put_in():
    assert patched(message(THEIRS), {THEIRS: OURS[:4]}) == message(THEIRS)


@given(st.binary(max_size=11))
def test_what_is_too_short_to_have_one_stays(octets):
    assert patched(octets, {bytes(8): OURS}) == octets


@pytest.mark.parametrize(
    ("protocol", "schema", "first", "least"),
    [
        ("ISO_15118_2", Schema.ISO2, 26, 1000),
        ("DIN_70121", Schema.DIN, 26, 1000),
        ("ISO_15118_20_CommonMessages", Schema.ISO20_COMMON, 25, 50),
        ("ISO_15118_20_AC", Schema.ISO20_AC, 25, 20),
        ("ISO_15118_20_DC", Schema.ISO20_DC, 25, 100),
    ],
)
def test_every_recorded_message_keeps_all_but_the_session_id_that_an_oracle_read(
    shared, protocol, schema, first, least
):
    found = 0
    for exi, theirs in recorded(shared / "corpus" / "v2g_messages.jsonl.xz", protocol):
        exchanged = patched(exi, {theirs: OURS})
        assert codec.decode(schema, exchanged).message.header.session_id == OURS
        assert without_session_id(exchanged, first) == without_session_id(exi, first)
        assert patched(exchanged, {OURS: theirs}) == exi
        found += 1
    assert found >= least


def recorded(path, protocol):
    with lzma.open(path, "rt") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        if row["schema"] == protocol and row["decoded_json"] is not None:
            [root] = row["decoded_json"].values()
            header = root["Header"]
            if len(header["SessionID"]) == 16:
                yield bytes.fromhex(row["exi_hex"]), bytes.fromhex(header["SessionID"])
