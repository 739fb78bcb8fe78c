"""One sound request of every kind of DIN SPEC 70121, and a vehicle that sends them."""

from hypothesis import strategies as st
from msgspec import structs

from seccstack import v2gtp
from seccstack.auth.decision import Granted
from seccstack.messages import din
from seccstack.messages.codec import Schema, encode
from seccstack.messages.din import (
    DC_EVErrorCode,
    EVRequestedEnergyTransfer,
    PaymentOption,
    PhysicalValue,
    UnitSymbol,
)
from seccstack.session.events import (
    Decided,
    InsulationChecked,
    LimitChanged,
    OutputMeasured,
    PilotChanged,
)
from seccstack.session.plant import Charger
from tests.session.dc_vehicle import GRID_AMPS, SUPPLY, DcEv
from tests.session.vehicle import EVCCID, OUR_ID, offer, sap

NAMESPACE = "urn:din:70121:2012:MsgDef"
CHARGER = Charger(evse_id="+49*80737*45678", supply=SUPPLY)
EV_STATUS = din.DC_EVStatus(ev_ready=True, ev_error_code=DC_EVErrorCode.NO_ERROR, evresssoc=50)


def value(number, unit=None, multiplier=0):
    symbol = None if unit is None else UnitSymbol(unit)
    return PhysicalValue(value=number, unit=symbol, multiplier=multiplier)


def selection(*service_ids, option=PaymentOption.EXTERNAL_PAYMENT):
    services = tuple(din.SelectedService(service_id=number) for number in service_ids)
    return din.ServicePaymentSelectionReq(
        selected_payment_option=option,
        selected_service_list=din.SelectedServiceList(selected_service=services),
    )


def parameters(mode="DC_extended", **changes):
    parameter = din.DC_EVChargeParameter(
        dc_ev_status=EV_STATUS,
        ev_maximum_current_limit=value(200, "A"),
        ev_maximum_voltage_limit=value(400, "V"),
    )
    return din.ChargeParameterDiscoveryReq(
        ev_requested_energy_transfer_type=EVRequestedEnergyTransfer(mode),
        ev_charge_parameter=structs.replace(parameter, **changes),
    )


def pre_charge(volts=400, amps=1, **changes):
    request = din.PreChargeReq(
        dc_ev_status=EV_STATUS,
        ev_target_voltage=value(volts, "V"),
        ev_target_current=value(amps, "A"),
    )
    return structs.replace(request, **changes)


def power(on, *entries, tuple_id=1, error="NO_ERROR"):
    status = structs.replace(EV_STATUS, ev_error_code=DC_EVErrorCode(error))
    profile = din.ChargingProfile(
        sa_schedule_tuple_id=tuple_id,
        profile_entry=tuple(
            din.ProfileEntry(
                charging_profile_entry_start=start, charging_profile_entry_max_power=watts
            )
            for start, watts in entries
        ),
    )
    return din.PowerDeliveryReq(
        ready_to_charge_state=on,
        charging_profile=profile if entries else None,
        ev_power_delivery_parameter=din.DC_EVPowerDeliveryParameter(
            dc_ev_status=status, charging_complete=not on
        ),
    )


def demand(volts=400, amps=100, **changes):
    request = din.CurrentDemandReq(
        dc_ev_status=EV_STATUS,
        ev_target_voltage=value(volts, "V"),
        ev_target_current=value(amps, "A"),
        charging_complete=False,
    )
    return structs.replace(request, **changes)


SESSION_SETUP = din.SessionSetupReq(evccid=EVCCID)
SERVICE_DISCOVERY = din.ServiceDiscoveryReq()
AUTHENTICATION = din.ContractAuthenticationReq()
CABLE_CHECK = din.CableCheckReq(dc_ev_status=EV_STATUS)
WELDING = din.WeldingDetectionReq(dc_ev_status=EV_STATUS)
STOP = din.SessionStopReq()
CHAIN = din.CertificateChain(certificate=b"certificate")
ROOTS = din.ListOfRootCertificateIDs(root_certificate_id=("root",))

