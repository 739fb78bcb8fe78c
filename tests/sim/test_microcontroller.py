"""A simulated pilot controller, as its host and its line see it."""

from hypothesis import given
from hypothesis import strategies as st

from seccstack.pilot.limits import ContactorChanged, PilotChanged
from seccstack.pilot.port import ContactorState, PilotState, Steady
from seccstack.pilot.wire import (
    HEARTBEAT,
    SILENCE,
    Begin,
    Change,
    Deframer,
    Identity,
    Order,
    Status,
    Trouble,
    encode,
)
from seccstack.sim.microcontroller import (
    NAME,
    STEPS,
    Died,
    HostSent,
    Microcontroller,
    Reset,
    SendToHost,
    SessionEnded,
    TroubleFound,
)
from seccstack.sim.pilot import OPEN_SECONDS, ContactorDefect, DefectInjected, VehicleConnected

BEGIN = Begin(7)


def frames(actions):
    octets = b"".join(a.octets for a in actions if isinstance(a, SendToHost))
    return list(Deframer().receive(octets))


def pass_time(mcu, now, until):
    """Let every deadline up to a moment pass, and return what was done."""
    actions = []
    while (deadline := mcu.deadline) is not None and deadline <= until:
        now = max(now, deadline)
        actions += mcu.tick(now)
        assert mcu.deadline != deadline
    return actions


def awake(session=True):
    """One that has measured; with a session from 1.0 on."""
    mcu = Microcontroller()
    mcu.receive(Reset(5), 0.0)
    pass_time(mcu, 0.0, 0.9)
    if session:
        mcu.receive(HostSent(encode(BEGIN)), 1.0)
    return mcu


def test_without_power_it_does_nothing():
    mcu = Microcontroller()
    assert mcu.deadline is None
    assert mcu.receive(HostSent(encode(BEGIN)), 0.0) == []
    assert mcu.receive(TroubleFound(Trouble.GENERATOR), 0.0) == []
    assert mcu.receive(VehicleConnected(), 0.0) == []


def test_until_a_session_begins_it_says_that_there_is_none():
    mcu = awake(session=False)
    assert frames(mcu.tick(1.0 + HEARTBEAT)) == [Status(0, 0)]
    order = Order(0, 1, STEPS // 20, 1)
    assert frames(mcu.receive(HostSent(encode(order)), 1.3)) == []
    assert mcu.line.signal == Steady()


def test_it_answers_with_who_it_is_and_what_is_the_case():
    mcu = awake(session=False)
    [*_, identity, pilot, contactor] = frames(mcu.receive(HostSent(encode(BEGIN)), 1.0))
    assert identity == Identity(7, STEPS, 5, NAME)
    assert pilot == Change(7, 1, PilotState.NO_VEHICLE, 12000, 12000)
    assert contactor == Change(7, 2, ContactorState.OPEN, 12000, 12000)


def test_it_answers_once_it_has_measured():
    mcu = Microcontroller()
    mcu.receive(Reset(5), 0.0)
    assert frames(mcu.receive(HostSent(encode(BEGIN)), 0.001)) == []
    assert frames(pass_time(mcu, 0.001, 0.03))[0] == Identity(7, STEPS, 5, NAME)


def test_a_duty_cycle_that_says_nothing_is_not_carried_out():
    mcu = awake()
    order = Order(7, 1, round(STEPS * 0.075), 0)
    assert frames(mcu.receive(HostSent(encode(order)), 1.01)) == []


def test_what_it_does_is_told_to_who_watches_it():
    mcu = awake()
    actions = mcu.receive(VehicleConnected(882.0), 1.0) + pass_time(mcu, 1.0, 1.1)
    actions += mcu.receive(HostSent(encode(Order(7, 1, STEPS // 20, 1))), 1.2)
    actions += pass_time(mcu, 1.2, 1.2 + SILENCE + OPEN_SECONDS)
    told = [action for action in actions if not isinstance(action, SendToHost)]
    assert told == [
        PilotChanged(PilotState.READY),
        ContactorChanged(True),
        SessionEnded("the host was silent for 1 s"),
        ContactorChanged(False),
    ]


def test_a_contact_that_is_welded_is_told_to_be_closed():
    mcu = awake()
    mcu.receive(VehicleConnected(882.0), 1.0)
    pass_time(mcu, 1.0, 1.1)
    mcu.receive(HostSent(encode(Order(7, 1, STEPS // 20, 1))), 1.2)
    pass_time(mcu, 1.2, 1.3)
    mcu.receive(DefectInjected(ContactorDefect.WELDED), 1.3)
    mcu.receive(HostSent(encode(Order(7, 2, STEPS // 20, 0))), 1.4)
    begun = frames(mcu.receive(HostSent(encode(Begin(8))), 1.5))
    assert begun[-1].now is ContactorState.CLOSED


def test_one_that_dies_lets_go():
    mcu = awake()
    mcu.receive(VehicleConnected(882.0), 1.0)
    pass_time(mcu, 1.0, 1.1)
    mcu.receive(HostSent(encode(Order(7, 1, STEPS // 20, 1))), 1.2)
    pass_time(mcu, 1.2, 1.3)
    assert mcu.receive(Died(), 1.3) == []
    assert pass_time(mcu, 1.3, 9.0) == [ContactorChanged(False)]
    assert not mcu.line.closed


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_nothing_that_a_host_sends_closes_onto_no_vehicle(sent):
    mcu = awake()
    for number, octets in enumerate(sent):
        mcu.receive(HostSent(octets), 1.0 + number / 100)
    pass_time(mcu, 1.2, 2.0)
    assert not mcu.line.closed
