"""`tools.run_iso15118`, with the secrets of its TLS connections in a key log.

    SSLKEYLOGFILE=keys.log PEER/bin/python -m tools.captures.logged_iso15118 secc ...

Its contexts are made without `ssl.create_default_context`, so Python does not look at the
variable by itself.
"""

from __future__ import annotations

import os
import ssl
from typing import Any

from tools.run_iso15118 import main

MAKE = ssl.SSLContext.__new__


def logged(cls: type[ssl.SSLContext], *given: Any, **named: Any) -> ssl.SSLContext:
    """Make a context that writes its secrets down."""
    context = MAKE(cls, *given, **named)
    if path := os.environ.get("SSLKEYLOGFILE"):
        context.keylog_filename = path
    return context


if __name__ == "__main__":
    ssl.SSLContext.__new__ = logged  # type: ignore[method-assign,assignment]
    main()
