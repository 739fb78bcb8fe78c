"""A recorded car as something a simulated world can plug in.

It does what it did then, each step when our charger has said what the recorded one said before
it, or after a while of waiting in vain. Requests carry the session id our charger gave; not
another bit of them is changed. Where our answer would have made the car go another way than it
then went, that is a `Parting`.

The recording has no pilot line: the car is taken to be in state C from its PowerDeliveryReq
with Start to the one with Stop, and to draw nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seccstack import sdp, v2gtp
from seccstack.capture.dialogue import Dialogue
from seccstack.capture.items import (
    Connected,
    Disconnected,
    Discovery,
    Link,
    Powerline,
    V2gMessage,
)
from seccstack.capture.matching import FromCharger
from seccstack.drive.script import CONNECTION, SDP_ANSWER, Script, Step
from seccstack.drive.session_id import patched
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import SetKeyReq, SlacMatchCnf
from seccstack.messages import iso2
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS
from seccstack.sim import car
from seccstack.sim.pilot import VehicleConnected, VehicleDisconnected
from seccstack.v2gtp import Payload, Reader

PATIENCE = 5.0  # seconds beyond the recorded pause; then the recorded charger is missed
MAX_PARTINGS = 1000  # of one drive; the first ones tell


@dataclass(frozen=True, slots=True)
class Parting:
    """Our charger did otherwise than the recorded one: the car might have gone elsewhere."""

    t: float
    message: str
    ours: str | None
    theirs: str | None
    why: str

    def to_json(self) -> dict[str, Any]:
        """Return an element of a session's ``partings``."""
        return {
            "t": round(self.t, 6),
            "message": self.message,
            "ours": self.ours,
            "theirs": self.theirs,
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Authorise:
    """The recorded charger's next word is that the car may charge: let ours know it too."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The recording is at its end."""


class RecordedCar:
    """Plays a `Script`; a `seccstack.sim.car.Vehicle`."""

    def __init__(self, script: Script) -> None:
        self.mac = script.mac
        self.address = script.address or car.link_local(script.mac)
        self.partings: list[Parting] = []
        self._script = script
        self._next = 0
        self._last = 0.0  # when the step before was done
        self._heard: dict[str, float] = {}
        self._said: dict[str, Any] = {}  # our charger's messages since then
        self._session_ids: dict[bytes, bytes] = {}
        self._endpoint: tuple[bytes, int] | None = None
        self._link: Link | None = None  # the connection that the car is on
        self._reader = Reader()
        self._dialogue = Dialogue()
        self._plugged = False

    @property
    def deadline(self) -> float | None:
        """When the next step is due, or is given up waiting for."""
        step = self._step
        if step is None or not self._plugged:
            return None
        if step.awaited <= self._heard.keys():
            return (
                max((self._heard[name] for name in step.awaited), default=self._last)
                + step.delay
            )
        return self._last + self._recorded_pause(step) + PATIENCE

    @property
    def _step(self) -> Step | None:
        steps = self._script.steps
        return steps[self._next] if self._next < len(steps) else None

    def _recorded_pause(self, step: Step) -> float:
        before = self._script.steps[self._next - 1].at if self._next else step.at
        return max(step.at - before, 0.0)

    def receive(self, event: car.Event, now: float) -> Sequence[Any]:
        """See something."""
        match event:
            case car.PlugIn():
                self._plugged, self._last = True, now
                return [VehicleConnected(CONNECTED_OHMS)]
            case car.PullPlug():
                self._plugged = False
                return [VehicleDisconnected()]
            case car.FrameArrived(octets):
                return self._hear(octets, now)
            case car.DatagramArrived(octets):
                response = sdp.SdpResponse.decode(octets)
                self._endpoint = (response.address, response.port)
                self._heard[SDP_ANSWER] = now
            case car.StreamUp():
                self._reader, self._dialogue = Reader(), Dialogue()
                self._heard[CONNECTION] = now
            case car.StreamDown():
                self._cut_short(now)
            case car.BytesArrived(data):
                for item in self._reader.feed(data):
                    if isinstance(item, Payload):
                        self._answered(item, now)
            case _:
                pass  # the signal and the mains: what it made of them is not in the recording
        return []

    def tick(self, now: float) -> Sequence[Any]:
        """Do what is due."""
        actions: list[Any] = []
        while self.deadline is not None and self.deadline <= now:
            step = self._step
            assert step is not None  # noqa: S101 - there is a deadline
            self._compare(step, now)
            self._next += 1
            self._last = now
            self._heard.clear()
            self._said.clear()
            actions += self._do(step, now)
        return actions

    def _cut_short(self, now: float) -> None:
        """Our charger closed the connection: pass over what the car then still said on it."""
        done, ahead = self._script.steps[: self._next], self._script.steps[self._next :]
        if ahead and _link(ahead[0]) is self._link:
            self._compare(ahead[0], now)
        left_out = [step.item for step in ahead if _link(step) is self._link]
        unsaid = [item for item in left_out if isinstance(item, V2gMessage)]
        if unsaid:
            why = f"our charger closed it; {len(unsaid)} requests of the car are left out"
            name = unsaid[0].name or "a request"
            self._part(now, name, "the connection is closed", "it was answered", why)
        kept = [_without(step, self._link) for step in ahead if _link(step) is not self._link]
        self._script = replace(self._script, steps=(*done, *kept))

    # Hearing.

    def _hear(self, octets: bytes, now: float) -> Sequence[Any]:
        try:
            message = decode_frame(octets).message
        except MalformedError:
            return []
        if isinstance(message, FromCharger):
            self._heard[message.name] = now
        if not isinstance(message, SlacMatchCnf):
            return []
        key = SetKeyReq(network_id=message.network_id, network_key=message.network_key)
        return [car.SendFrame(encode_frame(Frame(LOCAL_MODEM, self.mac, key)))]

    def _answered(self, payload: Payload, now: float) -> None:
        said = self._dialogue.read(payload.type, payload.octets)
        if said.name is not None:
            self._heard[said.name] = now
            self._said[said.name] = said.message

    # Doing.

    def _do(self, step: Step, now: float) -> list[Any]:
        done = self._done(step)
        return [*done, Authorise()] if self._is_about_to_be_authorised() else done

    def _done(self, step: Step) -> list[Any]:
        match step.item:
            case None:
                return [Finished()]
            case Powerline(octets=octets):
                return [car.SendFrame(octets)]
            case Discovery(octets=octets):
                return [car.Multicast(octets)]
            case Connected(link=link):
                self._link = link
                return [] if self._endpoint is None else [car.Connect(*self._endpoint)]
            case Disconnected():
                return [car.Disconnect()]
            case V2gMessage() as request:
                return self._request(request)
            case _:
                return []

    def _request(self, request: V2gMessage) -> list[Any]:
        self._dialogue.read(request.payload_type, request.exi)
        exi = patched(request.exi, self._session_ids)
        actions: list[Any] = []
        body = getattr(request.message, "body", None)
        if isinstance(body, iso2.PowerDeliveryReq):
            ready = body.charge_progress is not iso2.ChargeProgress.STOP
            actions.append(VehicleConnected(READY_OHMS if ready else CONNECTED_OHMS))
        return [*actions, car.SendBytes(v2gtp.encode(request.payload_type, exi))]

    def _is_about_to_be_authorised(self) -> bool:
        """Whether the recorded answer to what was just asked is that authorisation is done."""
        step = self._step
        bodies = [] if step is None else [reply.content for reply in step.replies]
        return any(
            isinstance(body, iso2.AuthorizationRes)
            and body.evse_processing is iso2.EVSEProcessing.FINISHED
            for body in bodies
        )

    # Comparing.

    def _compare(self, step: Step, now: float) -> None:
        replies = {reply.name: reply for reply in step.replies}
        for name in sorted(step.awaited):
            theirs = replies.get(name)
            if name not in self._heard:
                self._part(now, name, None, _essence(theirs), self._why_missing())
            elif theirs is not None:
                self._learn_session_id(theirs, self._said[name])
                ours, wanted = _words(self._said[name]), _essence(theirs)
                if ours != wanted:
                    self._part(now, name, ours, wanted, _why(self._said[name], theirs))

    def _why_missing(self) -> str:
        instead = ", ".join(sorted(self._heard))
        return f"our charger said {instead} instead" if instead else "our charger said nothing"

    def _part(
        self, now: float, name: str, ours: str | None, theirs: str | None, why: str
    ) -> None:
        if len(self.partings) < MAX_PARTINGS:
            self.partings.append(Parting(now, name, ours, theirs, why))

    def _learn_session_id(self, theirs: V2gMessage, ours: Any) -> None:
        header = getattr(theirs.message, "header", None)
        if header is not None and hasattr(ours, "header"):
            self._session_ids[header.session_id] = ours.header.session_id


def _link(step: Step) -> Link | None:
    return getattr(step.item, "link", None)


def _without(step: Step, link: Link | None) -> Step:
    """Return a step that does not wait for what was said on this connection."""
    gone = {reply.name for reply in step.replies if reply.link is link}
    kept = tuple(reply for reply in step.replies if reply.link is not link)
    return replace(step, awaited=step.awaited - gone, replies=kept)


def _essence(reply: V2gMessage | None) -> str | None:
    return None if reply is None else _words(reply.message)


def _words(message: Any) -> str:
    """Say what of a response decides how the vehicle goes on."""
    content = getattr(message, "body", message)
    told = [getattr(content, name, None) for name in ("response_code", "evse_processing")]
    said = [str(value.value) for value in told if value is not None]
    # To a vehicle that waits, it is all one what it is that it waits for.
    return ", ".join("Ongoing" if word.startswith("Ongoing") else word for word in said)


def _why(ours: Any, theirs: V2gMessage) -> str:
    mine = getattr(ours, "body", ours).response_code.value.upper()
    other = str(theirs.content.response_code.value).upper()
    if mine.startswith("FAILED"):
        return "ours refuses what theirs granted: the car would have ended the session"
    if other.startswith("FAILED"):
        return "ours grants what theirs refused: the car might have gone on"
    if "Ongoing" in _words(theirs.message):
        return "ours is done sooner: the car would not have had to ask again"
    if "Ongoing" in _words(ours):
        return "theirs is done sooner: the car would have had to ask again"
    return "both grant it, in other words"
