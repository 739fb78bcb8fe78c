"""A complex type as the steps of a function: what comes after what, and its event codes.

Every alternative of every step has one number, in the order of the grammar. The alternatives
that a state allows are then a range of numbers: from the step after the last one, up to the
first step that can't be left out. An event code is the distance from the start of that range.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from seccstack.exi.limits import MAX_LENGTH
from seccstack.exi.schema import Integer
from seccstack.exi.values import (
    counted_bits,
    integer_octets,
    is_counted,
)
from tools.generator.model import (
    AttributeModel,
    GroupModel,
    SimpleModel,
    SlotModel,
    TypeModel,
    WildcardModel,
)

EVENTS = 8  # bits at most of the event codes around a value
TAKEN = {"type", "object"}  # names that mean something else in a function
LARGE = 600  # bits: a list that may be longer is read and written in parts


@dataclass(eq=False)
class Alternative:
    """One thing that may come. ``type`` is None if it isn't dealt with: an abstract element, or
    one whose content is no plain sequence."""

    number: int
    field: str
    type: SimpleModel | TypeModel | None
    is_element: bool

    @property
    def local(self) -> str:
        """The field as the name of a local variable."""
        return f"{self.field}_" if self.field in TAKEN else self.field


@dataclass(eq=False)
class Step:
    """An attribute, an element or one of several elements, and how often it may come."""

    alternatives: list[Alternative]
    minimum: int
    maximum: int | None
    many: bool
    same_field: bool  # a substitution group; otherwise a choice between fields

    @property
    def is_refused(self) -> bool:
        """Whether nothing that may come here is dealt with."""
        return all(other.type is None for other in self.alternatives)

    @property
    def first(self) -> Alternative:
        """The first alternative: the only one of most steps."""
        return self.alternatives[0]


@dataclass(frozen=True)
class Codes:
    """The event codes of a state: the first number that it allows, and how wide a code is."""

    base: int
    bits: int


@dataclass(eq=False)
class Steps:
    """A type that can be coded step by step; ``end`` is the code of its end if content may come
    that isn't dealt with here (foreign elements, text between elements)."""

    type: TypeModel
    steps: list[Step] = field(default_factory=list)
    end: Codes | None = None

    @cached_property
    def last(self) -> int:
        """The number of the end of the element."""
        return sum(len(step.alternatives) for step in self.steps)

    def before(self, index: int) -> Codes:
        """The state in which the step with this index is next."""
        return Codes(self._base(index), self._count(index).bit_length())

    def again(self, index: int) -> Codes:
        """The state after a repeated step that may come once more."""
        count = len(self.steps[index].alternatives) + self._count(index + 1)
        return Codes(self._base(index), count.bit_length())

    def _base(self, index: int) -> int:
        return sum(len(step.alternatives) for step in self.steps[:index])

    def _count(self, index: int) -> int:
        count = 0
        for step in self.steps[index:]:
            count += len(step.alternatives)
            if step.minimum:
                return count
        return count + 1


def steps_of(type_: TypeModel) -> Steps | None:
    """The steps of a type, or None if its content is not a plain sequence."""
    made = Steps(type_)
    for use in type_.attributes:
        _append(made, [(use.field, use.type)], int(use.required), 1, False, False, False)
    content = type_.content
    if isinstance(content, SimpleModel):
        _append(made, [("value", content)], 1, 1, False, False, False)
    elif isinstance(content, GroupModel):
        if type_.mixed:
            return _mixed(made, type_.attributes, content)
        if (content.minimum, content.maximum) != (1, 1) or content.kind != "sequence":
            if content.kind == "sequence" or content.maximum != 1 or not content.minimum:
                return None
            content = GroupModel("sequence", [content])
        for item in content.items:
            if not _element_step(made, item):
                return None
    needed = [step for step in made.steps if step.minimum]
    return None if any(step.is_refused for step in needed) else made


def _mixed(made: Steps, attributes: list[AttributeModel], content: GroupModel) -> Steps | None:
    """Mixed content is dealt with if it may be empty, and then only as empty."""
    optional = content.minimum == 0 or all(
        not isinstance(item, GroupModel) and item.minimum == 0 for item in content.items
    )
    if not optional or not all(use.required for use in attributes):
        return None
    elements = sum(isinstance(item, SlotModel) for item in content.items)
    wildcards = any(isinstance(item, WildcardModel) for item in content.items)
    end = elements + wildcards
    made.end = Codes(end, (end + 2).bit_length())
    return made


