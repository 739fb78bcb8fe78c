"""What a configuration of TLS is made into, and what the outlet is told of its chains."""

import asyncio
import shutil

import pytest

from seccstack.adapters import tls_guard
from seccstack.adapters.tls_guard import guard
from seccstack.config_tls import Tls
from seccstack.errors import ConfigError
from seccstack.events import CertificatesRead
from tests import lab as labs
from tests.adapters.conftest import run, until


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def settings(**tls):
    return Tls(mode="offer", **tls)


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
    made = guard(settings(chains=places, vehicle="accept"), lambda line: None)
    assert told(made) == [CertificatesRead(("v2g-a.secc", "v2g-20.secc"))]


def test_a_chain_for_tls_1_3_is_shown_to_nobody_while_no_vehicle_s_root_is_known(lab):
    places = [str(lab / "chains/v2g-a.secc"), str(lab / "chains/v2g-20.secc")]
    [said] = told(guard(settings(chains=places), lambda line: None))
    assert said.chains == ("v2g-a.secc",)
    assert said.problems[0].startswith("v2g-20.secc is shown to nobody: in TLS 1.3 a vehicle")
    roots = [str(lab / "roots/oem-20.pem")]
    [said] = told(guard(settings(chains=places, vehicle_roots=roots), lambda line: None))
    assert said == CertificatesRead(("v2g-a.secc", "v2g-20.secc"))


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
    assert len(made._security.trust.roots) == 2


def test_a_root_and_a_list_that_are_renewed_hold_from_then_on(lab, tmp_path, monkeypatch):
    monkeypatch.setattr(tls_guard, "LOOK_SECONDS", 0.01)
    root, listed = tmp_path / "root.pem", tmp_path / "list.crl"
    shutil.copy(lab / "roots/oem-20.pem", root)
    shutil.copy(lab / "revocation/oem-20.oem_root.crl", listed)
    how = {"vehicle_roots": [str(root)], "vehicle_lists": [str(listed)]}
    made = guard(settings(chains=["x"], **how), lambda line: None)

    async def renew(fed):
        before = made._security.trust
        listed.write_bytes((lab / "revocation/oem-20.vehicle_sub2.crl").read_bytes())
        await until(lambda: made._security.trust is not before)
        root.write_text("noise")
        await until(lambda: len(fed) == 2)

    [*_, said] = told(made, renew)
    assert said.problems[-1].startswith(f"{root} is of no use")
    assert len(made._security.trust.roots) == 1


@pytest.mark.parametrize("key", ["vehicle_roots", "vehicle_lists"])
@pytest.mark.parametrize(
    ("name", "problem"),
    [("nothing.pem", "cannot read .*: No such file"), ("noise.pem", "is of no use")],
)
def test_a_file_that_cannot_be_read_is_a_configuration_that_cannot_be_used(
    tmp_path, name, problem, key
):
    (tmp_path / "noise.pem").write_text("noise")
    wanted = settings(chains=["x"], **{key: [str(tmp_path / name)]})
    with pytest.raises(ConfigError, match=problem) as caught:
        guard(wanted, lambda line: None)
    assert caught.value.key == "tls.vehicle_roots, tls.vehicle_lists"


def test_in_a_lab_more_is_spoken_and_more_believed():
    made = guard(settings(chains=["x"], profile="lab"), lambda line: None)
    assert made._security.policy.lab
    assert "secp256r1" in made._security.trust.rules.signatures
    assert not guard(settings(chains=["x"]), lambda line: None)._security.policy.lab


def test_what_is_required_and_what_is_not_allowed_reaches_openssl(lab):
    wanted = Tls(mode="require", chains=["x"], gcm=False)
    policy = guard(wanted, lambda line: None)._security.policy
    assert (policy.required, policy.gcm) == (True, False)
