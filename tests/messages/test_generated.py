"""Each generated function on its own, against the codec that goes by the grammar.

A generated function may refuse anything: the codec by the grammar then decides. It may never
code anything differently.
"""

import inspect
import random
from importlib import import_module
from types import SimpleNamespace

import pytest

from seccstack.errors import MalformedError
from seccstack.exi.decoder import decode_element
from seccstack.exi.encoder import encode_element
from seccstack.exi.fast import BLOCK, WINDOW, Window
from seccstack.exi.limits import MAX_UNBOUNDED
from seccstack.exi.reader import Reader
from seccstack.exi.schema import ComplexType, Element, Group, slots_of
from seccstack.exi.writer import Writer
from seccstack.messages.codec import UNCOMMON
from tests.messages.samples import Lengths, any_element, any_slot
from tools.generator.model import snake
from tools.generator.modules import MODULES

SAMPLES = 30
TURNED = 24  # samples of each type of which every bit of its own is turned over
ROUNDS = 6  # of the samples are not by lot
SPOILED = 15  # samples of each type of which every field is spoiled
LONG = 64  # items from which the codec by the grammar would take too long


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
CLASSES = [sample for sample in ALL if sample.values[0].cls]
of_every_type = pytest.mark.parametrize(("kind", "decode", "encode"), ALL)


def samples(kind):
    """Values of a type: of everything the least, of everything the most, then by lot."""
    yield any_element(kind, lambda options: options[0])
    yield any_element(kind, lambda options: options[-1])
    for number, choose in enumerate(choosers(SAMPLES)):
        yield any_element(kind, choose, depth=number % 2)
    yield from filled(kind, range(LONG))


def choosers(count):
    """Ways to choose: the first ones go round the options, the others are by lot."""
    chance = random.Random(1)  # noqa: S311 - the same in every run
    for number in range(count):
        if number < ROUNDS:
            yield lambda options, number=number: options[number % len(options)]
        else:
            yield chance.choice


def brief(choose):
    """The same, with the shortest strings."""
    return lambda options: options[0] if isinstance(options, Lengths) else choose(options)


def filled(kind, lengths):
    """Values with one list as long as it may be."""
    for slot in lists_of(kind):
        if slot.most in lengths:
            value = any_element(kind, longest, depth=1)
            yield changed(value, slot.field, one_item(slot) * slot.most)


def longest(options):
    """Choose long strings, and else what comes first."""
    return options[-1] if isinstance(options, Lengths) else options[0]


def one_item(slot):
    return (any_element(slot.alternatives[0].type, longest, depth=2),)


def lists_of(kind):
    """The lists of a type, but for those which the generated functions leave alone."""
    if kind.mixed or not isinstance(kind.content, Group):
        return []
    return [slot for slot in slots_of(kind.content) if slot.many and slot.field != "object"]


def changed(value, field, held):
    return type(value)(**{**as_fields(value), field: held})


def as_fields(value):
    return {name: getattr(value, name) for name in value.__struct_fields__}


def grammatically(kind, value):
    """What the codec by the grammar writes."""
    writer = Writer()
    encode_element(writer, Element("value", kind), value)
    return writer.octets()


def encoded(encode, value, front=1):
    bits = encode(front, value)
    width = bits.bit_length() - front.bit_length()
    return as_octets(f"{bits & (1 << width) - 1:0{width}b}" if width else "")


def as_octets(bits):
    bits += "0" * (-len(bits) % 8)
    return bytes(int(bits[start : start + 8], 2) for start in range(0, len(bits), 8))


def as_bits(encode, value):
    return f"{encode(1, value):b}"[1:]


def decoded(decode, octets, window=None):
    bits = int.from_bytes(octets, "big"), 8 * len(octets)
    static = len(inspect.signature(decode).parameters) == 2
    value, *_, left = decode(*bits) if static else decode(*bits, window)
    return value, left


@of_every_type
def test_generated_functions_write_and_read_what_the_grammar_says(kind, decode, encode):
    written = 0
    for value in samples(kind):
        octets = grammatically(kind, value)
        try:
            assert encoded(encode, value) == octets
        except UNCOMMON:
            continue
        written += 1
        assert encoded(encode, value, front=1 << BLOCK) == octets
        found, left = decoded(decode, octets)
        assert (found, left < 8) == (value, True)
        if len(octets) <= WINDOW:
            assert decoded(decode, octets, Window(octets)) == (value, left)
    assert written


