"""A vehicle on DC, and the supply around the session that answers it."""

from msgspec import structs

from seccstack.auth.decision import Granted
from seccstack.messages import iso2
from seccstack.messages.iso2 import DC_EVErrorCode, EnergyTransferMode
from seccstack.session.events import (
    AllowEnergy,
    Decided,
    DemandOutput,
    InsulationChecked,
    LimitChanged,
    Meter,
    MeterRead,
    OutputMeasured,
    PilotChanged,
)
from seccstack.session.plant import Charger, DcSupply
from tests.session.vehicle import DC_PARAMETER, EV_STATUS, Ev, parameters, power, value

EXTENDED = EnergyTransferMode.DC_EXTENDED
SUPPLY = DcSupply(max_volts=500, max_amps=125, max_watts=50_000, min_volts=150, min_amps=1)
CHARGER = Charger(
    evse_id="DE*ABC*E1", supply=SUPPLY, contracts=True, provides=True, receipt_seconds=60
)
GRID_AMPS = 100.0  # per phase: 69 kW
CABLE_CHECK = iso2.CableCheckReq(dc_ev_status=EV_STATUS)
WELDING = iso2.WeldingDetectionReq(dc_ev_status=EV_STATUS)


def in_error(code):
    return structs.replace(EV_STATUS, ev_error_code=DC_EVErrorCode(code))


def dc_parameters(most=None, mode=EXTENDED, **changes):
    return parameters(mode, most, structs.replace(DC_PARAMETER, **changes))


def pre_charge(volts=400, amps=1, **changes):
    request = iso2.PreChargeReq(
        dc_ev_status=EV_STATUS,
        ev_target_voltage=value(volts, "V"),
        ev_target_current=value(amps, "A"),
    )
    return structs.replace(request, **changes)


def demand(volts=400, amps=100, **changes):
    request = iso2.CurrentDemandReq(
        dc_ev_status=EV_STATUS,
        ev_target_voltage=value(volts, "V"),
        ev_target_current=value(amps, "A"),
        charging_complete=False,
    )
    return structs.replace(request, **changes)


def stop_with(code):
    parameter = iso2.DC_EVPowerDeliveryParameter(
        dc_ev_status=in_error(code), charging_complete=True
    )
    return structs.replace(power("Stop"), ev_power_delivery_parameter=parameter)


class DcEv(Ev):
    """Like `Ev`, on the way through cable check and pre-charge."""

    def __init__(self, charger=CHARGER, **known):
        super().__init__(charger, **known)

    def demanded(self):
        """Return what was demanded of the supply last."""
        demands = [a for a in self.done if isinstance(a, DemandOutput | AllowEnergy)]
        last = demands[-1] if demands else None
        return (last.volts, last.amps) if isinstance(last, DemandOutput) else (0.0, 0.0)

    def agree(self, amps=GRID_AMPS, request=None):
        self.tell(LimitChanged(amps))
        self.authorize().ask(request or dc_parameters())
        return self

    def check(self):
        self.agree().tell(PilotChanged(True))
        self.ask(CABLE_CHECK)
        self.tell(InsulationChecked(True))
        self.ask(CABLE_CHECK)
        return self

    def precharge(self):
        self.check().ask(pre_charge())
        self.tell(OutputMeasured(399.5, 0.0))
        return self

    def charge(self):
        self.precharge().ask(power("Start"))
        return self

    def stop(self):
        self.charge().ask(power("Stop"))
        return self.told(OutputMeasured(3.0, 0.0))

    def unload(self):
        self.stop().tell(PilotChanged(False))
        return self

    def meter(self):
        """Charge by a contract, and be shown a reading that is to be signed for."""
        self.tell(Decided(Granted("contract")), LimitChanged(GRID_AMPS))
        self.tell(PilotChanged(True), MeterRead(Meter("meter", 1)))
        self.prove().confirm()
        self.ask(dc_parameters())
        self.ask(CABLE_CHECK)
        self.tell(InsulationChecked(True))
        self.ask(CABLE_CHECK)
        self.ask(pre_charge())
        self.ask(power("Start"))
        self.ask(demand())
        return self

    def connecting(self):
        self.agree().ask(CABLE_CHECK)
        return self

    def part(self):
        self.stop().ask(WELDING)
        return self


DC_WAYS = {
    "CHECKING": DcEv.agree,
    "CONNECTING": DcEv.connecting,
    "CHECKED": DcEv.check,
    "PRECHARGED": DcEv.precharge,
    "DEMANDING": DcEv.charge,
    "UNLOADING": DcEv.unload,
    "PARTING": DcEv.part,
}
