"""A power line with modems between real network interfaces: one host behind each.

    python -m tools.emulated_modems --evse eth1 --ev eth2 [--ev eth3 ...]

Give it the far ends of cables to the hosts. Each host then has a modem of its own (on the
charger's side or the car's) and is heard by the others as far as the line carries; IPv6 passes
once two modems have the same key. Needs CAP_NET_RAW. Prints a JSON line when it is ready, and
when two modems join or part.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator

from seccstack.adapters.driver import Driver
from seccstack.adapters.powerline import FRAMES_AT_ONCE
from seccstack.homeplug.frame import ETHERTYPE
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.powerline import Deliver, Event, FrameSent, LineSettings, Powerline

# linux/if_packet.h, linux/if_ether.h
SOL_PACKET, PACKET_VNET_HDR = 263, 15
PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 1, 1
ETH_P_ALL = 3

OFFLOAD = bytes(10)  # struct virtio_net_hdr of a frame that leaves its sender nothing to do
LONGEST = len(OFFLOAD) + 14 + 65536  # a sender may leave it to its interface to cut a segment
LOOK_SECONDS = 0.05  # between looks at who has joined whom
MME = ETHERTYPE.to_bytes(2, "big")


class Port:
    """One host's interface.

    A host in another namespace leaves checksums, and the cutting of large segments, to its
    interface. The kernel says so in ten octets beside the frame and takes them back: a bridged
    frame carries them over the line behind it.
    """

    def __init__(self, interface: str, sent: Callable[[str, bytes], None]) -> None:
        self._interface = interface
        self._sent = sent
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK)
        self._socket.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        self._socket.bind((interface, ETH_P_ALL))
        index = socket.if_nametoindex(interface)
        promiscuous = struct.pack("iHH8s", index, PACKET_MR_PROMISC, 0, b"")
        self._socket.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous)
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def deliver(self, octets: bytes) -> None:
        """Hand a frame to the host; what it has no room for is lost, as on any line."""
        offload = OFFLOAD
        if octets[12:14] != MME:
            octets, offload = octets[: -len(OFFLOAD)], octets[-len(OFFLOAD) :]
        try:
            self._socket.send(offload + octets)
        except OSError as error:
            print(f"{self._interface}: {error}", file=sys.stderr)

    def _readable(self) -> None:
        for _ in range(FRAMES_AT_ONCE):
            try:
                received, (_, _, kind, *_) = self._socket.recvfrom(LONGEST)
            except OSError:
                return
            if kind == socket.PACKET_OUTGOING:
                continue
            offload, octets = received[: len(OFFLOAD)], received[len(OFFLOAD) :]
            self._sent(self._interface, octets if octets[12:14] == MME else octets + offload)


def modem_mac(number: int) -> bytes:
    """Return the address of the n-th modem of this line."""
    return bytes.fromhex("02FEED0010") + bytes([number])


async def run(settings: LineSettings, roles: dict[str, Role], chance: Iterator[float]) -> None:
    """Be the line until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for end in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(end, stop.set)
    line = Powerline(settings, chance)
    ports: dict[str, Port] = {}

    def carry_out(deliver: Deliver) -> None:
        ports[deliver.port].deliver(deliver.octets)

    driver: Driver[Event, Deliver] = Driver(line, carry_out)
    for number, (interface, role) in enumerate(roles.items(), start=1):
        line.attach(interface, SimModem(modem_mac(number), role))
        ports[interface] = Port(
            interface, lambda port, octets: driver.feed(FrameSent(port, octets))
        )
    say(
        event="ready",
        modems={port: modem.mac.hex().upper() for port, modem in line.modems.items()},
    )
    await watch(line, stop)


async def watch(line: Powerline, stop: asyncio.Event) -> None:
    """Tell of modems that join and part, until it is time to stop."""
    known: set[tuple[str, str]] = set()
    while not stop.is_set():
        now = asyncio.get_running_loop().time()
        pairs = itertools.combinations(line.modems, 2)
        linked = {(one, other) for one, other in pairs if other in line.linked(one, now)}
        for joined in linked - known:
            say(event="joined", ports=joined)
        for parted in known - linked:
            say(event="parted", ports=parted)
        known = linked
        try:
            await asyncio.wait_for(stop.wait(), LOOK_SECONDS)
        except TimeoutError:
            continue


def say(**what: object) -> None:
    """Print a JSON line."""
    print(json.dumps(what), flush=True)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    usual = LineSettings()
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--evse", action="append", required=True, metavar="IFACE")
    parser.add_argument("--ev", action="append", required=True, metavar="IFACE")
    parser.add_argument("--join-seconds", type=float, default=usual.join_seconds)
    parser.add_argument("--attenuation", type=int, default=usual.attenuation_db, metavar="DB")
    parser.add_argument("--loss", type=float, default=0.0, help="share of messages, 0 to 1")
    parser.add_argument("--seed", type=int, default=0, help="which messages are lost")
    return parser.parse_args()


def main() -> None:
    """Run the command line."""
    given = arguments()
    settings = LineSettings(
        join_seconds=given.join_seconds,
        attenuation_db=given.attenuation,
        mme_loss=given.loss,
        profile_loss=given.loss,
    )
    roles = dict.fromkeys(given.evse, Role.EVSE)
    roles |= dict.fromkeys(given.ev, Role.EV)
    seeded = random.Random(given.seed)  # noqa: S311 - losses, no secrets
    try:
        asyncio.run(run(settings, roles, iter(seeded.random, None)))
    except OSError as error:
        sys.exit(f"emulated_modems: {error}; give interfaces that are up, and run as root")


if __name__ == "__main__":
    main()
