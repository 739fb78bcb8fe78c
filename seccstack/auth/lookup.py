"""What a registry answers when it is asked about a vehicle, or to keep one."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from seccstack.auth.addresses import ROTATING, rotating
from seccstack.auth.contract import NOT_ALLOWED, ContractFound
from seccstack.auth.decision import VehicleRecord, objection
from seccstack.auth.enrolment_events import Enrol, EnrolAnswered
from seccstack.auth.events import VehicleFound
from seccstack.auth.port import Enrolled, Registry, RegistryError
from seccstack.auth.suspicion import MAX_RELATIVES, Relative
from seccstack.auth.vouching import vouched_for


def vehicle_found(registry: Registry, mac: bytes, now: float) -> VehicleFound:
    """Ask a registry all that a decision needs of it; ``now``: seconds since 1970."""
    record, relatives = registry.vehicle(mac), []
    if record is None and rotating(mac):
        family = registry.vehicles_of(ROTATING, MAX_RELATIVES)
        relatives = [
            Relative(one, registry.prints(one.mac), vouched_for(registry, one, now))
            for one in family
        ]
    return VehicleFound(
        mac,
        record,
        registry.used_tls(mac),
        registry.prints(mac) if record else (),
        tuple(relatives),
    )


def contract_found(registry: Registry, emaid: str) -> ContractFound:
    """Say whether the owner has registered a contract, and it counts."""
    record = registry.contract(emaid)
    if record is None:
        return ContractFound(emaid, NOT_ALLOWED, f"contract {emaid} is not registered")
    why = objection(record)
    if why is not None:
        return ContractFound(emaid, NOT_ALLOWED, f"contract {emaid} {why}")
    named = f" ({record.label})" if record.label else ""
    return ContractFound(emaid, None, f"and it is registered{named}")


def enrolled(registry: Registry, enrol: Enrol, at: float) -> EnrolAnswered:
    """Have a registry keep something new, as of now; it has when this returns."""
    record = replace(enrol.record, added_at=at)
    if isinstance(record, VehicleRecord):  # it is here
        record = replace(record, first_seen=at, last_seen=at, times_seen=1)
    outcome = registry.enrol(record, enrol.most)
    if outcome is Enrolled.ADDED and isinstance(record, VehicleRecord):
        with suppress(RegistryError):  # it is registered, whatever becomes of that
            for fingerprint in enrol.fingerprints:
                registry.learn(record.mac, fingerprint)
    return EnrolAnswered(enrol.ticket, outcome)
