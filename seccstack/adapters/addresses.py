"""What Linux knows of addresses: an interface's link-local one, a neighbour's Ethernet one."""

from __future__ import annotations

import ipaddress
import socket
import struct
from pathlib import Path

from seccstack.adapters.unavailable import UnavailableError

# linux/if_addr.h, linux/rtnetlink.h, linux/neighbour.h
UNUSABLE = 0x40 | 0x08  # duplicate address detection is still running, or has found one
RTM_NEWNEIGH, RTM_GETNEIGH, NLM_F_REQUEST = 28, 30, 1
NDA_DST, NDA_LLADDR = 1, 2
NUD_VERIFIED = 0x02 | 0x40 | 0x80  # reachable just now, needs no asking, permanent
ANSWER_SECONDS = 0.05  # the kernel answers at once; this only bounds a surprise


def link_local(interface: str) -> str:
    """Return the IPv6 link-local address of an interface, without scope."""
    for line in _addresses():
        digits, _, _, _, flags, name = line.split()
        address = ipaddress.IPv6Address(bytes.fromhex(digits))
        if name == interface and address.is_link_local and not int(flags, 16) & UNUSABLE:
            return str(address)
    raise UnavailableError(
        f"interface {interface!r} has no usable IPv6 link-local address; bring it up with "
        f"`ip link set {interface} up`; see that net.ipv6.conf.{interface}.disable_ipv6 is 0",
        waiting_helps=True,
    )


def _addresses() -> list[str]:
    try:
        return Path("/proc/net/if_inet6").read_text().splitlines()
    except FileNotFoundError:  # a kernel without IPv6, or started with ipv6.disable=1
        return []


def neighbour_mac(
    address: str, interface_index: int, *, verified: bool = False
) -> bytes | None:
    """Return the Ethernet address behind an IPv6 address, as the kernel has it.

    ``verified``: only if it has just been heard from there. What the kernel remembers may be
    days old, and of somebody who was there under another's address.
    """
    destination = socket.inet_pton(socket.AF_INET6, address)
    attribute = struct.pack("=HH", 4 + len(destination), NDA_DST) + destination
    body = struct.pack("=BxxxiHBB", socket.AF_INET6, interface_index, 0, 0, 0) + attribute
    header = struct.pack("=IHHII", 16 + len(body), RTM_GETNEIGH, NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.settimeout(ANSWER_SECONDS)
        try:
            netlink.send(header + body)
            answer = netlink.recv(4096)
        except OSError:
            return None
    return _lladdr(answer, verified)


def _lladdr(answer: bytes, verified: bool) -> bytes | None:
    """Read NDA_LLADDR out of one RTM_NEWNEIGH message."""
    length, kind = struct.unpack_from("=IH", answer)
    if kind != RTM_NEWNEIGH:
        return None
    [state] = struct.unpack_from("=H", answer, 16 + 8)  # ndm_state
    if verified and not state & NUD_VERIFIED:
        return None
    at = 16 + 12
    while at + 4 <= min(length, len(answer)):
        size, attribute = struct.unpack_from("=HH", answer, at)
        if attribute == NDA_LLADDR and size == 4 + 6:
            return answer[at + 4 : at + size]
        at += (max(size, 4) + 3) & ~3
    return None
