"""A vehicle that does anything, at a whole outlet, with a world around it that answers."""

import heapq
import itertools
from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from msgspec import structs

from seccstack import events
from seccstack.auth import contract, judgement
from seccstack.auth import events as auth_events
from seccstack.auth.decision import CardRecord, Policy, VehicleRecord
from seccstack.chargepoint import ChargePoint
from seccstack.energy import supply
from seccstack.messages import iso2
from seccstack.messages.iso2 import PaymentOption
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot import settings as pilot_settings
from seccstack.pilot.port import Fault
from seccstack.pilot.settings import Current
from seccstack.sdp import Tls
from seccstack.session.events import (
    ContractProvided,
    ContractVerified,
    ProvideContract,
    SignatureVerified,
    Unproven,
    VerifyContract,
    VerifySignature,
)
from seccstack.session.iso2.record import State
from seccstack.session.plant import Charger
from seccstack.sim.car import Character, link_local
from seccstack.slac import station
from tests.hostile.oracle import Oracle
from tests.scenarios.witness import Witness
from tests.session.dc_vehicle import (
    CABLE_CHECK,
    GRID_AMPS,
    SUPPLY,
    dc_parameters,
    demand,
    pre_charge,
)
from tests.session.iso2.test_any_order import REQUESTS
from tests.session.vehicle import (
    AUTHORIZATION,
    DETAILS,
    INSTALLATION,
    PROVEN,
    SAMPLES,
    SERVICE_DISCOVERY,
    STATUS,
    STOP,
    framed,
    parameters,
    power,
    sap,
    selection,
)
from tests.strategies import NEIGHBOUR, OTHER, OURS, A, B, C, D, E, F

KNOWN, STRANGE = "04A2B3C4D5E680", "0401020304"
VICTIM = Character().mac  # registered, and not here
ADDRESS = link_local(VICTIM)
SETUP = iso2.SessionSetupReq(evccid=VICTIM)
FOREIGN, ZERO = bytes.fromhex("FEDCBA9876543210"), bytes(8)
CONTRACT = selection(1, option=PaymentOption.CONTRACT)

# What a vehicle that does everything right asks in each state.
COMMON = {
    State.CONNECTED: SETUP,
    State.SET_UP: SERVICE_DISCOVERY,
    State.SELECTED: AUTHORIZATION,
    State.CONTRACTING: DETAILS,
    State.PROVIDED: DETAILS,
    State.STOPPED: STOP,
    State.UNLOADING: STOP,
}
ON_AC = {
    **COMMON,
    State.AUTHORIZED: parameters(),
    State.NEGOTIATING: parameters(),
    State.AGREED: power("Start"),
    State.CHARGING: STATUS,
}
ON_DC = {
    **COMMON,
    State.AUTHORIZED: dc_parameters(),
    State.NEGOTIATING: dc_parameters(),
    State.CHECKING: CABLE_CHECK,
    State.CHECKED: pre_charge(),
    State.PRECHARGED: power("Start"),
    State.DEMANDING: demand(),
}
READY_FOR = ("AGREED", "CHECKING", "CHECKED", "PRECHARGED")
LEAVING = ("STOPPED", "UNLOADING")

REQUESTED = [*SAMPLES, SETUP, CONTRACT, INSTALLATION, power("Stop")]
IDS = st.sampled_from(["own", "own", "own", "zero", "foreign"])
STREAMS = st.integers(0, 3)
POLICIES = [Policy.CARD, Policy.AUTOCHARGE]
BY = st.sampled_from(["card", "contract", "nothing"])
ANSWERS = st.sampled_from(["at once", "at once", "later", "strange", "forged"])
NO_CHAIN = Unproven("FAILED_CertChainError", "")


def outlet(dc, policy):
    """An outlet that knows a vehicle, a card and who vouches for contracts."""
    return Settings(
        charger=Charger(
            evse_id="DE*SEC*E000001",
            supply=SUPPLY if dc else None,
            contracts=True,
            provides=True,
        ),
        rated_amps=GRID_AMPS if dc else 16.0,
        access=judgement.Settings(policy=policy, card_wait_seconds=20.0),
        contract=contract.Settings(trust=contract.Trust.CHAIN),
        pilot=pilot_settings.Settings(current=Current.DC if dc else Current.AC),
        tls=Tls.OFFERED,
    )


