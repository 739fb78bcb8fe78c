"""Chains on disk: what is taken, what is refused and why, and what happens when they change."""

import os
import shutil
from datetime import UTC, datetime, timedelta

import pytest

from seccstack.adapters.tls_chains import ChainError, Chains, folders, read_chain
from tests import lab as labs

NOW = datetime.now(UTC).timestamp()
DAY = 86400.0


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


@pytest.fixture
def chain(lab, tmp_path):
    """A copy that may be spoilt."""
    place = tmp_path / "chain"
    shutil.copytree(lab / "chains/v2g-a.secc", place)
    return place


def looked(*places, now=NOW):
    chains = Chains(map(str, places), lambda: now)
    chains.look()
    return chains


def test_a_chain_is_taken_with_all_by_which_a_vehicle_may_ask_for_it(chain):
    read = read_chain(chain)
    assert (read.offer.name, len(read.certificates), read.notes) == ("chain", 3, ())
    assert len(read.offer.anchor.key_sha1) == len(read.offer.anchor.certificate_sha1) == 20
    assert read.offer.anchor.name in read.offer.issuers
    assert read.staple.octets == (chain / "ocsp.der").read_bytes()


@pytest.mark.parametrize("name", ["v2g-20.secc", "v2g-20-ed448.secc", "private.private_secc"])
def test_chains_of_every_curve_and_length_are_taken(lab, name):
    assert read_chain(lab / "chains" / name).valid(NOW)


def test_without_a_root_and_a_response_it_is_one_too(chain):
    (chain / "root.pem").unlink()
    (chain / "ocsp.der").unlink()
    read = read_chain(chain)
    assert read.offer.anchor.key_sha1 == b""
    assert read.offer.anchor.name in read.offer.issuers
    assert read.staple is None


def test_it_is_valid_as_long_as_all_of_it_is(lab):
    read = read_chain(lab / "specimens/expired-sub-ca")
    assert not read.valid(NOW)
    assert read_chain(lab / "chains/v2g-a.secc").valid(NOW)


@pytest.mark.parametrize(
    ("specimen", "why"),
    [
        ("foreign-key", "key.pem is not the key of the first certificate"),
        ("wrong-signature", "is not signed by .*: put them in order"),
        ("wrong-root", "is not signed by "),
        ("wrong-curve", "its leaf is on secp384r1; secp256r1, secp521r1 or Ed448"),
        ("broken-der", "chain.pem is no chain of certificates in PEM"),
        ("with-tail", "chain.pem is no chain of certificates in PEM"),
    ],
)
def test_a_specimen_that_cannot_be_used_is_refused_in_words(lab, specimen, why):
    with pytest.raises(ChainError, match=why):
        read_chain(lab / "specimens" / specimen)


@pytest.mark.parametrize(
    ("name", "octets", "why"),
    [
        ("chain.pem", b"", "no chain of certificates in PEM"),
        ("key.pem", b"noise", "no private key without a password"),
        ("root.pem", b"noise", "root.pem is no certificate in PEM"),
        ("chain.pem", bytes((1 << 18) + 1), "has more than 262144 octets"),
    ],
)
def test_a_file_of_nonsense_is_named(chain, name, octets, why):
    (chain / name).write_bytes(octets)
    with pytest.raises(ChainError, match=why):
        read_chain(chain)


@pytest.mark.parametrize("name", ["chain.pem", "key.pem"])
def test_a_file_that_is_missing_is_named(chain, name):
    (chain / name).unlink()
    with pytest.raises(ChainError, match=f"cannot read .*{name}: No such file"):
        read_chain(chain)


def test_a_chain_without_end_is_refused(chain):
    path = chain / "chain.pem"
    path.write_bytes(3 * path.read_bytes())
    with pytest.raises(ChainError, match="9 certificates; 8 at most"):
        read_chain(chain)


def test_keys_that_iso_15118_does_not_have_are_refused(chain):
    labs.openssl("genrsa", "-out", chain / "key.pem", "2048")
    with pytest.raises(ChainError, match="of a kind that ISO 15118 does not have"):
        read_chain(chain)


