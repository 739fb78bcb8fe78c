"""All that a charger does on the powerline: matching and its own modem, from frame to frame.

`SlacEvse`, `ModemHost` and `AmplitudeMaps` see the same messages; what the one learns (the
modem's address, a key in force, a link) the others are told. `Station` is the three of them
with the frames around: octets in, octets out. It outlives interfaces that come and go.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import assert_never

from seccstack.errors import MalformedError
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import SlacParmCnf
from seccstack.slac import timing
from seccstack.slac.amplitude import Action as AmplitudeAction
from seccstack.slac.amplitude import (
    AmplitudeMaps,
    AmplitudesSet,
    PeerLinked,
    PeerParted,
    SetAmplitudes,
)
from seccstack.slac.attempts import Deserted
from seccstack.slac.events import (
    Heard,
    Ignored,
    KeyInForce,
    KeyLost,
    LinkChanged,
    ModemLearned,
    Send,
)
from seccstack.slac.evse import Action as EvseAction
from seccstack.slac.evse import (
    AskedAgain,
    LineTurned,
    LinkLost,
    LinkReady,
    Matched,
    MatchingFailed,
    SlacEvse,
    ToggleExpected,
    VehicleArrived,
    VehicleLeft,
)
from seccstack.slac.modem import ModemHost
from seccstack.slac.modem_events import Action as ModemAction
from seccstack.slac.modem_events import (
    ForeignStationSeen,
    ModemAnswers,
    ModemReported,
    ModemSilent,
    ReopenLine,
    UseKey,
    WatchLink,
)
from seccstack.slac.modem_status import Status
from seccstack.slac.neighbours import NeighbourHeard
from seccstack.slac.validation import Validation
from seccstack.slac.vehicle_modem import Action as VehicleModemAction
from seccstack.slac.vehicle_modem import SecondModemSeen, VehicleModem, VehicleModemSeen

NOT_OPEN = "the powerline is not open"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How one outlet matches; what has a default may be left as it is.

    ``correction_db``: what this board's coupling adds to every attenuation, or to each of the
    58 groups. ``init_seconds`` (TT_EVSE_SLAC_init): how long a vehicle may take until it asks.
    ``limits_power``: whether anybody makes our modem heed `SetAmplitudes`; ``amplitudes``: what
    every vehicle that is linked is asked to heed, if anything.
    """

    correction_db: int | tuple[int, ...] = 0
    init_seconds: float = timing.EVSE_SLAC_INIT
    validation: Validation = Validation.OFF
    limits_power: bool = False
    amplitudes: bytes | None = None


DEFAULTS = Settings()


