"""Plug and Charge: the EVCC of the package `iso15118` pays by a contract of our own PKI."""

import json
import shutil
import sys

from tests.interop.test_iso15118_dc import CHARGER, DC
from tests.interop.test_iso15118_evcc import begin, let_it_charge, let_it_end, response
from tests.interop.test_tls import IN_TLS, config, lab, start

__all__ = ["lab"]  # a fixture
EMAID = "DE8AA1A2B3C4D5V"


def with_contract(lab, *keys, policy="card"):
    root = json.dumps([str(lab / "roots/mo.pem")])
    access = f'[access]\npolicy = "{policy}"\ncard_wait_seconds = 3\ncontract = true\n'
    keys = "\n".join(keys)
    return config(lab / "chains/v2g-a.secc") + access + f"[contract]\nroots = {root}\n{keys}\n"


def noted(stage, event, **content):
    return stage.charger.lines[stage.charger.expect(event=event, **content)]


def charge(stage, lab, *keys, **car):
    car = stage.start_car(lab, chargeLoopCycle=4, **IN_TLS, **car)
    start(stage, with_contract(lab, *keys))
    let_it_charge(stage, car)
    let_it_end(stage, car)
    return car


def test_a_car_charges_by_its_contract(stage, lab):
    charge(stage, lab)
    contract = noted(stage, "contract")
    assert contract["emaid"] == EMAID
    decision = noted(stage, "decision", granted=True)
    assert decision["by"] == "contract"


def test_a_car_is_given_its_contract_first(stage, lab):
    socket = stage.folder / "contracts.sock"
    service = [sys.executable, "-m", "pki", "provide", lab, "--socket", socket]
    stage._start(service)
    provisioning = f'provisioning = "{socket}"'
    car = charge(stage, lab, provisioning, isCertInstallNeeded=True)
    place = car.expect(response("CertificateInstallationRes"), event="received")
    body = car.lines[place]["message"]["V2G_Message"]["Body"]
    assert body["CertificateInstallationRes"]["ResponseCode"] == "OK"
    assert noted(stage, "decision", granted=True)["by"] == "contract"


def test_a_car_charges_dc_by_its_contract(stage, lab):
    car = stage.start_car(lab, chargeLoopCycle=4, **IN_TLS, **DC)
    start(stage, CHARGER + with_contract(lab))
    begin(car)
    stage.charger.expect(event="message", sender="evse", name="ChargeParameterDiscoveryRes")
    stage.turn("C")
    car.expect(response("CurrentDemandRes", ResponseCode="OK"), event="received")
    assert noted(stage, "decision", granted=True)["by"] == "contract"
    stage.turn("B")
    stage.charger.expect(event="session ended")


def wallet_of(lab, specimen, out):
    """The car's files with another contract in them."""
    shutil.copytree(lab, out)
    certificates, keys = out / "iso15118_2/certs", out / "iso15118_2/private_keys"
    text = (lab / "specimens" / specimen / "chain.pem").read_bytes()
    begin = b"-----BEGIN CERTIFICATE-----"
    leaf = begin + text.split(begin)[1]
    (certificates / "contractLeafCert.pem").write_bytes(leaf)
    shutil.copy(
        lab / "specimens" / specimen / "leaf.der", certificates / "contractLeafCert.der"
    )
    shutil.copy(lab / "specimens" / specimen / "key.pem", keys / "contractLeaf.key")
    return out


def refusal(stage, lab, tmp_path, specimen, *keys):
    car = stage.start_car(wallet_of(lab, specimen, tmp_path / "car"), **IN_TLS)
    start(stage, with_contract(lab, *keys))
    begin(car)
    place = car.expect(response("PaymentDetailsRes"), event="received")
    body = car.lines[place]["message"]["V2G_Message"]["Body"]["PaymentDetailsRes"]
    return body["ResponseCode"], noted(stage, "session ended")["why"]


def test_an_expired_contract_charges_nothing(stage, lab, tmp_path):
    code, why = refusal(stage, lab, tmp_path, "contract-expired")
    assert code == "FAILED_CertificateExpired"
    assert "the contract certificate has expired" in why


def test_a_revoked_contract_charges_nothing(stage, lab, tmp_path):
    lists = json.dumps([str(lab / "revocation/mo.mo_sub2.crl")])
    code, why = refusal(stage, lab, tmp_path, "contract-revoked", f"lists = {lists}")
    assert code == "FAILED_CertificateRevoked"
    assert "the contract certificate was revoked" in why
