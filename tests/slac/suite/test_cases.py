"""Whether every case of the list has its test, and its row."""

import re
from pathlib import Path

from tests.slac.suite.cases import CASES
from tools import conformance

HERE = Path(__file__).parent
IDS = re.compile(r"TC_SECC_(?:CMN|AC|DC)_VTB_[A-Za-z]+_\d{3}")


def test_the_list_has_102_cases():
    groups = [name.split("_")[2] for name in CASES]
    assert {group: groups.count(group) for group in groups} == {"CMN": 79, "AC": 16, "DC": 7}


def test_every_case_of_the_list_has_a_test_and_there_is_no_other(request):
    ours = [item for item in request.session.items if item.path.parent == HERE]
    named = {name for item in ours for name in IDS.findall(item.nodeid)}
    if len(named) > 1:  # else the whole suite was not asked for
        assert named <= CASES.keys()
    assert set(conformance.collected()) == CASES.keys()


def test_the_table_names_every_case_once_and_is_not_stale():
    table = (HERE.parent / "CONFORMANCE.md").read_text()
    assert sorted(IDS.findall(table)) == sorted(CASES)
    assert table == conformance.as_markdown(dict.fromkeys(CASES, conformance.PASSED))


def test_a_case_of_which_one_test_fails_has_failed():
    verdicts = conformance.Verdicts()
    for outcome in ("passed", "failed", "passed"):
        verdicts.add("x[ac-TC_SECC_AC_VTB_CmSlacParm_001]", outcome)
    assert verdicts.of["TC_SECC_AC_VTB_CmSlacParm_001"] == "failed"


def test_a_case_without_a_test_is_not_shown():
    text = conformance.as_markdown({})
    assert text.count("not shown") == 1 + len(CASES)
