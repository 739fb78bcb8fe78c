"""How a vehicle opens a TCP connection: what the sender of a SYN chooses freely, in words.

Window, hop limit and options are its network stack's habit, and the same each time; an address
is copied more easily than they are.
"""

from __future__ import annotations

import struct

END_OF_OPTIONS, NO_OPERATION = 0, 1
OPTIONS = {1: "NOP", 2: "MSS", 3: "WS", 4: "SACK", 8: "TS"}
TOLD_WITH_VALUE = frozenset({2, 3})  # a timestamp is another each time
IPV6_OCTETS, TCP_OCTETS = 40, 20  # of their headers, without options
TCP = 6


def opening(window: int, hop_limit: int, options: bytes) -> str:
    """Say how a SYN was made; cut options are told as far as they go."""
    told = []
    while options and options[0] != END_OF_OPTIONS:
        kind = options[0]
        size = 1 if kind == NO_OPERATION else options[1] if len(options) > 1 else 0
        if size == 0:
            break
        value = f"={int.from_bytes(options[2:size])}" if kind in TOLD_WITH_VALUE else ""
        told.append(f"{OPTIONS.get(kind, kind)}{value}")
        options = options[size:]
    return f"window {window}, hop limit {hop_limit}, options {' '.join(told) or 'none'}"


def opening_of(headers: bytes) -> str:
    """Say it of the IPv6 and TCP headers of a SYN; of anything else, nothing."""
    if len(headers) < IPV6_OCTETS + TCP_OCTETS or headers[0] >> 4 != 6 or headers[6] != TCP:
        return ""
    segment = headers[IPV6_OCTETS:]
    (window,) = struct.unpack_from(">H", segment, 14)
    end = max((segment[12] >> 4) * 4, TCP_OCTETS)
    return opening(window, headers[7], segment[TCP_OCTETS:end])
