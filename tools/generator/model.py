"""From a schema set to what is written down: classes, fields and where each type lives."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tools.generator.modules import SHARED, XMLDSIG, Module
from tools.generator.xsd import (
    Complex,
    ElementDeclaration,
    Particle,
    QName,
    SchemaSet,
    Simple,
)

# Types of one member that get no class of their own: the member stands for them.
TRANSPARENT = {"BodyType"}

BODIES = "BodyElement"  # the head of the substitution group of messages

FIELD_NAMES = {
    "eMAID": "emaid",
    "DHpublickey": "dh_public_key",
    "BPT_InductiveEnergyReadingVARh": "bpt_inductive_energy_reading_varh",
    "CapacitiveEnergyReadingVARh": "capacitive_energy_reading_varh",
}


@dataclass(eq=False)
class EnumModel:
    """An enumeration and its class."""

    name: str
    spec: str
    namespace: str
    module: str
    members: tuple[tuple[str, str, str], ...]  # (member, value, documentation)


@dataclass(eq=False)
class SimpleModel:
    """A simple type as a field has it."""

    simple: Simple
    enum: EnumModel | None


@dataclass(eq=False)
class TypeModel:
    """A complex type and its class; ``content`` is a group or a simple type."""

    name: str
    spec: str
    namespace: str
    module: str
    element: str = ""  # the global element that has the type, if there is one
    transparent: bool = False
    message: bool = False
    mixed: bool = False
    attributes: list[AttributeModel] = field(default_factory=list)
    content: GroupModel | SimpleModel | None = None


@dataclass(eq=False)
class AttributeModel:
    """An attribute of a type."""

    name: str
    field: str
    type: SimpleModel
    required: bool


ElementModel = tuple[str, "SimpleModel | TypeModel | None"]


@dataclass(eq=False)
class SlotModel:
    """A field that holds one element, or several."""

    field: str
    head: str
    alternatives: list[ElementModel]
    minimum: int
    maximum: int | None
    many: bool
    optional: bool


@dataclass(eq=False)
class WildcardModel:
    """A place for foreign elements."""

    minimum: int
    maximum: int | None


@dataclass(eq=False)
class GroupModel:
    """A sequence or choice."""

    kind: Literal["sequence", "choice"]
    items: list[SlotModel | WildcardModel | GroupModel]
    minimum: int = 1
    maximum: int | None = 1


@dataclass(eq=False)
class ModuleModel:
    """All that one module holds."""

    module: Module
    digests: dict[str, str]
    enums: list[EnumModel] = field(default_factory=list)
    types: list[TypeModel] = field(default_factory=list)
    unions: dict[str, list[TypeModel]] = field(default_factory=dict)
    documents: list[tuple[int, str, TypeModel]] = field(default_factory=list)
    document_count: int = 0
    fragments: list[tuple[str, list[SimpleModel | TypeModel | None]]] = field(
        default_factory=list
    )
    relaxed_attributes: list[QName] = field(default_factory=list)


def snake(name: str) -> str:
    """The field name of an element or attribute."""
    if name in FIELD_NAMES:
        return FIELD_NAMES[name]
    boundary = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
    return re.sub(r"\W", "_", re.sub(boundary, "_", name)).lower()


def class_name(spec: str) -> str:
    """The class name of a type."""
    return _capital(spec.removesuffix("Type"))


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


class Builder:
    """Builds the model of one module from its schema set."""

    def __init__(self, module: Module, folder: Path) -> None:
        self.schemas = SchemaSet(folder / module.file)
        self.model = ModuleModel(module, self.schemas.digests)
        self._types: dict[tuple[QName, str], TypeModel] = {}
        self._enums: dict[QName, EnumModel] = {}

    def build(self) -> ModuleModel:
        """Everything that the module holds."""
        own = set(self.schemas.documents) - set(SHARED)
        own = own or {self.schemas.main.target}
        if self._is_shared():
            own = {self.schemas.main.target}
        for element in self.schemas.elements.values():
            if element.name[0] in own:
                self._element(element)
        for name, type_ in self.schemas.types.items():
            if name[0] not in own:
                continue
            if isinstance(type_, Complex):
                if not self._is_used(type_):
                    self._type(type_)
            elif type_.kind == "enumeration" and self._is_shared():
                self._simple(type_)
        self._documents()
        self._fragments()
        self._sort()
        return self.model

    def _sort(self) -> None:
        """Messages first, then what they are made of, each in the order of the schemas."""
        order = self.schemas.order

        def place(type_: TypeModel) -> tuple[bool, bool, int]:
            document = any(type_ is kind for _, _, kind in self.model.documents)
            return not document, not type_.message, order(type_.namespace, type_.spec)

        self.model.types.sort(key=place)
        self.model.enums.sort(key=lambda enum: order(enum.namespace, enum.spec))

    def _is_shared(self) -> bool:
        return self.model.module.name in SHARED.values()

    def _is_used(self, type_: Complex) -> bool:
        return any(name == type_.name for name, _ in self._types)

    def _module_of(self, namespace: str) -> str:
        return SHARED.get(namespace, self.model.module.name)

    def _element(self, element: ElementDeclaration) -> ElementModel:
        """A name and its type; a global element gets a class of its own name."""
        type_ = element.type
        if isinstance(type_, Simple):
            return element.name[1], self._simple(type_)
        if element.abstract or type_.abstract:
            return element.name[1], None
        top = self.schemas.elements.get(element.name) is element
        made = self._type(type_, _capital(element.name[1]) if top else "")
        made.element = element.name[1] if top else made.element
        return element.name[1], made

    def _type(self, type_: Complex, element: str = "") -> TypeModel:
        name = element or class_name(type_.name[1])
        key = type_.name, name
        if key in self._types:
            return self._types[key]
        if type_.abstract:
            return TypeModel(name, type_.name[1], type_.name[0], "")
        made = TypeModel(
            name,
            type_.name[1],
            type_.name[0],
            self._module_of(type_.name[0]),
            transparent=type_.name[1] in TRANSPARENT,
            mixed=type_.mixed,
        )
        self._types[key] = made
        for use in type_.attributes:
            made.attributes.append(
                AttributeModel(
                    use.name[1], snake(use.name[1]), self._simple(use.type), use.required
                )
            )
        if isinstance(type_.content, Simple):
            made.content = self._simple(type_.content)
        else:
            content = type_.content or Particle("sequence")
            group = self._group(content, many=False, optional=False)
            assert isinstance(group, GroupModel)  # noqa: S101 - content is never one element
            made.content = group
        if made.module == self.model.module.name:
            self.model.types.append(made)
        return made

    def _group(
        self, particle: Particle, *, many: bool, optional: bool
    ) -> SlotModel | WildcardModel | GroupModel:
        many = many or particle.maximum != 1
        optional = optional or particle.minimum == 0
        if particle.kind == "any":
            return WildcardModel(particle.minimum, particle.maximum)
        if particle.element is not None:
            return self._slot(particle, particle.element, many=many, optional=optional)
        choice = particle.kind == "choice"
        assert particle.kind != "element"  # noqa: S101 - those were returned above
        return GroupModel(
            particle.kind,
            [
                self._group(item, many=many, optional=optional or choice)
                for item in particle.items
            ],
            particle.minimum,
            particle.maximum,
        )

    def _slot(
        self, particle: Particle, element: ElementDeclaration, *, many: bool, optional: bool
    ) -> SlotModel:
        name = element.name[1]
        alternatives = [self._element(element)]
        if self.schemas.elements.get(element.name) is element:
            alternatives = [
                self._element(member) for member in self.schemas.members(element.name)
            ]
        if len(alternatives) > 1:
            concrete = [type_ for _, type_ in alternatives if isinstance(type_, TypeModel)]
            for type_ in concrete if name == BODIES else ():
                type_.message = True
            if class_name(name) not in {member.name for member in concrete}:
                self.model.unions[name] = concrete
        return SlotModel(
            snake(name),
            name,
            alternatives,
            particle.minimum,
            particle.maximum,
            many,
            optional,
        )

    def _simple(self, simple: Simple) -> SimpleModel:
        if simple.kind != "enumeration":
            return SimpleModel(simple, None)
        assert simple.name is not None  # noqa: S101 - every enumeration of the schemas is named
        if simple.name not in self._enums:
            spec = simple.name[1]
            made = EnumModel(
                class_name(spec),
                spec,
                simple.name[0],
                self._module_of(simple.name[0]),
                tuple((snake(value).upper(), value, text) for value, text in simple.values),
            )
            self._enums[simple.name] = made
            if made.module == self.model.module.name:
                self.model.enums.append(made)
        return SimpleModel(simple, self._enums[simple.name])

    def _documents(self) -> None:
        """What a document may begin with, if it is a message: code, name and type."""
        ordered = sorted(self.schemas.elements, key=lambda name: name[::-1])
        self.model.document_count = len(ordered)
        for code, name in enumerate(ordered):
            element = self.schemas.elements[name]
            if name[0] != self.schemas.main.target or not _is_message(element):
                continue
            type_ = self._element(element)[1]
            if isinstance(type_, TypeModel):
                type_.message = True
                self.model.documents.append((code, name[1], type_))

    def _fragments(self) -> None:
        names = sorted(self.schemas.every_element, key=lambda name: name[::-1])
        for name in names:
            types = self.schemas.every_element[name]
            declared = self.schemas.elements.get(name)
            made: list[SimpleModel | TypeModel | None] = []
            for type_ in types:
                if declared is not None:
                    made.append(self._element(declared)[1])
                elif isinstance(type_, Simple):
                    made.append(self._simple(type_))
                else:
                    made.append(None if type_.abstract else self._type(type_))
            self.model.fragments.append((name[1], made))
        self.model.relaxed_attributes = sorted(
            self.schemas.every_attribute, key=lambda name: name[::-1]
        )


def _is_message(element: ElementDeclaration) -> bool:
    """Whether a global element of the main file is a message: not one of a group's members,
    and with a header, where the schema has headers."""
    type_ = element.type
    if element.abstract or element.head is not None or isinstance(type_, Simple):
        return False
    if not element.name[0].startswith("urn:iso:std:iso:15118:-20"):
        return element.name[0] != XMLDSIG
    return any(base[1] == "V2GMessageType" for base in type_.bases)
