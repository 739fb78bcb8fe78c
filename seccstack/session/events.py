"""What a V2G session is told, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from seccstack.auth.decision import Decision
from seccstack.errors import UsageError
from seccstack.messages.codec import Schema

MOST_STEPS = 96  # of a forecast: quarters of an hour, for a day
METER_ID = 32  # meterIDType: its longest value


@dataclass(frozen=True, slots=True)
class Meter:
    """A reading of the charger's meter, as vehicles are told it."""

    id: str
    reading_wh: int
    read_at: int | None = None  # seconds since 1970

    def __post_init__(self) -> None:
        if len(self.id) > METER_ID or self.reading_wh < 0:
            raise UsageError(f"no meter reading that a vehicle can be told: {self}")


# Events.


@dataclass(frozen=True, slots=True)
class BytesReceived:
    """The next piece of the vehicle's stream came."""

    data: bytes


@dataclass(frozen=True, slots=True)
class StreamClosed:
    """The stream is gone, and why."""

    why: str = "the vehicle closed the stream"


@dataclass(frozen=True, slots=True)
class Decided:
    """The authorizer has answered, or has changed its mind."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class LeastChanged:
    """No charge begins with less than this."""

    amps: float


@dataclass(frozen=True, slots=True)
class LimitChanged:
    """Each phase may carry this much from now on."""

    amps: float

    def __post_init__(self) -> None:
        if not isfinite(self.amps):
            raise UsageError(f"a limit of {self.amps} A")


@dataclass(frozen=True, slots=True)
class PilotChanged:
    """The vehicle closed its switch (pilot state C or D), or opened it."""

    ready: bool


@dataclass(frozen=True, slots=True)
class ContactorChanged:
    """The contactor's own contact says this."""

    closed: bool


@dataclass(frozen=True, slots=True)
class MeterRead:
    """The meter was read."""

    meter: Meter


@dataclass(frozen=True, slots=True)
class OutputMeasured:
    """This is at the plug of a DC charger now."""

    volts: float
    amps: float


@dataclass(frozen=True, slots=True)
class InsulationChecked:
    """The answer to `CheckInsulation`."""

    ok: bool


@dataclass(frozen=True, slots=True)
class SupplyFailed:
    """A DC charger's supply cannot go on; or, with no reason, it can again."""

    why: str


@dataclass(frozen=True, slots=True)
class DischargeWanted:
    """So much is wanted of a vehicle that lets the charger decide; 0: it is to be charged."""

    watts: float

    def __post_init__(self) -> None:
        if not (isfinite(self.watts) and self.watts >= 0):
            raise UsageError(f"no power to draw out of a vehicle: {self.watts} W")


@dataclass(frozen=True, slots=True)
class ForecastChanged:
    """From each of these moments on, each phase may probably carry this much.

    ``plans``: another number if it comes of another plan than the one before.
    """

    steps: tuple[tuple[float, float], ...]
    plans: int = 0

    def __post_init__(self) -> None:
        if len(self.steps) > MOST_STEPS or not all(isfinite(n) for s in self.steps for n in s):
            raise UsageError(f"no forecast of {MOST_STEPS} steps at most: {self.steps}")


@dataclass(frozen=True, slots=True)
class StopCharging:
    """The charger wants the vehicle to stop: it is told so with every status from now on."""

    why: str


@dataclass(frozen=True, slots=True)
class Renegotiate:
    """The charger wants to offer a new schedule; the vehicle is told so until it asks."""

    why: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """Which question an answer is to: a session's own challenge, or its id, and a number."""

    challenge: bytes
    number: int


@dataclass(frozen=True, slots=True)
class Proven:
    """A contract's chain leads to a root of ours.

    ``key``: the point of its public key; ``root``: whose certificate the chain ends at;
    ``ends``: when the contract does, in seconds since 1970.
    """

    emaid: str
    key: bytes
    root: str
    ends: float
    expires_soon: bool = False


@dataclass(frozen=True, slots=True)
class Unproven:
    """A contract that proves nothing; ``code``: the response code that says so."""

    code: str
    why: str


@dataclass(frozen=True, slots=True)
class ContractVerified:
    """The answer to `VerifyContract`."""

    ticket: Ticket
    found: Proven | Unproven


@dataclass(frozen=True, slots=True)
class SignatureVerified:
    """The answer to `VerifySignature`."""

    ticket: Ticket
    valid: bool


@dataclass(frozen=True, slots=True)
class ContractProvided:
    """The answer to `ProvideContract`: the EXI of a response with its signature.

    None, and why: there is none to be had.
    """

    ticket: Ticket
    response: bytes | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class TariffsProvided:
    """The answer to `ProvideTariffs`: the EXI of a response that has them.

    Of that, the tariffs and the signature count. None, and why, if so: there is none.
    """

    ticket: Ticket
    response: bytes | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class ContractRefused:
    """Whoever knows contracts does not want this one to charge; ``code`` as above."""

    code: str
    why: str


