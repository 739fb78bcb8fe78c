"""Write the function that encodes one complex type.

Event codes and short values that follow one another are put together and appended at once.
"""

from __future__ import annotations

from seccstack.exi.values import counted_bits, is_counted, is_signed
from tools.generator.classes import fields_of
from tools.generator.decoding import TABLE
from tools.generator.model import GroupModel, SimpleModel, TypeModel
from tools.generator.names import choice_table, enum_codes, function_name
from tools.generator.source import Source
from tools.generator.steps import (
    Alternative,
    Codes,
    Step,
    Steps,
    integer_of,
    is_large,
    lengths,
)


class _Writing:
    """Bits that will be appended together."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._front = "acc"
        self._parts: list[tuple[int, int | str]] = []

    def put_code(self, number: int) -> None:
        """The event code of an alternative, in the state which ``n`` and ``b`` hold."""
        self.flush()
        self._front = f"acc << n | {number} - b" if number else "acc << n"

    def put(self, bits: int, value: int | str) -> None:
        """Bits with a constant value, or with that of an expression."""
        self._parts.append((bits, value))

    def flush(self, word: str = "acc =") -> None:
        """Write the line that appends what was collected."""
        total = sum(bits for bits, _ in self._parts)
        if not total and self._front == "acc" and word != "return":
            return
        front = self._front
        if total:
            front = f"({front}) << {total}" if front != "acc" else f"acc << {total}"
        terms, constant, left = [front], 0, total
        for bits, value in self._parts:
            left -= bits
            if isinstance(value, int):
                constant |= value << left
            else:
                terms.append(f"{value} << {left}" if left else value)
        if constant:
            terms.append(f"{constant:#x}")
        self._source.line(f"{word} {' | '.join(terms)}")
        self._front, self._parts = "acc", []


class Encoding:
    """The encoder of one type."""

    def __init__(self, steps: Steps, function: str, source: Source) -> None:
        self._steps = steps
        self._source = source
        self._writing = _Writing(source)
        self._function = function

    def write(self) -> None:
        """Write the function."""
        type_ = self._steps.type
        cls = "Any" if type_.transparent else type_.name
        with self._source.block(f"def {self._function}(acc: int, m: {cls}) -> int:"):
            if not type_.transparent:
                self._refuse_if(f"type(m) is not {cls}")
            self._body()

    def _body(self) -> None:
        codes: Codes | None = self._steps.before(0)
        for index, step in enumerate(self._steps.steps):
            if step.many:
                codes = self._repeated(index, step, codes)
            elif len(step.alternatives) > 1:
                codes = self._choice(index, step, codes)
            else:
                codes = self._single(index, step, codes)
        if self._steps.end:
            self._refuse_content()
            self._writing.put(self._steps.end.bits, self._steps.end.base)
        else:
            self._code(self._steps.last, codes)
        self._writing.flush("return")

    def _refuse_content(self) -> None:
        """Mixed content is only encoded here if there is none."""
        content = self._steps.type.content
        assert isinstance(content, GroupModel)  # noqa: S101 - simple content isn't mixed
        for slot in fields_of(content):
            empty = "()" if slot.many else "None"
            compared = (
                f"m.{slot.field} != {empty}" if slot.many else f"m.{slot.field} is not None"
            )
            self._refuse_if(compared)

    def _refuse_if(self, condition: str) -> None:
        self._source.line(f"if {condition}:")
        self._source.line("    raise DeviationError")

    def _code(self, number: int, codes: Codes | None) -> None:
        """Append an event code; where the state isn't known beforehand, n and b hold it."""
        if codes is not None:
            self._writing.put(codes.bits, number - codes.base)
        else:
            self._writing.put_code(number)

    def _state(self, codes: Codes) -> None:
        self._writing.flush()
        self._source.line(f"n, b = {codes.bits}, {codes.base}")

    def _held(self, name: str) -> str:
        return "m" if self._steps.type.transparent else f"m.{name}"

    def _single(self, index: int, step: Step, codes: Codes | None) -> Codes | None:
        other = step.first
        if step.minimum:
            self._code(other.number, codes)
            self._alternative(other, self._held(other.field))
            return self._steps.before(index + 1)
        self._writing.flush()
        if codes is not None:
            self._state(codes)
        local = other.local
        self._source.line(f"{local} = {self._held(other.field)}")
        if step.is_refused:
            self._refuse_if(f"{local} is not None")
            return None
        with self._source.block(f"if {local} is not None:"):
            self._code(other.number, codes)
            self._alternative(other, local)
            self._state(self._steps.before(index + 1))
        return None

    def _choice(self, index: int, step: Step, codes: Codes | None) -> Codes | None:
        self._writing.flush()
        if step.same_field:
            return self._substitution(index, step, codes)
        names = [other.field for other in step.alternatives]
        given = " + ".join(f"(m.{name} is not None)" for name in names)
        self._refuse_if(f"{given} > 1")
        if not step.minimum and codes is not None:
            self._state(codes)
        for other in step.alternatives:
            word = "if" if other is step.first else "elif"
            with self._source.block(f"{word} m.{other.field} is not None:"):
                self._code(other.number, codes)
                self._alternative(other, f"m.{other.field}")
                if not step.minimum:
                    self._state(self._steps.before(index + 1))
                self._writing.flush()
        if not step.minimum:
            return None
        self._source.line("else:")
        self._source.line("    raise DeviationError")
        return self._steps.before(index + 1)

    def _substitution(self, index: int, step: Step, codes: Codes | None) -> Codes | None:
        name = step.first.local
        held = self._held(step.first.field)
        if step.minimum:
            self._member(step, held, codes)
            return self._steps.before(index + 1)
        if codes is not None:
            self._state(codes)
        if held != name:
            self._source.line(f"{name} = {held}")
            held = name
        with self._source.block(f"if {held} is not None:"):
            self._member(step, held, codes)
            self._state(self._steps.before(index + 1))
        return None

    def _member(self, step: Step, held: str, codes: Codes | None) -> None:
        """The element of a substitution group: the class of the value says which."""
        if len(step.alternatives) >= TABLE:
            table = choice_table(self._function, step.first.field)
            self._source.line(f"number, encode = {table}[type({held})]")
            bits, base = ("n", "b") if codes is None else (codes.bits, codes.base)
            code = f"number - {base}" if base else "number"
            self._source.line(f"acc = encode(acc << {bits} | {code}, {held})")
            return
        local = step.first.local
        if held != local:
            self._source.line(f"{local} = {held}")
        word = "if"
        for other in step.alternatives:
            if not isinstance(other.type, TypeModel):
                continue
            with self._source.block(f"{word} type({local}) is {other.type.name}:"):
                self._code(other.number, codes)
                self._alternative(other, local)
                self._writing.flush()
            word = "elif"
        self._source.line("else:")
        self._source.line("    raise DeviationError")

    def _repeated(self, index: int, step: Step, codes: Codes | None) -> Codes | None:
        other, name = step.first, step.first.local
        after = self._steps.before(index + 1)
        most = step.maximum or "MAX_UNBOUNDED"
        self._writing.flush()
        self._source.line(f"{name} = m.{other.field}")
        if step.is_refused:
            self._refuse_if(f"{name} != ()")
            if codes is not None:
                self._state(codes)
            return None
        self._refuse_if(
            f"type({name}) is not tuple or not {step.minimum} <= len({name}) <= {most}"
        )
        if codes is not None:
            self._state(codes)
        if is_large(step):
            self._source.line("parts: list[int] = []")
        items = f"for item in {name}:"
        if step.minimum > 1:
            items = f"for times, item in enumerate({name}, 1):"
        with self._source.block(items):
            if is_large(step):
                with self._source.block("if acc >> BLOCK:"):
                    self._source.line("parts.append(acc)")
                    self._source.line("acc = 1")
            self._code(other.number, None)
            self._alternative(other, "item")
            self._state(self._steps.again(index))
            if step.minimum > 1:
                with self._source.block(f"if times < {step.minimum}:"):
                    self._state(Codes(other.number, 1))
        if is_large(step):
            with self._source.block("if parts:"):
                self._source.line("acc = join([*parts, acc])")
        if step.maximum is not None:
            with self._source.block(f"if len({name}) == {step.maximum}:"):
                self._state(after)
        return None

    def _alternative(self, other: Alternative, held: str) -> None:
        """The value of an attribute, of simple content, or of a child element."""
        kind = other.type
        if isinstance(kind, TypeModel):
            self._writing.flush()
            self._source.line(encode_call(kind, held))
            return
        assert kind is not None  # noqa: S101 - no abstract element stands alone
        if other.is_element:
            self._writing.put(1, 0)
        self._simple(kind, held, other.local)
        if other.is_element:
            self._writing.put(1, 0)

    def _simple(self, kind: SimpleModel, held: str, local: str) -> None:
        match kind.simple.kind:
            case "boolean":
                self._writing.put(1, f"BIT[{held}]")
            case "enumeration":
                assert kind.enum is not None  # noqa: S101 - so it was made
                codes = enum_codes(kind.enum.name)
                self._writing.put(counted_bits(len(kind.simple.values)), f"{codes}[{held}]")
            case "integer":
                self._integer(kind, held, local)
            case other:
                writer = "write_text" if other == "text" else "write_binary"
                low, high = lengths(kind)
                self._writing.flush()
                self._source.line(f"acc = {writer}(acc, {held}, {low}, {high})")

    def _integer(self, kind: SimpleModel, held: str, local: str) -> None:
        bounds = integer_of(kind)
        low, high = bounds.minimum, bounds.maximum
        if held == "item":
            local = "item"
        elif held != local:
            self._source.line(f"{local} = {held}")
        if low is None or high is None:
            self._refuse_if(f"{local}.bit_length() > LARGEST.bit_length()")
        else:
            self._refuse_if(f"not {low} <= {local} <= {high}")
        if is_counted(bounds) and low is not None and high is not None:
            offset = f"{local} {'-' if low > 0 else '+'} {abs(low)}" if low else local
            self._writing.put(counted_bits(high - low + 1), offset)
            return
        if is_signed(bounds):
            self._writing.put(1, f"({local} < 0)")
        self._writing.flush()
        if is_signed(bounds):
            self._source.line(f"if {local} < 0:")
            self._source.line(f"    {local} = ~{local}")
        self._source.line(
            f"acc = acc << 8 | {local} if {local} < 0x80 else write_unsigned(acc, {local})"
        )


def encode_call(kind: TypeModel, held: str) -> str:
    """The statement that encodes a child element."""
    return f"acc = {function_name('encode', kind)}(acc, {held})"
