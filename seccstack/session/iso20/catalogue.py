"""ISO 15118-20, what is on offer: energy services with their parameter sets, and others.

A parameter set is a way to use a service: through which connector, and who says what flows
when. At most four of them have at most eight parameters, because codecs made with cbexigen take
no more. What the departure and the state of charge are to be is the vehicle's to say
(MobilityNeedsMode 1): this charger has nobody who would tell it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seccstack.messages.iso20_common import (
    Parameter,
    ParameterSet,
    Service,
    ServiceList,
    ServiceParameterList,
)
from seccstack.session import plant
from seccstack.session.iso20 import record
from seccstack.session.iso20.record import Chosen, Control, Pricing, Session

Energy = record.Service

SINGLE_PHASE, THREE_PHASE = 1, 2  # Connector, of AC
EXTENDED = 2  # Connector, of DC: CCS
EVCC_ONLY = 1  # MobilityNeedsMode: the vehicle knows what it needs
UNIFIED = 1  # BPTChannel: what goes back does so on the same wires, past the same meter
GRID_FOLLOWING = 1  # GeneratorMode: the vehicle feeds into a grid that there is
PASSIVE = 2  # GridCodeIslandingDetectionMethod
BACK: Mapping[Energy, tuple[tuple[str, int], ...]] = {  # beside what charging has
    Energy.DC_BPT: (("BPTChannel", UNIFIED), ("GeneratorMode", GRID_FOLLOWING)),
    Energy.AC_BPT: (
        ("BPTChannel", UNIFIED),
        ("GeneratorMode", GRID_FOLLOWING),
        ("GridCodeIslandingDetectionMethod", PASSIVE),
    ),
}
INTERNET = 65  # the ServiceID of Internet access, which has another one in ISO 15118-2
LEAST_ADDED = 60  # lesser ServiceIDs are of ways to charge

# What a ServiceDetailRes has to have although there is nothing to say.
NO_PARAMETERS = ServiceParameterList(
    parameter_set=(
        ParameterSet(parameter_set_id=0, parameter=(Parameter(name="None", bool_value=False),)),
    )
)


@dataclass(frozen=True, slots=True)
class Offer:
    """A parameter set: what choosing it means, and how it is written."""

    chosen: Chosen
    parameters: tuple[tuple[str, int], ...]


def energies(session: Session) -> tuple[Energy, ...]:
    """Return the energy services that there are here."""
    charger = session.charger
    both = (Energy.AC, Energy.AC_BPT) if charger.supply is None else (Energy.DC, Energy.DC_BPT)
    return both if charger.bidirectional else both[:1]


def offers(service: Energy, session: Session) -> Mapping[int, Offer]:
    """Return the parameter sets of an energy service, by their numbers."""
    ways = dc_ways(session) if service in (Energy.DC, Energy.DC_BPT) else ac_ways(session)
    return {
        number: Offer(
            Chosen(service, number, control, phases, pricing),
            (*parameters, *BACK.get(service, ())),
        )
        for number, (control, phases, pricing, parameters) in enumerate(ways, start=1)
    }


Way = tuple[Control, int, Pricing, tuple[tuple[str, int], ...]]


def pricings(session: Session, kinds: int) -> list[tuple[Control, Pricing]]:
    """Return who says what flows when, and how prices are told, for one of so many connectors.

    No vehicle is to find no set of its own, so both control modes come first, and then what of
    prices there is room for. In dynamic mode the charger decides: nobody asks what it costs.
    """
    if not session.charger.tariffs:
        return [(control, Pricing.NONE) for control in Control]
    first = [(Control.SCHEDULED, Pricing.ABSOLUTE), (Control.DYNAMIC, Pricing.NONE)]
    rest = [(Control.SCHEDULED, Pricing.LEVELS), (Control.SCHEDULED, Pricing.NONE)]
    return first + rest if kinds == 1 else first


def ac_ways(session: Session) -> list[Way]:
    """Return the ways to charge AC: the most phases first, as vehicles take the first."""
    three = session.charger.phases >= 3
    first = _ac_ways(3 if three else 1, pricings(session, 2 if three else 1), session)
    last = [(control, Pricing.NONE) for control in Control] if three else []
    return first + _ac_ways(1, last, session)


def _ac_ways(phases: int, ways: list[tuple[Control, Pricing]], session: Session) -> list[Way]:
    connector = {3: THREE_PHASE, 1: SINGLE_PHASE}[phases]
    return [
        (
            control,
            phases,
            pricing,
            (
                ("Connector", connector),
                ("ControlMode", control.value),
                ("EVSENominalVoltage", session.charger.nominal_volts),
                ("MobilityNeedsMode", EVCC_ONLY),
                ("Pricing", pricing.value),
            ),
        )
        for control, pricing in ways
    ]


def dc_ways(session: Session) -> list[Way]:
    """Return the ways to charge DC."""
    return [
        (
            control,
            0,
            pricing,
            (
                ("Connector", EXTENDED),
                ("ControlMode", control.value),
                ("MobilityNeedsMode", EVCC_ONLY),
                ("Pricing", pricing.value),
            ),
        )
        for control, pricing in pricings(session, 1)
    ]


def energy_list(session: Session, supported: frozenset[int] = frozenset()) -> ServiceList:
    """List the energy services that a vehicle supports; all, if it said none, or of none.

    The list cannot be empty: a vehicle that can use nothing of it ends by itself.
    """
    here = energies(session)
    shown = [one for one in here if one in supported] or here
    free = session.charger.free
    return ServiceList(
        service=tuple(Service(service_id=one.value, free_service=free) for one in shown)
    )


def added(session: Session) -> Mapping[int, plant.AddedService]:
    """Return what there is beside charging, by ServiceID."""
    numbered = [
        (INTERNET if one.category == "Internet" else one.id, one)
        for one in session.charger.services
    ]
    return {number: one for number, one in numbered if number >= LEAST_ADDED}


def added_list(session: Session, supported: frozenset[int] = frozenset()) -> ServiceList | None:
    """List what else a vehicle supports; all, if it did not say."""
    shown = tuple(
        Service(service_id=number, free_service=one.free)
        for number, one in added(session).items()
        if not supported or number in supported
    )
    return ServiceList(service=shown) if shown else None


def parameters(service_id: int, session: Session) -> ServiceParameterList | None:
    """Return the parameter sets of a service; None: there is no such service here."""
    if service_id in energies(session):
        sets = offers(Energy(service_id), session).items()
        return ServiceParameterList(
            parameter_set=tuple(
                ParameterSet(
                    parameter_set_id=number,
                    parameter=tuple(
                        Parameter(name=name, int_value=value)
                        for name, value in offer.parameters
                    ),
                )
                for number, offer in sets
            )
        )
    one = added(session).get(service_id)
    return None if one is None else _added_parameters(one)


def _added_parameters(one: plant.AddedService) -> ServiceParameterList:
    """Return the sets of a service; of one that has none, its name, as there must be one."""
    sets = one.parameter_sets or ((1, (("Name", one.name),)),)
    return ServiceParameterList(
        parameter_set=tuple(
            ParameterSet(
                parameter_set_id=number,
                parameter=tuple(_parameter(name, value) for name, value in values),
            )
            for number, values in sets
        )
    )


def _parameter(name: str, value: plant.ParameterValue) -> Parameter:
    if isinstance(value, bool):
        return Parameter(name=name, bool_value=value)
    if isinstance(value, int):
        return Parameter(name=name, int_value=value)
    return Parameter(name=name, finite_string=value)
