"""E-mobility account identifiers: the name of a contract, as people and messages write it.

The check digit is that of "Check Digit Calculation for Contract-IDs", which ISO 15118-2 has in
its Annex H: each of the 15 characters is a pair of bits and a pair of trits, both multiplied by
a matrix once more for each place, and all pairs add up to nothing. It finds any one wrong
character and any two neighbours that are swapped.

It says nothing of whether a contract is good. The digit may be absent, the messages of some
mobility operators do without, and certificates bear wrong ones: so it is for what people type.
"""

from __future__ import annotations

import re

EMAID = re.compile(r"([A-Z]{2})-?([A-Z0-9]{3})-?([A-Z0-9]{9})-?([A-Z0-9])?")
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def normal(text: str) -> str | None:
    """Return an eMAID's 14 characters, without hyphens and check digit; None: it is none."""
    found = (
        EMAID.fullmatch(text.upper()) if text.isascii() else None
    )  # "\ufb00".upper() is "FF"
    return None if found is None else "".join(found.groups()[:3])


def same(one: str, other: str) -> bool:
    """Whether two eMAIDs are one: hyphens, case and the check digit may differ or be absent."""
    return normal(one) is not None and normal(one) == normal(other)


def check_digit(name: str) -> str:
    """Return the digit, or letter, that belongs behind an eMAID's 14 characters."""
    return next(digit for digit in ALPHABET if _sums(name + digit) == (0, 0, 0, 0))


def misprint(text: str) -> str | None:
    """Say what is wrong with an eMAID's check digit; None: nothing, or it has none."""
    found, name = EMAID.fullmatch(text.upper()), normal(text)
    if found is None or name is None or found[4] is None:
        return None
    right = check_digit(name)
    return None if found[4] == right else f"its check digit is {found[4]} and should be {right}"


def _sums(characters: str) -> tuple[int, int, int, int]:
    a = b = c = d = 0
    for character in reversed(characters):
        number = ALPHABET.index(character)
        a, b = a + number // 18, b + number // 9 % 2
        a, b = b % 2, (a + b) % 2  # times (0 1, 1 1)
        c, d = c + number // 3 % 3, d + number % 3
        c, d = d % 3, (c + 2 * d) % 3  # times (0 1, 1 2)
    return a, b, c, d
