"""E-mobility account identifiers: the name of a contract, as people and messages write it."""

from __future__ import annotations

import re

EMAID = re.compile(r"([A-Z]{2})-?([A-Z0-9]{3})-?([A-Z0-9]{9})-?([A-Z0-9])?")


def normal(text: str) -> str | None:
    """Return an eMAID's 14 characters, without hyphens and check digit; None: it is none."""
    found = EMAID.fullmatch(text.upper())
    return None if found is None else "".join(found.groups()[:3])


def same(one: str, other: str) -> bool:
    """Whether two eMAIDs are one: hyphens, case and the check digit may differ or be absent."""
    return normal(one) is not None and normal(one) == normal(other)
