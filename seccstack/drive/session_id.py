"""Changing a recorded request's session id, and not another bit of it.

Decoding and encoding anew would mend what is odd about a car's bytes, and what is odd about
them is what a recording is for.
"""

from __future__ import annotations

from collections.abc import Mapping

# A message begins: EXI header (8 bits), its own event code (5 to 9, by the schema), SE(Header),
# SE(SessionID), CH (1 each), the length as one octet, and then the octets of the session id. An
# id of ours at a wrong place by chance is as likely as one that is guessed.
FIRST_BITS = range(8 + 5 + 3 + 8, 8 + 9 + 3 + 8 + 1)
OCTETS = 8


def patched(exi: bytes, session_ids: Mapping[bytes, bytes]) -> bytes:
    """Return the message with its session id exchanged for the one it stands for, if any."""
    bits = int.from_bytes(exi, "big")
    for first in FIRST_BITS:
        spare = len(exi) * 8 - first - OCTETS * 8
        if spare < 0:
            break
        length = bits >> (spare + OCTETS * 8) & 0xFF
        mask = ((1 << OCTETS * 8) - 1) << spare
        ours = session_ids.get(((bits & mask) >> spare).to_bytes(OCTETS, "big"))
        if length == OCTETS and ours is not None and len(ours) == OCTETS:
            changed = bits & ~mask | int.from_bytes(ours, "big") << spare
            return changed.to_bytes(len(exi), "big")
    return exi
