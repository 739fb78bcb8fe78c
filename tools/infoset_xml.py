"""Our JSON of a message as XML, and back, by nothing but the XML schemas.

For tools that compare us with implementations which speak XML: none of it is shared with what
is compared, but for the reader of the schemas.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from tools.generator.xsd import Complex, ElementDeclaration, Particle, SchemaSet, Simple

Child = tuple[ElementDeclaration, bool]  # the bool: whether it may repeat


def to_xml(schemas: SchemaSet, element: ElementDeclaration, content: Any) -> str:
    """An element as XML text."""
    return ElementTree.tostring(_write(schemas, element, content), encoding="unicode")


def from_xml(schemas: SchemaSet, element: ElementDeclaration, text: str) -> Any:
    """The content of an element from XML text."""
    node = ElementTree.fromstring(text)  # noqa: S314 - of the implementation beside us
    if node.tag != _tag(element.name):
        raise ValueError(f"{node.tag} is not {_tag(element.name)}")
    return _read(schemas, element.type, node)


def root_of(text: str) -> tuple[str, bool]:
    """The name of the element that XML text is, and whether it has more than text."""
    root = ElementTree.fromstring(text)  # noqa: S314 - as above
    return root.tag.rpartition("}")[2], bool(root.attrib or len(root))


def _write(
    schemas: SchemaSet, element: ElementDeclaration, content: Any
) -> ElementTree.Element:
    node = ElementTree.Element(_tag(element.name))
    kind = element.type
    if isinstance(kind, Simple):
        node.text = _text(content)
        return node
    left = dict(content)
    for use in kind.attributes:
        if use.name[1] in left:
            node.set(_tag(use.name), _text(left.pop(use.name[1])))
    if isinstance(kind.content, Simple):
        node.text = _text(left.pop("value"))
    children = _children(schemas, kind)
    for name, value in left.items():
        child, _ = children[name]
        for item in value if isinstance(value, list) else [value]:
            node.append(_write(schemas, child, item))
    return node


def _read(schemas: SchemaSet, kind: Simple | Complex, node: ElementTree.Element) -> Any:
    if isinstance(kind, Simple):
        return _value(kind, node.text or "")
    made: dict[str, Any] = {}
    for use in kind.attributes:
        if (text := node.get(_tag(use.name))) is not None:
            made[use.name[1]] = _value(use.type, text)
    if isinstance(kind.content, Simple):
        made["value"] = _value(kind.content, node.text or "")
    children = _children(schemas, kind)
    for below in node:
        name = below.tag.rpartition("}")[2]
        child, many = children[name]
        if below.tag != _tag(child.name):
            raise ValueError(f"{below.tag} is not {_tag(child.name)}")
        content = _read(schemas, child.type, below)
        if many:
            made.setdefault(name, []).append(content)
        elif name in made:
            raise ValueError(f"more than one {name}")
        else:
            made[name] = content
    return made


def _children(schemas: SchemaSet, kind: Complex) -> dict[str, Child]:
    """What may be in an element, by its name."""
    if not isinstance(kind.content, Particle):
        return {}
    return {child.name[1]: (child, many) for child, many in _below(schemas, kind.content)}


def _below(schemas: SchemaSet, particle: Particle, many: bool = False) -> Iterator[Child]:
    many = many or particle.maximum != 1
    for item in particle.items:
        yield from _below(schemas, item, many)
    if (element := particle.element) is not None:
        is_global = schemas.elements.get(element.name) is element
        for member in schemas.members(element.name) if is_global else [element]:
            yield member, many


def _tag(name: tuple[str, str]) -> str:
    return f"{{{name[0]}}}{name[1]}" if name[0] else name[1]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value(kind: Simple, text: str) -> Any:
    match kind.kind:
        case "integer":
            return int(text)
        case "boolean":
            return text in ("true", "1")
        case "hex":
            return text.upper()
        case "base64":
            return "".join(text.split())
        case _:
            return text
