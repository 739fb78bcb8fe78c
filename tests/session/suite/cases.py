"""The charger's cases of ISO 15118-4 that are about ISO 15118-2 without contracts or TLS.

`cases.txt` has a line for each: its id, what the tester does after the good case up to there,
what it wants to see. The list is that of public renderings of the suite, whose own text was not
at hand. ``unshown``: what of a case its test does not show.
"""

from pathlib import Path

from tests.slac.suite.cases import Case

LINES = (Path(__file__).parent / "cases.txt").read_text().splitlines()
STEPS = {name: (does, wants) for name, does, wants in (line.split(" | ") for line in LINES)}
SDP_STAYS = "SDP is answered as long as a vehicle is plugged in: a decision, see the README"
UNSHOWN = {
    "TC_SECC_CMN_VTB_SDP_004": SDP_STAYS,
    "TC_SECC_CMN_VTB_SupportedAppProtocol_005": SDP_STAYS,
}
CASES = {
    name: Case(f"{does}: {wants}", UNSHOWN.get(name, ""))
    for name, (does, wants) in STEPS.items()
}
