"""What the car of a recording does, step by step, and what it waits for before each step.

A step is due a while after the charger's last word before it in the recording, so the car keeps
its own pace however fast or slow *our* charger answers.

A recording may begin or end in mid-sentence, or lack one direction. So a charger's word counts
only if the car has spoken before it on the same channel, and a connection only if the car does
anything on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from seccstack.capture.items import (
    Connected,
    Disconnected,
    Discovery,
    Item,
    Link,
    Powerline,
    V2gMessage,
)
from seccstack.capture.matching import FromCharger, FromVehicle, matching_of
from seccstack.capture.plugins import PlugIn
from seccstack.drive import met
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import AttenCharInd, AttenProfileInd
from seccstack.messages import din, iso2
from seccstack.session import scaled
from seccstack.session.plant import DcSupply, Protocol

SDP_ANSWER = "SECC Discovery Response"
CONNECTION = "TCP connection"
OFFERS = (iso2.ChargeParameterDiscoveryRes, din.ChargeParameterDiscoveryRes)
DC_OFFERS = (iso2.DC_EVSEChargeParameter, din.DC_EVSEChargeParameter)
WISHES = (iso2.ChargeParameterDiscoveryReq, din.ChargeParameterDiscoveryReq)
DC_WISHES = (iso2.DC_EVChargeParameter, din.DC_EVChargeParameter)
ANY_SUPPLY = DcSupply(max_volts=920, max_amps=500, max_watts=350_000)

Deed = Powerline | Discovery | Connected | V2gMessage | Disconnected
Reply = V2gMessage | Discovery


@dataclass(frozen=True, slots=True)
class Step:
    """One thing the car does, or None for the end of the recording.

    ``awaited``: what the recorded charger said since the step before; ``replies``: those of its
    messages that can be compared with ours; ``delay`` runs from the last of it, or from the
    step before.
    """

    item: Deed | None
    at: float
    delay: float
    awaited: frozenset[str] = frozenset()
    replies: tuple[Reply, ...] = ()

    @property
    def link(self) -> Link | None:
        """The connection it is about, if it is about one."""
        return getattr(self.item, "link", None)


@dataclass(frozen=True, slots=True)
class Script:
    """A recorded car: who it is, what it met, and all its steps."""

    source: str
    mac: bytes  # of its matching
    address: str | None
    host_mac: bytes | None
    evse_mac: bytes | None
    attenuation: bytes | None  # per group, as the recorded charger's modem heard it
    amps: float | None  # what the recorded charger offered per phase
    volts: int | None
    supply: DcSupply | None = None  # as the recorded charger described it, if it was one of DC
    protocol: Protocol | None = None  # that the two spoke
    discharge_amps: float = 0.0  # what the recorded charger lets back, per phase
    steps: tuple[Step, ...] = field(default=(), repr=False)

    @property
    def matching_seen(self) -> bool:
        """Whether the recording has anything of a matching; one of a network alone has not."""
        return any(isinstance(step.item, Powerline) for step in self.steps)

    @property
    def began(self) -> float:
        """When the recording of this plug-in begins."""
        return self.steps[0].at


def script_of(
    plug_in: PlugIn, mac: bytes, address: str | None = None, host_mac: bytes | None = None
) -> Script:
    """Read a car's steps off one plug-in of a capture; who it is, the caller knows."""
    matching = matching_of(plug_in.attempts)
    evse_mac = matching.evse_mac if matching else None
    amps, volts = _offer(plug_in.items)
    supply = _supply(plug_in.items)
    return Script(
        source=plug_in.source,
        mac=mac,
        address=address,
        host_mac=host_mac,
        evse_mac=evse_mac,
        attenuation=_attenuation(plug_in.items, evse_mac),
        amps=amps,
        volts=volts,
        supply=supply,
        protocol=met.protocol_of(plug_in.items),
        discharge_amps=met.discharge_amps_of(plug_in.items),
        steps=tuple(_steps(plug_in.items, mac, evse_mac)),
    )


def name_of(reply: Reply) -> str | None:
    """Return what a charger's message is awaited as."""
    return reply.name if isinstance(reply, V2gMessage) else SDP_ANSWER


def _steps(items: Sequence[Item], mac: bytes, evse_mac: bytes | None) -> Iterator[Step]:
    awaited: set[str] = set()
    replies: list[Reply] = []
    spoken: set[object] = set()
    last = items[0].time
    for item in _in_order(items):
        channel = getattr(item, "link", type(item))
        name = _said_by_charger(item, evse_mac) if channel in spoken else None
        if name is not None:
            awaited.add(name)
            replies += [item] if isinstance(item, V2gMessage | Discovery) else []
            last = item.time
        elif (deed := _done_by_car(item, mac)) is not None:
            delay = max(item.time - last, 0.0)
            yield Step(deed, item.time, delay, frozenset(awaited), tuple(replies))
            awaited = {CONNECTION} if isinstance(item, Connected) else set()
            spoken |= set() if isinstance(item, Connected) else {channel}
            replies.clear()
            last = item.time
    yield Step(None, last, 1.0, frozenset(awaited), tuple(replies))


