"""AttenuationCharacterization: what is reported of which sounds."""

import pytest

from seccstack.homeplug.frame import Frame, encode_frame
from seccstack.homeplug.messages import AttenCharInd, SlacMatchCnf, SlacParmCnf
from seccstack.sim.world import EVSE_MAC
from tests.slac.suite.tester import ANOTHER_RUN, EV, RUN, case, each

CMN = "CMN_VTB_AttenuationCharacterization"
NOBODY = bytes(6)
STATION = b"\xff" * 17


@case(f"{CMN}_001")
def test_ten_sounds_are_reported_with_all_fields(tester):
    report = tester.get_report()
    assert report == AttenCharInd(
        application_type=0,
        security_type=0,
        source_address=EV,
        run_id=RUN,
        source_id=bytes(17),
        response_id=bytes(17),
        num_sounds=10,
        num_groups=58,
        attenuations=bytes([20]) * 58,
    )
    assert len(encode_frame(Frame(EV, EVSE_MAC, report))) == 129
    assert tester.heard(AttenCharInd)[0].to == EV


@case(f"{CMN}_002")
def test_a_new_run_after_the_report_is_answered(tester):
    tester.get_report()
    assert tester.ask(run=ANOTHER_RUN).answer(SlacParmCnf).run_id == ANOTHER_RUN


@case(f"{CMN}_003")
def test_nine_sounds_are_reported_when_the_window_is_over(tester):
    tester.ask().answer(SlacParmCnf)
    began = tester.now
    report = tester.start().sound(9).answer(AttenCharInd, 1.2)
    assert report.num_sounds == 9
    assert tester.now - began == pytest.approx(0.6, abs=0.01)


def assert_reported_three_times_and_not_matched(tester):
    tester.wait(2)
    first, second, third = [heard.at for heard in tester.heard(AttenCharInd)]
    assert second - first == pytest.approx(0.2)
    assert third - second == pytest.approx(0.2)
    tester.respond().choose().assert_silence()


@case(f"{CMN}_004")
def test_a_report_that_is_not_acknowledged_is_sent_three_times(tester):
    tester.get_report()
    assert_reported_three_times_and_not_matched(tester)


WRONG_RESPONSES = {
    5: {"application_type": 0xFF},
    6: {"security_type": 0xFF},
    7: {"source_address": NOBODY},
    8: {"run_id": ANOTHER_RUN},
    9: {"source_id": STATION},
    10: {"response_id": STATION},
    11: {"result": 0xFF},
}


@each(CMN, WRONG_RESPONSES)
def test_a_wrong_response_counts_for_none(tester, wrong):
    tester.get_report()
    tester.respond(**wrong)
    assert_reported_three_times_and_not_matched(tester)


@case(f"{CMN}_012")
def test_a_start_that_comes_too_late_is_none(tester):
    tester.ask().answer(SlacParmCnf)
    tester.wait(0.45).start().sound().assert_silence(2)


WRONG_STARTS = {
    13: {"application_type": 0xFF},
    14: {"security_type": 0xFF},
    15: {"num_sounds": 0},
    16: {"timeout": 0},
    17: {"response_type": 0},
    18: {"run_id": ANOTHER_RUN},
}


@each(CMN, WRONG_STARTS)
def test_a_wrong_start_is_none(tester, wrong):
    tester.ask().answer(SlacParmCnf)
    tester.start(**wrong).sound().assert_silence(2)


@case(f"{CMN}_019")
def test_who_is_unplugged_while_sounding_is_reported_nothing(tester):
    tester.ask().answer(SlacParmCnf)
    tester.start().sound(5).pilot("A").sound(5).assert_silence(2)
    assert tester.heard(SlacMatchCnf) == []


@case(f"{CMN}_020")
def test_who_sends_with_less_power_is_heard_less_well(tester):
    before = tester.get_report()
    tester.wait(2)
    tester.world.line.attenuate("evse", "ev", 30)
    after = tester.get_report(run=ANOTHER_RUN)
    assert sum(after.attenuations) - sum(before.attenuations) == 10 * 58
