"""One thing that was looked at: what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Verdict(Enum):
    """What a finding means for charging."""

    OK = "ok"
    WARN = "warn"  # it goes on, but not as it should
    FAIL = "fail"  # there is no charging by ISO 15118 like this


@dataclass(frozen=True, slots=True)
class Finding:
    """``check`` names what was looked at; ``remedy`` is empty where all is well."""

    check: str
    verdict: Verdict
    found: str
    remedy: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "check": self.check,
            "verdict": self.verdict.value,
            "found": self.found,
            "remedy": self.remedy or None,
        }


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, found)


def warn(check: str, found: str, remedy: str) -> Finding:
    """It could be better."""
    return Finding(check, Verdict.WARN, found, remedy)


def fail(check: str, found: str, remedy: str) -> Finding:
    """It cannot be like that."""
    return Finding(check, Verdict.FAIL, found, remedy)


def line(finding: Finding) -> str:
    """Say a finding in one line, for people."""
    said = f"{finding.found}; {finding.remedy}" if finding.remedy else finding.found
    return f"{finding.verdict.value:<5} {finding.check:<12} {said}"


def all_well(findings: Iterable[Finding]) -> bool:
    """Whether nothing has failed."""
    return all(finding.verdict is not Verdict.FAIL for finding in findings)
