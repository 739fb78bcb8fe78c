"""Captures that tests stage: frames by scapy, what stands in them by our own encoders."""

from __future__ import annotations

from ipaddress import IPv6Address

from scapy.layers.inet import TCP, UDP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import Ether

from seccstack import v2gtp
from seccstack.capture.packets import Packet
from seccstack.capture.trace import read_trace
from seccstack.homeplug.frame import Frame, encode_frame
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)
from seccstack.messages import app_protocol, iso2
from seccstack.messages.codec import Schema, encode
from seccstack.sdp import SdpRequest, SdpResponse

EV = bytes.fromhex("02AA00000001")
EVSE = bytes.fromhex("02BB00000001")
MODEM = bytes.fromhex("02CC00000001")
RUN = bytes.fromhex("0102030405060708")
NID = bytes.fromhex("A0A1A2A3A4A506")
KEY = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
PORT = 61341
SESSION = bytes.fromhex("1122334455667788")

ISO2 = app_protocol.AppProtocol(
    protocol_namespace="urn:iso:15118:2:2013:MsgDef",
    version_number_major=2,
    version_number_minor=0,
    schema_id=1,
    priority=1,
)


def address(mac):
    """The link-local address that a station makes from its MAC address."""
    eui = bytes([mac[0] ^ 2]) + mac[1:3] + b"\xff\xfe" + mac[3:]
    return str(IPv6Address(b"\xfe\x80" + bytes(6) + eui))


def colons(mac):
    return mac.hex(":")


def offer(*protocols):
    return app_protocol.SupportedAppProtocolReq(app_protocol=protocols or (ISO2,))


def choice(schema_id=1, code=app_protocol.ResponseCode.OK_SUCCESSFUL_NEGOTIATION):
    return app_protocol.SupportedAppProtocolRes(response_code=code, schema_id=schema_id)


def message(body):
    """An ISO 15118-2 message with this body."""
    return iso2.V2G_Message(header=iso2.MessageHeader(session_id=SESSION), body=body)


def exi(content):
    """A handshake or an ISO 15118-2 message, encoded."""
    if isinstance(content, app_protocol.SupportedAppProtocolReq | type(choice())):
        return encode(Schema.APP_PROTOCOL, content)
    return encode(Schema.ISO2, message(content))


SETUP = iso2.SessionSetupReq(evccid=EV)
SET_UP = iso2.SessionSetupRes(
    response_code=iso2.ResponseCode.OK_NEW_SESSION_ESTABLISHED, evseid="ZZ00000"
)
STOP = iso2.SessionStopReq(charging_session=iso2.ChargingSession.TERMINATE)
PAUSE = iso2.SessionStopReq(charging_session=iso2.ChargingSession.PAUSE)
STOPPED = iso2.SessionStopRes(response_code=iso2.ResponseCode.OK)
REFUSED = iso2.SessionStopRes(response_code=iso2.ResponseCode.FAILED_SEQUENCE_ERROR)


