"""What an outlet is told out of the configuration file."""

import pytest

from seccstack.adapters.outlet import settings_of
from seccstack.auth.judgement import Below
from seccstack.config import parse

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
