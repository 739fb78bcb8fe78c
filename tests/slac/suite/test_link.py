"""PLCLinkStatus, both kinds of outlet: the link, and what it must not be disturbed by."""

import pytest

from tests.slac.suite.tester import ANOTHER_RUN, DIGITAL, case

CMN = "CMN_VTB_PLCLinkStatus"


@case(f"{CMN}_001")
def test_the_link_stands_within_12_s(tester):
    tester.link()
    assert tester.stations == 1


@case(f"{CMN}_002")
def test_who_is_unplugged_is_left_within_a_second(tester):
    tester.link().pilot("A").wait_until_left(within=1.0)


@case(f"{CMN}_003")
def test_a_linked_car_that_asks_is_not_answered(tester):
    tester.link().ask().assert_silence(0.25)


@case(f"{CMN}_004")
def test_a_linked_car_may_go_to_state_c_and_back(tester):
    """Its body is published nowhere: all that the suite wants of a link in any charger."""
    tester.link().pilot("C").wait(5)
    assert tester.stations == 1
    tester.assert_sdp_works()
    tester.ask().assert_silence(0.25)
    tester.pilot("B").wait(5)
    assert tester.stations == 1
    tester.assert_sdp_works()


@case(f"{CMN}_005")
def test_after_a_lost_connection_the_old_network_is_left(tester):
    """The tester changes its key; then it takes the old one again, and finds nobody there."""
    confirmed = tester.match()
    tester.join(confirmed).wait_for("link ready", 12)
    tester.leave()
    assert tester.stations == 0
    tester.wait_for("link lost", 5).wait(1)
    assert tester.world.line.modems["evse"].network_key != confirmed.network_key
    tester.join(confirmed).wait(3)
    assert tester.stations == 0


def test_a_linked_car_that_goes_on_asking_is_matched_anew(tester):
    tester.link().ask().assert_silence(1.0)
    tester.ask().assert_silence(0.2)
    tester.link(run=ANOTHER_RUN)
    assert len(tester.noted("matched")) == 2
    assert tester.signal == DIGITAL


@pytest.mark.parametrize("seconds", [0.9, 11])
def test_who_asks_once_in_a_while_is_not(tester, seconds):
    tester.link().ask().assert_silence(seconds)
    tester.ask().assert_silence(0.25)
