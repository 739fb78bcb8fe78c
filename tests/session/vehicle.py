"""One sound request of every kind of ISO 15118-2, and a vehicle that sends them."""

from msgspec import structs

from seccstack import v2gtp
from seccstack.auth.decision import Granted
from seccstack.messages import app_protocol, iso2, xmldsig
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso2 import (
    AC_EVChargeParameter,
    ChargeProgress,
    ChargingSession,
    DC_EVErrorCode,
    DC_EVStatus,
    EnergyTransferMode,
    PaymentOption,
    PhysicalValue,
    UnitSymbol,
)
from seccstack.session.events import (
    AllowEnergy,
    BytesReceived,
    ContactorChanged,
    ContractProvided,
    ContractVerified,
    Decided,
    LimitChanged,
    Meter,
    MeterRead,
    PilotChanged,
    Proven,
    ProvideContract,
    ProvideTariffs,
    SendBytes,
    SignatureVerified,
    TariffsProvided,
    VerifyContract,
    VerifySignature,
)
from seccstack.session.opening import Opening
from seccstack.session.plant import Charger
from seccstack.session.session import V2gSession
from seccstack.session.signature import made

CHARGER = Charger(evse_id="DE*ABC*E1", contracts=True, provides=True, receipt_seconds=60)
CHALLENGE = bytes(range(16))
EMAID = "DE8AAA1234567A"
PROVEN = Proven(EMAID, bytes(65), "CN=Root", 1_800_000_000.0)
OUR_ID = bytes.fromhex("0123456789ABCDEF")
EVCCID = bytes.fromhex("02005E100001")
NAMESPACE = "urn:iso:15118:2:2013:MsgDef"
THREE, ONE = EnergyTransferMode.AC_THREE_PHASE_CORE, EnergyTransferMode.AC_SINGLE_PHASE_CORE


def value(number, unit, multiplier=0):
    return PhysicalValue(value=number, unit=UnitSymbol(unit), multiplier=multiplier)


def offer(namespace=NAMESPACE, major=2, minor=0, schema_id=1, priority=1):
    return app_protocol.AppProtocol(
        protocol_namespace=namespace,
        version_number_major=major,
        version_number_minor=minor,
        schema_id=schema_id,
        priority=priority,
    )


def ac_parameter(**changes):
    parameter = AC_EVChargeParameter(
        e_amount=value(20, "Wh", 3),
        ev_max_voltage=value(400, "V"),
        ev_max_current=value(32, "A"),
        ev_min_current=value(6, "A"),
    )
    return structs.replace(parameter, **changes)


def parameters(mode=THREE, most=None, parameter=None, **changes):
    return iso2.ChargeParameterDiscoveryReq(
        max_entries_sa_schedule_tuple=most,
        requested_energy_transfer_mode=mode,
        ev_charge_parameter=parameter or ac_parameter(**changes),
    )


def profile(*entries):
    return iso2.ChargingProfile(
        profile_entry=tuple(
            iso2.ProfileEntry(
                charging_profile_entry_start=start, charging_profile_entry_max_power=power
            )
            for start, power in entries
        )
    )


def power(progress, tuple_id=1, charging_profile=None):
    return iso2.PowerDeliveryReq(
        charge_progress=ChargeProgress(progress),
        sa_schedule_tuple_id=tuple_id,
        charging_profile=charging_profile,
    )


def selection(*service_ids, option=PaymentOption.EXTERNAL_PAYMENT):
    services = tuple(iso2.SelectedService(service_id=number) for number in service_ids)
    return iso2.PaymentServiceSelectionReq(
        selected_payment_option=option,
        selected_service_list=iso2.SelectedServiceList(selected_service=services),
    )


