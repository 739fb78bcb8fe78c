"""Any message there is, with any values its fields can hold."""

from hypothesis import strategies as st

from seccstack.homeplug.fields import (
    MESSAGES,
    Always,
    Counted,
    Excerpt,
    Excerpted,
    Listed,
    Octets,
    Unsigned,
)


def value_of(codec):
    match codec:
        case Unsigned(size):
            return st.integers(0, 256**size - 1)
        case Always(value):
            return st.just(value)
        case Octets(size):
            return st.binary(min_size=size, max_size=size)
        case Counted():
            return st.binary(max_size=255)
        case Excerpted():
            return st.builds(Excerpt, st.integers(0, 2**32 - 1), st.binary(max_size=255))
        case Listed(record):
            return st.lists(any_record(record), max_size=2).map(tuple)


def any_record(cls):
    fields = {name: value_of(codec) for name, codec in cls.layout.items()}
    return st.builds(cls, **fields)


def any_message(classes=None):
    declared = sorted(MESSAGES.values(), key=lambda cls: cls.mmtype)
    return st.sampled_from(list(classes or declared)).flatmap(any_record)
