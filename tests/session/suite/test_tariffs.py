"""Every case of `contract_cases.txt` that wants a SalesTariff: none is offered, the rest is."""

import pytest

from seccstack.session.events import LimitChanged, Paused
from tests.session import vehicle
from tests.session.dc_vehicle import EXTENDED
from tests.session.suite.contract_cases import STEPS
from tests.session.suite.test_conformance import Bench, assert_schedule
from tests.session.vehicle import (
    AUTHORIZATION,
    EVCCID,
    SERVICE_DISCOVERY,
    SESSION_SETUP,
    THREE,
    power,
    selection,
)

TARIFFS = [name for name, (_, wants) in STEPS.items() if "SalesTariff" in wants]
BEFORE = bytes.fromhex("1111111111111111")


def awoken(dc):
    """A vehicle that slept, at the point where it may ask for its schedule again."""
    mode = EXTENDED if dc else THREE
    bench = Bench(dc, resumable=Paused(BEFORE, EVCCID, mode.value))
    ev = bench.ev.connect()
    ev.session_id = BEFORE
    for request in (SESSION_SETUP, SERVICE_DISCOVERY, selection(1)):
        ev.ask(request, BEFORE)
    ev.tell(vehicle.Decided(vehicle.Granted("open")), LimitChanged(16.0))
    ev.ask(AUTHORIZATION)
    return bench


@pytest.mark.parametrize("name", TARIFFS)
def test_a_schedule_is_offered_without_a_tariff(name):
    does, _ = STEPS[name]
    dc = "_DC_" in name
    if does.startswith("pause"):
        bench = awoken(dc)
    elif does.startswith("reneg"):
        bench = Bench(dc)
        bench.loop()
        bench.ev.ask(power("Renegotiate"))
    else:
        bench = Bench(dc).at("AUTHORIZED")
        bench.ev.tell(LimitChanged(16.0))
    response = bench.ev.ask(bench.parameters(does))
    assert_schedule(response, does)
    assert [t.sales_tariff for t in response.sa_schedules.sa_schedule_tuple] == [None]
