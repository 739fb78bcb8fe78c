"""The EVCC of `iso15118` is told in ISO 15118-20 what energy costs, by `python -m pki price`.

Its codec is EXIficient: it reads price schedules and signatures as they were written.
"""

import sys

import pytest

from tests import lab as labs
from tests.interop.test_iso15118_20 import AC, LAB, close_switch_when_due, response


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def offers(car):
    for line in car.lines:
        body = line.get("message", {}).get("ScheduleExchangeRes")
        if body is not None and body["EVSEProcessing"] == "Finished":
            yield body


def test_a_car_reads_prices_as_they_are_with_their_signature_and_charges(stage, lab):
    socket = stage.folder / "prices.sock"
    stage._start([sys.executable, "-m", "pki", "price", lab, "--socket", socket])
    stage.lay_powerline()
    car = stage.start_car(chargeLoopCycle=3, **AC)
    stage.start_charger(LAB + f'[tariff]\nsocket = "{socket}"\n')
    stage.turn("B")
    stage.match()
    car.expect(event="warm")
    car.begin()
    close_switch_when_due(stage)
    car.expect(response("AC_ChargeLoopRes", ResponseCode="OK"), event="received")
    car.expect(event="ended", successful=True)
    offer = list(offers(car))[-1]
    [one] = offer["Scheduled_SEResControlMode"]["ScheduleTuple"]
    prices, power = (
        one["ChargingSchedule"][name] for name in ("AbsolutePriceSchedule", "PowerSchedule")
    )
    assert (prices["Currency"], prices["PriceScheduleID"]) == ("EUR", 1)
    rules = prices["PriceRuleStacks"]["PriceRuleStack"]
    entries = power["PowerScheduleEntries"]["PowerScheduleEntry"]
    assert sum(one["Duration"] for one in rules) == sum(one["Duration"] for one in entries)
    assert "Signature" in offer["Header"]
