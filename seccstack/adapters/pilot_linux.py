"""A pilot controller made of what Linux has: PWM, an ADC and two GPIO lines.

What the board must do, because no program on Linux can: it cannot measure in step with pulses
of 1 kHz. So both peaks have to be *held* on the board until the ADC comes by (a diode, a
capacitor, and a resistor that lets go within 2 ms), and scaled to it. The relay has to fall by
itself where this process or the kernel stops: by a hardware watchdog that resets the computer,
or a relay driver that needs to be fed. What a GPIO line does once its owner has died is the
driver's choice. And the kernel promises no time: a loaded computer may be late by more than the
100 ms that a vehicle has a right to. A microcontroller (`pilot_serial`) has none of these
troubles.

What is done here: a thread of its own measures 500 times a second, opens the relay itself
(`seccstack.pilot.keeper`), and does so too where the event loop has stood still for a second.
A measurement that takes longer than 20 ms is trouble that is said. The interpreter's lock is
shared with all other threads; `seccstack run` has them hand it over every half a millisecond.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import aclosing, suppress
from pathlib import Path

import structlog

from seccstack.adapters.pilot_reports import Report, Reports
from seccstack.adapters.pilot_sysfs import (
    Adc,
    Contacts,
    GpioContacts,
    ProximityContact,
    Pwm,
)
from seccstack.config_pilot import Board
from seccstack.pilot.keeper import Keeper
from seccstack.pilot.port import ContactorState, PilotState, Sensed, Signal
from seccstack.pilot.signal import duty_cycle
from seccstack.pilot.voltage import SLOWEST_SECONDS
from seccstack.pilot.wire import HEARTBEAT

SYSFS = Path("/sys/class/pwm")
SAMPLE_SECONDS = 0.002
RETRY_SECONDS = 1.0
JOIN_SECONDS = 2.0  # for the thread's last measurement
STEP = 1e-6  # a nanosecond of a period


class LinuxPilot:
    """A `PilotController`; made inside a running event loop."""

    def __init__(
        self,
        board: Board,
        log: structlog.typing.FilteringBoundLogger,
        contacts: Contacts | None = None,
        root: Path = SYSFS,
    ) -> None:
        self.name = f"pwmchip{board.pwm_chip} and {board.gpio_chip}"
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._pwm = Pwm(root, board.pwm_chip, board.pwm_channel)
        self._adc = Adc(board)
        self._proximity = ProximityContact(board)
        self._contacts = GpioContacts(board) if contacts is None else contacts
        self._reports = Reports()
        self._present: dict[type, Report] = {}
        self._news = asyncio.Event()
        self._lock = threading.Lock()  # of the keeper, and of what is driven by it
        self._keeper = Keeper(time.monotonic())
        self._is_open = False
        self._slow: str | None = None
        self._said: str | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._measure, name="pilot", daemon=True)
        self._thread.start()
        self._beat()

    @property
    def problem(self) -> str | None:
        """What is wrong with the hardware, if anything is."""
        return self._keeper.problem or self._slow

    async def apply(self, signal: Signal) -> None:
        """Drive the line."""
        with self._lock:
            told = self._keeper.drive(signal, time.monotonic())
            self._tell(told + self._carry_out())

    async def set_contactor(self, closed: bool) -> None:
        """Energise or release the coil; to close needs a vehicle that is ready."""
        with self._lock:
            self._keeper.order(closed)
            self._tell(self._carry_out())

    async def states(self) -> AsyncIterator[Report]:
        """Yield the present pilot state, the contactor's, and then every change of either."""
        while PilotState not in self._present or self._awaits_contactor:
            self._news.clear()
            await self._news.wait()
        async with aclosing(self._reports.follow(self._all_present)) as reports:
            async for report in reports:
                yield report

    async def sense(self) -> Sensed:
        """Read the proximity contact, in a thread, and the network operator's."""
        ohms = await asyncio.to_thread(self._proximity.read)
        with self._lock, suppress(OSError):
            return Sensed(ohms, None, self._contacts.peak_load() if self._is_open else None)
        return Sensed(ohms)

    def close(self) -> None:
        """Stop measuring, with the coil released and the line at X1."""
        self._beating.cancel()
        self._stop.set()
        self._thread.join(JOIN_SECONDS)
        with self._lock:
            self._keeper.failed("it is closed")
            self._let_go()

    @property
    def _awaits_contactor(self) -> bool:
        return ContactorState not in self._present and self._keeper.problem is None

    def _all_present(self) -> list[Report]:
        kinds = (PilotState, ContactorState)
        return [self._present[kind] for kind in kinds if kind in self._present]

    def _beat(self) -> None:
        with self._lock:
            self._keeper.beat(time.monotonic())
        self._beating = self._loop.call_later(HEARTBEAT, self._beat)

    def _put(self, told: Iterable[Report]) -> None:
        """Tell the followers; what is wrong comes first."""
        if self.problem != self._said:
            self._say()
        for report in told:
            self._present[type(report)] = report
            self._reports.put(report)
        self._news.set()

    def _say(self) -> None:
        self._said = self.problem
        if self._said is None:
            self._log.info("pilot controller", name=self.name)
        else:
            self._log.error("pilot controller lost", why=self._said)

    # In the thread, or with the lock held.

    def _measure(self) -> None:
        while not self._stop.is_set():
            self._measure_once()
            self._stop.wait(SAMPLE_SECONDS if self._is_open else RETRY_SECONDS)

    def _measure_once(self) -> None:
        try:
            if not self._is_open:
                self._take_hold()
            began = time.monotonic()
            peaks = self._adc.read()
            closed = self._contacts.closed()
        except (OSError, ValueError) as error:
            with self._lock:
                self._tell(self._failed(error))
            return
        now = time.monotonic()
        late = now - began > SLOWEST_SECONDS
        self._slow = f"a measurement took {1000 * (now - began):.0f} ms" if late else None
        with self._lock:
            told = self._keeper.measured(peaks, closed, now)
            self._tell(told + self._carry_out())

    def _tell(self, told: list[Report]) -> None:
        """Have it told in the event loop, in the order in which the lock was held."""
        if told or self.problem != self._said:
            with suppress(RuntimeError):  # the event loop has ended
                self._loop.call_soon_threadsafe(self._put, told)

    def _failed(self, error: OSError | ValueError) -> list[Report]:
        told = self._keeper.failed(_why(error))
        self._let_go()
        return told

    def _take_hold(self) -> None:
        with self._lock:
            self._pwm.open()
            self._contacts.open()
            self._is_open = True

    def _let_go(self) -> None:
        """Release the coil whatever else is broken, and leave X1 if that can be."""
        self._is_open = False
        with suppress(OSError):
            self._contacts.close()
        with suppress(OSError):
            self._pwm.drive(1.0)

    def _carry_out(self) -> list[Report]:
        """Do what the keeper wants."""
        if not self._is_open:
            return []
        try:
            self._contacts.energise(self._keeper.relay)
            self._pwm.drive(duty_cycle(self._keeper.signal, STEP))
        except OSError as error:
            return self._failed(error)
        return []


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return str(error)
