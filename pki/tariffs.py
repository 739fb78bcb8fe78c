"""A mobility operator's prices, for labs: schedules come in, with signed tariffs they go back.

A table of prices holds for every day, in local time. The intervals of a SalesTariff count from
the moment of the answer, so each is made when it is asked for; it is signed with the key of the
operator's sub-CA 2, whose certificate a vehicle has with its contract (ISO 15118-2). Costs are
told as per cent of the day's dearest. Who pays otherwise is told the same, but cannot verify
it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from pki.errors import PkiError
from seccstack.auth import ecdsa, emaid
from seccstack.errors import SeccError
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.session import signature

DAY = 86_400  # seconds
MOST_PRICES = 96  # a day: one each quarter of an hour
MOST_CENTS = 1_000_000
TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
SIGNER = "keys/mo.mo_sub2.key"
CONTRACT = "chains/mo.contract"


@dataclass(frozen=True, slots=True)
class Price:
    """From some second of the day on, so many cents per kWh."""

    start: int
    cents: float


DEFAULT = (Price(0, 21.5), Price(6 * 3600, 33.9), Price(22 * 3600, 21.5))

Stretches = list[tuple[int, float]]  # from so many seconds on, so many cents


def read_prices(path: Path) -> tuple[Price, ...]:
    """Read a table; PkiError names the entry, what is wrong and what would be right."""
    try:
        raw = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise PkiError(f"{path} is no table of prices: {error}") from error
    rows = raw.get("price")
    if not isinstance(rows, list) or not rows or raw.keys() != {"price"}:
        raise PkiError(f'{path}: give [[price]] tables with from = "HH:MM" and cents')
    if len(rows) > MOST_PRICES:
        raise PkiError(f"{path}: {len(rows)} prices a day; {MOST_PRICES} at most")
    prices = [_price(f"{path}, price {number}", row) for number, row in enumerate(rows, 1)]
    starts = [price.start for price in prices]
    if starts[0] != 0 or starts != sorted(set(starts)):
        raise PkiError(f'{path}: begin with "00:00" and let the times follow each other')
    return tuple(prices)


def _price(where: str, row: object) -> Price:
    if not isinstance(row, dict) or row.keys() != {"from", "cents"}:
        raise PkiError(f"{where}: give from and cents, and nothing else")
    time, cents = row["from"], row["cents"]
    found = TIME.fullmatch(time) if isinstance(time, str) else None
    if found is None:
        raise PkiError(f'{where}: from is {time!r}; give a time as in "06:30"')
    number = isinstance(cents, int | float) and not isinstance(cents, bool)
    if not number or not 0 <= cents <= MOST_CENTS:
        raise PkiError(f"{where}: cents is {cents!r}; give cents per kWh, 0 or more")
    hours, minutes = map(int, found.groups())
    return Price(hours * 3600 + minutes * 60, float(cents))


class Pricing:
    """Says what energy costs who pays by this operator's contract."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey, contract: str, prices: Sequence[Price]
    ) -> None:
        self._key, self._contract, self._prices = key, contract, prices

    def answer(self, paying: str, most: int, octets: bytes, now: datetime) -> bytes:
        """Answer the EXI of a response with schedules; empty: this is no customer of ours.

        ``most``: the entries that a tariff may have; ``now``: local time. PkiError if it is no
        such response.
        """
        if paying and not emaid.same(paying, self._contract):
            return b""
        try:
            message = decode(Schema.ISO2, octets).message
        except SeccError as error:
            raise PkiError(f"what came is no message: {error}") from error
        if isinstance(message, iso2.V2G_Message):
            body = message.body
            if isinstance(body, iso2.ChargeParameterDiscoveryRes) and body.sa_schedules:
                return self._priced(message, body, most, now)
        raise PkiError("what came is no response with schedules")

    def _priced(
        self,
        message: iso2.V2G_Message,
        body: iso2.ChargeParameterDiscoveryRes,
        most: int,
        now: datetime,
    ) -> bytes:
        schedules = () if body.sa_schedules is None else body.sa_schedules.sa_schedule_tuple
        tuples = [
            msgspec.structs.replace(one, sales_tariff=self._tariff(number, one, most, now))
            for number, one in enumerate(schedules, 1)
        ]
        elements = {
            str(one.sales_tariff.id): ("SalesTariff", one.sales_tariff)
            for one in tuples
            if one.sales_tariff is not None
        }
        signed = signature.made(elements, lambda octets: ecdsa.sign(self._key, octets))
        header = msgspec.structs.replace(message.header, signature=signed)
        whole = msgspec.structs.replace(
            body, sa_schedules=iso2.SAScheduleList(sa_schedule_tuple=tuple(tuples))
        )
        return encode(Schema.ISO2, iso2.V2G_Message(header=header, body=whole))

    def _tariff(
        self, number: int, one: iso2.SAScheduleTuple, most: int, now: datetime
    ) -> iso2.SalesTariff:
        end = one.p_max_schedule.p_max_schedule_entry[-1].time_interval
        seconds = end.start + (end.duration or 0)
        steps = bounded(stretches(self._prices, now, seconds), most)
        levels = sorted({cents for _, cents in steps})
        dearest = max(price.cents for price in self._prices)
        entries = tuple(
            iso2.SalesTariffEntry(
                time_interval=iso2.RelativeTimeInterval(
                    start=start,
                    duration=min(seconds - start, DAY) if start == steps[-1][0] else None,
                ),
                e_price_level=levels.index(cents) + 1,
                consumption_cost=(_cost(cents, dearest),),
            )
            for start, cents in steps
        )
        return iso2.SalesTariff(
            id=f"id{number}",  # three characters: all that some vehicles bear
            sales_tariff_id=number,
            num_e_price_levels=len(levels),
            sales_tariff_entry=entries,
        )


def stretches(prices: Sequence[Price], now: datetime, seconds: int) -> Stretches:
    """Return what holds from now on, and from so many seconds on, for as long as is asked."""
    today = now.hour * 3600 + now.minute * 60 + now.second
    held = [price for price in prices if price.start <= today][-1]
    found = [(0, held.cents)]
    for day in range((today + seconds) // DAY + 1):
        for price in prices:
            start = day * DAY + price.start - today
            if 0 < start < seconds and price.cents != found[-1][1]:
                found.append((start, price.cents))
    return found


def bounded(steps: Stretches, most: int) -> Stretches:
    """Let the last entry that fits be the dearest of all that it stands for."""
    if len(steps) <= most:
        return steps
    kept, rest = steps[: most - 1], steps[most - 1 :]
    return [*kept, (rest[0][0], max(cents for _, cents in rest))]


def _cost(cents: float, dearest: float) -> iso2.ConsumptionCost:
    watts = iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.W, value=0)
    percent = round(100 * cents / dearest) if dearest else 0
    cost = iso2.Cost(cost_kind=iso2.CostKind.RELATIVE_PRICE_PERCENTAGE, amount=percent)
    return iso2.ConsumptionCost(start_value=watts, cost=(cost,))


def pricing_of(lab: Path, contract: str, prices: Sequence[Price]) -> Pricing:
    """Make a service of a PKI's folder; ``contract``: the eMAID of its customer."""
    try:
        key = load_pem_private_key((lab / SIGNER).read_bytes(), None)
    except (OSError, ValueError) as error:
        raise PkiError(f"{lab / SIGNER} is no key of an operator: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise PkiError(f"{lab / SIGNER} is not of a curve")
    return Pricing(key, contract, prices)
