"""The powerline as Linux gives it: Ethernet frames of type 0x88E1 on one interface."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import socket
import struct
from collections.abc import Callable

from seccstack.adapters.unavailable import UnavailableError
from seccstack.homeplug.frame import ETHERTYPE

SIOCGIFHWADDR = 0x8927
LONGEST_FRAME = 1518
FRAMES_AT_ONCE = 64  # then the event loop is let run: a flood must not starve timers


def mac_of(interface: str) -> bytes:
    """Return an interface's Ethernet address; UnavailableError if there is none such."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        request = struct.pack("256s", interface.encode()[:15])
        try:
            return fcntl.ioctl(probe.fileno(), SIOCGIFHWADDR, request)[18:24]
        except OSError as error:
            raise UnavailableError(
                f"there is no network interface {interface!r}; `ip link` lists those there are",
                waiting_helps=True,
            ) from error


class PacketPowerline:
    """Sends and receives raw frames. Needs the capability CAP_NET_RAW."""

    def __init__(self, interface: str, heard: Callable[[bytes], None]) -> None:
        self._heard = heard
        self.lost: asyncio.Event = asyncio.Event()
        try:
            self._socket = socket.socket(
                socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0
            )
        except PermissionError as error:
            raise UnavailableError(
                "raw frames need the capability CAP_NET_RAW: run as root, or "
                "`setcap cap_net_raw+ep` the Python interpreter of this installation",
                waiting_helps=False,
            ) from error
        try:
            self._socket.bind((interface, ETHERTYPE))
        except OSError as error:
            self._socket.close()
            raise UnavailableError(
                f"cannot listen on network interface {interface!r}: {error.strerror}; "
                f"`ip link set {interface} up`, or name another in powerline.interface",
                waiting_helps=True,
            ) from error
        asyncio.get_running_loop().add_reader(self._socket, self._readable)

    def send(self, octets: bytes) -> None:
        """Send a frame, or drop it where the line has no room: every MME may be lost anyway."""
        with contextlib.suppress(BlockingIOError):
            try:
                self._socket.send(octets)
            except OSError as error:
                self._failed(error)

    def close(self) -> None:
        """Stop listening."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    def _readable(self) -> None:
        for _ in range(FRAMES_AT_ONCE):
            try:
                octets, (_, _, kind, *_) = self._socket.recvfrom(LONGEST_FRAME)
            except BlockingIOError:
                return
            except OSError as error:
                self._failed(error)
                return
            if kind != socket.PACKET_OUTGOING:
                self._heard(octets)

    def _failed(self, error: OSError) -> None:
        if error.errno in (errno.ENETDOWN, errno.ENODEV, errno.ENXIO):
            self.lost.set()
