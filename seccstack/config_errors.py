"""What is wrong in a configuration file, for people: the key, the problem and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, get_args, get_origin

import msgspec

from seccstack.errors import ConfigError

SectionOf = Callable[[str], type[msgspec.Struct]]

PLAIN_WORDS = {
    "float": "a number",
    "int": "a whole number",
    "str": "a text",
    "object": "a table",
    "array": "a list",
    " | ": " or ",
}
UID_RULE = "a card's number, 4, 7 or 10 octets in hexadecimal, as in 04A1B2C3D4E5F6"
EMAID_RULE = "an eMAID, as in DE-8AA-1A2B3C4D5-V"
EVSE_ID_RULE = "7 to 37 of A-Z, a-z, 0-9, *, + and -, as in DE*ABC*E1"
POLICY_RULE = (
    "open, card or autocharge, or ways of card, autocharge and contract, as in "
    '"autocharge and card or contract"'
)
LED_RULE = "a name as in /sys/class/leds: at most 63 of A-Z, a-z, 0-9, _, :, ., @ and -"
# By section; all else is an EVSE id.
RULES = {
    "access": POLICY_RULE,
    "contract": EMAID_RULE,
    "enrolment": UID_RULE,
    "indicator": LED_RULE,
}


def explained(message: str, raw: dict[str, Any], section_of: SectionOf) -> ConfigError:
    """Turn msgspec's "Expected `int`, got `str` - at `$.a.b`" into key, problem and remedy."""
    problem, _, place = message.partition(" - at `$")
    key = place.strip("`.") or "the file"
    if problem.startswith("Object contains unknown field"):
        section = place.strip("`.")  # what is unknown may itself have dots and backticks
        unknown = problem.partition("`")[2].removesuffix("`")
        key = f"{section}.{unknown}" if section else unknown
        return ConfigError(
            key, "is not a key of this file", f"keys here: {_keys_of(section_of(section))}"
        )
    if problem.startswith("Object missing required field"):
        return ConfigError(key, f"lacks {problem.split('`')[1]!r}", "give it")
    value = _at(key, raw)
    if problem.startswith("Invalid enum value"):
        return ConfigError(key, f"is {value!r}", f"give {_choices(key, section_of)}")
    if "matching regex" in problem:
        rule = RULES.get(key.partition(".")[0], EVSE_ID_RULE)
        return ConfigError(key, f"is {value!r}", f"give {rule}")
    expected = problem.partition(", got ")[0].removeprefix("Expected ").replace("`", "")
    for jargon, plain in PLAIN_WORDS.items():
        expected = expected.replace(jargon, plain)
    return ConfigError(key, f"is {value!r}", f"give {expected}")


def _at(place: str, raw: Any) -> Any:
    """Return what the file has at a place, as in a.b[0].c."""
    for name, number in re.findall(r"(\w+)|\[(\d+)\]", place):
        raw = raw[name] if name else raw[int(number)]
    return raw


def _keys_of(section: type[msgspec.Struct]) -> str:
    return ", ".join(field.name for field in msgspec.structs.fields(section))


def _choices(key: str, section_of: SectionOf) -> str:
    section, _, name = key.partition("[")[0].rpartition(".")
    [kind] = [
        field.type
        for field in msgspec.structs.fields(section_of(section))
        if field.name == name
    ]
    while get_origin(kind) is not Literal:  # a list of them
        kind = get_args(kind)[0]
    return " or ".join(repr(choice) for choice in get_args(kind))
