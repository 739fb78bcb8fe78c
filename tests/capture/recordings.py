"""The shared recordings: what an index and an independent decoder say of them."""

import json
import lzma
from collections import defaultdict
from functools import cache
from pathlib import Path

from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace


class Recordings:
    """The recordings in a folder, each read once."""

    def __init__(self, folder: Path):
        self.folder = folder
        lines = (folder / "captures" / "index.jsonl").read_text().splitlines()
        self.index = {entry["file"]: entry for entry in map(json.loads, lines)}
        self.trace = cache(self._trace)
        self.sessions = cache(lambda name: sessions_of(self.trace(name)))
        self.sequence = cache(self._sequence)
        self.decoded = cache(self._decoded)

    def _trace(self, name):
        return read_trace(name, read_capture(self.folder / "captures" / name))

    def _lines(self, name):
        with lzma.open(self.folder / "corpus" / name, "rt") as lines:
            yield from map(json.loads, lines)

    def _sequence(self):
        """By file: every V2G message in the order of the capture."""
        by_file = defaultdict(list)
        for entry in self._lines("v2g_sequence.jsonl.xz"):
            by_file[entry["file"]].append(entry)
        return by_file

    def _decoded(self):
        """By id: a message's octets and what they mean."""
        return {m["id"]: m for m in self._lines("v2g_messages.jsonl.xz")}


@cache
def recordings_in(folder):
    """Return the recordings of that folder, each read once for all tests."""
    return Recordings(folder)
