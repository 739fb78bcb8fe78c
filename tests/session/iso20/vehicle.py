"""One sound request of every kind of ISO 15118-20, and a vehicle on AC that sends them."""

from msgspec import structs

from seccstack import v2gtp
from seccstack.auth.certificate import VehicleCertificate
from seccstack.auth.decision import Granted
from seccstack.messages import iso20_ac, iso20_common, iso20_dc, xmldsig
from seccstack.messages.codec import decode, encode
from seccstack.messages.iso20_types import (
    ListOfRootCertificateIDs,
    MessageHeader,
    MeterInfo,
    Processing,
    RationalNumber,
)
from seccstack.session.dialogue import PAYLOADS
from seccstack.session.events import (
    ContactorChanged,
    Decided,
    LimitChanged,
    PilotChanged,
    Proven,
    SendBytes,
)
from seccstack.session.iso20.requests import SCHEMAS
from seccstack.session.iso20.sequence import Dialogue
from seccstack.session.plant import Charger, Protocol
from tests.session import vehicle

CHALLENGE = vehicle.CHALLENGE
OUR_ID = vehicle.OUR_ID
EVCCID = "WMIV1234567890ABCDEX"
NAMESPACE = "urn:iso:std:iso:15118:-20:AC"
CHARGER = Charger(
    evse_id="DE*ABC*E1",
    contracts=True,
    provides=True,
    receipt_seconds=60,
    protocols=(Protocol.ISO20,),
)
CERTIFICATE = VehicleCertificate(
    name="WMIV1234567890ABCDEX", issuer="CN=OEM", digest=bytes(range(64)), ends=1.9e9
)
PROVEN = Proven("DE8AAA1234567A", bytes(133), "CN=Root", 1_800_000_000.0)
FINISHED, ONGOING = Processing.FINISHED, Processing.ONGOING
ANY = MessageHeader(session_id=bytes(8), time_stamp=0)


def number(value, exponent=0):
    return RationalNumber(value=value, exponent=exponent)


def ac(**changes):
    asked = iso20_ac.AC_CPDReqEnergyTransferMode(
        ev_maximum_charge_power=number(11, 3), ev_minimum_charge_power=number(1380)
    )
    return iso20_ac.AC_ChargeParameterDiscoveryReq(
        header=ANY, ac_cpd_req_energy_transfer_mode=structs.replace(asked, **changes)
    )


def scheduled(most=12, **changes):
    return iso20_common.ScheduleExchangeReq(
        header=ANY,
        maximum_supporting_points=most,
        scheduled_se_req_control_mode=iso20_common.Scheduled_SEReqControlMode(**changes),
    )


DYNAMIC = iso20_common.ScheduleExchangeReq(
    header=ANY,
    maximum_supporting_points=12,
    dynamic_se_req_control_mode=iso20_common.Dynamic_SEReqControlMode(
        departure_time=7200,
        ev_target_energy_request=number(20, 3),
        ev_maximum_energy_request=number(40, 3),
        ev_minimum_energy_request=number(0),
    ),
)


def profile(*entries, tuple_id=1, anchor=0):
    """A profile of (seconds, watts); with a tuple of None, that of dynamic mode."""
    mode = (
        {"dynamic_evppt_control_mode": iso20_common.Dynamic_EVPPTControlMode()}
        if tuple_id is None
        else {
            "scheduled_evppt_control_mode": iso20_common.Scheduled_EVPPTControlMode(
                selected_schedule_tuple_id=tuple_id
            )
        }
    )
    listed = tuple(
        iso20_common.PowerScheduleEntry(duration=seconds, power=number(watts))
        for seconds, watts in entries or [(3600, 3680)]
    )
    return iso20_common.EVPowerProfile(
        time_anchor=anchor,
        ev_power_profile_entries=iso20_common.EVPowerProfileEntryList(
            ev_power_profile_entry=listed
        ),
        **mode,
    )


def power(progress, power_profile=None, processing=FINISHED):
    return iso20_common.PowerDeliveryReq(
        header=ANY,
        ev_processing=processing,
        charge_progress=iso20_common.ChargeProgress(progress),
        ev_power_profile=power_profile,
    )


