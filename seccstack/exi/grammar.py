"""Event codes: the grammar which EXI 1.0 derives from a complex type, without strict mode.

A grammar is a set of states. A state lists what may come next; an event is written as its place
in that list, in just enough bits to also say "none of these" (the escape to the second level,
where EXI keeps what the schema doesn't foresee). Within a state the order is: attributes by
name, elements in schema order, any element, the end of the element, character data.

An element that may repeat is counted instead of unrolled: a state that follows it exists in
three forms, for "must repeat", "may repeat" and "full".
"""

from __future__ import annotations

from msgspec import Struct

from seccstack.exi.schema import (
    Attribute,
    ComplexType,
    Element,
    Group,
    Particle,
    Slot,
    Wildcard,
)


class Start(Struct, frozen=True):
    """SE(qname): the element begins; it fills ``slot`` and is the ``place``-th particle."""

    element: Element
    slot: Slot
    place: int


class AnyElement(Struct, frozen=True):
    """SE(*): an element that the schema doesn't name."""


class End(Struct, frozen=True):
    """EE: the end of the element."""


class Characters(Struct, frozen=True):
    """CH: the value of simple content, or text between the elements of mixed content."""


Event = Attribute | Start | AnyElement | End | Characters


class State(Struct, frozen=True):
    """What may come next, in the order of the codes; ``bits`` is the width of a code.

    ``start`` says that the element's start tag is still open (its second level differs).
    """

    events: tuple[Event, ...]
    start: bool

    @property
    def bits(self) -> int:
        """Width of an event code: one code more than there are events, for the escape."""
        return len(self.events).bit_length()

    @property
    def ends(self) -> bool:
        """Whether the element may end here."""
        return any(isinstance(event, End) for event in self.events)

    @property
    def second_level(self) -> tuple[str, ...]:
        """The names of the events behind the escape, in the order of their codes."""
        deviations: tuple[str, ...] = () if self.ends else ("EE",)
        if self.start:
            deviations += ("xsi:type", "xsi:nil", "AT(*)", "AT[untyped]")
        return (*deviations, "SE(*)", "CH[untyped]")


VALUE = State((Characters(),), start=True)
VALUE_END = State((End(),), start=False)


class Grammar:
    """The states of one complex type. A position is (last place filled, how many times)."""

    def __init__(self, complex_type: ComplexType) -> None:
        self._type = complex_type
        self._places: list[Slot | Wildcard] = []
        self._follow: list[list[int]] = []
        content = complex_type.content
        if isinstance(content, Group):
            self._first, self._last, self._empty = self._walk(content)
        self._states: dict[tuple[int, int], State] = {}

    def start(self, attribute: int) -> State:
        """The state of the start tag when only attributes from this index on may follow."""
        key = (~attribute, 0)
        if key not in self._states:
            self._states[key] = self._start_state(attribute)
        return self._states[key]

    def after(self, place: int, times: int) -> State:
        """The state after a particle has been filled so many times in a row."""
        particle = self._places[place]
        form = _form(particle, times)
        if (place, form) not in self._states:
            follow = [] if form == MUST else self._follow[place]
            again = [] if form == FULL else [place]
            ends = form != MUST and place in self._last
            events = self._content(sorted({*again, *follow}), ends)
            self._states[place, form] = State(events, start=False)
        return self._states[place, form]

    def _start_state(self, first: int) -> State:
        events: list[Event] = []
        for attribute in self._type.attributes[first:]:
            events.append(attribute)
            if attribute.required:
                return State(tuple(events), start=True)
        if not isinstance(self._type.content, Group):
            events.append(Characters())
        else:
            events += self._content(self._first, self._empty)
        return State(tuple(events), start=True)

    def _content(self, places: list[int], ends: bool) -> tuple[Event, ...]:
        particles = [(place, self._places[place]) for place in places]
        events: list[Event] = [
            Start(element, slot, place)
            for place, slot in particles
            if isinstance(slot, Slot)
            for element in slot.alternatives
        ]
        if any(isinstance(particle, Wildcard) for _, particle in particles):
            events.append(AnyElement())
        if ends:
            events.append(End())
        if self._type.mixed:
            events.append(Characters())
        return tuple(events)

    def _walk(self, particle: Particle) -> tuple[list[int], list[int], bool]:
        """Number the places below; return the first and last ones, and if it may be empty."""
        if not isinstance(particle, Group):
            place = len(self._places)
            self._places.append(particle)
            self._follow.append([])
            return [place], [place], particle.minimum == 0
        first: list[int] = []
        last: list[int] = []
        empty = particle.kind == "sequence"
        for item in particle.items:
            item_first, item_last, item_empty = self._walk(item)
            if particle.kind == "choice":
                first += item_first
                last += item_last
                empty = empty or item_empty
                continue
            for place in last:
                self._follow[place] += item_first
            first += item_first if empty else []
            last = last + item_last if item_empty else item_last
            empty = empty and item_empty
        if particle.maximum != 1:
            for place in last:
                self._follow[place] += first
        return first, last, empty or particle.minimum == 0


MUST, MAY, FULL = range(3)


def _form(particle: Slot | Wildcard, times: int) -> int:
    """Whether a particle that was filled so many times must, may or can't be filled again."""
    if times < particle.minimum:
        return MUST
    return MAY if particle.maximum is None or times < particle.maximum else FULL
