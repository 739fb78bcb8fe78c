"""Whole charges by contract, and what comes of contracts that are none: no energy."""

import random
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from seccstack.auth import contract, ecdsa, judgement
from seccstack.auth.contract import ContractFound, LookUpContract, Trust
from seccstack.auth.decision import ContractRecord, Policy
from seccstack.auth.emaid import normal
from seccstack.auth.lookup import contract_found
from seccstack.auth.revocation import RevocationLists
from seccstack.chronicle import Chronicle
from seccstack.outlet import Settings
from seccstack.pilot.limits import StopWanted
from seccstack.session.events import Meter, MeterRead
from seccstack.session.plant import Charger
from seccstack.session.verification import Verifier
from seccstack.sim.car import Car, Character
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.registry import SimRegistry
from seccstack.sim.wallet import Wallet
from seccstack.sim.world import World
from tests import lab as labs
from tests.auth.test_chain import chain_of

EMAID = "DE8AA1A2B3C4D5V"
NOT_ALLOWED = "FAILED_CertificateNotAllowedAtThisEVSE"
CHARGER = Charger(evse_id="DE*ABC*E1", contracts=True, receipt_seconds=5.0)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def wallet(lab, place="chains/mo.contract", key=None, emaid=EMAID):
    ders, _ = chain_of(lab, place)
    pem = (lab / (key or place) / "key.pem").read_bytes()
    signer = load_pem_private_key(pem, None)
    return Wallet(emaid, tuple(ders), lambda octets: ecdsa.sign(signer, octets))


class Scene:
    """A world in which contracts are taken, and what is kept of it."""

    def __init__(
        self, lab, wallet, charger=CHARGER, office=None, card=5.0, car=None, **settings
    ):
        self._office = office
        roots = x509.load_pem_x509_certificates((lab / "roots/mo.pem").read_bytes())
        crl = (lab / "revocation/mo.mo_sub2.crl").read_bytes()
        lists = RevocationLists([x509.load_der_x509_crl(crl)])
        self._verifier = Verifier(roots, lists)
        octets = random.Random(0).randbytes  # noqa: S311 - the same run each time
        car = car or Character(wishes=Wishes(evccid=b"", loops=20))
        car = replace(car, wishes=replace(car.wishes, wallet=wallet))
        own = Settings(
            charger=charger,
            rated_amps=16,
            access=judgement.Settings(policy=Policy.CARD, card_wait_seconds=card),
            contract=contract.Settings(**{"trust": Trust.CHAIN, **settings}),
        )
        self.world = World(
            own,
            Car(car, octets),
            registry=SimRegistry(),
            octets=octets,
            wall_time=int(labs.NOW.timestamp()),
            contracts=self._answer,
        )
        self.chronicle = Chronicle("scene")
        self.world.observers.append(self.chronicle.observe)
        self.world.at(0.5, lambda: self.world.tell(MeterRead(Meter("meter", 77))))
        self.world.at(1.0, self.world.plug_in)

    def _answer(self, question):
        if isinstance(question, LookUpContract):
            return self._office(question)
        return 0.002, self._verifier.answer(question)

    def run(self, until=40.0):
        """Let it be; return the session object."""
        self.world.at(until, self.world.unplug)
        self.world.run(until + 5)
        [session] = self.chronicle.sessions
        return session


def charged(session):
    return any(change["closed"] for change in session["contactor"])


def said(session, name, field="ResponseCode"):
    bodies = [
        m["body"]["V2G_Message"]["Body"] for m in session["messages"] if m["name"] == name
    ]
    return [body[name][field] for body in bodies]


def test_a_car_with_a_good_contract_charges_and_signs_receipts(lab):
    session = Scene(lab, wallet(lab)).run()
    assert charged(session)
    assert session["decision"]["by"] == "contract"
    assert [p["value"] for p in session["identity"]["proofs"]] == [EMAID]
    readings = {(r["meter_id"], r["reading_wh"]) for r in session["receipts"]}
    assert readings == {("meter", 77)}
    assert said(session, "MeteringReceiptRes") == ["OK"] * len(session["receipts"])


def test_it_does_so_too_where_no_card_is_waited_for(lab):
    session = Scene(lab, wallet(lab), card=0.0).run()
    assert charged(session)
    assert session["decision"]["by"] == "contract"


