"""What the doctor says of chains and roots for ISO 15118-20."""

import shutil

import pytest

from seccstack.adapters.doctor_vehicles import examine_vehicles
from seccstack.adapters.tls_chains import Chains
from seccstack.config_tls import Tls
from tests import lab as labs

NOW = labs.NOW.timestamp()


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def found(lab, *places, days=0.0, **tls):
    chains = Chains([str(lab / place) for place in places], lambda: NOW)
    chains.look()
    roots = [str(lab / name) for name in tls.pop("roots", ())]
    wanted = Tls(vehicle_roots=roots, **tls)
    told = examine_vehicles(wanted, chains.valid, NOW + days * 86400)
    return [(one.verdict.value, one.found) for one in told]


def test_without_a_chain_and_a_root_it_is_no_matter(lab):
    [(verdict, said)] = found(lab, "chains/v2g-a.secc")
    assert (verdict, said.startswith("no chain is for TLS 1.3")) == ("ok", True)


@pytest.mark.parametrize("family", ["20", "20-ed448"])
def test_a_chain_and_a_root_of_the_same_are_all_that_is_needed(lab, family):
    [chain, root] = found(lab, f"chains/v2g-{family}.secc", roots=[f"roots/oem-{family}.pem"])
    assert chain == ("ok", f"v2g-{family}.secc is for ISO 15118-20, on curves that it has")
    assert (root[0], "OEM Root CA" in root[1]) == ("ok", True)


def test_a_chain_that_is_only_half_of_iso_15118_20_is_none(lab, tmp_path):
    place = tmp_path / "mixed"
    shutil.copytree(lab / "chains/v2g-20.secc", place)
    pem = (lab / "certificates/v2g-a.cpo_sub1.pem").read_bytes()
    chains = Chains([str(place)], lambda: NOW)
    chains.look()
    [good] = chains.valid
    odd = labs.x509.load_pem_x509_certificate(pem)
    mixed = type(good)(
        good.offer, (*good.certificates, odd), good.key, good.begins, good.ends, None
    )
    [first, *_] = examine_vehicles(Tls(), [mixed], NOW)
    assert first.verdict.value == "fail"
    assert first.found == "mixed is for ISO 15118-20, and has a certificate on secp256r1"


def test_a_chain_without_its_root_is_told_of(lab, tmp_path):
    place = tmp_path / "rootless"
    shutil.copytree(lab / "chains/v2g-20.secc", place)
    (place / "root.pem").unlink()
    assert found(tmp_path, "rootless")[0][1].startswith("rootless has no root.pem")


def test_roots_without_a_chain_are_idle(lab):
    told = found(lab, "chains/v2g-a.secc", roots=["roots/oem-20.pem"])
    why = "tls.vehicle_roots names roots, and no chain is for TLS 1.3, in which they count"
    assert told[0] == ("warn", why)


def test_a_root_on_another_curve_or_out_of_date_is_named(lab):
    told = found(lab, "chains/v2g-20.secc", roots=["roots/oem.pem"], days=3651)
    assert [verdict for verdict, _ in told] == ["ok", "fail", "warn"]
    assert told[1][1].endswith("has expired")
    assert told[2][1].endswith("for ISO 15118-20: it has a certificate on secp256r1")


def test_a_file_of_no_roots_is_named_once(lab):
    told = found(lab, "chains/v2g-20.secc", roots=["index.json"])
    assert [verdict for verdict, _ in told] == ["ok", "fail"]


@pytest.mark.parametrize(("revocation", "bad"), [("soft", "warn"), ("hard", "fail")])
def test_a_list_is_as_bad_as_it_is_needed(lab, revocation, bad):
    lists = [str(lab / "revocation/oem-20.vehicle_sub2.crl")]
    how = {"vehicle_lists": lists, "vehicle_revocation": revocation}
    files = {"roots": ["roots/oem-20.pem"], **how}
    assert found(lab, "chains/v2g-20.secc", **files)[-1][0] == "ok"
    assert found(lab, "chains/v2g-20.secc", days=8, **files)[-1][0] == bad


def test_a_chain_that_nobody_can_be_shown_is_a_failure_unless_anybody_is_accepted(lab):
    assert found(lab, "chains/v2g-20.secc")[-1][0] == "fail"
    told = found(lab, "chains/v2g-20.secc", vehicle="accept", profile="lab")
    assert [verdict for verdict, _ in told] == ["ok", "warn", "ok"]
