"""Whether every case of the list has its test, and its row."""

from pathlib import Path

from tests.session.iso20.suite.cases import CASES
from tools import conformance

HERE = Path(__file__).parent


def test_every_case_of_the_list_has_a_test_and_there_is_no_other():
    assert conformance.collected(conformance.ISO20) == set(CASES)


def test_the_table_is_not_stale():
    table = (HERE.parent / "CONFORMANCE.md").read_text()
    passed = dict.fromkeys(CASES, conformance.PASSED)
    assert table == conformance.as_markdown(passed, conformance.ISO20)
