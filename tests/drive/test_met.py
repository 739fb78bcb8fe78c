"""What charger a recorded car met in ISO 15118-20."""

import pytest
from msgspec import structs

from seccstack.capture.items import V2gMessage
from seccstack.drive import met
from seccstack.messages import iso20_dc
from seccstack.session.events import LimitChanged
from seccstack.session.plant import DcSupply, Protocol
from tests.capture.test_lawful import LINK
from tests.session.iso20.test_bpt import both_ways
from tests.session.iso20.vehicle import (
    ANY,
    DC,
    SETUP,
    Ev,
    ac,
    number,
    scheduled,
    schema_of,
)

UNKNOWN = DcSupply(max_volts=1, max_amps=1, max_watts=1)
LIMITS = iso20_dc.DC_CPDResEnergyTransferMode(
    evse_maximum_charge_power=number(50, 3),
    evse_minimum_charge_power=number(0),
    evse_maximum_charge_current=number(125),
    evse_minimum_charge_current=number(0),
    evse_maximum_voltage=number(500),
    evse_minimum_voltage=number(0),
)


def said(*messages):
    return [
        V2gMessage(n, float(n), LINK, "evse", 0x8002, b"", schema_of(one), "", one)
        for n, one in enumerate(messages)
    ]


def offer(mode):
    code = Ev().connect().ask(SETUP).response_code
    return iso20_dc.DC_ChargeParameterDiscoveryRes(
        header=ANY, response_code=code, dc_cpd_res_energy_transfer_mode=mode
    )


def test_the_protocol_is_that_of_the_first_message_that_has_one():
    assert met.protocol_of(said(SETUP)) is Protocol.ISO20
    assert met.protocol_of([]) is None


def test_a_supply_is_as_the_charger_said_it():
    found = met.supply_of(said(offer(LIMITS)), UNKNOWN)
    assert found == DcSupply(max_volts=500, max_amps=125, max_watts=50_000)


def test_one_that_takes_energy_back_is_one_that_does():
    back = {f"evse_{end}imum_discharge_{what}": number(1) for end in ("max", "min")
            for what in ("power", "current")}  # fmt: skip
    limits = {name: getattr(LIMITS, name) for name in LIMITS.__struct_fields__}
    mode = iso20_dc.BPT_DC_CPDResEnergyTransferMode(**limits, **back)
    assert met.supply_of(said(offer(mode)), UNKNOWN).bidirectional


def test_one_that_said_nothing_of_use_is_not_known():
    nothing = structs.replace(LIMITS, evse_maximum_charge_current=number(0))
    assert met.supply_of(said(offer(nothing)), UNKNOWN) is UNKNOWN
    assert met.supply_of(said(DC), UNKNOWN) is UNKNOWN
    assert met.supply_of(said(ac()), UNKNOWN) is None


def test_what_was_offered_in_a_schedule_counts_too():
    ev = Ev().negotiate()
    ev.tell(LimitChanged(400.0))
    schedule = ev.ask(scheduled())
    found = met.supply_of(said(offer(LIMITS), schedule), UNKNOWN)
    assert found.max_watts == 92_000


@pytest.mark.parametrize(("request_", "amps"), [(ac(), 0.0), (both_ways(), met.USUAL_AMPS)])
def test_energy_goes_back_on_ac_where_the_car_asked_for_it(request_, amps):
    assert met.discharge_amps_of(said(request_)) == amps