Change = (
    Decided
    | LimitChanged
    | LeastChanged
    | PilotChanged
    | ContactorChanged
    | MeterRead
    | OutputMeasured
    | InsulationChecked
    | SupplyFailed
    | DischargeWanted
    | ForecastChanged
    | StopCharging
    | Renegotiate
)
Answer = (
    ContractVerified | SignatureVerified | ContractProvided | TariffsProvided | ContractRefused
)
Event = BytesReceived | StreamClosed | Answer | Change


# Actions.


@dataclass(frozen=True, slots=True)
class SendBytes:
    """Send this to the vehicle."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CloseStream:
    """Send what is still to be sent, then close the stream; at the latest after 5 s."""

    reason: str


@dataclass(frozen=True, slots=True)
class AskAuthorizer:
    """Find out whether this vehicle may charge; asked once."""


@dataclass(frozen=True, slots=True)
class AllowEnergy:
    """The vehicle may have energy, or no longer, as far as the session is concerned.

    ``discharge``: it may give energy, too.
    """

    on: bool
    discharge: bool = False


@dataclass(frozen=True, slots=True)
class CheckInsulation:
    """Have the insulation of a DC output measured; the answer is `InsulationChecked`."""


@dataclass(frozen=True, slots=True)
class DemandOutput:
    """The vehicle demands this voltage of a DC output, and at most this current.

    A current below nothing is what it gives.
    """

    volts: float
    amps: float


@dataclass(frozen=True, slots=True)
class Learned:
    """The vehicle claims this EVCCID."""

    evccid: bytes


@dataclass(frozen=True, slots=True)
class VerifyContract:
    """Follow a contract's chain to a root of ours; the answer is `ContractVerified`.

    ``leaf`` and ``subs`` in DER, whatever they are worth; ``emaid``: whose it is said to be,
    empty where nothing but the certificate says it; ``at``: the time at which it has to hold,
    in seconds since 1970; ``rules``: those of the standard, or of a lab, which takes all keys.
    """

    ticket: Ticket
    leaf: bytes
    subs: tuple[bytes, ...]
    emaid: str
    at: float
    rules: Literal["iso2", "iso20", "lab"] = "iso2"


@dataclass(frozen=True, slots=True)
class VerifySignature:
    """Find out whether a key has signed these octets; the answer is `SignatureVerified`."""

    ticket: Ticket
    key: bytes
    signed: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class ProvideContract:
    """Have a vehicle's request for a contract answered, by who may sign such answers.

    ``request``: the EXI of the whole message; the answer is `ContractProvided`.
    """

    ticket: Ticket
    request: bytes


@dataclass(frozen=True, slots=True)
class ProvideTariffs:
    """Have it said what energy will cost, from now on and as long as some schedules last.

    ``emaid``: whose contract pays, empty where none does; ``entries``: as many as a tariff may
    have; ``response``: the EXI of the message with the schedules, as it will be without
    tariffs; ``pricing``: the kind that is wanted in ISO 15118-20. The answer is
    `TariffsProvided`.
    """

    ticket: Ticket
    emaid: str
    entries: int
    response: bytes
    pricing: Literal["", "absolute", "levels"] = ""


@dataclass(frozen=True, slots=True)
class ContractProven:
    """The vehicle has shown that it holds this contract's key: a proof, not a claim.

    ``chain``: its certificates in DER, the contract's first.
    """

    contract: Proven
    chain: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ReceiptSigned:
    """The vehicle has signed for what the meter showed, with its contract's key."""

    meter_id: str
    reading_wh: int | None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """A message was read, or is being sent."""

    direction: Literal["ev", "evse"]  # who sent it
    schema: Schema
    name: str
    exi: bytes
    message: Any


@dataclass(frozen=True, slots=True)
class Ignored:
    """Something the vehicle sent was not answered."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The vehicle ended the session as it should."""


@dataclass(frozen=True, slots=True)
class Paused:
    """The vehicle sleeps, and may come back to this session while it stays plugged in.

    ``mode``: the energy transfer mode it had chosen; ``contract``: whether it paid by one.
    None: it had not come so far. ``binding``, of ISO 15118-20: what only the vehicle with the
    same certificate can be bound to.
    """

    session_id: bytes
    evccid: bytes
    mode: str | None
    contract: bool | None = None
    binding: bytes = b""


@dataclass(frozen=True, slots=True)
class Broken:
    """The session ended otherwise."""

    why: str


How = Stopped | Paused | Broken


@dataclass(frozen=True, slots=True)
class SessionEnded:
    """The last action of a session."""

    how: How


Action = (
    SendBytes
    | CloseStream
    | AskAuthorizer
    | AllowEnergy
    | CheckInsulation
    | DemandOutput
    | Learned
    | VerifyContract
    | VerifySignature
    | ProvideContract
    | ProvideTariffs
    | ContractProven
    | ReceiptSigned
    | Exchanged
    | Ignored
    | SessionEnded
)
