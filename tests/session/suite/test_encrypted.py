"""The case of `contract_cases.txt` that is in TLS from its beginning: over loopback."""

import asyncio
import time

import pytest

from seccstack import v2gtp
from seccstack.adapters.server import Server
from seccstack.adapters.tls_chains import Chains
from seccstack.adapters.tls_context import Policy, Security
from seccstack.adapters.tls_guard import TlsGuard
from seccstack.messages.codec import Schema, decode
from seccstack.session.events import BytesReceived, SendBytes
from seccstack.session.opening import Opening
from seccstack.session.session import V2gSession
from tests import lab as labs
from tests.adapters.conftest import run
from tests.adapters.test_tls import OF_ISO_2, client
from tests.adapters.wiretap import Wiretap
from tests.session.suite.contract_cases import STEPS
from tests.session.vehicle import CHALLENGE, CHARGER, OUR_ID, sap

ENCRYPTED = [name for name in STEPS if "SupportedAppProtocol" in name]


async def asked(lab, octets):
    """Ask a session behind a server with TLS; return what it is in, and the answer's octets."""
    known = {"session_id": OUR_ID, "timestamp": 0, "at": 0.0, "challenge": CHALLENGE}
    opened, tap = [], Wiretap()
    session = V2gSession(Opening(charger=CHARGER, tls=True, **known))
    chains = Chains([str(lab / "chains/v2g-a.secc")], time.time)
    chains.look()

    def received(number, data):
        for action in session.receive(BytesReceived(data), 0.0):
            if isinstance(action, SendBytes):
                server.send(number, action.data)

    security = Security(Policy(False), chains, time.time, tap.secrets)
    server = Server(
        lambda number, peer, agreed: opened.append(agreed),
        received,
        lambda number: None,
        tap,
        TlsGuard(security),
        lambda peer, failed: None,
    )
    await server.listen("::1", 0, 0)
    try:
        reader, writer = await asyncio.open_connection("::1", server.port, ssl=client(lab))
        writer.write(octets)
        header = await reader.readexactly(8)
        body = await reader.readexactly(int.from_bytes(header[4:]))
        writer.close()
        return opened[0], header + body
    finally:
        server.close()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("name", ENCRYPTED)
def test_a_protocol_is_agreed_in_tls(tmp_path, name):
    agreed, octets = run(asked(labs.minted(tmp_path / "lab"), sap()))
    assert (agreed.version, agreed.suite) == ("TLS 1.2", OF_ISO_2)
    [payload] = v2gtp.Reader().feed(octets)
    answer = decode(Schema.APP_PROTOCOL, payload.octets).message
    assert answer.response_code.value in STEPS[name][1]
