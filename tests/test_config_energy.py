"""What a configuration says of the house, and what is wrong with it."""

import pytest

from seccstack.config import parse
from seccstack.errors import ConfigError

METER = '[meter]\nkind = "simulated"\n'
FUSE = "[energy]\nconnection_amps = 35\n"


def test_nothing_is_shared_out_unless_it_is_configured():
    energy = parse("").energy
    assert (energy.connection_amps, energy.solar) == (0.0, "direct")


def test_a_fuse_and_the_sun_need_the_meter_at_the_outlet():
    text = '[energy]\nconnection_amps = 35\nsolar = "strict"\n'
    assert parse(METER + text).energy.solar == "strict"


@pytest.mark.parametrize(
    ("text", "key", "right"),
    [
        ("[energy]\nconnection_amps = 35", "energy.connection_amps", "meter at the outlet"),
        ('[energy]\nsolar = "manual"', "energy.solar", "meter at the outlet"),
        ('[energy]\nsolar = "strong"', "energy.solar", "strict"),
        ("[energy]\nhouse_safe_amps = 11", "energy.house_safe_amps", "10"),
        ("[energy]\nmin_off_seconds = 5", "energy.min_off_seconds", "60"),
        (
            "[charger]\nrated_amps = 10\n[energy]\nmin_amps = 12",
            "energy.min_amps",
            "rated_amps",
        ),
        ("[charger]\nrated_amps = 8\n[energy]\nmanual_amps = 9", "energy.manual_amps", "here"),
        (f"{METER}poll_seconds = 3\n{FUSE}", "energy.delay_seconds", "more often"),
        (
            f"{METER}poll_seconds = 9\n{FUSE}delay_seconds = 14\nstale_seconds = 15",
            "energy.stale_seconds",
            "some times that",
        ),
        ("[energy]\nfuse = 35", "energy", "connection_amps"),
    ],
)
def test_what_is_wrong_is_said(text, key, right):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert key in str(caught.value)
    assert right in str(caught.value)
