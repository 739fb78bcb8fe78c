"""What is asked of other processes on this machine, over a local socket.

A question is one or more frames, the answer is one, each behind its length in four octets. One
question, one connection: whoever serves may come and go.
"""

from __future__ import annotations

import asyncio

LENGTH = 4  # octets
MOST_OCTETS = 1 << 16  # of an answer; the largest that the schemas allow has 14 kB


class ServiceError(Exception):
    """There is no answer; the text says why."""


async def exchange(socket: str, what: str, seconds: float, *frames: bytes) -> bytes:
    """Ask a service, ``what`` by name, and return its answer; ServiceError: there is none."""
    try:
        async with asyncio.timeout(seconds):
            return await _exchange(socket, frames)
    except TimeoutError:
        raise ServiceError(f"the {what} service did not answer in {seconds:g} s") from None
    except (OSError, EOFError, ValueError) as error:
        raise ServiceError(f"the {what} service at {socket}: {error}") from error


async def _exchange(socket: str, frames: tuple[bytes, ...]) -> bytes:
    reader, writer = await asyncio.open_unix_connection(socket)
    try:
        for frame in frames:
            writer.write(len(frame).to_bytes(LENGTH) + frame)
        await writer.drain()
        length = int.from_bytes(await reader.readexactly(LENGTH))
        if length > MOST_OCTETS:
            raise ValueError(f"an answer of {length} octets; {MOST_OCTETS} at most")
        return await reader.readexactly(length)
    finally:
        writer.close()
