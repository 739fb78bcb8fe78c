"""Write the function that decodes one complex type.

Bits whose place is known beforehand are read together: `_Reading` collects them, and one shift,
one mask and one comparison serve all event codes and short values up to the next branch.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.exi.values import counted_bits, is_counted, is_signed
from tools.generator.model import SimpleModel, TypeModel
from tools.generator.names import choice_table, enum_table, function_name
from tools.generator.source import Source
from tools.generator.steps import (
    Alternative,
    Codes,
    Step,
    Steps,
    integer_of,
    is_large,
    is_static,
    lengths,
)

WIDEST = 60  # bits read at once: two digits of a Python integer
TABLE = 5  # alternatives from which a table is used instead of a chain of comparisons


@dataclass
class _Reading:
    """Bits that will be read together."""

    source: Source
    bits: int = 0
    constants: list[tuple[int, int, int]] = field(default_factory=list)  # end, bits, value
    fields: list[tuple[int, int, str]] = field(default_factory=list)  # end, bits, template
    checks: list[str] = field(default_factory=list)  # conditions that must not hold

    def constant(self, bits: int, value: int) -> None:
        """Bits that can only have one value."""
        self._make_room(bits)
        self.bits += bits
        self.constants.append((self.bits, bits, value))

    def take(self, bits: int, template: str, check: str = "") -> None:
        """Bits that become a value; the template has {} for the unsigned integer."""
        self._make_room(bits)
        self.bits += bits
        self.fields.append((self.bits, bits, template))
        self.checks += [check] if check else []

    def _make_room(self, bits: int) -> None:
        if self.bits + bits > WIDEST:
            self.flush()

    def flush(self) -> None:
        """Write the lines that read what was collected."""
        if not self.bits:
            return
        line = self.source.line
        mask = sum(((1 << bits) - 1) << (self.bits - end) for end, bits, _ in self.constants)
        value = sum(value << (self.bits - end) for end, _, value in self.constants)
        line(f"p -= {self.bits}")
        read = f"w >> p & {(1 << self.bits) - 1:#x}"
        if len(self.fields) == 1 and not self.constants:
            line(_fill(self.fields[0][2], read))
        elif self.fields:
            line(f"x = {read}")
        if self.constants:
            masked = f"x & {mask:#x}" if self.fields else f"w >> p & {mask:#x}"
            compared = f"{masked} != {value:#x}" if value else masked
            line(f"if {compared}:")
            line("    raise DeviationError")
        if len(self.fields) > 1 or self.constants:
            for end, bits, template in self.fields:
                shift = self.bits - end
                shifted = f"x >> {shift}" if shift else "x"
                masked = f"{shifted} & {(1 << bits) - 1:#x}" if end > bits else shifted
                line(_fill(template, masked))
        for check in self.checks:
            line(f"if {check}:")
            line("    raise DeviationError")
        self.bits = 0
        self.constants, self.fields, self.checks = [], [], []


def _fill(template: str, expression: str) -> str:
    whole = template.endswith(("= {}", "{} == 1")) or expression == "x"
    return template.format(expression if whole else f"({expression})")


class Decoding:
    """The decoder of one type."""

    def __init__(self, steps: Steps, function: str, source: Source) -> None:
        self._steps = steps
        self._source = source
        self._reading = _Reading(source)
        self._function = function
        self._static = is_static(steps.type)

    def write(self) -> None:
        """Write the function."""
        type_ = self._steps.type
        cls = "Any" if type_.transparent else type_.name
        arguments = "w: int, p: int" if self._static else "w: int, p: int, r: Window | None"
        result = f"tuple[{cls}, int]" if self._static else f"tuple[{cls}, int, int]"
        with self._source.block(f"def {self._function}({arguments}) -> {result}:"):
            self._body()

    def _body(self) -> None:
        pending = False
        for index, step in enumerate(self._steps.steps):
            self._defaults(step)
            if step.many:
                pending = self._repeated(index, step, pending)
            elif len(step.alternatives) > 1:
                pending = self._choice(index, step, pending)
            else:
                pending = self._single(index, step, pending)
        self._end(pending)

    def _end(self, pending: bool) -> None:
        steps = self._steps
        if steps.end:
            self._reading.constant(steps.end.bits, steps.end.base)
        elif pending:
            self._expect(steps.last)
        else:
            self._reading.constant(1, 0)
        self._reading.flush()
        held = {
            other.field: f"tuple({other.local})" if step.many else other.local
            for step in steps.steps
            for other in step.alternatives
        }
        if steps.type.transparent:
            made = next(iter(held.values()))
        else:
            values = [f"{field}={local}" for field, local in held.items()]
            made = f"{steps.type.name}({', '.join(values)})"
        self._source.line(f"return {made}, p" if self._static else f"return {made}, w, p")

    def _defaults(self, step: Step) -> None:
        names = list(dict.fromkeys(other.local for other in step.alternatives))
        if step.same_field and len(step.alternatives) < TABLE:
            self._source.line(f"{names[0]}: Any" + ("" if step.minimum else " = None"))
            return
        if step.many or (step.minimum and len(names) == 1):
            return
        for name in names:
            self._source.line(f"{name} = None")

    def _code(self, codes: Codes) -> None:
        """Read an event code; ``code`` is then the number of an alternative."""
        self._reading.take(codes.bits, "code = {}" + (f" + {codes.base}" if codes.base else ""))
        self._reading.flush()

    def _expect(self, number: int) -> None:
        self._source.line(f"if code != {number}:")
        self._source.line("    raise DeviationError")

    def _single(self, index: int, step: Step, pending: bool) -> bool:
        other = step.first
        if step.minimum:
            if pending:
                self._expect(other.number)
            else:
                self._reading.constant(1, 0)
            self._alternative(other, other.local)
            return False
        if not pending:
            self._code(self._steps.before(index))
        if step.is_refused:
            return True
        with self._source.block(f"if code == {other.number}:"):
            self._alternative(other, other.local)
            self._code(self._steps.before(index + 1))
        return True

    def _choice(self, index: int, step: Step, pending: bool) -> bool:
        if not pending:
            self._code(self._steps.before(index))
        first, last = step.first.number, step.alternatives[-1].number
        if len(step.alternatives) >= TABLE and step.same_field:
            name = step.first.local
            table = choice_table(self._function, name)
            with self._source.block(f"if {first} <= code <= {last}:"):
                offset = f"code - {first}" if first else "code"
                self._source.line(f"{name}, w, p = {table}[{offset}](w, p, r)")
                if not step.minimum:
                    self._code(self._steps.before(index + 1))
        else:
            word = "if"
            for other in step.alternatives:
                if other.type is None:
                    continue
                with self._source.block(f"{word} code == {other.number}:"):
                    word = "elif"
                    self._alternative(other, other.local)
                    if not step.minimum:
                        self._code(self._steps.before(index + 1))
                    self._reading.flush()
        if step.minimum:
            self._source.line("else:")
            self._source.line("    raise DeviationError")
        return not step.minimum

    def _repeated(self, index: int, step: Step, pending: bool) -> bool:
        other, name = step.first, step.first.local
        if step.minimum:
            if pending:
                self._expect(other.number)
            else:
                self._reading.constant(1, 0)
                self._reading.flush()
                self._source.line(f"code = {other.number}")
        elif not pending:
            self._code(self._steps.before(index))
        self._source.line(f"{name}: list[Any] = []")
        if step.is_refused:
            return True
        with self._source.block(f"while code == {other.number}:"):
            if is_large(step):
                self._source.line("if r is not None and p < MARGIN:")
                self._source.line("    w, p = r.more(w, p, MARGIN)")
            self._alternative(other, "item")
            self._reading.flush()
            self._source.line(f"{name}.append(item)")
            self._next_item(index, step)
        return True

    def _next_item(self, index: int, step: Step) -> None:
        name = step.first.local
        again, after = self._steps.again(index), self._steps.before(index + 1)
        word = "if"
        if step.minimum > 1:
            with self._source.block(f"if len({name}) < {step.minimum}:"):
                self._code(Codes(step.first.number, 1))
                self._expect(step.first.number)
            word = "elif"
        if step.maximum is None:
            self._source.line(f"if len({name}) > MAX_UNBOUNDED:")
            self._source.line("    raise DeviationError")
            self._code(again)
            return
        with self._source.block(f"{word} len({name}) < {step.maximum}:"):
            self._code(again)
        with self._source.block("else:"):
            self._code(after)

    def _alternative(self, other: Alternative, target: str) -> None:
        """The value of an attribute, of simple content, or of a child element."""
        kind = other.type
        if isinstance(kind, TypeModel):
            self._reading.flush()
            self._source.line(decode_call(kind, target))
        elif kind is not None:  # an abstract element has no alternative to write
            if other.is_element:
                self._reading.constant(1, 0)
            self._simple(kind, target)
            if other.is_element:
                self._reading.constant(1, 0)

    def _simple(self, kind: SimpleModel, target: str) -> None:
        match kind.simple.kind:
            case "boolean":
                self._reading.take(1, f"{target} = {{}} == 1")
            case "enumeration":
                assert kind.enum is not None  # noqa: S101 - so it was made
                table = enum_table(kind.enum.name)
                self._reading.take(
                    counted_bits(len(kind.simple.values)), f"{target} = {table}[{{}}]"
                )
            case "integer":
                self._integer(kind, target)
            case other:
                reader = "read_text" if other == "text" else "read_binary"
                low, high = lengths(kind)
                self._reading.flush()
                self._source.line(f"{target}, w, p = {reader}(w, p, r, {low}, {high})")

    def _integer(self, kind: SimpleModel, target: str) -> None:
        bounds = integer_of(kind)
        low, high = bounds.minimum, bounds.maximum
        if is_counted(bounds) and low is not None and high is not None:
            bits = counted_bits(high - low + 1)
            offset = f" {'+' if low > 0 else '-'} {abs(low)}" if low else ""
            check = f"{target} > {high}" if high - low + 1 < 1 << bits else ""
            self._reading.take(bits, f"{target} = {{}}{offset}", check)
            return
        if is_signed(bounds):
            self._reading.take(1, "negative = {}")
        self._reading.take(8, f"{target} = {{}}")
        self._reading.flush()
        most = "LARGEST" if high is None else high
        self._source.line(f"if {target} > 0x7f:")
        self._source.line(f"    {target}, p = read_unsigned(w, p, {target}, {most})")
        if is_signed(bounds):
            self._source.line("if negative:")
            self._source.line(f"    {target} = ~{target}")
        elif low:
            self._source.line(f"if {target} < {low}:")
            self._source.line("    raise DeviationError")


def decode_call(kind: TypeModel, target: str) -> str:
    """The statement that decodes a child element."""
    name = function_name("decode", kind)
    if is_static(kind):
        return f"{target}, p = {name}(w, p)"
    return f"{target}, w, p = {name}(w, p, r)"
