"""ISO 15118-20, PowerDelivery: no energy before it is right, and no word of it before it is."""

import pytest

from seccstack.auth.decision import Denied
from seccstack.session.events import (
    ContactorChanged,
    Decided,
    LeastChanged,
    LimitChanged,
    PilotChanged,
)
from seccstack.session.iso20.record import State
from tests.session.iso20.vehicle import ONGOING, Ev, loop, power, profile, scheduled


def test_the_response_to_a_start_is_owed_until_the_contactor_has_closed():
    """E-11, OC-18."""
    ev = Ev().agree()
    assert ev.ask(power("Start", profile())) is None
    assert ev.energy()
    ev.tell(PilotChanged(True))
    assert ev.answer() is None
    ev.tell(ContactorChanged(True))
    assert ev.answer().response_code.value == "OK"
    assert ev.session.state is State.CHARGING


def test_a_contactor_that_closed_before_is_closed():
    """OC-18."""
    ev = Ev().charge()
    assert ev.answer().response_code.value == "OK"


def test_a_contactor_that_does_not_close_is_an_error():
    """E-11."""
    ev = Ev().start()
    ev.tell(PilotChanged(True))
    ev.wait(3)
    assert ev.answer().response_code.value == "FAILED_ContactorError"
    assert not ev.energy()


def test_a_vehicle_that_does_not_close_its_switch_gets_nothing():
    """E-11."""
    ev = Ev().start()
    ev.wait(1.5)
    assert ev.answer().response_code.value == "FAILED_PowerDeliveryNotApplied"


@pytest.mark.parametrize("change", [Decided(Denied(("no",))), LimitChanged(5.0)])
@pytest.mark.parametrize("ready", [False, True])
def test_what_is_no_longer_allowed_does_not_start(change, ready):
    ev = Ev().agree()
    ev.tell(change)
    assert ev.code(power("Start", profile())) == "FAILED_PowerDeliveryNotApplied"
    ev = Ev().start()
    ev.tell(PilotChanged(True)) if ready else None
    ev.tell(change)
    assert ev.answer().response_code.value == "FAILED_PowerDeliveryNotApplied"


WRONG = [
    (1, profile(tuple_id=7), "FAILED_ScheduleSelectionInvalid"),
    (1, profile((60, 12_000)), "FAILED_EVPowerProfileInvalid"),
    (1, profile(tuple_id=None), "FAILED_EVPowerProfileInvalid"),
    (2, profile(), "FAILED_EVPowerProfileInvalid"),
]


@pytest.mark.parametrize(("parameter_set", "wrong", "code"), WRONG)
def test_a_profile_has_to_be_of_what_was_offered(parameter_set, wrong, code):
    """E-11."""
    ev = Ev().agree(parameter_set=parameter_set)
    assert ev.code(power("Start", wrong)) == code
    assert not ev.energy()


def test_without_a_profile_a_vehicle_draws_of_the_first_schedule():
    ev = Ev().agree()
    ev.tell(PilotChanged(True), ContactorChanged(True))
    assert ev.code(power("Start")) == "OK"


def test_a_vehicle_that_is_still_about_to_say_it_is_waited_for():
    ev = Ev().agree()
    assert ev.code(power("Start", processing=ONGOING)) == "OK"
    assert not ev.energy()
    assert ev.session.state is State.AGREED


def test_it_may_not_stand_by():
    """E-11."""
    ev = Ev().agree()
    assert ev.code(power("Standby")) == "WARNING_StandbyNotAllowed"
    assert ev.session.state is State.AGREED
    ev = Ev().charge()
    assert ev.code(power("Standby")) == "WARNING_StandbyNotAllowed"
    assert ev.code(loop()) == "OK"


def test_a_stop_takes_the_energy_away():
    """E-11."""
    ev = Ev().charge()
    assert ev.code(power("Stop")) == "OK"
    assert not ev.energy()
    assert Ev().agree().code(power("Stop")) == "OK"


def test_before_it_charges_there_is_nothing_to_negotiate_anew():
    code = "FAILED_ScheduleRenegotiation"
    assert Ev().agree().code(power("ScheduleRenegotiation")) == code


def test_while_it_negotiates_anew_the_energy_goes_on():
    """E-11."""
    ev = Ev().charge()
    ev.ask(loop())
    assert ev.code(power("ScheduleRenegotiation")) == "OK"
    assert ev.energy()
    assert ev.code(scheduled()) == "OK"
    assert ev.code(power("Start", profile())) == "OK"
    assert ev.code(loop()) == "OK"


def test_it_may_negotiate_anew_a_few_times_without_charging():
    ev = Ev().charge()
    for _ in range(3):
        assert ev.code(power("ScheduleRenegotiation")) == "OK"
        ev.ask(scheduled())
        ev.ask(power("Start"))
    code = "FAILED_ScheduleRenegotiation"
    assert ev.code(power("ScheduleRenegotiation")) == code


def test_while_a_start_is_owed_the_same_again_is_answered_once_and_a_stop_settles_it():
    ev = Ev().start()
    assert ev.ask(power("Start", profile())) is None
    assert ev.code(power("Stop")) == "OK"
    assert not ev.energy()
    ev = Ev().start()
    assert ev.code(power("Start")) == "FAILED_SequenceError"


def test_who_is_still_about_to_say_it_in_a_loop_stays_in_the_loop():
    ev = Ev().charge()
    assert ev.code(power("Start", processing=ONGOING)) == "OK"
    assert ev.session.state is State.CHARGING
    assert ev.code(loop()) == "OK"


def test_as_little_as_a_vehicle_is_known_to_follow_is_enough_to_start():
    ev = Ev()
    ev.tell(LeastChanged(2.8), PilotChanged(True))
    ev.agree(amps=4.0)
    assert ev.ask(power("Start", profile((3600, 900)))) is None
    ev.tell(ContactorChanged(True))
    assert ev.answer().response_code.value == "OK"
