from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.errors import UsageError
from seccstack.exi.reader import Reader
from seccstack.exi.schema import Binary, Boolean, Enumeration, Integer, Text
from seccstack.exi.writer import Writer
from tests.messages.samples import any_value


class Side(Enum):
    LEFT = "left"
    RIGHT = "right"


kinds = st.one_of(
    st.just(Boolean()),
    st.just(Enumeration(Side)),
    st.tuples(st.integers(-(2**64), 2**64), st.integers(0, 2**65)).map(
        lambda pair: Integer(pair[0], pair[0] + pair[1])
    ),
    st.just(Integer(None, None)),
    st.tuples(st.integers(0, 5), st.integers(5, 300)).map(lambda pair: Text(*pair)),
    st.tuples(st.booleans(), st.integers(0, 5), st.integers(5, 300)).map(
        lambda three: Binary(*three)
    ),
)


@given(kinds, st.data())
def test_a_value_is_read_as_it_was_written(kind, data):
    value = any_value(kind, lambda options: data.draw(st.sampled_from(options)))
    writer = Writer()
    writer.value(kind, value)
    reader = Reader("test", writer.octets())
    assert reader.value(kind) == value
    assert reader.findings == []


def test_an_illegal_value_is_refused_with_its_path():
    writer = Writer()
    writer.enter("A")
    writer.enter("B")
    with pytest.raises(UsageError, match=r"^A/B: is 5, outside 0 to 3$"):
        writer.value(Integer(0, 3), 5)
    writer.leave()
    with pytest.raises(UsageError, match=r"^A: is not a str$"):
        writer.untyped(Text(), 1)


def test_only_a_string_is_written_as_text():
    with pytest.raises(UsageError, match="is not a str"):
        Writer().untyped(Integer(0, 3), 1)
    writer = Writer()
    writer.untyped(Text(), "a")
    assert writer.octets() == b"\x03a"
