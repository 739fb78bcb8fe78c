"""What is kept of a recording: the capture, its card, and what must come of it."""

from __future__ import annotations

import lzma
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seccstack.capture.reader import read_capture
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.cli_drive import driven
from seccstack.cli_scenarios import DRIVE, Card, digest_of, encode_results
from seccstack.drive.report import report_of

REPLAY = "replay"  # the part of NAME.json that says what a capture holds
LICENCE = "Apache-2.0; recorded by this project, every address and key in it is made up"
LARGE = 100_000  # octets; beyond them a capture is kept packed


@dataclass(frozen=True, slots=True)
class Recording:
    """A pcapng that was just made: its name, what it is, and how it was made."""

    name: str
    what: str
    origin: str
    octets: bytes
    sidecar: bytes = b""  # of the flight recorder, where it is kept: to be run again


def keep(recording: Recording, folder: Path) -> Card:
    """Write a recording and its card, and what comes of it, in place of older ones."""
    for suffix in (".pcapng", ".pcapng.xz", ".jsonl"):
        (folder / f"{recording.name}{suffix}").unlink(missing_ok=True)
    packed = len(recording.octets) > LARGE
    file = folder / f"{recording.name}.pcapng{'.xz' if packed else ''}"
    file.write_bytes(lzma.compress(recording.octets) if packed else recording.octets)
    if recording.sidecar:
        file.with_suffix(".jsonl").write_bytes(recording.sidecar)
    path = folder / f"{recording.name}.toml"
    card = Card(path, recording.what, recording.origin, LICENCE, file.name, digest_of(file))
    path.write_text(card.encode(), encoding="utf-8")
    expect(card)
    return card


def expect(card: Card) -> None:
    """Take what comes of a card's capture now for what must come of it."""
    capture = card.find()
    reports = [report_of(session) for session in driven(capture)[0]]
    card.results.write_bytes(encode_results({REPLAY: replayed(capture), DRIVE: reports}))


def replayed(capture: Path) -> list[dict[str, Any]]:
    """Return the sessions of a capture, as `seccstack replay` tells them."""
    trace = read_trace(capture.name, read_capture(capture))
    return [session.to_json() for session in sessions_of(trace)]
