"""Where the elements lie: by worked octets of others, and by reading each value on its own."""

import random

import pytest

from seccstack.exi.finding import FindingKind
from seccstack.exi.reader import Reader
from seccstack.exi.schema import Integer, Text
from seccstack.exi.spans import spans_of
from seccstack.messages import codec
from seccstack.messages.codec import Schema, tables_of
from tests.exi.splice import spliced
from tests.exi.test_vectors import DOCUMENTS
from tests.messages.samples import any_element

HANDSHAKE, ANSWER, SETUP, PARAMETERS = map(bytes.fromhex, DOCUMENTS)
SAMPLES = 12  # of each message
MESSAGES = [schema for schema in Schema if schema is not Schema.XMLDSIG]


def spans(schema, octets):
    return spans_of(tables_of(schema), octets)


def places(found):
    return {span.name: (span.first, span.end) for span in found.spans}


def values(found):
    held = {span.name: span.held for span in found.spans if span.held}
    return {name: (one.first, one.end) for name, one in held.items()}


def test_an_element_lies_from_its_event_code_to_its_end():
    found = spans(Schema.APP_PROTOCOL, ANSWER)
    assert places(found) == {
        "supportedAppProtocolRes": (8, 28),
        "ResponseCode": (10, 15),
        "SchemaID": (15, 27),
    }
    assert values(found) == {"ResponseCode": (12, 14), "SchemaID": (18, 26)}


def test_a_handshake_lies_where_the_worked_example_has_it():
    found = spans(Schema.APP_PROTOCOL, HANDSHAKE)
    assert [(span.name, span.depth, span.first, span.end) for span in found.spans] == [
        ("supportedAppProtocolReq", 0, 8, 266),
        ("AppProtocol", 1, 10, 264),
        ("ProtocolNamespace", 2, 11, 222),
        ("VersionNumberMajor", 2, 222, 233),
        ("VersionNumberMinor", 2, 233, 244),
        ("SchemaID", 2, 244, 255),
        ("Priority", 2, 255, 263),
    ]


def test_a_request_lies_where_the_worked_example_has_it():
    found = spans(Schema.ISO2, SETUP)
    assert places(found) == {
        "V2G_Message": (8, 162),
        "Header": (15, 93),
        "SessionID": (16, 91),
        "Body": (93, 161),
        "SessionSetupReq": (94, 160),
        "EVCCID": (100, 159),
    }
    assert values(found) == {"SessionID": (18, 90), "EVCCID": (102, 158)}


def test_a_number_is_held_with_the_type_that_says_how_it_is_written():
    found = spans(Schema.ISO2, PARAMETERS)
    departure = next(span for span in found.spans if span.name == "DepartureTime")
    assert departure.held.value == 3600
    assert departure.held.kind == Integer(0, 4294967295)
    assert departure.held.end - departure.held.first == 16


def check(schema, octets):
    """Hold the spans of a whole message to what spans promise."""
    found = spans(schema, octets)
    assert found.error is None
    parents, reached = [], 0
    for span in found.spans:
        parents[span.depth :] = [span]
        assert span.whole
        assert reached < span.first < span.end <= 8 * len(octets)
        reached = span.first
        if span.depth:
            assert span.end <= parents[-2].end
    values = sorted((s.held for s in found.spans if s.held), key=lambda held: held.first)
    for held, following in zip(values, [*values[1:], None], strict=True):
        assert following is None or held.end < following.first
        assert read_again(schema, octets, held) == (held.value, held.end)


def read_again(schema, octets, held):
    reader = Reader(schema, octets)
    reader.bits.position = held.first
    return reader.value(held.kind), reader.bits.position


@pytest.mark.parametrize(("octets", "expected"), DOCUMENTS.items())
def test_the_spans_of_others_octets_hold_what_they_promise(octets, expected):
    check(expected[0], bytes.fromhex(octets))


@pytest.mark.parametrize("schema", MESSAGES)
def test_values_are_in_order_and_read_again_from_their_bits(schema):
    choose = random.Random(schema).choice  # noqa: S311
    for element in tables_of(schema).documents.values():
        for _ in range(SAMPLES if element.type else 0):
            message = any_element(element.type, choose)
            check(schema, codec.encode(schema, message))


def test_what_breaks_off_has_the_spans_up_to_there():
    found = spans(Schema.ISO2, SETUP[:-4])
    assert str(found.error).endswith("EVCCID: 6 octets declared, 3 octets left (bit 110)")
    told = [(span.name, span.end, span.whole) for span in found.spans]
    assert told[-4:] == [
        ("SessionID", 91, True),
        ("Body", 110, False),
        ("SessionSetupReq", 110, False),
        ("EVCCID", 110, False),
    ]


def test_what_is_no_message_at_all_has_no_spans():
    found = spans(Schema.ISO2, b"\x00\x00")
    assert (found.spans, str(found.error)) == ((), "iso2: EXI header 0x00, not 0x80 (bit 8)")


def test_a_value_that_was_sent_as_text_is_held_as_what_it_means():
    octets = spliced(ANSWER, "00 0 00000001 0 0", "00 1 110 00000011 00110001 0 0")
    held = spans(Schema.APP_PROTOCOL, octets).spans[-1].held
    assert (held.value, held.kind, held.end - held.first) == (1, Text(), 16)


def test_findings_are_told_with_the_spans():
    found = spans(Schema.APP_PROTOCOL, ANSWER + b"\x00")
    assert [finding.kind for finding in found.findings] == [FindingKind.SURPLUS]
