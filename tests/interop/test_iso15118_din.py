"""The EVCC of the package `iso15118` charges DC at our charger: DIN SPEC 70121."""

from tests.interop.test_iso15118_evcc import UNTIL_TOLD, begin, response

DC = {"supportedEnergyServices": ["DC"], "energyTransferMode": "DC_extended"}
DIN = {**DC, "supportedProtocols": ["DIN_SPEC_70121"]}
BOTH = {**DC, "supportedProtocols": ["DIN_SPEC_70121", "ISO_15118_2"]}
CHARGER = '[charger]\ncurrent = "dc"\nevse_id = "+49*80737*45678"\n'


def prepared(stage, wishes=DIN, charger=CHARGER, **settings):
    """Plug the car in and match it; then let it begin, and close its switch when it is due."""
    stage.lay_powerline()
    car = stage.start_car(**wishes, **settings)
    stage.start_charger(charger)
    stage.turn("B")
    stage.match()
    begin(car)
    stage.charger.expect(event="message", sender="evse", name="ChargeParameterDiscoveryRes")
    stage.turn("C")
    return car


def stops(line):
    return "PowerDeliveryReq" in str(line) and "'ReadyToChargeState': False" in str(line)


def let_it_end(stage, car, stopping):
    stage.turn("B")
    car.expect(response("SessionStopRes", ResponseCode="OK"), event="received", after=stopping)
    stage.charger.expect(event="session ended", how="stopped")


def test_it_checks_the_cable_pre_charges_charges_and_watches_for_welding(stage):
    car = prepared(stage, chargeLoopCycle=5)
    car.expect(response("SessionSetupRes", EVSEID="49A80737A45678"), event="received")
    car.expect(
        response("ContractAuthenticationRes", EVSEProcessing="Finished"), event="received"
    )
    car.expect(response("CableCheckRes", EVSEProcessing="Finished"), event="received")
    on = stage.charger.expect(event="output", on=True)
    car.expect(response("CurrentDemandRes", ResponseCode="OK"), event="received")
    let_it_end(stage, car, car.expect(stops, event="sent"))
    stage.charger.expect(event="output", on=False, after=on)


def test_a_charger_that_speaks_it_alone_is_understood_and_wants_the_car_to_stop(stage):
    charger = CHARGER.replace("[charger]\n", '[charger]\nprotocols = ["din"]\n')
    car = prepared(stage, BOTH, charger, chargeLoopCycle=UNTIL_TOLD)
    charging = car.expect(response("CurrentDemandRes", ResponseCode="OK"), event="received")
    stage.tell("stop")
    let_it_end(stage, car, car.expect(stops, event="sent", after=charging))