class Tracer(Reader):
    """A reader that knows the bits of the element itself, and of its children's values."""

    def __init__(self, octets):
        super().__init__("test", octets)
        self.depth = 0
        self.own = set()

    def enter(self, name):
        self.depth += 1
        super().enter(name)

    def leave(self):
        self.depth -= 1
        super().leave()

    def read(self, count):
        start = self.bits.position
        value = super().read(count)
        if self.depth <= 2 and count <= 64:  # more is a binary: any bits are legal
            self.own.update(range(start, start + count))
        return value


@of_every_type
def test_wrong_bits_are_read_as_the_grammar_says_or_refused(kind, decode, encode):
    for choose in choosers(TURNED):
        octets = grammatically(kind, any_element(kind, brief(choose), depth=1))
        tracer = Tracer(octets)
        decode_element(tracer, Element("value", kind))
        for bit in tracer.own:
            compare(kind, decode, turned(octets, bit))


def turned(octets, bit):
    size = 8 * len(octets)
    return (int.from_bytes(octets, "big") ^ 1 << size - 1 - bit).to_bytes(size // 8, "big")


def compare(kind, decode, octets):
    try:
        found, left = decoded(decode, octets)
    except UNCOMMON:
        return
    reader = Reader("test", octets)
    assert decode_element(reader, Element("value", kind)) == found
    assert (reader.findings, reader.bits.left) == ([], left)


def spoiled(kind, value):
    """Values that differ from a legal one in one field, in ways that are mostly illegal."""
    for field in value.__struct_fields__:
        for other in (None, -1, 1 << 300, 1.5, "", "\0", "x" * 20000, b"x" * 20000, ()):
            yield changed(value, field, other)
    if isinstance(kind.content, Group):
        for slot in slots_of(kind.content):
            for field, held in any_slot(slot, lambda options: options[-1], 1).items():
                yield changed(value, field, held)
    for slot in lists_of(kind):
        yield changed(value, slot.field, one_item(slot) * (slot.most + 1))
        yield changed(value, slot.field, (-1,) * slot.most)
    yield SimpleNamespace(**as_fields(value))  # looks the same, but is of another class


@pytest.mark.parametrize(("kind", "decode", "encode"), CLASSES)
def test_nothing_illegal_is_encoded(kind, decode, encode):
    for choose in choosers(SPOILED):
        legal = any_element(kind, choose, depth=1)
        for value in spoiled(kind, legal):
            try:
                octets = encoded(encode, value)
            except UNCOMMON:
                continue
            assert octets == grammatically(kind, value)


LISTS = [sample for sample in ALL if lists_of(sample.values[0])]
of_every_list = pytest.mark.parametrize(("kind", "decode", "encode"), LISTS)


@of_every_list
def test_a_long_list_is_read_as_it_was_written(kind, decode, encode):
    for value in filled(kind, range(LONG, 4096)):
        octets = encoded(encode, value)
        rest = Window(octets) if len(octets) > WINDOW else None
        assert decoded(decode, octets[:WINDOW], rest)[0] == value


@of_every_list
def test_a_list_without_bound_may_not_be_longer_than_ours(kind, decode, encode):
    for slot in lists_of(kind):
        if slot.maximum is not None:
            continue
        item = one_item(slot)
        legal = any_element(kind, lambda options: options[0])
        two, three = (as_bits(encode, changed(legal, slot.field, item * n)) for n in (2, 3))
        same = next(
            i for i, (one, other) in enumerate(zip(two, three, strict=False)) if one != other
        )
        more = three[same - (len(three) - len(two)) : same] * (MAX_UNBOUNDED - 1)
        octets = as_octets(two[:same] + more + two[same:])
        with pytest.raises(UNCOMMON):
            decoded(decode, octets)
        with pytest.raises(MalformedError, match=f"more than {MAX_UNBOUNDED} of"):
            decode_element(Reader("test", octets), Element("value", kind))
