"""A power line with modems between real network interfaces: one host behind each.

    python -m tools.emulated_modems --evse eth1 --ev eth2 [--ev eth3 ...]

Give it the far ends of cables to the hosts. Each host then has a modem of its own (on the
charger's side or the car's) and is heard by the others as far as the line carries; IPv6 passes
once two modems have the same key. Needs CAP_NET_RAW. Prints a JSON line when it is ready, and
when two modems join or part; with --log, for each message, too. With --pcap it writes what
passes between hosts and modems. The options that begin with --evse- are about the modems of
chargers; SIGUSR1 cuts their power, SIGUSR2 gives it back, or takes it for a moment only.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import random
import signal
import socket
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

from seccstack.adapters.driver import Driver
from seccstack.adapters.powerline import FRAMES_AT_ONCE
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import ETHERTYPE, decode_frame
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.parameters import block
from seccstack.sim.powerline import (
    Deliver,
    Event,
    FrameSent,
    LineSettings,
    ModemRestarted,
    Powerline,
)
from seccstack.slac.modem_makers import LUMISSIL, QUALCOMM
from seccstack.slac.modem_survey import ALWAYS, CHARGER

# linux/if_packet.h, linux/if_ether.h
SOL_PACKET, PACKET_VNET_HDR = 263, 15
PACKET_ADD_MEMBERSHIP, PACKET_MR_PROMISC = 1, 1
ETH_P_ALL = 3

OFFLOAD = bytes(10)  # struct virtio_net_hdr of a frame that leaves its sender nothing to do
LONGEST = len(OFFLOAD) + 14 + 65536  # a sender may leave it to its interface to cut a segment
LOOK_SECONDS = 0.05  # between looks at who has joined whom
MME = ETHERTYPE.to_bytes(2, "big")
MAKERS = {"qualcomm": QUALCOMM, "lumissil": LUMISSIL}
PCAP_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)  # Ethernet


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


async def run(options: argparse.Namespace) -> None:
    """Be the line until SIGINT or SIGTERM."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for end in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(end, stop.set)
    seeded = random.Random(options.seed)  # noqa: S311 - losses, no secrets
    line = Powerline(settings_of(options), iter(seeded.random, None))
    ports: dict[str, Port] = {}
    record = Record(options.pcap, talks=options.log)

    def carry_out(deliver: Deliver) -> None:
        record.add(deliver.port, "modem", deliver.octets)
        ports[deliver.port].deliver(deliver.octets)

    def sent(port: str, octets: bytes) -> None:
        record.add(port, "host", octets)
        driver.feed(FrameSent(port, octets))

    driver: Driver[Event, Deliver] = Driver(line, carry_out)
    for number, (interface, role) in enumerate(roles_of(options).items(), start=1):
        line.attach(interface, modem_of(options, modem_mac(number), role))
        ports[interface] = Port(interface, sent)
    loop.add_signal_handler(signal.SIGUSR1, power, line, math.inf)
    loop.add_signal_handler(signal.SIGUSR2, lambda: restore(line, driver))
    say(
        event="ready",
        modems={port: modem.mac.hex().upper() for port, modem in line.modems.items()},
    )
    try:
        await watch(line, stop)
    finally:
        record.close()


def roles_of(options: argparse.Namespace) -> dict[str, Role]:
    """Return which side of the plug is at which interface."""
    return dict.fromkeys(options.evse, Role.EVSE) | dict.fromkeys(options.ev, Role.EV)


def settings_of(options: argparse.Namespace) -> LineSettings:
    """Return what the command line makes of the line."""
    return LineSettings(
        modem_seconds=options.modem_ms / 1000,
        line_seconds=options.air_ms / 1000,
        profile_seconds=options.profile_ms / 1000,
        join_seconds=options.join_seconds,
        attenuation_db=options.attenuation,
        hearing_db=options.hearing,
        noise_db=options.noise,
        mme_loss=options.loss,
        profile_loss=options.loss if options.profile_loss is None else options.profile_loss,
    )