SPECIMENS = [
    ("contract-expired", "FAILED_CertificateExpired"),
    ("contract-revoked", "FAILED_CertificateRevoked"),
    ("contract-not-yet-valid", "FAILED_CertChainError"),
    ("contract-wrong-usage", "FAILED_CertChainError"),
    ("contract-wrong-curve", "FAILED_CertChainError"),
    ("contract-is-an-authority", "FAILED_CertChainError"),
    ("contract-unknown-critical", "FAILED_CertChainError"),
    ("contract-no-emaid", NOT_ALLOWED),
]


@pytest.mark.parametrize(("specimen", "code"), SPECIMENS)
def test_a_contract_that_is_wrong_charges_nothing(lab, specimen, code):
    key = "chains/mo.contract" if specimen == "contract-wrong-curve" else None
    session = Scene(lab, wallet(lab, f"specimens/{specimen}", key)).run()
    assert set(said(session, "PaymentDetailsRes")) == {code}
    assert not charged(session)
    assert session["decision"]["granted"] is not True


def test_another_s_contract_without_its_key_charges_nothing(lab):
    thief = wallet(lab, key="chains/oem.oem_provisioning")
    session = Scene(lab, thief).run()
    assert set(said(session, "PaymentDetailsRes")) == {"OK"}
    assert set(said(session, "AuthorizationRes")) == {"FAILED_SignatureError"}
    assert not charged(session)


def test_a_certificate_for_another_name_than_is_said_charges_nothing(lab):
    session = Scene(lab, wallet(lab, emaid="DE8AA9999999996")).run()
    assert set(said(session, "PaymentDetailsRes")) == {NOT_ALLOWED}
    assert not charged(session)


def office(seconds, code=None, why=""):
    return lambda question: (seconds, ContractFound(question.emaid, code, why))


@pytest.mark.parametrize("seconds", [0.05, 10.0, 45.0])
def test_a_back_office_that_agrees_early_or_late_lets_it_charge(lab, seconds):
    scene = Scene(lab, wallet(lab), trust=Trust.OFFICE, office=office(seconds))
    session = scene.run(70.0)
    assert charged(session)
    assert session["decision"]["reasons"][0].endswith("and the back office agrees")


def test_a_back_office_that_refuses_does_so_with_its_code(lab):
    refusing = office(3.0, "FAILED_ContractCanceled", "not paid")
    session = Scene(lab, wallet(lab), trust=Trust.OFFICE, office=refusing).run()
    assert said(session, "AuthorizationRes")[-1] == "FAILED_ContractCanceled"
    assert not charged(session)


def test_a_back_office_that_is_silent_lets_nobody_charge(lab):
    session = Scene(lab, wallet(lab), trust=Trust.OFFICE, office=office(500.0)).run(90.0)
    assert "FAILED" in said(session, "AuthorizationRes")
    assert not charged(session)


def test_whom_the_owner_has_stopped_no_contract_starts_again(lab):
    scene = Scene(lab, wallet(lab))
    scene.world.at(2.0, lambda: scene.world.tell(StopWanted("enough")))
    session = scene.run()
    assert not charged(session)
    assert session["decision"] is None or session["decision"]["by"] != "contract"


def test_a_contract_that_the_owner_has_not_listed_does_not_charge(lab):
    scene = Scene(lab, wallet(lab), trust=Trust.LIST, listed=("DE8AA1A2B3C4D6",))
    assert not charged(scene.run())


def test_a_contract_of_the_registry_charges_until_its_owner_takes_it_away(lab):
    registry = SimRegistry([ContractRecord(emaid=normal(EMAID), label="fleet")])
    scene = Scene(
        lab,
        wallet(lab),
        trust=Trust.LIST,
        registry=True,
        office=lambda question: (0.01, contract_found(registry, question.emaid)),
    )
    scene.world.at(12.0, lambda: registry.remove_contract(EMAID))
    session = scene.run()
    assert session["decision"] == {
        "granted": True,
        "by": "contract",
        "reasons": [reason for reason in session["decision"]["reasons"] if "(fleet)" in reason],
    }
    closed, opened = (change for change in session["contactor"] if change["t"] > 0)
    assert closed["t"] < 12.0 < opened["t"] < 23.0


def test_a_charger_that_takes_no_contracts_offers_none(lab):
    session = Scene(lab, wallet(lab), charger=Charger(evse_id="DE*ABC*E1")).run()
    offered, *_ = said(session, "ServiceDiscoveryRes", "PaymentOptionList")
    assert offered == {"PaymentOption": ["ExternalPayment"]}
    assert not charged(session)
