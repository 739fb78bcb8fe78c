"""A recorded car as something a simulated world can plug in.

It does what it did then, each step when our charger has said what the recorded one said before
it, or after a while of waiting in vain. Requests carry the session id our charger gave; not
another bit of them is changed. Where our answer would have made the car go another way than it
then went, that is a `Parting`. What it said on a connection that our charger refuses or closes
is passed over: nobody can say it there.

The recording has no pilot line: the car is taken to be in state C from its PowerDeliveryReq
with Start (its CableCheckReq on DC) to the one with Stop, and to draw nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seccstack import sdp, v2gtp
from seccstack.capture.dialogue import Dialogue
from seccstack.capture.items import Connected, Disconnected, Discovery, Link, V2gMessage
from seccstack.capture.matching import FromCharger
from seccstack.drive.choices import Choices
from seccstack.drive.meaning import authorises, insulates, readiness
from seccstack.drive.parting import SILENCE, Parting, elsewhere, parting, words
from seccstack.drive.script import CONNECTION, SDP_ANSWER, Reply, Script, Step, name_of
from seccstack.drive.session_id import patched
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import LOCAL_MODEM, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import SetKeyReq, SlacMatchCnf
from seccstack.messages.codec import Schema, encode
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS
from seccstack.sim import car
from seccstack.sim.pilot import VehicleConnected, VehicleDisconnected
from seccstack.v2gtp import Payload, Reader

PATIENCE = 5.0  # seconds beyond the recorded pause; then the recorded charger is missed
MAX_PARTINGS = 1000  # of one drive; the first ones tell
SOMEWHERE = (bytes(16), 0)  # where a car connects to, if the capture lacks what told it


@dataclass(frozen=True, slots=True)
class Authorise:
    """The recorded charger's next word is that the car may charge: let ours know it too."""


@dataclass(frozen=True, slots=True)
class Insulate:
    """The recorded charger's next word is that the insulation is good: let ours know it too."""


@dataclass(frozen=True, slots=True)
class Finished:
    """The recording is at its end."""


