"""The EVCC of the package `iso15118` charges DC at our charger: ISO 15118-2, without TLS."""

from tests.interop.test_iso15118_evcc import UNTIL_TOLD, begin, response

DC = {"supportedEnergyServices": ["DC"], "energyTransferMode": "DC_extended"}
CHARGER = '[charger]\ncurrent = "dc"\n'


def prepared(stage, **settings):
    """Plug the car in and match it; then let it begin, and close its switch when it is due."""
    stage.lay_powerline()
    car = stage.start_car(**DC, **settings)
    stage.start_charger(CHARGER)
    stage.turn("B")
    stage.match()
    begin(car)
    stage.charger.expect(event="message", sender="evse", name="ChargeParameterDiscoveryRes")
    stage.turn("C")
    return car


def test_it_checks_the_cable_pre_charges_charges_and_watches_for_welding(stage):
    car = prepared(stage, chargeLoopCycle=5)
    car.expect(response("CableCheckRes", EVSEProcessing="Finished"), event="received")
    stage.charger.expect(event="insulation", ok=True)
    on = stage.charger.expect(event="output", on=True)
    car.expect(response("CurrentDemandRes", ResponseCode="OK"), event="received")
    stage.charger.expect(event="message", name="PowerDeliveryReq", after=on)
    stopping = car.expect(
        lambda line: "PowerDeliveryReq" in str(line) and "Stop" in str(line), event="sent"
    )
    stage.turn("B")
    car.expect(response("SessionStopRes", ResponseCode="OK"), event="received", after=stopping)
    stage.charger.expect(event="session ended", how="stopped")
    stage.charger.expect(event="output", on=False, after=on)


def test_a_charger_that_wants_it_to_stop_stops_it(stage):
    car = prepared(stage, chargeLoopCycle=UNTIL_TOLD)
    charging = car.expect(response("CurrentDemandRes", ResponseCode="OK"), event="received")
    stage.tell("stop")
    car.expect(
        lambda line: "PowerDeliveryReq" in str(line) and "Stop" in str(line),
        event="sent",
        after=charging,
    )
    stage.turn("B")
    car.expect(response("SessionStopRes", ResponseCode="OK"), event="received")
