"""Whatever is asked, in any order: no energy without a right to it, and always an answer."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec import structs

from seccstack.auth.decision import Denied, Granted
from seccstack.energy import output
from seccstack.energy.output import PRECHARGE_AMPS, Output
from seccstack.energy.supply import OFF, Limits
from seccstack.messages.iso2 import UnitSymbol
from seccstack.session.events import (
    AllowEnergy,
    CheckInsulation,
    ContactorChanged,
    Decided,
    DemandOutput,
    InsulationChecked,
    LimitChanged,
    PilotChanged,
    SendBytes,
    SessionEnded,
    StopCharging,
    SupplyFailed,
)
from seccstack.session.iso2.record import State
from seccstack.session.iso2.sequence import SEQUENCE
from tests.session.dc_vehicle import DC_WAYS, DcEv, dc_parameters, demand, pre_charge
from tests.session.vehicle import SAMPLES, Ev, parameters, power, profile, selection, value
from tests.session.vehicle import WAYS as AC_WAYS

VALUES = st.builds(
    value, st.integers(-32768, 32767), st.sampled_from(UnitSymbol), st.integers(-3, 3)
)
START = st.integers(0, 2**32 - 1)
REQUESTS = st.one_of(
    st.sampled_from([*SAMPLES, selection(1), parameters(), dc_parameters()]),
    st.builds(
        lambda *v: pre_charge(ev_target_voltage=v[0], ev_target_current=v[1]), VALUES, VALUES
    ),
    st.builds(
        lambda *v: demand(ev_target_voltage=v[0], ev_target_current=v[1]), VALUES, VALUES
    ),
    st.builds(lambda v: dc_parameters(ev_maximum_current_limit=v), VALUES),
    st.builds(lambda v: dc_parameters(ev_maximum_voltage_limit=v), VALUES),
    st.builds(lambda v: parameters(ev_max_current=v), VALUES),
    st.builds(lambda t, m: parameters(most=m, departure_time=t), START, st.integers(0, 65535)),
    st.builds(
        lambda progress, number, entries: power(progress, number, profile(*entries)),
        st.sampled_from(["Start", "Stop", "Renegotiate"]),
        st.integers(1, 255),
        st.lists(st.tuples(START, VALUES), min_size=1, max_size=24),
    ),
)
GOOD = {
    "setup": SAMPLES[0], "discovery": SAMPLES[1], "selection": selection(1),
    "authorization": SAMPLES[5], "start": power("Start"), "stop": power("Stop"),
    "cable check": SAMPLES[13], "pre-charge": pre_charge(), "demand": demand(),
    "status": SAMPLES[12],
}  # fmt: skip
STOPPED = (State.STOPPED, State.UNLOADING, State.PARTING, State.ENDED)
CHANGES = st.one_of(
    st.sampled_from([Decided(Granted("open")), Decided(Denied(("no",)))]),
    st.builds(LimitChanged, st.sampled_from([0.0, 3.0, 6.0, 16.0, 100.0])),
    st.builds(PilotChanged, st.booleans()),
    st.builds(InsulationChecked, st.booleans()),
    st.builds(SupplyFailed, st.sampled_from(["", "hot"])),
    st.builds(ContactorChanged, st.booleans()),
    st.just(StopCharging("owner")),
)


def alive(machine):
    return machine.ev.session.state is not State.ENDED


class AnyOrder(RuleBasedStateMachine):
    """A session, the guard behind it, and a vehicle that does what it likes."""

    kind, ways = Ev, AC_WAYS

    def __init__(self):
        super().__init__()
        self.guard = Output(Limits(max_volts=500, max_amps=125, max_watts=50_000))
        self.granted = self.ready = self.started = False

    @precondition(lambda self: not alive(self))
    @rule(name=st.sampled_from(sorted({**AC_WAYS, **DC_WAYS})))
    def come_again(self, name):
        self.come_so_far(name)

    @initialize(name=st.sampled_from(sorted({**AC_WAYS, **DC_WAYS})))
    def come_so_far(self, name):
        self.ev, self.seen = self.kind(), 0
        self.tell, self.ev.tell = self.ev.tell, self.pass_on
        self.ways.get(name, self.ways["CONNECTED"])(self.ev)
        self.follow()

    @precondition(lambda self: alive(self))
    @rule(name=st.sampled_from(sorted(GOOD)))
    def ask_well(self, name):
        self.ask(GOOD[name])

    @precondition(lambda self: alive(self))
    @rule(number=st.integers(0, 5))
    def ask_in_order(self, number):
        allowed = [r for r in GOOD.values() if type(r) in SEQUENCE[self.ev.session.state]]
        if allowed:
            self.ask(allowed[number % len(allowed)])

    @precondition(lambda self: alive(self))
    @rule()
    def say_what_it_can(self):
        self.ask(dc_parameters() if self.kind is DcEv else parameters())

    @precondition(lambda self: alive(self))
    @rule(request=REQUESTS)
    def ask_anything(self, request):
        self.ask(request)

    @precondition(lambda self: alive(self))
    @rule(change=st.sampled_from([Decided(Denied(("no",))), PilotChanged(False)]))
    def start_all_the_same(self, change):
        """Take the right away, and let the vehicle start as if it had it."""
        self.ev.tell(change)
        if alive(self):
            self.ask(GOOD["start"])

    @precondition(lambda self: alive(self))
    @rule(change=CHANGES)
    def change(self, change):
        self.ev.tell(change)

    def pass_on(self, *changes):
        """Let the guard know what the session is told, as the whole charger does."""
        self.follow()
        for change in changes:
            self.guard_against(change)
        told = self.tell(*changes)
        self.follow()
        return told

    def guard_against(self, change):
        match change:
            case Decided(decision):
                self.granted = isinstance(decision, Granted)
                self.guard.receive(output.Authorised(self.granted), self.ev.now)
            case PilotChanged(ready):
                self.ready = ready
                self.guard.receive(output.VehicleReady(ready), self.ev.now)
            case LimitChanged(amps):
                self.guard.receive(output.PowerLimited(amps * 690), self.ev.now)
            case InsulationChecked(ok):
                self.guard.receive(output.InsulationFound(ok), self.ev.now)
            case SupplyFailed(why):
                self.guard.receive(output.SupplyFailed(why), self.ev.now)

    @precondition(lambda self: alive(self))
    @rule(seconds=st.sampled_from([0.1, 1.5, 5.0, 30.0, 60.0]))
    def wait(self, seconds):
        self.ev.wait(seconds)
        self.guard.tick(self.ev.now)
        self.follow()

    def ask(self, request):
        self.ev.ask(structs.replace(request))
        owed = self.ev.session._dialogue.deadline is not None
        assert owed or any(isinstance(a, SendBytes) for a in self.ev.last)
        self.follow()

    def follow(self):
        for action in self.ev.done[self.seen :]:
            match action:
                case AllowEnergy(on):
                    assert not on or self.granted
                    self.started = on
                    self.guard.receive(output.EnergyAllowed(on), self.ev.now)
                case CheckInsulation():
                    self.guard.receive(output.InsulationWanted(), self.ev.now)
                case DemandOutput(volts, amps):
                    self.guard.receive(output.OutputWanted(volts, amps), self.ev.now)
                case SessionEnded():
                    self.guard.receive(output.EnergyAllowed(False), self.ev.now)
        self.seen = len(self.ev.done)

    @invariant()
    def nothing_flows_without_a_right_to_it(self):
        given = self.guard.given
        assert given == OFF or (self.granted and self.ready)
        assert self.started or given.amps <= PRECHARGE_AMPS
        assert given == OFF or self.ev.session.state not in STOPPED
        if any(isinstance(a, SessionEnded) for a in self.ev.done):
            assert not self.ev.energy()
            assert given == OFF


class AnyOrderOnDc(AnyOrder):
    kind, ways = DcEv, {**AC_WAYS, **DC_WAYS}


TestOnAc = AnyOrder.TestCase
TestOnAc.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
TestOnDc = AnyOrderOnDc.TestCase
TestOnDc.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)


def test_a_vehicle_that_stops_while_it_is_pre_charged_has_no_voltage_left():
    machine = AnyOrderOnDc()
    machine.come_so_far("PRECHARGED")
    assert machine.guard.given.volts == 400
    machine.ask(power("Stop"))
    assert machine.guard.given == OFF


ENDINGS = [(), (Decided(Denied(("no",))),), (Decided(Denied(("no",))), PilotChanged(True))]


@pytest.mark.parametrize("changes", ENDINGS, ids=["granted", "denied", "denied, and ready"])
@pytest.mark.parametrize("way", sorted(AC_WAYS))
def test_from_wherever_it_has_come_a_start_without_a_right_to_it_does_nothing(way, changes):
    machine = AnyOrder()
    machine.come_so_far(way)
    for change in changes:
        if alive(machine):
            machine.ev.tell(change)
    if alive(machine):
        machine.ask(GOOD["start"])
    machine.nothing_flows_without_a_right_to_it()
