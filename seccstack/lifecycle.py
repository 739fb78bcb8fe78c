"""What one plug-in goes through, from plug to unplug, above all the machines.

A vehicle is greeted, matched, linked; it opens a session, ends it, sleeps, comes back, or none
of this; and for whatever does not happen there is a way on: another matching, another session,
pulse width. Each step has one function here, and says whom it concerns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from seccstack import admission, discovery, events
from seccstack.auth import contract, enrolment_events
from seccstack.auth import events as auth_events
from seccstack.auth.addresses import format_mac
from seccstack.auth.decision import Decision, Granted
from seccstack.auth.vehicle import Claim, Proven
from seccstack.energy import arbiter, output
from seccstack.learning import Learning
from seccstack.parts import Parts
from seccstack.pilot import limits
from seccstack.plugin import PlugIn
from seccstack.session import events as session_events
from seccstack.slac import evse, station
from seccstack.watching import Watching

LINK_LOST = "the powerline link is lost"


class Lifecycle:
    """``carry_all``: lets everything that is queued reach its machine first."""

    def __init__(self, parts: Parts, carry_all: Callable[[float], None]) -> None:
        self._parts = parts
        self._carry_all = carry_all
        self.watching = Watching(parts)
        self.learning = Learning(parts)

    # Plug and unplug.

    def plugged_in(self, number: int, now: float) -> None:
        """A vehicle is there."""
        parts = self._parts
        parts.plug_in = PlugIn(number, earlier=parts.earlier)
        parts.earlier = None
        parts.note("plugged in", plug_in=number)
        parts.feed(parts.admission, admission.Arrived(number), now)
        parts.feed(parts.enrolment, enrolment_events.Arrived(number), now)
        parts.feed(parts.contract, contract.Arrived(number), now)
        parts.feed(parts.discovery, discovery.Present(True), now)
        parts.feed(parts.station, evse.VehicleArrived(), now)
        if not parts.talking:  # it goes by pulse width from the start, and never has to ask
            parts.feed(parts.admission, admission.Wanted(), now)
        self.learning.greeted(now)

    def unplugged(self, now: float) -> None:
        """It is gone."""
        parts = self._parts
        self.learning.left(now)
        parts.tell_session(session_events.StreamClosed("unplugged"), now)
        self.close_stream("unplugged")
        parts.note("unplugged", plug_in=parts.plug_in.number)
        if parts.plug_in.sleeps:
            parts.emit(events.ForgetPaused())
        parts.plug_in = PlugIn()
        parts.feed(parts.station, evse.VehicleLeft(), now)
        parts.feed(parts.discovery, discovery.Present(False), now)
        parts.feed(parts.admission, admission.Left(), now)
        parts.feed(parts.arbiter, arbiter.LimitOffered(arbiter.ACCESS, None), now)
        parts.feed(parts.enrolment, enrolment_events.Left(), now)
        parts.guard(output.Authorised(False), now)
        parts.feed(parts.contract, contract.Left(), now)

    def nobody_there(self) -> None:
        """Whoever had paused before we were started anew is gone."""
        if self._parts.earlier is not None:
            self._parts.earlier = None
            self._parts.emit(events.ForgetPaused())

    # Matching, and the link.

    def greet(self, now: float) -> None:
        """At 5 % something is always being waited for, and not for ever."""
        parts = self._parts
        if parts.station.trouble == station.NOT_OPEN:
            parts.plug_in.await_line(station.NOT_OPEN, now)
        elif parts.station.trouble is not None:
            self.high_level_failed(parts.station.trouble, now)
        elif parts.plug_in.rejoins:
            parts.plug_in.await_session(now)
        else:
            parts.feed(parts.station, evse.VehicleArrived(), now)

    def line_opened(self) -> None:
        """There is a way to the modem; from here on, matching has its own time."""
        if self._parts.plug_in.failure.why == station.NOT_OPEN:
            self._parts.plug_in.connect_by = None

    def asked(self, now: float) -> None:
        """Somebody speaks SLAC."""
        self._parts.plug_in.bear_with_matching(now)
        self._parts.feed(self._parts.pilot, limits.HighLevelStarted(), now)

    def asked_again(self, now: float) -> None:
        """The linked vehicle wants to be matched; a session that lives proves it wrong."""
        if self._parts.plug_in.lives(now):
            why = "it asks to be matched while its session goes on"
            self._parts.feed(self._parts.admission, admission.Doubled(why), now)
            return
        self._parts.note("link lost")
        self.abandon(LINK_LOST, now)
        self._match_anew(now)

    def matched(self, matched: evse.Matched, now: float) -> None:
        """The vehicle was given our key."""
        parts = self._parts
        parts.note(
            "matched",
            ev_mac=matched.ev_mac.hex().upper(),
            run_id=matched.run_id.hex().upper(),
            attenuation_db=round(matched.attenuation_db, 1),
            sounds=matched.sounds,
            groups_db=list(matched.attenuations),
            toggles=matched.toggles,
        )
        parts.plug_in.matched()
        self.watching.matched(matched, now)
        self.learning.named(matched.ev_mac, now)
        self.learn("slac_mac", matched.ev_mac, "Ethernet source of CM_SLAC_PARM.REQ", now)
        self.learn("match_mac", matched.request_mac, "PEV_MAC in CM_SLAC_MATCH.REQ", now)
        peer = parts.plug_in.peer
        if peer is not None and (stranger := self._stranger(peer[1])) is not None:
            self.abandon(stranger, now)
        parts.feed(parts.pilot, limits.HighLevelStarted(matched=True), now)

    def link_ready(self, now: float) -> None:
        """It is in our network."""
        parts = self._parts
        parts.note("link ready")
        parts.plug_in.linked = True
        if parts.talking:
            parts.plug_in.await_session(now)

    def link_lost(self, now: float) -> None:
        """It is in our network no more: leave it too, unless it only sleeps."""
        parts, plug_in = self._parts, self._parts.plug_in
        parts.note("link lost")
        plug_in.linked = False
        if plug_in.resumable is not None:
            if parts.talking:  # it is awake, and what seemed to be a link was none
                plug_in.await_session(now)
            return
        if not parts.talking:  # what is there goes on without the session, if anything does
            parts.feed(parts.pilot, limits.HighLevelFailed(LINK_LOST, lost=True), now)
        self.abandon(LINK_LOST, now)
        self._match_anew(now)
        self.high_level_failed(LINK_LOST, now, lost=True)

    def no_session(self, why: str, linked: bool, now: float) -> None:
        """The vehicle has opened no session in time."""
        if linked:
            self._match_anew(now)
        self.high_level_failed(why, now)

    def leave_network(self, now: float) -> None:
        """Take a new key; the vehicle is matched anew when the pilot asks it to speak."""
        self._parts.plug_in.linked = False
        self._parts.feed(self._parts.station, evse.VehicleLeft(), now)

    def _match_anew(self, now: float) -> None:
        self.leave_network(now)
        self._parts.feed(self._parts.station, evse.VehicleArrived(), now)

    def troubled(self, why: str, now: float) -> None:
        """Our modem does nothing, or there is no way to it."""
        self._parts.note("powerline trouble", why=why)
        self._parts.plug_in.doubt(why, now)
        self.high_level_failed(why, now)

    def session_dead(self, why: str, now: float) -> None:
        """The modem is dead, and so is the session that it carried."""
        self.abandon(why, now)
        self.high_level_failed(why, now)

    def high_level_failed(self, why: str, now: float, lost: bool = False) -> None:
        """Go on by pulse width; who may charge is asked just the same.

        A session that goes on in spite of it is its own proof that nothing has failed.
        """
        parts, plug_in = self._parts, self._parts.plug_in
        if not plug_in.number or plug_in.stream is not None:
            return
        if parts.talking:
            parts.note("pulse width", why=why)
        plug_in.connect_by = None
        parts.feed(parts.pilot, limits.HighLevelFailed(why, lost), now)
        parts.feed(parts.admission, admission.Wanted(), now)
        parts.feed(parts.enrolment, enrolment_events.Hushed(why), now)

    # Who it is, and whether it may charge.

    def learn(self, claim: Claim, value: bytes | None, source: str, now: float) -> None:
        """It has said something of itself."""
        if value is not None:
            event = admission.Claimed(claim, value, source)
            self._parts.feed(self._parts.admission, event, now)

    def identified(self, evccid: bytes, now: float) -> None:
        """It has set up a session: that is the last time that it says who it is."""
        parts = self._parts
        self.learn("evccid", evccid, "SessionSetupReq", now)
        # Decided by its first AuthorizationReq, it saves the vehicle a round.
        parts.feed(parts.admission, admission.Wanted(), now)
        identity, seen = parts.admission.identity, parts.plug_in.watch.fingerprint
        if identity.slac_mac is not None:  # by now it has offered protocols, too
            self.learning.named(identity.slac_mac, now)
        parts.feed(parts.enrolment, enrolment_events.Identified(identity, seen), now)

    def card_passed_on(self, passed: enrolment_events.PassOn, now: float) -> None:
        """A card that is none of a ritual's, as far as that is known."""
        answers = self._parts.admission.receive(passed.card, now)
        self._parts.pending.extend(answers)
        if passed.ask and not answers:  # whom it lets charge, it does not ask about
            self._parts.emit(auth_events.LookUpCard(passed.card.uid))

    def registration_told(self, told: enrolment_events.Told) -> None:
        """A step of the ritual of registration."""
        about: dict[str, str] = {} if told.card is None else {"uid": told.card}
        if told.vehicle is not None:
            about = {"mac": format_mac(told.vehicle)}
        step = told.step.value
        self._parts.note("registration", on=told.on, step=step, says=told.says, **about)

    def card_answered(self, now: float) -> None:
        """A card that grants need not wait until a silent vehicle asks (V2G3-M06-05)."""
        if self._parts.admission.card_grants(now):
            self._parts.feed(self._parts.admission, admission.Wanted(), now)

    def decided(self, number: int, decided: Decision, now: float) -> None:
        """It may charge, may not, or has to wait."""
        if number != self._parts.plug_in.number:
            return  # another plug-in's
        self._parts.tell_session(session_events.Decided(decided), now)
        if isinstance(decided, Granted):
            if self._parts.plug_in.halted:  # a card takes back what a card has stopped
                self._parts.plug_in.halted, self._parts.plug_in.stop = False, None
            self._parts.feed(self._parts.pilot, limits.Authorised(number), now)
            self._parts.guard(output.Authorised(True), now)

    def access_limited(self, limited: auth_events.LimitAccess, now: float) -> None:
        """It may charge, but not with all there is; or with all there is, now."""
        if limited.plug_in == self._parts.plug_in.number:
            why = "; ".join(limited.reasons)
            self._parts.note("access limit", amps=limited.amps, why=why)
            offered = arbiter.LimitOffered(arbiter.ACCESS, limited.amps)
            self._parts.feed(self._parts.arbiter, offered, now)

    def contract_proven(self, proven: session_events.ContractProven, now: float) -> None:
        """It holds a contract's key: no claim, and kept apart from all claims."""
        found = proven.contract
        self._parts.note("contract", emaid=found.emaid, root=found.root, ends=found.ends)
        proved = admission.Proved(Proven.CONTRACT, found.emaid, "AuthorizationReq")
        self._parts.feed(self._parts.admission, proved, now)
        told = contract.Proven(found.emaid, found.root, proven.chain)
        self._parts.feed(self._parts.contract, told, now)

    def contract_accepted(self, number: int, reasons: tuple[str, ...], now: float) -> None:
        """Its contract may charge here, unless somebody has just stopped it."""
        if number == self._parts.plug_in.number and self._parts.plug_in.stop is None:
            vouched = auth_events.ContractVouched(reasons)
            self._parts.feed(self._parts.admission, vouched, now)

    def contract_withdrawn(self, number: int, now: float) -> None:
        """Its contract may no longer charge here; something else may let it."""
        if number == self._parts.plug_in.number:
            self._parts.feed(self._parts.admission, auth_events.ContractVouched(()), now)

    def contract_refused(self, number: int, code: str, why: str, now: float) -> None:
        """Its contract does not charge here."""
        if number == self._parts.plug_in.number:
            self._parts.note("contract refused", code=code, why=why)
            self._parts.tell_session(session_events.ContractRefused(code, why), now)

    # Streams and sessions.

    def open_stream(self, opened: events.StreamOpened, now: float) -> None:
        """Somebody has connected."""
        parts, plug_in = self._parts, self._parts.plug_in
        if plug_in.peer == (opened.address, opened.mac):
            # Its old connection is dead on its side, or it would not open another.
            self.abandon("the vehicle opened another connection", now)
        if (why := plug_in.objection or self._stranger(opened.mac)) is not None:
            parts.emit(events.Ignored("TCP connection", why))
            parts.emit(events.CloseStream(opened.stream, why))
            return
        encrypted = {"tls": dict(opened.details)} if opened.tls else {}
        parts.note("stream opened", address=opened.address, **encrypted)
        self.learn("ethernet_mac", opened.mac, "neighbour of the TCP connection", now)
        parts.feed(parts.admission, admission.AddressSeen(opened.address, "TCP peer"), now)
        if (vehicle := opened.vehicle) is not None:
            proved = admission.Proved(Proven.CERTIFICATE, vehicle.holder, "TLS handshake")
            parts.feed(parts.admission, proved, now)
        parts.feed(parts.admission, admission.Connected(opened.tls), now)
        plant = replace(parts.plant, decision=parts.admission.decision)
        self.watching.connected(opened, now)
        if plug_in.sleeps:  # it is joined now, or by nobody
            parts.emit(events.ForgetPaused())
        avoided = self.learning.avoided(opened.wall_time)
        plug_in.begin_session(parts.settings.charger, opened, plant, now, avoided)
        parts.feed(parts.discovery, discovery.InSession(opened.address), now)
        parts.feed(parts.pilot, limits.HighLevelStarted(in_session=True), now)

    def _stranger(self, mac: bytes | None) -> str | None:
        """Say that it is known to be another station than the matched one, if so.

        So nobody else in our network can keep that out, by coming first and staying.
        """
        matched = self._parts.admission.identity.slac_mac
        strange = None not in (mac, matched) and mac != matched
        return "another station was matched" if strange else None

    def session_ended(self, how: session_events.How, now: float) -> None:
        """The session is over, by whoever's doing."""
        parts, plug_in = self._parts, self._parts.plug_in
        parts.guard(output.EnergyAllowed(False), now)
        if not plug_in.number:
            return  # it was unplugged
        mac = plug_in.peer[1] if plug_in.peer else None
        plug_in.end_session()
        parts.feed(parts.discovery, discovery.InSession(None), now)
        match how:
            case session_events.Stopped():
                parts.note("session ended", how="stopped")
                plug_in.stopped(now)
                parts.feed(parts.pilot, limits.HighLevelEnded(), now)
            case session_events.Paused():
                parts.note("session ended", how="paused")
                plug_in.resumable, plug_in.paused_by = how, mac
                parts.emit(events.KeepPaused(how, mac))
                parts.feed(parts.pilot, limits.HighLevelEnded(), now)
            case session_events.Broken(why):
                parts.note("session ended", how="broken", why=why)
                self._broken(why, now)
            case _:
                assert_never(how)

    def _broken(self, why: str, now: float) -> None:
        """Give the vehicle a moment to come back, where it can."""
        plug_in = self._parts.plug_in
        if not self._parts.talking:
            self.high_level_failed(why, now)
        elif self._had_nothing:
            plug_in.stopped(now)
            self._parts.feed(self._parts.pilot, limits.HighLevelEnded(), now)
        elif plug_in.linked or self._parts.station.trouble is not None:
            plug_in.await_return(now, why)
        # Else it has not even matched: that has its own time.

    @property
    def _had_nothing(self) -> bool:
        """Whether all that the vehicle lacked was something to charge with: it may rest."""
        parts = self._parts
        granted = isinstance(parts.admission.decision, Granted) and parts.plug_in.stop is None
        worth = parts.worth(parts.arbiter.limit.amps)
        return granted and parts.output is None and worth < parts.plant.least_amps

    def abandon(self, why: str, now: float) -> None:
        """End the session, if there is one, from our side."""
        self._parts.tell_session(session_events.StreamClosed(why), now)
        self.close_stream(why)
        self._carry_all(now)

    def close_stream(self, reason: str) -> None:
        """Hang up, if there is anybody."""
        plug_in = self._parts.plug_in
        if plug_in.stream is not None:
            self._parts.emit(events.CloseStream(plug_in.stream, reason))
            plug_in.stream = None
