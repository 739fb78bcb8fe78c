"""What an outlet is told out of the configuration file."""

from dataclasses import replace

import pytest

from seccstack.adapters.outlet import settings_of
from seccstack.auth import enrolling
from seccstack.auth.enrolling import RotatingVehicles
from seccstack.auth.judgement import Below
from seccstack.config import parse
from seccstack.session.plant import Protocol

TLS = """
[tls]
mode = "offer"
chains = ["chains/lab"]
[contract]
roots = ["roots/mo.pem"]
[powerline]
kind = "ethernet"
interface = "eth1"
"""


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ('policy = "autocharge"\ncontract = true', ()),
        ('policy = "autocharge and card"', (("card", "autocharge"),)),
        (
            'policy = "card and autocharge"\ncontract = true',
            (("card", "autocharge"), ("contract",)),
        ),
        ('policy = "contract"\ncontract = true', (("contract",),)),
    ],
)
def test_ways_of_one_s_own_reach_the_outlet(text, ways):
    config = parse(f"[access]\n{text}\n{TLS}")
    assert tuple(tuple(f.value for f in way) for way in settings_of(config).access.ways) == ways


def test_what_is_below_the_confidence_reaches_the_outlet():
    keys = 'autocharge_confidence = 0.8\nbelow = "reduced"\nreduced_amps = 8\nvouch_days = 2'
    access = settings_of(parse(f"[access]\n{keys}")).access
    assert (access.confidence, access.below) == (0.8, Below.REDUCED)
    assert (access.reduced_amps, access.vouch_seconds) == (8.0, 172800.0)


def test_what_the_file_says_of_registration_reaches_the_outlet():
    text = 'setup_cards = ["04:a1:b2:c3"]\nwait_seconds = 30\nidentify_seconds = 90\nmost = 5'
    told = settings_of(parse(f'[enrolment]\n{text}\nrotating = "family"')).enrolment
    assert replace(told, meaning="") == enrolling.Settings(
        ("04A1B2C3",), 30, 90, 5.0, 5, RotatingVehicles.FAMILY
    )


@pytest.mark.parametrize(
    ("policy", "meaning"),
    [
        ("autocharge", ""),
        ("autocharge or card", ""),
        ("open", "everybody may charge here, so a vehicle that is registered gains nothing"),
        ("card", "not let in by itself here, where card or contract is wanted"),
        (
            "autocharge and card",
            "not let in by itself here, where card and autocharge is wanted",
        ),
    ],
)
def test_what_it_is_to_be_registered_depends_on_the_policy(policy, meaning):
    told = settings_of(parse(f'[access]\npolicy = "{policy}"')).enrolment
    assert meaning in told.meaning
    assert bool(meaning) == bool(told.meaning)


def test_only_a_lab_speaks_iso_15118_20_to_who_has_not_shown_a_certificate():
    assert not settings_of(parse("")).charger.iso20_in_plain
    assert settings_of(parse('[tls]\nprofile = "lab"')).charger.iso20_in_plain


def test_the_protocols_of_the_file_are_those_that_are_spoken():
    settings = settings_of(parse('[charger]\nprotocols = ["din", "iso2"]'))
    assert settings.charger.protocols == (Protocol.DIN, Protocol.ISO2)


def test_whether_less_than_6_amperes_is_tried_is_the_owners_choice():
    assert settings_of(parse("")).floor.search
    assert not settings_of(parse("[energy]\nbelow_6_amps = false")).floor.search


def test_how_often_a_vehicle_is_woken_is_too():
    assert settings_of(parse("[pilot]\nwakes = 1")).pilot.wakes == 1
