"""The page itself: one file that loads nothing, and runs nothing but what was put into it.

What a vehicle or a file says is never part of the markup: it is packed (deflate, base64), and
the page's own script unpacks it and writes it as text. A policy in the page forbids the browser
to connect anywhere, and to run or apply anything but the script and the style with these
digests.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from hashlib import sha256
from typing import Any

RAW_DEFLATE = -15  # for zlib: no header; what the browser calls deflate-raw


def packed(sheet: Any) -> str:
    """Return data as the page holds it."""
    octets = json.dumps(sheet, separators=(",", ":")).encode()
    packer = zlib.compressobj(9, zlib.DEFLATED, RAW_DEFLATE)
    return b64encode(packer.compress(octets) + packer.flush()).decode()


def page_of(sheet: Any, template: str, style: str, script: str) -> str:
    """Fill the template; a place in it is `{{name}}`."""
    policy = (
        f"default-src 'none'; script-src {digest(script)}; style-src {digest(style)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    page = template
    for name, text in (
        ("policy", policy),
        ("style", style),
        ("data", packed(sheet)),
        ("script", script),
    ):
        page = page.replace(f"{{{{{name}}}}}", text)
    return page


def digest(text: str) -> str:
    """Return what a policy calls an inline text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
