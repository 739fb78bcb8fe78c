"""TLS key logs: the secrets of connections, in the NSS format that all libraries write."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

MASTER = "CLIENT_RANDOM"  # TLS 1.2: the master secret
HANDSHAKE, APPLICATION = "HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0"  # TLS 1.3
OF_BOTH_SIDES = {
    f"{side}_{kind}" for side in ("CLIENT", "SERVER") for kind in (HANDSHAKE, APPLICATION)
}
UNUSED = {
    "CLIENT_EARLY_TRAFFIC_SECRET",
    "EARLY_EXPORTER_SECRET",
    "EXPORTER_SECRET",
    "ECH_SECRET",
    "ECH_CONFIG",
    "RSA",
}
RANDOM_SIZE = 32
MASTER_SIZE = 48
SECRET_SIZES = (32, 48)  # of SHA-256 and SHA-384

MAX_SECRETS = 200_000  # of 40,000 connections; a test bench's log of some years
DROPPED = MAX_SECRETS // 20  # at once: to take the first of a dict again and again is slow
MAX_LINE = 4096  # octets; a secret's line has 180, but comments are as long as anybody likes
MAX_PROBLEMS = 20  # lines that can't be read; a file with more is no key log
SHOWN = 40  # characters of such a line's first word


@dataclass(slots=True)
class KeyLog:
    """The secrets of many connections; `problems` are what of the lines could not be used."""

    secrets: dict[tuple[bytes, str], bytes] = field(default_factory=dict, repr=False)
    problems: list[str] = field(default_factory=list)
    dropped: int = 0  # secrets for which there was no room, the oldest

    def add(self, lines: bytes, source: str = "") -> None:
        """Take the lines of a log; ``source`` is what problems call it."""
        self.read(lines.splitlines(), source)

    def read(self, lines: Iterable[bytes], source: str = "") -> None:
        """Take the lines of a log one by one; what turns out to be none is not read on."""
        before = self.dropped
        for number, line in enumerate(lines, 1):
            problem = self._line(line.strip())
            if problem and len(self.problems) < MAX_PROBLEMS:
                self.problems.append(f"{source or 'key log'}: line {number}: {problem}")
            if len(self.problems) == MAX_PROBLEMS and not self.secrets:
                return
        if self.dropped > before:
            what = f"the oldest {self.dropped - before} secrets are dropped"
            self.problems.append(f"{source or 'key log'}: {what}, {MAX_SECRETS} is room for")

    def secret(self, random: bytes, label: str) -> bytes | None:
        """Return a secret of the connection whose ClientHello has this random."""
        return self.secrets.get((random, label))

    def knows(self, random: bytes) -> bool:
        """Whether there is a secret of that connection."""
        return any((random, label) in self.secrets for label in (MASTER, *OF_BOTH_SIDES))

    def _line(self, line: bytes) -> str:
        """Take a line; return what is wrong with it."""
        if not line or line.startswith(b"#"):
            return ""
        label, *values = line.decode("ascii", "backslashreplace").split()
        if label in UNUSED:
            return ""
        if label != MASTER and label not in OF_BOTH_SIDES:
            return f"no label of a TLS secret: {label[:SHOWN]!r}"
        octets = list(_octets(values))
        if len(octets) != 2:
            return f"{label} needs a client random and a secret, both hexadecimal"
        random, secret = octets
        sizes = (MASTER_SIZE,) if label == MASTER else SECRET_SIZES
        if len(random) != RANDOM_SIZE or len(secret) not in sizes:
            return f"{label} with {len(random)} and {len(secret)} octets"
        return self._keep(random, label, secret)

    def _keep(self, random: bytes, label: str, secret: bytes) -> str:
        known = self.secrets.get((random, label))
        if known is not None:
            return "" if known == secret else f"{label} contradicts a line before it"
        if len(self.secrets) >= MAX_SECRETS:
            for oldest in list(islice(self.secrets, DROPPED)):
                del self.secrets[oldest]
            self.dropped += DROPPED
        self.secrets[random, label] = secret
        return ""


def _octets(values: Iterable[str]) -> Iterable[bytes]:
    for value in values:
        try:
            yield bytes.fromhex(value)
        except ValueError:
            return
