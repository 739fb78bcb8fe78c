"""ISO 15118-20, ScheduleExchange: an agreement on what power there will be, and at what price.

In dynamic mode the vehicle is offered nothing: it gets a target with every turn of the loop.
Where somebody says what energy costs, and the vehicle has selected to be told, it is told
Ongoing until that is there, but not for long: it charges as well without. An offer counts from
the moment at which its price was asked, and is asked about anew if it has changed since.
"""

from __future__ import annotations

import msgspec

from seccstack.messages.iso20_common import (
    Dynamic_SEResControlMode,
    Scheduled_SEReqControlMode,
    ScheduleExchangeReq,
    ScheduleExchangeRes,
)
from seccstack.messages.iso20_types import Processing, ResponseCode
from seccstack.session.iso20 import schedules, tariffs
from seccstack.session.iso20.contract import SIGNATURE_TIME, await_answer, owe
from seccstack.session.iso20.record import (
    Control,
    Deferred,
    Pricing,
    Reply,
    Session,
    State,
    Unpriced,
)
from seccstack.session.iso20.refusal import refused
from seccstack.session.waiting import ONGOING_LIMIT, over

TARIFF_PATIENCE = 10.0  # seconds, ours: an owner waits for energy, not for its price


def schedule_exchange(request: ScheduleExchangeReq, session: Session) -> Reply | Deferred:
    """ScheduleExchangeReq: in the control mode that was selected, once the limit is known."""
    asked, chosen = request.scheduled_se_req_control_mode, session.chosen
    assert chosen is not None  # noqa: S101 - no state before SELECTED exchanges any
    if (asked is not None) is not (chosen.control is Control.SCHEDULED):
        why = "it has selected the other control mode"
        return refused(request, ResponseCode.FAILED, session, why)
    if session.plant.limit_amps is None:
        return _ongoing(request, session)
    if session.charger.tariffs and chosen.pricing is not Pricing.NONE:
        return _with_prices(request, session)
    return _finished(_agreed(request, session), session)


def _agreed(request: ScheduleExchangeReq, session: Session) -> ScheduleExchangeRes:
    """Offer schedules; in dynamic mode there are none, and what the vehicle wants stands."""
    asked, most = request.scheduled_se_req_control_mode, request.maximum_supporting_points
    scheduled = None if asked is None else schedules.offer(session, asked.departure_time, most)
    session.offered_at, session.plans = session.now, session.plant.plans
    return ScheduleExchangeRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        evse_processing=Processing.FINISHED,
        dynamic_se_res_control_mode=Dynamic_SEResControlMode() if asked is None else None,
        scheduled_se_res_control_mode=scheduled,
    )


def _finished(response: ScheduleExchangeRes, session: Session) -> Reply:
    """Let an offer stand; what was wanted before is void."""
    session.ongoing_since = session.plant.renegotiation = session.surplus_since = None
    then = State.AGREED
    if session.charger.supply is not None and not session.energy_allowed:
        then = State.CHECKING
    return Reply(response, then)


def _ongoing(request: ScheduleExchangeReq, session: Session) -> Reply:
    """Let the vehicle ask again while the limit is not known; not for ever."""
    if session.ongoing_since is None:
        session.ongoing_since = session.now
    if over(session.ongoing_since, session.now):
        why = f"there is no limit to offer after {ONGOING_LIMIT:g} s"
        return refused(request, ResponseCode.FAILED, session, why)
    return _unfinished(request.scheduled_se_req_control_mode, session)


def _unfinished(asked: Scheduled_SEReqControlMode | None, session: Session) -> Reply:
    """Let the vehicle ask again."""
    response = ScheduleExchangeRes(
        header=session.heading,
        response_code=ResponseCode.OK,
        evse_processing=Processing.ONGOING,
        dynamic_se_res_control_mode=Dynamic_SEResControlMode() if asked is None else None,
        scheduled_se_res_control_mode=(
            None if asked is None else schedules.provisional(session)
        ),
    )
    return Reply(response, State.NEGOTIATING)


def _with_prices(request: ScheduleExchangeReq, session: Session) -> Reply | Deferred:
    """Ask what energy costs, once; owe the response for a moment, in which that may be said."""
    payment, unpriced = session.payment, session.unpriced
    if unpriced is None:
        return _ask(request, session, session.now)
    if payment.answer is not None:
        return _priced(request, unpriced, session)
    payment.owed = request
    until = session.now + SIGNATURE_TIME
    return await_answer(until, lambda later: _priced(request, unpriced, later))


def _ask(request: ScheduleExchangeReq, session: Session, since: float) -> Deferred:
    """Ask what energy costs for as long as the schedules of an offer last."""
    response = _agreed(request, session)
    unpriced = Unpriced(response, since, session.plant.limit_amps, session.plant.plans)
    session.unpriced = unpriced
    ask = tariffs.question(response, request.maximum_supporting_points, session)
    return owe(
        request, session, SIGNATURE_TIME, lambda later: _priced(request, unpriced, later), ask
    )


def _priced(
    request: ScheduleExchangeReq, unpriced: Unpriced, session: Session
) -> Reply | Deferred:
    """Offer schedules with their prices, or in the end without."""
    patient = session.now < unpriced.since + TARIFF_PATIENCE
    if patient and session.payment.answer is None:
        return _unfinished(request.scheduled_se_req_control_mode, session)
    plant = session.plant
    holds = (plant.limit_amps, plant.plans) == (unpriced.limit_amps, unpriced.plans)
    if patient and not holds:
        return _ask(request, session, unpriced.since)
    session.unpriced = None
    response = unpriced.response if holds else _agreed(request, session)
    whole = msgspec.structs.replace(response, header=session.heading)
    return tariffs.joined(_finished(whole, session), request.maximum_supporting_points, session)
