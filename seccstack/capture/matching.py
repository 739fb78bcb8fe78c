"""SLAC as a bystander hears it: whose run a frame belongs to, and how far the run came.

Vehicles use a run id again, and some always the same. So an `Attempt` is a vehicle's frames
with one run id, up to the next CM_SLAC_PARM.REQ that comes after a match.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from seccstack.auth.addresses import format_mac
from seccstack.capture.items import Powerline
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
    ValidateCnf,
    ValidateReq,
)

FromVehicle = (
    SlacParmReq | StartAttenCharInd | MnbcSoundInd | AttenCharRsp | ValidateReq | SlacMatchReq
)
M = TypeVar("M", bound=Mme)
FromCharger = SlacParmCnf | AttenCharInd | ValidateCnf | SlacMatchCnf


def vehicle_of(frame: Frame) -> bytes | None:
    """Return the MAC address of the vehicle whose matching this frame is part of."""
    match frame.message:
        case AttenProfileInd() | SlacMatchCnf():
            return frame.message.ev_mac
        case AttenCharInd():
            return frame.message.source_address
        case SlacParmCnf():
            return frame.message.forwarding_station
        case ValidateCnf():
            return frame.destination
        case message if isinstance(message, FromVehicle):
            return frame.source
        case _:
            return None


def run_of(message: Mme) -> bytes | None:
    """Return the run id, of those messages that have one."""
    run_id: bytes | None = getattr(message, "run_id", None)
    return run_id


@dataclass(eq=False, slots=True)
class Attempt:
    """One run of matching, and who answered in it."""

    vehicle: bytes
    run_id: bytes | None
    frames: list[Powerline] = field(default_factory=list)
    answered: bool = False  # by a charger that is in the capture
    chosen: bytes | None = None  # the charger that CM_SLAC_MATCH.REQ names
    matched: Powerline | None = None  # the frame of CM_SLAC_MATCH.CNF

    def of(self, kind: type[Mme]) -> list[Powerline]:
        """Return the frames with such a message."""
        return [f for f in self.frames if f.frame and isinstance(f.frame.message, kind)]

    def said(self, kind: type[M]) -> list[tuple[bytes, M]]:
        """Return such messages, each with its source."""
        frames = [f.frame for f in self.frames if f.frame]
        return [(f.source, f.message) for f in frames if isinstance(f.message, kind)]

    def takes(self, message: Mme) -> bool:
        """Whether a message of this vehicle belongs to this attempt and not to the next."""
        if isinstance(message, SlacParmReq) and self.matched:
            return False
        return run_of(message) in (None, self.run_id)

    def add(self, item: Powerline, frame: Frame) -> None:
        """Add a frame that belongs to it."""
        self.frames.append(item)
        self.answered = self.answered or isinstance(frame.message, FromCharger)
        if isinstance(frame.message, SlacMatchReq):
            self.chosen = frame.message.evse_mac
        elif isinstance(frame.message, SlacMatchCnf):
            self.matched = self.matched or item


def outcome_of(attempts: Sequence[Attempt]) -> str:
    """Say how often a vehicle asked in these attempts, and what came of it."""
    asked = sum(len(attempt.of(SlacParmReq)) for attempt in attempts)
    counted = f"{_count(asked, 'time')} in {_count(len(attempts), 'run')}"
    chosen = dict.fromkeys(format_mac(a.chosen) for a in attempts if a.chosen)
    if chosen:
        return f"{counted}: it chose {', '.join(chosen)}"
    answered = any(attempt.answered for attempt in attempts)
    return f"{counted}: {'no match came of it' if answered else 'nobody answered'}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class Matching:
    """The ``slac`` object of a session: the attempt that led to a match, or else the last one.

    ``parm_req`` counts the requests of all the plug-in's attempts up to the match. ``sounds``
    is how many of them the charger reports to have heard, or how many the capture has, if the
    report is not in it. ``seconds`` is the time from the answered request to the match.
    """

    run_id: bytes | None
    evse_mac: bytes | None
    nid: bytes | None
    parm_req: int
    sounds: int
    attenuation_db: float | None
    matched: bool
    seconds: float | None

    def to_json(self) -> dict[str, object]:
        """Return the object."""
        return {
            "run_id": _hex(self.run_id),
            "evse_mac": _hex(self.evse_mac),
            "nid": _hex(self.nid),
            "parm_req": self.parm_req,
            "sounds": self.sounds,
            "attenuation_db": self.attenuation_db,
            "matched": self.matched,
            "seconds": self.seconds,
        }


def _hex(octets: bytes | None) -> str | None:
    return None if octets is None else octets.hex().upper()


def matching_of(attempts: Sequence[Attempt]) -> Matching | None:
    """Sum up the attempts of one plug-in; None if there is none."""
    if not attempts:
        return None
    told = next((a for a in reversed(attempts) if a.matched), attempts[-1])
    end = (told.matched or told.frames[-1]).number
    asked = [item.time for a in attempts for item in a.of(SlacParmReq) if item.number <= end]
    seconds = told.matched.time - asked[-1] if told.matched and asked else None
    if seconds is not None and seconds < 0:
        seconds = None  # the clock was set meanwhile
    evse, nid = _charger(told)
    report = next((m for source, m in told.said(AttenCharInd) if source == evse), None)
    return Matching(
        run_id=told.run_id,
        evse_mac=evse,
        nid=nid,
        parm_req=len(asked),
        sounds=report.num_sounds if report else len(told.of(MnbcSoundInd)),
        attenuation_db=mean(report.attenuations) if report else None,
        matched=told.matched is not None,
        seconds=None if seconds is None else round(seconds, 6),
    )


def mean(attenuations: bytes) -> float:
    """Return the mean attenuation of a report's groups, in dB."""
    return round(sum(attenuations) / len(attenuations), 2)


def _charger(told: Attempt) -> tuple[bytes | None, bytes | None]:
    """Return the charger's MAC address and its network id, as far as the attempt came."""
    for source, confirmation in told.said(SlacMatchCnf):
        return source, confirmation.network_id
    answers = [*told.said(SlacParmCnf), *told.said(AttenCharInd)]
    return told.chosen or (answers[-1][0] if answers else None), None
