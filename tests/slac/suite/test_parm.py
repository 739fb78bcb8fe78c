"""CM_SLAC_PARM: who is answered when."""

from seccstack.homeplug.messages import BROADCAST, SlacParmCnf
from seccstack.pilot.port import Digital, Fault
from seccstack.pilot.settings import Start
from tests.slac.suite.tester import (
    DIGITAL,
    EV,
    FAULT,
    RUN,
    STEADY,
    case,
    each,
)

CMN = "CMN_VTB_CmSlacParm"
CONFIRMED = SlacParmCnf(
    sound_target=BROADCAST,
    num_sounds=10,
    timeout=6,
    response_type=1,
    forwarding_station=EV,
    application_type=0,
    security_type=0,
    run_id=RUN,
)


@each(CMN, {1: "B", 2: "C", 3: "D"})
def test_who_asks_while_plugged_in_is_answered_each_time(make, wrong):
    tester = make().pilot(wrong)
    for _ in range(3):
        assert tester.ask().answer(SlacParmCnf, within=0.1) == CONFIRMED
        tester.wait(0.2)
    assert {heard.to for heard in tester.heard(SlacParmCnf)} == {EV}


@case(f"{CMN}_004")
def test_who_asks_too_late_is_not(tester):
    tester.wait(50.1).ask().assert_silence()
    assert tester.signal in (FAULT, STEADY)


@each(CMN, {5: {"application_type": 0xFF}, 6: {"security_type": 0xFF}})
def test_who_asks_for_what_is_not_offered_is_not_and_keeps_nothing_open(tester, wrong):
    tester.ask(**wrong).assert_silence()
    tester.wait(50).ask().assert_silence()


@case(f"{CMN}_007")
def test_who_is_unplugged_is_not(tester):
    tester.pilot("A").ask().assert_silence()


@case(f"{CMN}_008")
def test_after_600_s_without_a_plug_all_is_ready_in_time(make):
    tester = make().wait(600).pilot("B")
    assert tester.wait_signal(Digital, within=8) < 8
    assert tester.ask().answer(SlacParmCnf)


@case(f"{CMN}_009")
def test_after_600_s_the_first_request_is_answered(make):
    tester = make().wait(600).pilot("B")
    tester.wait_signal(Digital, within=8)
    tester.ask().answer(SlacParmCnf)
    assert len(tester.heard(SlacParmCnf)) == 1


# AC: what the pilot does about it.


AC = "AC_VTB_CmSlacParm"


def assert_slac_works(tester):
    tester.link()
    tester.assert_sdp_works()


@case(f"{AC}_001")
def test_a_silent_car_that_may_charge_is_told_by_f_and_gets_pulses(ac):
    tester = ac().pilot("B").wait(5).authorise()
    tester.wait_signal(Fault, within=10)
    tester.wait(8)
    assert tester.fault_was_held() == tester.signal
    assert tester.nominal
    assert_slac_works(tester)


@case(f"{AC}_002")
def test_a_silent_car_is_asked_three_times_and_then_left_at_x1(ac):
    tester = ac().pilot("B")
    plugged_in = tester.now
    told = tester.wait(200).signals(plugged_in - 0.001)
    assert [(round(at), signal) for at, signal in told] == [
        (0, DIGITAL), (50, FAULT), (54, DIGITAL), (104, FAULT), (108, DIGITAL), (158, STEADY),
    ]  # fmt: skip


@case(f"{AC}_003")
def test_a_car_that_is_greeted_without_pulses_gets_them_and_may_be_matched(ac):
    tester = ac(pilot={"start": Start.NOMINAL}).pilot("B").wait(5)
    assert tester.signal == STEADY
    tester.authorise()
    assert tester.nominal
    assert_slac_works(tester)


@case(f"{AC}_004")
def test_a_car_that_may_charge_before_it_comes_gets_pulses_at_once(ac):
    tester = ac().authorise().pilot("B")
    assert tester.nominal
    assert_slac_works(tester)