@dataclass(frozen=True, slots=True)
class Opened:
    """There is a way to the modem; ``mac`` is our own address on it."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class Lost:
    """There is none any more."""

    why: str


@dataclass(frozen=True, slots=True)
class KeyDrawn:
    """A fresh random network key, and a nonce to set it with."""

    network_key: bytes = field(repr=False)
    nonce: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FrameReceived:
    """A frame came from the modem. It may hold a network key."""

    octets: bytes = field(repr=False)


Event = (
    Opened
    | Lost
    | KeyDrawn
    | FrameReceived
    | VehicleArrived
    | VehicleLeft
    | LineTurned
    | AmplitudesSet
)


@dataclass(frozen=True, slots=True)
class SendFrame:
    """Give a frame to the modem. It may hold the network key."""

    octets: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class DrawKey:
    """Draw a fresh random network key, and tell it with `KeyDrawn`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An EV was answered CM_SLAC_PARM.CNF: it speaks, whoever it is."""


@dataclass(frozen=True, slots=True)
class KeyChanged:
    """The modem uses our key now, or has none."""

    in_force: bool


@dataclass(frozen=True, slots=True)
class Troubled:
    """Nothing can be matched until `Recovered`."""

    why: str


@dataclass(frozen=True, slots=True)
class Recovered:
    """Matching is possible again."""


Action = (
    SendFrame
    | DrawKey
    | Asked
    | KeyChanged
    | Troubled
    | Recovered
    | Matched
    | Deserted
    | AskedAgain
    | MatchingFailed
    | LinkReady
    | LinkLost
    | ToggleExpected
    | NeighbourHeard
    | SetAmplitudes
    | ModemReported
    | ForeignStationSeen
    | VehicleModemSeen
    | SecondModemSeen
    | ReopenLine
    | Ignored
)


class Station:
    """One charger's place on the powerline."""

    def __init__(self, settings: Settings = DEFAULTS) -> None:
        self._settings = settings
        self._mac = bytes(6)
        self._evse: SlacEvse | None = None
        self._modem = ModemHost()
        self._amplitudes = AmplitudeMaps(able=settings.limits_power, wanted=settings.amplitudes)
        self._vehicle_modem = VehicleModem()
        self._vehicle = False
        self._linked = False
        self.trouble: str | None = NOT_OPEN  # why nothing can be matched

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        if self._evse is None:
            return None
        deadlines = (self._evse.deadline, self._modem.deadline, self._amplitudes.deadline)
        return min((d for d in deadlines if d is not None), default=None)

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case Opened(mac):
                return self._open(mac, now)
            case Lost(why):
                self._evse, self.trouble = None, why
                self._parted(now)
                parted: list[Action] = [LinkLost()] if self._linked else []
                self._linked = False
                return [Troubled(why), ModemReported(Status(trouble=why)), *parted]
            case KeyDrawn(key, nonce):
                if self._evse is None:
                    return []
                return self._carry(self._modem.receive(UseKey(key, nonce=nonce), now), now)
            case FrameReceived(octets):
                return self._hear(octets, now)
            case VehicleArrived():
                self._vehicle = True
                return self._tell_evse(event, now)
            case VehicleLeft():
                return self._part(now)
            case LineTurned():
                return self._tell_evse(event, now)
            case AmplitudesSet():
                return self._carry(self._amplitudes.receive(event, now), now)
            case _:
                assert_never(event)

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        if self._evse is None:
            return []
        told = self._carry(self._evse.tick(now), now)
        told += self._carry(self._modem.tick(now), now)
        return [*told, *self._carry(self._amplitudes.tick(now), now)]

    def _open(self, mac: bytes, now: float) -> list[Action]:
        self._mac = mac
        self._modem = ModemHost()
        self._evse = SlacEvse(
            mac,
            correction_db=self._settings.correction_db,
            init_seconds=self._settings.init_seconds,
            validation=self._settings.validation,
        )
        before, self.trouble = self.trouble, None
        told = self._tell_evse(VehicleArrived(), now) if self._vehicle else []
        news: list[Action] = [] if before in (None, NOT_OPEN) else [Recovered()]
        return [*news, DrawKey(), *told]

    def _part(self, now: float) -> list[Action]:
        """Forget the vehicle, and leave its network by taking a new key."""
        self._vehicle = self._linked = False
        self._parted(now)
        if self._evse is None:
            return []
        told = self._carry(self._modem.receive(WatchLink(False), now), now)
        return [*told, *self._tell_evse(VehicleLeft(), now), DrawKey()]

    def _parted(self, now: float) -> None:
        self._amplitudes.receive(PeerParted(), now)
        self._vehicle_modem.receive(PeerParted())

    def _tell_evse(
        self,
        event: VehicleArrived
        | VehicleLeft
        | LineTurned
        | ModemLearned
        | KeyInForce
        | KeyLost
        | LinkChanged,
        now: float,
    ) -> list[Action]:
        return [] if self._evse is None else self._carry(self._evse.receive(event, now), now)

    def _hear(self, octets: bytes, now: float) -> list[Action]:
        if self._evse is None:
            return []
        try:
            frame = decode_frame(octets)
        except MalformedError as error:
            return [Ignored("powerline frame", str(error))]
        heard = Heard(frame.destination, frame.source, frame.message)
        told = self._carry(self._modem.receive(heard, now), now)
        told += self._carry(self._evse.receive(heard, now), now)
        told += self._carry(self._vehicle_modem.receive(heard), now)
        return [*told, *self._carry(self._amplitudes.receive(heard, now), now)]

    def _carry(
        self,
        told: Sequence[EvseAction | ModemAction | AmplitudeAction | VehicleModemAction],
        now: float,
    ) -> list[Action]:
        """Say what becomes of the machines' actions."""
        actions: list[Action] = []
        waiting = deque(told)
        while waiting:
            action = waiting.popleft()
            match action:
                case Send(destination, message):
                    frame = Frame(destination, self._mac, message)
                    actions.append(SendFrame(encode_frame(frame)))
                    actions += [Asked()] if isinstance(message, SlacParmCnf) else []
                case Matched(ev_mac):
                    actions.append(action)
                    waiting.extend(self._modem.receive(WatchLink(True, ev_mac), now))
                case LinkReady(mac):
                    self._linked = True
                    actions.append(action)
                    waiting.extend(self._amplitudes.receive(PeerLinked(mac), now))
                    self._vehicle_modem.receive(PeerLinked(mac))
                case LinkLost():
                    self._linked = False
                    self._parted(now)
                    actions.append(action)
                case KeyInForce() | KeyLost():
                    actions.append(KeyChanged(isinstance(action, KeyInForce)))
                    actions += self._tell_evse(action, now)
                case ModemLearned() | LinkChanged():
                    if isinstance(action, ModemLearned):
                        self._vehicle_modem.receive(action)
                    actions += self._tell_evse(action, now)
                case ModemSilent(why):
                    self.trouble = f"the modem is silent: {why}"
                    actions.append(Troubled(self.trouble))
                case ModemAnswers():
                    self.trouble = None
                    actions.append(Recovered())
                    if self._vehicle:  # it may have given up while nobody could hear it
                        actions += self._tell_evse(VehicleArrived(), now)
                case _:
                    actions.append(action)
        return actions
