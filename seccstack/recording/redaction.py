"""What a recording does not disclose unless its owner wants it to: network keys.

A network key is replaced by one that follows from it and from which nothing leads back: half of
its SHA-256. It is the same wherever the key stands, so a recording still runs again with
identical actions. In a sidecar the network id is replaced with it, because the machine derives
the one from the other; on the wire, where everybody could hear it, it is the real one.

TLS secrets are not replaced but left out. Not hidden are MAC addresses, EVCCIDs and cards: a
recording of a charge that does not say who charged answers few questions, and its files are for
their owner alone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from hashlib import sha256

from seccstack.homeplug.frame import untagged
from seccstack.homeplug.keys import network_id
from seccstack.recording.values import digits

KEY_OCTETS = 16
MAX_OWN = 8  # keys of ours that may still be somewhere: there is a new one for each plug-in
# Where a key is in the messages that have one, by their type, counted from the end of the
# header. Not by decoding them: a message that can't be decoded may still have a key in it.
PLACES = {
    0x6008: 22,  # CM_SET_KEY.REQ
    0x600D: 22,  # CM_GET_KEY.CNF
    0x607D: 74,  # CM_SLAC_MATCH.CNF
}
VERSION, TYPE = 14, slice(15, 17)  # where in a frame
SHORT_HEADER, HEADER = 17, 19


@dataclass(frozen=True, slots=True)
class Known:
    """A key of ours, and what stands for it."""

    key: bytes = field(repr=False)
    network: bytes
    new_key: bytes
    new_network: bytes


class Redaction:
    """Writes octets as they may be disclosed; ``off`` discloses everything."""

    def __init__(self, *, off: bool = False) -> None:
        self.off = off
        self._own: deque[Known] = deque(maxlen=MAX_OWN)

    def draw(self, key: bytes) -> None:
        """Take note of a key of ours, wherever it may turn up."""
        new = stand_in(key)
        known = Known(key, network_id(key), new, network_id(new))
        if known not in self._own:
            self._own.append(known)

    def text(self, octets: bytes) -> str:
        """Write octets for the sidecar, where one thing must still follow from another."""
        if not self.off:
            for known in self._own:
                octets = octets.replace(known.key, known.new_key)
                octets = octets.replace(known.network, known.new_network)
        return digits(octets)

    def frame_text(self, frame: bytes) -> str:
        """Write a powerline frame for the sidecar; it may have a key of another station's."""
        return self.text(frame if self.off else without_key(frame))

    def frame(self, frame: bytes) -> bytes:
        """Return a powerline frame as it is shown on the wire."""
        return frame if self.off else without_key(frame)


def stand_in(key: bytes) -> bytes:
    """Return what is written for a network key."""
    return sha256(b"seccstack recording" + key).digest()[:KEY_OCTETS]


def without_key(frame: bytes) -> bytes:
    """Return a frame with the key replaced that it has at its place, if it has one there."""
    plain = untagged(frame)
    place = PLACES.get(int.from_bytes(plain[TYPE], "little"))
    if place is None:
        return frame
    tags = len(frame) - len(plain)
    at = tags + place + (HEADER if plain[VERSION] else SHORT_HEADER)
    key = frame[at : at + KEY_OCTETS]
    return frame[:at] + stand_in(key)[: len(key)] + frame[at + KEY_OCTETS :]
