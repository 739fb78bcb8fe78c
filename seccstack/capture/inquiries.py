"""SDP as a bystander hears it: which security a vehicle asked for, and what it was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import Any

from seccstack import sdp
from seccstack.capture.items import Discovery, Item
from seccstack.sdp import SdpRequest, SdpResponse

MAX_INQUIRIES = 1000  # of a plug-in; a vehicle makes a new one when it was answered at most


@dataclass(slots=True)
class Inquiry:
    """Requests alike, up to their answer; a request that can't be read is none."""

    first: SdpRequest | None  # None: the capture has the answer only
    time: float
    numbers: list[int]
    last: float  # when it was asked for the last time
    times: int = 0
    answer: SdpResponse | None = None
    answered_at: float | None = None
    answers: int = 0

    @property
    def asked_tls(self) -> bool:
        """Whether the vehicle asked for TLS."""
        return self.first is not None and self.first.security == sdp.SECURITY_TLS

    @property
    def denied_tls(self) -> bool:
        """Whether TLS was asked for, and the answer was to do without."""
        answer = self.answer
        return self.asked_tls and answer is not None and answer.security != sdp.SECURITY_TLS

    def to_json(self) -> dict[str, Any]:
        """Return an element of a session's ``sdp``."""
        answer = self.answer
        seconds = None
        if self.answered_at is not None and self.answered_at >= self.time and self.times:
            seconds = round(self.answered_at - self.time, 6)
        return {
            "t": round(self.time, 6),
            "asked": security(self.first.security) if self.first else None,
            "times": self.times,
            "answered": security(answer.security) if answer else None,
            "answers": self.answers,
            "seconds": seconds,
            "address": str(IPv6Address(answer.address)) if answer else None,
            "port": answer.port if answer else None,
        }


def security(octet: int) -> str:
    """Return the word for what SDP says of security."""
    return {sdp.SECURITY_TLS: "tls", sdp.SECURITY_NONE: "none"}.get(octet, f"{octet:02X}")


def inquiries_of(items: Iterable[Item]) -> list[Inquiry]:
    """Return a plug-in's inquiries, in their order."""
    found: list[Inquiry] = []
    for item in items:
        if isinstance(item, Discovery) and item.message is not None:
            _take(item, item.message, found)
    return found[:MAX_INQUIRIES]


def _take(item: Discovery, message: SdpRequest | SdpResponse, found: list[Inquiry]) -> None:
    last = found[-1] if found else None
    if isinstance(message, SdpRequest):
        if last is None or last.answer is not None or last.first != message:
            last = Inquiry(message, item.time, [], item.time)
            found.append(last)
        last.times += 1
        last.last = item.time
    else:
        if last is None or (last.answer is not None and last.answer != message):
            last = Inquiry(None, item.time, [], item.time)
            found.append(last)
        last.answers += 1
        if last.answer is None:
            last.answer, last.answered_at = message, item.time
    last.numbers.append(item.number)
