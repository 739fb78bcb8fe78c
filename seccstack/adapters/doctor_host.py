"""What this machine says of itself, for `seccstack doctor`: looked at, never changed."""

from __future__ import annotations

import ctypes
import fcntl
import ipaddress
import os
import socket
import sqlite3
import struct
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

from seccstack import sdp
from seccstack.adapters.powerline import mac_of
from seccstack.adapters.unavailable import UnavailableError
from seccstack.doctor.judgement import Address, Interface, Listener

SIOCGIFFLAGS = 0x8913
LONGEST_SOCKET_PATH = 107  # of struct sockaddr_un, without the end
TIMEX_OCTETS = 256  # struct timex has 208
NOT_SYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)


def may_send_raw() -> bool:
    """Whether a raw socket can be had."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0).close()
    except PermissionError:
        return False
    return True


def interface(name: str) -> Interface:
    """Look at a network interface."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            mac = mac_of(name)
            request = struct.pack("256s", name.encode())
            flags = fcntl.ioctl(probe.fileno(), SIOCGIFFLAGS, request)[16:18]
        except (UnavailableError, OSError):
            return Interface(name)
    return Interface(name, int.from_bytes(flags, "little"), mac)


def link_local_addresses(name: str) -> list[Address]:
    """Return the link-local addresses of an interface, usable or not."""
    found = []
    for line in _lines("/proc/net/if_inet6"):
        digits, _, _, _, flags, owner = line.split()
        address = ipaddress.IPv6Address(bytes.fromhex(digits))
        if owner == name and address.is_link_local:
            found.append(Address(str(address), int(flags, 16)))
    return found


def ipv6_disabled(name: str) -> bool:
    """Whether IPv6 is switched off on an interface, or altogether."""
    return _lines(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6") != ["0"]


def forwards_ipv6(name: str) -> bool:
    """Whether this machine passes on what comes to an interface and is for others."""
    places = (f"/proc/sys/net/ipv6/conf/{one}/forwarding" for one in ("all", name))
    return any(_lines(place) not in (["0"], []) for place in places)


def listeners(name: str) -> list[Listener]:
    """Return what answers on an interface over IPv6, with the program where it can be seen.

    A service of any address but the loopback's and other links' does: IPv6 does not care by
    which way a packet for this machine has come in.
    """
    own = {address.text for address in link_local_addresses(name)}
    waiting = (("TCP", "/proc/net/tcp6", "0A"), ("UDP", "/proc/net/udp6", "07"))
    found: dict[str, Listener] = {}
    for kind, path, state in waiting:
        for line in _lines(path)[1:]:
            _, local, _, now, *_, inode = line.split()[:10]
            digits, _, port = local.partition(":")
            address = _address(digits)
            reached = address.is_unspecified or str(address) in own
            reached |= address.is_multicast or not (
                address.is_link_local or address.is_loopback
            )
            if now == state and reached:
                found[inode] = Listener(kind, str(address), int(port, 16))
    programs = _programs(set(found))
    named = (replace(one, program=programs.get(inode, "")) for inode, one in found.items())
    return sorted(named, key=lambda one: (one.kind, one.port, one.address))


def _address(digits: str) -> ipaddress.IPv6Address:
    """Read an address as the kernel prints it: four words in this machine's order."""
    words = struct.unpack(">4I", bytes.fromhex(digits))
    return ipaddress.IPv6Address(struct.pack("=4I", *words))


def _programs(inodes: set[str]) -> dict[str, str]:
    """Return the names of the programs behind some sockets, those that may be looked at."""
    names: dict[str, str] = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            for descriptor in (process / "fd").iterdir():
                inode = os.readlink(descriptor).removeprefix("socket:[").removesuffix("]")
                if inode in inodes:
                    names[inode] = (process / "comm").read_text().strip()
    return names


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def sdp_trouble(name: str) -> str | None:
    """Say why SDP cannot be served on an interface; it is tried for a moment."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("ff02::1", sdp.PORT, 0, socket.if_nametoindex(name)))
        except OSError as error:
            return error.strerror
    return None


def tcp_trouble(name: str, address: str, port: int) -> str | None:
    """Say why V2G messages cannot be served there; it is tried for a moment."""
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
        try:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((address, port, 0, socket.if_nametoindex(name)))
        except OSError as error:
            return error.strerror
    return None


def registry_trouble(path: Path) -> str | None:
    """Say what is wrong with the registry's file, or with its folder where there is none."""
    if not os.path.exists(path):  # unlike the path's own method, also where it cannot be seen
        return _folder_trouble(path)
    if not _may(path, os.R_OK | os.W_OK):
        return "it may not be read and written"
    if not _may(path.parent, os.W_OK):  # SQLite keeps its journal beside it
        return f"nothing can be made in {path.parent}"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            [found] = file.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return str(error)
    return None if found == "ok" else str(found)


def socket_trouble(path: Path) -> str | None:
    """Say why a control socket could not be made there."""
    if len(os.fsencode(path)) > LONGEST_SOCKET_PATH:
        return "the path is too long for a socket"
    return _folder_trouble(path)


def _folder_trouble(path: Path) -> str | None:
    if not os.path.isdir(path.parent):
        return f"there is no folder {path.parent}, or it cannot be seen"
    return None if _may(path.parent, os.W_OK) else f"nothing can be made in {path.parent}"


def _may(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=True)


def is_synchronised() -> bool | None:
    """Whether something keeps the wall clock; None: the kernel does not say."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_OCTETS))
    except (OSError, AttributeError):
        return None
    return None if state < 0 else state != NOT_SYNCHRONISED
