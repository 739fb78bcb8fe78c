"""What is asked of other processes on this machine, over a local socket.

A question is one or more frames, the answer is one, each behind its length in four octets. One
question, one connection: whoever serves may come and go.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from typing import Generic, TypeVar

import structlog

LENGTH = 4  # octets
MOST_OCTETS = 1 << 16  # of an answer; the largest that the schemas allow has 14 kB


Question = TypeVar("Question")


class ServiceError(Exception):
    """There is no answer; the text says why."""


class Desk(ABC, Generic[Question]):
    """Questions to one service, each answered in time: by it, or with why not."""

    what: str  # the service is, as it is named in the log
    may_be_empty = False  # an answer: there is nothing to be had

    def __init__(
        self, socket: str, log: structlog.typing.FilteringBoundLogger, seconds: float
    ) -> None:
        self._socket, self._log, self._seconds = socket, log, seconds
        self._tasks: set[asyncio.Task[None]] = set()  # a session asks one question at a time

    def ask(self, question: Question) -> None:
        """Have a question answered, later."""
        task = asyncio.get_running_loop().create_task(self._ask(question))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def close(self) -> None:
        """Answer nothing more."""
        for task in self._tasks:
            task.cancel()

    @abstractmethod
    def frames(self, question: Question) -> tuple[bytes, ...]:
        """Return what is sent."""

    @abstractmethod
    def take(self, question: Question, answer: bytes | None, why: str) -> None:
        """Take the answer; None, and why: there is none."""

    async def _ask(self, question: Question) -> None:
        frames, answer, why = self.frames(question), None, ""
        try:
            answer = await exchange(self._socket, self.what, self._seconds, *frames)
            if not (answer or self.may_be_empty):
                why = f"the {self.what} service at {self._socket}: an empty answer"
                answer = None
        except ServiceError as error:
            why = str(error)
        if why:
            self._log.error(f"{self.what} service", why=why)
        self.take(question, answer, why)


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
