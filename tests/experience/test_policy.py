import pytest

from seccstack.experience.household import Guest, Household
from seccstack.experience.policy import (
    FIRST_WINDOW,
    LEAST_WINDOW,
    TRY_AGAIN,
    UNRELAXED,
    WINDOW,
    Arrival,
    Greeting,
    Policy,
    Settings,
    again,
    planned,
)
from seccstack.experience.record import Experience, Spoken

AUTO = Settings(Policy.AUTO)
TESLA, VW = Guest("tesla", 0.4, patience=0.4), Guest("vw", 0.4, patience=28.0)
SILENT = Guest("silent", 0.4, label="the Zoe")
TOUCHY = Guest("touchy", 0.4, spared=True)


def start(*guests, authorised=True, unasked=0, **arrival):
    household = Household(guests, unasked)
    return planned(AUTO, Arrival(household, authorised=authorised, **arrival))


def greeted(plan):
    return plan.greeting, plan.seconds


def test_whoever_comes_first_is_asked_for_as_long_as_the_standard_gives_it():
    plan = start()
    assert greeted(plan) == (Greeting.FIVE, FIRST_WINDOW)
    assert not plan.bold
    assert plan.longest == WINDOW


def test_who_speaks_late_is_waited_for_half_as_long_again():
    assert greeted(start(VW)) == (Greeting.FIVE, 42.0)


def test_no_window_is_longer_than_slacs():
    assert start(Guest("slow", 0.8, patience=40.0)).seconds == WINDOW


def test_who_speaks_at_once_costs_nobody_more_than_somebody_new_is_worth():
    plan = start(TESLA)
    assert greeted(plan) == (Greeting.FIVE, FIRST_WINDOW)
    assert "tesla would have spoken" in plan.why


def test_where_it_shares_the_outlet_with_a_silent_one_that_one_waits_little():
    plan = start(Guest("tesla", 0.49, patience=0.4), Guest("silent", 0.49))
    assert greeted(plan) == (Greeting.FIVE, LEAST_WINDOW)
    assert plan.bold


def test_a_silent_one_goes_by_pulse_width_at_once():
    plan = start(Guest("silent", 0.66))
    assert plan.greeting is Greeting.PULSES
    assert plan.why == "those who come here say nothing"
    assert plan.asked_seconds is None


def test_but_once_in_a_while_it_is_asked_whether_it_is_somebody_else():
    plan = start(Guest("silent", 0.66), unasked=TRY_AGAIN)
    assert greeted(plan) == (Greeting.FIVE, FIRST_WINDOW)


def test_who_comes_seldom_is_not_waited_for_at_the_cost_of_who_comes_often():
    plan = start(Guest("silent", 0.8), Guest("vw", 0.1, patience=28.0))
    assert plan.greeting is Greeting.PULSES


def test_of_a_half_known_house_somebody_new_is_expected():
    plan = start(Guest("silent", 0.2))
    assert greeted(plan) == (Greeting.FIVE, FIRST_WINDOW)
    assert "somebody new" in plan.why


def test_nobody_who_does_not_bear_5_percent_is_shown_it():
    plan = start(TOUCHY, VW)
    assert plan.greeting is Greeting.PULSES
    assert plan.why == "touchy does not charge after 5 %"


def test_unless_the_start_without_has_failed_too_often():
    plan = start(Guest("touchy", 0.4, spared=True, relaxed=UNRELAXED))
    assert greeted(plan) == (Greeting.FIVE, WINDOW)


@pytest.mark.parametrize(("relaxed", "seconds"), [(1, 10.0), (2, 25.0), (3, WINDOW)])
def test_each_two_failed_starts_in_a_row_make_the_next_more_cautious(relaxed, seconds):
    assert start(Guest("silent", 0.9, relaxed=relaxed)).seconds == seconds


def test_without_an_authorisation_everybody_is_asked_and_the_reason_is_said():
    plan = start(TESLA, VW, authorised=False)
    assert greeted(plan) == (Greeting.FIVE, 42.0)
    assert plan.asked_seconds == WINDOW
    assert plan.why.startswith(
        "no authorisation yet, so nothing is lost by asking; then 42 s, "
    )


def test_a_silent_one_goes_on_at_the_moment_of_its_authorisation():
    plan = start(Guest("silent", 0.66), authorised=False)
    assert greeted(plan) == (Greeting.FIVE, 0.0)
    assert "then no longer, as those who come here say nothing" in plan.why


def test_an_authorisation_is_waited_for_without_pulses_where_nobody_speaks_and_one_minds():
    plan = start(TOUCHY, SILENT, authorised=False)
    assert plan.greeting is Greeting.PULSES
    assert start(TOUCHY, TESLA, authorised=False).greeting is Greeting.FIVE


def test_who_is_to_say_who_it_is_is_asked_whatever_is_known():
    assert greeted(start(TOUCHY, asked_who=True)) == (Greeting.FIVE, WINDOW)


def test_after_one_that_was_stuck_the_next_is_not_shown_5_percent():
    assert start(VW, stuck=True).greeting is Greeting.PULSES


def test_a_shorter_window_of_slac_bounds_them_all():
    short = Settings(Policy.AUTO, window=8.0)
    assert planned(short, Arrival(Household((VW,)), authorised=True)).seconds == 8.0


def test_a_vehicle_that_is_named_is_waited_for_as_it_has_always_spoken():
    plan = again(AUTO, Experience(first_slac=(2.0, 20.0)))
    assert greeted(plan) == (Greeting.FIVE, 30.0)
    assert again(AUTO, Experience(first_slac=(0.4,))).seconds == LEAST_WINDOW


@pytest.mark.parametrize(
    "known",
    [
        Experience(),
        Experience(first_slac=(1.0,), protocols=(Spoken(protocol="iso2", in_a_row=2),)),
    ],
)
def test_of_whom_little_is_known_or_little_hoped_nothing_changes(known):
    assert again(AUTO, known) is None
