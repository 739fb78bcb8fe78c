"""CI passes over nothing in silence."""

import re
from pathlib import Path

import pytest

from tests.prerequisites import missing

TESTS = Path(__file__).parent
# The recorded sessions are never part of the project; the EXI oracle answers
# only where there is one.
MAY_SKIP = {
    *("prerequisites.py", "conftest.py", "messages/test_oracle.py"),
    # what a kernel has no module for, no package brings
    *("adapters/test_powerline.py", "adapters/test_pilot_linux.py"),
    "drive/test_cards.py",  # captures of others are never a part of the project
}
SKIPS = re.compile(r"pytest\.(skip|importorskip|mark\.skip)\b|unittest\.skip")


def test_what_is_missing_is_skipped_with_its_name(monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="a Java runtime"):
        missing("a Java runtime")


def test_what_is_missing_on_ci_is_a_failure(monkeypatch):
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="missing on CI: a Java runtime"):
        missing("a Java runtime")


def test_ci_says_that_it_is_ci():
    script = TESTS.parent / ".ci" / "run"
    assert "\nexport CI=true\n" in script.read_text()


@pytest.mark.parametrize(
    "path", sorted(TESTS.rglob("*.py")), ids=lambda path: str(path.relative_to(TESTS))
)
def test_no_test_skips_by_itself(path):
    name = str(path.relative_to(TESTS))
    if path != Path(__file__) and name not in MAY_SKIP:
        assert not SKIPS.search(path.read_text())
