"""What the car of a recording does, step by step, and what it waits for before each step.

A step is due a while after the charger's last word before it in the recording, so the car keeps
its own pace however fast or slow *our* charger answers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.capture.items import (
    Connected,
    Disconnected,
    Discovery,
    Item,
    Powerline,
    V2gMessage,
)
from seccstack.capture.matching import FromCharger, FromVehicle, matching_of
from seccstack.capture.plugins import PlugIn
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import AttenCharInd, AttenProfileInd
from seccstack.messages import iso2

SDP_ANSWER = "SECC Discovery Response"
CONNECTION = "TCP connection"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the car does, or None for the end of the recording.

    ``awaited``: what the recorded charger said since the step before; ``replies`` its messages;
    ``delay`` runs from the last of it, or from the step before.
    """

    item: Item | None
    at: float
    delay: float
    awaited: frozenset[str] = frozenset()
    replies: tuple[V2gMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A recorded car: who it is, what it met, and all its steps."""

    source: str
    mac: bytes
    address: str | None
    evse_mac: bytes | None
    attenuation: bytes | None  # per group, as the recorded charger's modem heard it
    amps: float | None  # what the recorded charger offered per phase
    volts: int | None
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def began(self) -> float:
        """When the recording of this plug-in begins."""
        return self.steps[0].at


def script_of(plug_in: PlugIn, address: str | None) -> Script:
    """Read a car's steps off one plug-in of a capture."""
    matching = matching_of(plug_in.attempts)
    evse_mac = matching.evse_mac if matching else None
    amps, volts = _offer(plug_in.items)
    return Script(
        source=plug_in.source,
        mac=plug_in.vehicle or bytes(6),
        address=address,
        evse_mac=evse_mac,
        attenuation=_attenuation(plug_in, evse_mac),
        amps=amps,
        volts=volts,
        steps=_steps(plug_in, evse_mac),
    )


def _steps(plug_in: PlugIn, evse_mac: bytes | None) -> tuple[Step, ...]:
    steps: list[Step] = []
    awaited: set[str] = set()
    replies: list[V2gMessage] = []
    last = plug_in.items[0].time
    talked = {m.link: m.number for m in plug_in.items if isinstance(m, V2gMessage)}
    for item in plug_in.items:
        if isinstance(item, Disconnected) and item.number < talked.get(item.link, 0):
            continue  # a car resets what is left of an older connection, and then goes on
        name = _said_by_charger(item, evse_mac)
        if name is not None:
            awaited.add(name)
            replies += [item] if isinstance(item, V2gMessage) else []
            last = item.time
        elif _done_by_car(item, plug_in.vehicle):
            delay = max(item.time - last, 0.0)
            steps.append(Step(item, item.time, delay, frozenset(awaited), tuple(replies)))
            awaited = {CONNECTION} if isinstance(item, Connected) else set()
            replies.clear()
            last = item.time
    steps.append(Step(None, last, 1.0, frozenset(awaited), tuple(replies)))
    return tuple(steps)


def _said_by_charger(item: Item, evse_mac: bytes | None) -> str | None:
    match item:
        case Powerline(frame=Frame() as frame) if isinstance(frame.message, FromCharger):
            # Chargers beside ours answer too; only the one that was chosen has a say.
            return frame.message.name if evse_mac in (None, frame.source) else None
        case Discovery(sender="evse"):
            return SDP_ANSWER
        case V2gMessage(sender="evse"):
            return item.name
        case _:
            return None


def _done_by_car(item: Item, vehicle: bytes | None) -> bool:
    match item:
        case Powerline(frame=Frame() as frame):
            return frame.source == vehicle and isinstance(frame.message, FromVehicle)
        case Discovery(sender="ev") | V2gMessage(sender="ev") | Disconnected(sender="ev"):
            return True
        case Connected():
            return True
        case _:
            return False


def _attenuation(plug_in: PlugIn, evse_mac: bytes | None) -> bytes | None:
    """Return what the charger reported, or else what its modem heard first."""
    reported, heard = [], []
    for item in plug_in.items:
        match item:
            case Powerline(frame=Frame(source=source, message=AttenCharInd() as report)):
                reported += [report.attenuations] if source == evse_mac else []
            case Powerline(frame=Frame(message=AttenProfileInd() as profile)):
                heard.append(profile.attenuations)
            case _:
                pass
    return next(iter([*reported, *heard]), None)


def _offer(items: list[Item]) -> tuple[float | None, int | None]:
    """Return the current and the voltage that the recorded charger offered first."""
    for item in items:
        body = getattr(getattr(item, "message", None), "body", None)
        if isinstance(body, iso2.ChargeParameterDiscoveryRes):
            offer = body.evse_charge_parameter
            if isinstance(offer, iso2.AC_EVSEChargeParameter):
                volts = offer.evse_nominal_voltage
                amps = offer.evse_max_current
                return (
                    amps.value * 10.0**amps.multiplier,
                    round(volts.value * 10.0**volts.multiplier),
                )
    return None, None
