"""`seccstack replay --html`: the page of the captures that were read, as a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from seccstack import __version__
from seccstack.report.page import page_of
from seccstack.report.sheet import Capture, sheet_of

SCRIPTS = ("dom", "data", "list", "message", "drawing", "plots", "main")  # the last one begins


def write_report(path: Path, captures: Sequence[Capture]) -> None:
    """Write the page; OSError if it can't be, and then the file is as it was."""
    parts = files("seccstack.report")
    script = "\n".join(parts.joinpath(f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    style = parts.joinpath("page.css").read_text("utf-8")
    template = parts.joinpath("page.html").read_text("utf-8")
    sheet = sheet_of(captures, f"seccstack {__version__}")
    _write(path.resolve(), page_of(sheet, template, style, script))


def _write(path: Path, text: str) -> None:
    if path.exists() and not path.is_file():  # a pipe or a terminal; of a folder, the error
        path.write_text(text, "utf-8")
        return
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
