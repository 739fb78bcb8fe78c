"""CmSlacMatch: who is given the key."""

import pytest

from seccstack.homeplug.frame import Frame, encode_frame
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import SlacMatchCnf
from seccstack.sim.world import EVSE_MAC
from seccstack.slac.validation import Validation
from tests.slac.suite.tester import ANOTHER_RUN, EV, RUN, case, each

CMN = "CMN_VTB_CmSlacMatch"
NOBODY = bytes(6)
STATION = b"\xff" * 17


@pytest.fixture
def unvalidated(make):
    """A tester that may choose now."""
    tester = make()
    tester.pilot("B").get_chosen()
    return tester


@pytest.fixture
def validated(make):
    """A tester that has toggled, and may choose now."""
    tester = make(slac={"validation": Validation.ON}).pilot("B").get_chosen()
    assert tester.validate().result == 2
    return tester


def key_of(tester):
    """The key that the charger's modem has now."""
    return tester.world.line.modems["evse"].network_key


def assert_the_key_is_given(tester):
    confirmed = tester.choose().answer(SlacMatchCnf, within=0.1)
    assert confirmed == SlacMatchCnf(
        application_type=0,
        security_type=0,
        length=86,
        ev_id=bytes(17),
        ev_mac=EV,
        evse_id=bytes(17),
        evse_mac=EVSE_MAC,
        run_id=RUN,
        network_id=network_id(key_of(tester)),
        network_key=key_of(tester),
    )
    assert len(encode_frame(Frame(EV, EVSE_MAC, confirmed))) == 109
    assert {heard.to for heard in tester.heard(SlacMatchCnf)} == {EV}


@case(f"{CMN}_001")
def test_a_choice_is_confirmed_with_all_fields(unvalidated):
    assert_the_key_is_given(unvalidated)


@case(f"{CMN}_002")
def test_so_is_one_after_validation(validated):
    assert_the_key_is_given(validated)


@case(f"{CMN}_003")
def test_the_same_choice_again_is_confirmed_again(unvalidated):
    for _ in range(3):
        assert_the_key_is_given(unvalidated.wait(0.2))


@case(f"{CMN}_004")
def test_the_same_choice_again_is_confirmed_again_after_validation(validated):
    for _ in range(3):
        assert_the_key_is_given(validated.wait(0.2))


@case(f"{CMN}_005")
def test_a_choice_after_10_s_is_too_late(unvalidated):
    unvalidated.wait(10.1).choose().assert_silence()


@case(f"{CMN}_006")
def test_after_validation_it_is_so_after_400_ms(validated):
    validated.wait(0.41).choose().assert_silence()


WRONG_CHOICES = [
    {"application_type": 0xFF},
    {"security_type": 0xFF},
    {"length": 0},
    {"ev_id": STATION},
    {"ev_mac": NOBODY},
    {"evse_id": STATION},
    {"evse_mac": NOBODY},
    {"run_id": ANOTHER_RUN},
]


def assert_ignored(tester, wrong):
    tester.choose(**wrong).assert_silence()
    tester.wait(10.1).choose().assert_silence()


@each(CMN, dict(zip(range(7, 23, 2), WRONG_CHOICES, strict=True)))
def test_a_wrong_choice_is_none(unvalidated, wrong):
    assert_ignored(unvalidated, wrong)


@each(CMN, dict(zip(range(8, 23, 2), WRONG_CHOICES, strict=True)))
def test_a_wrong_choice_is_none_after_validation(validated, wrong):
    assert_ignored(validated, wrong)


@case(f"{CMN}_023")
def test_who_is_unplugged_is_not_given_the_key(unvalidated):
    unvalidated.pilot("A").choose().assert_silence()


@case(f"{CMN}_024")
def test_who_is_unplugged_is_not_given_the_key_after_validation(validated):
    validated.pilot("A").choose().assert_silence()
