"""A mobility operator's prices in ISO 15118-20, for labs: as they are, or by levels.

A price schedule begins when the power schedule does that it is for. It is signed with the key
of the operator's sub-CA 2, of a curve of ISO 15118-20, as its contracts are. Energy has one
price whatever the power, and there are no taxes: prices include them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from pki.errors import PkiError
from pki.tariffs import Price, Stretches, bounded, stretches
from seccstack.auth import ecdsa, emaid
from seccstack.errors import SeccError
from seccstack.messages import iso20_common
from seccstack.messages.codec import Schema, decode, encode
from seccstack.session import signature
from seccstack.session.iso20 import rational

SIGNER = "keys/mo-20.mo_sub2.key"
CONTRACT = "certificates/mo-20.contract.pem"
POWER = "urn:iso:std:iso:15118:-20:PriceAlgorithm:1-Power"
CURRENCY, LANGUAGE = "EUR", "ENG"
KINDS = ("absolute", "levels")

Key = ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey
Prices = iso20_common.AbsolutePriceSchedule | iso20_common.PriceLevelSchedule


class Pricing20:
    """Says what energy costs who pays by this operator's contract."""

    def __init__(self, key: Key, contract: str, prices: Sequence[Price]) -> None:
        self._key, self._contract, self._prices = key, contract, prices

    def answer(self, paying: str, most: int, kind: str, octets: bytes, now: datetime) -> bytes:
        """Answer the EXI of a response with schedules; empty: this is no customer of ours.

        ``most``: the entries that a schedule may have; ``kind``: one of `KINDS`; ``now``: local
        time. PkiError if it is no such response.
        """
        if kind not in KINDS:
            raise PkiError(f"prices are told as {' or '.join(KINDS)}, not {kind[:20]!r}")
        if paying and not emaid.same(paying, self._contract):
            return b""
        try:
            message = decode(Schema.ISO20_COMMON, octets).message
        except SeccError as error:
            raise PkiError(f"what came is no message: {error}") from error
        if isinstance(message, iso20_common.ScheduleExchangeRes):
            mode = message.scheduled_se_res_control_mode
            if mode is not None:
                return self._priced(message, mode.schedule_tuple, most, kind, now)
        raise PkiError("what came is no response with schedules")

    def _priced(
        self,
        message: iso20_common.ScheduleExchangeRes,
        schedules: tuple[iso20_common.ScheduleTuple, ...],
        most: int,
        kind: str,
        now: datetime,
    ) -> bytes:
        made = [
            self._prices_for(number, one.charging_schedule.power_schedule, most, kind, now)
            for number, one in enumerate(schedules, 1)
        ]
        elements = {str(prices.id): (type(prices).__name__, prices) for prices in made}
        method = signature.ECDSA_SHA512
        if isinstance(self._key, ed448.Ed448PrivateKey):
            method = signature.ED448
        signed = signature.made(
            elements, lambda octets: ecdsa.sign(self._key, octets), signature.ISO20, method
        )
        mode = iso20_common.Scheduled_SEResControlMode(
            schedule_tuple=tuple(map(_with, schedules, made))
        )
        header = msgspec.structs.replace(message.header, signature=signed)
        whole = msgspec.structs.replace(
            message, header=header, scheduled_se_res_control_mode=mode
        )
        return encode(Schema.ISO20_COMMON, whole)

    def _prices_for(
        self,
        number: int,
        power: iso20_common.PowerSchedule,
        most: int,
        kind: str,
        now: datetime,
    ) -> Prices:
        entries = power.power_schedule_entries.power_schedule_entry
        seconds = sum(entry.duration for entry in entries)
        steps = bounded(stretches(self._prices, now, seconds), most)
        lasting = _durations(steps, seconds)
        if kind == "levels":
            return _levels(number, power.time_anchor, lasting)
        return _absolute(number, power.time_anchor, lasting)


def _durations(steps: Stretches, seconds: int) -> Stretches:
    """Return for how many seconds each price holds, instead of from when on."""
    ends = [*(start for start, _ in steps[1:]), seconds]
    return [(end - start, cents) for (start, cents), end in zip(steps, ends, strict=True)]


def _absolute(
    number: int, anchor: int, lasting: Stretches
) -> iso20_common.AbsolutePriceSchedule:
    stacks = tuple(
        iso20_common.PriceRuleStack(
            duration=seconds,
            price_rule=(
                iso20_common.PriceRule(
                    energy_fee=rational.measured(cents / 100), power_range_start=rational.ZERO
                ),
            ),
        )
        for seconds, cents in lasting
    )
    return iso20_common.AbsolutePriceSchedule(
        id=f"id{number}",
        time_anchor=anchor,
        price_schedule_id=number,
        currency=CURRENCY,
        language=LANGUAGE,
        price_algorithm=POWER,
        price_rule_stacks=iso20_common.PriceRuleStackList(price_rule_stack=stacks),
    )


def _levels(number: int, anchor: int, lasting: Stretches) -> iso20_common.PriceLevelSchedule:
    levels = sorted({cents for _, cents in lasting})
    entries = tuple(
        iso20_common.PriceLevelScheduleEntry(
            duration=seconds, price_level=levels.index(cents) + 1
        )
        for seconds, cents in lasting
    )
    return iso20_common.PriceLevelSchedule(
        id=f"id{number}",
        time_anchor=anchor,
        price_schedule_id=number,
        number_of_price_levels=len(levels),
        price_level_schedule_entries=iso20_common.PriceLevelScheduleEntryList(
            price_level_schedule_entry=entries
        ),
    )


def _with(one: iso20_common.ScheduleTuple, prices: Prices) -> iso20_common.ScheduleTuple:
    absolute = prices if isinstance(prices, iso20_common.AbsolutePriceSchedule) else None
    schedule = iso20_common.ChargingSchedule(
        power_schedule=one.charging_schedule.power_schedule,
        absolute_price_schedule=absolute,
        price_level_schedule=(
            prices if isinstance(prices, iso20_common.PriceLevelSchedule) else None
        ),
    )
    return msgspec.structs.replace(one, charging_schedule=schedule)


def pricing20_of(lab: Path, prices: Sequence[Price]) -> Pricing20:
    """Make a service of a PKI's folder, for the customer of its operator."""
    try:
        key = load_pem_private_key((lab / SIGNER).read_bytes(), None)
        contract = x509.load_pem_x509_certificate((lab / CONTRACT).read_bytes())
    except (OSError, ValueError) as error:
        raise PkiError(f"{lab / SIGNER} or {CONTRACT} is missing: {error}") from error
    if not isinstance(key, Key):
        raise PkiError(f"{lab / SIGNER} is not of a curve")
    names = contract.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return Pricing20(key, str(names[0].value), prices)
