"""One outlet as a whole: every machine of it, wired; itself a machine.

Theory of operation
-------------------
The machines know nothing of each other. Each hands back actions, and this module alone says
what becomes of them: an action of one machine is an event of another (`Matched` teaches the
identity, `Decided` reaches the session and the pilot), or it leaves as one of
`seccstack.events`. `_carry` is that wiring, one case per action, to be read from top to bottom
like a cable plan.

Where one action is not one event, but a step in what a plug-in goes through, the step is a
function of `seccstack.lifecycle`. What belongs to one plug-in lives in `PlugIn` and is dropped
with it: what the vehicle has said of itself, its stream and session. Modem, arbiter,
authorisation and pilot outlive it; they all are in `seccstack.parts`.

Nothing is lost by a machine that is not there yet: without a powerline there is no matching,
without a network no SDP, and the pilot goes on by pulse width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from seccstack import admission, discovery, events, plugin
from seccstack.auth import contract, enrolment_events
from seccstack.auth import events as auth_events
from seccstack.auth.decision import Denied
from seccstack.energy import arbiter, floor, output, supply, waking, watchdog_events
from seccstack.experience import course, outcomes, seen
from seccstack.experience import events as experience_events
from seccstack.heeding import Heeding
from seccstack.lifecycle import Lifecycle
from seccstack.limiting import Limiting
from seccstack.outlet import Settings
from seccstack.parts import Parts
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, PilotState
from seccstack.pilot.situation import DRAWING
from seccstack.session import events as session_events
from seccstack.slac import (
    amplitude,
    attempts,
    evse,
    modem_events,
    neighbours,
    station,
    vehicle_modem,
)
from seccstack.slac import events as slac_events


class ChargePoint:
    """The outlet; `seccstack.events` says what it is told and asks for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._parts = Parts(settings)
        self._lifecycle = Lifecycle(self._parts, self._carry_all)
        self._heeding = Heeding(self._parts)
        self._limiting = Limiting(self._parts)

    # The machine.

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        if self._parts.pending:  # what it is born with has not been told yet
            return 0.0
        deadlines = (machine.deadline for machine in self._parts.machines())
        return min((due for due in deadlines if due is not None), default=None)

    def receive(self, event: events.Event, now: float) -> Sequence[events.Action]:
        """Take an event; return what is to be done about it, in order."""
        self._take(event, now)
        return self._settle(now)

    def tick(self, now: float) -> Sequence[events.Action]:
        """Let every deadline up to now pass; return what is to be done about it, in order."""
        for machine in self._parts.machines():
            if (due := machine.deadline) is not None and due <= now:
                self._parts.pending.extend(machine.tick(now))
        return self._settle(now)

    def _settle(self, now: float) -> Sequence[events.Action]:
        self._carry_all(now)
        self._parts.show()
        return self._parts.emitted()

    def _carry_all(self, now: float) -> None:
        while self._parts.pending:
            self._carry(self._parts.pending.popleft(), now)

    # Events: from the world to the machine that they concern.

    def _take(self, event: events.Event, now: float) -> None:
        parts, lifecycle = self._parts, self._lifecycle
        parts.front.follow(event)
        self._heeding.follow(event, now)
        self._limiting.follow(event, now)
        lifecycle.learning.follow(event, now)
        match event:
            case station.FrameReceived(octets):
                lifecycle.watching.overhear(octets, now)
                parts.feed(parts.station, event, now)
            case station.Opened():
                parts.feed(parts.station, event, now)
                lifecycle.line_opened()
            case station.Lost() | station.KeyDrawn() | amplitude.AmplitudesSet():
                parts.feed(parts.station, event, now)
            case events.NetworkOpened() | events.NetworkLost():
                parts.feed(parts.discovery, event, now)
            case events.DatagramReceived():
                self._on_datagram(event, now)
            case events.CertificatesRead(chains, problems):
                parts.note("certificates", chains=list(chains), problems=list(problems))
                parts.feed(parts.discovery, discovery.CertificateAtHand(bool(chains)), now)
            case events.HandshakeFailed(address, why, alert):
                parts.note("handshake failed", address=address, why=why, alert=alert)
                parts.plug_in.await_another(now)
            case auth_events.DowngradeSeen(mac):
                parts.note("TLS downgrade", mac=mac.hex().upper())
            case events.StreamOpened():
                lifecycle.open_stream(event, now)
            case events.BytesReceived(stream, data):
                self._on_bytes(stream, data, now)
            case events.StreamClosed(stream):
                if stream == parts.plug_in.stream:
                    parts.tell_session(session_events.StreamClosed(), now)
            case limits.PilotChanged():
                self._on_pilot(event, now)
            case limits.ContactorChanged(closed):
                parts.note("contactor", closed=closed)
                parts.feed(parts.pilot, event, now)
                parts.share(session_events.ContactorChanged(closed), now)
            case limits.StopWanted(why):
                self._heeding.stop(why, now)
            case events.LimitOffered() | events.LimitPlanned():
                self._limiting.offered(event, now)
            case arbiter.PhasesUsed():
                pass  # it has been followed
            case events.PausedFound():
                if not parts.plug_in.number:
                    parts.earlier = event
            case events.CurrentMeasured(amps):
                parts.note("current", amps=amps)
            case events.CurrentLost():
                parts.note("current lost")
            case supply.OutputMeasured() | supply.InsulationChecked() | supply.SupplyFault():
                parts.reported(event, now)
            case session_events.MeterRead() | session_events.DischargeWanted():
                parts.share(event, now)
            case (
                session_events.ContractVerified()
                | session_events.SignatureVerified()
                | session_events.ContractProvided()
                | session_events.TariffsProvided()
            ):
                parts.tell_session(event, now)
            case contract.ContractFound():
                parts.feed(parts.contract, event, now)
            case auth_events.CardPresented():
                parts.feed(parts.enrolment, event, now)
            case auth_events.CardFound():
                parts.feed(parts.admission, event, now)
                parts.answer(event)
                lifecycle.card_answered(now)
                parts.feed(parts.enrolment, event, now)
            case auth_events.VehicleFound():
                parts.feed(parts.admission, event, now)
                parts.feed(parts.enrolment, event, now)
            case (
                enrolment_events.BeginWanted()
                | enrolment_events.EndWanted()
                | enrolment_events.Followed()
                | enrolment_events.EnrolAnswered()
            ):
                parts.feed(parts.enrolment, event, now)
            case experience_events.HouseholdFound():
                parts.feed(parts.course, event, now)
            case experience_events.ExperienceFound():
                parts.feed(parts.course, event, now)
                lifecycle.learning.found(now)
                self._heeding.recall(now)
            case _:
                parts.feed(parts.admission, event, now)

    def _on_pilot(self, changed: limits.PilotChanged, now: float) -> None:
        parts, drawing = self._parts, changed.state in DRAWING
        parts.note("pilot", state=changed.state.value)
        if changed.state is PilotState.NO_VEHICLE:
            self._lifecycle.nobody_there()
        parts.feed(parts.station, evse.LineTurned(drawing), now)
        expected, asked_who = parts.admission.card_grants(now), parts.enrolment.on
        ahead = limits.AuthorisationExpected(expected, asked_who)
        parts.feed(parts.pilot, ahead, now)
        self._lifecycle.learning.expect(changed, now)
        parts.feed(parts.pilot, changed, now)
        parts.guard(output.VehicleReady(drawing), now)
        parts.share(session_events.PilotChanged(drawing), now)

    def _on_datagram(self, datagram: events.DatagramReceived, now: float) -> None:
        answers = self._parts.discovery.receive(datagram, now)
        self._parts.pending.extend(answers)
        if any(isinstance(answer, events.SendDatagram) for answer in answers):
            source = "Ethernet source of SDP"
            self._lifecycle.learn("ethernet_mac", datagram.mac, source, now)
            seen = admission.AddressSeen(datagram.address, "IPv6 source of SDP")
            self._parts.feed(self._parts.admission, seen, now)
            self._lifecycle.watching.inquired(datagram.octets, now)

    def _on_bytes(self, stream: int, data: bytes, now: float) -> None:
        if stream != self._parts.plug_in.stream:
            self._parts.emit(events.Ignored("TCP octets", "they belong to no session"))
            return
        self._parts.plug_in.heard(now)
        self._parts.tell_session(session_events.BytesReceived(data), now)

    # The wiring: what becomes of every action.

    def _carry(self, action: Any, now: float) -> None:
        parts, lifecycle = self._parts, self._lifecycle
        parts.front.follow(action)
        self._heeding.follow(action, now)
        self._limiting.follow(action, now)
        lifecycle.learning.follow(action, now)
        match action:
            # the powerline
            case station.Asked():
                lifecycle.asked(now)
            case attempts.Deserted():
                parts.feed(parts.pilot, limits.HighLevelPaused(), now)
            case evse.AskedAgain():
                lifecycle.asked_again(now)
            case evse.Matched():
                lifecycle.matched(action, now)
            case evse.MatchingFailed(reason):
                lifecycle.high_level_failed(reason, now)
            case evse.LinkReady():
                lifecycle.link_ready(now)
            case evse.LinkLost():
                lifecycle.link_lost(now)
            case evse.ToggleExpected(on):
                parts.feed(parts.pilot, limits.ToggleExpected(on), now)
            case neighbours.NeighbourHeard(mac, attenuation_db):
                mac_name, heard_db = mac.hex().upper(), round(attenuation_db, 1)
                parts.note("neighbour", ev_mac=mac_name, attenuation_db=heard_db)
            case station.KeyChanged(in_force):
                parts.note("key", in_force=in_force)
            case station.Troubled(why):
                lifecycle.troubled(why, now)
            case station.Recovered():
                parts.note("powerline recovered")
                parts.plug_in.trust()
            case modem_events.ModemReported(status):
                parts.note("modem", **status.to_json())
            case modem_events.ForeignStationSeen(modem_mac, host_mac):
                macs = {
                    "modem_mac": modem_mac.hex().upper(),
                    "host_mac": host_mac.hex().upper(),
                }
                parts.note("foreign station", **macs)
            case vehicle_modem.VehicleModemSeen():
                lifecycle.watching.modem_seen(action, now)
            case vehicle_modem.SecondModemSeen():
                lifecycle.watching.modem_doubled(action, now)
            case plugin.NoSession(why, linked):
                lifecycle.no_session(why, linked, now)
            case plugin.LeaveNetwork():
                lifecycle.leave_network(now)
            case plugin.SessionDead(why):
                lifecycle.session_dead(why, now)
            case events.SendDatagram(address):
                parts.note("SDP answered", address=address)
                parts.emit(action)
            # the session
            case session_events.Exchanged():
                lifecycle.watching.exchanged(action, now)
                parts.emit(action)
            case session_events.SendBytes(data):
                if parts.plug_in.stream is not None:
                    parts.emit(events.SendBytes(parts.plug_in.stream, data))
            case session_events.CloseStream(reason):
                lifecycle.close_stream(reason)
            case session_events.AskAuthorizer():
                parts.feed(parts.admission, admission.Wanted(), now)
            case session_events.AllowEnergy(on, discharge):
                if parts.output is None:
                    parts.feed(parts.pilot, limits.EnergyAllowed(on), now)
                parts.guard(output.EnergyAllowed(on, discharge), now)
            case session_events.CheckInsulation():
                parts.guard(output.InsulationWanted(), now)
            case session_events.DemandOutput(volts, amps):
                parts.guard(output.OutputWanted(volts, amps), now)
            case supply.SetOutput(volts):
                parts.switched(volts > 0)
                parts.emit(action)
            case session_events.Learned(evccid):
                lifecycle.identified(evccid, now)
            case session_events.ContractProven():
                lifecycle.contract_proven(action, now)
            case session_events.ReceiptSigned(meter_id, reading_wh):
                parts.note("receipt", meter_id=meter_id, reading_wh=reading_wh)
            case session_events.SessionEnded(how):
                lifecycle.session_ended(how, now)
            # authorisation, and who is registered for it
            case enrolment_events.PassOn():
                lifecycle.card_passed_on(action, now)
            case enrolment_events.Told():
                lifecycle.registration_told(action)
            case auth_events.RegistrationTurned() | auth_events.VehicleEnrolled():
                parts.feed(parts.admission, action, now)
            case auth_events.LimitAccess():
                lifecycle.access_limited(action, now)
            case auth_events.Decided(number, decided):
                lifecycle.decided(number, decided, now)
            case auth_events.Stop(number, why):
                if number == parts.plug_in.number:
                    parts.plug_in.halted = True
                    parts.emit(enrolment_events.Beep(enrolment_events.BeepPattern.LONG))
                    self._take(limits.StopWanted(why), now)
            case contract.ContractAccepted(number, reasons):
                lifecycle.contract_accepted(number, reasons, now)
            case contract.ContractWithdrawn(number):
                lifecycle.contract_withdrawn(number, now)
            case contract.ContractRefused(number, code, why):
                lifecycle.contract_refused(number, code, why, now)
            case auth_events.Revoked(_, reasons):
                parts.guard(output.Authorised(False), now)
                parts.tell_session(session_events.Decided(Denied(reasons)), now)
                parts.feed(parts.pilot, limits.AuthorisationEnded(), now)
            # the pilot, and the limit
            case limits.PluggedIn(number):
                lifecycle.plugged_in(number, now)
            case limits.Unplugged():
                lifecycle.unplugged(now)
            case limits.Apply(signal):
                parts.emit(action)
                if isinstance(signal, Digital):
                    lifecycle.greet(now)
                else:
                    parts.guard(output.VehicleReady(False), now)
            case limits.WaitEnded(seconds):
                why = f"the vehicle may charge, and was silent for {seconds:g} s"
                parts.note("pulse width", why=why)
            case limits.PilotFault(state):
                parts.note("pilot fault", state=state.value)
            case limits.ContactorFault(welded):
                parts.note("contactor fault", welded=welded)
                broken = session_events.StopCharging("the contactor is broken")
                parts.tell_session(broken, now)
            case limits.StopRequested(why):
                parts.tell_session(session_events.StopCharging(why), now)
            case arbiter.LimitChanged():
                self._limiting.changed(action, now)
            case arbiter.ForecastChanged():
                self._limiting.foreseen(action, now)
            case floor.FloorChanged():
                self._heeding.searching.changed(action, now)
            case floor.Found():
                self._heeding.searching.found(action)
            case waking.Wake(by_fault):
                parts.note("wake", by="state F" if by_fault else "pulses")
                parts.feed(parts.pilot, limits.WakeWanted(by_fault), now)
            case waking.WakeEnded():
                self._heeding.woken(action)
            case outcomes.Followed() | outcomes.FollowedDownTo() | outcomes.Woken():
                parts.feed(parts.course, seen.Did(action), now)
            case watchdog_events.Stepped():
                self._heeding.step(action, now)
            case watchdog_events.Unwatched():
                parts.note("limit unwatched", why="no meter says what the vehicle draws")
            case course.Stuck():
                lifecycle.learning.stuck(action)
            # what was not believed, by whomever
            case slac_events.Ignored(what, why) | session_events.Ignored(what, why):
                parts.emit(events.Ignored(what, why))
            case _:
                parts.emit(action)
