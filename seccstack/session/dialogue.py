"""What the dialogues of all protocols have in common: a state, and a response that may be owed.

A protocol is a table of handlers, plain functions of a request and of what the session knows.
What a handler returns is either a `Reply`, or `Deferred`: the response is owed until a change,
or the time, brings it about. The rest is here, once: which of the two came, what goes out, and
what is taken away when it ends.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from seccstack import v2gtp
from seccstack.messages.codec import Schema
from seccstack.messages.xmldsig import Signature
from seccstack.session.events import Action, AllowEnergy, Answer, Broken, How, Ignored
from seccstack.session.plant import Charger, Plant

SEQUENCE_TIMEOUT = 60.0  # V2G_SECC_Sequence_Timeout
PAYLOADS: Mapping[Schema, int] = {  # what a message of each schema is sent as
    Schema.APP_PROTOCOL: v2gtp.EXI,
    Schema.DIN: v2gtp.EXI,
    Schema.ISO2: v2gtp.EXI,
    Schema.ISO20_COMMON: v2gtp.MAINSTREAM,
    Schema.ISO20_AC: v2gtp.AC_MAINSTREAM,
    Schema.ISO20_DC: v2gtp.DC_MAINSTREAM,
    Schema.ISO20_ACDP: v2gtp.ACDP_MAINSTREAM,
    Schema.ISO20_WPT: v2gtp.WPT_MAINSTREAM,
}


class Knowledge(Protocol):
    """What the session of every protocol knows, whatever else."""

    @property
    def charger(self) -> Charger:
        """What it is at."""

    @property
    def plant(self) -> Plant:
        """What is known around it."""

    @property
    def session_id(self) -> bytes:
        """Ours."""

    now: float  # when the request that is being answered came
    energy_allowed: bool


StateT = TypeVar("StateT", bound=Enum)
SessionT = TypeVar("SessionT", bound=Knowledge)
ResponseT = TypeVar("ResponseT")


@dataclass(frozen=True, slots=True)
class Reply(Generic[StateT, ResponseT]):
    """What to answer, where to go, and what to ask for before."""

    response: ResponseT
    next: StateT
    actions: tuple[Action, ...] = ()
    how: How | None = None  # only when the session ends with it
    signature: Signature | None = None  # of somebody who may sign such a response


@dataclass(frozen=True, slots=True)
class Deferred(Generic[StateT, SessionT, ResponseT]):
    """The response is owed: ``resume`` is called after every change, and at the deadline."""

    deadline: float
    resume: Callable[
        [SessionT], Reply[StateT, ResponseT] | Deferred[StateT, SessionT, ResponseT]
    ]
    state: StateT
    actions: tuple[Action, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What came of a request, or of a change: what to send, what to ask for before, the end."""

    message: Any = None
    actions: tuple[Action, ...] = ()
    how: How | None = None
    schema: Schema | None = None  # of the message
    name: str = ""  # and its name


def allow_energy(session: Knowledge, discharge: bool = False) -> tuple[Action, ...]:
    """Let the vehicle have energy, or give it; only a granted one ever gets here."""
    session.energy_allowed = True
    return (AllowEnergy(True, discharge),)


def forbid_energy(session: Knowledge) -> tuple[Action, ...]:
    """Take it away again, if it was given."""
    allowed, session.energy_allowed = session.energy_allowed, False
    return (AllowEnergy(False),) if allowed else ()


def broken_by(request: object, code: Enum, why: str = "") -> Broken:
    """Return how a session ends with a request that is refused; the vehicle is not told why."""
    detail = f" ({why})" if why else ""
    return Broken(f"{type(request).__name__}: {code.value}{detail}")


class Dialogue(ABC, Generic[StateT, SessionT, ResponseT]):
    """One session: its state, what it knows, and the response that is owed."""

    schemas: ClassVar[Mapping[int, Schema]]  # by the payload type that a message comes as
    largest: ClassVar[int] = v2gtp.MESSAGE_LIMIT  # octets of a message

    def __init__(self, session: SessionT, first: StateT, last: StateT) -> None:
        self._session = session
        self._owed: Deferred[StateT, SessionT, ResponseT] | None = None
        self._first, self._last = first, last
        self.state = first

    @property
    def set_up(self) -> bool:
        """Whether SessionSetup has been answered."""
        return self.state is not self._first

    @property
    def patience(self) -> float:
        """For how many seconds the next request is waited for."""
        return SEQUENCE_TIMEOUT

    @property
    def deadline(self) -> float | None:
        """When the response that is owed has to go out at the latest."""
        return None if self._owed is None else self._owed.deadline

    @property
    @abstractmethod
    def hung_up_at(self) -> float | None:
        """When a vehicle that was told Ongoing for long enough is no longer waited for."""

    @abstractmethod
    def name_of(self, message: object) -> str | None:
        """Return a message's name; None if it is none of this protocol's."""

    @abstractmethod
    def answer(self, message: Any, now: float) -> Turn:
        """Take a message from the vehicle, one that has a name."""

    def told(self, answer: Answer, now: float) -> Turn:
        """Take an answer to what was asked."""
        return self.review(now)

    def review(self, now: float) -> Turn:
        """See whether a change, or the time that has passed, releases what is owed."""
        self._session.now = now
        return Turn() if self._owed is None else self._settle(self._owed.resume(self._session))

    def abandon(self, how: How, *actions: Action) -> Turn:
        """End without a word."""
        self.state, self._owed = self._last, None
        return Turn(actions=actions + forbid_energy(self._session), how=how)

    def _outcome(
        self,
        request: object,
        outcome: Reply[StateT, ResponseT] | Deferred[StateT, SessionT, ResponseT] | None,
    ) -> Turn:
        """Carry out what a handler said; None: the response to the first one will do."""
        if outcome is None:
            why = "the response to the first one is still owed"
            return Turn(actions=(Ignored(type(request).__name__, why),))
        return self._settle(outcome)

    def _settle(
        self, outcome: Reply[StateT, ResponseT] | Deferred[StateT, SessionT, ResponseT]
    ) -> Turn:
        if isinstance(outcome, Deferred):
            self.state, self._owed = outcome.state, outcome
            return Turn(actions=outcome.actions)
        self.state, self._owed = outcome.next, None
        message, schema = self._written(outcome)
        off = () if outcome.how is None else forbid_energy(self._session)
        actions, name = outcome.actions + off, type(outcome.response).__name__
        return Turn(message, actions, outcome.how, schema, name)

    @abstractmethod
    def _written(self, reply: Reply[StateT, ResponseT]) -> tuple[Any, Schema]:
        """Put a response into its message; return that, and its schema."""

    def _no_request(self, what: str, found: object) -> Turn:
        """End with what a vehicle has no business to send."""
        why = f"{type(found).__name__} is no request"
        return self.abandon(Broken(why), Ignored(what, why))
