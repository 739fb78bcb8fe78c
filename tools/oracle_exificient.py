"""Answer questions about EXI with EXIficient; runs in the peer's environment, not in ours.

    PEER/bin/python tools/oracle_exificient.py < QUESTIONS > ANSWERS

A question is a JSON object on a line: ``{"namespace": URI, "message": {...}}`` to encode or
``{"namespace": URI, "exi": HEX}`` to decode. Its answer, on a line too, has the other of the
two, or ``error``. EXIficient is in the Python package ``iso15118`` and needs Java.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from typing import Any, Protocol


class Codec(Protocol):
    """What ``iso15118`` calls a codec."""

    def encode(self, message: str, namespace: str) -> bytes:
        """EXI of a message in JSON."""

    def decode(self, stream: bytes, namespace: str) -> str:
        """A message in JSON of EXI."""


def answer(codec: Codec, question: dict[str, Any]) -> dict[str, Any]:
    """The answer to one question."""
    try:
        if "exi" in question:
            octets = bytes.fromhex(question["exi"])
            return {"message": json.loads(codec.decode(octets, question["namespace"]))}
        text = json.dumps(question["message"])
        return {"exi": bytes(codec.encode(text, question["namespace"])).hex()}
    except Exception as error:  # the gateway to Java raises what it likes
        return {"error": f"{type(error).__name__}: {error}"}


def main() -> int:
    """Answer every line of the standard input."""
    codecs = import_module("iso15118.shared.exificient_exi_codec")

    codec = codecs.ExificientEXICodec()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(codec, json.loads(line))) + "\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