EV_STATUS = DC_EVStatus(ev_ready=True, ev_error_code=DC_EVErrorCode.NO_ERROR, evresssoc=50)
DC_PARAMETER = iso2.DC_EVChargeParameter(
    dc_ev_status=EV_STATUS,
    ev_maximum_current_limit=value(200, "A"),
    ev_maximum_voltage_limit=value(400, "V"),
)
CHAIN = iso2.CertificateChain(certificate=b"certificate")
ROOTS = iso2.ListOfRootCertificateIDs(
    root_certificate_id=(
        xmldsig.X509IssuerSerial(x509_issuer_name="CN=Root", x509_serial_number=1),
    )
)
DETAILS = iso2.PaymentDetailsReq(emaid=EMAID, contract_signature_cert_chain=CHAIN)
PROOF = iso2.AuthorizationReq(id="id1", gen_challenge=CHALLENGE)
RECEIPT = iso2.MeteringReceiptReq(
    id="id1",
    session_id=OUR_ID,
    meter_info=iso2.MeterInfo(meter_id="meter", meter_reading=1),
)
UPDATE = iso2.CertificateUpdateReq(
    id="id1",
    contract_signature_cert_chain=CHAIN,
    emaid=EMAID,
    list_of_root_certificate_i_ds=ROOTS,
)
INSTALLATION = iso2.CertificateInstallationReq(
    id="id1", oem_provisioning_cert=b"certificate", list_of_root_certificate_i_ds=ROOTS
)
SESSION_SETUP = iso2.SessionSetupReq(evccid=EVCCID)
SERVICE_DISCOVERY = iso2.ServiceDiscoveryReq()
AUTHORIZATION = iso2.AuthorizationReq()
STATUS = iso2.ChargingStatusReq()
STOP = iso2.SessionStopReq(charging_session=ChargingSession.TERMINATE)
PAUSE = iso2.SessionStopReq(charging_session=ChargingSession.PAUSE)

SAMPLES = [
    SESSION_SETUP,
    SERVICE_DISCOVERY,
    iso2.ServiceDetailReq(service_id=1),
    selection(1),
    DETAILS,
    AUTHORIZATION,
    parameters(),
    power("Start"),
    RECEIPT,
    STOP,
    UPDATE,
    INSTALLATION,
    STATUS,
    iso2.CableCheckReq(dc_ev_status=EV_STATUS),
    iso2.PreChargeReq(
        dc_ev_status=EV_STATUS,
        ev_target_voltage=value(400, "V"),
        ev_target_current=value(1, "A"),
    ),
    iso2.CurrentDemandReq(
        dc_ev_status=EV_STATUS,
        ev_target_current=value(1, "A"),
        charging_complete=False,
        ev_target_voltage=value(400, "V"),
    ),
    iso2.WeldingDetectionReq(dc_ev_status=EV_STATUS),
]


def sap(*offers):
    request = app_protocol.SupportedAppProtocolReq(app_protocol=offers or (offer(),))
    return v2gtp.encode(v2gtp.EXI, encode(Schema.APP_PROTOCOL, request))


def signed(request):
    """Sign a request that has an Id, in the right form; what the value is worth is told."""
    identifier = getattr(request, "id", None)
    if identifier is None:
        return None
    elements = {identifier: (type(request).__name__, request)}
    return made(elements, lambda octets: bytes(64))


def framed(request, session_id, signature=None):
    signature = signature or signed(request)
    header = iso2.MessageHeader(session_id=session_id, signature=signature)
    message = iso2.V2G_Message(header=header, body=request)
    return v2gtp.encode(v2gtp.EXI, encode(Schema.ISO2, message))


def delivered(kind, code=iso2.ResponseCode.OK, **changes):
    """What a provisioning service answers: the EXI of a whole message."""
    response = kind(
        response_code=code,
        sa_provisioning_certificate_chain=CHAIN,
        contract_signature_cert_chain=structs.replace(CHAIN, id="id1"),
        contract_signature_encrypted_private_key=(
            iso2.ContractSignatureEncryptedPrivateKey(id="id2", value=bytes(48))
        ),
        dh_public_key=iso2.DiffieHellmanPublickey(id="id3", value=bytes(65)),
        emaid=iso2.EMAID(id="id4", value=EMAID),
        **changes,
    )
    elements = {"id4": ("eMAID", response.emaid)}
    signature = made(elements, lambda octets: bytes(range(64)))
    header = iso2.MessageHeader(session_id=bytes(8), signature=signature)
    return encode(Schema.ISO2, iso2.V2G_Message(header=header, body=response))


