"""Packets of an interface, a line for each: nanoseconds since 1970, and the octets.

    ip netns exec PLACE python -m tools.captures.sniffer eth0

Says `ready` first, and goes on until it is ended. Only what this field speaks: the powerline's
management messages, and UDP and TCP over IPv6. Needs CAP_NET_RAW.
"""

from __future__ import annotations

import socket
import sys
import time

from seccstack.homeplug.frame import ETHERTYPE as POWERLINE

ALL_PROTOCOLS = 0x0003
IPV6 = b"\x86\xdd"
LONGEST = 1 << 16
TRANSPORTS = (6, 17)  # TCP, UDP


def wanted(octets: bytes) -> bool:
    """Whether a packet is of this field."""
    kind = octets[12:14]
    return kind == POWERLINE.to_bytes(2, "big") or (
        kind == IPV6 and octets[20:21] != b"" and octets[20] in TRANSPORTS
    )


def main() -> None:
    """Run the command line."""
    [_, interface] = sys.argv
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS)) as line:
        line.bind((interface, ALL_PROTOCOLS))
        print("ready", flush=True)
        while True:
            octets = line.recv(LONGEST)
            if wanted(octets):
                print(time.time_ns(), octets.hex(), flush=True)


if __name__ == "__main__":
    main()
