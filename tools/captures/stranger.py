"""A vehicle whose TLS fails: it trusts nobody here, or nobody can trust it.

    ip netns exec PLACE python -m tools.captures.stranger ev0 refused
    ip netns exec PLACE python -m tools.captures.stranger ev0 required

The first refuses the charger's certificate; the second has none of its own to show.

The refusal is OpenSSL's own alert, unknown_ca, as from a vehicle that lacks the root. (asyncio
hangs up without it.) Says the same word at the end; anything else is a failure.
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
    [_, interface, how] = sys.argv
    address, port = found(interface)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without any root
    context.check_hostname = False
    if how == "required":
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((f"{address}%{interface}", port), SECONDS) as stream:
        try:
            context.wrap_socket(stream).recv(1)
        except ssl.SSLCertVerificationError:
            print("refused", flush=True)
        except ssl.SSLError as error:
            if "CERTIFICATE_REQUIRED" in str(error.reason):
                print("required", flush=True)


if __name__ == "__main__":
    main()
