"""ISO 15118-20, from ServiceDiscovery to ServiceSelection: what the vehicle wants to use."""

from __future__ import annotations

from seccstack.messages.iso20_common import (
    SelectedService,
    ServiceDetailReq,
    ServiceDetailRes,
    ServiceDiscoveryReq,
    ServiceDiscoveryRes,
    ServiceSelectionReq,
    ServiceSelectionRes,
)
from seccstack.messages.iso20_types import ResponseCode
from seccstack.session.iso20 import catalogue
from seccstack.session.iso20.record import Reply, Service, Session, State
from seccstack.session.iso20.refusal import refused

INVALID = ResponseCode.FAILED_SERVICE_SELECTION_INVALID


def service_discovery(request: ServiceDiscoveryReq, session: Session) -> Reply:
    """ServiceDiscoveryReq: all there is, or of that what the vehicle says it supports."""
    named = request.supported_service_i_ds
    supported = frozenset() if named is None else frozenset(named.service_id)
    session.detailed, session.chosen = frozenset(), None
    response = ServiceDiscoveryRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        service_renegotiation_supported=True,
        energy_transfer_service_list=catalogue.energy_list(session, supported),
        vas_list=catalogue.added_list(session, supported),
    )
    return Reply(response, State.DISCOVERED)


def service_detail(request: ServiceDetailReq, session: Session) -> Reply:
    """ServiceDetailReq: the parameter sets of a service."""
    number = request.service_id
    sets = catalogue.parameters(number, session)
    if sets is None:
        return refused(request, ResponseCode.FAILED_SERVICE_ID_INVALID, session)
    session.detailed |= {number}
    response = ServiceDetailRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        service_id=number,
        service_parameter_list=sets,
    )
    return Reply(response, State.DISCOVERED)


def service_selection(request: ServiceSelectionReq, session: Session) -> Reply:
    """ServiceSelectionReq: one energy service, and what else is wanted, each with its set."""
    energy, others = request.selected_energy_transfer_service, request.selected_vas_list
    if energy.service_id not in catalogue.energies(session):
        code = ResponseCode.FAILED_NO_ENERGY_TRANSFER_SERVICE_SELECTED
        return refused(request, code, session)
    offer = catalogue.offers(Service(energy.service_id), session).get(energy.parameter_set_id)
    if offer is None or energy.service_id not in session.detailed:
        return refused(request, INVALID, session, "a parameter set that it was not told of")
    for one in () if others is None else others.selected_service:
        if not selectable(one, session):
            return refused(request, INVALID, session, f"there is no service {one.service_id}")
    session.chosen, session.unpriced = offer.chosen, None
    response = ServiceSelectionRes(header=session.heading, response_code=ResponseCode.OK)
    return Reply(response, State.SELECTED)


def selectable(one: SelectedService, session: Session) -> bool:
    """Whether the vehicle was told of this parameter set of a service beside charging."""
    if one.service_id not in catalogue.added(session):
        return False
    sets = catalogue.parameters(one.service_id, session)
    numbers = {known.parameter_set_id for known in (() if sets is None else sets.parameter_set)}
    return one.service_id in session.detailed and one.parameter_set_id in numbers
