"""Serves `pki.provisioning` on a local socket, as `seccstack.adapters.provisioning` asks it."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from pathlib import Path

from pki.errors import PkiError
from pki.provisioning import Service, read_credential, read_trusted

LENGTH = 4  # octets
MOST_OCTETS = 1 << 14  # of a request; the largest that the schema allows has 9 kB
READ_SECONDS = 5.0  # for a request that has begun


def service_of(lab: Path, contract: str = "chains/mo.contract") -> Service:
    """Make a service of a PKI's folder; ``contract``: what it gives, a chain folder in it."""
    return Service(
        read_credential(lab / "chains/v2g-a.cps"),
        read_credential(lab / contract),
        makers=read_trusted(lab / "chains/oem.oem_provisioning"),
        operators=read_trusted(lab / "chains/mo.contract"),
    )


def provide(lab: Path, socket: Path) -> None:
    """Serve until interrupted."""
    service = service_of(lab)
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(serve(service, socket))
    finally:
        socket.unlink(missing_ok=True)


async def serve(service: Service, socket: Path) -> None:
    """Answer whoever connects."""
    server = await listen(service, socket)
    print(f"{socket}: contracts are provided here; interrupt to end", flush=True)
    async with server:
        await server.serve_forever()


async def listen(service: Service, socket: Path) -> asyncio.Server:
    """Begin to answer: one request, one answer per connection."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS):
                request = await _request(reader)
            answer = service.answer(request, time.time())
            writer.write(len(answer).to_bytes(LENGTH) + answer)
            await writer.drain()
        except (PkiError, OSError, EOFError, TimeoutError) as error:
            print(f"pki: {error}", file=sys.stderr)
        finally:
            writer.close()

    try:
        return await asyncio.start_unix_server(converse, socket)
    except OSError as error:
        raise PkiError(f"cannot serve {socket}: {error.strerror}") from error


async def _request(reader: asyncio.StreamReader) -> bytes:
    length = int.from_bytes(await reader.readexactly(LENGTH))
    if not 0 < length <= MOST_OCTETS:
        raise PkiError(f"a request of {length} octets; {MOST_OCTETS} at most")
    return await reader.readexactly(length)
