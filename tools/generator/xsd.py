"""Read XML schemas, as far as those of ISO 15118 and DIN SPEC 70121 go.

Imports are followed in the folder of the file and then in the folder above it, where the one
copy of ``xmldsig-core-schema.xsd`` lies. The DOCTYPE of that file is read but never fetched.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

XS = "{http://www.w3.org/2001/XMLSchema}"

QName = tuple[str, str]  # namespace, local name

INTEGERS: dict[str, tuple[int | None, int | None]] = {
    "byte": (-(2**7), 2**7 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "short": (-(2**15), 2**15 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "int": (-(2**31), 2**31 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "integer": (None, None),
}
BUILT_IN: dict[str, str] = {
    "boolean": "boolean",
    "string": "text",
    "anyURI": "text",
    "ID": "text",
    "IDREF": "text",
    "base64Binary": "base64",
    "hexBinary": "hex",
    **dict.fromkeys(INTEGERS, "integer"),
}


@dataclass
class Simple:
    """A simple type: the built-in type below it and the facets on the way up."""

    kind: Literal["boolean", "text", "base64", "hex", "integer", "enumeration"]
    built_in: str
    name: QName | None = None
    minimum: int | None = None
    maximum: int | None = None
    values: tuple[tuple[str, str], ...] = ()  # of an enumeration: (value, documentation)


@dataclass
class AttributeUse:
    """An attribute of a complex type."""

    name: QName
    type: Simple
    required: bool


@dataclass
class Particle:
    """A particle: one element, any element, or a group of particles."""

    kind: Literal["element", "any", "sequence", "choice"]
    minimum: int = 1
    maximum: int | None = 1
    element: ElementDeclaration | None = None
    items: list[Particle] = field(default_factory=list)


@dataclass(eq=False)
class Complex:
    """A complex type, what it inherits included."""

    name: QName
    abstract: bool = False
    mixed: bool = False
    attributes: list[AttributeUse] = field(default_factory=list)
    content: Particle | Simple | None = None
    bases: tuple[QName, ...] = ()


@dataclass(eq=False)
class ElementDeclaration:
    """An element: global, or local to the type that holds it."""

    name: QName
    type: Simple | Complex
    abstract: bool = False
    head: QName | None = None


@dataclass
class Document:
    """A schema file and the prefixes that it declares."""

    path: Path
    root: ElementTree.Element
    prefixes: dict[str, str]
    target: str
    qualified_elements: bool
    qualified_attributes: bool


class SchemaSet:
    """A schema file and all that it imports."""

    def __init__(self, main: Path) -> None:
        self.documents: dict[str, Document] = {}
        self.digests: dict[str, str] = {}
        self.elements: dict[QName, ElementDeclaration] = {}
        self.types: dict[QName, Simple | Complex] = {}
        self.every_element: dict[QName, list[Simple | Complex]] = {}
        self.every_attribute: set[QName] = set()
        self._nodes: dict[tuple[str, QName], tuple[Document, ElementTree.Element]] = {}
        self.main = self._load(main)
        for kind, name in list(self._nodes):
            if kind == "element":
                self.element(name)
            else:
                self.type(name)

    def order(self, namespace: str, name: str) -> int:
        """The place of a type among all of the schemas; an anonymous one has its element's."""
        names = [key for _, key in self._nodes]
        return names.index((namespace, name if (namespace, name) in names else name[:-4]))

    def members(self, head: QName) -> list[ElementDeclaration]:
        """The head of a substitution group and its members, in EXI's order."""
        found = {head: self.elements[head]}
        while True:
            more = {
                name: element
                for name, element in self.elements.items()
                if element.head in found and name not in found
            }
            if not more:
                return sorted(found.values(), key=lambda element: element.name[::-1])
            found |= more

    def element(self, name: QName) -> ElementDeclaration:
        """The global element of that name."""
        if name not in self.elements:
            document, node = self._nodes["element", name]
            self.elements[name] = self._element(document, node, top=True)
        return self.elements[name]

    def type(self, name: QName) -> Simple | Complex:
        """The type of that name, a built-in one included."""
        if name[0] == XS[1:-1]:
            low, high = INTEGERS.get(name[1], (None, None))
            kind = BUILT_IN[name[1]]
            return Simple(kind, name[1], None, low, high)  # type: ignore[arg-type]  # of BUILT_IN
        if name not in self.types:
            document, node = self._nodes["type", name]
            make = self._simple if node.tag == XS + "simpleType" else self._complex
            self.types[name] = make(document, node, name)
        return self.types[name]

    def _load(self, path: Path) -> Document:
        octets = path.read_bytes()
        prefixes: dict[str, str] = {}
        parser = ElementTree.iterparse(path, events=("start-ns",))  # noqa: S314 - a file we name
        for _, (prefix, namespace) in parser:
            prefixes[prefix] = namespace
        root: ElementTree.Element = parser.root  # type: ignore[attr-defined]  # once it is at its end
        document = Document(
            path,
            root,
            prefixes,
            root.get("targetNamespace", ""),
            root.get("elementFormDefault") == "qualified",
            root.get("attributeFormDefault") == "qualified",
        )
        self.documents[document.target] = document
        self.digests[path.name] = hashlib.sha256(octets).hexdigest()
        for node in root:
            kind = {"element": "element", "simpleType": "type", "complexType": "type"}
            tag = node.tag.removeprefix(XS) if isinstance(node.tag, str) else ""
            if tag in kind:
                self._nodes[kind[tag], (document.target, node.attrib["name"])] = document, node
            elif tag == "import" and node.attrib["namespace"] not in self.documents:
                self._load(_find(path, node.attrib["schemaLocation"]))
        return document

    def _qname(self, document: Document, text: str) -> QName:
        prefix, _, local = text.rpartition(":")
        return document.prefixes.get(prefix, ""), local

    def _element(
        self, document: Document, node: ElementTree.Element, *, top: bool
    ) -> ElementDeclaration:
        qualified = top or document.qualified_elements
        name = (document.target if qualified else "", node.attrib["name"])
        inner = next((child for child in node if child.tag != XS + "annotation"), None)
        if inner is None:
            type_ = self.type(self._qname(document, node.attrib["type"]))
        elif inner.tag == XS + "simpleType":
            type_ = self._simple(document, inner, None)
        else:
            type_ = self._complex(document, inner, (document.target, name[1] + "Type"))
        head = node.get("substitutionGroup")
        known = self.every_element.setdefault(name, [])
        if type_ not in known:
            known.append(type_)
        return ElementDeclaration(
            name,
            type_,
            node.get("abstract") == "true",
            self._qname(document, head) if head else None,
        )

    def _simple(
        self, document: Document, node: ElementTree.Element, name: QName | None
    ) -> Simple:
        restriction = node[-1]
        base = self.type(self._qname(document, restriction.attrib["base"]))
        assert isinstance(base, Simple)  # noqa: S101 - the schemas are known
        made = Simple(base.kind, base.built_in, name, base.minimum, base.maximum, base.values)
        values: list[tuple[str, str]] = []
        for facet in restriction:
            value = facet.attrib["value"]
            match facet.tag.removeprefix(XS):
                case "enumeration":
                    values.append((value, " ".join("".join(facet.itertext()).split())))
                case "minInclusive" | "minLength":
                    made.minimum = int(value)
                case "maxInclusive" | "maxLength":
                    made.maximum = int(value)
                case "length":
                    made.minimum = made.maximum = int(value)
                case other:
                    raise ValueError(f"{document.path}: facet {other} is not supported")
        if values:
            made.kind, made.values = "enumeration", tuple(values)
        return made

    def _complex(self, document: Document, node: ElementTree.Element, name: QName) -> Complex:
        made = Complex(name, node.get("abstract") == "true", node.get("mixed") == "true")
        body = node
        inner = next(iter(node), None)
        if inner is not None and inner.tag in (XS + "complexContent", XS + "simpleContent"):
            body = inner[0]
            base = self.type(self._qname(document, body.attrib["base"]))
            if isinstance(base, Complex):
                made.content = base.content
                made.attributes = list(base.attributes)
                made.bases = (base.name, *base.bases)
            else:
                made.content = base
        for child in body:
            tag = child.tag.removeprefix(XS) if isinstance(child.tag, str) else ""
            if tag == "attribute":
                made.attributes.append(self._attribute(document, child))
            elif tag in ("sequence", "choice"):
                made.content = _extend(made.content, self._group(document, child))
        made.attributes.sort(key=lambda use: use.name[::-1])
        return made

    def _attribute(self, document: Document, node: ElementTree.Element) -> AttributeUse:
        name = (document.target if document.qualified_attributes else "", node.attrib["name"])
        self.every_attribute.add(name)
        type_ = self.type(self._qname(document, node.attrib["type"]))
        assert isinstance(type_, Simple)  # noqa: S101 - attributes are simple
        return AttributeUse(name, type_, node.get("use") == "required")

    def _group(self, document: Document, node: ElementTree.Element) -> Particle:
        tag = node.tag.removeprefix(XS)
        low, high = node.get("minOccurs", "1"), node.get("maxOccurs", "1")
        made = Particle(
            "any",
            int(low),
            None if high == "unbounded" else int(high),
        )
        match tag:
            case "element" if "ref" in node.attrib:
                made.kind = "element"
                made.element = self.element(self._qname(document, node.attrib["ref"]))
            case "element":
                made.kind = "element"
                made.element = self._element(document, node, top=False)
            case "sequence" | "choice":
                made.kind = "sequence" if tag == "sequence" else "choice"
                made.items = [
                    self._group(document, child)
                    for child in node
                    if isinstance(child.tag, str) and child.tag != XS + "annotation"
                ]
            case _:  # "any", as it was made
                pass
        return made


def _find(importer: Path, location: str) -> Path:
    """The file that an import means: beside the importing one, or in the folder above."""
    beside = importer.parent / location
    return beside if beside.exists() else importer.parent.parent / Path(location).name


def _extend(base: Particle | Simple | None, own: Particle) -> Particle:
    """The content of an extension: that of the base, then its own, as one sequence."""
    if not isinstance(base, Particle):
        return own
    items = [
        item
        for part in (base, own)
        for item in (part.items if _is_plain_sequence(part) else [part])
    ]
    return Particle("sequence", items=items)


def _is_plain_sequence(particle: Particle) -> bool:
    return particle.kind == "sequence" and (particle.minimum, particle.maximum) == (1, 1)
