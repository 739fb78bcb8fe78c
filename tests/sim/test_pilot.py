"""The simulated pilot line, alone and under the machine that drives a real one."""

import pytest

from seccstack.pilot.limits import (
    Apply,
    Authorised,
    ContactorChanged,
    ContactorFault,
    HighLevelFailed,
    LimitSet,
    PilotChanged,
    PilotFault,
    SetContactor,
    Unplugged,
)
from seccstack.pilot.port import Digital, Fault, Limit, PilotState, Steady
from seccstack.pilot.sequences import PilotLimits
from seccstack.pilot.settings import Settings, Start
from seccstack.pilot.signal import CONNECTED_OHMS, READY_OHMS, READY_VENTILATED_OHMS
from seccstack.sim.pilot import (
    CLOSE_SECONDS,
    OPEN_SECONDS,
    SHORT_OHMS,
    Applied,
    ContactorCommanded,
    ContactorDefect,
    DefectInjected,
    SimPilot,
    VehicleConnected,
    VehicleDisconnected,
)

A, B, C, D, E, F = PilotState
CLOSE, OPEN = ContactorCommanded(True), ContactorCommanded(False)


@pytest.fixture
def line():
    return SimPilot()


def run(line, *events, now=0.0):
    return [action for event in events for action in line.receive(event, now)]


# The line.


def test_nothing_is_plugged_in_at_first(line):
    assert (line.state, line.high_volts, line.low_volts, line.closed) == (A, 12, None, False)
    assert run(line, VehicleDisconnected()) == []


@pytest.mark.parametrize("signal", [Steady(), Digital(), Limit(16)])
@pytest.mark.parametrize(
    ("ohms", "volts", "state"),
    [(CONNECTED_OHMS, 9, B), (READY_OHMS, 6, C), (READY_VENTILATED_OHMS, 3, D)],
)
def test_a_vehicles_resistor_makes_its_state_under_every_signal(
    line, signal, ohms, volts, state
):
    assert run(line, Applied(signal), VehicleConnected(ohms)) == [PilotChanged(state)]
    assert line.high_volts == pytest.approx(volts, abs=0.1)
    assert run(line, VehicleDisconnected()) == [PilotChanged(A)]


@pytest.mark.parametrize("signal", [Steady(), Digital(), Limit(16), Fault()])
def test_a_short_circuit_is_e_under_every_signal(line, signal):
    assert run(line, Applied(signal), VehicleConnected(SHORT_OHMS))[-1] == PilotChanged(E)


def test_while_the_charger_drives_f_the_vehicle_cannot_be_seen(line):
    assert run(line, Applied(Fault())) == [PilotChanged(F)]
    assert line.high_volts == -12
    assert run(line, VehicleConnected(READY_OHMS)) == []
    assert run(line, Applied(Steady())) == [PilotChanged(C)]


def test_a_resistor_without_a_diode_passes_for_a_vehicle_until_there_are_pulses(line):
    assert run(line, VehicleConnected(CONNECTED_OHMS, diode=False)) == [PilotChanged(B)]
    assert run(line, Applied(Digital())) == [PilotChanged(E)]
    assert line.low_volts == pytest.approx(-8.8, abs=0.1)
    assert run(line, Applied(Fault())) == []


def test_the_signal_can_be_read_back(line):
    run(line, Applied(Limit(13)))
    assert line.signal == Limit(13)


# The contactor.


def test_the_contactor_takes_its_time_to_close_and_to_open(line):
    assert run(line, CLOSE) == []
    assert line.deadline == CLOSE_SECONDS
    assert line.tick(CLOSE_SECONDS) == [ContactorChanged(True)]
    run(line, OPEN, now=1.0)
    assert line.tick(1.0) == []
    assert line.closed
    assert line.tick(1.0 + OPEN_SECONDS) == [ContactorChanged(False)]
    assert line.deadline is None


def test_an_order_taken_back_in_time_moves_nothing(line):
    run(line, CLOSE, OPEN)
    assert line.deadline is None


def test_an_order_given_again_takes_no_longer(line):
    run(line, CLOSE)
    run(line, CLOSE, now=0.04)
    assert line.deadline == CLOSE_SECONDS


def test_a_contact_that_was_due_arrives_before_the_next_event(line):
    run(line, CLOSE)
    assert run(line, VehicleConnected(), now=1.0) == [ContactorChanged(True), PilotChanged(B)]


def test_a_contactor_that_is_stuck_open_never_closes(line):
    run(line, DefectInjected(ContactorDefect.STUCK_OPEN), CLOSE)
    assert line.deadline is None


