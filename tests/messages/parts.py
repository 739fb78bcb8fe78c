"""What messages of a schema consist of, to tell whether a lot of them had all of it.

A part is what can be different about a type: that an attribute or an element is there or is
not, which of the alternatives it is, that a list is full, and each value of an enumeration.
"""

from seccstack.exi.encoder import fits
from seccstack.exi.schema import ComplexType, Enumeration, Group, Slot
from seccstack.messages import codec

LONGEST_BY_LOT = 24  # items of a list which is made full by lot


def slots_in(kind):
    """Each slot of a type, once, and whether it may be empty."""
    found = {}
    for slot, optional in _below(kind.content, False):
        found.setdefault(slot.field, (slot, optional))
    return found.values()


def _below(particle, optional):
    if isinstance(particle, Slot):
        yield particle, optional or not particle.minimum
    elif isinstance(particle, Group):
        optional = optional or not particle.minimum or particle.kind == "choice"
        for item in particle.items:
            yield from _below(item, optional)


def possible_parts(schema):
    """All parts that messages of a schema can have."""
    found, done = set(), set()
    for element in codec.tables_of(schema).documents.values():
        _possible(element.type, found, done)
    return found


def _possible(kind, found, done):
    if isinstance(kind, Enumeration):
        found |= {(kind.members.__name__, member.value) for member in kind.members}
    if not isinstance(kind, ComplexType) or kind in done:
        return
    done.add(kind)
    for attribute in kind.attributes:
        found |= {(_name(kind), attribute.name, there) for there in (attribute.required, True)}
        _possible(attribute.type, found, done)
    for slot, optional in slots_in(kind):
        if optional and _can_be_filled(slot):
            found.add((_name(kind), slot.field, "empty"))
        if _is_full_by_lot(slot):
            found.add((_name(kind), slot.field, "full"))
        for element in slot.alternatives:
            if element.type is not None:
                found.add((_name(kind), slot.field, element.name))
                _possible(element.type, found, done)


def note_parts(kind, value, found):
    """Add the parts that a message has."""
    if isinstance(kind, Enumeration):
        found.add((kind.members.__name__, value.value))
    if not isinstance(kind, ComplexType):
        return
    for attribute in kind.attributes:
        held = getattr(value, attribute.field)
        found.add((_name(kind), attribute.name, held is not None))
        if held is not None:
            note_parts(attribute.type, held, found)
    for slot, _ in slots_in(kind):
        held = value if kind.cls is None else getattr(value, slot.field)
        items = held if slot.many else [held] * (held is not None)
        if not items and not _is_body(slot):
            found.add((_name(kind), slot.field, "empty"))
        if _is_full_by_lot(slot) and len(items) == slot.most:
            found.add((_name(kind), slot.field, "full"))
        for item in items or [None] * _is_body(slot):
            for element in slot.alternatives:
                if _is_body(slot) or fits(element.type, item):
                    found.add((_name(kind), slot.field, element.name))
                    note_parts(element.type, item, found)
                    break


def _name(kind):
    return kind.cls.__name__ if kind.cls else "Body"


def _is_body(slot):
    """Whether the slot holds what has no class of its own: its only member stands for it."""
    kind = slot.alternatives[0].type
    return isinstance(kind, ComplexType) and kind.cls is None


def _can_be_filled(slot):
    return any(element.type is not None for element in slot.alternatives)


def _is_full_by_lot(slot):
    return slot.many and 1 < slot.most <= LONGEST_BY_LOT
