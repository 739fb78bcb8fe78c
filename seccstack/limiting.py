"""How the arbiter's word reaches pilot, output and session, and what it has to know for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seccstack import events
from seccstack.auth import contract
from seccstack.energy import arbiter, output
from seccstack.errors import UsageError
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.parts import Parts
from seccstack.pilot import limits
from seccstack.pilot.situation import Haste
from seccstack.session import events as session_events

# How long a vehicle may take to stop, by who leaves it nothing.
HASTE: Mapping[str, Haste] = {arbiter.CABLE: Haste.NOW, arbiter.THERMAL: Haste.SOON}
SINGLE_PHASE = (0,)  # a vehicle that charges on one phase charges on L1


class Limiting:
    """One outlet's limits, above all the machines.

    Which phases the vehicle uses is what it has said, and every phase on which it was seen to
    draw besides; it is not known before either.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._said: tuple[int, ...] = ()
        self._seen: tuple[int, ...] = ()

    def offered(self, said: events.LimitOffered | events.LimitPlanned, now: float) -> None:
        """Somebody outside has a say."""
        try:
            if said.source in arbiter.OURS:
                raise UsageError("it is the outlet's own")
            if isinstance(said, events.LimitPlanned):
                planned = arbiter.LimitPlanned(said.source, said.steps, said.reason)
                self._parts.feed(self._parts.arbiter, planned, now)
                return
            words = (said.source, said.amps, said.until, said.reason, said.each)
            self._parts.feed(self._parts.arbiter, arbiter.LimitOffered(*words), now)
        except (UsageError, ValueError) as error:
            self._parts.emit(events.Ignored(f"limit of {said.source}", str(error)))

    def changed(self, changed: arbiter.LimitChanged, now: float) -> None:
        """Another limit holds: let everybody know."""
        parts, amps, source = self._parts, changed.amps, changed.source
        because = {"why": changed.reason} if changed.reason else {}
        differ = len({(phase.amps, phase.source) for phase in changed.phases}) > 1
        spread = [{"amps": phase.amps, "source": phase.source} for phase in changed.phases]
        phases = {"phases": spread} if differ else {}
        watts = round(parts.watts(amps))  # as some messages tell it
        parts.note("limit", amps=amps, source=source, watts=watts, **because, **phases)
        haste = HASTE.get(source, Haste.NONE)
        worth = parts.worth(amps)
        parts.feed(parts.pilot, limits.LimitSet(worth, haste), now)
        parts.guard(output.PowerLimited(parts.watts(amps)), now)
        parts.share(session_events.LimitChanged(worth), now)

    def foreseen(self, foreseen: arbiter.ForecastChanged, now: float) -> None:
        """It will probably change like this."""
        told = [{"seconds": round(at - now), "amps": amps} for at, amps in foreseen.steps]
        self._parts.note("forecast", steps=told)
        self._parts.share(session_events.ForecastChanged(foreseen.steps, foreseen.plans), now)

    def follow(self, crossing: Any, now: float) -> None:
        """Take what says which phases the vehicle uses."""
        match crossing:
            case contract.ContractAccepted():
                return self._by_contract(self._parts.settings.contract_amps, now)
            case contract.ContractWithdrawn():
                return self._by_contract(None, now)
            case limits.Unplugged():
                self._by_contract(None, now)
                self._said = self._seen = ()
            case arbiter.PhasesUsed(phases):
                self._seen = phases
            case session_events.Exchanged(name="ChargeParameterDiscoveryReq", message=message):
                body = getattr(message, "body", None)
                wanted = getattr(body, "requested_energy_transfer_mode", None)
                single = EnergyTransferMode.AC_SINGLE_PHASE_CORE
                self._said = SINGLE_PHASE if wanted is single else ()
            case _:
                return None
        used = tuple(sorted({*self._said, *self._seen}))
        return self._parts.feed(self._parts.arbiter, arbiter.PhasesUsed(used), now)

    def _by_contract(self, amps: float | None, now: float) -> None:
        why = "" if amps is None else "it pays by contract"
        offered = arbiter.LimitOffered(arbiter.CONTRACT, amps, None, why)
        self._parts.feed(self._parts.arbiter, offered, now)
