"""How a simulated vehicle looks for an SECC: it asks, and asks again, until it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from seccstack import sdp
from seccstack.errors import MalformedError

INTERVAL = 0.25  # seconds between SECC Discovery Requests
REQUESTS = 50  # then it gives up


@dataclass(slots=True)
class Search:
    """One search; ``deadline``: when the next request goes out, or None while nobody looks."""

    deadline: float | None = None
    left: int = 0

    def begin(self, at: float) -> None:
        """Look, from then on."""
        self.deadline, self.left = at, REQUESTS

    def stop(self) -> None:
        """Look no more."""
        self.deadline = None

    def ask(self, now: float) -> bytes | None:
        """Return the request that is due now; None: it is given up."""
        if self.left == 0:
            self.stop()
            return None
        self.left -= 1
        self.deadline = now + INTERVAL
        return sdp.SdpRequest(sdp.SECURITY_NONE).encode()

    def found(self, octets: bytes) -> sdp.SdpResponse | None:
        """Take a datagram; return what it answers, if that was being waited for."""
        if self.deadline is None:
            return None
        try:
            response = sdp.SdpResponse.decode(octets)
        except MalformedError:
            return None
        self.stop()
        return response
