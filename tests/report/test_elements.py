"""The tree of a V2G message is the message's JSON, laid over its bits."""

import random

import pytest

from seccstack.exi.schema import Binary, Boolean, Enumeration, Integer, Text
from seccstack.exi.spans import spans_of
from seccstack.messages import codec, infoset, iso2
from seccstack.messages.codec import Schema, tables_of
from seccstack.report.elements import element_parts, form_of
from seccstack.report.parts import BROKEN, MANY
from tests.exi.splice import spliced
from tests.exi.test_vectors import DOCUMENTS, SIGNED_INFO
from tests.messages.samples import any_element
from tests.messages.test_corpus import SCHEMAS, corpus
from tests.report.trees import json_of, named

__all__ = ["corpus"]  # a fixture
HANDSHAKE, ANSWER, SETUP, _ = map(bytes.fromhex, DOCUMENTS)
SAMPLES = 8  # of each message


def parts(schema, octets):
    return element_parts(schema, spans_of(tables_of(schema), octets).spans)


def as_json(schema, octets):
    return infoset.to_json(schema, codec.decode(schema, octets).message)


@pytest.mark.parametrize(("octets", "expected"), DOCUMENTS.items())
def test_the_tree_of_others_octets_is_their_json(octets, expected):
    found = parts(expected[0], bytes.fromhex(octets))
    assert json_of(found) == infoset.to_json(*expected)


@pytest.mark.parametrize("schema", [s for s in Schema if s is not Schema.XMLDSIG])
def test_the_tree_of_any_message_is_its_json(schema):
    choose = random.Random(schema).choice  # noqa: S311
    for element in tables_of(schema).documents.values():
        for _ in range(SAMPLES if element.type else 0):
            octets = codec.encode(schema, any_element(element.type, choose))
            assert json_of(parts(schema, octets)) == as_json(schema, octets)


@pytest.mark.parametrize("schema", SCHEMAS.values())
def test_the_tree_of_every_recorded_message_is_its_json(corpus, schema):
    for recorded in corpus[schema]:
        octets = bytes.fromhex(recorded["exi_hex"])
        assert json_of(parts(schema, octets)) == as_json(schema, octets)


def test_what_a_schema_allows_more_than_once_is_marked_even_if_there_is_one():
    assert named(parts(Schema.APP_PROTOCOL, HANDSHAKE), "AppProtocol").flags == MANY


def test_a_text_beside_attributes_is_a_value_in_its_tree():
    header = iso2.MessageHeader(
        session_id=b"",
        signature=iso2.xmldsig.Signature(
            signed_info=SIGNED_INFO,
            signature_value=iso2.xmldsig.SignatureValue(id="i", value=b"\1"),
        ),
    )
    message = iso2.V2G_Message(header=header, body=None)
    octets = codec.encode(Schema.ISO2, message)
    assert json_of(parts(Schema.ISO2, octets))["V2G_Message"]["Header"]["Signature"][
        "SignatureValue"
    ] == {"Id": "i", "value": "AQ=="}


def test_a_value_that_was_left_out_is_empty():
    octets = spliced(SETUP, "0 00001000" + 64 * "0" + "0 10", "1 000 10")
    empty = named(parts(Schema.ISO2, octets), "SessionID")
    assert (empty.value, empty.form.kind, empty.value_first) == ("", "hex", empty.value_end)


def test_what_a_message_breaks_off_in_is_marked_and_has_no_value():
    cut = parts(Schema.ISO2, SETUP[:-4])
    assert [part.name for part in cut if part.flags & BROKEN] == [
        "V2G_Message", "Body", "SessionSetupReq", "EVCCID",
    ]  # fmt: skip
    assert cut[-1].form is None


def test_an_abstract_element_can_only_be_broken_off():
    octets = spliced(SETUP, "0 011101 0 0 00000110", "0 000010 0 0 00000110")  # BodyElement
    assert parts(Schema.ISO2, octets)[-1][:2] == (2, "BodyElement")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Boolean(), ("boolean", "1 bit")),
        (Enumeration(iso2.UnitSymbol), ("enumeration", "its place among 7 words, in 3 bits")),
        (Integer(-3, 3), ("number", "-3 to 3: its distance from -3, in 3 bits")),
        (Integer(0, 65535), ("number", "7 bits in each octet, the lowest ones first")),
        (Integer(None, None),
         ("number", "a sign, then 7 bits in each octet, the lowest ones first")),
        (Binary(True), ("hex", "how many octets, then the octets")),
        (Binary(False), ("base64", "how many octets, then the octets")),
        (Text(), ("text", "how many characters, plus 2; then each, ASCII in an octet")),
    ],
)  # fmt: skip
def test_how_a_value_travels_is_said_in_words(kind, said):
    assert form_of(kind) == said
