"""TLS 1.3 in which both sides show certificates: the EVCC of the package `iso15118`.

It has one group, secp256r1, which ISO 15118-20 does not name; so this charger is a lab's.
"""

import json

import pytest

from tests import lab as labs
from tests.interop.test_iso15118_evcc import begin
from tests.interop.test_tls import start

CAR = {
    "useTls": True,
    "enforceTls": True,
    "supportedProtocols": ["ISO_15118_20_AC"],
    "supportedEnergyServices": ["AC"],
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


@pytest.fixture
def car(stage, lab, monkeypatch):
    """A car that speaks TLS 1.3: it inherits what this process has in its environment."""
    monkeypatch.setenv("ENABLE_TLS_1_3", "True")
    return stage.start_car(lab / "iso15118_20", **CAR)


def trusting(lab, root):
    """A charger of ISO 15118-20 that knows this root of vehicles."""
    chain, place = lab / "chains/v2g-20.secc", lab / f"roots/{root}.pem"
    return f"""
[charger]
protocols = ["iso20"]
[tls]
mode = "offer"
profile = "lab"
chains = {json.dumps([str(chain)])}
vehicle_roots = {json.dumps([str(place)])}
"""


def test_a_car_shows_its_certificate_and_has_its_session_of_iso_15118_20(stage, lab, car):
    start(stage, trusting(lab, "oem-20"))
    begin(car)
    stage.charger.expect(event="message", sender="evse", name="ServiceDiscoveryRes")
    opened = stage.charger.expect(event="stream opened")
    tls = stage.charger.lines[opened]["tls"]
    assert (tls["version"], tls["suite"]) == ("TLS 1.3", "TLS_AES_256_GCM_SHA384")
    assert tls["vehicle"]["of"].startswith("DC=OEM")
    assert tls["vehicle"]["evccid"] == "WMIV1234567890ABCDEX"
    [seen, *_] = stage.sightings()
    assert [proof["kind"] for proof in seen.identity["proofs"]] == ["vehicle certificate"]


def test_a_car_of_an_unknown_maker_gets_no_session_and_why_is_said(stage, lab, car):
    start(stage, trusting(lab, "oem-20-ed448"))
    begin(car)
    failed = stage.charger.expect(event="handshake failed")
    said = stage.charger.lines[failed]
    assert said["alert"] == "unknown_ca"
    assert "no root of vehicles here has signed" in said["why"]
    stage.charger.expect(event="pulse width")
    assert stage.status()["contactor"] == {"closed": False}
