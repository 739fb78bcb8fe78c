"""Frames: headers of every version, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.errors import MalformedError, UsageError
from seccstack.homeplug.fields import MESSAGES
from seccstack.homeplug.frame import (
    BROADCAST,
    LOCAL_MODEM,
    Frame,
    UnknownMme,
    decode_frame,
    encode_frame,
    untagged,
)
from seccstack.homeplug.messages import SetKeyReq, SlacParmReq
from tests.homeplug.strategies import any_message, any_record

EV = bytes.fromhex("02aabbccdd01")
ASK = Frame(BROADCAST, EV, SlacParmReq(run_id=bytes.fromhex("02aabbccdd010001")))


def changed(octet, value):
    octets = bytearray(encode_frame(ASK))
    octets[octet] = value
    return bytes(octets)


@given(any_message(), st.binary(min_size=6, max_size=6), st.binary(min_size=6, max_size=6))
def test_every_frame_survives_the_wire(message, destination, source):
    frame = Frame(destination, source, message)
    assert decode_frame(encode_frame(frame)) == frame


def test_a_short_message_is_padded_to_what_ethernet_wants():
    octets = encode_frame(ASK)
    assert octets.hex() == ("ffffffffffff02aabbccdd0188e10164600000000002aabbccdd010001").ljust(
        120, "0"
    )


def test_the_local_modem_is_addressed_as_every_qualcomm_modem_can_be():
    assert LOCAL_MODEM.hex() == "00b052000001"


@pytest.mark.parametrize("version", [1, 2])
def test_a_message_is_known_by_its_number_whatever_its_version(version):
    assert decode_frame(changed(14, version)) == ASK


def test_version_0_has_no_fragment_octets():
    octets = encode_frame(ASK)
    assert decode_frame(octets[:14] + b"\x00" + octets[15:17] + octets[19:]) == ASK


@pytest.mark.parametrize(
    ("octets", "complaint"),
    [
        (b"", "Frame.header: the message ends here (octet 0)"),
        (encode_frame(ASK)[:16], "Frame.header: the message ends here (octet 16)"),
        (changed(12, 0x86), "Frame.ethertype: not type 0x88E1 (octet 12)"),
        (changed(14, 3), "Frame.mmv: version 3 (octet 14)"),
        (changed(17, 0x01), "Frame.fragment: a fragment (octet 17)"),
        (changed(17, 0x10), "Frame.fragment: a fragment (octet 17)"),
        (bytes(1519), "Frame: longer than an Ethernet frame (octet 1518)"),
        (
            encode_frame(ASK)[:28],
            "SlacParmReq.run_id: the message ends here (octet 28)",
        ),
    ],
)
def test_what_is_no_message_of_ours_is_refused_with_its_place(octets, complaint):
    with pytest.raises(MalformedError) as caught:
        decode_frame(octets)
    assert str(caught.value) == complaint


@pytest.mark.parametrize("cls", MESSAGES.values(), ids=lambda cls: cls.name)
@given(data=st.data())
def test_every_message_cut_at_every_length_is_malformed_or_whole(cls, data):
    frame = Frame(BROADCAST, EV, data.draw(any_record(cls)))
    octets = encode_frame(frame)
    end = 17 + 2 * (cls.mmv > 0) + len(cls.oui) + len(frame.message.encode())
    for length in range(len(octets)):
        if length >= end:
            assert decode_frame(octets[:length]) == frame
        else:
            with pytest.raises(MalformedError):
                decode_frame(octets[:length])


def test_a_message_that_is_not_declared_is_carried_as_it_is():
    octets = encode_frame(ASK)[:15] + bytes.fromhex("4ea1") + bytes(range(60))
    frame = decode_frame(octets)
    assert frame.message == UnknownMme(mmtype=0xA14E, body=bytes(range(60)))
    assert encode_frame(frame) == octets


def test_another_makers_message_under_a_number_of_qualcomms_is_unknown():
    lumissil = bytes.fromhex("ffffffffffff0016e800000188e10102a000000016e801").ljust(60, b"\0")
    assert decode_frame(lumissil).message.mmtype == 0xA002


def test_what_an_unknown_message_holds_is_in_no_repr():
    assert "secret" not in repr(UnknownMme(mmtype=0xA050, body=b"secret"))


@pytest.mark.parametrize("addresses", [(EV, b""), (EV + b"x", EV)])
def test_an_address_of_another_length_is_our_own_fault(addresses):
    with pytest.raises(UsageError, match="6 octets"):
        encode_frame(Frame(*addresses, ASK.message))


def test_vlan_tags_are_taken_off_where_a_capture_has_them():
    octets = encode_frame(ASK)
    once = octets[:12] + bytes.fromhex("81000001") + octets[12:]
    twice = octets[:12] + bytes.fromhex("88a80002") + once[12:]
    assert untagged(octets) == untagged(once) == untagged(twice) == octets


def test_a_key_message_never_goes_out_longer_than_it_must():
    message = SetKeyReq(network_id=bytes(7), network_key=bytes(16))
    assert len(encode_frame(Frame(LOCAL_MODEM, EV, message))) == 60
