"""A vehicle as a script plays it: step by step, honestly or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from msgspec import structs

from seccstack import sdp, v2gtp
from seccstack.attack.target import Place, Stream, Target
from seccstack.auth.certificate import VehicleCertificate
from seccstack.errors import MalformedError
from seccstack.messages import app_protocol, codec, iso2
from seccstack.messages.codec import Schema
from seccstack.sim import evcc_requests as requests
from seccstack.sim import wallet as wallets
from seccstack.sim.evcc_requests import Wishes
from seccstack.sim.wallet import Wallet
from seccstack.slac import ev

STEP_SECONDS = 0.05  # between looks whether something has happened
MATCH_SECONDS = 25.0  # from the plug to the link; a modem takes 7 to be in another network
ANSWER_SECONDS = 6.0  # a vehicle waits for 5 at most
ASK_SECONDS = 0.25  # between two SDP requests
FOUND_SECONDS = 12.5  # for an answer to one of 50
FINISHED = iso2.EVSEProcessing.FINISHED
NOBODY = bytes(8)  # the session id of who has none yet


@dataclass(frozen=True, slots=True)
class Manner:
    """How its software speaks: what a fingerprint is made of."""

    slac: ev.Character = field(default_factory=ev.Character)
    link_seconds: float = 0.5  # from the link to the first SDP request
    think_seconds: float = 0.05  # from a response to the next request
    max_entries: int | None = None
    min_amps: int = 6
    priority: int = 1
    session_id: bytes = bytes(1)  # in SessionSetupReq


# Of a family car, and of a script on a laptop: nobody who copies an address copies all of this.
VEHICLE = Manner(slac=ev.Character(run_id=b"FAMILY01"), max_entries=29)
LAPTOP = Manner(
    slac=ev.Character(interval_seconds=0.025),
    link_seconds=2.5,
    think_seconds=0.004,
    min_amps=1,
    priority=20,
    session_id=bytes(8),
)


class Visitor:
    """One vehicle, and its session; ``evccid`` None: its MAC address."""

    def __init__(
        self,
        target: Target,
        mac: bytes,
        manner: Manner = LAPTOP,
        *,
        evccid: bytes | None = None,
        tls: bool | None = None,
        wallet: Wallet | None = None,
    ) -> None:
        self.target, self.manner = target, manner
        self.place = Place.of(mac)
        self.tls = target.setup.tls is not sdp.Tls.FORBIDDEN if tls is None else tls
        self.wishes = Wishes(
            evccid=mac if evccid is None else evccid,
            max_entries=manner.max_entries,
            min_amps=manner.min_amps,
            wallet=wallet,
        )
        self.certificate: VehicleCertificate | None = None  # of the vehicle, in TLS
        self.stream: Stream | None = None
        self.session_id = manner.session_id
        self.asked = False  # whether it was answered when it asked to be let in
        self.presented = False  # whether it came to show its contract
        self.refused = ""  # the response that ended it, in words
        self._reader = v2gtp.Reader()

    # The plug, the link, the way there.

    def arrive(self) -> bool:
        """Be plugged in, and matched; whether there is a link."""
        self.target.plug_in(self.place.mac, self.manner.slac)
        return self.until(lambda: self.target.linked, MATCH_SECONDS)

    def leave(self) -> None:
        """Be unplugged."""
        if self.stream is not None:
            self.stream.close()
            self.stream = None
        self.target.unplug()

    def until(self, happens: Callable[[], bool], seconds: float) -> bool:
        """Let time pass until something is the case; whether it is."""
        end = self.target.now + seconds
        while not happens():
            if self.target.now >= end:
                return False
            self.target.wait(STEP_SECONDS)
        return True

    def discover(self) -> sdp.SdpResponse | None:
        """Ask where to connect; None: nobody says."""
        before, end = len(self.target.answers), self.target.now + FOUND_SECONDS
        security = sdp.SECURITY_TLS if self.tls else sdp.SECURITY_NONE
        while not self.until(lambda: len(self.target.answers) > before, ASK_SECONDS):
            if self.target.now >= end:
                return None
            self.target.ask(self.place, sdp.SdpRequest(security).encode())
        try:
            return sdp.SdpResponse.decode(self.target.answers[-1])
        except MalformedError:
            return None

    def connect(self) -> bool:
        """Find the charger and open a stream; whether there is one."""
        self.target.wait(self.manner.link_seconds)
        found = self.discover()
        if found is None:
            return False
        encrypted = self.tls and found.security == sdp.SECURITY_TLS
        return not self.open(tls=encrypted).closed

    def open(self, *, tls: bool) -> Stream:
        """Open a stream without having asked."""
        if self.certificate is None:
            self.stream = stream = self.target.connect(self.place, tls)
        else:
            self.stream = stream = self.target.connect_as(self.place, self.certificate)
        self._reader = v2gtp.Reader()
        self.session_id = self.manner.session_id
        return stream

    # Messages.

    def handshake(self) -> bool:
        """Agree on ISO 15118-2."""
        asked = requests.protocol(self.wishes)
        offers = [structs.replace(o, priority=self.manner.priority) for o in asked.app_protocol]
        offered = app_protocol.SupportedAppProtocolReq(app_protocol=tuple(offers))
        answer = self._exchange(codec.encode(Schema.APP_PROTOCOL, offered), Schema.APP_PROTOCOL)
        return answer is not None and "OK" in answer.response_code.value

    def request(self, body: Any, session_id: bytes | None = None) -> Any:
        """Send a request; return the response's body, None: none comes."""
        wallet = self.wishes.wallet
        signature = None if wallet is None else wallet.signature(body)
        used = self.session_id if session_id is None else session_id
        header = iso2.MessageHeader(session_id=used, signature=signature)
        message = iso2.V2G_Message(header=header, body=body)
        answer = self._exchange(codec.encode(Schema.ISO2, message), Schema.ISO2)
        if answer is None:
            return None
        response = answer.body
        code = response.response_code.value
        if code.startswith("FAILED"):
            self.refused = f"{type(response).__name__}: {code}"
        elif isinstance(response, iso2.SessionSetupRes):
            self.session_id = answer.header.session_id
        return response

    def _exchange(self, octets: bytes, schema: Schema) -> Any:
        stream = self.stream
        if stream is None:
            return None
        self.target.wait(self.manner.think_seconds)
        stream.send(v2gtp.encode(v2gtp.EXI, octets))
        found: list[Any] = []

        def answered() -> bool:
            for item in self._reader.feed(stream.received()):
                if isinstance(item, v2gtp.Payload):
                    found.append(codec.decode(schema, item.octets).message)
            return bool(found) or stream.closed

        self.until(answered, ANSWER_SECONDS)
        return found[-1] if found else None

    # Whole stages; each says whether it was reached.

    def set_up(self) -> bool:
        """Connect, and begin a session."""
        return self.connect() and self.begin()

    def begin(self) -> bool:
        """Begin a session on the stream that is open."""
        return self.handshake() and self._ok(iso2.SessionSetupReq(evccid=self.wishes.evccid))

    def select(self) -> bool:
        """Choose the service, and how to pay."""
        found = self.request(iso2.ServiceDiscoveryReq())
        if found is None or _failed(found):
            return False
        contract = wallets.accepted(self.wishes.wallet, found)
        if not self._ok(requests.payment(found, contract)):
            return False
        self._proof = iso2.AuthorizationReq()
        if contract and self.wishes.wallet is not None:
            self.presented = self.stream is not None and not self.stream.closed
            details = self.request(self.wishes.wallet.details())
            if details is None or _failed(details):
                return False
            self._proof = wallets.proof(details)
        return True

    def authorise(self, seconds: float) -> bool:
        """Ask until it is let in, or for so long."""
        end, proof = self.target.now + seconds, self._proof
        while self.target.now < end:
            answer = self.request(proof)
            self.asked |= answer is not None
            if answer is None or _failed(answer):
                return False
            if answer.evse_processing is FINISHED:
                return True
            proof = iso2.AuthorizationReq()
            self.target.wait(self.wishes.loop_seconds)
        return False

    def negotiate(self) -> bool:
        """Agree on parameters."""
        for _ in range(40):
            answer = self.request(requests.parameters(self.wishes))
            if answer is None or _failed(answer):
                return False
            if answer.evse_processing is FINISHED:
                self._tuple = answer.sa_schedules.sa_schedule_tuple[0].sa_schedule_tuple_id
                return True
            self.target.wait(self.wishes.loop_seconds)
        return False

    def start(self) -> bool:
        """Ask for energy."""
        self.target.ready(True)
        return self._ok(requests.delivery("START", self._tuple)) and self.target.energised

    def loop(self) -> bool:
        """Go through the charging loop once more; whether the charge goes on."""
        answer = self.request(iso2.ChargingStatusReq())
        if answer is None or _failed(answer):
            return False
        receipt = wallets.receipt(self.session_id, answer)
        return (receipt is None or self._ok(receipt)) and self.target.energised

    def charge(self, seconds: float = 4.0) -> bool:
        """Do all of it, from the link on; whether there is energy."""
        return self.set_up() and self.go_on(seconds)

    def go_on(self, seconds: float = 4.0) -> bool:
        """Do all of it, from the session on."""
        if not self.select() or not self.authorise(seconds):
            return False
        return self.negotiate() and self.start() and self.loop()

    def end(self) -> None:
        """Stop in an orderly way, and be unplugged."""
        self.request(requests.delivery("STOP", 1))
        self.target.ready(False)
        self.request(requests.goodbye(False))
        self.leave()

    def _ok(self, body: Any) -> bool:
        answer = self.request(body)
        return answer is not None and not _failed(answer)

    _proof: iso2.AuthorizationReq = iso2.AuthorizationReq()
    _tuple: int = 1


def _failed(response: Any) -> bool:
    code: str = response.response_code.value
    return code.startswith("FAILED")
