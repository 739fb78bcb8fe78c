"""What the page makes of parts: JSON, and what lies where."""

from seccstack.report.parts import ATTRIBUTED, MANY


def json_of(parts):
    """The JSON of a tree, as the page's script folds it."""
    return {parts[0].name: _fold(parts, 0)[0]}


def _fold(parts, at):
    part, following = parts[at], at + 1
    made = {}
    while following < len(parts) and parts[following].depth > part.depth:
        inner = parts[following]
        value, following = _fold(parts, following)
        if inner.flags & MANY:
            made.setdefault(inner.name, []).append(value)
        else:
            made[inner.name] = value
    if part.form is None:
        return made, following
    if part.flags & ATTRIBUTED:
        return {**made, "value": part.value}, following
    return part.value, following


def named(parts, name):
    """The one part of a name."""
    (found,) = [part for part in parts if part.name == name]
    return found


def octets_of(parts, name, octets):
    part = named(parts, name)
    return octets[part.first // 8 : part.end // 8]
