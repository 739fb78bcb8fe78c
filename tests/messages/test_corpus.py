"""Every recorded message, in both directions, against what EXIficient made of it."""

import json
import lzma
from collections import defaultdict
from importlib import import_module

import pytest

from seccstack.exi.finding import FindingKind
from seccstack.messages import codec, infoset
from seccstack.messages.codec import Schema

SCHEMAS = {
    "SAP": Schema.APP_PROTOCOL,
    "DIN_70121": Schema.DIN,
    "ISO_15118_2": Schema.ISO2,
    "ISO_15118_20_CommonMessages": Schema.ISO20_COMMON,
    "ISO_15118_20_AC": Schema.ISO20_AC,
    "ISO_15118_20_DC": Schema.ISO20_DC,
}
INVENTED_SCHEMA_ID = "804880"  # the oracle adds a SchemaID that was not sent


@pytest.fixture(scope="module")
def corpus(shared):
    messages = defaultdict(list)
    path = shared / "corpus" / "v2g_messages.jsonl.xz"
    with lzma.open(path, "rt") as lines:
        for line in lines:
            message = json.loads(line)
            messages[SCHEMAS[message["schema"]]].append(message)
    return messages


@pytest.mark.parametrize("schema", SCHEMAS.values())
def test_every_recorded_message_decodes_to_what_the_oracle_says(corpus, schema):
    assert corpus[schema]
    for recorded in corpus[schema]:
        decoded = codec.decode(schema, bytes.fromhex(recorded["exi_hex"]))
        if recorded["exi_hex"] != INVENTED_SCHEMA_ID:
            assert infoset.to_json(schema, decoded.message) == recorded["decoded_json"]


@pytest.mark.parametrize("schema", SCHEMAS.values())
def test_every_recorded_message_is_encoded_to_the_same_octets(corpus, schema):
    for recorded in corpus[schema]:
        octets = bytes.fromhex(recorded["exi_hex"])
        decoded = codec.decode(schema, octets)
        surplus = FindingKind.SURPLUS in {finding.kind for finding in decoded.findings}
        expected = octets[:-1] if surplus else octets
        assert codec.encode(schema, decoded.message) == expected


@pytest.mark.parametrize("schema", SCHEMAS.values())
def test_every_recorded_message_comes_back_from_json(corpus, schema):
    for recorded in corpus[schema]:
        message = codec.decode(schema, bytes.fromhex(recorded["exi_hex"])).message
        assert infoset.from_json(schema, infoset.to_json(schema, message)) == message


@pytest.mark.parametrize("schema", SCHEMAS.values())
def test_the_generated_functions_are_enough_for_all_but_surplus_octets(corpus, schema):
    name = f"seccstack.messages.generated.{schema.replace('-', '_')}_codec"
    functions = import_module(name)
    for recorded in corpus[schema]:
        octets = bytes.fromhex(recorded["exi_hex"])
        decoded = codec.decode(schema, octets)
        if not decoded.findings:
            assert functions.decode(octets) == (decoded.element, decoded.message)
        assert functions.encode(decoded.message) == codec.encode(schema, decoded.message)


def test_a_schema_id_that_was_not_sent_is_not_invented(corpus):
    hexes = {recorded["exi_hex"] for recorded in corpus[Schema.APP_PROTOCOL]}
    assert INVENTED_SCHEMA_ID in hexes
    decoded = codec.decode(Schema.APP_PROTOCOL, bytes.fromhex(INVENTED_SCHEMA_ID))
    assert decoded.message.schema_id is None


def test_a_tesla_sends_an_octet_too_many_and_is_understood(corpus):
    longer = [
        (recorded["message"], finding.kind)
        for recorded in corpus[Schema.DIN]
        for finding in codec.decode(Schema.DIN, bytes.fromhex(recorded["exi_hex"])).findings
    ]
    assert set(longer) == {("ContractAuthenticationReq", FindingKind.SURPLUS)}
