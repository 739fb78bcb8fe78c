"""Make the captures of our own runs anew, each with its card and what must come of it.

    python -m tools.record_captures                  # all
    python -m tools.record_captures own-ac-card      # this one
    python -m tools.record_captures --expect         # none: only renew what must come of them

Those whose names begin with `own-` are simulated, and the same each time. The others are
recorded in network namespaces, between this project's programs and another's: run it as root,
and see `ours.py` and `peers.py` in `tools/captures`. What cannot be recorded leaves the older
one in place.
"""

from __future__ import annotations

import argparse
import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from seccstack.cli_scenarios import read_card
from tools.captures import ours, peers, virtual
from tools.captures.card import LICENCE, expect, keep
from tools.captures.places import FailedError

FOLDER = Path(__file__).parents[1] / "captures"
NAMES = (*virtual.SCENES, *ours.NAMES, *peers.NAMES)


def renew(names: list[str]) -> None:
    """Take what comes of our captures now for what must come of them."""
    for path in sorted(FOLDER.glob("*.toml")):
        card = read_card(path)
        if card.licence == LICENCE and (not names or card.name in names):
            expect(card)


def record(names: list[str]) -> None:
    """Make recordings, and keep each."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        made = chain(
            virtual.recordings(names),
            ours.recordings(names, place),
            peers.recordings(names, place),
        )
        for recording in made:
            keep(recording, FOLDER)
            print(f"{recording.name}: {len(recording.octets)} octets", file=sys.stderr)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("names", nargs="*", metavar="NAME", help="which; else all")
    parser.add_argument("--expect", action="store_true", help="record nothing")
    given = parser.parse_args()
    unknown = set(given.names) - set(NAMES)
    if unknown:
        parser.error(f"{', '.join(sorted(unknown))}: none of {', '.join(NAMES)}")
    try:
        (renew if given.expect else record)(given.names)
    except FailedError as error:
        sys.exit(f"record_captures: {error}")


if __name__ == "__main__":
    main()
