"""Messages by lot, compared with EXIficient in both directions.

All that differs is a value without characters: EXIficient, which comes from XML, sees none to
write and sends the end of the element instead. Of a message that has one it is asked whether
it reads ours, and its own must be read as the same message.

Every type, attribute, element, alternative, enumeration's value and full list of the schemas
is in one of the messages at least, and so is every option left out.
"""

import json
import os
import random
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from seccstack.exi.finding import FindingKind
from seccstack.exi.schema import ComplexType
from seccstack.messages import codec, infoset
from seccstack.messages.codec import Schema
from tests.messages.parts import LONGEST_BY_LOT, note_parts, possible_parts, slots_in
from tests.messages.samples import any_element

pytestmark = pytest.mark.oracle
ROOT = Path(__file__).parents[2]
MESSAGES = int(os.environ.get("SECCSTACK_ORACLE_MESSAGES", "800"))  # of all schemas together
SEARCHED = 100_000  # more, at most, until every part of a schema was in one
DEEPEST = 9  # level of elements on which lists are as long as they may be, at most
SHARES = {  # of the messages; the larger a schema, the more
    Schema.APP_PROTOCOL: 2,
    Schema.DIN: 20,
    Schema.ISO2: 20,
    Schema.ISO20_COMMON: 24,
    Schema.ISO20_AC: 10,
    Schema.ISO20_DC: 10,
    Schema.ISO20_ACDP: 4,
    Schema.ISO20_WPT: 10,
}
NO_SPACE = {ord(space): None for space in "\t "}  # EXIficient collapses it in URIs as content
LEFT_OUT = {
    "Body",  # has no class: its only element stands for it
    "SignatureProperty",  # must hold elements of other schemas
    "SignatureProperties",
}


@pytest.fixture(scope="module")
def ask():
    """Ask EXIficient; it runs in the environment of the package that has it."""
    installed = str(ROOT / ".venv-peer" / "bin" / "python")
    python = os.environ.get("SECCSTACK_PEER_PYTHON", installed)
    if not Path(python).is_file():
        pytest.skip("no peer: set SECCSTACK_PEER_PYTHON, or install iso15118 in .venv-peer")
    if not shutil.which("java"):
        pytest.skip("EXIficient needs Java, which is not here")
    command = [python, "-m", "tools.oracle_exificient"]
    with subprocess.Popen(  # noqa: S603 - a script of ours
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:

        def answer(**question):
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield answer


def lots(schema):
    """Choose by lot; what is full is so on another level of the message each time."""
    chance = random.Random(schema)  # noqa: S311 - the same in every run

    def choose(options):
        if schema is Schema.APP_PROTOCOL and isinstance(options, str):
            options = options.translate(NO_SPACE)
        return chance.choice(options)

    return choose, lambda: -chance.randrange(DEEPEST)


def has_empty(shown):
    """Whether a message has a value without characters."""
    match shown:
        case dict():
            return any(map(has_empty, shown.values()))
        case list():
            return any(map(has_empty, shown))
        case _:
            return shown == ""


def compare(ask, schema, octets, shown, again, **fragment):
    """Both directions; `again` reads octets: the message as JSON and the kinds of findings."""
    theirs = ask(schema=schema, message=shown, **fragment)
    if has_empty(shown) and theirs["exi"] != octets.hex():
        assert again(bytes.fromhex(theirs["exi"])) == (shown, {FindingKind.EMPTY})
    else:
        assert theirs == {"exi": octets.hex()}
    assert ask(schema=schema, exi=octets.hex(), **fragment) == {"message": shown}


def messages(schema):
    """So many messages by lot, and then those that have what no other had, until all was."""
    choose, depth = lots(schema)
    roots = list(codec.tables_of(schema).documents.values())
    share = MESSAGES * SHARES[schema] // sum(SHARES.values())
    missing = possible_parts(schema)
    for number in range(share + SEARCHED):
        root = roots[number % len(roots)]
        message = any_element(root.type, choose, depth())
        parts = set()
        note_parts(root.type, message, parts)
        if number < share or missing & parts:
            yield message
            missing -= parts
        elif not missing:
            break
    assert missing == set()


@pytest.mark.parametrize("schema", SHARES)
def test_exificient_encodes_and_decodes_the_same_messages(ask, schema):
    def again(octets):
        decoded = codec.decode(schema, octets)
        kinds = {finding.kind for finding in decoded.findings}
        return infoset.to_json(schema, decoded.message), kinds

    for message in messages(schema):
        octets = codec.encode(schema, message)
        compare(ask, schema, octets, infoset.to_json(schema, message), again)


@pytest.mark.parametrize("schema", Schema)
def test_exificient_encodes_and_decodes_every_element_as_the_same_fragment(ask, schema):
    again = reader_of_fragments(schema)
    choose, depth = lots(schema)
    fragments = codec.tables_of(schema).fragments
    width = (len(fragments) + 1).bit_length()
    for name, elements in fragments:
        for element in elements:
            if element.type is None or name in LEFT_OUT or is_signed_alone(schema, name):
                continue
            value = any_element(element.type, choose, depth())
            shown = infoset.fragment_to_json(schema, name, value)
            octets = codec.encode_fragment(schema, value, name)
            code = int.from_bytes(octets[1:3], "big") >> 16 - width
            compare(ask, schema, octets, shown, again, fragment=code)


def reader_of_fragments(schema):
    def again(octets):
        decoded = codec.decode_fragment(schema, octets)
        kinds = {finding.kind for finding in decoded.findings}
        return infoset.fragment_to_json(schema, decoded.element, decoded.value), kinds

    return again


def is_signed_alone(schema, name):
    """Whether an element is written by the grammar of XML signatures, not by this schema's."""
    return name == "SignedInfo" and schema is not Schema.XMLDSIG


def long_lists(schema):
    """Each list that may have more items than those which are made by lot."""
    done = set()
    for name, elements in codec.tables_of(schema).fragments:
        kind = elements[0].type
        if isinstance(kind, ComplexType) and kind not in done and name not in LEFT_OUT:
            done.add(kind)
            for slot, _ in slots_in(kind):
                if slot.many and slot.maximum and slot.maximum > LONGEST_BY_LOT:
                    yield name, kind, slot


@pytest.mark.parametrize("schema", Schema)
def test_exificient_knows_the_same_end_of_a_list_that_is_full(ask, schema):
    choose, _ = lots(schema)
    width = (len(codec.tables_of(schema).fragments) + 1).bit_length()
    for name, kind, slot in long_lists(schema):
        value = any_element(kind, choose, depth=1)
        item = any_element(slot.alternatives[0].type, choose, depth=1)
        value = msgspec.structs.replace(value, **{slot.field: (item,) * slot.maximum})
        octets = codec.encode_fragment(schema, value, name)
        shown = infoset.fragment_to_json(schema, name, value)
        code = int.from_bytes(octets[1:3], "big") >> 16 - width
        compare(ask, schema, octets, shown, reader_of_fragments(schema), fragment=code)
