"""Serves `pki.provisioning` and `pki.tariffs` on local sockets, as a charger asks them."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pki.errors import PkiError
from pki.provisioning import Service, read_credential, read_trusted
from pki.tariffs import Price, Pricing, pricing_of
from pki.tariffs20 import Pricing20, pricing20_of

LENGTH = 4  # octets
MOST_OCTETS = 1 << 14  # of a request; the largest that the schema allows has 9 kB
READ_SECONDS = 5.0  # for a request that has begun
NO_TERMS = (ValueError, TypeError, KeyError, OverflowError, RecursionError)  # in JSON


def service_of(lab: Path, contract: str = "chains/mo.contract") -> Service:
    """Make a service of a PKI's folder; ``contract``: what it gives, a chain folder in it."""
    return Service(
        read_credential(lab / "chains/v2g-a.cps"),
        read_credential(lab / contract),
        makers=read_trusted(lab / "chains/oem.oem_provisioning"),
        operators=read_trusted(lab / "chains/mo.contract"),
    )


def provide(lab: Path, socket: Path) -> None:
    """Give contracts until interrupted."""
    service = service_of(lab)
    _serve(contracts(service), socket, "contracts are provided")


def price(lab: Path, socket: Path, table: tuple[Price, ...]) -> None:
    """Say what energy costs until interrupted."""
    customer = service_of(lab).emaid
    both = pricing_of(lab, customer, table), pricing20_of(lab, table)
    _serve(prices(*both), socket, "tariffs are signed")


Answering = Callable[[asyncio.StreamReader], Awaitable[bytes]]


def contracts(service: Service) -> Answering:
    """Answer requests for contracts, one frame each."""

    async def answer(reader: asyncio.StreamReader) -> bytes:
        return service.answer(await _frame(reader), time.time())

    return answer


def prices(pricing: Pricing, pricing20: Pricing20) -> Answering:
    """Answer questions for tariffs: who pays and how many entries, then the schedules.

    Those of ISO 15118-20 say what kind of pricing they want.
    """

    async def answer(reader: asyncio.StreamReader) -> bytes:
        terms = json.loads(await _frame(reader))
        paying, most = str(terms["emaid"]), max(int(terms["entries"]), 1)
        kind, octets = str(terms.get("pricing", "")), await _frame(reader)
        now = datetime.now()  # noqa: DTZ005 - prices are of here
        if kind:
            return pricing20.answer(paying, most, kind, octets, now)
        return pricing.answer(paying, most, octets, now)

    return answer


def _serve(answering: Answering, socket: Path, what: str) -> None:
    async def serve() -> None:
        server = await listen(answering, socket)
        print(f"{socket}: {what} here; interrupt to end", flush=True)
        try:
            async with server:
                await server.serve_forever()
        finally:
            # It is ours; what else a path may name is left alone. Nobody waits any more.
            socket.unlink(missing_ok=True)  # noqa: ASYNC240

    with suppress(KeyboardInterrupt):
        asyncio.run(serve())


async def listen(answering: Answering, socket: Path) -> asyncio.Server:
    """Begin to answer: one question, one answer per connection."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS):
                answer = await answering(reader)
            writer.write(len(answer).to_bytes(LENGTH) + answer)
            await writer.drain()
        except (PkiError, OSError, EOFError, TimeoutError, *NO_TERMS) as error:
            print(f"pki: {error}", file=sys.stderr)
        finally:
            writer.close()

    try:
        return await asyncio.start_unix_server(converse, socket)
    except OSError as error:
        raise PkiError(f"cannot serve {socket}: {error.strerror}") from error


async def _frame(reader: asyncio.StreamReader) -> bytes:
    length = int.from_bytes(await reader.readexactly(LENGTH))
    if not 0 < length <= MOST_OCTETS:
        raise PkiError(f"a request of {length} octets; {MOST_OCTETS} at most")
    return await reader.readexactly(length)
