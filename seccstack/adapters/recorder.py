"""The flight recorder: hears the outlet and the wire, and has files written in a thread.

The charger comes first. On the event loop a step is only put into a list; it is encoded after
what the step asked for has been carried out, and written by a thread, because a disk may take
seconds. What is more than the thread can bear is dropped, and the recording goes on in a new
part. A disk that is full, a folder that can't be written, even a fault of the recorder's own:
each is a line in the log, and a charge without a recording.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import structlog

from seccstack import config as configuration
from seccstack import events
from seccstack.adapters.recordings import Recordings
from seccstack.adapters.tap import Ends, Side
from seccstack.chargepoint import ChargePoint
from seccstack.outlet import Settings
from seccstack.recording.entries import Closed, Entry, Octets, Opened, Secrets, Served, Step
from seccstack.recording.journal import Begin, Discard, End, Journal, Order, Write

MEGABYTE = 1_000_000
MAX_UNWRITTEN = 8 * MEGABYTE  # octets that may wait for the disk: some minutes of any charge
CLOSE_SECONDS = 5.0  # how long a disk may take over the rest when the charger ends


class Recorder:
    """Records one outlet; a `seccstack.adapters.tap.Tap`. Made inside a running event loop."""

    def __init__(
        self,
        config: configuration.Recorder,
        machine: ChargePoint,
        settings: Settings,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._machine = machine
        self._log = log
        self._loop = asyncio.get_running_loop()
        most_octets = int(config.per_plug_in_megabytes * MEGABYTE)
        self._journal: Journal | None = Journal(
            machine, settings, most_octets=most_octets, secrets=config.secrets
        )
        folder = Recordings(
            Path(config.folder),
            most_octets=int(config.max_megabytes * MEGABYTE),
            most_days=config.max_days,
        )
        self._writer = Writer(folder, most_octets, log)
        self._due = False

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take note of a step of the outlet's."""
        self._note(Step(now, event, actions, self._machine.deadline))

    def network(self, address: str, mac: bytes | None) -> None:
        """SDP and TCP are served at this address."""
        self._note(Served(self._loop.time(), address, mac))

    def opened(self, stream: int, ends: Ends) -> None:
        """A TCP connection was accepted."""
        self._note(Opened(self._loop.time(), stream, *ends))

    def octets(self, stream: int, sender: Side, octets: bytes) -> None:
        """One side sent this."""
        self._note(Octets(self._loop.time(), stream, sender, octets))

    def closed(self, stream: int, sender: Side, *, reset: bool) -> None:
        """One side sends no more."""
        self._note(Closed(self._loop.time(), stream, sender, reset))

    def secrets(self, lines: bytes) -> None:
        """Lines of a TLS key log became known."""
        self._note(Secrets(self._loop.time(), lines))

    def close(self) -> None:
        """Complete what is being recorded."""
        self._work(lambda journal: journal.close(*self._clocks(), "the charger was stopped"))
        self._journal = None
        self._writer.close()

    def _note(self, entry: Entry) -> None:
        if self._journal is None:
            return
        self._journal.note(entry)
        if not self._due:
            self._due = True
            self._loop.call_soon(self._settle)

    def _settle(self) -> None:
        self._due = False
        self._work(lambda journal: journal.settle(*self._clocks()))

    def _clocks(self) -> tuple[int, float]:
        """Return what the loop's 0 s was, in nanoseconds since 1970, and what it has now."""
        now = self._loop.time()
        return time.time_ns() - round(now * 1e9), now

    def _work(self, make: Callable[[Journal], Sequence[Order]]) -> None:
        if self._journal is None:
            return
        try:
            if not self._writer.put(make(self._journal)):
                self._journal.skip()
        except Exception as error:  # the recorder's fault must not be the charger's
            self._journal = None
            self._log.error(
                "recorder", why=f"it has failed, and rests: {error!r}", exc_info=True
            )


class Writer:
    """The thread that writes."""

    def __init__(
        self,
        recordings: Recordings,
        most_octets: int,
        log: structlog.typing.FilteringBoundLogger,
    ) -> None:
        self._recordings = recordings
        self._most_octets = most_octets
        self._log = log
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._ordered = self._written = 0  # octets; each is counted by one thread alone
        self._usable = False  # the folder
        self._works = False  # the present recording
        self._said: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def put(self, orders: Sequence[Order]) -> bool:
        """Have orders carried out; return whether there was room for all of them."""
        whole = True
        for order in orders:
            if isinstance(order, Write):
                if self._ordered - self._written > MAX_UNWRITTEN:
                    whole = False
                    continue
                self._ordered += len(order.sidecar) + len(order.packets)
            self._orders.put(order)
        return whole

    def close(self) -> None:
        """Let what was ordered be written, within a moment."""
        self._orders.put(None)
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            self._log.warning("recorder", why="the disk is too slow: an end is not recorded")

    def _run(self) -> None:
        self._open()
        while (order := self._orders.get()) is not None:
            self._carry_out(order)
        self._recordings.close()

    def _open(self) -> None:
        """Take the folder; what is not there yet may be when the next vehicle comes."""
        if not self._usable:
            self._usable = self._try("the folder cannot be used", self._recordings.open)
            if self._usable:
                self._prune()

    def _carry_out(self, order: Order) -> None:
        folder = self._recordings
        match order:
            case Begin(plug_in, nanoseconds):
                self._open()
                begin = partial(folder.begin, plug_in, nanoseconds)
                self._works = self._usable and self._try("no recording", begin)
                if self._works:
                    self._prune()
            case Write(part, sidecar, packets):
                self._written += len(sidecar) + len(packets)
                if self._works:
                    write = partial(folder.write, part, sidecar, packets)
                    self._works = self._try("the recording breaks off", write)
            case Discard(part):
                if self._works:
                    self._try("a part is not deleted", partial(folder.discard, part))
            case End(vehicle):
                # One that broke off is completed as well, as far as it went.
                end = partial(folder.end, vehicle if self._works else None)
                ended = self._usable and self._try("not completed", end)
                if ended and self._works:
                    self._said.clear()  # should it fail again, that is news

    def _prune(self) -> None:
        prune = partial(self._recordings.prune, self._most_octets, time.time())
        self._try("old ones are not deleted", prune)

    def _try(self, what: str, work: Callable[[], object]) -> bool:
        """Do something with files; what fails is said once, until all succeeds."""
        try:
            work()
        except OSError as error:
            why = error.strerror or str(error)
            if isinstance(error, BlockingIOError):
                why = "another charger records into it"
            if what not in self._said:
                self._said.add(what)
                self._log.warning("recorder", why=f"{what}: {why}", file=error.filename)
            return False
        return True
