"""The light, as the table of the wallbox has it."""

import pytest

from seccstack.indication import Colour, Light, Segment, Standing, light_of, words


def light(**standing):
    return words(light_of(Standing(**standing)))


@pytest.mark.parametrize(
    ("standing", "shown"),
    [
        ({"starting": True}, "blue, running"),
        ({"suspended": True}, "blue, running"),
        ({}, "blue"),
        ({"charging": True}, "blue, breathing"),
        ({"broken": True}, "red"),
        ({"mute": True}, "S1-S3 blue; S4 red"),
        ({"mute": True, "charging": True}, "S1-S3 blue, breathing; S4 red"),
        ({"registering": True}, "S1 blue; S2-S3 off; S4 blue"),
    ],
)
def test_each_state_has_the_light_of_the_table(standing, shown):
    assert light(**standing) == shown


def test_who_gets_nothing_is_suspended_with_a_closed_contactor_too():
    assert light(charging=True, suspended=True) == "blue, running"


def test_an_error_is_red_whatever_else_is_the_case():
    every = dict.fromkeys(("starting", "charging", "suspended", "mute", "registering"), True)
    assert light(broken=True, **every) == "red"


def test_who_registers_sees_a_dead_modem_too():
    assert light(registering=True, mute=True) == "S1 blue; S2-S3 off; S4 red"


def test_registration_is_shown_still_whatever_moves_otherwise():
    assert not light_of(Standing(registering=True, charging=True)).moves


def test_a_light_moves_if_any_of_it_does():
    assert light_of(Standing(charging=True, mute=True)).moves
    assert not light_of(Standing(mute=True)).moves


def test_segments_that_are_not_neighbours_are_told_apart():
    blue, red = Segment(Colour.BLUE), Segment(Colour.RED)
    assert words(Light(blue, red, blue, red)) == "S1 blue; S2 red; S3 blue; S4 red"
