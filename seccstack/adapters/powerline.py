"""The powerline as Linux gives it: Ethernet frames of type 0x88E1 on one interface.

A socket that is bound to the type is given no other by the kernel, nor what leaves this
machine, so no filter of ours is needed: other traffic costs nothing. Nor is promiscuity, which
is another's doing where frames for others come in; they are left.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import socket
import struct
from collections.abc import Callable

from seccstack.adapters.unavailable import UnavailableError
from seccstack.homeplug.frame import ETHERTYPE
from seccstack.slac import station

SIOCGIFHWADDR = 0x8927
LONGEST_FRAME = 1518
FRAMES_AT_ONCE = 64  # then the event loop is let run: a flood must not starve timers
LOOK_SECONDS = 1.0  # between looks at what the kernel tells no socket of
UNHEARD = (socket.PACKET_OUTGOING, socket.PACKET_OTHERHOST)
SOL_PACKET, PACKET_STATISTICS = 263, 6  # linux/if_packet.h
GONE = (errno.ENETDOWN, errno.ENODEV, errno.ENXIO)


def mac_of(interface: str) -> bytes:
    """Return an interface's Ethernet address; UnavailableError if there is none such."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            socket.if_nametoindex(interface)  # ioctl would cut a name that is too long
            request = struct.pack("256s", interface.encode())
            return fcntl.ioctl(probe.fileno(), SIOCGIFHWADDR, request)[18:24]
        except OSError as error:
            raise UnavailableError(
                f"there is no network interface {interface!r}; `ip link` lists those there are",
                waiting_helps=True,
            ) from error


class PacketPowerline:
    """Sends and receives raw frames. Needs the capability CAP_NET_RAW.

    ``overrun`` is told how many frames came faster than they could be taken.
    """

    name = "powerline"

    def __init__(
        self,
        interface: str,
        heard: Callable[[bytes], None],
        overrun: Callable[[int], None] = lambda frames: None,
    ) -> None:
        self._interface = interface
        self._heard = heard
        self._overrun = overrun
        self._socket: socket.socket | None = None
        self._mac = bytes(6)
        self._lost = asyncio.Event()

    async def open(self) -> station.Opened:
        """Listen on the interface."""
        self._mac = mac_of(self._interface)
        self._lost.clear()
        self._attach()
        return station.Opened(self._mac)

    async def lost(self) -> station.Lost:
        """Wait until the interface goes down or away, or becomes another."""
        while True:
            try:
                await asyncio.wait_for(self._lost.wait(), LOOK_SECONDS)
            except TimeoutError:
                self._count_overrun()
                why = self._difference()
            else:
                why = f"interface {self._interface} went down"
            if why is not None:
                return station.Lost(why)

    def reopen(self) -> None:
        """Open a socket anew where one is open, in case it is that which is stuck."""
        if self._socket is not None:
            self.close()
            try:
                self._attach()
            except UnavailableError:
                self._lost.set()

    def send(self, octets: bytes) -> None:
        """Send a frame, or drop it where the line has no room: every MME may be lost anyway."""
        if self._socket is not None:
            try:
                self._socket.send(octets)
            except OSError as error:
                self._failed(error)

    def close(self) -> None:
        """Stop listening."""
        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket)
            self._socket.close()
            self._socket = None

    def _attach(self) -> None:
        self._socket = _listen(self._interface)
        asyncio.get_running_loop().add_reader(self._socket, self._readable, self._socket)

    def _readable(self, line: socket.socket) -> None:
        for _ in range(FRAMES_AT_ONCE):
            try:
                octets, (_, _, kind, *_) = line.recvfrom(LONGEST_FRAME)
            except OSError as error:  # also: closed by what was heard
                self._failed(error)
                return
            if kind not in UNHEARD:
                self._heard(octets)

    def _failed(self, error: OSError) -> None:
        if error.errno in GONE:
            self._lost.set()

    def _difference(self) -> str | None:
        """Say what has become of the interface, if it is not what was opened."""
        try:
            mac = mac_of(self._interface)
        except UnavailableError as error:
            return str(error)
        if mac != self._mac:
            return f"interface {self._interface} has become {mac.hex(':')}"
        return None

    def _count_overrun(self) -> None:
        if self._socket is not None:
            counts = self._socket.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8)
            lost = struct.unpack("II", counts)[1]  # since the last look
            if lost:
                self._overrun(lost)


def _listen(interface: str) -> socket.socket:
    try:
        line = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)
    except PermissionError as error:
        raise UnavailableError(
            "raw frames need the capability CAP_NET_RAW: run as root, or "
            "`setcap cap_net_raw+ep` the Python interpreter of this installation",
            waiting_helps=False,
        ) from error
    try:
        line.bind((interface, ETHERTYPE))
        # An interface that is down can be bound to; that it is down is a pending error then.
        pending = line.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if pending:
            raise OSError(pending, os.strerror(pending))
    except OSError as error:
        line.close()
        raise UnavailableError(
            f"cannot listen on network interface {interface!r}: {error.strerror}; "
            f"`ip link set {interface} up`, or name another in powerline.interface",
            waiting_helps=True,
        ) from error
    return line
