"""Every case of `contract_cases.txt` that wants a SalesTariff: none is offered, the rest is."""

import pytest

from seccstack.session.events import LimitChanged
from tests.session.suite.contract_cases import STEPS
from tests.session.suite.outlet import Sleeper
from tests.session.suite.test_conformance import (
    Bench,
    assert_rejoined,
    assert_schedule,
    wishes,
)
from tests.session.vehicle import power

TARIFFS = [name for name, (_, wants) in STEPS.items() if "SalesTariff" in wants]


def awoken(does, dc):
    """What a vehicle is offered that slept, and has its session back."""
    slept = Sleeper(dc, "BCB" in does, **wishes(does)).fall_asleep().wake()
    assert_rejoined(slept, joined=True)
    return slept.both("ChargeParameterDiscoveryRes")[1]


def offered(does, dc):
    """What a vehicle is offered: the first time, or when it negotiates anew."""
    if does.startswith("pause"):
        return awoken(does, dc)
    bench = Bench(dc)
    if does.startswith("reneg"):
        bench.loop()
        bench.ev.ask(power("Renegotiate"))
    else:
        bench.at("AUTHORIZED").ev.tell(LimitChanged(16.0))
    return bench.ev.ask(bench.parameters(does))


@pytest.mark.parametrize("name", TARIFFS)
def test_a_schedule_is_offered_without_a_tariff(name):
    does, _ = STEPS[name]
    response = offered(does, "_DC_" in name)
    assert_schedule(response, does)
    assert [t.sales_tariff for t in response.sa_schedules.sa_schedule_tuple] == [None]
