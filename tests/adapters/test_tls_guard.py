"""What a configuration of TLS is made into, and what the outlet is told of its chains."""

import asyncio
import shutil

import pytest

from seccstack import config
from seccstack.adapters import tls_guard
from seccstack.adapters.tls_guard import guard
from seccstack.errors import ConfigError
from seccstack.events import CertificatesRead
from tests import lab as labs
from tests.adapters.conftest import run, until


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def settings(**tls):
    return config.Tls(mode="offer", **tls)


def told(made, meanwhile=None):
    """What the outlet is told of a guard's chains, until ``meanwhile`` is done."""

    async def scenario():
        fed = []
        made.start(fed.append)
        if meanwhile is not None:
            await meanwhile(fed)
        made.stop()
        return fed

    return run(scenario())


def test_the_outlet_is_told_which_chains_there_are(lab):
    places = [str(lab / "chains/v2g-a.secc"), str(lab / "chains/v2g-20.secc")]
    made = guard(settings(chains=places), lambda line: None)
    assert told(made) == [CertificatesRead(("v2g-a.secc", "v2g-20.secc"))]


def test_and_told_again_when_that_changes_but_not_when_it_does_not(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(tls_guard, "LOOK_SECONDS", 0.01)
    place = tmp_path / "chain"
    shutil.copytree(lab / "chains/v2g-a.secc", place)

    async def renew(fed):
        await asyncio.sleep(0.05)
        assert len(fed) == 1
        shutil.rmtree(place)
        await until(lambda: len(fed) == 2)

    first, second = told(guard(settings(chains=[str(place)]), lambda line: None), renew)
    assert first.chains == ("chain",)
    assert "cannot read" in second.problems[0]


def test_a_guard_that_is_started_again_tells_again(lab):
    made = guard(settings(chains=[str(lab / "chains/v2g-a.secc")]), lambda line: None)
    assert told(made) == told(made)


def test_roots_of_vehicles_are_read_at_the_start(lab):
    roots = [str(lab / "roots/oem-20.pem"), str(lab / "roots/v2g-20.pem")]
    made = guard(settings(chains=["x"], vehicle_roots=roots), lambda line: None)
    assert len(made._security.policy.vehicle_roots) == 2


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nothing.pem", "cannot read .*: No such file"),
        ("noise.pem", "is no certificate in PEM"),
    ],
)
def test_a_root_that_cannot_be_read_is_a_configuration_that_cannot_be_used(
    tmp_path, name, problem
):
    (tmp_path / "noise.pem").write_text("noise")
    wanted = settings(chains=["x"], vehicle_roots=[str(tmp_path / name)])
    with pytest.raises(ConfigError, match=problem) as caught:
        guard(wanted, lambda line: None)
    assert caught.value.key == "tls.vehicle_roots"


def test_what_is_required_and_what_is_not_allowed_reaches_openssl(lab):
    wanted = config.Tls(mode="require", chains=["x"], gcm=False)
    policy = guard(wanted, lambda line: None)._security.policy
    assert (policy.required, policy.gcm) == (True, False)
