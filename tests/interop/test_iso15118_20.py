"""The EVCC of the package `iso15118` charges at our charger: ISO 15118-20, AC, in the lab.

Without TLS, which the standard does not allow: the lab profile does. The package's own models
judge each of our messages, and its codec is EXIficient.
"""

import json
import shutil

import pytest

from tests import lab as labs

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
    stage.turn("C")


def test_it_charges_obeys_a_new_limit_and_stops_when_told(stage):
    stage.lay_powerline()
    car = stage.start_car(chargeLoopCycle=UNTIL_TOLD, chargeLoopDelay=0.1, **AC)
    stage.start_charger(LAB)
    stage.turn("B")
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


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


CONTRACT = """
[charger]
protocols = ["iso20"]
[tls]
mode = "offer"
profile = "lab"
chains = {chains}
vehicle_roots = {vehicles}
[access]
policy = "card"
card_wait_seconds = 3
contract = true
[contract]
roots = {roots}
"""


def with_a_contract(lab, out):
    """The car's files, with a contract of ISO 15118-2: the package signs with no other."""
    shutil.copytree(lab / "iso15118_20", out)
    for old in (lab / "iso15118_2").rglob("*"):
        if old.is_file() and old.name.startswith(("contract", "mo")):
            shutil.copy(old, out / "iso15118_2" / old.relative_to(lab / "iso15118_2"))
    return out


def test_it_charges_by_its_contract_in_tls_with_certificates_on_both_sides(
    stage, lab, monkeypatch
):
    monkeypatch.setenv("ENABLE_TLS_1_3", "True")
    stage.lay_cable()
    car = stage.start_car(
        with_a_contract(lab, stage.folder / "car"),
        chargeLoopCycle=5,
        useTls=True,
        enforceTls=True,
        **AC,
    )
    places = {"chains": "chains/v2g-20.secc", "vehicles": "roots/oem-20.pem"}
    places["roots"] = "roots/mo.pem"
    stage.start_charger(
        CONTRACT.format(**{key: json.dumps([str(lab / one)]) for key, one in places.items()})
    )
    stage.turn("B")
    car.expect(event="warm")
    car.begin()
    close_switch_when_due(stage)
    car.expect(response("AC_ChargeLoopRes", ResponseCode="OK"), event="received")
    decision = stage.charger.lines[stage.charger.expect(event="decision", granted=True)]
    assert decision["by"] == "contract"
    car.expect(event="ended", successful=True)
