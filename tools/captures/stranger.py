"""A vehicle that trusts nobody here: it finds the charger, and refuses its certificate.

    ip netns exec PLACE python -m tools.captures.stranger ev0

The refusal is OpenSSL's own alert, unknown_ca, as from a vehicle that lacks the root. (asyncio
hangs up without it.) Says `refused` at the end; anything else is a failure.
"""

from __future__ import annotations

import socket
import ssl
import sys
from ipaddress import IPv6Address

from seccstack import sdp

SECONDS = 5.0
LONGEST = 64  # octets of an SDP response, and more


def found(interface: str) -> tuple[str, int]:
    """Ask for the charger's address and port."""
    scope = socket.if_nametoindex(interface)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as asking:
        asking.settimeout(SECONDS)
        request = sdp.SdpRequest(sdp.SECURITY_TLS).encode()
        asking.sendto(request, (str(IPv6Address(sdp.ALL_NODES)), sdp.PORT, 0, scope))
        response = sdp.SdpResponse.decode(asking.recv(LONGEST))
    return str(IPv6Address(response.address)), response.port


def main() -> None:
    """Run the command line."""
    [_, interface] = sys.argv
    address, port = found(interface)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without any root
    context.check_hostname = False
    with socket.create_connection((f"{address}%{interface}", port), SECONDS) as stream:
        try:
            context.wrap_socket(stream)
        except ssl.SSLCertVerificationError:
            print("refused", flush=True)


if __name__ == "__main__":
    main()
