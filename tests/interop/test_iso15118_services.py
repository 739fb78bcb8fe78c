"""The EVCC of the package `iso15118` wants more than to charge: services, and another contract.

By itself it asks for no service but the one that gives a contract, and it has no state for
CertificateUpdate: `tools/ev_iso15118_wishes.py` adds both beside its own. It is the package
that decodes what is on offer, encodes the request, verifies the response's signature up to the
V2G root, and decrypts the key. What of the request is signed, it cannot encode: ours does.
"""

import sys

from tests.interop.test_contract import EMAID, noted, with_contract
from tests.interop.test_iso15118_evcc import let_it_charge, let_it_end, response
from tests.interop.test_iso15118_renegotiation import bodies
from tests.interop.test_tls import IN_TLS, lab, start

__all__ = ["lab"]  # a fixture
INTERNET, OWN = 3, 60001
SERVICES = """
[services]
internet = true
own = [{ id = 60001, name = "Parking", scope = "lot 3", free = false, sets = [{ hours = 2 }] }]
"""


def only(car, name):
    [(_, body)] = bodies(car, name)
    return body


def test_a_car_is_told_of_services_looks_at_them_and_selects_them(stage):
    car = stage.start_car(plan=[{"services": {INTERNET: 4, OWN: 1}}], chargeLoopCycle=1)
    stage.lay_cable()
    stage.start_charger(SERVICES)
    stage.turn("B")
    let_it_charge(stage, car)
    let_it_end(stage, car)
    offered = only(car, "ServiceDiscoveryRes")["ServiceList"]["Service"]
    assert [(one["ServiceID"], one["ServiceCategory"]) for one in offered] == [
        (INTERNET, "Internet"),
        (OWN, "OtherCustom"),
    ]
    assert (offered[1]["ServiceName"], offered[1]["FreeService"]) == ("Parking", False)
    own, internet = [body for _, body in bodies(car, "ServiceDetailRes")]  # the last one first
    [parking] = own["ServiceParameterList"]["ParameterSet"]
    assert parking["Parameter"] == [{"Name": "hours", "intValue": 2}]
    sets = internet["ServiceParameterList"]["ParameterSet"]
    assert [one["ParameterSetID"] for one in sets] == [3, 4]
    assert only(car, "PaymentServiceSelectionRes")["ResponseCode"] == "OK"


def test_a_service_that_there_is_not_is_refused(stage):
    car = stage.start_car(plan=[{"services": {INTERNET: 4}}])
    stage.lay_cable()
    stage.start_charger()
    stage.turn("B")
    car.expect(event="warm")
    car.begin()
    invalid = response("ServiceDetailRes", ResponseCode="FAILED_ServiceIDInvalid")
    car.expect(invalid, event="received")


def test_a_car_is_given_another_contract_for_the_one_that_it_has(stage, lab):
    socket = stage.folder / "contracts.sock"
    stage._start([sys.executable, "-m", "pki", "provide", lab, "--socket", socket])
    update = [{"updates": True, "services": {2: 2}}]
    car = stage.start_car(lab, plan=update, chargeLoopCycle=1, **IN_TLS)
    start(stage, with_contract(lab, f'provisioning = "{socket}"'))
    let_it_charge(stage, car)
    let_it_end(stage, car)
    given = only(car, "CertificateUpdateRes")
    assert (given["ResponseCode"], given["eMAID"]["value"]) == ("OK", EMAID)
    assert car.lines[car.expect(event="updated")] == {
        "event": "updated",
        "verified": True,
        "fits": True,
    }
    assert noted(stage, "decision", granted=True)["by"] == "contract"
