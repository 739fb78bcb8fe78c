"""One outlet as a whole: every machine of it, wired; itself a machine.

Theory of operation
-------------------
The machines know nothing of each other. Each hands back actions, and this module alone says
what becomes of them: an action of one machine is an event of another (`Matched` teaches the
identity, `Decided` reaches the session and the pilot), or it leaves as one of
`seccstack.events`. `_carry` is that wiring, one case per action, to be read from top to bottom
like a cable plan.

What belongs to one plug-in lives in `PlugIn` and is dropped with it: what the vehicle has said
of itself, its stream and session. Modem, arbiter, authorisation and pilot outlive it.

Nothing is lost by a machine that is not there yet: without a powerline there is no matching,
without a network no SDP, and the pilot goes on by pulse width.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, assert_never

from seccstack import admission, discovery, events, plugin
from seccstack.auth import authorisation
from seccstack.auth.decision import Decision, Denied, Granted
from seccstack.auth.vehicle import Claim
from seccstack.energy import arbiter
from seccstack.errors import UsageError
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot.phases import Talking
from seccstack.pilot.port import Digital
from seccstack.pilot.situation import DRAWING
from seccstack.plugin import PlugIn
from seccstack.session import events as session_events
from seccstack.session.plant import Plant
from seccstack.slac import events as slac_events
from seccstack.slac import evse, station


class ChargePoint:
    """The outlet; `seccstack.events` says what it is told and asks for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._station = station.Station(
            correction_db=settings.correction_db, init_seconds=settings.slac_init_seconds
        )
        self._discovery = discovery.Discovery()
        self._admission = admission.Admission(settings.access)
        self._arbiter = arbiter.Arbiter(fail_safe_amps=settings.safe_amps)
        self._pilot = limits.PilotLimits(settings.pilot)
        self._plug_in = PlugIn()
        self._plant = Plant(limit_amps=self._arbiter.limit.amps)  # without what a session adds
        self._pending: deque[Any] = deque()
        self._out: list[events.Action] = []
        rating = arbiter.LimitOffered(arbiter.INSTALLATION, settings.rated_amps)
        self._pending.extend(self._arbiter.receive(rating, 0.0))

    # The machine.

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        if self._pending:  # what it is born with has not been told yet
            return 0.0
        deadlines = [m.deadline for m in self._machines() if m.deadline is not None]
        return min(deadlines, default=None)

    def receive(self, event: events.Event, now: float) -> Sequence[events.Action]:
        """Take an event; return what is to be done about it, in order."""
        self._take(event, now)
        return self._settle(now)

    def tick(self, now: float) -> Sequence[events.Action]:
        """Let every deadline up to now pass; return what is to be done about it, in order."""
        for machine in self._machines():
            if machine.deadline is not None and machine.deadline <= now:
                self._pending.extend(machine.tick(now))
        return self._settle(now)

    def _machines(self) -> list[Any]:
        session, plug_in = self._plug_in.session, self._plug_in
        always = [plug_in, self._pilot, self._station, self._admission, self._arbiter]
        return always if session is None else [session, *always]

    def _settle(self, now: float) -> Sequence[events.Action]:
        self._carry_all(now)
        out, self._out = self._out, []
        return out

    def _carry_all(self, now: float) -> None:
        while self._pending:
            self._carry(self._pending.popleft(), now)

    def _feed(self, machine: Any, event: Any, now: float) -> None:
        self._pending.extend(machine.receive(event, now))

    def _note(self, event: str, **details: Any) -> None:
        self._out.append(events.Noted(event, details))

    # Events: from the world to the machine that they concern.

    def _take(self, event: events.Event, now: float) -> None:
        match event:
            case (
                station.Opened() | station.Lost() | station.KeyDrawn() | station.FrameReceived()
            ):
                self._feed(self._station, event, now)
            case events.NetworkOpened() | events.NetworkLost():
                self._feed(self._discovery, event, now)
            case events.DatagramReceived():
                self._on_datagram(event, now)
            case events.StreamOpened():
                self._open_stream(event, now)
            case events.BytesReceived(stream, data):
                self._on_bytes(stream, data, now)
            case events.StreamClosed(stream):
                if stream == self._plug_in.stream:
                    self._tell_session(session_events.StreamClosed(), now)
            case limits.PilotChanged(state):
                self._note("pilot", state=state.value)
                self._feed(self._pilot, event, now)
                self._share(session_events.PilotChanged(state in DRAWING), now)
            case limits.ContactorChanged(closed):
                self._note("contactor", closed=closed)
                self._feed(self._pilot, event, now)
                self._share(session_events.ContactorChanged(closed), now)
            case limits.StopWanted(why):
                self._note("stop wanted", why=why)
                self._plug_in.stop = why
                self._feed(self._pilot, event, now)
                self._tell_session(session_events.StopCharging(why), now)
            case events.LimitOffered(source, amps):
                self._on_limit_offered(source, amps, now)
            case events.CurrentMeasured(amps):
                self._note("current", amps=amps)
            case session_events.MeterRead():
                self._share(event, now)
            case _:
                self._feed(self._admission, event, now)

    def _on_datagram(self, datagram: events.DatagramReceived, now: float) -> None:
        answers = self._discovery.receive(datagram, now)
        self._pending.extend(answers)
        if any(isinstance(answer, events.SendDatagram) for answer in answers):
            self._learn("ethernet_mac", datagram.mac, "Ethernet source of SDP", now)

    def _on_bytes(self, stream: int, data: bytes, now: float) -> None:
        if stream == self._plug_in.stream:
            self._tell_session(session_events.BytesReceived(data), now)
        else:
            self._out.append(events.Ignored("TCP octets", "they belong to no session"))

    def _open_stream(self, opened: events.StreamOpened, now: float) -> None:
        plug_in = self._plug_in
        if plug_in.peer == (opened.address, opened.mac):
            # Its old connection is dead on its side, or it would not open another.
            self._abandon("the vehicle opened another connection", now)
        if (why := plug_in.objection) is not None:
            self._out.append(events.Ignored("TCP connection", why))
            self._out.append(events.CloseStream(opened.stream, why))
            return
        self._note("stream opened", address=opened.address)
        self._learn("ethernet_mac", opened.mac, "neighbour of the TCP connection", now)
        self._feed(self._admission, admission.AddressSeen(opened.address), now)
        plant = replace(self._plant, decision=self._admission.decision)
        plug_in.begin_session(self._settings.charger, opened, plant, now)
        self._feed(self._discovery, discovery.InSession(opened.address), now)
        self._feed(self._pilot, limits.HighLevelStarted(in_session=True), now)

    def _share(self, change: session_events.Change, now: float) -> None:
        self._plant.take(change)
        self._tell_session(change, now)

    def _tell_session(self, event: Any, now: float) -> None:
        if self._plug_in.session is not None:
            self._feed(self._plug_in.session, event, now)

    # The wiring: what becomes of every action.

    def _carry(self, action: Any, now: float) -> None:
        match action:
            # the powerline
            case station.Asked():
                self._feed(self._pilot, limits.HighLevelStarted(), now)
            case evse.Matched():
                self._on_matched(action, now)
            case evse.MatchingFailed(reason):
                self._high_level_failed(reason, now)
            case evse.LinkReady():
                self._on_link_ready(now)
            case evse.LinkLost():
                self._on_link_lost(now)
            case station.KeyChanged(in_force):
                self._note("key", in_force=in_force)
            case station.Troubled(why):
                self._note("powerline trouble", why=why)
                self._high_level_failed(why, now)
            case station.Recovered():
                self._note("powerline recovered")
            case plugin.NoSession(why, linked):
                if linked:
                    self._leave_network(now)
                    self._feed(self._station, evse.VehicleArrived(), now)
                self._high_level_failed(why, now)
            case plugin.LeaveNetwork():
                self._leave_network(now)
            case events.SendDatagram(address):
                self._note("SDP answered", address=address)
                self._out.append(action)
            # the session
            case session_events.SendBytes(data):
                if self._plug_in.stream is not None:
                    self._out.append(events.SendBytes(self._plug_in.stream, data))
            case session_events.CloseStream(reason):
                self._close_stream(reason)
            case session_events.AskAuthorizer():
                self._feed(self._admission, admission.Wanted(), now)
            case session_events.AllowEnergy(on):
                self._feed(self._pilot, limits.EnergyAllowed(on), now)
            case session_events.Learned(evccid):
                self._learn("evccid", evccid, "SessionSetupReq", now)
                # Decided by its first AuthorizationReq, it saves the vehicle a round.
                self._feed(self._admission, admission.Wanted(), now)
            case session_events.SessionEnded(how):
                self._on_session_ended(how, now)
            # authorisation
            case authorisation.Decided(number, decided):
                self._on_decided(number, decided, now)
            case authorisation.Revoked(_, reasons):
                self._tell_session(session_events.Decided(Denied(reasons)), now)
                self._feed(self._pilot, limits.AuthorisationEnded(), now)
            # the pilot, and the limit
            case limits.PluggedIn(number):
                self._on_plugged_in(number, now)
            case limits.Unplugged():
                self._on_unplugged(now)
            case limits.Apply(signal):
                self._out.append(action)
                if isinstance(signal, Digital):
                    self._greet(now)
            case limits.PilotFault(state):
                self._note("pilot fault", state=state.value)
            case limits.ContactorFault(welded):
                self._note("contactor fault", welded=welded)
                self._tell_session(session_events.StopCharging("the contactor is broken"), now)
            case limits.StopRequested(why):
                self._tell_session(session_events.StopCharging(why), now)
            case arbiter.LimitChanged(amps, source):
                self._on_limit(amps, source, now)
            # what was not believed, by whomever
            case slac_events.Ignored(what, why) | session_events.Ignored(what, why):
                self._out.append(events.Ignored(what, why))
            case _:
                self._out.append(action)

    # What a plug-in goes through.

    def _on_plugged_in(self, number: int, now: float) -> None:
        self._plug_in = PlugIn(number)
        self._note("plugged in", plug_in=number)
        self._feed(self._admission, admission.Arrived(number), now)
        self._feed(self._discovery, discovery.Present(True), now)
        self._feed(self._station, evse.VehicleArrived(), now)
        if not self._talking:  # it goes by pulse width from the start, and never has to ask
            self._feed(self._admission, admission.Wanted(), now)

    def _on_unplugged(self, now: float) -> None:
        self._tell_session(session_events.StreamClosed("unplugged"), now)
        self._close_stream("unplugged")
        self._note("unplugged", plug_in=self._plug_in.number)
        self._plug_in = PlugIn()
        self._feed(self._station, evse.VehicleLeft(), now)
        self._feed(self._discovery, discovery.Present(False), now)
        self._feed(self._admission, admission.Left(), now)

    @property
    def _talking(self) -> bool:
        return isinstance(self._pilot.phase, Talking)

    def _greet(self, now: float) -> None:
        """At 5 % something is always being waited for, and not for ever."""
        if self._station.trouble is not None:
            self._high_level_failed(self._station.trouble, now)
        elif self._plug_in.rejoins:
            self._plug_in.await_session(now)
        else:
            self._feed(self._station, evse.VehicleArrived(), now)

    def _on_link_ready(self, now: float) -> None:
        self._note("link ready")
        self._plug_in.linked = True
        if self._talking:
            self._plug_in.await_session(now)

    def _on_link_lost(self, now: float) -> None:
        self._note("link lost")
        self._plug_in.linked = False
        self._abandon("the powerline link is lost", now)
        self._high_level_failed("the powerline link is lost", now)

    def _leave_network(self, now: float) -> None:
        """Take a new key; the vehicle is matched anew when the pilot asks it to speak."""
        self._plug_in.linked = False
        self._feed(self._station, evse.VehicleLeft(), now)

    def _on_matched(self, matched: evse.Matched, now: float) -> None:
        self._note(
            "matched",
            ev_mac=matched.ev_mac.hex().upper(),
            run_id=matched.run_id.hex().upper(),
            attenuation_db=round(matched.attenuation_db, 1),
            sounds=matched.sounds,
        )
        self._learn("slac_mac", matched.ev_mac, "Ethernet source of CM_SLAC_PARM.REQ", now)
        self._learn("match_mac", matched.request_mac, "PEV_MAC in CM_SLAC_MATCH.REQ", now)
        self._feed(self._pilot, limits.HighLevelStarted(matched=True), now)

    def _learn(self, claim: Claim, value: bytes | None, source: str, now: float) -> None:
        if value is not None:
            self._feed(self._admission, admission.Claimed(claim, value, source), now)

    def _on_decided(self, number: int, decided: Decision, now: float) -> None:
        if number != self._plug_in.number:
            return  # another plug-in's
        self._tell_session(session_events.Decided(decided), now)
        if isinstance(decided, Granted):
            self._feed(self._pilot, limits.Authorised(number), now)

    def _on_limit_offered(self, source: str, amps: float | None, now: float) -> None:
        try:
            if source == arbiter.INSTALLATION:
                raise UsageError("the settings have set it")
            self._feed(self._arbiter, arbiter.LimitOffered(source, amps), now)
        except (UsageError, ValueError) as error:
            self._out.append(events.Ignored(f"limit of {source}", str(error)))

    def _on_limit(self, amps: float, source: str, now: float) -> None:
        self._note("limit", amps=amps, source=source)
        self._feed(self._pilot, limits.LimitSet(amps), now)
        self._share(session_events.LimitChanged(amps), now)

    def _high_level_failed(self, why: str, now: float) -> None:
        """Go on by pulse width; who may charge is asked just the same.

        A session that goes on in spite of it is its own proof that nothing has failed.
        """
        plug_in = self._plug_in
        if not plug_in.number or plug_in.stream is not None:
            return
        if self._talking:
            self._note("pulse width", why=why)
        plug_in.connect_by = None
        self._feed(self._pilot, limits.HighLevelFailed(why), now)
        self._feed(self._admission, admission.Wanted(), now)

    def _on_session_ended(self, how: session_events.How, now: float) -> None:
        plug_in = self._plug_in
        if not plug_in.number:
            return  # it was unplugged
        plug_in.end_session()
        self._feed(self._discovery, discovery.InSession(None), now)
        match how:
            case session_events.Stopped():
                self._note("session ended", how="stopped")
                plug_in.stopped(now)
                self._feed(self._pilot, limits.HighLevelEnded(), now)
            case session_events.Paused():
                self._note("session ended", how="paused")
                plug_in.resumable = how
                self._feed(self._pilot, limits.HighLevelEnded(), now)
            case session_events.Broken(why):
                self._note("session ended", how="broken", why=why)
                self._on_broken(why, now)
            case _:
                assert_never(how)

    def _on_broken(self, why: str, now: float) -> None:
        """Give the vehicle a moment to come back, where it can."""
        if not self._talking:
            self._high_level_failed(why, now)
        elif self._plug_in.linked or self._station.trouble is not None:
            self._plug_in.await_return(now, why)
        # Else it has not even matched: that has its own time.

    def _abandon(self, why: str, now: float) -> None:
        """End the session, if there is one, from our side."""
        self._tell_session(session_events.StreamClosed(why), now)
        self._close_stream(why)
        self._carry_all(now)

    def _close_stream(self, reason: str) -> None:
        if self._plug_in.stream is not None:
            self._out.append(events.CloseStream(self._plug_in.stream, reason))
            self._plug_in.stream = None
