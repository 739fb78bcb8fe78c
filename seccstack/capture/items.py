"""What happened between a vehicle and a charger, as a capture shows it; see `trace`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from seccstack.capture.frames import Endpoint
from seccstack.homeplug.frame import Frame
from seccstack.messages.codec import Schema
from seccstack.sdp import SdpRequest, SdpResponse

Sender = Literal["ev", "evse"]


@dataclass(eq=False, slots=True)
class Link:
    """A TCP connection for V2G messages; what the capture doesn't tell is None.

    ``sealed`` says why messages in TLS can't be read; it is empty if they can, or are none.
    """

    index: int
    ev: Endpoint | None = None
    evse: Endpoint | None = None
    ev_mac: bytes | None = None
    beginning_seen: bool = False
    tls: bool = False
    sealed: str = ""
    opening: str = ""  # how the vehicle's SYN was made
    octets: int = 0  # of both sides, without TLS around them
    passed_over: int = 0  # of these: where the next header had to be looked for


@dataclass(frozen=True, slots=True)
class Powerline:
    """A powerline frame; ``frame`` is None if it can't be read, ``problem`` says why."""

    number: int
    time: float
    octets: bytes = field(repr=False)  # a network key may be in it
    frame: Frame | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """An SDP datagram; ``message`` is None if it can't be read, ``problem`` says why."""

    number: int
    time: float
    sender: Sender
    ev: Endpoint
    ev_mac: bytes | None
    octets: bytes
    message: SdpRequest | SdpResponse | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Connected:
    """A V2G connection begins, or its first segment that the capture has."""

    number: int
    time: float
    link: Link


@dataclass(frozen=True, slots=True)
class V2gMessage:
    """A V2G message; one that can't be decoded has no ``message``, and ``problems`` say why."""

    number: int
    time: float
    link: Link
    sender: Sender | None
    payload_type: int
    exi: bytes
    schema: Schema | None
    name: str | None
    message: Any
    problems: tuple[str, ...] = ()

    @property
    def content(self) -> Any:
        """The request or response itself, without the envelope that DIN and -2 put it into."""
        return getattr(self.message, "body", self.message)

    @property
    def code(self) -> str:
        """Its ResponseCode; empty if it has none."""
        code = getattr(self.content, "response_code", None)
        return "" if code is None else str(code.value)


@dataclass(frozen=True, slots=True)
class TlsEvent:
    """A handshake message or an alert of TLS; ``says`` tells it in words.

    ``name`` is the standard's: ``ClientHello``, and so on; ``Alert`` for all of those, which
    the ``description`` of their ``details`` tells apart: ``unknown_ca``, and so on.
    """

    number: int
    time: float
    link: Link
    sender: Sender | None
    name: str
    says: str
    details: Mapping[str, str]
    fatal: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something of a connection could not be read."""

    number: int
    time: float
    link: Link
    what: str


@dataclass(frozen=True, slots=True)
class Disconnected:
    """One side closes a V2G connection, by FIN or RST."""

    number: int
    time: float
    link: Link
    sender: Sender | None
    how: str


Item = Powerline | Discovery | Connected | TlsEvent | V2gMessage | Trouble | Disconnected
