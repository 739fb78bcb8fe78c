"""Feed the EXI codec with anything; whatever breaks its promises is a finding.

    python -m tools.fuzz_exi SECONDS [FOLDER]

Needs ``atheris``, which steers by the branches that an input reaches. FOLDER keeps what is
interesting between runs. An input's first octet chooses the schema, and whether the rest is a
message or a fragment. A finding is written to FOLDER as ``crash-*``; it belongs into
``tests/messages/fuzz`` once it is mended.
"""

from __future__ import annotations

import random
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from tempfile import mkdtemp

from seccstack.errors import MalformedError, UsageError
from seccstack.exi import decoder
from seccstack.exi.reader import Reader
from seccstack.messages import codec, infoset
from seccstack.messages.codec import Schema

SCHEMAS = tuple(Schema)
FRAGMENT = 0x80  # of the first octet: the rest is a fragment
KEPT = Path(__file__).parents[1] / "tests" / "messages" / "fuzz"
LONGEST = 4096  # octets of an input
SEEDS = 40  # messages by lot of each schema
SECONDS = 0.1  # that decoding may take, whatever the length: the machine may be busy
SECONDS_PER_OCTET = 2e-4  # ten times what the slowest message takes while it is watched


class BrokenPromiseError(Exception):
    """The codec did what it must not."""


def promise(kept: bool, what: object) -> None:
    """Raise if a promise was not kept."""
    if not kept:
        raise BrokenPromiseError(what)


def check(data: bytes) -> None:
    """Raise if the codec breaks a promise on this input."""
    if not data:
        return
    schema, octets = SCHEMAS[(data[0] & ~FRAGMENT) % len(SCHEMAS)], data[1:]
    begun = time.process_time()
    try:
        (_check_fragment if data[0] & FRAGMENT else _check_message)(schema, octets)
    except MalformedError as error:
        promise(error.schema == schema, f"{error.schema} is not {schema}")
        inside = error.bit is not None and 0 <= error.bit <= 8 * len(octets)
        promise(inside, f"bit {error.bit} of {8 * len(octets)}")
    spent = time.process_time() - begun
    promise(spent < SECONDS + SECONDS_PER_OCTET * len(octets), f"{spent} s")


def _check_message(schema: Schema, octets: bytes) -> None:
    decoded = codec.decode(schema, octets)
    reader = Reader(schema, octets)
    slowly = decoder.decode_document(codec.tables_of(schema), reader)
    promise(slowly == (decoded.element, decoded.message), f"slowly: {slowly}")
    promise(tuple(reader.findings) == decoded.findings, f"slowly: {reader.findings}")
    shown = infoset.to_json(schema, decoded.message)
    promise(infoset.from_json(schema, shown) == decoded.message, shown)
    try:
        encoded = codec.encode(schema, decoded.message)
    except UsageError as error:
        promise(bool(decoded.findings), f"read without a word, but: {error}")
        return
    if not decoded.findings:
        promise(encoded == octets, f"another encoding: {encoded.hex()}")
    else:
        promise(codec.decode(schema, encoded).message == decoded.message, encoded.hex())


def _check_fragment(schema: Schema, octets: bytes) -> None:
    decoded = codec.decode_fragment(schema, octets)
    name = decoded.element
    if name == "SignedInfo":
        schema = Schema.XMLDSIG  # it is written by that grammar alone
    try:
        encoded = codec.encode_fragment(schema, decoded.value, name)
    except UsageError as error:
        promise(bool(decoded.findings), f"read without a word, but: {error}")
        return
    unique = [other for other, _ in codec.tables_of(schema).fragments].count(name) == 1
    if not decoded.findings and unique and name != "SignedInfo":
        promise(encoded == octets, f"another encoding: {encoded.hex()}")
    else:
        promise(codec.decode_fragment(schema, encoded).value == decoded.value, encoded.hex())


def write_seeds(folder: Path) -> None:
    """Messages and fragments of every schema, by lot, to begin with."""
    any_element = import_module("tests.messages.samples").any_element
    chance = random.Random(0)  # noqa: S311 - the same in every run
    for number, schema in enumerate(SCHEMAS):
        tables = codec.tables_of(schema)
        roots = [(root.name, root) for root in tables.documents.values()]
        parts = [(name, elements[-1]) for name, elements in tables.fragments]
        for seed in range(2 * SEEDS):
            fragment = seed % 2 or not roots
            name, element = chance.choice(parts if fragment else roots)
            if element.type is None:
                continue
            value = any_element(element.type, chance.choice, depth=1)
            with suppress(UsageError):  # what must hold foreign elements can't be written
                if fragment:
                    octets = codec.encode_fragment(schema, value, name)
                else:
                    octets = codec.encode(schema, value)
                first = number | (FRAGMENT if fragment else 0)
                (folder / f"{schema}-{seed}").write_bytes(bytes([first]) + octets)


def main(arguments: list[str]) -> int:
    """Feed it for so many seconds."""
    if len(arguments) not in (1, 2):
        sys.stderr.write(__doc__ or "")
        return 2
    folder = Path(arguments[1] if arguments[1:] else mkdtemp(prefix="fuzz-exi-"))
    folder.mkdir(parents=True, exist_ok=True)
    write_seeds(folder)
    atheris = import_module("atheris")
    atheris.instrument_all()  # each schema's functions are loaded by its seeds
    limits = [f"-max_total_time={arguments[0]}", f"-max_len={LONGEST}", "-timeout=10"]
    options = [*limits, f"-artifact_prefix={folder}/", "-print_final_stats=1"]
    atheris.Setup([sys.argv[0], *options, str(folder), str(KEPT)], check)
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
