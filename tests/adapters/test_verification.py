"""Contracts verified in a thread, with roots and lists that are files."""

import asyncio
import os
import shutil

import pytest
import structlog

from seccstack.adapters.certificate_files import MOST_OCTETS
from seccstack.adapters.contracts import Contracts, contracts_of
from seccstack.adapters.verification import Verification
from seccstack.config import Access, Config, Contract
from seccstack.session.events import ContractProvided, ProvideContract, Ticket
from tests import lab as labs
from tests.auth.test_chain import chain_of
from tests.session.test_verification import EMAID, NOW, TICKET, VerifyContract

LEVELS = {"info": [], "error": []}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def question(lab, place="chains/mo.contract"):
    (leaf, *subs), _ = chain_of(lab, place)
    return VerifyContract(TICKET, leaf, tuple(subs), EMAID, NOW)


class Desk:
    """Asks, and waits for the answers."""

    def __init__(self, **config):
        self.answers = asyncio.Queue()
        log = structlog.get_logger()
        self.verification = Verification(Contract(**config), log, self.answers.put_nowait)

    async def ask(self, question):
        self.verification.ask(question)
        return (await self.answers.get()).found


def asked(*questions, **config):
    """Ask one after another; what stands between them is done between them."""

    async def run():
        desk, found = Desk(**config), []
        desk.verification.open()
        for one in questions:
            if callable(one):
                one()
            else:
                found.append(await desk.ask(one))
        desk.verification.close()
        return found

    with structlog.testing.capture_logs() as said:
        return asyncio.run(run()), said


def test_a_contract_is_proven_by_the_root_in_a_file(lab):
    [found], said = asked(question(lab), roots=[str(lab / "roots/mo.pem")])
    assert found.emaid == EMAID
    assert said == [{"event": "contract roots", "roots": 1, "lists": 0, "log_level": "info"}]


@pytest.mark.parametrize("form", ["der", "pem"])
def test_a_list_of_the_revoked_may_have_either_form(lab, tmp_path, form):
    crl = lab / "revocation/mo.mo_sub2.crl"
    if form == "pem":
        crl = tmp_path / "crl.pem"
        labs.openssl(
            "crl", "-inform", "DER", "-in", lab / "revocation/mo.mo_sub2.crl", "-out", crl
        )
    revoked = question(lab, "specimens/contract-revoked")
    files = {"roots": [str(lab / "roots/mo.pem")], "lists": [str(crl)]}
    [found], _ = asked(revoked, **files)
    assert found.code == "FAILED_CertificateRevoked"
    [found], _ = asked(question(lab), **files, revocation="hard")
    assert found.why.startswith("no list of today says whether")


def test_a_file_that_is_another_is_read_again(lab, tmp_path):
    root = tmp_path / "root.pem"
    shutil.copy(lab / "roots/oem.pem", root)

    def replace():
        shutil.copy(lab / "roots/mo.pem", tmp_path / "new.pem")
        os.replace(tmp_path / "new.pem", root)

    found, said = asked(question(lab), replace, question(lab), roots=[str(root)])
    assert [type(one).__name__ for one in found] == ["Unproven", "Proven"]
    assert len(said) == 2


@pytest.mark.parametrize("octets", [None, b"", b"no certificate", bytes(MOST_OCTETS + 1)])
def test_a_file_that_is_of_no_use_is_told_and_proves_nothing(lab, tmp_path, octets):
    root = tmp_path / "root.pem"
    if octets is not None:
        root.write_bytes(octets)
    [found], said = asked(question(lab), roots=[str(root)])
    assert found.code == "FAILED_CertChainError"
    assert said[0]["file"] == str(root)
    assert said[0]["log_level"] == "error"


def test_where_no_contract_is_taken_nothing_is_made():
    assert contracts_of(Config(), lambda event: None, structlog.get_logger()) is None


def test_without_a_service_a_request_is_answered_at_once():
    told = []
    config = Config(access=Access(contract=True))
    contracts = contracts_of(config, told.append, structlog.get_logger())
    assert isinstance(contracts, Contracts)
    contracts.provide(ProvideContract(Ticket(bytes(16), 3), b"request"))
    contracts.close()
    why = "no provisioning service is known here"
    assert told == [ContractProvided(Ticket(bytes(16), 3), None, why)]