class Ev:
    """A vehicle on a stream of its own, and the plant around the session that answers it."""

    schema = Schema.ISO2

    def __init__(self, charger=CHARGER, **known):
        self.now = 100.0
        known = {"tls": True, "challenge": CHALLENGE, **known}
        opening = Opening(
            charger=charger, session_id=OUR_ID, timestamp=1_700_000_000, at=self.now, **known
        )
        self.session = V2gSession(opening)
        self.session_id = OUR_ID
        self.done = []  # every action so far
        self.last = []  # those of the last step
        self.seller = None  # who answers questions for tariffs, at once

    def step(self, actions):
        self.last = list(actions)
        self.done += self.last
        return self.last

    def tell(self, *events):
        return [a for e in events for a in self.step(self.session.receive(e, self.now))]

    def told(self, *events):
        self.tell(*events)
        return self

    def write(self, data):
        self.tell(BytesReceived(data))
        return self.answer()

    def answer(self):
        """Return the response that was sent in the last step, if any."""
        sent = [action.data for action in self.last if isinstance(action, SendBytes)]
        if not sent:
            return None
        (payload,) = v2gtp.Reader().feed(sent[0])
        schema = Schema.APP_PROTOCOL if len(payload.octets) < 6 else self.schema
        message = decode(schema, payload.octets).message
        if schema is self.schema:
            assert message.header.session_id == self.session_id
            return message.body
        return message

    def framed(self, request, session_id, signature=None):
        return framed(request, session_id, signature)

    def ask(self, request, session_id=None, signature=None):
        own = self.session_id if session_id is None else session_id
        answer = self.write(self.framed(request, own, signature))
        questions = [a for a in self.last if isinstance(a, ProvideTariffs)]
        if self.seller is None or not questions:
            return answer
        self.tell(self.seller(questions[0]))
        return self.answer()

    def wanted(self, kind):
        """Return the last action of this kind."""
        return next(a for a in reversed(self.done) if isinstance(a, kind))

    def verify(self, found=PROVEN):
        """Answer what was asked about the contract; return the response."""
        self.tell(ContractVerified(self.wanted(VerifyContract).ticket, found))
        return self.answer()

    def confirm(self, valid=True):
        """Answer what was asked about a signature; return the response."""
        self.tell(SignatureVerified(self.wanted(VerifySignature).ticket, valid))
        return self.answer()

    def provide(self, response, why=""):
        """Answer for the provisioning service; return the response."""
        self.tell(ContractProvided(self.wanted(ProvideContract).ticket, response, why))
        return self.answer()

    def price(self, response, why=""):
        """Answer for who sells energy; return the response."""
        self.tell(TariffsProvided(self.wanted(ProvideTariffs).ticket, response, why))
        return self.answer()

    def code(self, request, session_id=None):
        return self.ask(request, session_id).response_code.value

    def wait(self, seconds):
        """Let time pass, and every deadline in it."""
        until = self.now + seconds
        while (due := self.session.deadline) is not None and due <= until:
            self.now = due
            self.step(self.session.tick(due))
            assert self.session.deadline is None or self.session.deadline > due
        self.now = until
        return self.last

    def kinds(self):
        return [type(action).__name__ for action in self.last]

    def energy(self):
        """Whether energy is allowed, as far as the actions so far say."""
        return next((a.on for a in reversed(self.done) if isinstance(a, AllowEnergy)), False)

    # The way to each state.

    def connect(self):
        self.write(sap())
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

    def contract(self):
        self.discover().ask(selection(1, option=PaymentOption.CONTRACT))
        return self

    def provided(self):
        self.contract().ask(INSTALLATION)
        self.provide(delivered(iso2.CertificateInstallationRes))
        return self

    def identify(self):
        self.contract().ask(DETAILS)
        self.verify()
        return self

    def prove(self):
        self.identify().ask(PROOF)
        return self

    def meter(self):
        """Charge by a contract, and be shown a reading that is to be signed for."""
        self.tell(
            Decided(Granted("contract")), LimitChanged(16.0), MeterRead(Meter("meter", 1))
        )
        self.tell(PilotChanged(True), ContactorChanged(True))
        self.prove().confirm()
        self.ask(parameters())
        self.ask(power("Start"))
        self.ask(STATUS)
        return self

    def authorize(self):
        self.tell(Decided(Granted("open")))
        self.select().ask(AUTHORIZATION)
        return self

    def repeat(self):
        self.authorize().ask(AUTHORIZATION)
        return self

    def agree(self, amps=16.0, request=None):
        self.tell(LimitChanged(amps))
        self.authorize().ask(request or parameters())
        return self

    def start(self):
        self.agree().ask(power("Start"))
        return self

    def charge(self):
        self.tell(PilotChanged(True), ContactorChanged(True))
        return self.start()

    def renegotiate(self):
        self.charge().ask(power("Renegotiate"))
        self.ask(parameters())
        return self

    def stop(self):
        self.charge().ask(power("Stop"))
        return self


WAYS = {
    "CONNECTED": Ev.connect,
    "SET_UP": Ev.set_up,
    "DISCOVERED": Ev.discover,
    "SELECTED": Ev.select,
    "CONTRACTING": Ev.contract,
    "PROVIDED": Ev.provided,
    "IDENTIFIED": Ev.identify,
    "AUTHORIZED": Ev.authorize,
    "NEGOTIATING": Ev.repeat,
    "AGREED": Ev.agree,
    "STARTING": Ev.start,
    "CHARGING": Ev.charge,
    "METERED": Ev.meter,
    "VERIFYING": Ev.prove,
    "STOPPED": Ev.stop,
}
