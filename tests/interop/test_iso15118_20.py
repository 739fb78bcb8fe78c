"""The EVCC of the package `iso15118` charges at our charger: ISO 15118-20, AC, in the lab.

Without TLS, which the standard does not allow: the lab profile does. The package's own models
judge each of our messages, and its codec is EXIficient.
"""

import pytest

AC = {"supportedProtocols": ["ISO_15118_20_AC"], "supportedEnergyServices": ["AC"]}
LAB = """
[charger]
protocols = ["iso20"]
[tls]
profile = "lab"
"""
UNTIL_TOLD = 10_000  # turns of the charging loop
NAME = "WMIV1234567890ABCDEX"


def response(name, **content):
    """Say whether a line of the car's is this response, with this content."""

    def is_it(line):
        body = line["message"].get(name)
        return body is not None and content.items() <= body.items()

    return is_it


def watts(line):
    """Return the targets of the phases."""
    modes = line["message"]["AC_ChargeLoopRes"]
    mode = next(value for name, value in modes.items() if name.endswith("CLResControlMode"))
    named = [mode.get(f"EVSETargetActivePower{phase}") for phase in ("", "_L2", "_L3")]
    return [n["Value"] * 10 ** n["Exponent"] for n in named if n]


def close_switch_when_due(stage):
    """Turn the pilot to C when the car is about to ask for power, as a car does."""
    stage.charger.expect(event="message", sender="evse", name="ScheduleExchangeRes")
    stage.tell("pilot", "C")


def test_it_charges_obeys_a_new_limit_and_stops_when_told(stage):
    stage.lay_powerline()
    car = stage.start_car(chargeLoopCycle=UNTIL_TOLD, chargeLoopDelay=0.1, **AC)
    stage.start_charger(LAB)
    stage.tell("pilot", "B")
    stage.match()
    car.expect(event="warm")
    car.begin()
    close_switch_when_due(stage)
    charging = car.expect(response("AC_ChargeLoopRes", ResponseCode="OK"), event="received")
    assert watts(car.lines[charging]) == pytest.approx([7360, 7360, 7360])
    assert stage.status()["contactor"] == {"closed": True}

    stage.tell("limit", "10")
    lowered = car.expect(
        lambda line: response("AC_ChargeLoopRes")(line) and watts(line) == [2300, 2300, 2300],
        event="received",
        after=charging,
    )
    stage.tell("stop")
    stopping = {"NotificationMaxDelay": 0, "EVSENotification": "Terminate"}
    car.expect(
        response("AC_ChargeLoopRes", EVSEStatus=stopping), event="received", after=lowered
    )
    car.expect(response("SessionStopRes", ResponseCode="OK"), event="received")
    stage.charger.expect(event="session ended", how="stopped")
    car.expect(event="ended", successful=True)
    assert car.wait() == 0
    assert stage.status()["identity"]["evccid"] == NAME
