"""The charger's end of a serial pilot controller, against a simulated one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.pilot import link
from seccstack.pilot.link import (
    Attached,
    ContactorWanted,
    ControllerFound,
    ControllerLost,
    Detached,
    HostLink,
    OctetsReceived,
    SignalWanted,
    TroubleReported,
)
from seccstack.pilot.port import (
    ContactorState,
    Digital,
    Fault,
    Limit,
    PilotState,
    Sensed,
    Steady,
)
from seccstack.pilot.signal import (
    CONNECTED_OHMS,
    READY_OHMS,
    READY_VENTILATED_OHMS,
    duty_cycle,
)
from seccstack.pilot.wire import (
    HEARTBEAT,
    Begin,
    Change,
    Deframer,
    Heard,
    Identity,
    Order,
    Status,
    Trouble,
    encode,
)
from seccstack.sim.microcontroller import Died, Reset, SensorsRead, TroubleFound
from seccstack.sim.pilot import OPEN_OHMS, SHORT_OHMS, VehicleConnected, VehicleDisconnected
from tests.pilot.serial_pair import Pair, sound

OHMS = {
    "A": OPEN_OHMS,
    "B": CONNECTED_OHMS,
    "C": READY_OHMS,
    "D": READY_VENTILATED_OHMS,
    "E": SHORT_OHMS,
}
SIGNALS = [Steady(), Digital(), Limit(16), Fault()]


def deaf(octets):
    return []


def settled(state="A", signal=None, closed=False):
    """A pair of which the charger has driven the line and the contactor like this."""
    pair = Pair()
    pair.run(0.1)
    pair.mcu_gets(VehicleConnected(OHMS[state]))
    if signal is not None:
        pair.host_gets(SignalWanted(signal))
    pair.run(0.1)
    if closed:
        pair.host_gets(ContactorWanted(True))
        pair.run(0.1)
        assert pair.mcu.line.closed
    assert pair.link.carried
    pair.told.clear()
    return pair


def test_at_first_both_states_are_told_and_nothing_is_lost():
    pair = Pair()
    pair.run(1)
    assert pair.states() == ["A", False]
    assert pair.said(ControllerLost) == []
    assert pair.said(ControllerFound) == [ControllerFound("seccstack simulated 1", 1)]


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_signal_is_carried_at_once(signal):
    pair = settled("B")
    pair.host_gets(SignalWanted(signal))
    assert pair.link.carried == (signal == Steady())
    pair.run(0.01)
    assert pair.link.carried
    assert duty_cycle(pair.mcu.line.signal) == pytest.approx(duty_cycle(signal), abs=1e-4)


@given(st.floats(6, 80))
def test_the_line_never_offers_more_than_the_limit(amps):
    pair = settled("B")
    pair.host_gets(SignalWanted(Limit(amps)))
    pair.run(0.01)
    assert duty_cycle(pair.mcu.line.signal) <= duty_cycle(Limit(amps)) + 1e-9


def test_every_change_of_the_vehicle_is_told_in_order():
    pair = settled()
    for state in "BCDCBEA":
        pair.mcu_gets(VehicleConnected(OHMS[state]))
        pair.run(0.03)
    assert pair.states() == list("BCDCBEA")


def test_the_same_again_costs_nothing():
    pair = settled("C", Digital(), closed=True)
    pair.sent.clear()
    pair.host_gets(SignalWanted(Digital()))
    pair.host_gets(ContactorWanted(True))
    assert pair.sent == []


def test_f_is_told_while_it_is_driven_and_the_vehicle_after_it():
    pair = settled("C", Digital())
    pair.host_gets(SignalWanted(Fault()))
    pair.run(0.1)
    pair.host_gets(SignalWanted(Digital()))
    pair.run(0.1)
    assert pair.states() == ["F", "C"]


@pytest.mark.parametrize("state", "ABE")
def test_the_contactor_does_not_close_onto_anything_but_a_ready_vehicle(state):
    pair = settled(state)
    pair.host_gets(ContactorWanted(True))
    pair.run(0.5)
    assert not pair.mcu.line.closed
    pair.mcu_gets(VehicleConnected(OHMS["C"]))  # the order was for another moment
    pair.run(0.5)
    assert not pair.mcu.line.closed


@pytest.mark.parametrize("state", "ABE")
def test_the_microcontroller_opens_by_itself_in_time(state):
    pair = settled("C", Digital(), closed=True)
    pair.to_mcu = deaf
    pair.mcu_gets(VehicleConnected(OHMS[state]))
    pair.run(0.1)
    assert not pair.mcu.line.closed
    assert pair.states() == [state, False]


def test_what_it_has_broken_off_is_closed_again_by_a_new_order_only():
    pair = settled("C", Digital(), closed=True)
    for state in "BC":
        pair.mcu_gets(VehicleConnected(OHMS[state]))
        pair.run(0.1)
    assert not pair.mcu.line.closed
    for closed in (False, True):
        pair.host_gets(ContactorWanted(closed))
    pair.run(0.1)
    assert pair.mcu.line.closed


# Loss, in every state.

CASES = [
    (state, signal, closed)
    for state in "ABCDE"
    for signal in SIGNALS
    for closed in (False, True)
    if not closed or (state in "CD" and signal != Fault())
]
every_case = pytest.mark.parametrize(("state", "signal", "closed"), CASES)


def is_said_to_be_lost(pair, state, closed):
    assert pair.said(ControllerLost)
    assert pair.link.problem
    assert pair.link.pilot is PilotState.SHORTED
    known = ContactorState.CLOSED if closed else ContactorState.OPEN
    assert pair.link.contactor is known  # nobody has seen it open
    assert pair.states() == ([] if state == "E" and pair.states() == [] else ["E"])


@every_case
def test_a_cut_line_is_safe_at_both_ends_and_said(state, signal, closed):
    pair = settled(state, signal, closed)
    pair.to_mcu = pair.to_host = deaf
    pair.run(1.05)
    assert not pair.mcu.line.closed
    assert pair.mcu.line.signal == Steady()
    assert not pair.mcu.in_session
    is_said_to_be_lost(pair, state, closed)


@every_case
def test_a_port_that_is_gone_is_said_at_once(state, signal, closed):
    pair = settled(state, signal, closed)
    pair.host_gets(Detached("unplugged"))
    is_said_to_be_lost(pair, state, closed)
    assert pair.link.problem == "unplugged"
    pair.run(1.05)
    assert not pair.mcu.line.closed


@every_case
def test_after_a_reset_all_is_told_anew(state, signal, closed):
    pair = settled(state, signal, closed)
    pair.mcu_gets(Reset(2))
    pair.run(0.25)  # however short it was
    assert pair.said(ControllerLost) == [ControllerLost("it was reset, or did not hear us")]
    pair.run(0.5)
    assert pair.link.problem is None
    before = "F" if signal == Fault() else state
    seen = [before, "E", state, before]  # the line begins at X1
    told = [then for then, earlier in zip(seen[1:], seen, strict=False) if then != earlier]
    assert [said for said in pair.states() if said is not False] == told
    assert duty_cycle(pair.mcu.line.signal) == pytest.approx(duty_cycle(signal), abs=1e-4)
    assert not pair.mcu.line.closed


def test_what_was_closed_stays_open_after_a_loss_until_somebody_wants_it():
    pair = settled("C", Digital(), closed=True)
    pair.mcu_gets(Died())
    pair.run(2)
    pair.host_gets(ContactorWanted(True))  # to nobody
    pair.mcu_gets(Reset(2))
    pair.run(2)
    assert pair.states() == ["E", "C", False]
    assert pair.said(ControllerFound) == [ControllerFound("seccstack simulated 1", 2)]
    pair.host_gets(ContactorWanted(True))
    pair.run(0.1)
    assert pair.mcu.line.closed


def test_a_signal_that_is_wanted_meanwhile_is_carried_once_there_is_somebody():
    pair = settled("B")
    pair.host_gets(Detached("unplugged"))
    pair.host_gets(SignalWanted(Digital()))
    assert not pair.link.carried
    pair.host_gets(Attached())
    pair.run(0.5)
    assert pair.mcu.line.signal == Digital()


def test_a_fault_that_the_return_of_the_controller_ends_is_not_driven_once_more():
    pair = settled("B", Fault())
    pair.mcu_gets(Reset(2))
    while pair.states() != ["E", "B"]:
        pair.run(0.001)
    pair.host_gets(SignalWanted(Steady()))
    pair.noticed.clear()
    pair.run(1)
    assert pair.noticed == []
    assert pair.states() == ["E", "B"]


def test_a_host_that_dies_leaves_nothing_energised():
    pair = settled("C", Limit(32), closed=True)
    pair.link = HostLink()  # it remembers nothing, and sends nothing
    pair.run(1.05)
    assert (pair.mcu.line.signal, pair.mcu.line.closed) == (Steady(), False)
    pair.host_gets(Attached())
    pair.run(0.1)
    assert pair.states() == ["C", False]


def test_one_that_never_answers_is_said_to_be_lost_after_a_while():
    pair = Pair(attached=False)
    pair.to_mcu = deaf
    pair.host_gets(Attached())
    pair.run(1.9)
    assert pair.told == []
    pair.run(0.2)
    assert pair.states() == ["E"]
    assert pair.said(ControllerLost) == [ControllerLost("no answer")]
    pair.to_mcu = sound
    pair.run(0.5)
    assert pair.states() == ["E", "A", False]


def test_a_port_that_was_never_there_is_said_with_its_reason():
    pair = Pair(attached=False)
    for _ in range(3):
        pair.host_gets(Detached("no such file"))
        pair.run(0.5)
    assert pair.told == []
    pair.run(1)
    assert pair.said(ControllerLost) == [ControllerLost("no such file")]
    pair.host_gets(Detached("still none"))
    assert len(pair.said(ControllerLost)) == 1


def test_what_comes_from_a_port_that_is_gone_is_nobodys():
    host = HostLink()
    host.receive(Attached(), 0)
    host.receive(Detached("gone"), 0)
    assert host.receive(OctetsReceived(encode(Identity(1, 1000, 1, "late"))), 0) == []


def test_another_version_is_not_talked_to():
    host = HostLink()
    host.receive(Attached(), 0)
    host.receive(OctetsReceived(encode(Identity(1, 1000, 1, "new", version=2))), 0.1)
    [told, lost] = [a for a in host.tick(2.0) if not isinstance(a, link.SendOctets)]
    assert lost == ControllerLost("new speaks version 2, and we 1")
    assert told.state is PilotState.SHORTED


def test_trouble_is_reported_once_and_its_end():
    pair = settled()
    pair.mcu_gets(TroubleFound(Trouble.RESIDUAL_CURRENT))
    pair.run(0.5)
    assert pair.link.problem == "it reports trouble with its residual current"
    pair.mcu_gets(TroubleFound(Trouble.NONE))
    pair.run(0.5)
    assert pair.link.problem is None
    told = [reported.trouble for reported in pair.said(TroubleReported)]
    assert told == [Trouble.RESIDUAL_CURRENT, Trouble.NONE]


def test_frames_of_another_session_and_from_the_wrong_side_are_not_taken():
    pair = settled()
    last = pair.link.deadline
    strange = [
        Status(99, 1), Change(99, 3, PilotState.READY), Begin(9), Heard(9, 1), Order(9, 1, 0, 0)
    ]  # fmt: skip
    for frame in strange:
        pair.host_gets(OctetsReceived(encode(frame)))
    assert pair.told == []
    assert pair.link.deadline == last
    session = pair.link._session
    pair.host_gets(OctetsReceived(encode(Heard(session, 1))))
    assert pair.told == []


def test_broken_frames_are_counted():
    pair = settled()
    pair.host_gets(OctetsReceived(b"\0rubbish\0"))
    assert pair.link.broken == 1


# A line that loses, breaks and delays.


def damaged(script):
    """A line that does to each frame what comes next in the script."""
    left = list(script)

    def line(octets):
        match left.pop(0) if left else "ok":
            case "drop":
                return []
            case "break":
                return [(0.001, octets[:3] + b"\x55" + octets[4:])]
            case "cut":
                return [(0.001, octets[:4])]
            case "late":
                return [(0.05, octets)]
            case "twice":
                return [(0.001, octets), (0.001, octets)]
        return sound(octets)

    return line


scripts = st.lists(
    st.sampled_from(["ok", "ok", "drop", "break", "cut", "late", "twice"]), max_size=60
)
vehicles = st.lists(st.sampled_from("ABCDE"), min_size=1, max_size=8)


@settings(deadline=None)
@given(scripts, scripts, vehicles)
def test_over_a_bad_line_nothing_is_told_out_of_order_and_all_in_the_end(there, back, states):
    pair = settled()
    pair.to_mcu, pair.to_host = damaged(there), damaged(back)
    happened = ["A"]
    for state in states:
        pair.mcu_gets(VehicleConnected(OHMS[state]))
        pair.run(0.03)
        happened += [state] if state != happened[-1] else []
    pair.run(5)
    if not pair.said(ControllerLost):
        assert pair.states() == happened[1:]
    assert pair.link.pilot.value == happened[-1]
    assert pair.link.carried


@settings(deadline=None)
@given(scripts, scripts, st.sampled_from(SIGNALS), st.floats(0, 1))
def test_over_a_bad_line_the_contactor_is_never_closed_long_after_it_was_to_open(
    there, back, signal, after
):
    pair = settled("C", Digital(), closed=True)
    pair.to_mcu, pair.to_host = damaged(there), damaged(back)
    pair.host_gets(SignalWanted(signal))
    pair.run(after)
    pair.host_gets(ContactorWanted(False))
    pair.run(1.1)
    assert not pair.mcu.line.closed


@given(st.binary(max_size=400))
def test_rubbish_at_either_end_is_left_and_the_charge_goes_on(rubbish):
    pair = settled("C", Digital(), closed=True)
    pair.host_gets(OctetsReceived(rubbish))
    pair.to_mcu(rubbish)
    pair.run(1)
    assert pair.mcu.line.closed
    assert pair.states() == []


def test_a_vehicle_that_left_and_came_while_frames_were_lost_is_told_to_have_left():
    pair = settled("B")
    pair.to_host = deaf
    for state in "AB":
        pair.mcu_gets(VehicleConnected(OHMS[state]))
        pair.run(0.03)
    pair.to_host = sound
    pair.run(0.1)
    assert pair.states() == ["A", "B"]


def test_changes_that_nobody_hears_end_the_session_before_one_is_lost():
    pair = settled("B")
    pair.to_host = deaf
    for _ in range(20):
        pair.mcu_gets(VehicleDisconnected())
        pair.run(0.021)
        pair.mcu_gets(VehicleConnected())
        pair.run(0.021)
    pair.to_host = sound
    pair.run(0.5)
    assert pair.said(ControllerLost)
    assert pair.states() == ["E", "B"]


def test_orders_and_changes_outlast_their_numbers():
    pair = settled("B")
    for _ in range(150):
        for state in "CB":
            pair.host_gets(SignalWanted(Digital() if state == "C" else Limit(16)))
            pair.mcu_gets(VehicleConnected(OHMS[state]))
            pair.run(0.03)
    assert pair.states() == ["C", "B"] * 150
    assert pair.link.carried


def test_a_host_reads_its_own_kind_of_octets():
    [frame] = Deframer().receive(Pair().sent[0])
    assert frame == Begin(1)


def test_what_is_sensed_beside_the_line_is_known_as_long_as_somebody_says_it():
    pair = Pair()
    pair.run(1)
    assert pair.link.sensed == Sensed()
    pair.mcu_gets(SensorsRead(Sensed(220.0, 41.5, True)))
    pair.run(HEARTBEAT + 0.01)
    assert pair.link.sensed == Sensed(220.0, 41.5, True)
    pair.mcu_gets(Died())
    pair.run(1.5)
    assert pair.link.sensed == Sensed()
