"""ISO 15118-2 AC in TLS: the EVCC of the package `iso15118`, and OpenSSL's own client.

Both are given roots and chains that `python -m pki` has minted; the charger is `seccstack run`.
"""

import json
import shutil
import subprocess
import sys
import time

import pytest

from seccstack.adapters.addresses import link_local
from tests.interop.conftest import CAR, CHARGER
from tests.interop.test_iso15118_evcc import begin, let_it_charge, let_it_end, response
from tests.lab import openssl
from tests.programs import PROJECT, seccstack

PORT = 50123  # where it can be found without SDP
IN_TLS = {"useTls": True, "enforceTls": True}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A PKI, made as an owner makes one."""
    out = tmp_path_factory.mktemp("pki") / "lab"
    command = [sys.executable, "-m", "pki", str(out)]
    subprocess.run(command, cwd=PROJECT, check=True, timeout=60)  # noqa: S603
    return out


def config(*chains, mode="offer"):
    places = json.dumps([str(chain) for chain in chains])
    return f'[tls]\nmode = "{mode}"\nchains = {places}\n'


def start(stage, configuration):
    stage.lay_cable()
    stage.start_charger(configuration)
    stage.charger.expect(event="certificates")
    stage.turn("B")


def test_a_car_charges_in_tls_from_beginning_to_end(stage, lab):
    car = stage.start_car(lab, chargeLoopCycle=5, **IN_TLS)
    start(stage, config(lab / "chains/v2g-a.secc"))
    let_it_charge(stage, car)
    let_it_end(stage, car)
    opened = stage.charger.expect(event="stream opened")
    tls = stage.charger.lines[opened]["tls"]
    assert tls["version"] == "TLS 1.2"
    assert (tls["suite"], tls["chain"]) == ("ECDHE-ECDSA-AES128-SHA256", "v2g-a.secc")
    offered = car.expect(response("ServiceDiscoveryRes"), event="received")
    body = car.lines[offered]["message"]["V2G_Message"]["Body"]["ServiceDiscoveryRes"]
    assert body["PaymentOptionList"] == {"PaymentOption": ["ExternalPayment"]}


def test_a_car_that_may_do_without_is_served_where_tls_is_forbidden(stage, lab):
    car = stage.start_car(lab, chargeLoopCycle=2, useTls=True, enforceTls=False)
    stage.lay_cable()
    stage.start_charger()
    stage.turn("B")
    let_it_charge(stage, car)
    let_it_end(stage, car)
    assert "tls" not in stage.charger.lines[stage.charger.expect(event="stream opened")]


def test_a_car_that_does_not_know_our_root_says_so_and_is_understood(stage, lab):
    car = stage.start_car(lab, **IN_TLS)
    start(stage, config(lab / "chains/v2g-b.secc"))
    begin(car)
    failed = stage.charger.expect(event="handshake failed")
    # The package hangs up without having sent the alert that it owes.
    assert stage.charger.lines[failed]["why"] == "it hung up in the middle of its handshake"
    stage.charger.expect(event="pulse width")


def test_where_tls_is_required_a_car_that_asks_for_none_finds_no_charger(stage, lab):
    car = stage.start_car(lab, useTls=False, enforceTls=False)
    start(stage, config(lab / "chains", mode="require"))
    begin(car)
    why = "it asks for no TLS, and TLS is required"
    stage.charger.expect(event="ignored", why=why)


def test_a_certificate_that_has_expired_is_not_promised(stage, lab):
    car = stage.start_car(lab, chargeLoopCycle=2, useTls=True, enforceTls=False)
    start(stage, config(lab / "specimens/expired"))
    place = stage.charger.expect(event="certificates")
    said = stage.charger.lines[place]
    assert said["chains"] == []
    assert said["problems"] == [f"{lab / 'specimens/expired'} has expired"]
    let_it_charge(stage, car)
    let_it_end(stage, car)


def test_a_renewed_certificate_is_taken_without_a_restart(own_stage, lab, tmp_path):
    place = tmp_path / "chain"
    shutil.copytree(lab / "specimens/expired", place)
    start(own_stage, config(place))
    first = own_stage.charger.expect(event="certificates", chains=[])
    for path in (lab / "chains/v2g-a.secc").iterdir():
        shutil.copy(path, place)
    again = own_stage.charger.expect(event="certificates", chains=["chain"], after=first)
    assert own_stage.charger.lines[again]["problems"] == []


NO_ROUTE = "Network is unreachable"


def s_client(stage, *words):
    """Connect from the car's place, with OpenSSL's client, and say nothing."""
    with stage.charger_place.inside():
        address = link_local(CHARGER)
    with stage.car_place.inside():
        where = ("-connect", f"[{address}%{CAR}]:{PORT}")
        said = NO_ROUTE
        until = time.monotonic() + 20
        while NO_ROUTE in said and time.monotonic() < until:  # its interface has just come up
            said = openssl("s_client", *where, *words, input="", timeout=20)[1]
        return said


def test_openssl_in_the_car_s_place_sees_chain_and_staple(own_stage, lab):
    start(own_stage, config(lab / "chains/v2g-a.secc") + f"[network]\nport = {PORT}\n")
    text = s_client(own_stage, "-tls1_2", "-status", "-CAfile", lab / "roots/v2g-a.pem")
    assert "Cert Status: good" in text
    assert "Verify return code: 0 (ok)" in text
    own_stage.charger.expect(event="stream opened")


def test_a_car_that_fails_in_tls_is_answered_when_it_asks_to_do_without(stage, lab):
    car = stage.start_car(lab, chargeLoopCycle=2, useTls=False, enforceTls=False)
    start(stage, config(lab / "chains/v2g-a.secc") + f"[network]\nport = {PORT}\n")
    words = ("-tls1_2", "-CAfile", lab / "roots/v2g-b.pem", "-verify_return_error")
    assert "unable to get local issuer certificate" in s_client(stage, *words)
    failed = stage.charger.expect(event="handshake failed", alert="unknown_ca")
    why = stage.charger.lines[failed]["why"]
    assert why.startswith("it sent unknown_ca: it knows no root that the other side's")
    let_it_charge(stage, car)
    let_it_end(stage, car)


def test_a_charge_that_was_recorded_with_its_secrets_can_be_read_again(stage, lab, tmp_path):
    folder = tmp_path / "recordings"
    recorder = f'[recorder]\nfolder = "{folder}"\nsecrets = true\n'
    car = stage.start_car(lab, chargeLoopCycle=3, **IN_TLS)
    start(stage, config(lab / "chains/v2g-a.secc") + recorder)
    let_it_charge(stage, car)
    let_it_end(stage, car)
    stage.turn("A")
    stage.charger.expect(event="unplugged")
    stage.charger.end()
    [recording] = folder.glob("*.pcapng")
    told = json.loads(seccstack("replay", recording, "--json", folder=tmp_path))
    assert told["tls"] is True
    names = [message["name"] for message in told["messages"]]
    assert names[0] == "supportedAppProtocolReq"
    assert names.count("ChargingStatusReq") > 2
    assert names[-1] == "SessionStopRes"
