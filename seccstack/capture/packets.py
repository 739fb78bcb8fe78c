"""What a capture file of any format holds: packets, and words about what was lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

MAX_CAPTURED = 262_144  # octets of a packet; libpcap's own greatest snap length
MOST_DAMAGED = 1 << 24  # octets searched for the next packet; packed, a file has any number
CHUNK = 1 << 20  # octets read from a file at once: few calls, little memory


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet as it was captured; `number` counts from 1 and is the order to trust.

    Clocks of capturing machines jump, also backwards; ``note`` says what is odd about it,
    ``remarks`` what our own flight recorder has told beside it, a line each.
    """

    number: int
    time: float
    link_type: int
    octets: bytes
    note: str = ""
    remarks: str = ""


@dataclass(frozen=True, slots=True)
class Lost:
    """Something of the file could not be read: between packet `after` and the next."""

    after: int
    what: str


@dataclass(frozen=True, slots=True)
class Secrets:
    """Lines of a TLS key log that the file carries in a block of its own."""

    lines: bytes = field(repr=False)


Record = Packet | Lost | Secrets


class Window:
    """A file's octets, seen through a window that only moves forward."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._passed = 0
        self.octets = b""
        self.at = 0

    @property
    def position(self) -> int:
        """Where in the file the window's ``at`` is."""
        return self._passed + self.at

    def holds(self, count: int) -> bool:
        """Whether the file goes on for that many octets; afterwards they are in the window."""
        while self.left < count:
            more = self._read(max(CHUNK, count))
            if not more:
                return False
            self._passed += self.at
            self.octets = self.octets[self.at :] + more
            self.at = 0
        return True

    def give_up(self) -> None:
        """Let the file end here."""
        self._read = lambda count: b""
        self.take(self.left)

    @property
    def left(self) -> int:
        """How many octets of the window lie ahead."""
        return len(self.octets) - self.at

    def take(self, count: int) -> bytes:
        """Return the next octets, fewer where the file ends, and move past them."""
        taken = self.octets[self.at : self.at + count]
        self.at += len(taken)
        return taken
