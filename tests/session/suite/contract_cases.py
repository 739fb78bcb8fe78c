"""The charger's cases of ISO 15118-4 that are about contracts, tariffs, TLS and endurance.

`contract_cases.txt` has a line for each, as `cases.txt` has. ``unshown``: what of a case its
test does not show.
"""

from pathlib import Path

from tests.session.suite.cases import SDP_STAYS
from tests.slac.suite.cases import Case

LINES = (Path(__file__).parent / "contract_cases.txt").read_text().splitlines()
STEPS = {name: (does, wants) for name, does, wants in (line.split(" | ") for line in LINES)}
ENDLESS = "the list's own loop has no end; this one lasts 5 minutes"
UNSHOWN = {
    "SDP_005": SDP_STAYS,
    "SDP_006": SDP_STAYS,
    "SessionStop_011": ENDLESS,
    "SessionStop_010": ENDLESS,
}


def case_of(name: str) -> str:
    """Return a case's id without what all have in common."""
    return name.partition("_VTB_")[2]


CASES = {
    name: Case(f"{does}: {wants}", UNSHOWN.get(case_of(name), ""))
    for name, (does, wants) in STEPS.items()
}
