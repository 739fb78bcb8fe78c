"""What a charger has to do in DIN SPEC 70121, case by case.

`cases.txt` has a line for each: its number, what the vehicle does, what it has to see. They are
made after the annotations of public programs; the standard itself was not at hand.
"""

from pathlib import Path

from tests.slac.suite.cases import Case

LINES = (Path(__file__).parent / "cases.txt").read_text().splitlines()
STEPS = {name: (does, wants) for name, does, wants in (line.split(" | ") for line in LINES)}
CASES = {name: Case(f"{does}: {wants}", "") for name, (does, wants) in STEPS.items()}
