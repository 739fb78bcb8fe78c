"""What the generated codecs call their functions and tables."""

from __future__ import annotations

from tools.generator.model import TypeModel, snake


def function_name(verb: str, kind: TypeModel) -> str:
    """The function that decodes or encodes a type."""
    return f"{verb}_{snake(kind.name)}"


def enum_table(name: str) -> str:
    """The tuple of an enumeration's members."""
    return snake(name).upper()


def enum_codes(name: str) -> str:
    """The dictionary from an enumeration's members to their codes."""
    return f"{snake(name).upper()}_CODES"


def choice_table(function: str, field: str) -> str:
    """The table of the elements of a large substitution group."""
    return f"{function}_{field}".upper()