GOOD = {
    "setup": SESSION_SETUP,
    "discovery": SERVICE_DISCOVERY,
    "selection": selection(1),
    "authentication": AUTHENTICATION,
    "parameters": parameters(),
    "cable check": CABLE_CHECK,
    "pre-charge": pre_charge(),
    "start": power(True),
    "demand": demand(),
    "stop": power(False),
    "welding": WELDING,
    "goodbye": STOP,
}
UNUSED = [  # what the language has, and DIN SPEC 70121 does not use
    din.ServiceDetailReq(service_id=1),
    din.PaymentDetailsReq(contract_id="c", contract_signature_cert_chain=CHAIN),
    din.ChargingStatusReq(),
    din.MeteringReceiptReq(session_id=OUR_ID, meter_info=din.MeterInfo(meter_id="meter")),
    din.CertificateUpdateReq(
        id="id1",
        contract_signature_cert_chain=CHAIN,
        contract_id="c",
        list_of_root_certificate_i_ds=ROOTS,
        dh_params=b"p",
    ),
    din.CertificateInstallationReq(
        id="id1",
        oem_provisioning_cert=b"c",
        list_of_root_certificate_i_ds=ROOTS,
        dh_params=b"p",
    ),
]
SAMPLES = [*GOOD.values(), *UNUSED]


VALUES = st.builds(
    value,
    st.integers(-32768, 32767),
    st.none() | st.sampled_from(UnitSymbol),
    st.integers(-3, 3),
)
WATTS = st.tuples(st.integers(0, 2**32 - 1), st.integers(-32768, 32767))
REQUESTS = st.one_of(
    st.sampled_from(SAMPLES),
    st.builds(
        lambda *v: pre_charge(ev_target_voltage=v[0], ev_target_current=v[1]), VALUES, VALUES
    ),
    st.builds(
        lambda *v: demand(ev_target_voltage=v[0], ev_target_current=v[1]), VALUES, VALUES
    ),
    st.builds(lambda v: parameters(ev_maximum_current_limit=v), VALUES),
    st.builds(lambda v: parameters(ev_maximum_voltage_limit=v), VALUES),
    st.builds(
        lambda number, entries: power(True, *entries, tuple_id=number),
        st.integers(-1, 2),
        st.lists(WATTS, min_size=1, max_size=24),
    ),
)


def framed(request, session_id):
    header = din.MessageHeader(session_id=session_id)
    message = din.V2G_Message(header=header, body=request)
    return v2gtp.encode(v2gtp.EXI, encode(Schema.DIN, message))


class DinEv(DcEv):
    """A vehicle on DC that speaks DIN SPEC 70121, in plain."""

    schema = Schema.DIN

    def __init__(self, charger=CHARGER, **known):
        super().__init__(charger, **{"tls": False, **known})

    def framed(self, request, session_id, signature=None):
        return framed(request, session_id)

    def connect(self):
        self.write(sap(offer(NAMESPACE)))
        return self

    def set_up(self):
        self.connect().ask(SESSION_SETUP)
        return self

    def discover(self):
        self.set_up().ask(SERVICE_DISCOVERY)
        return self

    def select(self):
        self.discover().ask(selection(1))
        return self

    def authorize(self):
        self.tell(Decided(Granted("open")))
        self.select().ask(AUTHENTICATION)
        return self

    def negotiate(self):
        self.authorize().ask(parameters())
        return self

    def agree(self, amps=GRID_AMPS, request=None):
        self.tell(LimitChanged(amps))
        self.authorize().ask(request or parameters())
        return self

    def connecting(self):
        self.agree().ask(CABLE_CHECK)
        return self

    def check(self, amps=GRID_AMPS):
        self.agree(amps).tell(PilotChanged(True))
        self.ask(CABLE_CHECK)
        self.tell(InsulationChecked(True))
        self.ask(CABLE_CHECK)
        return self

    def precharge(self):
        return self.precharge_at(GRID_AMPS)

    def precharge_at(self, amps):
        self.check(amps).ask(pre_charge())
        self.tell(OutputMeasured(399.5, 0.0))
        return self

    def charge(self):
        self.precharge().ask(power(True))
        return self

    def stop(self):
        self.charge().ask(power(False))
        return self.told(OutputMeasured(3.0, 0.0))

    def part(self):
        self.stop().ask(WELDING)
        return self


WAYS = {
    "CONNECTED": DinEv.connect,
    "SET_UP": DinEv.set_up,
    "DISCOVERED": DinEv.discover,
    "SELECTED": DinEv.select,
    "AUTHORIZED": DinEv.authorize,
    "NEGOTIATING": DinEv.negotiate,
    "CHECKING": DinEv.agree,
    "CONNECTING": DinEv.connecting,
    "CHECKED": DinEv.check,
    "PRECHARGED": DinEv.precharge,
    "DEMANDING": DinEv.charge,
    "UNLOADING": DinEv.unload,
    "PARTING": DinEv.part,
}
