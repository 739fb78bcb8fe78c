"""`seccstack decode` and `seccstack encode`: EXI messages as JSON and back, a line each.

Lines are answered as they come, so both can stand in a pipe that does not end.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

LONGEST_LINE = 8 << 20  # characters; the largest legal message, in hexadecimal, has half of it


class SchemaName(StrEnum):
    """The schema sets whose messages there are."""

    APP_PROTOCOL = "app-protocol"
    DIN = "din"
    ISO2 = "iso2"
    ISO20_COMMON = "iso20-common"
    ISO20_AC = "iso20-ac"
    ISO20_DC = "iso20-dc"
    ISO20_ACDP = "iso20-acdp"
    ISO20_WPT = "iso20-wpt"
    XMLDSIG = "xmldsig"


SchemaOption = Annotated[
    SchemaName, typer.Option("--schema", show_default=False, help="What the lines are in.")
]
FragmentOption = Annotated[
    bool, typer.Option("--fragment", help="Single elements, as signatures are made of.")
]


def decode(schema: SchemaOption, fragment: FragmentOption = False) -> None:
    """Read a hexadecimal EXI stream per line; write a JSON object per line.

    A line that cannot be read gives an error object instead, and exit code 1 at the end. What
    was borne with (surplus octets, values out of range) is said on standard error.
    """
    from seccstack.messages import codec, infoset

    kind = codec.Schema(schema.value)

    def work(line: str) -> str:
        octets = _octets(line)
        if fragment:
            element = codec.decode_fragment(kind, octets)
            found = element.findings
            value = infoset.fragment_to_json(kind, element.element, element.value)
        else:
            message = codec.decode(kind, octets)
            found = message.findings
            value = infoset.to_json(kind, message.message)
        for finding in found:
            said = f"{finding.path}: {finding.message} (bit {finding.bit})"
            typer.echo(f"seccstack: {finding.kind}: {said}", err=True)
        return _json(value)

    _each_line(work)


def encode(schema: SchemaOption, fragment: FragmentOption = False) -> None:
    """Read a JSON object per line; write a hexadecimal EXI stream per line.

    A line that is no message of the schema gives an error object, and exit code 1 at the end.
    """
    import msgspec

    from seccstack.messages import codec, infoset

    kind = codec.Schema(schema.value)

    def work(line: str) -> str:
        value = msgspec.json.decode(line)
        if fragment:
            name, element = infoset.fragment_from_json(kind, value)
            return codec.encode_fragment(kind, element, name).hex().upper()
        return codec.encode(kind, infoset.from_json(kind, value)).hex().upper()

    _each_line(work)


def _each_line(work: Callable[[str], str]) -> None:
    failed = False
    for line in iter(lambda: sys.stdin.buffer.readline(LONGEST_LINE), b""):
        if not line.strip():
            continue
        answer, good = _answer(work, line)
        failed = failed or not good
        sys.stdout.write(answer + "\n")
        sys.stdout.flush()
    if failed:
        raise typer.Exit(1)


def _answer(work: Callable[[str], str], line: bytes) -> tuple[str, bool]:
    from msgspec import DecodeError

    from seccstack.errors import MalformedError, UsageError

    try:
        return work(line.decode("utf-8").strip()), True
    except MalformedError as error:
        return _error("malformed", str(error), error.path, error.bit), False
    except UsageError as error:
        path, found, _ = str(error).partition(": ")
        return _error("illegal", str(error), path if found and " " not in path else ""), False
    except (DecodeError, UnicodeDecodeError) as error:
        return _error("not JSON", str(error)), False
    except RecursionError:
        return _error("not JSON", "it is nested too deeply"), False


def _octets(line: str) -> bytes:
    from seccstack.errors import MalformedError

    try:
        return bytes.fromhex(line)
    except ValueError as error:
        raise MalformedError(f"not hexadecimal: {error}", path="line") from error


def _error(kind: str, message: str, path: str = "", bit: int | None = None) -> str:
    return _json({"error": {"kind": kind, "path": path, "bit": bit, "message": message}})


def _json(value: Any) -> str:
    import msgspec

    return msgspec.json.encode(value).decode()
