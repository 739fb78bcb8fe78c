"""Every case of `contract_cases.txt` that wants a SalesTariff."""

import pytest

from seccstack.session.events import Exchanged, LimitChanged, ProvideTariffs
from tests.session import pricing
from tests.session.suite.contract_cases import STEPS
from tests.session.suite.outlet import Sleeper
from tests.session.suite.test_conformance import (
    ENTRIES,
    Bench,
    assert_rejoined,
    assert_schedule,
    wishes,
)
from tests.session.vehicle import power

TARIFFS = [name for name, (_, wants) in STEPS.items() if "SalesTariff" in wants]


def awoken(does, dc):
    """What a vehicle is offered that slept, and has its session back."""
    slept = Sleeper(dc, "BCB" in does, prices=pricing.provided, **wishes(does))
    slept.fall_asleep().wake()
    assert_rejoined(slept, joined=True)
    done = [action for _, action in slept.scene.done(Exchanged)]
    return [a.message for a in done if a.name == "ChargeParameterDiscoveryRes"][-1]


def offered(does, dc):
    """What a vehicle is offered: the first time, or when it negotiates anew."""
    if does.startswith("pause"):
        return awoken(does, dc)
    bench = Bench(dc, pricing.provided)
    if does.startswith("reneg"):
        bench.loop()
        bench.ev.ask(power("Renegotiate"))
    else:
        bench.at("AUTHORIZED").ev.tell(LimitChanged(16.0))
    assert bench.ev.ask(bench.parameters(does)) is not None
    return next(a.message for a in reversed(bench.ev.done) if isinstance(a, Exchanged))


@pytest.mark.parametrize("name", TARIFFS)
def test_a_schedule_is_offered_with_a_signed_tariff(name):
    does, _ = STEPS[name]
    message = offered(does, "_DC_" in name)
    response = message.body
    assert_schedule(response, does)
    assert pricing.holds(message.header, response)
    for one in response.sa_schedules.sa_schedule_tuple:
        entries = one.sales_tariff.sales_tariff_entry
        assert entries[0].time_interval.start == 0
        assert "MaxEntries" not in does or len(entries) <= ENTRIES
        covered = one.p_max_schedule.p_max_schedule_entry[-1].time_interval
        last = entries[-1].time_interval
        assert last.start + last.duration == covered.start + covered.duration


def test_the_seller_is_asked_for_what_the_vehicle_can_take():
    bench = Bench(False, pricing.provided)
    bench.at("AUTHORIZED").ev.tell(LimitChanged(16.0))
    bench.ev.ask(bench.parameters("MaxEntries"))
    assert bench.ev.wanted(ProvideTariffs).entries == ENTRIES