def test_a_contactor_that_is_welded_does_not_open_until_it_is_repaired(line):
    run(line, DefectInjected(ContactorDefect.WELDED), CLOSE)
    assert line.tick(1.0) == [ContactorChanged(True)]
    run(line, OPEN, now=2.0)
    assert line.deadline is None
    run(line, DefectInjected(ContactorDefect.NONE), now=3.0)
    assert line.tick(4.0) == [ContactorChanged(False)]


# Under the machine.


class Outlet:
    """The machine and the line, wired to each other, in virtual time."""

    def __init__(self, **settings):
        self.line, self.machine, self.now = SimPilot(), PilotLimits(Settings(**settings)), 0.0
        self.asked = []
        self.tell(PilotChanged(A), LimitSet(16))

    def tell(self, *events):
        for event in events:
            self.carry_out(self.machine.receive(event, self.now))

    def vehicle(self, ohms):
        self.report(self.line.receive(VehicleConnected(ohms), self.now))

    def report(self, changes):
        self.tell(*changes)

    def carry_out(self, actions):
        self.asked += actions
        for action in actions:
            match action:
                case Apply(signal):
                    self.report(self.line.receive(Applied(signal), self.now))
                case SetContactor(closed):
                    self.report(self.line.receive(ContactorCommanded(closed), self.now))

    def wait(self, seconds):
        until = self.now + seconds
        while (due := self.due) is not None and due <= until:
            self.now = due
            self.report(self.line.tick(due))
            self.carry_out(self.machine.tick(due))
        self.now = until

    @property
    def due(self):
        deadlines = (self.line.deadline, self.machine.deadline)
        return min((d for d in deadlines if d is not None), default=None)


def charging(**settings):
    outlet = Outlet(start=Start.NOMINAL, **settings)
    outlet.tell(Authorised(1))
    outlet.vehicle(CONNECTED_OHMS)
    outlet.vehicle(READY_OHMS)
    outlet.wait(1)
    return outlet


def test_a_charge_by_pulse_width_from_plug_in_to_unplug():
    outlet = charging()
    assert outlet.line.closed
    assert outlet.line.signal == Limit(16)
    outlet.vehicle(CONNECTED_OHMS)
    outlet.wait(0.1)
    assert not outlet.line.closed
    outlet.report(outlet.line.receive(VehicleDisconnected(), outlet.now))
    assert outlet.asked[-2:] == [Unplugged(), Apply(Steady())]


def test_a_plug_that_is_pulled_under_load_is_dead_within_100_ms():
    outlet = charging()
    outlet.report(outlet.line.receive(VehicleDisconnected(), outlet.now))
    outlet.wait(0.1)
    assert not outlet.line.closed


def test_a_vehicle_that_does_not_talk_charges_after_the_step_of_f():
    outlet = Outlet()
    outlet.vehicle(CONNECTED_OHMS)
    outlet.tell(Authorised(1), HighLevelFailed("no CM_SLAC_PARM.REQ"))
    assert outlet.line.state is F
    outlet.wait(4)
    assert outlet.line.state is B
    outlet.vehicle(READY_OHMS)
    outlet.wait(1)
    assert outlet.line.closed


def test_a_welded_contactor_makes_the_outlet_unavailable():
    outlet = charging()
    outlet.report(outlet.line.receive(DefectInjected(ContactorDefect.WELDED), outlet.now))
    outlet.vehicle(CONNECTED_OHMS)
    outlet.wait(10)
    assert outlet.line.state is F
    assert outlet.asked.count(ContactorFault(welded=True)) == 1
    outlet.report(outlet.line.receive(DefectInjected(ContactorDefect.NONE), outlet.now))
    outlet.wait(10)
    assert outlet.line.state is B
    assert outlet.machine.plug_in == 2


def test_a_vehicle_without_a_diode_is_given_nothing():
    outlet = Outlet()
    outlet.tell(Authorised(1))
    outlet.report(outlet.line.receive(VehicleConnected(READY_OHMS, diode=False), outlet.now))
    outlet.wait(600)
    assert SetContactor(True) not in outlet.asked
    # Once: with a simplified pilot it is not asked at 5 % after that, and may not charge.
    assert outlet.asked.count(PilotFault(E)) == 1


def test_one_with_a_pilot_of_its_own_is_tried_some_times():
    outlet = Outlet()
    outlet.tell(Authorised(1))
    for ohms in (CONNECTED_OHMS, READY_OHMS):
        happened = VehicleConnected(ohms, diode=False)
        outlet.report(outlet.line.receive(happened, outlet.now))
    outlet.wait(600)
    assert SetContactor(True) not in outlet.asked
    assert outlet.asked.count(PilotFault(E)) == 4