def modem_of(options: argparse.Namespace, mac: bytes, role: Role) -> SimModem:
    """Return a modem as the command line wants those of its side."""
    if role is Role.EV:
        return SimModem(mac, role)
    modem = SimModem(mac, role, maker=MAKERS[options.evse_maker])
    modem.silent = options.evse_silent
    modem.boot_loader = options.evse_boot_loader
    modem.shown_seconds = options.evse_shown_seconds
    modem.deaf_seconds = options.evse_deaf_seconds
    name, mode, coordination = "EVSE", options.evse_slac_mode, options.evse_coordination
    modem.parameters = block(mac, name, slac_mode=mode, coordination=coordination)
    return modem


def power(line: Powerline, up_at: float) -> None:
    """Let the chargers' modems lose their power."""
    for modem in line.modems.values():
        if modem.role is Role.EVSE:
            modem.restart()
            modem.up_at = up_at


def restore(line: Powerline, driver: Driver[Event, Deliver]) -> None:
    """Give it back to them; each says that it has started."""
    power(line, 0.0)
    for port, modem in line.modems.items():
        if modem.role is Role.EVSE:
            driver.feed(ModemRestarted(port))


class Record:
    """What passes between hosts and modems: a pcap file, and lines; each only if wanted."""

    def __init__(self, path: Path | None, *, talks: bool) -> None:
        self._talks = talks
        self._file = None if path is None else path.open("wb", buffering=0)
        if self._file is not None:
            self._file.write(PCAP_HEADER)

    def add(self, port: str, sender: str, octets: bytes) -> None:
        """Keep a frame."""
        is_mme = octets[12:14] == MME
        frame = octets if is_mme else octets[: -len(OFFLOAD)]
        if self._file is not None:
            seconds, fraction = divmod(time.time(), 1)
            stamp = (int(seconds), int(fraction * 1e6), len(frame), len(frame))
            self._file.write(struct.pack("<IIII", *stamp) + frame)
        if self._talks and is_mme:
            say(event="message", port=port, sender=sender, **told(octets))

    def close(self) -> None:
        """Keep no more."""
        if self._file is not None:
            self._file.close()


def told(octets: bytes) -> dict[str, object]:
    """Tell a frame's addresses and message, or why it cannot be read."""
    try:
        frame = decode_frame(octets)
    except MalformedError as error:
        return {"malformed": str(error)}
    macs = {"source": frame.source.hex(), "destination": frame.destination.hex()}
    return {**macs, "message": frame.message.name, "number": f"{frame.message.mmtype:04X}"}


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
    add = parser.add_argument
    add("--evse", action="append", required=True, metavar="IFACE")
    add("--ev", action="append", default=[], metavar="IFACE")
    add("--join-seconds", type=float, default=usual.join_seconds)
    add("--attenuation", type=int, default=usual.attenuation_db, metavar="DB")
    add("--hearing", type=int, default=usual.hearing_db, metavar="DB", help="no more is heard")
    add("--noise", type=int, default=usual.noise_db, metavar="DB", help="of each group")
    add("--loss", type=float, default=0.0, help="share of messages, 0 to 1")
    add("--profile-loss", type=float, help="of reports of sounds, if not the same")
    add("--seed", type=int, default=0, help="which messages are lost")
    add("--modem-ms", type=float, default=usual.modem_seconds * 1000, help="host to modem")
    add("--air-ms", type=float, default=usual.line_seconds * 1000, help="modem to modem")
    add("--profile-ms", type=float, default=usual.profile_seconds * 1000, help="of a report")
    add("--evse-maker", choices=MAKERS, default="qualcomm")
    add("--evse-silent", action="store_true", help="it answers nothing")
    add("--evse-boot-loader", action="store_true", help="it has no firmware")
    add("--evse-slac-mode", type=int, default=CHARGER, help="octet 1653 of its block")
    add("--evse-coordination", type=int, default=ALWAYS, help="octet F4 of its block")
    add("--evse-shown-seconds", type=float, default=0.0, help="until it is in its network")
    add("--evse-deaf-seconds", type=float, default=0.0, help="after a key")
    add("--log", action="store_true", help="a line for each message")
    add("--pcap", type=Path, metavar="FILE")
    return parser.parse_args()


def main() -> None:
    """Run the command line."""
    try:
        asyncio.run(run(arguments()))
    except OSError as error:
        sys.exit(f"emulated_modems: {error}; give interfaces that are up, and run as root")


if __name__ == "__main__":
    main()
