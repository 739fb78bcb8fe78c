"""Messages of any schema, made from its tables: `choose` picks each value, each option."""

from hypothesis import strategies as st

from seccstack.exi.schema import (
    Binary,
    Boolean,
    ComplexType,
    Enumeration,
    Group,
    Integer,
    Slot,
    Text,
    slots_of,
)

LONGEST = 70  # of a sampled string or binary
SPECIAL = "a Z0é€\U0001f50c\t~"


def any_value(kind, choose):
    match kind:
        case Boolean():
            return choose([False, True])
        case Enumeration(members):
            return choose(list(members))
        case Integer():
            return choose(integers(kind))
        case Text(minimum, maximum):
            length = choose(lengths(minimum, maximum))
            return "".join(choose(SPECIAL) if i % 7 == 6 else "x" for i in range(length))
        case Binary(_, minimum, maximum):
            length = choose(lengths(minimum, maximum))
            return bytes(range(255, 255 - length, -1))


def integers(kind):
    """The bounds of a type, more than once; and where the width of its coding changes."""
    low = -(1 << 200) if kind.minimum is None else kind.minimum
    high = (1 << 200) if kind.maximum is None else kind.maximum
    edges = {low, high, *(sign * (1 << n) for n in range(0, 64, 7) for sign in (1, -1))}
    near = {edge + step for edge in edges for step in (-1, 0, 1)}
    return [low, high, high, low, *sorted(number for number in near if low <= number <= high)]


class Lengths(list):
    """Lengths to choose from."""


def lengths(minimum, maximum):
    longest = max(minimum, LONGEST if maximum is None else min(maximum, LONGEST))
    return Lengths(sorted({minimum, min(minimum + 1, longest), longest}))


def any_element(kind, choose, depth=0):
    """A value of an element's type; deep inside, lists are short."""
    if not isinstance(kind, ComplexType):
        return any_value(kind, choose)
    fields = {
        attribute.field: any_value(attribute.type, choose)
        for attribute in kind.attributes
        if attribute.required or choose([False, True])
    }
    if isinstance(kind.content, Group):
        fields |= any_content(kind.content, choose, depth)
    else:
        fields["value"] = any_value(kind.content, choose)
    return kind.cls(**fields) if kind.cls else next(iter(fields.values()), None)


def any_content(particle, choose, depth):
    match particle:
        case Slot():
            return any_slot(particle, choose, depth)
        case Group("sequence", items, minimum):
            present = minimum or choose([False, True])
            fields = {}
            for item in items if present else ():
                fields |= any_content(item, choose, depth)
            return fields
        case Group("choice", items, minimum):
            possible = [item for item in items if list(slots_of(item))]
            if not possible or not (minimum or choose([False, True])):
                return {}
            return any_content(choose(possible), choose, depth)
        case _:
            return {}


def any_slot(slot, choose, depth):
    possible = [element.type for element in slot.alternatives if element.type is not None]
    if not slot.many:
        if not possible or not (slot.minimum or choose([False, True])):
            return {}
        return {slot.field: any_element(choose(possible), choose, depth + 1)}
    full = slot.most if slot.most <= 24 and not depth else slot.minimum
    count = min(choose([slot.minimum, full, slot.minimum + 1]), slot.most)
    items = (any_element(choose(possible), choose, depth + 1) for _ in range(count))
    return {slot.field: tuple(items)}


def any_message(tables):
    """A strategy for the messages of a schema."""

    @st.composite
    def strategy(draw):
        def choose(options):
            return draw(st.sampled_from(options))

        return any_element(choose(list(tables.documents.values())).type, choose)

    return strategy()
