"""Everything around one charge point, in virtual time: a car, the line between, the pilot.

The charge point is the product's own; what it asks for is carried out here instead of by
`seccstack.adapters`. Time jumps from one deadline to the next, so an hour costs milliseconds,
and the same inputs give the same run.

Not simulated: UDP, TCP and TLS themselves; where contracts are taken, streams count as
encrypted. Datagrams pass while the modems are linked; streams keep their order and lose
nothing, and end when the link does not come back to carry a byte.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, assert_never

from seccstack.auth import contract, limiter
from seccstack.auth import events as auth_events
from seccstack.auth.enrolment_events import Enrol, EnrolAnswered
from seccstack.auth.lookup import enrolled, vehicle_found
from seccstack.auth.port import RegistryError, sighting_of
from seccstack.auth.vouching import vouch
from seccstack.chargepoint import ChargePoint
from seccstack.energy import supply
from seccstack.events import (
    Action,
    BytesReceived,
    CloseStream,
    CurrentMeasured,
    DatagramReceived,
    Event,
    NetworkLost,
    NetworkOpened,
    RecordSighting,
    SendBytes,
    SendDatagram,
    StreamClosed,
    StreamOpened,
)
from seccstack.experience.events import KeepExperience, LookUpExperience
from seccstack.experience.keeping import (
    LearningRegistry,
    experience_found,
    experience_kept,
    household_found,
)
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.session import events as session_events
from seccstack.sim import car as cars
from seccstack.sim import pilot as pilots
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.powerline import Deliver, FrameSent, Powerline
from seccstack.sim.supply import SimSupply
from seccstack.sim.vehicle import Vehicle
from seccstack.slac import amplitude, station

EVSE_MAC = bytes.fromhex("02FEED000001")
EVSE_MODEM = bytes.fromhex("02FEED0000A1")
EV_MODEM = bytes.fromhex("02FEED0000B1")
ADDRESS = "fe80::fe:edff:fe00:1"
PORT = 49152
NETWORK_SECONDS = 0.002  # one way, over IPv6
REGISTRY_SECONDS = 0.005
MOST_STEPS = 5_000_000  # a world that does not come to rest is a bug, not a long night

# Answers what is asked about contracts, after so many seconds.
Contracts = Callable[[Action], tuple[float, Event]]
Observer = Callable[[float, Event | None, Sequence[Action]], None]


class World:
    """One outlet and one car; ``opens``: whether the powerline is there from the beginning."""

    def __init__(
        self,
        settings: Settings,
        car: Vehicle,
        *,
        registry: LearningRegistry,
        octets: Callable[[int], bytes],
        line: Powerline | None = None,
        wall_time: int = 1_700_000_000,
        evse_mac: bytes = EVSE_MAC,
        opens: bool = True,
        contracts: Contracts | None = None,
    ) -> None:
        self.now = 0.0
        self.charge_point = ChargePoint(settings)
        self.car = car
        self.line = line or Powerline()
        self.pilot = pilots.SimPilot()
        self.supply = SimSupply()  # of a DC outlet
        self.registry = registry
        self.said: list[tuple[float, str]] = []
        self.drawn = 0.0
        self.observers: list[Observer] = []
        self._octets = octets
        self._contracts = contracts
        self._wall_time = wall_time
        self._plans: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._streams = itertools.count(1)
        self._stream: int | None = None
        self._evse_mac = evse_mac
        self._open = False
        self._due: float | None = 0.0  # the charge point's deadline, as of its last step
        self._told: deque[Event] = deque()
        self._busy = False
        self.line.attach("evse", SimModem(EVSE_MODEM, Role.EVSE))
        self.at(0.0, lambda: self.tell(limits.PilotChanged(self.pilot.state)))
        if (kept := registry.kept(limiter.KEPT)) is not None:
            found = auth_events.LockOutFound(limiter.limiter_of(kept, wall_time))
            self.at(0.0, lambda: self.tell(found))
        household = household_found(registry, wall_time)
        if household.household.guests:
            self.at(0.0, lambda: self.tell(household))
        if opens:
            self.at(0.0, self.open_powerline)

    # What a scenario does.

    def at(self, when: float, plan: Callable[[], None]) -> None:
        """Do something at a time; what is planned for the same moment keeps its order."""
        heapq.heappush(self._plans, (when, next(self._order), plan))

    def plug_in(self) -> None:
        """Put the plug into the car."""
        self.line.attach("ev", SimModem(EV_MODEM, Role.EV))
        self.show(cars.PlugIn())
        self.show(cars.SignalSeen(self.pilot.signal))

    def unplug(self) -> None:
        """Pull the plug, whatever is going on."""
        self._stream = None
        self.line.detach("ev")
        self.show(cars.PullPlug())

    def open_powerline(self) -> None:
        """Let the charger's interface to its modem come up, or come back."""
        self._open = True
        self.tell(station.Opened(self._evse_mac))
        self.tell(NetworkOpened(ADDRESS, PORT))

    def lose_powerline(self, why: str) -> None:
        """Take the interface away; its stream goes with it, and the car is not told."""
        stream, self._stream, self._open = self._stream, None, False
        self.tell(station.Lost(why))
        self.tell(NetworkLost(why))
        if stream is not None:
            self.tell(StreamClosed(stream))

    def tell(self, event: Event) -> None:
        """Give the charge point an event, now; what it is doing is done first."""
        self._told.append(event)
        if not self._busy:
            self._settle()

    def show(self, event: cars.Event) -> None:
        """Let the car see something, now."""
        for action in self.car.receive(event, self.now):
            self._carry_out_for_car(action)

    def run(self, until: float, most_steps: int = MOST_STEPS) -> None:
        """Let time pass until then."""
        for _ in range(most_steps):
            moment = self._next_moment()
            if moment is None or moment > until:
                self.now = max(self.now, until)
                return
            self.now = max(self.now, moment)
            self._step()
        raise RuntimeError(f"no rest after {most_steps} steps, at {self.now} s")

    def _next_moment(self) -> float | None:
        machines = (self.car, self.line, self.pilot, self.supply)
        moments = [self._due, *(machine.deadline for machine in machines)]
        moments += [self._plans[0][0]] if self._plans else []
        return min((moment for moment in moments if moment is not None), default=None)

    def _step(self) -> None:
        if self._plans and self._plans[0][0] <= self.now:
            heapq.heappop(self._plans)[2]()
            return
        for deliver in self.line.tick(self.now):
            self._deliver(deliver)
        for change in self.pilot.tick(self.now):
            self._pilot_changed(change)
        for report in self.supply.tick(self.now):
            self.tell(report)
        for action in self.car.tick(self.now):
            self._carry_out_for_car(action)
        if self._due is not None and self._due <= self.now:
            self._done(None, self.charge_point.tick(self.now))
            self._settle()

    def _settle(self) -> None:
        while self._told:
            event = self._told.popleft()
            self._done(event, self.charge_point.receive(event, self.now))

    def _done(self, event: Event | None, actions: Sequence[Action]) -> None:
        self._busy, self._due = True, self.charge_point.deadline
        for observe in self.observers:
            observe(self.now, event, actions)
        for action in actions:
            self._carry_out(action)
        self._busy = False

    def _later(self, seconds: float, plan: Callable[[], None]) -> None:
        self.at(self.now + seconds, plan)

    # The line and the pilot.

    def _deliver(self, deliver: Deliver) -> None:
        if deliver.port == "evse":
            if self._open:
                self.tell(station.FrameReceived(deliver.octets))
        else:
            self.show(cars.FrameArrived(deliver.octets))

    def _send(self, port: str, octets: bytes) -> None:
        self.line.receive(FrameSent(port, octets), self.now)  # it arrives when it arrives

    def turn(self, event: pilots.Event) -> None:
        """Let something happen to the pilot line, or to the contactor."""
        for change in self.pilot.receive(event, self.now):
            self._pilot_changed(change)

    def _pilot_changed(self, change: limits.PilotChanged | limits.ContactorChanged) -> None:
        self.tell(change)
        if isinstance(change, limits.ContactorChanged):
            self.show(cars.MainsChanged(change.closed))

    # Actions.

    def _carry_out(self, action: Action) -> None:
        match action:
            case station.SendFrame(octets):
                self._send("evse", octets)
            case SendDatagram(_, _, octets):
                self._across(lambda: self.show(cars.DatagramArrived(octets)))
            case SendBytes(stream, data):
                self._to_car(stream, cars.BytesArrived(data))
            case CloseStream(stream):
                self._to_car(stream, cars.StreamDown())
            case station.DrawKey():
                self.tell(station.KeyDrawn(self._octets(16), self._octets(4)))
            case amplitude.SetAmplitudes(reductions):
                self.line.modems["evse"].reductions = reductions
                self.tell(amplitude.AmplitudesSet(True))
            case limits.Apply(signal):
                self.turn(pilots.Applied(signal))
                self.show(cars.SignalSeen(signal))
            case limits.SetContactor(closed):
                self.turn(pilots.ContactorCommanded(closed))
            case supply.SetOutput() | supply.CheckInsulation():
                for report in self.supply.receive(action, self.now):
                    self.tell(report)
            case (
                session_events.VerifyContract()
                | session_events.VerifySignature()
                | session_events.ProvideContract()
                | session_events.ProvideTariffs()
                | contract.LookUpContract()
            ) if self._contracts is not None:
                seconds, told = self._contracts(action)
                self._later(seconds, lambda: self.tell(told))
            case auth_events.LookUpVehicle(mac):
                answer = vehicle_found(self.registry, mac, self._wall_time + self.now)
                self._later(REGISTRY_SECONDS, lambda: self.tell(answer))
            case auth_events.Prove(mac, certificate):
                self.registry.prove(mac, self._wall_time + self.now, certificate)
            case auth_events.Vouch(mac, uid):
                vouch(self.registry, mac, uid, self._wall_time + self.now)
            case auth_events.KeepLockOut(counted):
                text = limiter.text_of(counted, self._wall_time + self.now)
                self.registry.keep(limiter.KEPT, text)
            case auth_events.LookUpCard(uid):
                found = auth_events.CardFound(uid, self.registry.card(uid))
                self._later(REGISTRY_SECONDS, lambda: self.tell(found))
            case LookUpExperience():
                known = experience_found(self.registry, action)
                self._later(REGISTRY_SECONDS, lambda: self.tell(known))
            case KeepExperience():
                household = experience_kept(self.registry, action, self._wall_time + self.now)
                self._later(REGISTRY_SECONDS, lambda: self.tell(household))
            case Enrol(ticket):
                answered = self._enrolled(action) or EnrolAnswered(ticket, None)
                self._later(REGISTRY_SECONDS, lambda: self.tell(answered))
            case RecordSighting(identity, tls, fingerprint, certain_for):
                at = self._wall_time + self.now
                sighting = sighting_of(identity, at, tls, fingerprint, certain_for)
                if self.registry.record_sighting(sighting):
                    seen = auth_events.DowngradeSeen(identity.common_mac or b"")
                    self._later(REGISTRY_SECONDS, lambda: self.tell(seen))
            case _:
                pass  # what is only told: `observers` have seen it

    def _enrolled(self, enrol: Enrol) -> EnrolAnswered | None:
        try:
            return enrolled(self.registry, enrol, self._wall_time + self.now)
        except RegistryError:
            return None

    def _carry_out_for_car(self, action: cars.Action) -> None:
        match action:
            case cars.SendFrame(octets):
                self._send("ev", octets)
            case pilots.VehicleConnected() | pilots.VehicleDisconnected():
                self.turn(action)
            case cars.Multicast(octets):
                asked = DatagramReceived(self.car.address, 50000, octets, self.car.mac)
                self._across(lambda: self.tell(asked))
            case cars.Connect():
                self._across(self._connect)
            case cars.SendBytes(data):
                self._from_car(lambda stream: BytesReceived(stream, data))
            case cars.Disconnect():
                self._from_car(StreamClosed)
                self._stream = None
            case cars.Draw(amps):
                self.drawn = amps
                self.tell(CurrentMeasured(amps))
            case cars.Said(what):
                self.said.append((self.now, what))
            case _:
                assert_never(action)

    # The network, as far as the line carries it.

    def _across(self, plan: Callable[[], None]) -> None:
        if self._open and self.line.linked("evse", self.now):
            self._later(NETWORK_SECONDS, plan)

    def _connect(self) -> None:
        stream = self._stream = next(self._streams)
        wall_time = self._wall_time + int(self.now)
        session_id = self._octets(8)
        opened = StreamOpened(stream, self.car.address, session_id, wall_time, self.car.mac)
        if self._contracts is not None:
            challenge, details = self._octets(16), {"simulated": True}
            opened = replace(opened, tls=True, details=details, challenge=challenge)
        self._across(lambda: self.show(cars.StreamUp()))
        self.tell(opened)

    def _from_car(self, event_of: Callable[[int], Event]) -> None:
        if self._stream is not None:
            event = event_of(self._stream)
            self._across(lambda: self.tell(event))

    def _to_car(self, stream: int, event: Any) -> None:
        if stream != self._stream:
            return
        if isinstance(event, cars.StreamDown):
            self._stream = None
        self._across(lambda: self.show(event))
