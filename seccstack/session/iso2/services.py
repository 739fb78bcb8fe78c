"""ISO 15118-2, what there is beside charging: contract certificates, the Internet, one's own.

The charge service is none of these. A vehicle may ask for one category or scope of them, for
the parameter sets of each, and select what it wants together with the charge service.
"""

from __future__ import annotations

from seccstack.messages.iso2 import (
    Parameter,
    ParameterSet,
    SelectedService,
    Service,
    ServiceCategory,
    ServiceDiscoveryReq,
    ServiceList,
    ServiceParameterList,
)
from seccstack.session.iso2 import offers
from seccstack.session.iso2.record import Session
from seccstack.session.plant import AddedService, ParameterValue


def listed(request: ServiceDiscoveryReq, session: Session) -> ServiceList | None:
    """Return what matches the category and the scope that the vehicle asks for."""
    found = tuple(
        service
        for service in offered(session)
        if request.service_category in (None, service.service_category)
        and (request.service_scope or None) in (None, service.service_scope)
    )
    return ServiceList(service=found) if found else None


def offered(session: Session) -> tuple[Service, ...]:
    """Return all of it."""
    certificates = offers.provisioning(session)
    added = tuple(_service(one) for one in session.charger.services)
    return added if certificates is None else certificates.service + added


def parameters(service_id: int, session: Session) -> ServiceParameterList | None:
    """Return the parameter sets of a service, if it has any."""
    if service_id == offers.CERTIFICATE_SERVICE and offers.provisioning(session):
        return offers.provisioning_parameters()
    sets = {one.id: one.parameter_sets for one in session.charger.services}.get(service_id)
    if not sets:
        return None
    return ServiceParameterList(
        parameter_set=tuple(
            ParameterSet(
                parameter_set_id=number,
                parameter=tuple(_parameter(name, value) for name, value in values),
            )
            for number, values in sets
        )
    )


def known(service_id: int, session: Session) -> bool:
    """Whether a service is on offer."""
    return service_id in {service.service_id for service in offered(session)}


def selectable(selected: SelectedService, session: Session) -> bool:
    """Whether a service, with the parameter set that may be named, can be had here."""
    if selected.service_id == offers.CHARGE_SERVICE:
        return True
    if selected.service_id == offers.CERTIFICATE_SERVICE and not session.payment.chosen:
        return False
    named = parameters(selected.service_id, session)
    sets = () if named is None else named.parameter_set
    numbers = {None, *(one.parameter_set_id for one in sets)}
    return known(selected.service_id, session) and selected.parameter_set_id in numbers


def _service(one: AddedService) -> Service:
    return Service(
        service_id=one.id,
        service_name=one.name,
        service_category=ServiceCategory(one.category),
        service_scope=one.scope or None,
        free_service=one.free,
    )


def _parameter(name: str, value: ParameterValue) -> Parameter:
    if isinstance(value, bool):
        return Parameter(name=name, bool_value=value)
    if isinstance(value, int):
        return Parameter(name=name, int_value=value)
    return Parameter(name=name, string_value=value)