class Scene:
    """A line that somebody listens to; a packet each tenth of a second."""

    def __init__(self):
        self.packets = []
        self._ports = iter(range(50000, 60000))

    def packet(self, octets, link_type=1):
        number = len(self.packets) + 1
        self.packets.append(Packet(number, 1000 + number / 10, link_type, bytes(octets)))

    def slac(self, source, destination, message):
        self.packet(encode_frame(Frame(destination, source, message)))

    def ask(self, ev=EV, run=RUN, **_):
        self.slac(ev, BROADCAST, SlacParmReq(run_id=run))

    def answer(self, ev=EV, evse=EVSE, run=RUN):
        self.slac(evse, ev, SlacParmCnf(forwarding_station=ev, run_id=run))

    def sound(self, ev=EV, evse=EVSE, run=RUN, sounds=3):
        self.slac(ev, BROADCAST, StartAttenCharInd(forwarding_station=ev, run_id=run))
        for left in reversed(range(sounds)):
            self.slac(ev, BROADCAST, MnbcSoundInd(remaining=left, run_id=run, random=bytes(16)))
            profile = AttenProfileInd(ev_mac=ev, attenuations=bytes([20]) * 58)
            self.slac(MODEM, BROADCAST, profile)

    def report(self, ev=EV, evse=EVSE, run=RUN, sounds=2, db=20):
        message = AttenCharInd(
            source_address=ev, run_id=run, num_sounds=sounds, attenuations=bytes([db]) * 58
        )
        self.slac(evse, ev, message)
        self.slac(ev, evse, AttenCharRsp(source_address=ev, run_id=run))

    def choose(self, ev=EV, evse=EVSE, run=RUN):
        self.slac(ev, evse, SlacMatchReq(ev_mac=ev, evse_mac=evse, run_id=run))

    def confirm(self, ev=EV, evse=EVSE, run=RUN):
        message = SlacMatchCnf(
            ev_mac=ev, evse_mac=evse, run_id=run, network_id=NID, network_key=KEY
        )
        self.slac(evse, ev, message)

    def match(self, **who):
        for step in (self.ask, self.answer, self.sound, self.report, self.choose, self.confirm):
            step(**who)

    def udp(self, source, destination, ports, octets, mac=EV):
        ether = Ether(src=colons(mac), dst="33:33:00:00:00:01")
        ip = IPv6(src=source, dst=destination)
        self.packet(ether / ip / UDP(sport=ports[0], dport=ports[1]) / octets)

    def discover(self, ev=EV, evse=EVSE, security=0x10, answered=True):
        request = SdpRequest(security).encode()
        self.udp(address(ev), "ff02::1", (49152, 15118), request, mac=ev)
        if answered:
            where = IPv6Address(address(evse)).packed
            response = SdpResponse(where, PORT, 0x10).encode()
            self.udp(address(evse), address(ev), (15118, 49152), response, mac=evse)

    def connect(self, ev=EV, evse=EVSE, **how):
        return Talk(self, ev, evse, next(self._ports), **how)

    def trace(self, source="scene"):
        return read_trace(source, self.packets)


class Talk:
    """A TCP connection, opened unless ``opened`` is False; sequence numbers from `first`."""

    def __init__(self, scene, ev, evse, port, opened=True, first=1000, to=PORT, hosts=None):
        self.scene = scene
        self.macs = {"ev": ev, "evse": evse}
        self.hosts = hosts or {"ev": address(ev), "evse": address(evse)}
        self.ports = {"ev": port, "evse": to}
        self.sequence = {"ev": first, "evse": first + 5000}
        if opened:
            self.send("ev", flags="S")
            self.send("evse", flags="SA")
            self.send("ev")

    def send(self, sender, octets=b"", *, flags="A", skip=0, lost=False, at=None, ack=None):
        """Send a segment; ``lost``: the capture lacks it."""
        other = "evse" if sender == "ev" else "ev"
        sequence = self.sequence[sender] + skip if at is None else at
        segment = TCP(
            sport=self.ports[sender],
            dport=self.ports[other],
            flags=flags,
            seq=sequence % 2**32,
            ack=(self.sequence[other] if ack is None else ack) % 2**32 if "A" in flags else 0,
        )
        if at is None:
            self.sequence[sender] = sequence + len(octets) + sum(f in flags for f in "SF")
        if not lost:
            ether = Ether(src=colons(self.macs[sender]), dst=colons(self.macs[other]))
            ip = IPv6(src=self.hosts[sender], dst=self.hosts[other])
            self.scene.packet(ether / ip / segment / octets)

    def say(self, sender, content, payload_type=v2gtp.EXI, **how):
        octets = content if isinstance(content, bytes) else exi(content)
        self.send(sender, v2gtp.encode(payload_type, octets), **how)

    def exchange(self, *contents):
        """Requests and responses in turn."""
        for number, content in enumerate(contents):
            self.say("evse" if number % 2 else "ev", content)

    def set_up(self):
        self.exchange(offer(), choice(), SETUP, SET_UP)
        return self

    def close(self, sender, flags="FA"):
        self.send(sender, flags=flags)
