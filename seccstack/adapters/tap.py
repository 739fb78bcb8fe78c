"""What a recorder hears on the wire itself: the octets of streams, below TLS.

Frames and datagrams cross the outlet's seam as they are on the wire, and are taken from there.
Streams do not: under TLS the seam has what was said, the wire what was sent. So whoever holds
the socket tells both ends of it, as soon as the octets are read or written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

from seccstack import events

Side = Literal["ev", "evse"]
Ends = tuple[tuple[str, int], tuple[str, int]]  # the vehicle's address and port, then ours


class Tap(Protocol):
    """Hears; never answers, never fails, and takes no time worth mentioning."""

    def network(self, address: str, mac: bytes | None) -> None:
        """SDP and TCP are served at this address; ``mac``: our Ethernet one, where known."""

    def opened(self, stream: int, ends: Ends) -> None:
        """A TCP connection was accepted; streams are numbered as in the outlet's events."""

    def octets(self, stream: int, sender: Side, octets: bytes) -> None:
        """One side sent this."""

    def closed(self, stream: int, sender: Side, *, reset: bool) -> None:
        """One side sends no more: in an orderly way, or it reset the connection."""

    def secrets(self, lines: bytes) -> None:
        """Lines of a TLS key log (SSLKEYLOGFILE) became known."""


class Hearer(Tap, Protocol):
    """A tap that sees every step of the outlet's, too: a recorder."""

    def observe(
        self, now: float, event: events.Event | None, actions: Sequence[events.Action]
    ) -> None:
        """Take a step: what the outlet was given (None: only time), what it did."""

    def close(self) -> None:
        """Complete what was begun."""


class Nobody:
    """A tap that nobody listens at."""

    def network(self, address: str, mac: bytes | None) -> None:
        """Hear nothing."""

    def opened(self, stream: int, ends: Ends) -> None:
        """Hear nothing."""

    def octets(self, stream: int, sender: Side, octets: bytes) -> None:
        """Hear nothing."""

    def closed(self, stream: int, sender: Side, *, reset: bool) -> None:
        """Hear nothing."""

    def secrets(self, lines: bytes) -> None:
        """Hear nothing."""


NOBODY = Nobody()