def _in_order(items: Sequence[Item]) -> Iterator[Item]:
    """Yield the items in the order in which the car means them.

    It may close a connection while an answer is still on its way, which our charger, being
    faster, has given before. And it resets what is left of an older connection before it opens
    one anew: that is not an end.
    """
    talk = [item for item in items if isinstance(item, V2gMessage)]
    last = {message.link: message for message in talk}
    last_asked = {message.link: message.number for message in talk if message.sender == "ev"}
    early: dict[Link, Disconnected] = {}
    for item in items:
        link: Link | None = getattr(item, "link", None)
        if link is not None and not _lives(link, last_asked):
            continue
        if isinstance(item, Disconnected) and item.sender == "ev" and item.link in last:
            if item.number < last_asked.get(item.link, 0):
                continue
            if item.number < last[item.link].number:
                early[item.link] = item
                continue
        yield item
        if isinstance(item, V2gMessage) and item is last[item.link] and item.link in early:
            yield early.pop(item.link)


def _lives(link: Link, last_asked: dict[Link, int]) -> bool:
    """Whether the car opens this connection in the recording, or says anything on it."""
    return link.beginning_seen or link.tls or link in last_asked


def _said_by_charger(item: Item, evse_mac: bytes | None) -> str | None:
    match item:
        case Powerline(frame=Frame() as frame) if isinstance(frame.message, FromCharger):
            # Chargers beside ours answer too; only the one that was chosen has a say.
            return frame.message.name if evse_mac in (None, frame.source) else None
        case Discovery(sender="evse") | V2gMessage(sender="evse"):
            return name_of(item)
        case _:
            return None


def _done_by_car(item: Item, mac: bytes) -> Deed | None:
    match item:
        case Powerline(frame=Frame() as frame):
            ours = frame.source == mac and isinstance(frame.message, FromVehicle)
            return item if ours else None
        case Discovery(sender="ev") | V2gMessage(sender="ev") | Disconnected(sender="ev"):
            return item
        case Connected():
            return item
        case _:
            return None


def _attenuation(items: Sequence[Item], evse_mac: bytes | None) -> bytes | None:
    """Return what the charger reported, or else what its modem heard first."""
    reported, heard = [], []
    for item in items:
        match item:
            case Powerline(frame=Frame(source=source, message=AttenCharInd() as report)):
                reported += [report.attenuations] if source == evse_mac else []
            case Powerline(frame=Frame(message=AttenProfileInd() as profile)):
                heard.append(profile.attenuations)
            case _:
                pass
    return next(iter([*reported, *heard]), None)


def _offer(items: Sequence[Item]) -> tuple[float | None, int | None]:
    """Return the current and the voltage that the recorded charger offered first."""
    for item in items:
        body: Any = item.content if isinstance(item, V2gMessage) else None
        if isinstance(body, iso2.ChargeParameterDiscoveryRes):
            offer = body.evse_charge_parameter
            if isinstance(offer, iso2.AC_EVSEChargeParameter):
                volts, amps = offer.evse_nominal_voltage, offer.evse_max_current
                return (
                    amps.value * 10.0**amps.multiplier,
                    round(volts.value * 10.0**volts.multiplier),
                )
    return None, None


def _supply(items: Sequence[Item]) -> DcSupply | None:
    """Return what the car met if it asked for DC: as much as any charger has, if unknown."""
    bodies: list[Any] = [item.content for item in items if isinstance(item, V2gMessage)]
    for body in bodies:
        offer = getattr(body, "evse_charge_parameter", None)
        if isinstance(body, OFFERS) and isinstance(offer, DC_OFFERS):
            volts = scaled.plain(offer.evse_maximum_voltage_limit)
            amps = scaled.plain(offer.evse_maximum_current_limit)
            most = offer.evse_maximum_power_limit  # in DIN SPEC 70121 it may be missing
            watts = volts * amps if most is None else scaled.plain(most)
            if min(volts, amps, watts) > 0:
                return DcSupply(max_volts=volts, max_amps=amps, max_watts=watts)
    asked = (body for body in bodies if isinstance(body, WISHES))
    dc = any(isinstance(body.ev_charge_parameter, DC_WISHES) for body in asked)
    return ANY_SUPPLY if dc else met.supply_of(items, ANY_SUPPLY)