def selection(service=1, parameter_set=1, *others):
    chosen = iso20_common.SelectedService(service_id=service, parameter_set_id=parameter_set)
    listed = tuple(
        iso20_common.SelectedService(service_id=one, parameter_set_id=its)
        for one, its in others
    )
    return iso20_common.ServiceSelectionReq(
        header=ANY,
        selected_energy_transfer_service=chosen,
        selected_vas_list=(
            iso20_common.SelectedServiceList(selected_service=listed) if listed else None
        ),
    )


def detail(service=1):
    return iso20_common.ServiceDetailReq(header=ANY, service_id=service)


def discovery(*supported):
    listed = iso20_common.ServiceIDList(service_id=supported) if supported else None
    return iso20_common.ServiceDiscoveryReq(header=ANY, supported_service_i_ds=listed)


def loop(mode=None, meter=False):
    return iso20_ac.AC_ChargeLoopReq(
        header=ANY,
        meter_info_requested=meter,
        cl_req_control_mode=mode
        or iso20_ac.Scheduled_AC_CLReqControlMode(ev_present_active_power=number(0)),
    )


DYNAMIC_LOOP = loop(
    iso20_ac.Dynamic_AC_CLReqControlMode(
        ev_target_energy_request=number(20, 3),
        ev_maximum_energy_request=number(40, 3),
        ev_minimum_energy_request=number(0),
        ev_maximum_charge_power=number(11, 3),
        ev_minimum_charge_power=number(1380),
        ev_present_active_power=number(0),
        ev_present_reactive_power=number(0),
    )
)


def stop(how="Terminate"):
    return iso20_common.SessionStopReq(
        header=ANY, charging_session=iso20_common.ChargingSession(how)
    )


def eim():
    return iso20_common.AuthorizationReq(
        header=ANY,
        selected_authorization_service=iso20_common.Authorization.EIM,
        eim_a_req_authorization_mode=iso20_common.EIM_AReqAuthorizationMode(),
    )


CHAIN = iso20_common.ContractCertificateChain(
    certificate=b"certificate",
    sub_certificates=iso20_common.SubCertificates(certificate=(b"sub",)),
)


def contract(challenge=CHALLENGE, **changes):
    mode = iso20_common.PnC_AReqAuthorizationMode(
        id="id1", gen_challenge=challenge, contract_certificate_chain=CHAIN
    )
    return iso20_common.AuthorizationReq(
        header=ANY,
        selected_authorization_service=iso20_common.Authorization.PN_C,
        pn_c_a_req_authorization_mode=structs.replace(mode, **changes),
    )


SETUP = iso20_common.SessionSetupReq(header=ANY, evccid=EVCCID)
WAYS_IN = iso20_common.AuthorizationSetupReq(header=ANY)
INSTALLATION = iso20_common.CertificateInstallationReq(
    header=ANY,
    oem_provisioning_certificate_chain=iso20_common.SignedCertificateChain(
        id="id1", certificate=b"certificate"
    ),
    list_of_root_certificate_i_ds=ListOfRootCertificateIDs(
        root_certificate_id=(
            xmldsig.X509IssuerSerial(x509_issuer_name="CN=Root", x509_serial_number=1),
        )
    ),
    maximum_contract_certificate_chains=1,
)
CONFIRMATION = iso20_common.MeteringConfirmationReq(
    header=ANY,
    signed_metering_data=iso20_common.SignedMeteringData(
        id="id1",
        session_id=OUR_ID,
        meter_info=MeterInfo(meter_id="meter", charged_energy_reading_wh=1),
        scheduled_smdt_control_mode=iso20_common.Scheduled_SMDTControlMode(
            selected_schedule_tuple_id=1
        ),
    ),
)
CHECK_IN = iso20_common.VehicleCheckInReq(
    header=ANY,
    ev_check_in_status=iso20_common.EvCheckInStatus.CHECK_IN,
    parking_method=iso20_common.ParkingMethod.MANUAL,
)
CHECK_OUT = iso20_common.VehicleCheckOutReq(
    header=ANY, ev_check_out_status=iso20_common.EvCheckOutStatus.CHECK_OUT, check_out_time=0
)
DC = iso20_dc.DC_ChargeParameterDiscoveryReq(
    header=ANY,
    dc_cpd_req_energy_transfer_mode=iso20_dc.DC_CPDReqEnergyTransferMode(
        ev_maximum_charge_power=number(50, 3),
        ev_minimum_charge_power=number(0),
        ev_maximum_charge_current=number(125),
        ev_minimum_charge_current=number(0),
        ev_maximum_voltage=number(400),
        ev_minimum_voltage=number(200),
    ),
)
DC_LOOP = iso20_dc.DC_ChargeLoopReq(
    header=ANY,
    meter_info_requested=False,
    ev_present_voltage=number(400),
    cl_req_control_mode=iso20_dc.Scheduled_DC_CLReqControlMode(
        ev_target_current=number(1), ev_target_voltage=number(400)
    ),
)
SAMPLES = [
    SETUP,
    WAYS_IN,
    eim(),
    INSTALLATION,
    discovery(),
    detail(),
    selection(),
    scheduled(),
    power("Start"),
    CONFIRMATION,
    stop(),
    CHECK_IN,
    CHECK_OUT,
    ac(),
    loop(),
    DC,
    iso20_dc.DC_CableCheckReq(header=ANY),
    iso20_dc.DC_PreChargeReq(
        header=ANY,
        ev_processing=FINISHED,
        ev_present_voltage=number(0),
        ev_target_voltage=number(400),
    ),
    DC_LOOP,
    iso20_dc.DC_WeldingDetectionReq(header=ANY, ev_processing=FINISHED),
]


