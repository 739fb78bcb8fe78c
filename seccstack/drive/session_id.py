"""Changing a recorded request's session id, and not another bit of it.

Decoding and encoding anew would mend what is odd about a car's bytes, and what is odd about
them is what a recording is for.
"""

from __future__ import annotations

from collections.abc import Mapping

# A message of -2 begins: EXI header (8 bits), SE(V2G_Message) (7), SE(Header), SE(SessionID),
# CH (1 each), the length as one octet, and then the octets of the session id.
FIRST_BIT = 8 + 7 + 3 + 8
OCTETS = 8


def patched(exi: bytes, session_ids: Mapping[bytes, bytes]) -> bytes:
    """Return the message with its session id exchanged for the one it stands for, if any."""
    spare = len(exi) * 8 - FIRST_BIT - OCTETS * 8
    if spare < 0:
        return exi
    bits = int.from_bytes(exi, "big")
    mask = ((1 << OCTETS * 8) - 1) << spare
    length = bits >> (spare + OCTETS * 8) & 0xFF
    session_id = ((bits & mask) >> spare).to_bytes(OCTETS, "big")
    ours = session_ids.get(session_id)
    if ours is None or length != OCTETS or len(ours) != OCTETS:
        return exi
    changed = bits & ~mask | int.from_bytes(ours, "big") << spare
    return changed.to_bytes(len(exi), "big")
