"""DIN SPEC 70121: whatever comes and whenever, the session keeps the laws of a machine."""

from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack import v2gtp
from seccstack.auth.decision import Denied, Granted, Pending
from seccstack.session.events import (
    BytesReceived,
    Decided,
    InsulationChecked,
    LimitChanged,
    PilotChanged,
    SendBytes,
    SignatureVerified,
    StopCharging,
    StreamClosed,
    SupplyFailed,
    Ticket,
)
from tests.session.din.vehicle import OUR_ID, REQUESTS, WAYS, DinEv, framed

IDS = st.sampled_from([OUR_ID, OUR_ID, OUR_ID, bytes(8)])
HAPPENINGS = st.one_of(
    st.builds(BytesReceived, st.builds(framed, REQUESTS, IDS)),
    st.builds(BytesReceived, st.builds(framed, REQUESTS, IDS)),
    st.builds(BytesReceived, st.binary(max_size=60).map(lambda b: v2gtp.encode(v2gtp.EXI, b))),
    st.sampled_from([Pending(), Granted("open"), Denied()]).map(Decided),
    st.builds(LimitChanged, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(PilotChanged, st.booleans()),
    st.builds(InsulationChecked, st.booleans()),
    st.builds(SupplyFailed, st.sampled_from(["", "hot"])),
    st.just(StopCharging("")),
    st.just(SignatureVerified(Ticket(b"", 1), True)),
    st.just(StreamClosed()),
)
WAITS = st.sampled_from([0.0, 0.05, 0.5, 2.0, 20.0, 70.0])


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(WAYS)), st.lists(st.tuples(WAITS, HAPPENINGS), max_size=20))
def test_whatever_comes_it_is_answered_once_and_ends_without_energy(name, steps):
    ev = WAYS[name](DinEv())
    for wait, event in steps:
        ev.wait(wait)
        ev.tell(event)
        session = ev.session
        assert sum(isinstance(action, SendBytes) for action in ev.last) <= 1
        assert session.deadline is None or session.deadline > ev.now
        assert not (session.over and ev.energy())


def test_an_answer_to_what_was_never_asked_changes_nothing():
    ev = DinEv().charge()
    assert ev.tell(SignatureVerified(Ticket(b"", 1), True)) == []
    assert ev.energy()
