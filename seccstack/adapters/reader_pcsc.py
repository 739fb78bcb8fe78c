"""A card reader behind PC/SC (ACR122U and the like), through pyscard.

PC/SC waits in calls of its own, so a thread does it: it watches every reader whose name has the
configured text in it, and asks each card that comes for its number (PC/SC part 3, GET DATA). A
card that stays is told once; whether it was away is the service's word.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import Any

from seccstack.adapters.reader import MAX_WAITING
from seccstack.adapters.unavailable import UnavailableError
from seccstack.auth.addresses import UID_OCTETS

GET_UID = [0xFF, 0xCA, 0x00, 0x00, 0x00]
DONE = [0x90, 0x00]
LOOK_MILLISECONDS = 500  # after which it is looked whether a reader has come, or we have to end
MAX_READERS = 16  # which a process may watch at once (PCSCLITE_MAX_READERS_CONTEXTS)
TRIES = 3  # of a card that is only just coming into the field


class _LostError(Exception):
    """The service or the last reader is gone; the text says what to do."""


class PcscReader:
    """Watches from `open` to `close`."""

    def __init__(self, wanted: str = "", service: Any = None) -> None:
        if service is None:
            from smartcard import scard

            service = scard
        self.name = wanted or "PC/SC"
        self._wanted = wanted
        self._service = service
        self._watch: _Watch | None = None

    async def open(self) -> None:
        """Find a reader."""
        watch = _Watch(self._service, self._wanted, asyncio.get_running_loop())
        try:
            found = await asyncio.to_thread(watch.begin)
        except _LostError as error:
            raise UnavailableError(str(error), waiting_helps=True) from error
        self.name = ", ".join(found)
        self._watch = watch
        watch.start()

    async def sight(self) -> str:
        """Wait for the next card."""
        watch = self._watch
        if watch is None:
            raise UnavailableError("it is not open", waiting_helps=True)
        while not watch.seen:
            if watch.lost:
                raise UnavailableError(watch.lost, waiting_helps=True)
            watch.news.clear()
            await watch.news.wait()
        return watch.seen.popleft()

    def close(self) -> None:
        """Let the thread end; it does so within a moment, and lets go of the service itself."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None


class _Watch:
    """One connection to the service, and the thread that waits on it."""

    def __init__(self, scard: Any, wanted: str, loop: asyncio.AbstractEventLoop) -> None:
        self._scard = scard
        self._wanted = wanted
        self._loop = loop
        self._context: Any = None
        self._known: dict[str, int] = {}  # what was last known of each reader
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pcsc", daemon=True)
        self.seen: deque[str] = deque(maxlen=MAX_WAITING)
        self.lost = ""
        self.news = asyncio.Event()

    def begin(self) -> list[str]:
        """Connect, and return the names of the readers."""
        scard = self._scard
        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            raise _LostError(
                f"{self._said(code)}; start pcscd, as with `systemctl start pcscd`"
            )
        self._context = context
        try:
            return self._readers()
        except _LostError:
            self._release()
            raise

    def start(self) -> None:
        """Begin to wait."""
        self._thread.start()

    def stop(self) -> None:
        """End soon."""
        self._ended.set()
        self._scard.SCardCancel(self._context)

    def _run(self) -> None:
        try:
            while not self._ended.is_set():
                self._look()
        except _LostError as error:
            self._tell(str(error), None)
        finally:
            self._release()

    def _look(self) -> None:
        scard, readers = self._scard, self._readers()
        self._known = {name: self._known.get(name, 0) for name in readers}
        states = list(self._known.items())
        code, changed = scard.SCardGetStatusChange(self._context, LOOK_MILLISECONDS, states)
        if code in (scard.SCARD_E_TIMEOUT, scard.SCARD_E_CANCELLED):
            return
        if code == scard.SCARD_E_UNKNOWN_READER:
            return  # it has only just gone: the next look says so
        if code != scard.SCARD_S_SUCCESS:
            raise _LostError(
                f"{self._said(code)}; start pcscd, as with `systemctl start pcscd`"
            )
        for name, state, _ in changed:
            before, self._known[name] = self._known[name], state
            if self._has_come(before, state) and (uid := self._ask(name)) is not None:
                self._tell("", uid)

    def _has_come(self, before: int, state: int) -> bool:
        """Whether there is a card, and another time than before: the high half counts those."""
        present = self._scard.SCARD_STATE_PRESENT
        mute = self._scard.SCARD_STATE_MUTE
        if not state & present or state & mute:
            return False
        return not before & present or before >> 16 != state >> 16

    def _readers(self) -> list[str]:
        code, names = self._scard.SCardListReaders(self._context, [])
        if code not in (self._scard.SCARD_S_SUCCESS, self._scard.SCARD_E_NO_READERS_AVAILABLE):
            raise _LostError(
                f"{self._said(code)}; start pcscd, as with `systemctl start pcscd`"
            )
        found = [name for name in names or [] if self._wanted in name][:MAX_READERS]
        if not found:
            others = f"; there are: {', '.join(names)}" if names else ""
            named = f" with {self._wanted!r} in its name" if self._wanted else ""
            raise _LostError(f"no card reader{named} is plugged in{others}")
        return found

    def _ask(self, name: str) -> str | None:
        for _ in range(TRIES):
            if (uid := self._ask_once(name)) is not None:
                return uid
        return None

    def _ask_once(self, name: str) -> str | None:
        """Return a card's number; None if it does not say it, or it is none."""
        scard = self._scard
        either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
        code, card, protocol = scard.SCardConnect(
            self._context, name, scard.SCARD_SHARE_SHARED, either
        )
        if code != scard.SCARD_S_SUCCESS:
            return None
        try:
            header = (
                scard.SCARD_PCI_T0
                if protocol == scard.SCARD_PROTOCOL_T0
                else scard.SCARD_PCI_T1
            )
            code, answer = scard.SCardTransmit(card, header, GET_UID)
        finally:
            scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
        if code != scard.SCARD_S_SUCCESS or answer[-2:] != DONE:
            return None
        uid = bytes(answer[:-2])
        return uid.hex().upper() if len(uid) in UID_OCTETS else None

    def _tell(self, lost: str, uid: str | None) -> None:
        def take() -> None:
            self.lost = lost
            if uid is not None:
                self.seen.append(uid)
            self.news.set()

        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            self._loop.call_soon_threadsafe(take)

    def _release(self) -> None:
        self._scard.SCardReleaseContext(self._context)

    def _said(self, code: int) -> str:
        return str(self._scard.SCardGetErrorMessage(code)).strip().rstrip(".")
