"""How certificates are judged: those that are right, and each kind that is wrong."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from pki import checking, profiles
from pki.errors import PkiError

KNOWN = profiles.load()
SPECIMENS = {
    "expired": "validity",
    "not-yet-valid": "validity",
    "lives-too-long": "validity",
    "validity-reversed": "validity",
    "wrong-usage": "key usage",
    "wrong-curve": "public key",
    "wrong-domain": "domain component",
    "no-domain": "domain component",
    "no-country": "country",
    "is-an-authority": "basic constraints",
    "leaf-with-path": "basic constraints",
    "unknown-critical": "extensions",
    "double-extension": "extensions",
    "too-large": "size",
    "negative-serial": "serial number",
    "version-1": "version",
    "algorithms-differ": "signature",
    "wrong-signature": "signed by",
    "broken-der": "encoding",
    "with-tail": "encoding",
    "long-length": "encoding",
    "path-too-long": "path",
    "expired-sub-ca": "validity",
    "contract-expired": "validity",
    "contract-not-yet-valid": "validity",
    "contract-lives-too-long": "validity",
    "contract-wrong-usage": "key usage",
    "contract-wrong-curve": "public key",
    "contract-is-an-authority": "basic constraints",
    "contract-unknown-critical": "extensions",
    "contract-too-large": "size",
    "contract-no-emaid": "common name",
    "vehicle-expired": "validity",
    "vehicle-not-yet-valid": "validity",
    "vehicle-lives-too-long": "validity",
    "vehicle-wrong-usage": "key usage",
    "vehicle-wrong-curve": "public key",
    "vehicle-is-an-authority": "basic constraints",
    "vehicle-unknown-critical": "extensions",
    "vehicle-too-large": "size",
    "vehicle-path-too-long": "path",
    "vehicle-expired-sub-ca": "validity",
    "vehicle-is-a-contract": "domain component",
    "vehicle-is-a-server": "extended key usage",
    "vehicle-without-a-name": "common name",
}
# Wrong only beside something that is no certificate: a key, a response, a list, another root.
OF_OTHERS = {
    "foreign-key",
    "wrong-root",
    "revoked",
    "stale-ocsp",
    "foreign-ocsp",
    "contract-revoked",
    "vehicle-revoked",
    "vehicle-foreign-key",
    "vehicle-wrong-root",
}


def check(path, **how):
    return checking.check(path, KNOWN, how.pop("now", datetime.now(UTC)), **how)


def faults(judgements):
    return {f.field: f.words for j in judgements for f in j.findings if f.verdict == "wrong"}


def test_there_is_a_test_for_every_specimen(lab):
    found = {path.name for path in (lab / "specimens").iterdir()}
    assert found == SPECIMENS.keys() | OF_OTHERS


@pytest.mark.parametrize("name", SPECIMENS)
def test_a_specimen_is_wrong_in_the_one_field_that_it_is_meant_to_be(lab, name):
    found = faults(check(lab / f"specimens/{name}/chain.pem"))
    expected = {SPECIMENS[name]} | ({"signed by"} if name == "algorithms-differ" else set())
    assert found.keys() == expected


@pytest.mark.parametrize("name", sorted(OF_OTHERS))
def test_what_is_wrong_beside_the_certificate_is_not_held_against_it(lab, name):
    assert faults(check(lab / f"specimens/{name}/chain.pem")) == {}


def test_the_index_says_of_a_specimen_what_a_check_finds(index):
    told = {
        e["path"].split("/")[1]: e["field"] for e in index if e["path"].endswith("leaf.der")
    }
    assert told == SPECIMENS | dict.fromkeys(OF_OTHERS, "")


def certificates(index):
    return [e for e in index if e["path"].startswith("certificates/")]


def test_everything_that_is_minted_conforms_and_is_taken_for_what_it_is(lab, index):
    standards = {tree.name: tree.standard for tree in KNOWN.trees}
    for entry in certificates(index):
        [judgement] = check(lab / entry["path"])
        tree, _, member = entry["name"].partition("/")
        member = "ocsp_signer" if member.endswith("-ocsp") else member
        assert (judgement.judged_as, faults([judgement])) == (f"{standards[tree]}/{member}", {})
    assert len(certificates(index)) == 2 * (47 + 34)


def test_the_certificates_of_the_package_iso15118_are_taken_for_what_they_are(lab):
    [leaf] = check(lab / "iso15118_2/certs/seccLeafCert.der")
    assert leaf.judged_as == "iso2/secc"


def test_a_chain_is_followed_upwards(lab):
    judgements = check(lab / "chains/v2g-a.secc/chain.pem")
    said = [{f.field: f.words for f in j.findings}.get("signed by") for j in judgements]
    assert said == ["the next certificate in the file"] * 2 + [None]
    assert [j.judged_as for j in judgements] == ["iso2/secc", "iso2/cpo_sub2", "iso2/cpo_sub1"]


def test_a_chain_in_the_wrong_order_is_not_one(lab, tmp_path):
    parts = [lab / f"certificates/v2g-a.{n}.pem" for n in ("cpo_sub2", "secc")]
    path = tmp_path / "chain.pem"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    assert faults(check(path)).keys() == {"signed by"}


def test_a_contract_is_no_secc_certificate(lab):
    path = lab / "chains/mo.contract/chain.pem"
    found = faults(check(path, judged_as="iso2/secc"))
    assert found == {
        "domain component": "'MO'; it has to be 'CPO'",
        "validity": "730 days; its kind has 90 at most",
        "OCSP": "absent; it is required",
    }


def test_a_certificate_of_one_standard_is_none_of_the_other(lab):
    found = faults(check(lab / "certificates/v2g-20.secc.der", judged_as="iso2/secc"))
    assert found == {
        "signature": "ecdsa-with-SHA512; the standard has ecdsa-with-SHA256",
        "public key": "secp521r1; the standard has secp256r1",
        "domain component": "'CSO'; it has to be 'CPO'",
    }


def test_a_vehicle_certificate_has_no_more_in_its_name_than_it_must(lab):
    found = faults(check(lab / "certificates/v2g-20.secc.der", judged_as="iso20/vehicle"))
    assert found["domain component"] == "'CSO'; there must be none"
    assert found["country"] == "'DE'; there must be none"


def test_an_ocsp_signer_is_known_by_its_purpose(lab):
    path = lab / "certificates/v2g-a.secc.der"
    found = faults(check(path, judged_as="iso2/ocsp_signer"))
    assert found["extended key usage"] == "absent; it has to be OCSPSigning"


def test_an_authority_is_judged_by_its_path_length(lab):
    path = lab / "certificates/v2g-a.cpo_sub1.der"
    assert faults(check(path, judged_as="iso2/cpo_sub2")) == {
        "basic constraints": "path length 1; it has to be 0",
        "validity": "1460 days; its kind has 730 at most",
    }
    path = lab / "certificates/v2g-a.secc.der"
    found = faults(check(path, judged_as="iso2/cpo_sub2"))
    assert found["basic constraints"] == "no authority, and has to be one"


def test_what_is_disputed_is_said_and_is_no_fault(lab):
    [leaf, *_] = check(lab / "chains/v2g-a.secc/chain.pem")
    [note] = [f for f in leaf.findings if f.verdict == "note"]
    assert "keyAgreement" in note.words
    assert leaf.conforms


def test_time_passes(lab):
    later = datetime.now(UTC) + timedelta(days=100)
    assert (
        "it ended" in faults(check(lab / "certificates/v2g-a.secc.der", now=later))["validity"]
    )


def test_no_certificate_at_all_is_judged_so(tmp_path):
    path = tmp_path / "noise.der"
    path.write_bytes(b"noise")
    assert faults(check(path)).keys() == {"encoding"}


@pytest.mark.parametrize(
    ("octets", "why"),
    [
        (b"-----BEGIN PRIVATE KEY-----\n", "has no certificate in it"),
        (b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----", "is no PEM"),
        (bytes((1 << 20) + 1), "too large"),
        (17 * b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n", "17 certificates"),
    ],
)
def test_a_file_that_cannot_be_used_is_said_to_be_so(tmp_path, octets, why):
    path = tmp_path / "file"
    path.write_bytes(octets)
    with pytest.raises(PkiError, match=why):
        check(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PkiError, match=r"cannot read .*nothing: No such file"):
        check(tmp_path / "nothing")


@pytest.mark.parametrize("which", ["iso2", "secc", "iso3/secc", "iso2/"])
def test_a_profile_that_is_none_is_answered_with_those_that_are(lab, which):
    with pytest.raises(PkiError, match=r"it has to be one of iso2/\.\.\., iso20/\.\.\."):
        check(lab / "certificates/v2g-a.secc.der", judged_as=which)


def test_a_member_that_there_is_not_is_named(lab):
    with pytest.raises(PkiError, match=r"profiles\.iso2\.vehicle"):
        check(lab / "certificates/v2g-a.secc.der", judged_as="iso2/vehicle")


def self_signed(openssl, folder, *extensions, key="ec -pkeyopt ec_paramgen_curve:P-256"):
    """Have openssl make a certificate, with these extensions and no others."""
    (folder / "none.cnf").write_text("[req]\ndistinguished_name=dn\n[dn]\n")
    words = ["req", "-x509", "-config", folder / "none.cnf", "-subj", "/CN=x/O=y", "-days", "9"]
    words += [
        "-newkey",
        *key.split(),
        "-nodes",
        "-keyout",
        folder / "key",
        "-out",
        folder / "x",
    ]
    for extension in extensions:
        words += ["-addext", extension]
    code, said = openssl(*words)
    assert code == 0, said
    return folder / "x"


def test_what_is_missing_altogether_is_missed(openssl, tmp_path):
    path = self_signed(openssl, tmp_path, "subjectKeyIdentifier=none")
    assert faults(check(path, judged_as="iso2/v2g_root")) == {
        "domain component": "absent; it has to be 'V2G'",
        "basic constraints": "absent; they are required",
        "key usage": "absent; it is required",
        "subject key identifier": "absent; it is required (RFC 5280, 4.2.1.2)",
    }


def test_what_has_to_be_critical_and_is_not_is_wrong(openssl, tmp_path):
    extensions = ("basicConstraints=CA:TRUE", "keyUsage=keyCertSign")
    path = self_signed(openssl, tmp_path, *extensions)
    found = faults(check(path, judged_as="iso2/mo_root"))
    assert found == {"basic constraints": "not critical", "key usage": "not critical"}


def test_a_key_that_may_do_too_much_is_wrong(openssl, tmp_path):
    path = self_signed(openssl, tmp_path, "keyUsage=critical,digitalSignature,keyCertSign")
    found = faults(check(path, judged_as="iso2/secc"))
    assert found["key usage"].startswith("keyCertSign must not be there")


def test_an_rsa_key_is_named_as_what_it_is(openssl, tmp_path):
    found = faults(check(self_signed(openssl, tmp_path, key="rsa:2048")))
    assert found["public key"] == "RSAPublicKey; the standard has secp256r1"
    assert found["signature"].startswith("1.2.840.113549.1.1.11; ")


def test_where_a_list_of_the_revoked_is_said_to_be_is_told(openssl, tmp_path):
    path = self_signed(openssl, tmp_path, "crlDistributionPoints=URI:http://crl.example/a")
    [judgement] = check(path)
    [words] = [f.words for f in judgement.findings if f.field == "CRL"]
    assert words == "'http://crl.example/a'"


def test_two_common_names_are_one_too_many(openssl, tmp_path):
    (tmp_path / "none.cnf").write_text("[req]\ndistinguished_name=dn\n[dn]\n")
    words = ["req", "-x509", "-config", tmp_path / "none.cnf", "-subj", "/CN=x/CN=y/O=y"]
    words += ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl(*words, "-keyout", tmp_path / "key", "-out", tmp_path / "x")
    assert faults(check(tmp_path / "x"))["common name"] == "2 of them; there has to be one"


def test_whatever_octets_are_changed_something_is_said(lab, tmp_path):
    der, path = (lab / "certificates/v2g-a.secc.der").read_bytes(), tmp_path / "x.der"
    random = Random(15118)  # noqa: S311 - not for secrets
    for _ in range(400):
        damaged = bytearray(der)
        damaged[random.randrange(len(der))] ^= random.randrange(1, 256)
        path.write_bytes(damaged)
        assert check(path)[0].findings
