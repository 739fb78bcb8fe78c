"""Chains to measure with."""

import sys

from seccstack.adapters.tls_chains import read_chain
from seccstack.bench import certificates


def test_a_chain_of_the_pki_has_two_authorities_and_a_staple(tmp_path):
    folder, odd = certificates.make(tmp_path / "made")
    chain = read_chain(folder)
    assert (len(chain.certificates), odd) == (3, "")
    assert chain.staple is not None


def test_where_the_pki_is_not_installed_a_lone_certificate_does(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pki", None)  # as an import of it then finds
    folder, odd = certificates.make(tmp_path / "made")
    assert len(read_chain(folder).certificates) == 1
    assert odd == certificates.LONE
