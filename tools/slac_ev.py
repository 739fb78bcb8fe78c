"""A car's side of SLAC, and the care of its modem, on a network interface.

    python -m tools.slac_ev --interface eth0 [--stay] [--seconds 20]

Prints JSON lines: asking, joined, link. Exit code 0 once the link is up, 1 if there was none.
With --stay it goes on watching the link until it is stopped. Needs CAP_NET_RAW.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import signal
import sys
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.adapters.driver import Driver
from seccstack.adapters.powerline import PacketPowerline
from seccstack.adapters.unavailable import UnavailableError
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.slac import ev, modem
from seccstack.slac.events import Heard, LinkChanged, Send


@dataclass(frozen=True, slots=True)
class FrameHeard:
    """A frame came off the line."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Put a frame on the line."""

    octets: bytes


Event = FrameHeard | ev.PluggedIn
Action = SendFrame | ev.Joined | ev.MatchFailed | LinkChanged | modem.ModemSilent


class CarStation:
    """`SlacEv` and `ModemHost` with the frames around them; a machine."""

    def __init__(self, mac: bytes) -> None:
        self._mac = mac
        self._slac = ev.SlacEv(mac, secrets.token_bytes)
        self._modem = modem.ModemHost()

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        deadlines = (self._slac.deadline, self._modem.deadline)
        return min((at for at in deadlines if at is not None), default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        if isinstance(event, ev.PluggedIn):
            return self._carry(self._slac.receive(event, now), now)
        try:
            frame = decode_frame(event.octets)
        except MalformedError:
            return []
        heard = Heard(frame.destination, frame.source, frame.message)
        told = [*self._slac.receive(heard, now), *self._modem.receive(heard, now)]
        return self._carry(told, now)

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        return self._carry([*self._slac.tick(now), *self._modem.tick(now)], now)

    def _carry(self, told: Sequence[ev.Action | modem.Action], now: float) -> list[Action]:
        actions: list[Action] = []
        waiting = deque(told)
        while waiting:
            match waiting.popleft():
                case Send(destination, message):
                    octets = encode_frame(Frame(destination, self._mac, message))
                    actions.append(SendFrame(octets))
                case ev.Joined(key, network) as joined:
                    actions.append(joined)
                    use = modem.UseKey(key, network, secrets.token_bytes(4))
                    waiting.extend(self._modem.receive(use, now))
                    waiting.extend(self._modem.receive(modem.WatchLink(True), now))
                case (ev.MatchFailed() | LinkChanged() | modem.ModemSilent()) as told_on:
                    actions.append(told_on)
                case _:
                    pass  # the modem's address and its key are nobody else's concern
        return actions


async def run(interface: str, stay: bool) -> bool:
    """Match once; return whether there is a link."""
    ended: asyncio.Queue[bool] = asyncio.Queue()

    def carry_out(action: Action) -> None:
        match action:
            case SendFrame(octets):
                line.send(octets)
            case ev.Joined(_, network, charger):
                say(event="joined", evse_mac=charger.hex().upper(), nid=network.hex().upper())
            case LinkChanged(up):
                say(event="link", up=up)
                if up and not stay:
                    ended.put_nowait(True)
            case ev.MatchFailed(why) | modem.ModemSilent(why):
                say(event="failed", why=why)
                ended.put_nowait(False)

    line = PacketPowerline(interface, lambda octets: driver.feed(FrameHeard(octets)))
    opened = await line.open()
    driver: Driver[Event, Action] = Driver(CarStation(opened.mac), carry_out)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.put_nowait, stay)
    say(event="asking", mac=opened.mac.hex().upper())
    driver.feed(ev.PluggedIn())
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
