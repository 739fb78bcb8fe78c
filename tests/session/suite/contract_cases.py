"""The charger's cases of ISO 15118-4 that are about contracts, tariffs, TLS and endurance.

`contract_cases.txt` has a line for each, as `cases.txt` has. ``unshown``: what of a case its
test does not show; ``wanting``: why a case's very point is not shown.
"""

from pathlib import Path

from tests.session.suite.cases import SDP_STAYS, SLEEP
from tests.slac.suite.cases import Case

LINES = (Path(__file__).parent / "contract_cases.txt").read_text().splitlines()
STEPS = {name: (does, wants) for name, does, wants in (line.split(" | ") for line in LINES)}
INFERRED = "what comes before is inferred: with a contract at hand, installed, or updated"
TARIFF = "no SalesTariff is offered; all else of the case is tested"
SHORTER = "time is virtual, and on AC a turn of the loop lasts 5 s"
UNSHOWN = {
    "SDP_005": SDP_STAYS,
    "SDP_006": SDP_STAYS,
    **dict.fromkeys((f"PaymentDetails_00{n}" for n in (2, 3)), INFERRED),
    **dict.fromkeys((f"Authorization_0{n}" for n in (12, 13, 16, 17)), INFERRED),
}


def unshown(name: str) -> str:
    """Say what of a case its test does not show."""
    does, _ = STEPS[name]
    if "pause" in does:
        return SLEEP
    if "charge" in does or "endurance" in does:
        return SHORTER
    return UNSHOWN.get(name.partition("_VTB_")[2], "")


CASES = {
    name: Case(f"{does}: {wants}", unshown(name), TARIFF if "SalesTariff" in wants else "")
    for name, (does, wants) in STEPS.items()
}
