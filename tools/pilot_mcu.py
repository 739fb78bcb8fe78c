"""A simulated pilot controller at the end of a pseudo-terminal, to be turned by hand.

    python -m tools.pilot_mcu [--link /tmp/ttyPILOT]

It is the reference for the other end of `seccstack.pilot.wire`: give `pilot.device` the name
that it prints, or the link. What happens to it comes on standard input, a line each:

    A B C D E        the vehicle's side of the line
    nodiode B        a vehicle without a diode; B, C or D
    weld stick repair          the contactor
    die reset                  its power is cut; it comes back, or starts over
    mute deaf hear             nothing goes to the charger, or comes from it; all is well again
    drop N corrupt N           the next N frames in both directions are lost, or broken
    delay SECONDS              for which all is on its way from now on
    trouble NAME               as in RESIDUAL_CURRENT; NONE: it is over
    cable OHMS                 of the socket's proximity contact; open: no cable
    heat CELSIUS               of its sensor
    peak on, peak off          the network operator's contact
    unplug plug                its USB plug, where there is a link

It prints a JSON line for what it notices: a state, the contactor, the signal, a session's end.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import sys
import tty
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from seccstack.adapters.driver import Driver
from seccstack.adapters.pilot_simulated import OHMS
from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.port import PilotState, Sensed, Signal
from seccstack.pilot.signal import duty_cycle
from seccstack.pilot.wire import Trouble
from seccstack.sim.microcontroller import (
    Action,
    Died,
    Event,
    HostSent,
    Microcontroller,
    Reset,
    SendToHost,
    SensorsRead,
    SessionEnded,
    TroubleFound,
)
from seccstack.sim.pilot import ContactorDefect, DefectInjected, VehicleConnected

DEFECTS = {
    "weld": ContactorDefect.WELDED,
    "stick": ContactorDefect.STUCK_OPEN,
    "repair": ContactorDefect.NONE,
}


class Line:
    """What may be wrong with a serial line; of each frame it says what arrives of it."""

    def __init__(self) -> None:
        self.muted = self.deaf = False
        self.dropped = self.corrupted = 0
        self.delay = 0.0

    def passes(self, octets: bytes, closed: bool) -> bytes:
        """Return what arrives."""
        if closed:
            return b""
        if self.dropped:
            self.dropped -= 1
            return b""
        if self.corrupted:
            self.corrupted -= 1
            return octets[:3] + bytes((octets[3] ^ 0x55,)) + octets[4:]
        return octets


class Board:
    """A microcontroller with power, on a pseudo-terminal; made inside a running event loop."""

    def __init__(
        self, say: Callable[[dict[str, Any]], None] = lambda said: None, link: str = ""
    ) -> None:
        self.line = Line()
        self._say = say
        self._link = Path(link) if link else None
        self._loop = asyncio.get_running_loop()
        self._boots = 0
        self._sensed = Sensed()
        self._signal: Signal | None = None
        self.mcu = Microcontroller()
        self._driver: Driver[Event, Action] = Driver(
            self.mcu, self._carry_out, lambda *_: self._look()
        )
        self._ends: tuple[int, int] | None = None
        self.plug()
        self.do("reset")

    @property
    def device(self) -> str:
        """The name of the serial port."""
        if self._link is not None:
            return str(self._link)
        assert self._ends is not None  # noqa: S101 - it is plugged in
        return os.ttyname(self._ends[1])

    def plug(self) -> None:
        """Let there be a port."""
        end, port = self._ends = os.openpty()
        tty.setraw(port)
        os.set_blocking(end, False)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(os.ttyname(port))
        self._loop.add_reader(end, self._read, end)

    def unplug(self) -> None:
        """Let there be none."""
        if self._ends is None:
            return
        self._loop.remove_reader(self._ends[0])
        for end in self._ends:
            os.close(end)
        self._ends = None
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def turn(self, state: PilotState, diode: bool = True) -> None:
        """Turn the vehicle's side of the line."""
        self._driver.feed(VehicleConnected(OHMS[state], diode))

    def do(self, order: str) -> None:
        """Obey a line of the kind that the module's text has; ValueError says what is wrong."""
        what, _, value = order.strip().partition(" ")
        match what:
            case "A" | "B" | "C" | "D" | "E":
                self.turn(PilotState(what))
            case "nodiode":
                self.turn(PilotState(value), diode=False)
            case "weld" | "stick" | "repair":
                self._driver.feed(DefectInjected(DEFECTS[what]))
            case "die":
                self._driver.feed(Died())
            case "reset":
                self._boots += 1
                self._driver.feed(Reset(self._boots))
            case "trouble":
                self._driver.feed(TroubleFound(Trouble[value]))
                self._say({"trouble": value})
            case "unplug":
                self.unplug()
            case "plug":
                self.plug()
            case "cable" | "heat" | "peak":
                self._sense(what, value)
            case _:
                self._damage(what, value)

    def close(self) -> None:
        """End it."""
        self._driver.close()
        self.unplug()

    def _sense(self, what: str, value: str) -> None:
        match what:
            case "cable":
                ohms = math.inf if value == "open" else float(value)
                self._sensed = replace(self._sensed, proximity_ohms=ohms)
            case "heat":
                self._sensed = replace(self._sensed, celsius=float(value))
            case _:
                self._sensed = replace(self._sensed, peak_load=value == "on")
        self._driver.feed(SensorsRead(self._sensed))

    def _damage(self, what: str, value: str) -> None:
        match what:
            case "mute":
                self.line.muted = True
            case "deaf":
                self.line.deaf = True
            case "hear":
                self.line = Line()
            case "drop":
                self.line.dropped = int(value)
            case "corrupt":
                self.line.corrupted = int(value)
            case "delay":
                self.line.delay = float(value)
            case _:
                raise ValueError(f"there is no order {what!r}")

    def _read(self, end: int) -> None:
        try:
            octets = os.read(end, 4096)
        except OSError:
            return
        arrives = self.line.passes(octets, self.line.deaf)
        self._later(lambda: self._driver.feed(HostSent(arrives)))

    def _later(self, act: Callable[[], None]) -> None:
        if self.line.delay:
            self._loop.call_later(self.line.delay, act)
        else:
            act()

    def _write(self, octets: bytes) -> None:
        if self._ends is not None:
            with contextlib.suppress(BlockingIOError):  # nobody reads
                os.write(self._ends[0], octets)

    def _carry_out(self, action: Action) -> None:
        match action:
            case SendToHost(octets):
                arrives = self.line.passes(octets, self.line.muted)
                self._later(lambda: self._write(arrives))
            case PilotChanged(state):
                self._say({"state": state.value})
            case ContactorChanged(closed):
                self._say({"closed": closed})
            case SessionEnded(why):
                self._say({"ended": why})

    def _look(self) -> None:
        if self.mcu.line.signal != self._signal:
            self._signal = self.mcu.line.signal
            self._say({"duty": round(100 * duty_cycle(self._signal), 2)})


def _print(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)


async def _serve(link: str) -> None:
    board = Board(_print, link)
    _print({"device": board.device})
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    try:
        while line := (await reader.readline()).decode():
            try:
                board.do(line)
            except (ValueError, KeyError) as error:
                _print({"refused": str(error)})
    finally:
        board.close()


def main() -> None:
    """Run until standard input ends."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--link", default="", help="a name for the port that stays")
    asyncio.run(_serve(parser.parse_args().link))


if __name__ == "__main__":
    main()
