"""Chargers to attack, in virtual time."""

from dataclasses import replace

import pytest

from seccstack.adapters.outlet import settings_of
from seccstack.adapters.paper import paper
from seccstack.attack.catalogue import chosen
from seccstack.attack.script import run
from seccstack.attack.simulated import SimTarget
from seccstack.config import Access, Config, Contract
from seccstack.config_tls import Tls
from seccstack.sim.demo import WALL_TIME
from tests.scenarios.scene import octets_of

CONFIGS = {
    "default": Config(),
    "autocharge": Config(access=Access(policy="autocharge")),
    "strict": Config(access=Access(policy="autocharge", fingerprint="require")),
    "card": Config(access=Access(policy="card")),
    "tls": Config(access=Access(policy="autocharge"), tls=Tls(mode="offer", chains=["x"])),
    "both": Config(
        access=Access(policy="autocharge", contract=True),
        tls=Tls(mode="offer", chains=["x"]),
        contract=Contract(roots=["x"]),
    ),
    "pnc": Config(
        access=Access(policy="card", contract=True),
        tls=Tls(mode="offer", chains=["x"]),
        contract=Contract(roots=["x"]),
    ),
}


@pytest.fixture(scope="session")
def papers():
    """A contract that is good here, and one that is not."""
    return paper(WALL_TIME), paper(WALL_TIME).wallet


@pytest.fixture
def charger(papers):
    """Make a target; keywords change its access settings."""

    def make(name="autocharge", kind=SimTarget, octets=None, paid=papers[0], **access):
        config = CONFIGS[name] if isinstance(name, str) else name
        settings = settings_of(config)
        settings = replace(settings, access=replace(settings.access, **access))
        pays = (paid, papers[1]) if config.access.contract else ()
        return kind(settings, octets or octets_of(0), *pays)

    return make


def play(name, target):
    [attack] = chosen([name])
    return run(attack, target)
