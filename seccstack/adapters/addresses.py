"""What Linux knows of addresses: an interface's link-local one, a neighbour's Ethernet one."""

from __future__ import annotations

import ipaddress
import socket
import struct
from pathlib import Path

from seccstack.adapters.unavailable import UnavailableError

# linux/if_addr.h, linux/rtnetlink.h, linux/neighbour.h
UNUSABLE = 0x40 | 0x08  # duplicate address detection is still running, or has found one
RTM_NEWNEIGH, RTM_DELNEIGH, RTM_GETNEIGH = 28, 29, 30
NLM_F_REQUEST, NLM_F_DUMP, NLMSG_DONE = 1, 0x300, 3
NDA_DST, NDA_LLADDR = 1, 2
NUD_VERIFIED = 0x02 | 0x40 | 0x80  # reachable just now, needs no asking, permanent
NUD_SET = 0x40 | 0x80  # not learned, but set, or needing no learning
ANSWER_SECONDS = 0.05  # the kernel answers at once; this only bounds a surprise
MOST_ANSWERS = 64  # to one question for all neighbours, of 8 kB each: more than a kernel keeps


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


def forget_neighbours(interface_index: int) -> None:
    """Have the kernel forget who is behind which IPv6 address of an interface.

    For half a minute it would send to whoever was there last what is meant for who is there
    now. Without the privilege to (CAP_NET_ADMIN) it does.
    """
    for destination in _neighbours(interface_index):
        attribute = struct.pack("=HH", 4 + len(destination), NDA_DST) + destination
        _ask(interface_index, RTM_DELNEIGH, NLM_F_REQUEST, attribute)


def _neighbours(interface_index: int) -> list[bytes]:
    """Return the IPv6 addresses that the kernel has learned of."""
    return [
        address
        for message in _ask(interface_index, RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, b"")
        if (address := _learned(message, interface_index)) is not None
    ]


def _ask(interface_index: int, kind: int, flags: int, attributes: bytes) -> list[bytes]:
    """Tell the kernel something; return its messages, if there will be more than one."""
    body = struct.pack("=BxxxiHBB", socket.AF_INET6, interface_index, 0, 0, 0) + attributes
    header = struct.pack("=IHHII", 16 + len(body), kind, flags, 1, 0)
    messages: list[bytes] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.settimeout(ANSWER_SECONDS)
        try:
            netlink.send(header + body)
            for _ in range(MOST_ANSWERS if flags & NLM_F_DUMP else 0):
                found = _messages(netlink.recv(65536))
                messages += found
                if not found or struct.unpack_from("=H", found[-1], 4) == (NLMSG_DONE,):
                    break
        except OSError:
            pass  # what is not known is not forgotten
    return messages


def _messages(answer: bytes) -> list[bytes]:
    found, at = [], 0
    while at + 16 <= len(answer):
        [length] = struct.unpack_from("=I", answer, at)
        found.append(answer[at : at + length])
        at += (max(length, 16) + 3) & ~3
    return found


def _learned(message: bytes, interface_index: int) -> bytes | None:
    """Read NDA_DST out of an RTM_NEWNEIGH message of this interface."""
    if struct.unpack_from("=H", message, 4) != (RTM_NEWNEIGH,) or len(message) < 28:
        return None
    index, state = struct.unpack_from("=iH", message, 16 + 4)
    if index != interface_index or state & NUD_SET:
        return None
    return _attribute(message, NDA_DST, 16)


def _lladdr(answer: bytes, verified: bool) -> bytes | None:
    """Read NDA_LLADDR out of one RTM_NEWNEIGH message."""
    length, kind = struct.unpack_from("=IH", answer)
    if kind != RTM_NEWNEIGH:
        return None
    [state] = struct.unpack_from("=H", answer, 16 + 8)  # ndm_state
    if verified and not state & NUD_VERIFIED:
        return None
    return _attribute(answer[:length], NDA_LLADDR, 6)


def _attribute(message: bytes, kind: int, octets: int) -> bytes | None:
    at = 16 + 12
    while at + 4 <= len(message):
        size, attribute = struct.unpack_from("=HH", message, at)
        if attribute == kind and size == 4 + octets:
            return message[at + 4 : at + size]
        at += (max(size, 4) + 3) & ~3
    return None
