"""SLAC told whole: each attempt of a vehicle, who answered, and who else was heard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from seccstack.capture.matching import Attempt, mean, outcome_of
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)

MAX_TOLD = 1000  # attempts of a session, stations in it: more is an attack, and worth no list


@dataclass(frozen=True, slots=True)
class Answer:
    """What one charger said to a vehicle in one attempt."""

    evse: bytes
    time: float
    attenuation_db: float | None = None  # as it told the vehicle
    sounds: int | None = None  # that it says to have heard
    acknowledged: bool = False  # by CM_ATTEN_CHAR.RSP


@dataclass(frozen=True, slots=True)
class Crosstalk:
    """A vehicle's runs which are none of this plug-in's, though they were heard with it."""

    vehicle: bytes
    attempts: list[Attempt] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return an element of ``slac.crosstalk``."""
        heard = [
            mean(message.attenuations)
            for attempt in self.attempts
            for _, message in attempt.said(AttenProfileInd)
        ]
        return {
            "vehicle_mac": _hex(self.vehicle),
            "t": _time(self.attempts[0].frames[0].time),
            "runs": len(self.attempts),
            "parm_req": sum(len(attempt.of(SlacParmReq)) for attempt in self.attempts),
            "heard_db": min(heard, default=None),
            "evses": chargers_of(self.attempts),
            "outcome": outcome_of(self.attempts),
        }


def attempts_of(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Return ``slac.attempts``: one after the other, as the vehicle made them."""
    return [_attempt(attempt) for attempt in attempts[:MAX_TOLD]]


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "run_id": _hex(attempt.run_id),
        "started": _time(attempt.frames[0].time),
        "ended": _time(attempt.frames[-1].time),
        "parm_req": len(attempt.of(SlacParmReq)),
        "start_atten": len(attempt.of(StartAttenCharInd)),
        "sounds": len(attempt.of(MnbcSoundInd)),
        "answers": [
            {
                "evse_mac": _hex(answer.evse),
                "t": _time(answer.time),
                "attenuation_db": answer.attenuation_db,
                "sounds": answer.sounds,
                "acknowledged": answer.acknowledged,
            }
            for answer in answers_of(attempt)
        ],
        "chosen": _hex(attempt.chosen),
        "matched": attempt.matched is not None,
        "outcome": ending_of(attempt),
    }


def answers_of(attempt: Attempt) -> list[Answer]:
    """Return a charger after the other that answered in this attempt, as it came."""
    found: dict[bytes, Answer] = {}
    acknowledged = {
        f.frame.destination for f in attempt.of(AttenCharRsp) if f.frame is not None
    }
    for item in [*attempt.of(SlacParmCnf), *attempt.of(AttenCharInd)]:
        assert item.frame is not None  # noqa: S101 - `of` returns frames with a message only
        evse, message = item.frame.source, item.frame.message
        if evse not in found and len(found) < MAX_TOLD:
            found[evse] = Answer(evse, item.time)
        if isinstance(message, AttenCharInd) and evse in found:
            found[evse] = Answer(
                evse,
                found[evse].time,
                mean(message.attenuations),
                message.num_sounds,
                evse in acknowledged,
            )
    return list(found.values())


def ending_of(attempt: Attempt) -> str:
    """Say in words how far an attempt came."""
    if attempt.matched is not None:
        return "matched"
    if attempt.chosen is not None:
        return "the charger that the vehicle chose did not confirm (CM_SLAC_MATCH.CNF)"
    if attempt.of(AttenCharRsp):
        return "the vehicle acknowledged its attenuation and chose none"
    if attempt.of(AttenCharInd):
        return "the vehicle did not acknowledge its attenuation"
    if attempt.of(StartAttenCharInd) or attempt.of(MnbcSoundInd):
        return "no charger told an attenuation (CM_ATTEN_CHAR.IND)"
    if attempt.answered:
        return "the vehicle was answered and sent no sounds"
    return "nobody answered"


def answered_by(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Return ``slac.answered_by``: every charger once, with what it told last."""
    return chargers_of([a for a in attempts if a.answered])


def chargers_of(attempts: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Return the chargers that answered in these attempts, or were chosen, and how loud."""
    found: dict[bytes, float | None] = {}
    for attempt in attempts:
        for answer in answers_of(attempt):
            told = answer.attenuation_db
            found[answer.evse] = found.get(answer.evse) if told is None else told
        for _, message in attempt.said(SlacMatchReq):
            found.setdefault(message.evse_mac, None)
    loudness = list(found.items())[:MAX_TOLD]
    return [{"evse_mac": _hex(evse), "attenuation_db": db} for evse, db in loudness]


def _hex(octets: bytes | None) -> str | None:
    return None if octets is None else octets.hex().upper()


def _time(seconds: float) -> float:
    return round(seconds, 6)
