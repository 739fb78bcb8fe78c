"""The command `seccstack`, and `python -m seccstack`."""

from __future__ import annotations

import sys
from pathlib import Path

INTERRUPTED = 130  # exit code: 128 and the signal's number, as shells have it


def main() -> None:
    """Run the command line; Ctrl-C ends it whatever it is at, its imports too."""
    try:
        _main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _main() -> None:
    """Run the command; what starts a charger takes the short way."""
    match sys.argv[1:]:
        case ["run"]:
            path = None
        case ["run", "--config", name]:
            path = Path(name)
        case _:
            from seccstack.cli import main as command_line

            return command_line()
    from seccstack.cli_run import run

    sys.exit(run(path))


if __name__ == "__main__":
    main()
