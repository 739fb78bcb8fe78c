"""What the fuzzer checks of any input: of what it found once, and of input made here."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.errors import MalformedError
from seccstack.messages import codec
from seccstack.messages.codec import Schema
from tools.fuzz_exi import (
    FRAGMENT,
    KEPT,
    SCHEMAS,
    BrokenPromiseError,
    check,
    promise,
    write_seeds,
)

first_octets = st.integers(0, len(SCHEMAS) - 1).flatmap(
    lambda number: st.sampled_from([number, number | FRAGMENT])
)

PLACE = st.integers(0, 65535)  # of whatever there is, by its remainder


@pytest.fixture(scope="module")
def seeds(tmp_path_factory) -> list[bytes]:
    folder = tmp_path_factory.mktemp("seeds")
    write_seeds(folder)
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@pytest.mark.parametrize("path", sorted(KEPT.iterdir()), ids=lambda path: path.name)
def test_what_was_found_once_stays_mended(path: Path):
    check(path.read_bytes())


def test_the_seeds_are_of_every_schema(seeds):
    firsts = {seed[0] for seed in seeds}
    fragments = {number | FRAGMENT for number in range(len(SCHEMAS))}
    assert firsts == fragments | set(range(len(SCHEMAS) - 1))  # xmldsig has no messages


@settings(max_examples=300, deadline=None)
@given(
    seed=PLACE,
    changes=st.lists(st.tuples(PLACE, st.integers(0, 255)), max_size=4),
    cut=st.none() | PLACE,
)
def test_a_message_with_some_octets_changed_breaks_no_promise(seeds, seed, changes, cut):
    octets = bytearray(seeds[seed % len(seeds)])
    for place, octet in changes:
        octets[1 + place % (len(octets) - 1)] = octet
    check(bytes(octets if cut is None else octets[: 1 + cut % len(octets)]))


@settings(max_examples=300, deadline=None)
@given(first=first_octets, octets=st.binary(max_size=300))
def test_any_octets_behind_a_header_break_no_promise(first, octets):
    check(bytes([first, 0x80]) + octets)


def test_an_emaid_longer_than_its_type_is_malformed():
    octets = (KEPT / "emaid-too-long").read_bytes()[1:]
    with pytest.raises(MalformedError, match="16 characters where at most 15"):
        codec.decode_fragment(Schema.ISO2, octets)


def test_a_broken_promise_is_raised():
    with pytest.raises(BrokenPromiseError, match="so"):
        promise(False, "so")
