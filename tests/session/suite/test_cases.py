"""Whether every case of the list has its test, and its row."""

from pathlib import Path

from tests.session.suite.cases import CASES as MESSAGES
from tests.session.suite.contract_cases import CASES as CONTRACTS
from tools import conformance

HERE = Path(__file__).parent
CASES = {**MESSAGES, **CONTRACTS}


def counted(cases):
    groups = [name.split("_")[2] for name in cases]
    return {group: groups.count(group) for group in groups}


def test_the_list_has_313_cases_of_ac_of_dc_and_of_both():
    assert counted(MESSAGES) == {"CMN": 48, "AC": 54, "DC": 83}
    assert counted(CONTRACTS) == {"CMN": 60, "AC": 34, "DC": 34}
    assert not MESSAGES.keys() & CONTRACTS.keys()


def test_every_case_of_the_list_has_a_test_and_there_is_no_other():
    assert conformance.collected(conformance.SESSION) == set(CASES)


def test_the_table_is_not_stale():
    table = (HERE.parent / "CONFORMANCE.md").read_text()
    passed = dict.fromkeys(CASES, conformance.PASSED)
    assert table == conformance.as_markdown(passed, conformance.SESSION)
