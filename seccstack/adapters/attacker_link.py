"""The vehicle's end of a powerline interface, as an attacker has it: any address, any frame."""

from __future__ import annotations

import contextlib
import fcntl
import ipaddress
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seccstack.adapters.addresses import link_local
from seccstack.adapters.powerline import LONGEST_FRAME, mac_of
from seccstack.adapters.unavailable import UnavailableError
from seccstack.errors import UsageError
from seccstack.homeplug.frame import ETHERTYPE

# linux/sockios.h, linux/if.h, linux/rtnetlink.h, linux/if_addr.h
SIOCGIFFLAGS, SIOCSIFFLAGS, SIOCSIFHWADDR = 0x8913, 0x8914, 0x8924
IFF_UP, ARPHRD_ETHER = 0x1, 1
RTM_NEWADDR, NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE = 20, 1, 4, 0x400
IFA_LOCAL, IFA_F_NODAD, PREFIX = 2, 0x02, 64
ADDRESS_SECONDS = 10.0  # until an interface that came up has its link-local address
FRAMES_AT_ONCE = 256  # between two looks at the time


class Link:
    """One interface. Needs root: its Ethernet address is changed, and put back by `close`."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self.mac = self._first = mac_of(interface)
        self.index = socket.if_nametoindex(interface)
        self._dad = Path(f"/proc/sys/net/ipv6/conf/{interface}/accept_dad")
        self._added: set[str] = set()
        try:
            self._frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
            self._dad_before = self._dad.read_text()
            self._dad.write_text("0")  # else each address has to be waited for
        except OSError as error:
            raise UsageError(
                f"attacking over {interface} needs root: raw frames, other addresses "
                f"({error.strerror})"
            ) from error
        self._frames.setblocking(False)
        self._frames.bind((interface, ETHERTYPE))

    def close(self) -> None:
        """Leave the interface as it was found."""
        self.become(self._first)
        with contextlib.suppress(OSError):
            self._dad.write_text(self._dad_before)
        self._frames.close()

    def fileno(self) -> int:
        """Return what can be waited for until there is a frame."""
        return self._frames.fileno()

    def send(self, octets: bytes) -> None:
        """Send a frame, whosever address is in it; what finds no room is lost."""
        with contextlib.suppress(OSError):
            self._frames.send(octets)

    def heard(self) -> Iterator[bytes]:
        """Yield the frames that have come."""
        for _ in range(FRAMES_AT_ONCE):
            try:
                octets, (_, _, kind, *_) = self._frames.recvfrom(LONGEST_FRAME)
            except BlockingIOError:
                return
            except OSError:  # it went down, and is told so once
                continue
            if kind != socket.PACKET_OUTGOING:
                yield octets

    def become(self, mac: bytes) -> None:
        """Take an Ethernet address, and with it the IPv6 address that belongs to it."""
        if mac == self.mac:
            return
        with self._down(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            name = self._interface.encode()
            request = struct.pack("16sH6s8x", name, ARPHRD_ETHER, mac)
            fcntl.ioctl(control, SIOCSIFHWADDR, request)
        self.mac = mac
        self._added.clear()
        end = time.monotonic() + ADDRESS_SECONDS
        while time.monotonic() < end:
            with contextlib.suppress(UnavailableError):
                link_local(self._interface)
                return
            time.sleep(0.02)
        raise UsageError(f"{self._interface} got no IPv6 address of its own")

    def have(self, address: str) -> None:
        """Have this IPv6 address, too."""
        if address in self._added or address == link_local(self._interface):
            return
        packed = ipaddress.IPv6Address(address).packed
        attribute = struct.pack("=HH", 4 + len(packed), IFA_LOCAL) + packed
        body = struct.pack("=BBBBi", socket.AF_INET6, PREFIX, IFA_F_NODAD, 0, self.index)
        length = 16 + len(body) + len(attribute)
        flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE
        header = struct.pack("=IHHII", length, RTM_NEWADDR, flags, 1, 0)
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
            kernel.send(header + body + attribute)
            kernel.recv(4096)
        self._added.add(address)

    @contextmanager
    def _down(self) -> Iterator[None]:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
            request = struct.pack("16sH14x", self._interface.encode(), 0)
            [flags] = struct.unpack("H", fcntl.ioctl(control, SIOCGIFFLAGS, request)[16:18])
            for now in (flags & ~IFF_UP, flags | IFF_UP):
                if now & IFF_UP:
                    yield
                request = struct.pack("16sH14x", self._interface.encode(), now & 0xFFFF)
                fcntl.ioctl(control, SIOCSIFFLAGS, request)
