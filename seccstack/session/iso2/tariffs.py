"""ISO 15118-2, SalesTariff: what energy will cost, said by whoever sells it.

A charger only hands on what it is given. Where the vehicle pays by a contract, a tariff has to
be signed by the mobility operator (its sub-CA 2, whose certificate the vehicle has with its
contract), and its intervals count from the moment of the answer: so a tariff is asked for with
every offer, and not one digit of it may be changed here. What does not fit the offer, or what
was signed, is left out and said: a vehicle charges as well without.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from seccstack.errors import PeerError, SeccError
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.messages.iso2 import SalesTariff, SAScheduleList
from seccstack.messages.xmldsig import Signature
from seccstack.session.events import Ignored, ProvideTariffs, TariffsProvided
from seccstack.session.iso2.record import Reply, Session
from seccstack.session.iso2.requests import Response
from seccstack.session.iso2.schedules import entries_of
from seccstack.session.signature import SignatureError, statement

Tariffs = dict[int, SalesTariff]  # by SAScheduleTupleID


def question(response: Response, most: int | None, session: Session) -> ProvideTariffs:
    """Ask what energy costs for as long as the response's schedules last."""
    contract = session.payment.contract
    header = iso2.MessageHeader(session_id=session.session_id)
    octets = encode(Schema.ISO2, iso2.V2G_Message(header=header, body=response))
    emaid = "" if contract is None else contract.emaid
    return ProvideTariffs(session.payment.ask(), emaid, entries_of(most), octets)


def joined(reply: Reply, most: int | None, session: Session) -> Reply:
    """Add the answer's tariffs to the reply; ``most``: the entries that the vehicle takes."""
    answer, response = session.payment.answer, reply.response
    assert isinstance(response, iso2.ChargeParameterDiscoveryRes)  # noqa: S101
    if not isinstance(answer, TariffsProvided):
        return _without(reply, "nobody has answered in time")
    if answer.response is None:
        return _without(reply, answer.why) if answer.why else reply
    schedules = response.sa_schedules
    assert isinstance(schedules, SAScheduleList)  # noqa: S101
    try:
        tariffs, signature = _read(answer.response)
        _check(tariffs, schedules, entries_of(most))
        signed = _signed(tariffs, signature, session.payment.chosen)
    except SeccError as error:
        return _without(reply, str(error))
    tuples = tuple(
        msgspec.structs.replace(one, sales_tariff=tariffs.get(one.sa_schedule_tuple_id))
        for one in schedules.sa_schedule_tuple
    )
    whole = msgspec.structs.replace(
        response, sa_schedules=SAScheduleList(sa_schedule_tuple=tuples)
    )
    return Reply(whole, reply.next, reply.actions, reply.how, signed)


def _without(reply: Reply, why: str) -> Reply:
    return replace(reply, actions=(*reply.actions, Ignored("tariffs", why)))


def _read(octets: bytes) -> tuple[Tariffs, Signature | None]:
    message = decode(Schema.ISO2, octets).message
    encode(Schema.ISO2, message)  # what was borne with in it would not be again
    body = message.body if isinstance(message, iso2.V2G_Message) else None
    schedules = (
        body.sa_schedules if isinstance(body, iso2.ChargeParameterDiscoveryRes) else None
    )
    if not isinstance(message, iso2.V2G_Message) or not isinstance(schedules, SAScheduleList):
        raise PeerError("the answer is no ChargeParameterDiscoveryRes with schedules")
    tariffs = {
        one.sa_schedule_tuple_id: one.sales_tariff
        for one in schedules.sa_schedule_tuple
        if one.sales_tariff is not None
    }
    return tariffs, message.header.signature


def _check(tariffs: Tariffs, schedules: SAScheduleList, most: int) -> None:
    offered = {one.sa_schedule_tuple_id for one in schedules.sa_schedule_tuple}
    if strange := sorted(tariffs.keys() - offered):
        raise PeerError(f"there is no schedule {strange[0]} to have a tariff")
    names = [tariff.sales_tariff_id for tariff in tariffs.values()]
    if len(set(names)) != len(names):
        raise PeerError(f"two tariffs have one SalesTariffID: {names}")
    for tariff in tariffs.values():
        if (fault := _fault(tariff, most)) is not None:
            raise PeerError(f"SalesTariff {tariff.sales_tariff_id}: {fault}")


def _fault(tariff: SalesTariff, most: int) -> str | None:
    entries = tariff.sales_tariff_entry
    if len(entries) > most:
        return f"{len(entries)} entries, and the vehicle can take {most}"
    starts = [entry.time_interval.start for entry in entries]
    if starts[0] != 0 or starts != sorted(set(starts)):
        return "its entries do not follow each other from 0 s on"
    levels = {entry.e_price_level for entry in entries}
    if levels != {None}:
        count = tariff.num_e_price_levels
        if count is None or any(level is None or level > count for level in levels):
            return f"its price levels are not of {count}"
    return None


def _signed(tariffs: Tariffs, signature: Signature | None, must: bool) -> Signature | None:
    """Return the signature if it is about just these; whose it is, the vehicle finds out."""
    if not tariffs or (signature is None and not must):
        return None
    elements = {tariff.id or "": ("SalesTariff", tariff) for tariff in tariffs.values()}
    if "" in elements or len(elements) != len(tariffs):
        raise SignatureError("what is signed has no Id of its own")
    statement(signature, elements)
    return signature
