"""TLS in a recording: opened by its own secrets where those are wanted, shut where not."""

import io
import ipaddress

import pytest

from seccstack.capture.reader import read_packets
from seccstack.capture.sessions import sessions_of
from seccstack.capture.trace import read_trace
from seccstack.events import DatagramReceived, SendDatagram
from seccstack.recording.entries import Closed, Octets, Opened, Secrets, Served, Step
from seccstack.recording.redaction import Redaction
from seccstack.recording.wire import Wire
from seccstack.sdp import SECURITY_TLS, SdpRequest, SdpResponse
from tests import lab as labs
from tests.adapters.conftest import until
from tests.adapters.test_tls import client, connect, served
from tests.session.vehicle import sap


@pytest.fixture(scope="module")
def heard(tmp_path_factory):
    """What a tap hears of a vehicle that greets over TLS, and leaves."""
    lab = labs.minted(tmp_path_factory.mktemp("pki") / "lab")

    async def talk(charger):
        _, writer = await connect(charger, client(lab))
        writer.write(sap())
        await until(lambda: charger.received.get(1) == sap())
        writer.close()
        await until(lambda: charger.closed)
        return charger.tap

    return served([lab / "chains/v2g-a.secc"], talk)


def entries(tap):
    (ev, _), (evse, port) = tap.ends[1]
    asked = DatagramReceived(ev, 50000, SdpRequest(SECURITY_TLS).encode(), bytes(6))
    answer = SdpResponse(ipaddress.ip_address(evse).packed, port, SECURITY_TLS)
    yield Served(0.0, evse, bytes(6))
    yield Step(0.0, asked, [SendDatagram(ev, 50000, answer.encode())], None)
    yield Opened(0.0, 1, *tap.ends[1])
    for one in tap.heard:
        if isinstance(one, bytes):
            yield Secrets(0.0, one)
        elif isinstance(one[2], bytes):
            yield Octets(0.0, *one)
        else:
            yield Closed(0.0, 1, one[1], one[2] == "RST")


def recorded(tap, secrets):
    wire = Wire(Redaction(off=secrets))
    octets = wire.begin("us", "", first=True)
    octets += b"".join(wire.write(entry, 10**18) for entry in entries(tap))
    return octets, sessions_of(read_trace("x", read_packets(io.BytesIO(octets).read)))


def test_with_its_secrets_its_messages_are_read(heard):
    _, [session] = recorded(heard, secrets=True)
    told = session.to_json()
    assert told["tls"]
    assert told["messages"][0]["name"] == "supportedAppProtocolReq"


def test_without_them_nobody_reads_any(heard):
    octets, [session] = recorded(heard, secrets=False)
    assert session.to_json()["messages"] == []
    lines = b"".join(one for one in heard.heard if isinstance(one, bytes))
    secrets = {line.split()[-1] for line in lines.splitlines()}
    assert secrets
    assert not any(secret in octets for secret in secrets)
    assert not any(bytes.fromhex(secret.decode()) in octets for secret in secrets)
