"""What is minted, where it lies, and whether openssl makes the same of it."""

import json
import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates

from pki import layout, profiles
from pki.errors import PkiError

CHAINS = [
    "v2g-a.secc",
    "v2g-a.cps",
    "v2g-b.secc",
    "mo.contract",
    "oem.oem_provisioning",
    "private.private_secc",
    "v2g-20.secc",
    "v2g-20.cps",
    "mo-20.contract",
    "oem-20.oem_provisioning",
    "oem-20.vehicle",
    "v2g-20-ed448.secc",
    "oem-20-ed448.vehicle",
]
LEAVES_OF_TWO_SUBS = [name for name in CHAINS if not name.startswith("private")]


def test_every_leaf_has_a_chain_and_there_are_no_others(lab):
    assert sorted(p.name for p in (lab / "chains").iterdir()) == sorted(CHAINS)


@pytest.mark.parametrize("name", CHAINS)
def test_openssl_verifies_every_chain_up_to_its_root(lab, openssl, name):
    place = lab / "chains" / name
    chain = place / "chain.pem"
    words = (
        "verify",
        "-x509_strict",
        "-CAfile",
        place / "root.pem",
        "-untrusted",
        chain,
        chain,
    )
    assert openssl(*words) == (0, f"{chain}: OK\n")


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_is_leaf_first_and_without_its_root(lab, name):
    place = lab / "chains" / name
    chain = load_pem_x509_certificates((place / "chain.pem").read_bytes())
    [root] = load_pem_x509_certificates((place / "root.pem").read_bytes())
    assert len(chain) == (3 if name in LEAVES_OF_TWO_SUBS else 1)
    for below, above in zip(chain, [*chain[1:], root], strict=True):
        below.verify_directly_issued_by(above)


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_has_the_key_of_its_leaf_for_its_owner_only(lab, name):
    path = lab / "chains" / name / "key.pem"
    key = load_pem_private_key(path.read_bytes(), None)
    [leaf, *_] = load_pem_x509_certificates((path.parent / "chain.pem").read_bytes())
    assert key.public_key() == leaf.public_key()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_no_key_is_for_anybody_else(lab):
    keys = [p for p in lab.rglob("*") if p.suffix == ".key" or p.name == "key.pem"]
    assert len(keys) > 100
    assert {stat.S_IMODE(path.stat().st_mode) for path in keys} == {0o600}


def answer(lab, openssl, chain, folder="chains", issuer="v2g-a.cpo_sub2"):
    place = lab / folder / chain
    subs = place / "chain.pem"
    leaf = place / "leaf.der"
    cert = place / "chain.pem"
    words = ("ocsp", "-respin", place / "ocsp.der", "-sha256", "-no_nonce")
    words += ("-issuer", lab / f"certificates/{issuer}.pem", "-cert", cert)
    words += ("-CAfile", place / "root.pem", "-verify_other", subs)
    assert leaf.exists() or folder == "chains"
    return openssl(*words)[1]


def test_openssl_finds_the_ocsp_response_good(lab, openssl):
    said = answer(lab, openssl, "v2g-a.secc")
    assert "Response verify OK" in said
    assert "chain.pem: good" in said


def test_openssl_finds_the_other_root_s_response_good_too(lab, openssl):
    assert "chain.pem: good" in answer(lab, openssl, "v2g-b.secc", issuer="v2g-b.cpo_sub2")


def test_openssl_finds_the_revoked_one_revoked(lab, openssl):
    said = answer(lab, openssl, "revoked", folder="specimens")
    assert "chain.pem: revoked" in said
    assert "keyCompromise" in said


def test_openssl_finds_a_stale_response_stale(lab, openssl):
    assert "Status times invalid" in answer(lab, openssl, "stale-ocsp", folder="specimens")


def test_openssl_finds_another_s_response_of_no_use(lab, openssl):
    assert "No Status found" in answer(lab, openssl, "foreign-ocsp", folder="specimens")


def test_openssl_finds_the_revoked_one_in_the_list_of_its_issuer(lab, openssl, tmp_path):
    crl = tmp_path / "list.pem"
    der = lab / "revocation/v2g-a.cpo_sub2.crl"
    assert openssl("crl", "-inform", "DER", "-in", der, "-out", crl)[0] == 0
    place = lab / "specimens/revoked"
    words = ("verify", "-crl_check", "-CRLfile", crl, "-CAfile", place / "root.pem")
    code, said = openssl(*words, "-untrusted", place / "chain.pem", place / "chain.pem")
    assert code
    assert "certificate revoked" in said


def test_there_is_a_list_for_every_authority(lab):
    lists = list((lab / "revocation").iterdir())
    assert len(lists) == 2 * 3 + 2 + 3 + 3 + 1 + 5 + 3 + 5 + 3 + 3


