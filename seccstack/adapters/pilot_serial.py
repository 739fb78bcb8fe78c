"""A pilot controller on a serial port; what is said there is `seccstack.pilot.wire`.

The port is opened with termios, and not with pyserial: this must run where nothing optional is
installed. It is read as soon as something comes, by the event loop itself, so that a vehicle
that is unplugged waits for no thread. What the port does not take at once is left: the protocol
repeats it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import secrets
import termios
import tty
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import assert_never

import structlog

from seccstack.adapters.driver import Driver
from seccstack.adapters.pilot_reports import Report, Reports
from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.link import (
    Action,
    Attached,
    ContactorWanted,
    ControllerFound,
    ControllerLost,
    Detached,
    Event,
    HostLink,
    OctetsReceived,
    SendOctets,
    SignalWanted,
    TroubleReported,
)
from seccstack.pilot.port import ContactorState, Sensed, Signal
from seccstack.pilot.wire import NUMBERS, Trouble

BAUD = termios.B115200
RETRY_SECONDS = 1.0  # between tries to open a port that is not there
REOPEN_SECONDS = (
    10.0  # of silence on a port, until it is opened anew: it may be that which hangs
)
CARRY_SECONDS = 0.1  # for a signal: an order to open must not wait behind it for ever
MOST_AT_ONCE = 4096  # octets; the rest waits for the next round of the event loop


class SerialPilot:
    """A `PilotController`; it looks for its port for ever. Made inside a running event loop."""

    def __init__(self, device: str, log: structlog.typing.FilteringBoundLogger) -> None:
        self._device = device
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._link = HostLink(secrets.randbelow(NUMBERS))
        self._driver: Driver[Event, Action] = Driver(
            self._link, self._carry_out, lambda *_: self._stepped.set()
        )
        self._stepped = asyncio.Event()
        self._reports = Reports()
        self._port: int | None = None
        self._retry = self._loop.call_soon(self._open)

    @property
    def name(self) -> str:
        """Which controller it is; until it has said so, on which port."""
        identity = self._link.identity
        return self._device if identity is None else f"{identity.name} on {self._device}"

    @property
    def problem(self) -> str | None:
        """What is wrong with the controller, if anything is."""
        return self._link.problem

    async def apply(self, signal: Signal) -> None:
        """Drive the line; return when it carries the signal, or nobody says so."""
        self._driver.feed(SignalWanted(signal))
        with suppress(TimeoutError):
            async with asyncio.timeout(CARRY_SECONDS):
                while self._link.talking and not self._link.carried:
                    await self._step()

    async def set_contactor(self, closed: bool) -> None:
        """Order the contactor; an order to close is nobody's while nobody is there."""
        self._driver.feed(ContactorWanted(closed))

    async def states(self) -> AsyncIterator[Report]:
        """Yield the present pilot state, the contactor's, and then every change of either."""
        link = self._link
        while link.pilot is None or (link.contactor is None and link.talking):
            await self._step()
        async with aclosing(self._reports.follow(self._present)) as reports:
            async for report in reports:
                yield report

    async def sense(self) -> Sensed:
        """Return what the controller has said last, while it is there."""
        return self._link.sensed

    def close(self) -> None:
        """Close the port: the controller hears nothing any more, and opens."""
        self._driver.close()
        self._retry.cancel()
        self._shut()

    async def _step(self) -> None:
        self._stepped.clear()
        await self._stepped.wait()

    def _present(self) -> list[Report]:
        present: list[Report | None] = [self._link.pilot, self._link.contactor]
        return [state for state in present if state is not None]

    # The port.

    def _open(self) -> None:
        try:
            self._port = open_port(self._device)
        except OSError as error:
            why = f"{self._device} cannot be opened: {error.strerror or error}"
            self._driver.feed(Detached(why))
            self._retry = self._loop.call_later(RETRY_SECONDS, self._open)
            return
        self._loop.add_reader(self._port, self._read, self._port)
        self._retry = self._loop.call_later(REOPEN_SECONDS, self._look)
        self._driver.feed(Attached())

    def _look(self) -> None:
        """Open the port anew where nobody answers on it."""
        if self._link.talking:
            self._retry = self._loop.call_later(REOPEN_SECONDS, self._look)
        else:
            self._gone(OSError(0, "nobody answers on it"))

    def _read(self, port: int) -> None:
        try:
            octets = os.read(port, MOST_AT_ONCE)
            if not octets:  # ready to be read, and nothing there: the end
                raise OSError("nothing comes any more")
        except BlockingIOError:
            return
        except OSError as error:
            self._gone(error)
        else:
            self._driver.feed(OctetsReceived(octets))

    def _write(self, octets: bytes) -> None:
        if self._port is None:
            return
        try:
            os.write(self._port, octets)
        except BlockingIOError:
            pass  # it will be sent again
        except OSError as error:
            self._gone(error)

    def _gone(self, error: OSError) -> None:
        self._shut()
        self._retry.cancel()
        self._driver.feed(Detached(f"{self._device} is gone: {error.strerror or error}"))
        self._retry = self._loop.call_later(RETRY_SECONDS, self._open)

    def _shut(self) -> None:
        port, self._port = self._port, None
        if port is not None:
            self._loop.remove_reader(port)
            os.close(port)

    # What the link wants done.

    def _carry_out(self, action: Action) -> None:
        match action:
            case SendOctets(octets):
                self._write(octets)
            case PilotChanged(state):
                self._reports.put(state)
            case ContactorChanged(closed):
                self._reports.put(ContactorState.CLOSED if closed else ContactorState.OPEN)
            case ControllerFound(name, boot):
                self._log.info("pilot controller", name=name, boot=boot)
            case ControllerLost(why):
                self._log.error("pilot controller lost", why=why)
            case TroubleReported(Trouble.NONE):
                self._log.info("pilot controller well again")
            case TroubleReported():
                self._log.error("pilot controller in trouble", why=self._link.problem)
            case _:
                assert_never(action)


def open_port(device: str) -> int:
    """Open a serial port, raw, at 115200 baud, for us alone; OSError says why not."""
    flags = os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    port = os.open(device, flags)
    try:
        fcntl.ioctl(port, termios.TIOCEXCL)
        _make_raw(port)
    except (OSError, termios.error) as error:
        os.close(port)
        raise OSError(None, f"it is no serial port ({error.args[-1]})") from error
    return port


def _make_raw(port: int) -> None:
    tty.setraw(port)
    modes = termios.tcgetattr(port)
    modes[2] &= ~(termios.CSIZE | termios.PARENB | termios.CSTOPB | termios.CRTSCTS)
    modes[2] |= termios.CS8 | termios.CREAD | termios.CLOCAL
    modes[4] = modes[5] = BAUD
    termios.tcsetattr(port, termios.TCSANOW, modes)
    termios.tcflush(port, termios.TCIOFLUSH)
