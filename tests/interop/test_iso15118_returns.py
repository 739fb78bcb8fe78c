"""The EVCC of the package `iso15118` pauses, and goes on with the session that it had paused.

Its state machine ends a session with a pause if told to, and sends the old SessionID, payment
and mode if they are in its settings; but its charging loop never wants a pause, and
what would write those settings is commented out. Both is done for it in the vehicle's place.
"""

import json
import signal
import sys

from tests.interop.test_contract import with_contract
from tests.interop.test_iso15118_dc import CHARGER, DC
from tests.interop.test_iso15118_evcc import response
from tests.interop.test_tls import IN_TLS, lab

__all__ = ["lab"]  # a fixture
OURS, FOREIGN = {"session_id": "ours"}, {"session_id": "00112233445566FF"}
PAUSES = {"pauses": True}
KEPT = "seccstack.paused.json"
# A board's pilot line outlives the program; the simulated one is plugged in from the start.
PLUGGED = """
from seccstack.adapters import pilot
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.pilot.port import PilotState
from seccstack.__main__ import main

class Plugged(SimulatedPilot):
    def __init__(self):
        super().__init__()
        self.set_vehicle(PilotState.CONNECTED)

pilot.SimulatedPilot = Plugged
main()
"""


def start(stage, *plan, pki=None, config="", **settings):
    car = stage.start_car(pki, plan, chargeLoopCycle=1, **settings)
    stage.lay_cable()
    stage.start_charger(config)
    stage.turn("B")
    car.expect(event="warm")
    return car


def charge(stage, car):
    """Let it begin its next session and charge; return the SessionSetupRes that it decodes."""
    here, there = len(car.lines), len(stage.charger.lines)
    car.begin()
    due = {"sender": "evse", "name": "ChargeParameterDiscoveryRes"}
    stage.charger.expect(event="message", after=there, **due)
    stage.turn("C")
    car.expect(response("ChargingStatusRes", ResponseCode="OK"), event="received", after=here)
    closed = stage.charger.expect(event="contactor", closed=True, after=there)
    stage.charger.expect(event="contactor", closed=False, after=closed)
    place = car.expect(response("SessionSetupRes"), event="received", after=here)
    message = car.lines[place]["message"]["V2G_Message"]
    return message["Header"]["SessionID"], message["Body"]["SessionSetupRes"]["ResponseCode"]


def fall_asleep(stage, car, times):
    """Wait until it has paused, for so many times; its switch is open then."""
    stage.turn("B")
    stage.charger.expect(event="session ended", how="paused", times=times)
    car.expect(event="ended", session=times, why="Communication session paused")


def offered(car):
    """Return the ways to pay, and the modes, of each ServiceDiscoveryRes that it decoded."""
    for line in car.lines:
        body = line.get("message", {}).get("V2G_Message", {}).get("Body", {})
        if (found := body.get("ServiceDiscoveryRes")) is not None:
            modes = found["ChargeService"]["SupportedEnergyTransferMode"]
            payment = found["PaymentOptionList"]["PaymentOption"]
            yield payment, modes["EnergyTransferMode"]


def test_it_goes_on_with_its_session_and_with_nobody_else_s(stage):
    car = start(stage, PAUSES, OURS | PAUSES, FOREIGN)
    first, code = charge(stage, car)
    assert code == "OK_NewSessionEstablished"
    fall_asleep(stage, car, 1)
    assert charge(stage, car) == (first, "OK_OldSessionJoined")
    fall_asleep(stage, car, 2)
    third, code = charge(stage, car)
    assert code == "OK_NewSessionEstablished"
    assert third not in (first, FOREIGN["session_id"])
    car.expect(event="ended", session=3, why="Communication session terminated")
    assert car.wait() == 0


def test_it_goes_on_with_its_session_though_the_charger_was_killed_meanwhile(stage):
    car = start(stage, PAUSES, OURS)
    first, _ = charge(stage, car)
    fall_asleep(stage, car, 1)
    stage.charger.end(signal.SIGKILL)
    stage.start_charger(program=(sys.executable, "-c", PLUGGED))
    assert charge(stage, car) == (first, "OK_OldSessionJoined")
    stage.charger.expect(event="session ended", how="stopped")
    assert not (stage.folder / KEPT).exists()


def test_who_had_paid_by_contract_is_offered_nothing_else_when_it_goes_on(stage, lab):
    car = start(stage, PAUSES, OURS, pki=lab, config=with_contract(lab), **IN_TLS)
    first, _ = charge(stage, car)
    fall_asleep(stage, car, 1)
    assert charge(stage, car) == (first, "OK_OldSessionJoined")
    before, after = offered(car)
    assert before[0] == ["Contract", "ExternalPayment"]
    assert after == (["Contract"], ["AC_three_phase_core"])


def charge_dc(stage, car):
    """Let it begin its next session on DC, and open its switch when it has stopped."""
    here, there = len(car.lines), len(stage.charger.lines)
    stage.turn("B")
    car.begin()
    due = {"sender": "evse", "name": "ChargeParameterDiscoveryRes"}
    stage.charger.expect(event="message", after=there, **due)
    stage.turn("C")
    car.expect(response("CurrentDemandRes", ResponseCode="OK"), event="received", after=here)
    on = stage.charger.expect(event="output", on=True, after=there)
    car.expect(lambda line: '"Stop"' in json.dumps(line), event="sent", after=here)
    stage.turn("B")
    car.expect(response("SessionStopRes", ResponseCode="OK"), event="received", after=here)
    stage.charger.expect(event="output", on=False, after=on)
    place = car.expect(response("SessionSetupRes"), event="received", after=here)
    message = car.lines[place]["message"]["V2G_Message"]
    return message["Header"]["SessionID"], message["Body"]["SessionSetupRes"]["ResponseCode"]


def test_on_dc_too_it_goes_on_with_its_session(stage):
    car = start(stage, PAUSES, OURS, config=CHARGER, **DC)
    first, code = charge_dc(stage, car)
    assert code == "OK_NewSessionEstablished"
    stage.charger.expect(event="session ended", how="paused")
    car.expect(event="ended", session=1, why="Communication session paused")
    assert charge_dc(stage, car) == (first, "OK_OldSessionJoined")
    stage.charger.expect(event="session ended", how="stopped")