class HostilePeer(RuleBasedStateMachine):
    """On AC. The policy is to know cards, or vehicles: this one claims to be one, unmatched."""

    dc, ways, me, tls = False, ON_AC, (ADDRESS, VICTIM), True
    framed, greeting, outlet = staticmethod(framed), sap(), staticmethod(outlet)
    takes_amps, requested = 0.0, REQUESTED

    @initialize(policy=st.sampled_from(POLICIES), by=st.none() | BY)
    def begin(self, policy, by=None):
        self.machine = ChargePoint(self.outlet(self.dc, policy))
        self.oracle, self.witness = Oracle(self.takes_amps), Witness()
        self.now, self.plans, self.order = 0.0, [], itertools.count(1)
        self.registered, self.kept = {KNOWN}, []
        self.answering = "at once"  # or "later"; or of contracts: "strange", "forged"
        self.streams, self.session_id, self.signal = [], FOREIGN, None
        self.give(station.Opened(OURS), events.NetworkOpened("fe80::1", 49152), A)
        if by is not None:
            self.charge(by)

    # The world.

    def give(self, *happened):
        for event in happened:
            self.step(event, self.machine.receive(event, self.now))
            self.pass_time(0.0)

    def step(self, event, actions):
        self.oracle(self.now, event, actions)
        self.witness(self.now, event, actions)
        for action in actions:
            self.answer(action)

    def pass_time(self, seconds):
        until = self.now + seconds
        while (due := self.due()) is not None and due <= until:
            self.now = max(self.now, due)
            if self.plans and self.plans[0][0] <= self.now:
                event = heapq.heappop(self.plans)[2]
                self.step(event, self.machine.receive(event, self.now))
            else:
                self.step(None, self.machine.tick(self.now))
        self.now = until

    def due(self):
        dues = [self.machine.deadline, self.plans[0][0] if self.plans else None]
        return min((due for due in dues if due is not None), default=None)

    def plan(self, seconds, event):
        heapq.heappush(self.plans, (self.now + seconds, next(self.order), event))

    def answer(self, action):
        match action:
            case limits.SetContactor(closed):
                self.plan(0.05, limits.ContactorChanged(closed))
            case limits.Apply(signal):
                self.signal = signal
            case supply.CheckInsulation():
                self.plan(0.2, supply.InsulationChecked(True))
            case supply.SetOutput(volts):
                self.plan(0.02, supply.OutputMeasured(volts, 0.0))
            case auth_events.LookUpCard(uid):
                record = CardRecord(uid=uid) if uid in self.registered else None
                self.reply(auth_events.CardFound(uid, record))
            case auth_events.LookUpVehicle(mac):
                record = VehicleRecord(mac=mac) if mac == VICTIM else None
                self.reply(auth_events.VehicleFound(mac, record))
            case VerifyContract(ticket):
                strange = self.answering == "strange"
                self.reply(ContractVerified(ticket, NO_CHAIN if strange else PROVEN))
            case VerifySignature(ticket):
                self.reply(SignatureVerified(ticket, self.answering != "forged"))
            case ProvideContract(ticket):
                self.reply(ContractProvided(ticket, None))
            case _ if getattr(action, "name", "") == "SessionSetupRes":
                self.session_id = action.message.header.session_id

    def reply(self, event):
        if self.answering == "later":
            self.kept = [*self.kept, event][-8:]
        else:
            self.plan(0.005, event)

    # Around the vehicle.

    @rule(state=st.sampled_from([A, B, B, C, C, D, E, F]))
    def turn_the_pilot(self, state):
        if state is not F or self.signal != Fault():  # else it is our own
            self.give(state)

    @rule()
    def replug(self):
        self.give(A, B)

    @rule(uid=st.sampled_from([KNOWN, KNOWN, STRANGE]))
    def hold_a_card(self, uid):
        self.give(auth_events.CardPresented(uid))

    @rule(there=st.booleans())
    def change_the_registry(self, there):
        if there:
            self.registered.add(KNOWN)
            self.oracle.withdrawn.pop(KNOWN, None)
        elif KNOWN in self.registered:
            self.registered.discard(KNOWN)
            self.oracle.withdrawn[KNOWN] = self.now

    @rule(how=ANSWERS)
    def answer_otherwise(self, how):
        self.answering = how

    @rule()
    def answer_at_last(self):
        kept, self.kept = self.kept, []
        self.give(*kept)

    @rule(amps=st.sampled_from([0.0, 5.0, 6.0, 16.0, None]))
    def limit(self, amps):
        self.give(events.LimitOffered("owner", amps))

    @rule(event=st.sampled_from([limits.StopWanted("enough"), limits.ContactorChanged(True)]))
    def interfere(self, event):
        self.give(event)

    @rule(seconds=st.sampled_from([0.0, 0.05, 0.3, 2.0, 6.0, 30.0, 70.0]))
    def wait(self, seconds):
        self.pass_time(seconds)

    # Streams.

    @rule(mine=st.booleans(), tls=st.booleans())
    def connect(self, mine, tls):
        self.opened(*((ADDRESS, VICTIM) if mine else (NEIGHBOUR, OTHER)), tls)

    def opened(self, address, mac, tls, handshake=None):
        number = next(self.order)
        challenge = number.to_bytes(16)
        self.oracle.challenges[challenge] = self.oracle.plug_in
        self.streams = [*self.streams, (number, challenge)][-4:]
        fresh = (number + 2**40).to_bytes(8)
        stream = events.StreamOpened(number, address, fresh, 1_700_000_000, mac)
        self.give(replace(stream, tls=True, details={}, challenge=challenge) if tls else stream)
        self.give(events.BytesReceived(number, handshake or self.greeting))

    @precondition(lambda self: self.streams)
    @rule(index=STREAMS)
    def hang_up(self, index):
        self.give(events.StreamClosed(self.stream(index)))

    def stream(self, index):
        return self.streams[-1 - index % len(self.streams)][0]

    # What it says.

    @precondition(lambda self: self.streams)
    @rule(request=REQUESTS, name=IDS, index=STREAMS)
    def say_anything(self, request, name, index):
        self.say(request, name, index)

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(REQUESTED), name=IDS)
    def say_something(self, request, name):
        self.say(request, name)

    def say(self, request, name="own", index=0):
        session_id = {"own": self.session_id, "zero": ZERO, "foreign": FOREIGN}[name]
        data = self.framed(structs.replace(request), session_id)
        self.give(events.BytesReceived(self.stream(index), data))

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(SAMPLES), at=st.integers(0, 400), flip=st.integers(0, 255))
    def say_it_damaged(self, request, at, flip):
        self.damaged(request, at, flip)

    def damaged(self, request, at, flip):
        data = bytearray(self.framed(request, self.session_id))
        data[8 + at % (len(data) - 8)] ^= flip
        self.give(events.BytesReceived(self.stream(0), bytes(data)))

    @precondition(lambda self: self.streams)
    @rule(octets=st.binary(max_size=40))
    def say_nonsense(self, octets):
        self.give(events.BytesReceived(self.stream(0), octets))

    @precondition(lambda self: self.streams)
    @rule(request=st.sampled_from(SAMPLES), until=st.integers(1, 400))
    def say_it_octet_by_octet(self, request, until):
        self.octet_by_octet(request, until)

    def octet_by_octet(self, request, until):
        for octet in self.framed(request, self.session_id)[:until]:
            self.give(events.BytesReceived(self.stream(0), bytes([octet])))

    @rule(steps=st.integers(1, 9), by=BY)
    def go_on_in_order(self, steps, by):
        self.go_on(steps, by)

    @rule(by=BY, how=ANSWERS)
    def charge(self, by, how="at once"):
        """Do all that it takes, but for what is not there to pay with, or does not hold."""
        self.answering = how
        self.give(A, B)
        if by == "card":
            self.hold_a_card(KNOWN)
        self.opened(ADDRESS, VICTIM, tls=self.tls)
        self.go_on(14, by)

    @rule(seconds=st.sampled_from([5, 20, 65]))
    def keep_on(self, seconds):
        """Ask for what the state allows, all the time."""
        for _ in range(seconds):
            self.go_on(1, "nothing")
            self.pass_time(0.7)

    @rule(seconds=st.sampled_from([1, 70]))
    def be_turned_out(self, seconds):
        """Charge by a card that is taken out of the registry meanwhile."""
        self.charge("card")
        self.change_the_registry(there=False)
        self.keep_on(seconds)

    @rule(by=BY)
    def be_followed(self, by):
        """Leave, and have another take the place: with what is still under way."""
        self.replug()
        self.opened(ADDRESS, VICTIM, tls=self.tls)
        self.go_on(4, by)
        self.answer_at_last()
        self.go_on(10, by)

    def go_on(self, steps, by):
        for _ in range(steps):
            session = self.machine._parts.plug_in.session
            if session is None or not self.streams:
                return
            where = "" if session.state is None else session.state.name
            if where in READY_FOR:
                self.give(C)
            if where in LEAVING:
                self.give(B)
            request = self.next_of(session.state, by)
            if request is not None:
                self.say(request)
            self.pass_time(0.3)

    def next_of(self, state, by):
        if state is State.DISCOVERED:
            return CONTRACT if by == "contract" else selection(1)
        if state is State.IDENTIFIED:
            return iso2.AuthorizationReq(id="id1", gen_challenge=self.streams[-1][1])
        return self.ways.get(state)


class HostilePeerOnDc(HostilePeer):
    """On DC."""

    dc, ways = True, ON_DC
