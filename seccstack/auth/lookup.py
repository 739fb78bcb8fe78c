"""What a registry answers when it is asked about a vehicle."""

from __future__ import annotations

from seccstack.auth.addresses import rotating
from seccstack.auth.events import VehicleFound
from seccstack.auth.port import Registry
from seccstack.auth.suspicion import MAX_RELATIVES, Relative


def vehicle_found(registry: Registry, mac: bytes) -> VehicleFound:
    """Ask a registry all that a decision needs of it."""
    record, relatives = registry.vehicle(mac), []
    if record is None and rotating(mac):
        family = [known for known in registry.vehicles() if rotating(known.mac)]
        relatives = [Relative(r, registry.prints(r.mac)) for r in family[:MAX_RELATIVES]]
    return VehicleFound(
        mac,
        record,
        registry.used_tls(mac),
        registry.prints(mac) if record else (),
        tuple(relatives),
    )
