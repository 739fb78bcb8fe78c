"""Chains to measure with."""

import sys
import time

from cryptography import x509

from seccstack.adapters.tls_chains import read_chain
from seccstack.auth import ecdsa
from seccstack.bench import certificates
from seccstack.session.events import Ticket, VerifyContract
from seccstack.session.verification import Verifier


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


def test_a_contract_that_was_written_down_is_good_below_its_root(tmp_path):
    certificates.make_contract(tmp_path / "contract")
    wallet = certificates.read_contract(tmp_path / "contract")
    root = (tmp_path / "contract" / "root.pem").read_bytes()
    verifier = Verifier(x509.load_pem_x509_certificates(root))
    shown = wallet.details().contract_signature_cert_chain
    subs = shown.sub_certificates.certificate
    asked = VerifyContract(Ticket(b"", 1), shown.certificate, subs, wallet.emaid, time.time())
    found = verifier.answer(asked).found
    assert (len(subs), found.emaid) == (2, wallet.emaid)
    assert ecdsa.holds(found.key, b"octets", wallet.sign(b"octets"))
