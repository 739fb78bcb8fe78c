"""A few words about each message."""

import pytest

from seccstack import v2gtp
from seccstack.capture.items import Link, V2gMessage
from seccstack.exi.spans import spans_of
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
    ValidateCnf,
)
from seccstack.messages.codec import Schema, decode, tables_of
from seccstack.report.elements import element_parts
from seccstack.report.notes import LONGEST, discovery_note, note_of, slac_note
from seccstack.report.quantities import Quantity, quantities
from seccstack.sdp import SdpRequest, SdpResponse
from tests.capture import scene
from tests.capture.scene import EV, EVSE, KEY, NID, RUN


def message(content, schema=Schema.ISO2):
    octets = scene.exi(content)
    decoded = decode(schema, octets).message
    name = type(getattr(decoded, "body", decoded)).__name__
    link = Link(0)
    return V2gMessage(1, 0.0, link, "ev", v2gtp.EXI, octets, schema, name, decoded)


def note(content, schema=Schema.ISO2):
    item = message(content, schema)
    parts = element_parts(schema, spans_of(tables_of(schema), item.exi).spans)
    return note_of(item, parts, list(quantities(parts)))


def test_a_note_says_what_does_not_go_without_saying():
    assert note(scene.SETUP) == f"EVCCID {EV.hex().upper()}"
    assert note(scene.SET_UP) == "OK_NewSessionEstablished, EVSEID ZZ00000"
    assert note(scene.STOPPED) == ""
    assert note(scene.REFUSED) == "FAILED_SequenceError"
    assert note(scene.PAUSE) == "Pause"


def test_offers_are_told():
    assert note(scene.offer(), Schema.APP_PROTOCOL) == scene.ISO2.protocol_namespace


def test_what_cannot_be_decoded_is_told_with_its_reasons():
    unread = V2gMessage(1, 0, Link(0), "ev", v2gtp.EXI, b"abc", None, None, None, ("no", "why"))
    assert note_of(unread, [], []) == "3 octets; no; why"


def test_a_note_is_not_endless():
    unread = V2gMessage(1, 0, Link(0), "ev", v2gtp.EXI, b"", None, None, None, ("x" * 999,))
    assert len(note_of(unread, [], [])) == LONGEST


def test_quantities_of_a_kind_are_told_together_and_in_order():
    told = [
        Quantity("EVRESSSOC", 55.0, "%"),
        Quantity("EVTargetCurrent", 30.0, "A"),
        Quantity("EVTargetVoltage", 400.5, "V"),
        Quantity("EVMaximumCurrentLimit", 500.0, "A"),
    ]
    assert note_of(message(scene.STOPPED), [], told) == "wants 400.5 V 30 A, charged 55 %"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (SdpRequest(0x00), "wants TLS"),
        (SdpRequest(0x10), "wants no TLS"),
        (SdpRequest(0x77), "wants security 77"),
        (SdpResponse(bytes(16), 61341, 0x10), "port 61341, no TLS"),
    ],
)
def test_discovery_is_told(said, words):
    assert discovery_note(said) == words


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (SlacParmReq(run_id=RUN), "run 0102030405060708"),
        (SlacParmCnf(forwarding_station=EV, run_id=RUN), "10 sounds, please"),
        (StartAttenCharInd(forwarding_station=EV, run_id=RUN), "10 sounds will come"),
        (MnbcSoundInd(remaining=3, run_id=RUN, random=bytes(16)), "3 more"),
        (
            AttenCharInd(
                source_address=EV, run_id=RUN, num_sounds=9, attenuations=bytes([20]) * 58
            ),
            "9 sounds heard, 20.0 dB",
        ),
        (AttenCharRsp(source_address=EV, run_id=RUN), ""),
        (SlacMatchReq(ev_mac=EV, evse_mac=EVSE, run_id=RUN), "chooses 02BB00000001"),
        (
            SlacMatchCnf(ev_mac=EV, evse_mac=EVSE, run_id=RUN, network_id=NID, network_key=KEY),
            "network A0A1A2A3A4A506",
        ),
        (ValidateCnf(result=2), "result 2"),
    ],
)
def test_matching_is_told(said, words):
    assert slac_note(said) == words