def test_a_key_with_a_password_is_refused(chain):
    words = ("ec", "-in", chain / "key.pem", "-aes128", "-passout", "pass:secret")
    labs.openssl(*words, "-out", chain / "key.pem")
    with pytest.raises(ChainError, match="no private key without a password"):
        read_chain(chain)


def test_a_key_that_others_can_read_is_used_and_complained_of(chain):
    os.chmod(chain / "key.pem", 0o640)
    assert looked(chain).problems == [f"{chain / 'key.pem'} can be read by others: chmod 600"]


@pytest.mark.parametrize(
    ("specimen", "why"),
    [
        ("foreign-ocsp", "is about another certificate"),
        ("revoked", "says that the certificate is revoked"),
    ],
)
def test_a_response_that_does_not_help_is_left_out_and_complained_of(lab, specimen, why):
    place = lab / "specimens" / specimen
    assert looked(place).valid[0].staple is None
    assert looked(place).problems == [f"{place / 'ocsp.der'} {why}"]


def test_a_response_of_nonsense_is_left_out_too(chain):
    (chain / "ocsp.der").write_bytes(b"noise")
    [problem] = looked(chain).problems
    assert "ocsp.der is no OCSP response" in problem


def test_a_responder_that_declined_is_quoted(chain):
    (chain / "ocsp.der").write_bytes(bytes.fromhex("30030A0106"))
    assert looked(chain).problems == [f"{chain / 'ocsp.der'} says unauthorized"]


def test_a_response_that_has_grown_old_is_complained_of(chain):
    [problem] = looked(chain, now=NOW + 8 * DAY).problems
    assert problem.endswith("ocsp.der is out of date, and not stapled any more")


@pytest.mark.parametrize(
    ("days", "said"), [(-1, "is not valid yet"), (91, "has expired"), (80, "expires within 14")]
)
def test_the_end_of_a_chain_is_announced(chain, days, said):
    problems = looked(chain, now=NOW + days * DAY).problems
    assert any(said in problem for problem in problems)


# Places, and changes.


def test_a_place_is_a_chain_or_a_folder_of_chains(lab):
    one, all_ = lab / "chains/v2g-a.secc", lab / "chains"
    assert list(folders([str(one)])) == [one]
    assert len(list(folders([str(all_)]))) == 13
    assert list(folders([str(lab / "nothing")])) == [lab / "nothing"]


def test_a_place_where_there_is_nothing_is_complained_of(tmp_path):
    [problem] = looked(tmp_path / "nothing").problems
    assert problem.startswith("cannot read ")
    assert "nothing/chain.pem: No such file or directory" in problem


def test_what_is_renewed_is_read_again_and_what_is_not_is_not(lab, chain):
    chains = looked(chain)
    [before] = chains.valid
    chains.look()
    assert chains.valid == [before]
    for path in (lab / "chains/v2g-b.secc").iterdir():
        shutil.copy(path, chain)
    chains.look()
    assert chains.valid[0].offer.anchor != before.offer.anchor


def test_what_was_spoilt_stays_in_use_as_it_was(chain):
    chains = looked(chain)
    [before] = chains.valid
    (chain / "chain.pem").write_bytes(b"half a file")
    chains.look()
    assert chains.valid == [before]
    assert "no chain of certificates" in chains.problems[0]


def test_a_chain_that_is_taken_away_from_its_folder_is_gone(lab, tmp_path):
    for name in ("v2g-a.secc", "v2g-b.secc"):
        shutil.copytree(lab / "chains" / name, tmp_path / name)
    chains = looked(tmp_path)
    assert len(chains.valid) == 2
    shutil.rmtree(tmp_path / "v2g-a.secc")
    chains.look()
    assert [chain.offer.name for chain in chains.valid] == ["v2g-b.secc"]
    assert chains.problems == []


def test_the_first_place_is_the_first_choice(lab):
    chains = looked(lab / "chains/v2g-b.secc", lab / "chains/v2g-a.secc")
    assert [chain.offer.name for chain in chains.valid] == ["v2g-b.secc", "v2g-a.secc"]


def test_a_chain_of_yesterday_can_be_minted_to_test_with(tmp_path):
    lab = labs.minted(tmp_path / "lab", datetime.now(UTC) - timedelta(days=200))
    assert looked(lab / "chains/v2g-a.secc").valid == []
