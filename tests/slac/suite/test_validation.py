"""CmValidate: a car is recognised by how it toggles the pilot line."""

import pytest

from seccstack.homeplug.messages import SlacMatchCnf, ValidateCnf
from seccstack.slac.validation import Validation
from tests.slac.suite.tester import OTHER, case, each

CMN = "CMN_VTB_CmValidate"
READY = ValidateCnf(signal_type=0, toggles=0, result=1)


@pytest.fixture
def chosen(make):
    """A tester that may validate, or choose, now."""
    return make(slac={"validation": Validation.ON}).pilot("B").get_chosen()


def failed(tester):
    tester.choose().assert_silence()
    return True


@case(f"{CMN}_001")
@pytest.mark.parametrize("toggles", [1, 2, 3])
def test_toggles_are_counted(chosen, toggles):
    assert chosen.validate(toggles) == ValidateCnf(signal_type=0, toggles=toggles, result=2)
    assert not chosen.world.pilot.closed


@case(f"{CMN}_002")
def test_the_first_step_again_is_confirmed_again(chosen):
    for _ in range(2):
        assert chosen.announce().answer(ValidateCnf) == READY


def assert_confirmed_thrice_and_failed(chosen):
    chosen.wait(2)
    first, second, third = [heard.at for heard in chosen.heard(ValidateCnf)]
    assert second - first == pytest.approx(0.4, abs=0.01)
    assert third - second == pytest.approx(0.4, abs=0.01)
    assert failed(chosen)


@case(f"{CMN}_003")
def test_without_a_second_step_it_fails(chosen):
    chosen.announce()
    assert_confirmed_thrice_and_failed(chosen)


@case(f"{CMN}_004")
def test_a_second_step_by_another_signal_counts_for_none(chosen):
    chosen.announce().answer(ValidateCnf)
    chosen.announce(timer=9, signal_type=0xFF)
    assert_confirmed_thrice_and_failed(chosen)


@each(CMN, {5: 0, 6: 2, 7: 3, 8: 4})
def test_a_second_step_that_is_not_ready_fails(chosen, wrong):
    chosen.announce().answer(ValidateCnf)
    chosen.announce(timer=9, result=wrong).assert_silence(2)
    assert failed(chosen)


@case(f"{CMN}_009")
def test_another_car_has_to_wait_and_the_first_succeeds(chosen):
    chosen.get_chosen(OTHER)
    assert chosen.announce().answer(ValidateCnf) == READY
    assert chosen.announce(mac=OTHER).answer(ValidateCnf).result == 0
    chosen.announce(timer=9).toggle(1)
    assert chosen.answer(ValidateCnf, 2.0).result == 2


@case(f"{CMN}_010")
def test_a_charger_that_cannot_validate_says_failure(make):
    tester = make(slac={"validation": Validation.UNSUPPORTED}).pilot("B").get_chosen()
    assert tester.announce().answer(ValidateCnf) == ValidateCnf(toggles=0, result=3)


@pytest.fixture
def unbothered(make):
    """A tester that has been told that validation is not required."""
    tester = make(slac={"validation": Validation.OFF}).pilot("B").get_chosen()
    assert tester.announce().answer(ValidateCnf) == ValidateCnf(toggles=0, result=4)
    return tester


@case(f"{CMN}_011")
def test_toggles_that_nobody_required_upset_nothing(unbothered):
    unbothered.toggle(2).choose()
    assert unbothered.answer(SlacMatchCnf)
    assert not unbothered.world.pilot.closed


@case(f"{CMN}_012")
def test_who_need_not_validate_is_matched(unbothered):
    assert unbothered.choose().answer(SlacMatchCnf)


@case(f"{CMN}_013")
def test_who_is_unplugged_meanwhile_is_told_nothing(chosen):
    chosen.announce().answer(ValidateCnf)
    chosen.announce(timer=9).toggle(1).pilot("A").assert_silence(2)
