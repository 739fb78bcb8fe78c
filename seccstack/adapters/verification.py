"""Contracts as a running charger verifies them: arithmetic, in a thread of its own.

OpenSSL comes with the first question, and so do roots and lists of the revoked; each file is
read again when it is another. What is wrong with a file is logged, and nothing is proven by it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import structlog

from seccstack.adapters.certificate_files import read_file, read_lists, read_roots
from seccstack.auth.revocation import RevocationLists
from seccstack.config import Contract
from seccstack.messages import iso2
from seccstack.session.events import ContractVerified, SignatureVerified
from seccstack.session.signature import digest
from seccstack.session.verification import Question, Verifier

MOST_ROOTS = 64  # of all files; there are some ten roots of mobility operators in Europe

SIGNED = iso2.AuthorizationReq(id="id1", gen_challenge=bytes(16))  # as vehicles sign it

T = TypeVar("T")
Answered = Callable[[ContractVerified | SignatureVerified], None]
Marks = tuple[tuple[int, int] | None, ...]


class Verification:
    """Questions of sessions, answered in order, on the event loop."""

    def __init__(
        self, config: Contract, log: structlog.typing.FilteringBoundLogger, answered: Answered
    ) -> None:
        self._config, self._log, self._answered = config, log, answered
        self._thread = ThreadPoolExecutor(1, "contracts")
        self._files = [Path(name) for name in (*config.roots, *config.lists)]
        self._marks: Marks | None = None
        self._verifier = Verifier(())

    def open(self) -> None:
        """Read the files before they are needed: what is wrong is best known at once.

        And make the first digest, which takes 9 ms: no vehicle has to wait for that.
        """
        self._thread.submit(self._refresh)
        self._thread.submit(digest, "AuthorizationReq", SIGNED)

    def ask(self, question: Question) -> None:
        """Have a question answered, later."""
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._thread, lambda: self._answer(question))
        future.add_done_callback(lambda done: self._answered(done.result()))

    def close(self) -> None:
        """Answer nothing more."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _answer(self, question: Question) -> ContractVerified | SignatureVerified:
        self._refresh()
        return self._verifier.answer(question)

    def _refresh(self) -> None:
        marks = tuple(_mark(file) for file in self._files)
        if marks == self._marks:
            return
        self._marks = marks
        config = self._config
        roots = [root for name in config.roots for root in self._read(name, read_roots)]
        lists = [one for name in config.lists for one in self._read(name, read_lists)]
        self._verifier = Verifier(
            roots[:MOST_ROOTS], RevocationLists(lists, required=config.revocation == "hard")
        )
        self._log.info("contract roots", roots=len(roots), lists=len(lists))

    def _read(self, name: str, parse: Callable[[bytes], list[T]]) -> list[T]:
        try:
            return parse(read_file(name))
        except (OSError, ValueError) as error:
            self._log.error("contract file", file=name, why=str(error))
            return []


def _mark(file: Path) -> tuple[int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
