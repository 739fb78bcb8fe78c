"""What a modem's answers come to, asked by the doctor or by a running charger."""

from dataclasses import replace

import pytest

from seccstack.doctor.interview import Found
from seccstack.doctor.modem import FACTORY_NETWORK, judge, judge_running
from seccstack.homeplug.keys import network_id
from seccstack.slac.modem_makers import LUMISSIL, QUALCOMM
from seccstack.slac.modem_status import Condition, KeyState, Status
from seccstack.slac.modem_survey import Survey, warnings

MAC = bytes.fromhex("c49300564e34")
SURVEY = Survey(maker=QUALCOMM, firmware="MAC-QCA7000", slac_mode=2, coordination=2)
GOOD = Found(MAC, SURVEY, link=False, networks=(bytes(7),), others=0)
RUNNING = Status(
    condition=Condition.ANSWERS,
    mac=MAC,
    maker="Qualcomm",
    firmware="MAC-QCA7000",
    role="charger",
    coordinator="always",
    key=KeyState.SHOWN,
)
RUNNING_WRONG = replace(RUNNING, warnings=warnings(replace(SURVEY, slac_mode=1)))


def verdicts(findings):
    return {finding.check: finding.verdict.value for finding in findings}


def found_by(findings, check):
    [finding] = [finding for finding in findings if finding.check == check]
    return finding.found


def test_a_good_one_is_well():
    assert set(verdicts(judge("eth1", GOOD)).values()) == {"ok"}


def test_none_is_a_failure():
    assert verdicts(judge("eth1", Found())) == {"modem": "fail"}


def test_one_without_firmware_has_no_more_to_be_judged():
    findings = judge("eth1", replace(GOOD, survey=replace(SURVEY, firmware="Bootloader")))
    assert verdicts(findings) == {"modem": "ok", "firmware": "fail"}


@pytest.mark.parametrize(
    ("survey", "verdict"),
    [
        (replace(SURVEY, slac_mode=1), "fail"),
        (replace(SURVEY, slac_mode=0, coordination=1), "fail"),
        (replace(SURVEY, coordination=1), "warn"),
        (replace(SURVEY, slac_mode=None), "warn"),
        (Survey(maker=LUMISSIL, firmware="1.2.3.4"), "warn"),
    ],
)
def test_the_wrong_role_is_a_failure_and_one_not_known_is_not(survey, verdict):
    assert verdicts(judge("eth1", replace(GOOD, survey=survey)))["modem role"] == verdict


def test_a_modem_of_no_known_maker_is_one_all_the_same():
    findings = judge("eth1", replace(GOOD, survey=Survey(firmware="X")))
    assert found_by(findings, "modem") == "c4:93:00:56:4e:34"


@pytest.mark.parametrize(
    ("networks", "verdict", "word"),
    [
        (None, "warn", "does not tell"),
        ((), "warn", "in no network"),
        ((FACTORY_NETWORK,), "ok", "factory"),
        ((b"\x01" * 7,), "ok", "01010101010101"),
    ],
)
def test_a_key_shows_in_the_network(networks, verdict, word):
    findings = judge("eth1", replace(GOOD, networks=networks))
    assert verdicts(findings)["modem key"] == verdict
    assert word in found_by(findings, "modem key")


def test_the_factorys_network_is_that_of_the_factorys_key():
    factory = bytes.fromhex("50d3e4933f855b7040784df815aa8db7")  # as open-plc-utils has it
    assert network_id(factory) == FACTORY_NETWORK


@pytest.mark.parametrize(
    ("link", "others", "verdict", "word"),
    [
        (None, None, "warn", "does not tell"),
        (True, 1, "ok", "1 of them"),
        (True, None, "ok", "left alone"),
        (False, 0, "ok", "none"),
    ],
)
def test_a_link_is_left_alone(link, others, verdict, word):
    findings = judge("eth1", replace(GOOD, link=link, others=others))
    assert verdicts(findings)["modem link"] == verdict
    assert word in found_by(findings, "modem link")


def running(**changes):
    return judge_running("eth1", replace(RUNNING, **changes).to_json())


def test_a_running_chargers_good_modem_is_well():
    assert set(verdicts(running()).values()) == {"ok"}


def test_a_running_charger_that_has_not_told_of_it_yet_is_no_failure():
    assert verdicts(judge_running("eth1", None)) == {"modem": "warn"}


@pytest.mark.parametrize(
    "changes",
    [
        {"mac": None},
        {"condition": Condition.DEAD, "trouble": "it does not answer"},
        {"condition": Condition.SILENT},
    ],
)
def test_a_running_chargers_dead_modem_is_a_failure(changes):
    assert verdicts(running(**changes)) == {"modem": "fail"}


def test_a_running_chargers_warnings_are_told_with_what_to_do():
    findings = running(warnings=("the modem's SLAC mode is 1; write 2",))
    [warning] = [f for f in findings if f.check == "modem role"]
    assert (warning.found, warning.remedy) == ("the modem's SLAC mode is 1", "write 2")


def test_what_a_running_charger_could_not_read_is_said():
    findings = running(role=None, coordinator=None, maker=None, firmware=None, link=True)
    assert found_by(findings, "modem role") == "the modem does not tell it"
    assert found_by(findings, "modem") == "maker unknown, C49300564E34"
    assert found_by(findings, "firmware") == "not told"
    assert found_by(findings, "modem link") == "there is one"


def test_what_is_to_be_done_names_our_own_interface():
    wrong = replace(GOOD, survey=replace(SURVEY, slac_mode=1))
    asked, told = judge("plc7", wrong), judge_running("plc7", RUNNING_WRONG.to_json())
    for findings in (asked, told):
        [role] = [finding for finding in findings if finding.check == "modem role"]
        assert "plctool -i plc7 -p" in role.remedy