class RecordedCar:
    """Plays a `Script`; a `seccstack.sim.car.Vehicle`."""

    def __init__(self, script: Script) -> None:
        self.mac = script.host_mac or script.mac
        self.address = script.address or car.link_local(script.mac)
        self.partings: list[Parting] = []
        self._steps = script.steps
        self._next = 0
        self._last = 0.0  # when the step before was done
        self._heard: dict[str, float] = {}
        self._said: dict[str, Any] = {}  # our charger's messages since then
        self._session_ids: dict[bytes, bytes] = {}
        self._choices = Choices()
        self._asked_for_charger = False  # by SDP
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
            heard = [self._heard[name] for name in step.awaited]
            return max(heard, default=self._last) + step.delay
        return self._last + self._recorded_pause(step) + PATIENCE

    @property
    def _step(self) -> Step | None:
        return self._steps[self._next] if self._next < len(self._steps) else None

    def _recorded_pause(self, step: Step) -> float:
        before = self._steps[self._next - 1].at if self._next else step.at
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
                self._found(octets, now)
            case car.StreamUp():
                self._reader, self._dialogue = Reader(), Dialogue()
                self._note(CONNECTION, None, now)
            case car.StreamDown():
                self._pass_over(self._link, "our charger closed it", now)
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
        while (step := self._step) and self.deadline is not None and self.deadline <= now:
            if CONNECTION in step.awaited and CONNECTION not in self._heard:
                self._pass_over(self._link, "our charger did not accept it", now)
                continue
            if strayed := self._strayed(step):
                self._pass_over(self._link, strayed, now, ours="not asked")
                actions.append(car.Disconnect())
                continue
            self._compare(step, now)
            self._next += 1
            self._last = now
            self._heard.clear()
            self._said.clear()
            actions += self._do(step, now)
        return actions

    # Hearing.

    def _found(self, octets: bytes, now: float) -> None:
        try:
            response = sdp.SdpResponse.decode(octets)
        except MalformedError:
            return
        self._endpoint = (response.address, response.port)
        self._note(SDP_ANSWER, response, now)

    def _hear(self, octets: bytes, now: float) -> Sequence[Any]:
        try:
            message = decode_frame(octets).message
        except MalformedError:
            return []
        if isinstance(message, FromCharger):
            self._note(message.name, None, now)
        if not isinstance(message, SlacMatchCnf):
            return []
        key = SetKeyReq(network_id=message.network_id, network_key=message.network_key)
        return [car.SendFrame(encode_frame(Frame(LOCAL_MODEM, self.mac, key)))]

    def _answered(self, payload: Payload, now: float) -> None:
        said = self._dialogue.read(payload.type, payload.octets)
        if said.name is not None:
            self._note(said.name, said.message, now)

    def _note(self, name: str, message: Any, now: float) -> None:
        self._heard[name] = now
        self._said[name] = message

    # Doing.

    def _do(self, step: Step, now: float) -> list[Any]:
        done = self._done(step, now)
        if self._is_about_to_be_told(insulates):
            return [Insulate(), *done]
        return [*done, Authorise()] if self._is_about_to_be_told(authorises) else done

    def _done(self, step: Step, now: float) -> list[Any]:
        match step.item:
            case None:
                return [Finished()]
            case Discovery(octets=octets):
                self._asked_for_charger = True
                return [car.Multicast(octets)]
            case Connected(link=link):
                return self._connect(link, now)
            case Disconnected(link=link):
                return [car.Disconnect()] if link is self._link else []
            case V2gMessage() as request:
                return self._request(request) if request.link is self._link else []
            case frame:
                return [car.SendFrame(frame.octets)]

    def _connect(self, link: Link, now: float) -> list[Any]:
        self._link = link
        if self._endpoint is None and self._asked_for_charger:
            self._pass_over(link, "our charger did not tell its address", now)
            return []
        return [car.Connect(*(self._endpoint or SOMEWHERE))]

    def _request(self, request: V2gMessage) -> list[Any]:
        self._dialogue.read(request.payload_type, request.exi)
        made = self._choices.made(request.content)
        said = request.exi if made is None else encode(Schema.ISO20_COMMON, made)
        exi = patched(said, self._session_ids)
        actions: list[Any] = [car.SendBytes(v2gtp.encode(request.payload_type, exi))]
        ready = readiness(request.content)
        if ready is None:
            return actions
        return [VehicleConnected(READY_OHMS if ready else CONNECTED_OHMS), *actions]

    def _is_about_to_be_told(self, this: Callable[[Any], bool]) -> bool:
        """Whether that is in the recorded answer to what was just asked."""
        replies = self._step.replies if self._step else ()
        return any(this(r.content) for r in replies if isinstance(r, V2gMessage))

    # Comparing.

    def _compare(self, step: Step, now: float) -> None:
        replies = {name_of(reply): reply for reply in step.replies}
        for name in sorted(step.awaited):
            theirs = replies.get(name)
            if name not in self._heard:
                wanted = words(theirs.message) if theirs else None
                self._part(Parting(now, name, None, wanted, self._why_missing()))
            elif theirs is not None and theirs.message is not None:
                self._learn_session_id(theirs, self._said[name])
                self._choices.learn(theirs.message, self._said[name])
                self._part(parting(now, name, self._said[name], theirs.message))

    def _strayed(self, step: Step) -> str:
        """Say where the car would be instead of this step, if our charger led it away."""
        for reply in step.replies:
            ours = self._said.get(name_of(reply) or "")
            if ours is not None and (where := elsewhere(ours, reply.message)):
                return where
        return ""

    def _why_missing(self) -> str:
        instead = ", ".join(sorted(self._heard.keys() - {CONNECTION}))
        return f"our charger said {instead} instead" if instead else SILENCE

    def _part(self, found: Parting | None) -> None:
        if found is not None and len(self.partings) < MAX_PARTINGS:
            self.partings.append(found)

    def _learn_session_id(self, theirs: Reply, ours: Any) -> None:
        header = getattr(theirs.message, "header", None)
        if header is not None and hasattr(ours, "header"):
            self._session_ids[header.session_id] = ours.header.session_id

    def _pass_over(
        self, link: Link | None, why: str, now: float, ours: str = "no connection"
    ) -> None:
        """Leave out what the car still said on a connection, as it cannot say it any more."""
        done, ahead = self._steps[: self._next], self._steps[self._next :]
        if link is None or not ahead:
            return
        self._compare(_only(ahead[0], link), now)
        unsaid = [step.item for step in ahead if step.link is link]
        requests = [item for item in unsaid if isinstance(item, V2gMessage)]
        if requests or CONNECTION in ahead[0].awaited - self._heard.keys():
            name = (requests[0].name if requests else None) or CONNECTION
            left_out = f"{why}; {len(requests)} requests of the car are left out"
            self._part(Parting(now, name, ours, "it was answered", left_out))
        first, *rest = ahead
        kept = [replace(first, awaited=first.awaited - {CONNECTION}), *rest]
        self._steps = (*done, *(_without(s, link) for s in kept if s.link is not link))


def _only(step: Step, link: Link) -> Step:
    """Return a step that waits for nothing but what was said on this connection."""
    replies = tuple(reply for reply in step.replies if getattr(reply, "link", None) is link)
    names = frozenset(name for name in map(name_of, replies) if name is not None)
    return replace(step, awaited=names, replies=replies)


def _without(step: Step, link: Link) -> Step:
    """Return a step that does not wait for what was said on this connection."""
    kept = tuple(r for r in step.replies if getattr(r, "link", None) is not link)
    return replace(step, awaited=step.awaited - _only(step, link).awaited, replies=kept)
