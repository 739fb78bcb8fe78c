"""Each generated function on its own, against the codec that goes by the grammar.

A generated function may refuse anything: the codec by the grammar then decides. It may never
code anything differently.
"""

import inspect
import random
from importlib import import_module

import pytest

from seccstack.errors import MalformedError, UsageError
from seccstack.exi.decoder import decode_element
from seccstack.exi.encoder import encode_element
from seccstack.exi.fast import MARGIN, WINDOW, Window
from seccstack.exi.limits import MAX_UNBOUNDED
from seccstack.exi.reader import Reader
from seccstack.exi.schema import ComplexType, Element, Group, slots_of
from seccstack.exi.writer import Writer
from seccstack.messages.codec import UNCOMMON
from tests.messages.samples import any_element, any_slot
from tools.generator.model import MODULES, snake

SAMPLES = 40
FLIPPED = 2  # samples of each type whose bits are turned over, one by one
BITS = 300  # of them
IRREGULAR = {"ds_a_key_value", "dsa_key_value", "key_value", "x509_data", "pgp_data"}
IRREGULAR |= {"spki_data", "key_info", "object", "manifest", "signature_property"}


def typed(module):
    """The complex types of a module, with the functions for each."""
    tables = import_module(f"seccstack.messages.generated.{module}_tables")
    codec = import_module(f"seccstack.messages.generated.{module}_codec")
    for name, kind in vars(tables).items():
        if isinstance(kind, ComplexType) and hasattr(codec, f"decode_{snake(name)}"):
            decode = getattr(codec, f"decode_{snake(name)}")
            yield name, kind, decode, getattr(codec, f"encode_{snake(name)}")


ALL = [
    pytest.param(kind, decode, encode, id=f"{module.name}-{name}")
    for module in MODULES
    for name, kind, decode, encode in typed(module.name)
]
of_every_type = pytest.mark.parametrize(("kind", "decode", "encode"), ALL)


def samples(kind, count=SAMPLES):
    """Values of a type: of everything the least, of everything the most, then by lot."""
    yield any_element(kind, lambda options: options[0])
    yield any_element(kind, lambda options: options[-1])
    chance = random.Random(1)
    for number in range(count):
        yield any_element(kind, chance.choice, depth=number % 2)


def grammatically(kind, value):
    """What the codec by the grammar writes: octets and the number of bits."""
    writer = Writer()
    encode_element(writer, Element("value", kind), value)
    return writer.octets()


def decoded(decode, octets, window=None):
    bits = int.from_bytes(octets, "big"), 8 * len(octets)
    static = len(inspect.signature(decode).parameters) == 2
    value, *_, left = decode(*bits) if static else decode(*bits, window)
    return value, left


def encoded(encode, value):
    bits = encode(1, value)
    length = bits.bit_length() - 1
    padding = -length % 8
    return (bits << padding ^ 1 << length + padding).to_bytes((length + padding) // 8, "big")


@of_every_type
def test_a_generated_encoder_writes_what_the_grammar_says(kind, decode, encode):
    written = 0
    for value in samples(kind):
        try:
            octets = encoded(encode, value)
        except UNCOMMON:
            continue
        written += 1
        assert octets == grammatically(kind, value)
    assert written


@of_every_type
def test_a_generated_decoder_reads_what_the_grammar_wrote(kind, decode, encode):
    read = 0
    for value in samples(kind):
        octets = grammatically(kind, value)
        try:
            found, left = decoded(decode, octets)
        except UNCOMMON:
            continue
        read += 1
        assert (found, left < 8) == (value, True)
        if len(octets) <= WINDOW:
            assert decoded(decode, octets, Window(octets))[0] == value
    assert read


@of_every_type
def test_a_generated_decoder_reads_wrong_bits_as_the_grammar_does_or_not(kind, decode, encode):
    chance = random.Random(2)
    for _ in range(FLIPPED):
        octets = grammatically(kind, any_element(kind, chance.choice, depth=1))
        whole = int.from_bytes(octets, "big")
        for bit in range(min(8 * len(octets), BITS)):
            wrong = (whole ^ 1 << 8 * len(octets) - 1 - bit).to_bytes(len(octets), "big")
            try:
                found, left = decoded(decode, wrong)
            except UNCOMMON:
                continue
            reader = Reader("test", wrong)
            assert decode_element(reader, Element("value", kind)) == found
            assert (reader.findings, reader.bits.left) == ([], left)


def spoiled(kind, value):
    """Values that differ from a legal one in one field, in ways that are mostly illegal."""
    for field in value.__struct_fields__:
        held = getattr(value, field)
        for other in (None, -1, 1 << 300, 1.5, "", "\0", "x" * 20000, b"x" * 20000, (), (held,) * 4):
            yield type(value)(**{**as_fields(value), field: other})
    if isinstance(kind.content, Group):
        for slot in slots_of(kind.content):
            filled = any_slot(slot, lambda options: options[-1], 1)
            yield type(value)(**{**as_fields(value), **filled})
            if slot.many:
                items = filled[slot.field] or getattr(value, slot.field)
                most = items[:1] * (slot.most + 1)
                yield type(value)(**{**as_fields(value), slot.field: most})


def as_fields(value):
    return {field: getattr(value, field) for field in value.__struct_fields__}


@of_every_type
def test_a_generated_encoder_writes_nothing_that_is_illegal(kind, decode, encode):
    if kind.cls is None:
        pytest.skip("it has no class of its own")
    for legal in samples(kind, 2):
        for value in spoiled(kind, legal):
            try:
                octets = encoded(encode, value)
            except UNCOMMON:
                continue
            assert octets == grammatically(kind, value)