def test_the_private_environment_has_no_ocsp(lab):
    assert not (lab / "chains/private.private_secc/ocsp.der").exists()


def test_the_roots_of_a_country_of_several_have_different_keys(lab):
    roots = [lab / f"roots/{name}.pem" for name in ("v2g-a", "v2g-b")]
    [a], [b] = (load_pem_x509_certificates(root.read_bytes()) for root in roots)
    assert a.public_key() != b.public_key()
    assert a.subject != b.subject


def test_nothing_outlives_who_signed_it(lab):
    for name in CHAINS:
        chain = load_pem_x509_certificates((lab / f"chains/{name}/chain.pem").read_bytes())
        ends = [certificate.not_valid_after_utc for certificate in chain]
        assert ends == sorted(ends)


def test_the_index_names_every_file_and_says_what_it_is(lab, index):
    files = {str(path.relative_to(lab)) for path in lab.rglob("*") if path.is_file()}
    assert {entry["path"] for entry in index} == files - {"index.json"}
    assert all(entry["what"] for entry in index)


def test_the_package_iso15118_finds_what_it_looks_for(lab):
    certificates, keys = lab / "iso15118_2/certs", lab / "iso15118_2/private_keys"
    assert {p.name for p in certificates.iterdir()} >= {
        "v2gRootCACert.pem", "cpoCertChain.pem", "oemCertChain.pem", "contractLeafCert.der",
        "seccLeafCert.der", "cpsSubCA2Cert.der", "moRootCACert.der",
    }  # fmt: skip
    assert (keys / "seccLeafPassword.txt").read_text().strip() == ""
    same = (lab / "roots/v2g-a.pem").read_bytes()
    assert (certificates / "v2gRootCACert.pem").read_bytes() == same


def test_of_iso_15118_20_it_finds_the_vehicle_where_it_looks_for_its_maker_s_leaf(lab):
    place = lab / "iso15118_20/iso15118_2"
    chain = (place / "certs/oemCertChain.pem").read_bytes()
    assert chain == (lab / "chains/oem-20.vehicle/chain.pem").read_bytes()
    key = (place / "private_keys/oemLeaf.key").read_bytes()
    assert key == (lab / "chains/oem-20.vehicle/key.pem").read_bytes()
    root = (place / "certs/v2gRootCACert.pem").read_bytes()
    assert root == (lab / "roots/v2g-20.pem").read_bytes()
    both = [{f.name for f in path.rglob("*")} for path in (place, lab / "iso15118_2")]
    assert both[0] == both[1]


def test_a_folder_that_is_there_is_never_written_over(lab, tmp_path):
    with pytest.raises(PkiError, match="is there already: name a folder that is not"):
        layout.build(lab, profiles.load(), datetime.now(UTC))
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(PkiError, match="is there already"):
        layout.build(file, profiles.load(), datetime.now(UTC))


def test_an_empty_folder_may_be_filled(tmp_path):
    assert layout.build(tmp_path, profiles.load(), datetime.now(UTC)) > 500
    assert (tmp_path / "index.json").exists()


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(PkiError, match=r"cannot (write in|look into) .*file"):
        layout.build(tmp_path / "file" / "lab", profiles.load(), datetime.now(UTC))


def test_what_cannot_be_finished_leaves_nothing_behind(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(layout.Folder, "finish", full)
    with pytest.raises(PkiError, match=r"cannot write .*lab: No space left"):
        layout.build(tmp_path / "lab", profiles.load(), datetime.now(UTC))
    assert list(tmp_path.iterdir()) == []


def test_a_pki_of_a_few_trees_is_one_too(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[mint]\norganisation = "Example"\n[[trees]]\nname = "home"\nstandard = "iso2"\n'
        'members = ["private_root", "private_secc"]\n'
    )
    layout.build(tmp_path / "lab", profiles.load(own), datetime.now(UTC))
    [leaf] = load_pem_x509_certificates(
        (tmp_path / "lab/chains/home.private_secc/chain.pem").read_bytes()
    )
    assert "O=Example" in leaf.subject.rfc4514_string()
    assert not (tmp_path / "lab/specimens").exists()
    assert json.loads((tmp_path / "lab/index.json").read_text())["files"]


def test_the_time_of_minting_is_that_of_the_caller(tmp_path):
    now = datetime.now(UTC) - timedelta(days=1000)
    layout.build(tmp_path / "lab", profiles.load(), now)
    path = tmp_path / "lab/chains/v2g-a.secc/chain.pem"
    leaf, *_ = load_pem_x509_certificates(path.read_bytes())
    assert leaf.not_valid_after_utc < datetime.now(UTC)
