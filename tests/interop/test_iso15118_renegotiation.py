"""The EVCC of the package `iso15118` negotiates anew while it charges.

It does so when the charger's status asks for it, but not by a wish of its own: what it would do
for the charger's is then begun in the vehicle's place. In DC it knows no renegotiation at all:
of EVSENotification its CurrentDemand heeds only StopCharging (see `test_iso15118_dc.py`). It
obeys a StopCharging in MeteringReceiptRes by half (it stops the power, and then asks for the
status as if it charged), so no receipts are wanted of it.

A risen limit has to last, and offers have to be a minute apart: too long for here.
"""

from tests.interop.test_contract import with_contract
from tests.interop.test_iso15118_evcc import (
    UNTIL_TOLD,
    let_it_charge,
    let_it_end,
    response,
)
from tests.interop.test_tls import IN_TLS, lab, start

__all__ = ["lab"]  # a fixture


def status(notification):
    delay = {"NotificationMaxDelay": 0, "RCD": False}
    return {"AC_EVSEStatus": {"EVSENotification": notification} | delay}


def bodies(car, name):
    """Return what of these messages passed the car's codec, with the place of each."""
    for place, line in enumerate(car.lines):
        body = line.get("message", {}).get("V2G_Message", {}).get("Body", {})
        if name in body:
            yield place, body[name]


def offered(car):
    """Return the first PMax of each offer that it decoded, in watts."""
    for _, body in bodies(car, "ChargeParameterDiscoveryRes"):
        [first, *_] = body["SAScheduleList"]["SAScheduleTuple"]
        power = first["PMaxSchedule"]["PMaxScheduleEntry"][0]["PMax"]
        yield power["Value"] * 10 ** power["Multiplier"]


def progress(car):
    return [body["ChargeProgress"] for _, body in bodies(car, "PowerDeliveryReq")]


def test_a_car_that_wants_to_negotiates_anew_and_power_flows_on(stage):
    car = stage.start_car(plan=[{"renegotiates_at": 2}], chargeLoopCycle=3)
    stage.lay_cable()
    stage.start_charger()
    stage.turn("B")
    let_it_charge(stage, car)
    let_it_end(stage, car)
    assert progress(car) == ["Start", "Renegotiate", "Start", "Stop"]
    assert len(list(offered(car))) == 2
    switched = [line["closed"] for line in stage.charger.lines if line["event"] == "contactor"]
    assert switched == [False, True, False]


def test_a_lowered_limit_makes_a_car_with_a_contract_negotiate_anew(stage, lab):
    car = stage.start_car(lab, chargeLoopCycle=UNTIL_TOLD, **IN_TLS)
    start(stage, with_contract(lab))
    charging = let_it_charge(stage, car)
    stage.tell("limit", "10")
    asked = car.expect(
        response("ChargingStatusRes", **status("ReNegotiation")),
        event="received",
        after=charging,
    )
    again = car.expect(
        response("ChargingStatusRes", **status("None")), event="received", after=asked
    )
    assert list(offered(car)) == [22_080, 6_900]
    stage.tell("stop")
    car.expect(
        response("ChargingStatusRes", **status("StopCharging")), event="received", after=again
    )
    let_it_end(stage, car)
    assert progress(car) == ["Start", "Renegotiate", "Start", "Stop"]
