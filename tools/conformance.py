"""Run the charger's cases of ISO 15118-5, and say of each whether it has passed.

    python -m tools.conformance [--part 5] [--write tests/slac/CONFORMANCE.md]
    python -m tools.conformance --part din --write tests/session/din/CONFORMANCE.md

Runs them in virtual time against the whole charger, as `pytest tests/slac/suite` does. Exit
code 0 if every case has passed, at least in part; its row says what of it is not shown.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.session.din.suite.cases import CASES as IN_DIN
from tests.session.iso20.suite.cases import CASES as IN_ISO20
from tests.session.suite.cases import CASES as MESSAGES
from tests.session.suite.contract_cases import CASES as CONTRACTS
from tests.slac.suite.cases import CASES, Case

TESTS = Path(__file__).parent.parent / "tests"
NAME = re.compile(r"TC_SECC_(?:CMN|AC|DC)_VTB_[A-Za-z0-9]+_\d{3}|[DE]-\d+\.\d+")
SILENTLY = ["-o", "addopts=", "-p", "no:terminal"]
PASSED, FAILED = "passed", "failed"


@dataclass(frozen=True)
class Suite:
    """The cases of one part of the standard, and where their tests are."""

    part: str
    about: str
    folder: Path
    cases: Mapping[str, Case]
    notes: tuple[str, ...]


DATA_LINK = Suite(
    "ISO 15118-5",
    "at the data link",
    TESTS / "slac" / "suite",
    CASES,
    (
        "virtual time against the whole charger, with simulated pilot, modems and line;",
        "cases of CMN run at an outlet for AC and at one for DC. The list of cases, and",
        "what each wants to see, is second-hand: the standard itself was not at hand.",
    ),
)
SESSION = Suite(
    "ISO 15118-4",
    "in ISO 15118-2",
    TESTS / "session" / "suite",
    {**MESSAGES, **CONTRACTS},
    (
        "virtual time against the session, or the whole charger with simulated pilot, modems",
        "and line; certificates are minted, verified and provided as they are, and streams",
        "count as encrypted, but for the case that begins with a handshake: over loopback.",
        "Cases of CMN run on AC and on DC. The list of cases, and what each wants to see, is",
        "second-hand: the standard itself was not at hand.",
    ),
)
DIN = Suite(
    "DIN SPEC 70121",
    "on DC",
    TESTS / "session" / "din" / "suite",
    IN_DIN,
    (
        "virtual time against the session. The list is this project's own, made after the",
        "annotations of public programs: the standard itself was not at hand.",
    ),
)
ISO20 = Suite(
    "ISO 15118-20",
    "on AC and DC",
    TESTS / "session" / "iso20" / "suite",
    IN_ISO20,
    (
        "virtual time against the session. The list is made after public checklists and the",
        "test scenarios of another program: the standard itself was not at hand.",
    ),
)
SUITES = {"5": DATA_LINK, "4": SESSION, "din": DIN, "20": ISO20}


class Verdicts:
    """A pytest plugin: what has become of each case; one that has failed once has failed."""

    def __init__(self) -> None:
        self.of: dict[str, str] = {}

    def add(self, node: str, outcome: str) -> None:
        """Take a test's outcome."""
        for name in NAME.findall(node):
            if self.of.get(name) != FAILED:
                self.of[name] = outcome

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a test's outcome from pytest."""
        if report.when == "call" or report.failed:
            self.add(report.nodeid, report.outcome)


class Collected:
    """A pytest plugin: which cases there are tests for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Take a test."""
        self.names.update(NAME.findall(item.nodeid))


def collected(suite: Suite = DATA_LINK) -> set[str]:
    """Return the ids of the cases that have a test."""
    plugin = Collected()
    pytest.main([str(suite.folder), *SILENTLY, "--collect-only"], plugins=[plugin])
    return plugin.names


def run(suite: Suite) -> Mapping[str, str]:
    """Run every case."""
    verdicts = Verdicts()
    code = pytest.main([str(suite.folder), *SILENTLY], plugins=[verdicts])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        sys.exit(f"the tests did not run, see: python -m pytest {suite.folder}")
    return verdicts.of


def verdict(case: Case, outcome: str | None) -> str:
    """Say a case's verdict."""
    if outcome is None:
        return "not shown"
    if outcome == PASSED and case.wanting:
        return f"not shown; {case.wanting}"
    if outcome == PASSED and case.unshown:
        return f"passed in part; not shown: {case.unshown}"
    return outcome


def as_markdown(outcomes: Mapping[str, str], suite: Suite = DATA_LINK) -> str:
    """Return the table as a page."""
    rows = [
        f"| {name} | {case.purpose} | {verdict(case, outcomes.get(name))} |"
        for name, case in suite.cases.items()
    ]
    counts = ", ".join(f"{number} {what}" for what, number in summary(outcomes, suite).items())
    return "\n".join(
        [
            f"# The charger's cases of {suite.part} {suite.about}",
            "",
            "Written by `python -m tools.conformance --write FILE`. Every case runs in",
            *suite.notes,
            "",
            f"{len(suite.cases)} cases: {counts}.",
            "",
            "| case | purpose | verdict |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def summary(outcomes: Mapping[str, str], suite: Suite) -> dict[str, int]:
    """Count the verdicts."""
    counts: dict[str, int] = {}
    for name, case in suite.cases.items():
        what = verdict(case, outcomes.get(name)).partition(";")[0]
        counts[what] = counts.get(what, 0) + 1
    return counts


def show(outcomes: Mapping[str, str], suite: Suite) -> None:
    """Print the table for people."""
    colours = {PASSED: "green", FAILED: "red"}
    table = Table(title=f"{suite.part}, charger, {suite.about}")
    table.add_column("case", no_wrap=True)
    table.add_column("purpose", ratio=1)
    table.add_column("verdict", ratio=1)
    console = Console()
    for name, case in suite.cases.items():
        said = verdict(case, outcomes.get(name))
        table.add_row(name, case.purpose, f"[{colours.get(said, 'yellow')}]{said}")
        if not console.is_terminal:
            print(f"{name} - {case.purpose} - {said}")
    if console.is_terminal:
        console.print(table)
    console.print(
        ", ".join(f"{number} {what}" for what, number in summary(outcomes, suite).items())
    )


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the table here, too")
    parser.add_argument("--part", choices=SUITES, default="5", help="of ISO 15118, or DIN")
    given = parser.parse_args()
    suite = SUITES[given.part]
    outcomes = run(suite)
    show(outcomes, suite)
    if given.write is not None:
        given.write.write_text(as_markdown(outcomes, suite))
    sys.exit(any(outcomes.get(name) != PASSED for name in suite.cases))


if __name__ == "__main__":
    main()
