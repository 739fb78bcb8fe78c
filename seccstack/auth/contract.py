"""Whether a contract that a vehicle has proven to hold may charge here.

A proof needs no second opinion of what the vehicle says of itself, so this is decided apart
from all claims. Three may be asked: nobody, because a root that is trusted vouches for its
contracts; the owner's list, in the settings or in the registry; or a back office, which may
answer late or never. What was granted for a record of the registry is asked about again while
it charges, and taken back when the owner has taken the record away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from seccstack.auth import emaid
from seccstack.errors import UsageError

NOT_ALLOWED = "FAILED_CertificateNotAllowedAtThisEVSE"
UNANSWERED = "FAILED"
RECHECK_SECONDS = 10.0  # how soon an owner's word counts for who is charging already
MAX_LISTED = 1000  # contracts in the owner's list: a large company's car park


class Trust(Enum):
    """Who says whether a contract may charge."""

    CHAIN = "chain"  # its certificates
    LIST = "list"  # the owner
    OFFICE = "back office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``trust`` None: no contract is taken. ``listed``: the owner's list of eMAIDs.

    ``registry``: whether the registry has more of that list.
    """

    trust: Trust | None = None
    listed: tuple[str, ...] = ()
    registry: bool = False
    office_seconds: float = 57.0  # then the back office is taken to be silent

    def __post_init__(self) -> None:
        if len(self.listed) > MAX_LISTED:
            raise UsageError(f"{len(self.listed)} contracts; {MAX_LISTED} at most")
        for text in self.listed:
            if emaid.normal(text) is None:
                raise UsageError(f"{text!r} is no eMAID")


# What it is told.


@dataclass(frozen=True, slots=True)
class Arrived:
    """A vehicle is there; the number is a new one each time."""

    plug_in: int


@dataclass(frozen=True, slots=True)
class Left:
    """It is gone."""


@dataclass(frozen=True, slots=True)
class Proven:
    """The vehicle holds the key of this contract, whose chain ends at this root.

    ``chain``: the certificates in DER, the contract's first.
    """

    emaid: str
    root: str
    chain: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class ContractFound:
    """The answer to `LookUpContract`.

    ``code``: the response code that says why not; None: it may charge. UNANSWERED: nobody
    could be asked.
    """

    emaid: str
    code: str | None
    why: str = ""


Event = Arrived | Left | Proven | ContractFound

# What it asks for.


@dataclass(frozen=True, slots=True)
class LookUpContract:
    """Ask the back office, or the registry; it answers with `ContractFound`."""

    emaid: str
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ContractAccepted:
    """Let the vehicle charge, for these reasons."""

    plug_in: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContractRefused:
    """Tell the vehicle that its contract does not charge here, with this response code."""

    plug_in: int
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class ContractWithdrawn:
    """End the charge of a contract that was accepted: its owner has taken it away."""

    plug_in: int
    why: str


Action = LookUpContract | ContractAccepted | ContractRefused | ContractWithdrawn


class ContractDesk:
    """The contract of the vehicle that is plugged in."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._plug_in: int | None = None
        self._asked: Proven | None = None
        self._accepted = False
        self.deadline: float | None = None

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case Arrived(plug_in):
                self._begin(plug_in)
                return []
            case Left():
                self._begin(None)
                return []
            case Proven():
                return self._on_proven(event, now)
            case ContractFound():
                return self._on_found(event, now)
            case _:
                assert_never(event)

    def tick(self, now: float) -> Sequence[Action]:
        """Give up who is silent; ask again about what was accepted."""
        if self.deadline is None or now < self.deadline:
            return []
        if self._accepted:
            return self._ask(now + RECHECK_SECONDS)
        silent = "the registry" if self._settings.trust is Trust.LIST else "the back office"
        why = f"{silent} did not answer in {self._settings.office_seconds:g} s"
        return self._refuse(UNANSWERED, why)

    def _begin(self, plug_in: int | None) -> None:
        self._plug_in, self._asked = plug_in, None
        self._accepted, self.deadline = False, None

    @property
    def _paying(self) -> str:
        return "" if self._asked is None else self._asked.emaid

    def _on_proven(self, proven: Proven, now: float) -> list[Action]:
        if self._plug_in is None or (self._accepted and emaid.same(proven.emaid, self._paying)):
            return []
        return [*self._withdrawn(proven), *self._judged(proven, now)]

    def _withdrawn(self, proven: Proven) -> list[Action]:
        """Take back what was granted for another contract: nobody charges on two."""
        if not self._accepted:
            return []
        assert self._plug_in is not None  # noqa: S101
        self._accepted, self.deadline = False, None
        why = f"contract {self._paying} is not the one that pays: {proven.emaid} is"
        return [ContractWithdrawn(self._plug_in, why)]

    def _judged(self, proven: Proven, now: float) -> list[Action]:
        if self._settings.trust is None:
            return self._refuse(NOT_ALLOWED, "no contract is taken here")
        self._asked = proven
        if self._settings.trust is Trust.CHAIN:
            return self._grant("which is trusted")
        if self._settings.trust is Trust.LIST:
            if any(emaid.same(proven.emaid, listed) for listed in self._settings.listed):
                return self._grant("and it is listed")
            if not self._settings.registry:
                return self._refuse(NOT_ALLOWED, f"contract {proven.emaid} is not listed")
        return self._ask(now + self._settings.office_seconds)

    def _ask(self, deadline: float) -> list[Action]:
        assert self._asked is not None  # noqa: S101
        self.deadline = deadline
        return [LookUpContract(self._asked.emaid, self._asked.chain)]

    def _on_found(self, found: ContractFound, now: float) -> list[Action]:
        if self.deadline is None or self._asked is None or self._asked.emaid != found.emaid:
            return []  # nobody has asked
        if self._accepted:
            return self._on_found_again(found)
        if found.code is None:
            granted = self._grant(found.why or "and the back office agrees")
            if self._settings.trust is Trust.LIST:
                self.deadline = now + RECHECK_SECONDS
            return granted
        unwanted = f"the back office does not want contract {found.emaid}"
        return self._refuse(found.code, found.why or unwanted)

    def _on_found_again(self, found: ContractFound) -> list[Action]:
        if found.code in (None, UNANSWERED):  # a disk that fails says nothing of its owner
            return []
        assert self._plug_in is not None  # noqa: S101
        self._accepted, self._asked, self.deadline = False, None, None
        return [ContractWithdrawn(self._plug_in, found.why)]

    def _grant(self, also: str) -> list[Action]:
        assert self._asked is not None and self._plug_in is not None  # noqa: PT018, S101
        named = f"contract {self._asked.emaid} is proven by a chain to {self._asked.root}"
        self._accepted, self.deadline = True, None
        return [ContractAccepted(self._plug_in, (f"{named}, {also}",))]

    def _refuse(self, code: str, why: str) -> list[Action]:
        assert self._plug_in is not None  # noqa: S101 - there is a vehicle that has proven it
        self.deadline = self._asked = None
        return [ContractRefused(self._plug_in, code, why)]
