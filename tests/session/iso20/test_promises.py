"""ISO 15118-20: a vehicle that draws more than it has promised."""

import pytest

from seccstack.messages import iso20_ac
from seccstack.session.events import ContactorChanged, LimitChanged, PilotChanged
from tests.session.iso20.vehicle import (
    Ev,
    ac,
    detail,
    discovery,
    loop,
    number,
    power,
    profile,
    scheduled,
    selection,
)


def drawing(watts, *rest):
    lines = dict(zip(("", "_l2", "_l3"), (watts, *rest), strict=False))
    mode = iso20_ac.Scheduled_AC_CLReqControlMode(
        **{f"ev_present_active_power{line}": number(value) for line, value in lines.items()}
    )
    return loop(mode)


def promised(*entries):
    """Let a vehicle start that was offered 11,040 W."""
    ev = Ev().authorize()
    ev.tell(LimitChanged(16.0), PilotChanged(True), ContactorChanged(True))
    for request in (discovery(), detail(), selection(), ac(), scheduled()):
        ev.ask(request)
    assert ev.code(power("Start", profile(*entries) if entries else None)) == "OK"
    return ev


def turns(ev, request, seconds):
    """Turn the loop for so long; return the last code."""
    code = None
    for _ in range(round(seconds / 0.4)):
        code = ev.code(request)
        ev.wait(0.4)
    return code


def test_a_moment_and_a_tenth_are_its_own():
    ev = promised((3600, 6000))
    assert turns(ev, drawing(6800), 20) == "OK"
    assert turns(ev, drawing(9000), 8) == "OK"
    assert turns(ev, drawing(6000), 1) == "OK"
    assert turns(ev, drawing(9000), 8) == "OK"


def test_more_for_longer_is_a_warning():
    """E-12."""
    ev = promised((3600, 6000))
    assert turns(ev, drawing(3000, 3000, 3000), 12) == "WARNING_EVPowerProfileViolation"
    assert turns(ev, drawing(3000, 3000, 3000), 90) == "WARNING_EVPowerProfileViolation"


def test_what_it_gives_on_one_phase_hides_nothing_on_another():
    ev = promised((3600, 6000))
    code = "WARNING_EVPowerProfileViolation"
    assert turns(ev, drawing(9000, -4000, 0), 12) == code


def test_more_than_was_offered_is_refused_in_the_end():
    """E-12."""
    ev = promised((3600, 6000))
    turns(ev, drawing(14_000), 60)
    assert ev.code(drawing(14_000)) == "FAILED_EVPowerProfileViolation"
    assert not ev.energy()


def test_a_profile_counts_as_it_goes_on():
    ev = promised((20, 3000), (60, 9000))
    assert turns(ev, drawing(3000), 20.4) == "OK"
    assert turns(ev, drawing(9000), 30) == "OK"


@pytest.mark.parametrize("parameter_set", [1, 2])
def test_who_has_promised_nothing_breaks_nothing(parameter_set):
    ev = promised() if parameter_set == 1 else Ev().charge(2)
    if parameter_set == 1:
        assert turns(ev, drawing(14_000), 30) == "OK"
    else:
        assert ev.session._dialogue._session.promised == ()
