"""The command `seccstack`, and `python -m seccstack`."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    """Run the command line; what starts a charger takes the short way."""
    match sys.argv[1:]:
        case ["run"]:
            path = None
        case ["run", "--config", name]:
            path = Path(name)
        case _:
            from seccstack.cli import main as command_line

            return command_line()
    try:
        from seccstack.cli_run import run

        code = run(path)
    except KeyboardInterrupt:  # before there is a charger that could end by itself
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
