"""A charger with TLS for a test, and vehicles that come to it: Python's, and OpenSSL's own."""

import asyncio
import ssl
import time
from dataclasses import dataclass

from seccstack.adapters.server import Server
from seccstack.adapters.tls_chains import Chains
from seccstack.adapters.tls_context import Policy, Security
from seccstack.adapters.tls_guard import TlsGuard
from seccstack.adapters.tls_vehicles import Trust
from tests import lab as labs
from tests.adapters.conftest import run
from tests.adapters.wiretap import Wiretap

OF_ISO_2 = "ECDHE-ECDSA-AES128-SHA256"
NOBODY = Trust()
V2GTP = bytes.fromhex("01FE8001 00000000")


@dataclass
class Charger:
    """A server with TLS, and all that it told."""

    server: Server
    opened: list
    received: dict
    closed: list
    failed: list
    tap: Wiretap

    def echo(self, number, data):
        self.received[number] = self.received.get(number, b"") + data
        self.server.send(number, data.upper())


def served(chains, talk, *, required=False, clock=None, trust=NOBODY, **policy):
    """Run ``talk(charger)`` beside a charger that has these chains."""

    async def scenario():
        tap = Wiretap()
        clock_used = clock or time.time
        read = Chains(map(str, chains), clock_used)
        read.look()
        security = Security(Policy(required, **policy), read, clock_used, tap.secrets, trust)
        charger = Charger(None, [], {}, [], [], tap)
        charger.server = Server(
            lambda number, peer, agreed: charger.opened.append((number, agreed)),
            charger.echo,
            charger.closed.append,
            tap,
            TlsGuard(security),
            lambda peer, failed: charger.failed.append(failed),
        )
        await charger.server.listen("::1", 0, 0)
        try:
            return await talk(charger)
        finally:
            charger.server.close()
            await asyncio.sleep(0.01)

    return run(scenario())


def client(lab, *, root="v2g-a", suites=OF_ISO_2, newest=False):
    """A vehicle's side, in Python's own TLS: of ISO 15118-2, or with ``newest`` of -20."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    version = ssl.TLSVersion.TLSv1_3 if newest else ssl.TLSVersion.TLSv1_2
    context.minimum_version = context.maximum_version = version
    if not newest:
        context.set_ciphers(suites)
    context.load_verify_locations(lab / f"roots/{root}.pem")
    return context


async def connect(charger, context=None):
    port = charger.server.port
    return await asyncio.open_connection("::1", port, ssl=context)


async def said(charger, octets, *, until_closed=True):
    """Send octets as they are; return what comes back until the end."""
    reader, writer = await connect(charger)
    writer.write(octets)
    back = await reader.read() if until_closed else b""
    writer.close()
    return back


async def s_client(charger, *words):
    """Have `openssl s_client` connect, and say nothing; return all that it prints."""
    where = f"[::1]:{charger.server.port}"
    command = ("s_client", "-connect", where, *words)
    return await asyncio.to_thread(labs.openssl, *command, input="", timeout=8)
