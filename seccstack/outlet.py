"""What one outlet is, and how it behaves: all that a `ChargePoint` is told before it starts."""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack import sdp
from seccstack.auth import contract, enrolling, judgement
from seccstack.energy import arbiter, floor, watchdog_events
from seccstack.experience import policy
from seccstack.pilot import settings
from seccstack.session.plant import Charger
from seccstack.slac import station


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Currents are in amperes per phase; what has a default may be left as it is."""

    charger: Charger
    rated_amps: float
    safe_amps: float = arbiter.MOST_FAIL_SAFE_AMPS
    sources: tuple[arbiter.Source, ...] = ()  # of limits, whose word is waited for
    contract_amps: float | None = None  # for a vehicle that pays by contract
    single_phase_amps: float | None = None  # for a vehicle that uses one phase of three
    access: judgement.Settings = field(default_factory=judgement.Settings)
    enrolment: enrolling.Settings = field(default_factory=enrolling.Settings)
    contract: contract.Settings = field(default_factory=contract.Settings)
    pilot: settings.Settings = settings.DEFAULTS
    start: policy.Settings = policy.FIXED
    watchdog: watchdog_events.Settings = watchdog_events.DEFAULTS
    floor: floor.Settings = floor.DEFAULTS
    slac: station.Settings = station.DEFAULTS
    tls: sdp.Tls = sdp.Tls.FORBIDDEN
