"""Declaring messages, and what becomes of values that do not fit."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.errors import MalformedError, UsageError
from seccstack.homeplug import vendor
from seccstack.homeplug.fields import MESSAGES, Mme, mme
from seccstack.homeplug.messages import (
    AmpMapReq,
    AttenProfileInd,
    NwInfoCnf,
    SlacMatchReq,
    SlacParmReq,
)
from tests.homeplug.strategies import any_message


@given(any_message())
def test_every_message_survives_the_wire(message):
    assert type(message).decode(message.encode()) == message


@given(any_message(), st.data())
def test_a_message_cut_short_is_malformed_and_says_where(message, data):
    body = message.encode()
    if body:
        cut = data.draw(st.integers(0, len(body) - 1))
        with pytest.raises(MalformedError) as caught:
            type(message).decode(body[:cut])
        assert caught.value.path.startswith(type(message).__name__)
        assert caught.value.octet == cut


def test_what_follows_the_last_field_is_ignored():
    body = SlacParmReq(run_id=bytes(8)).encode() + b"\xfe\x80leaked memory"
    assert SlacParmReq.decode(body) == SlacParmReq(run_id=bytes(8))


def test_integers_travel_least_significant_octet_first():
    choice = SlacMatchReq(ev_mac=bytes(6), evse_mac=bytes(6), run_id=bytes(8))
    assert choice.encode()[2:4] == b"\x3e\x00"


def test_two_messages_cannot_claim_one_number():
    with pytest.raises(TypeError, match="SlacParmReq"):

        @mme(0x6064, "CM_IMPOSTOR.REQ")
        class Impostor(Mme):
            pass


def test_two_organisations_may_use_one_number():
    @mme(0xA0B8, "VS_OTHER.REQ", oui=b"\x00\x16\xe8")
    class Other(Mme):
        pass

    assert MESSAGES[0xA0B8, vendor.QUALCOMM] is vendor.PlLinkStatusReq
    del MESSAGES[0xA0B8, b"\x00\x16\xe8"]


def test_messages_are_values():
    message = SlacParmReq(run_id=bytes(8))
    with pytest.raises(dataclasses.FrozenInstanceError):
        message.run_id = b"other"


@pytest.mark.parametrize(
    ("message", "complaint"),
    [
        (SlacParmReq(run_id=bytes(7)), "SlacParmReq.run_id: 7 octets where 8 must be"),
        (SlacParmReq(run_id=bytes(8), security_type=256), "SlacParmReq.security_type: int too"),
        (AmpMapReq(carriers=0, reductions=bytes(459)), "AmpMapReq.carriers: 0 where 917"),
        (vendor.SwVerCnf(version=bytes(256)), "SwVerCnf.version: int too big"),
    ],
)
def test_a_value_that_does_not_fit_its_field_is_our_own_fault(message, complaint):
    with pytest.raises(UsageError, match=complaint):
        message.encode()


@pytest.mark.parametrize("groups", [0, 57, 59, 255])
def test_attenuation_of_any_number_of_groups_but_58_is_refused(groups):
    body = bytes(6) + bytes([groups, 0]) + bytes(255)
    with pytest.raises(MalformedError) as caught:
        AttenProfileInd.decode(body)
    assert str(caught.value) == (
        f"AttenProfileInd.num_groups: {groups} where 58 must be (octet 6)"
    )


def test_a_list_that_is_longer_than_the_frame_says_which_entry_is_cut():
    with pytest.raises(MalformedError, match=r"NwInfoCnf.networks/Network.network_id"):
        NwInfoCnf.decode(b"\xff")
