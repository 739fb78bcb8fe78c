"""A car's side of SLAC, and the care of its modem, on a network interface.

    python -m tools.slac_ev --interface eth0 [--stay] [--seconds 20]

Prints JSON lines: asking, link, failed. Exit code 0 once the link is up, 1 if there was none.
With --stay it goes on watching the link until it is stopped. Needs CAP_NET_RAW.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import sys
from collections.abc import Sequence

from seccstack.adapters.driver import Driver
from seccstack.adapters.powerline import PacketPowerline
from seccstack.adapters.unavailable import UnavailableError
from seccstack.sim.host import Outcome, PowerlineHost
from seccstack.slac import ev
from seccstack.slac.events import LinkChanged


class PluggedIn:
    """The plug is in."""


class Station:
    """A powerline host as a machine that is told of its plug, and of frames as octets."""

    def __init__(self, mac: bytes) -> None:
        self._host = PowerlineHost(mac, secrets.token_bytes, ev.Character())

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        return self._host.deadline

    def receive(self, event: PluggedIn | bytes, now: float) -> Sequence[Outcome]:
        """Take an event."""
        if isinstance(event, bytes):
            return self._host.receive(event, now)
        return self._host.match(now)

    def tick(self, now: float) -> Sequence[Outcome]:
        """Let every deadline up to now pass."""
        return self._host.tick(now)


async def run(interface: str, stay: bool) -> bool:
    """Match once; return whether there is a link."""
    ended: asyncio.Queue[bool] = asyncio.Queue()

    def carry_out(outcome: Outcome) -> None:
        match outcome:
            case bytes():
                line.send(outcome)
            case LinkChanged(up):
                say(event="link", up=up)
                if up and not stay:
                    ended.put_nowait(True)
            case ev.MatchFailed(why):
                say(event="failed", why=why)
                ended.put_nowait(False)

    line = PacketPowerline(interface, lambda octets: driver.feed(octets))
    opened = await line.open()
    driver: Driver[PluggedIn | bytes, Outcome] = Driver(Station(opened.mac), carry_out)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.put_nowait, stay)
    say(event="asking", mac=opened.mac.hex().upper())
    driver.feed(PluggedIn())
    try:
        return await ended.get()
    finally:
        driver.close()
        line.close()


def say(**what: object) -> None:
    """Print a JSON line."""
    print(json.dumps(what), flush=True)


async def bounded(interface: str, stay: bool, seconds: float) -> bool:
    """Match once, within so many seconds unless told to stay."""
    try:
        async with asyncio.timeout(None if stay else seconds):
            return await run(interface, stay)
    except TimeoutError:
        say(event="failed", why=f"no link within {seconds:g} s")
        return False


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--interface", required=True)
    parser.add_argument("--stay", action="store_true", help="go on watching the link")
    parser.add_argument("--seconds", type=float, default=20.0, help="give up after these")
    given = parser.parse_args()
    try:
        linked = asyncio.run(bounded(given.interface, given.stay, given.seconds))
    except UnavailableError as error:
        sys.exit(f"slac_ev: {error}")
    sys.exit(0 if linked else 1)


if __name__ == "__main__":
    main()
