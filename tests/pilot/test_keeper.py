"""What a charger keeps to by itself, without a microcontroller."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.pilot.keeper import SILENT, Keeper
from seccstack.pilot.port import ContactorState, Digital, Fault, Limit, PilotState, Steady
from seccstack.pilot.voltage import DRAWING, Peaks

A, B, C, D, E, F = PilotState
OPEN, CLOSED = ContactorState
VOLTS = {A: 12.0, B: 9.0, C: 6.0, D: 3.0, E: 0.0}


class Desk:
    """A keeper, what it has told, and a contactor that obeys at once."""

    def __init__(self):
        self.keeper = Keeper(0.0)
        self.now = 0.0
        self.told = []
        self.alive = True

    def see(self, state, seconds=0.04, low=-12.0):
        for _ in range(round(seconds / 0.001)):
            self.now += 0.001
            if self.alive:
                self.keeper.beat(self.now)
            peaks = Peaks(VOLTS[state], low)
            self.told += self.keeper.measured(peaks, self.keeper.relay, self.now)

    def drive(self, signal):
        self.told += self.keeper.drive(signal, self.now)

    def fail(self):
        self.told += self.keeper.failed("no such file")

    def since(self):
        told, self.told = self.told, []
        return told


@pytest.fixture
def charging():
    desk = Desk()
    desk.see(C)
    desk.drive(Digital())
    desk.keeper.order(True)
    desk.see(C)
    assert desk.since() == [C, OPEN, CLOSED]
    return desk


def test_the_vehicle_is_told_before_the_contactor():
    desk = Desk()
    desk.see(A)
    assert desk.since() == [A, OPEN]


@pytest.mark.parametrize("state", [A, B, E])
def test_the_relay_falls_with_whatever_ends_readiness_within_four_periods(charging, state):
    charging.see(state, 0.004)
    assert not charging.keeper.relay
    charging.see(C)
    assert not charging.keeper.relay
    assert charging.since() == [state, OPEN, C]


def test_an_order_to_close_is_for_a_ready_vehicle_only():
    desk = Desk()
    desk.see(B)
    desk.keeper.order(True)
    desk.see(C)
    assert not desk.keeper.relay


def test_f_is_an_echo_and_the_vehicle_is_told_after_it(charging):
    charging.drive(Fault())
    assert not charging.keeper.relay
    charging.see(B)
    charging.drive(Limit(16))
    charging.see(B)
    assert charging.since() == [F, OPEN, B]


def test_a_vehicle_without_a_diode_is_e_while_there_are_pulses(charging):
    charging.see(C, low=-6.0)
    assert charging.since() == [E, OPEN]
    charging.drive(Steady())
    charging.see(C, low=-6.0)
    assert charging.since() == [C]


def test_peaks_of_the_signal_before_are_not_looked_at(charging):
    charging.drive(Limit(16))
    charging.see(C, 0.004, low=0.0)
    charging.see(C)
    assert charging.since() == []


def test_a_program_that_hangs_is_a_failure_until_it_goes_on(charging):
    charging.alive = False
    charging.see(C, 1.01)
    assert charging.since() == [E]
    assert (charging.keeper.problem, charging.keeper.signal) == (SILENT, Steady())
    assert not charging.keeper.relay
    charging.alive = True
    charging.see(C)
    assert charging.since() == [OPEN, C]
    assert (charging.keeper.problem, charging.keeper.signal) == (None, Digital())
    assert not charging.keeper.relay


def test_hardware_that_cannot_be_read_is_a_failure(charging):
    charging.fail()
    charging.keeper.order(True)
    assert not charging.keeper.relay
    charging.drive(Fault())
    assert charging.keeper.signal == Steady()
    charging.see(C)
    assert charging.since() == [E, F, OPEN]


def test_of_a_failure_from_the_beginning_the_contactor_is_unknown():
    desk = Desk()
    desk.fail()
    desk.fail()
    assert desk.since() == [E]


@given(st.lists(st.sampled_from([*VOLTS, "fail", "close", "open", Fault(), Digital()])))
def test_the_relay_never_holds_where_nobody_is_ready(happenings):
    desk, keeper = Desk(), None
    for what in happenings:
        keeper = desk.keeper
        match what:
            case "fail":
                desk.fail()
            case "close" | "open":
                keeper.order(what == "close")
            case PilotState():
                desk.see(what)
            case _:
                desk.drive(what)
        last = [told for told in desk.told if isinstance(told, PilotState)]
        assert not keeper.relay or last[-1] in DRAWING