def schema_of(message):
    return SCHEMAS[type(message)]


class Ev(vehicle.Ev):
    """A vehicle that speaks ISO 15118-20 in TLS, and the plant around its session."""

    protocol = NAMESPACE

    def __init__(self, charger=CHARGER, **known):
        known = {"tls_version": "TLSv1.3", "vehicle": CERTIFICATE, **known}
        super().__init__(charger, **known)

    def answer(self):
        """Return the response that was sent in the last step, if any."""
        sent = [action.data for action in self.last if isinstance(action, SendBytes)]
        if not sent:
            return None
        (payload,) = v2gtp.Reader().feed(sent[0])
        schema = Dialogue.schemas.get(payload.type)
        return None if schema is None else decode(schema, payload.octets).message

    def framed(self, request, session_id, signature=None):
        header = MessageHeader(
            session_id=session_id, time_stamp=1_700_000_000, signature=signature
        )
        message = structs.replace(request, header=header)
        schema = schema_of(message)
        return v2gtp.encode(PAYLOADS[schema], encode(schema, message))

    def ask(self, request, session_id=None, signature=None):
        answer = super().ask(request, session_id, signature)
        assert answer is None or answer.header.session_id == self.session_id
        return answer

    # The way to each state.

    def connect(self):
        self.write(vehicle.sap(vehicle.offer(self.protocol, 1)))
        return self

    def set_up(self):
        self.connect().ask(SETUP)
        return self

    def challenged(self):
        self.set_up().ask(WAYS_IN)
        return self

    def authorize(self):
        self.tell(Decided(Granted("open")))
        self.challenged().ask(eim())
        return self

    def discover(self):
        self.authorize().ask(discovery())
        return self

    def select(self, service=1, parameter_set=1):
        self.discover().ask(detail(service))
        self.ask(selection(service, parameter_set))
        return self

    def negotiate(self, parameter_set=1):
        self.select(parameter_set=parameter_set).ask(ac())
        return self

    def agree(self, amps=16.0, parameter_set=1):
        self.tell(LimitChanged(amps))
        request = scheduled() if parameter_set % 2 else DYNAMIC
        self.negotiate(parameter_set).ask(request)
        return self

    def start(self, parameter_set=1):
        self.agree(parameter_set=parameter_set)
        self.ask(power("Start", profile(tuple_id=1 if parameter_set % 2 else None)))
        return self

    def charge(self, parameter_set=1):
        self.tell(PilotChanged(True), ContactorChanged(True))
        return self.start(parameter_set)

    def stopped(self):
        self.charge().ask(power("Stop"))
        return self


WAYS = {
    "CONNECTED": Ev.connect,
    "SET_UP": Ev.set_up,
    "AUTHORIZING": Ev.challenged,
    "AUTHORIZED": Ev.authorize,
    "DISCOVERED": Ev.discover,
    "SELECTED": Ev.select,
    "NEGOTIATING": Ev.negotiate,
    "AGREED": Ev.agree,
    "STARTING": Ev.start,
    "CHARGING": Ev.charge,
    "STOPPED": Ev.stopped,
}