def _element_step(made: Steps, item: SlotModel | WildcardModel | GroupModel) -> bool:
    if isinstance(item, WildcardModel):
        return False
    if isinstance(item, SlotModel):
        pairs = [(item.field, _dealt_with(kind)) for _, kind in item.alternatives]
        if len(pairs) > 1 and item.maximum != 1:
            return False
        _append(
            made, pairs, item.minimum, item.maximum, item.maximum != 1, len(pairs) > 1, True
        )
        return True
    pairs = []
    for slot in item.items:
        if not isinstance(slot, SlotModel) or len(slot.alternatives) > 1:
            return False
        if (slot.minimum, slot.maximum) != (1, 1):
            return False
        pairs.append((slot.field, slot.alternatives[0][1]))
    if item.kind != "choice" or item.maximum != 1:
        return False
    _append(made, pairs, item.minimum, 1, False, False, True)
    return True


def _append(
    made: Steps,
    pairs: list[tuple[str, SimpleModel | TypeModel | None]],
    minimum: int,
    maximum: int | None,
    many: bool,
    same_field: bool,
    is_element: bool,
) -> None:
    number = sum(len(step.alternatives) for step in made.steps)
    alternatives = [
        Alternative(number + index, name, kind, is_element)
        for index, (name, kind) in enumerate(pairs)
    ]
    made.steps.append(Step(alternatives, minimum, maximum, many, same_field))


def _dealt_with(
    kind: SimpleModel | TypeModel | None,
) -> SimpleModel | TypeModel | None:
    return None if isinstance(kind, TypeModel) and steps_of(kind) is None else kind


def integer_of(kind: SimpleModel) -> Integer:
    """The bounds of an integer type."""
    return Integer(kind.simple.minimum, kind.simple.maximum)


def lengths(kind: SimpleModel) -> tuple[int, int]:
    """The shortest and the longest value of a string or binary type."""
    longest = kind.simple.maximum
    return kind.simple.minimum or 0, MAX_LENGTH if longest is None else longest


def bits_needed(kind: SimpleModel | TypeModel | None) -> int:
    """The most bits a value takes, its strings, binaries and large lists left out."""
    return _longest_run(kind, 0)[0]


def longest_run(kind: TypeModel) -> int:
    """The most bits a decoder reads without looking after its window."""
    return _longest_run(kind, 0)[1]


def _longest_run(kind: SimpleModel | TypeModel | None, run: int) -> tuple[int, int]:
    """The bits read since the last look, once a value is read; and the most on the way."""
    if kind is None:
        return run, run
    if isinstance(kind, SimpleModel):
        run += _simple_bits(kind)
        return (run, run) if _is_static_value(kind) else (0, run)
    steps = steps_of(kind)
    most = run
    for step in [] if steps is None else steps.steps:
        for _ in range(1 if is_large(step) else step.maximum or 1):
            start = 0 if is_large(step) else run
            runs = [_longest_run(other.type, start + EVENTS) for other in step.alternatives]
            run = max(run if not step.minimum else 0, *(end for end, _ in runs))
            most = max(most, *(longest for _, longest in runs))
    return run + EVENTS, max(most, run + EVENTS)


def _simple_bits(kind: SimpleModel) -> int:
    match kind.simple.kind:
        case "boolean":
            return 1
        case "enumeration":
            return counted_bits(len(kind.simple.values))
        case "integer":
            bounds = integer_of(kind)
            return 16 if is_counted(bounds) else 1 + 8 * integer_octets(bounds)
        case _:
            return 8 * integer_octets(Integer(0, MAX_LENGTH))


def is_large(step: Step) -> bool:
    """Whether a list may become so long that it has to be coded in parts."""
    if not step.many:
        return False
    return step.maximum is None or step.maximum * bits_needed(step.first.type) > LARGE


def is_static(kind: TypeModel) -> bool:
    """Whether a value's decoder never moves the window: no strings, binaries or large lists."""
    steps = steps_of(kind)
    return steps is not None and all(
        not is_large(step) and all(_is_static_value(other.type) for other in step.alternatives)
        for step in steps.steps
    )


def _is_static_value(kind: SimpleModel | TypeModel | None) -> bool:
    if isinstance(kind, SimpleModel):
        return kind.simple.kind not in ("text", "base64", "hex")
    return kind is None or is_static(kind)
