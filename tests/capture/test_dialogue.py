"""Which schema a payload follows: the negotiation decides, or what is left to tell by."""

import pytest

from seccstack import v2gtp
from seccstack.capture.dialogue import MAX_KNOWN, Dialogue
from seccstack.messages import din, iso2, iso20_common, iso20_types
from seccstack.messages.app_protocol import AppProtocol
from seccstack.messages.codec import Schema, encode
from seccstack.v2gtp import EXI
from tests.capture.scene import EV, ISO2, SESSION, SET_UP, SETUP, choice, exi, message, offer

DIN = AppProtocol(
    protocol_namespace="urn:din:70121:2012:MsgDef",
    version_number_major=2,
    version_number_minor=0,
    schema_id=2,
    priority=2,
)
DIN_SETUP = encode(
    Schema.DIN,
    din.V2G_Message(
        header=din.MessageHeader(session_id=SESSION), body=din.SessionSetupReq(evccid=EV)
    ),
)


def other(namespace):
    return AppProtocol(
        protocol_namespace=namespace,
        version_number_major=1,
        version_number_minor=0,
        schema_id=3,
        priority=1,
    )


@pytest.fixture
def dialogue():
    return Dialogue()


def negotiated(dialogue, *offers, schema_id):
    for content in (offer(*offers), choice(schema_id)):
        assert dialogue.read(EXI, exi(content)).schema is Schema.APP_PROTOCOL


def test_the_chosen_protocol_is_the_schema_of_what_follows(dialogue):
    negotiated(dialogue, ISO2, DIN, schema_id=2)
    said = dialogue.read(EXI, DIN_SETUP)
    assert (said.schema, said.name) == (Schema.DIN, "SessionSetupReq")
    assert said.message.body == din.SessionSetupReq(evccid=EV)


def test_what_does_not_follow_the_chosen_schema_is_not_understood(dialogue):
    negotiated(dialogue, ISO2, DIN, schema_id=1)
    said = dialogue.read(EXI, DIN_SETUP)
    assert (said.schema, said.name, said.message) == (Schema.ISO2, None, None)
    [problem] = said.problems
    assert problem.startswith("iso2: ")


@pytest.mark.parametrize(
    ("octets", "schema"), [(exi(SETUP), Schema.ISO2), (DIN_SETUP, Schema.DIN)]
)
def test_without_a_negotiation_the_root_element_tells(dialogue, octets, schema):
    assert dialogue.read(EXI, octets).schema is schema
    assert dialogue.read(EXI, octets).schema is schema


def test_without_a_negotiation_nonsense_is_said_to_be_none_of_the_three(dialogue):
    said = dialogue.read(EXI, b"\x80\xff\xff")
    assert said.schema is None
    assert [problem.split(":")[0] for problem in said.problems] == [
        "app-protocol",
        "iso2",
        "din",
    ]


def test_an_answer_to_an_offer_that_was_not_captured_settles_nothing(dialogue):
    dialogue.read(EXI, exi(choice(1)))
    assert dialogue.read(EXI, DIN_SETUP).schema is Schema.DIN


def test_a_refused_handshake_may_be_repeated(dialogue):
    negotiated(dialogue, ISO2, schema_id=9)
    negotiated(dialogue, ISO2, schema_id=1)
    assert dialogue.read(EXI, exi(SETUP)).schema is Schema.ISO2


def test_the_handshake_may_come_again_in_the_middle(dialogue):
    negotiated(dialogue, ISO2, schema_id=1)
    dialogue.read(EXI, exi(SETUP))
    negotiated(dialogue, DIN, schema_id=2)
    assert dialogue.read(EXI, DIN_SETUP).schema is Schema.DIN


def test_a_protocol_we_do_not_know_is_named_and_nothing_is_guessed(dialogue):
    negotiated(dialogue, other("urn:tesla:din:2018:MsgDef"), schema_id=3)
    said = dialogue.read(EXI, DIN_SETUP)
    assert (said.schema, said.message) == (None, None)
    assert said.problems == ("protocol urn:tesla:din:2018:MsgDef is not known here",)


def test_messages_of_iso_15118_20_say_their_schema_themselves(dialogue):
    negotiated(dialogue, other("urn:iso:std:iso:15118:-20:AC"), schema_id=3)
    header = iso20_types.MessageHeader(session_id=bytes(8), time_stamp=1)
    request = iso20_common.SessionSetupReq(header=header, evccid="WMIV1234567890ABCDEX")
    said = dialogue.read(v2gtp.MAINSTREAM, encode(Schema.ISO20_COMMON, request))
    assert (said.schema, said.name) == (Schema.ISO20_COMMON, "SessionSetupReq")
    assert said.message == request


def test_nonsense_of_iso_15118_20_still_has_a_schema(dialogue):
    said = dialogue.read(v2gtp.DC_MAINSTREAM, b"\x80\xff")
    assert (said.schema, said.message) == (Schema.ISO20_DC, None)
    assert said.problems


def test_after_iso_15118_20_was_chosen_the_old_payload_type_is_for_the_handshake_only(dialogue):
    negotiated(dialogue, other("urn:iso:std:iso:15118:-20:AC"), schema_id=3)
    assert dialogue.read(EXI, exi(SETUP)).message is None


def test_what_the_codec_bore_with_is_told(dialogue):
    said = dialogue.read(EXI, exi(SETUP) + b"\0")
    assert said.name == "SessionSetupReq"
    assert said.problems == ("1 octets after the document",)


def test_what_the_codec_bore_with_is_told_with_its_place(dialogue):
    octets = bytearray(exi(SET_UP))
    octets[14] ^= 0x01  # in the first character of EVSEID: it becomes U+001A
    said = dialogue.read(EXI, bytes(octets))
    [problem] = said.problems
    assert problem.startswith("V2G_Message/Body/SessionSetupRes/EVSEID: a character")


def test_a_message_without_a_body_is_named_after_its_envelope(dialogue):
    said = dialogue.read(EXI, encode(Schema.ISO2, message(None)))
    assert (said.name, said.message) == ("V2G_Message", message(None))
    assert isinstance(said.message, iso2.V2G_Message)


def test_no_more_messages_are_known_again_than_a_loop_repeats(dialogue):
    dialogue.read(EXI, exi(SET_UP))  # which settles the schema
    first = dialogue.read(EXI, exi(SETUP))
    assert dialogue.read(EXI, exi(SETUP)) is first
    for number in range(MAX_KNOWN):
        dialogue.read(EXI, exi(iso2.SessionSetupReq(evccid=number.to_bytes(6))))
    assert len(dialogue._known) <= MAX_KNOWN
    assert dialogue.read(EXI, exi(SETUP)) == first
