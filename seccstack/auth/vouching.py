"""Which cards vouch for which vehicles, as a registry keeps it: a text, and what is made of it.

A card that was needed for a vehicle that is probably a registered one says that it is. So the
next one that is like it may do without, as far as `seccstack.auth.claims` lets it. That card
has to be registered still, and the vehicle not to have been registered anew since.
"""

from __future__ import annotations

import json

from seccstack.auth.addresses import format_mac
from seccstack.auth.decision import VehicleRecord, objection
from seccstack.auth.port import Registry
from seccstack.auth.suspicion import MAX_RELATIVES

KEPT = "vouched"  # the name under which it is kept

Vouched = dict[str, tuple[float, str]]  # by MAC address: when (seconds since 1970), which card


def vouch(registry: Registry, mac: bytes, uid: str, now: float) -> None:
    """Keep it; of too many the oldest go."""
    known = _read(registry.kept(KEPT))
    known[format_mac(mac)] = now, uid
    latest = sorted(known.items(), key=lambda one: one[1])[-MAX_RELATIVES:]
    registry.keep(KEPT, json.dumps(dict(latest)))


def vouched_for(registry: Registry, record: VehicleRecord, now: float) -> float | None:
    """Return how many seconds ago a card has vouched for a vehicle, if it still counts."""
    at, uid = _read(registry.kept(KEPT)).get(format_mac(record.mac), (None, ""))
    card = None if at is None else registry.card(uid)
    if at is None or card is None or card.setup or objection(card) is not None:
        return None
    # A clock that went back makes nothing younger than it is.
    return now - at if record.added_at <= at <= now else None


def _read(text: str | None) -> Vouched:
    """Read what was kept; what is broken vouches for nobody."""
    try:
        value = json.loads(text or "{}")
        return {str(mac): (float(at), str(uid)) for mac, (at, uid) in value.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        return {}
