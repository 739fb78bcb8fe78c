"""A plug-in as a judge needs it: what was asked and answered, how long it took, who closed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from seccstack.capture.inquiries import Inquiry, inquiries_of
from seccstack.capture.items import Connected, Disconnected, Link, TlsEvent, V2gMessage
from seccstack.capture.plugins import PlugIn

CAPTURE = "capture"
PULLING = 1.0  # seconds before it is told: what a hand and a debounced pilot take at most
ENERGY = frozenset(
    {"ChargingStatus", "CurrentDemand", "AC_ChargeLoop", "DC_ChargeLoop", "WPT_ChargeLoop"}
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Who is to blame that a session did not end well: ``whose`` by what the capture shows.

    That is the side whose act is the first cause that can be seen; "line" is the powerline
    between them, "capture" that the recording lacks the end, "unclear" that it tells no cause.
    """

    whose: str
    why: str
    evidence: tuple[int, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return a session's ``failure``."""
        return {"whose": self.whose, "why": self.why, "evidence": list(self.evidence)}


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and its answer if there is one."""

    request: V2gMessage
    response: V2gMessage | None

    @property
    def name(self) -> str:
        """What was asked for, without the Req."""
        return str(self.request.name)[:-3]

    @property
    def asked(self) -> Any:
        """The request itself."""
        return self.request.content

    @property
    def answered(self) -> Any:
        """The response itself; None without one."""
        return self.response.content if self.response else None

    @property
    def code(self) -> str:
        """The response's code; empty if it has none."""
        return self.response.code if self.response else ""

    @property
    def failed(self) -> bool:
        """Whether the answer was a refusal."""
        return self.code.lower().startswith("failed")

    @property
    def seconds(self) -> float | None:
        """How long the vehicle waited for the answer, if the clock can be trusted."""
        return None if self.response is None else elapsed(self.request, self.response)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The packets."""
        answer = (self.response.number,) if self.response else ()
        return (self.request.number, *answer)


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was, where it is in the capture."""

    number: int
    time: float


Timed = V2gMessage | Disconnected | Moment


def elapsed(before: Timed, after: Timed) -> float | None:
    """Return the seconds between; None where the clock was set back."""
    seconds = after.time - before.time
    return seconds if seconds >= 0 else None


@dataclass(eq=False)
class Case:
    """What is asked of a plug-in again and again; all of its last connection with messages."""

    plug_in: PlugIn
    link: Link | None = field(init=False)

    def __post_init__(self) -> None:
        spoken = [item.link for item in self.plug_in.items if isinstance(item, V2gMessage)]
        links = [item.link for item in self.plug_in.items if isinstance(item, Connected)]
        self.link = self._latest(spoken) or (links[-1] if links else None)

    def _latest(self, spoken: Sequence[Link]) -> Link | None:
        """Return the last connection on which something was asked; else the last at all."""
        asked = [
            item.link
            for item in self.plug_in.items
            if isinstance(item, V2gMessage) and item.sender == "ev"
        ]
        return (asked or spoken)[-1] if asked or spoken else None

    @cached_property
    def messages(self) -> list[V2gMessage]:
        """The messages of that connection."""
        return [
            item
            for item in self.plug_in.items
            if isinstance(item, V2gMessage) and item.link is self.link
        ]

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """The requests with their answers."""
        return list(_paired(self.messages))

    @cached_property
    def last(self) -> Exchange | None:
        """The last request."""
        return self.exchanges[-1] if self.exchanges else None

    @cached_property
    def closings(self) -> list[Disconnected]:
        """How that connection was closed, from its last request on, while it was plugged in."""
        since = self.last.request.number if self.last else 0
        gone = self.plug_in.unplugged_at
        return [
            item
            for item in self.plug_in.items
            if isinstance(item, Disconnected)
            and item.link is self.link
            and item.number > since
            and (gone is None or item.time < gone - PULLING)
        ]

    @property
    def closing(self) -> Disconnected | None:
        """Who closed first."""
        return self.closings[0] if self.closings else None

    @cached_property
    def inquiries(self) -> list[Inquiry]:
        """What was asked by SDP."""
        return inquiries_of(self.plug_in.items)

    @cached_property
    def tls(self) -> list[TlsEvent]:
        """What TLS told, of all connections."""
        return [item for item in self.plug_in.items if isinstance(item, TlsEvent)]

    def of(self, *names: str) -> list[Exchange]:
        """Return the exchanges of these names."""
        return [exchange for exchange in self.exchanges if exchange.name in names]

    @cached_property
    def energy(self) -> list[Exchange]:
        """The exchanges of the loop in which energy flows."""
        return self.of(*ENERGY)

    def left_after(self, time: float) -> float:
        """Return how long the capture goes on after that."""
        return 0.0 if self.plug_in.until is None else max(self.plug_in.until - time, 0.0)


def _paired(messages: Iterable[V2gMessage]) -> Iterator[Exchange]:
    pending: V2gMessage | None = None
    for message in messages:
        if message.name is None:
            continue
        if message.name.endswith("Req"):
            if pending is not None:
                yield Exchange(pending, None)
            pending = message
        elif pending is not None and message.name == f"{str(pending.name)[:-3]}Res":
            yield Exchange(pending, message)
            pending = None
    if pending is not None:
        yield Exchange(pending, None)


def quantity(value: Any) -> float | None:
    """Return a PhysicalValue's or a RationalNumber's value in its unit; None without one."""
    if value is None:
        return None
    power = getattr(value, "multiplier", None)
    power = getattr(value, "exponent", 0) if power is None else power
    return float(value.value) * 10.0 ** int(power or 0)
