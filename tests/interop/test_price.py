"""The EVCC of the package `iso15118` charges by contract where `python -m pki price` sells."""

import sys

from tests.interop.test_contract import noted, with_contract
from tests.interop.test_iso15118_evcc import let_it_charge, let_it_end
from tests.interop.test_iso15118_renegotiation import bodies
from tests.interop.test_tls import IN_TLS, lab, start

__all__ = ["lab"]  # a fixture


def test_a_car_with_a_contract_decodes_what_energy_costs_and_charges(stage, lab):
    socket = stage.folder / "prices.sock"
    stage._start([sys.executable, "-m", "pki", "price", lab, "--socket", socket])
    car = stage.start_car(lab, chargeLoopCycle=4, **IN_TLS)
    start(stage, with_contract(lab) + f'[tariff]\nsocket = "{socket}"\n')
    let_it_charge(stage, car)
    let_it_end(stage, car)
    offers = [
        body
        for _, body in bodies(car, "ChargeParameterDiscoveryRes")
        if body["EVSEProcessing"] == "Finished"
    ]
    [one] = offers[-1]["SAScheduleList"]["SAScheduleTuple"]
    tariff = one["SalesTariff"]
    assert tariff["SalesTariffEntry"][0]["RelativeTimeInterval"]["start"] == 0
    assert noted(stage, "decision", granted=True)["by"] == "contract"
