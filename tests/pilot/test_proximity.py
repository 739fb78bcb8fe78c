"""What a cable's coding says, and when it is believed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.pilot.proximity import (
    SETTLE_SECONDS,
    UNPLUGGED,
    Proximity,
    ProximityRead,
    cable_of,
)

EVENTS = st.builds(
    ProximityRead, st.sampled_from([None, math.inf, 1500, 680, 350, 220, 100, 0])
)


def changes(*readings, step=0.25):
    """Return what is said of readings that come one after the other."""
    socket = Proximity()
    found = [socket.receive(ProximityRead(o), n * step) for n, o in enumerate(readings)]
    return [(change.cable.amps, change.cable.says) for told in found for change in told]


def amps(*readings):
    return [said[0] for said in changes(*readings)]


@pytest.mark.parametrize(("ohms", "rated"), [(1500, 13), (680, 20), (220, 32), (100, 63)])
@pytest.mark.parametrize("off", [0.9, 1.0, 1.1])
def test_a_coding_is_read_with_a_tolerance(ohms, rated, off):
    assert cable_of(ohms * off).amps == rated


@pytest.mark.parametrize(
    ("ohms", "rated"),
    [(1000, 13), (999, 20), (330, 20), (329, 32), (148, 32), (147, 63), (60, 63)],
)
def test_between_two_codings_the_lesser_cable_counts(ohms, rated):
    assert cable_of(ohms).amps == rated


def test_an_open_contact_is_no_cable_and_a_short_circuit_none_that_can_be_read():
    assert cable_of(math.inf) is UNPLUGGED
    assert cable_of(3000.0) is UNPLUGGED
    assert cable_of(59.0).amps == cable_of(-0.4).amps == 0
    assert cable_of(59.0).says == "the cable's coding cannot be read (59 ohm)"


def test_between_open_and_plugged_what_was_there_before_counts():
    assert cable_of(4400.0, plugged=True).amps == 13
    assert cable_of(4400.0, plugged=False) is UNPLUGGED
    assert cable_of(4500.0, plugged=True) is UNPLUGGED


@given(st.floats(0, 2900), st.floats(0, 2900))
def test_a_greater_resistance_never_means_a_thicker_cable(one, other):
    small, great = sorted((max(one, 60.0), max(other, 60.0)))
    assert cable_of(great).amps <= cable_of(small).amps


def test_one_reading_is_believed_by_nobody():
    assert amps(220) == []
    assert amps(220, 100, 220) == []
    assert amps(220, 221) == [32]


def test_it_has_to_last():
    socket = Proximity()
    assert socket.receive(ProximityRead(220), 1.0) == []
    assert socket.receive(ProximityRead(220), 1.0 + SETTLE_SECONDS / 2) == []
    assert socket.receive(ProximityRead(220), 1.0 + SETTLE_SECONDS) != []


def test_a_cable_that_goes_and_another_that_comes_are_told():
    assert amps(math.inf, math.inf, 220, 220, math.inf, math.inf, 680, 680) == [0, 32, 0, 20]


def test_what_goes_on_is_no_news():
    assert amps(220, 221, 222, 210, 219) == [32]
    assert amps(30, 30, 31, 29) == [0]


def test_a_cable_that_seems_to_become_thinner_while_it_hangs_there_counts_as_such():
    assert changes(220, 220, 680, 680)[-1] == (
        20,
        "the cable's coding says 20 A, and said 32 A before: "
        "the lesser counts until it is unplugged",
    )


def test_one_that_seems_to_become_thicker_does_not():
    assert amps(680, 680, 220, 220, 100, 100) == [20]
    assert amps(680, 680, math.inf, math.inf, 220, 220) == [20, 0, 32]


def test_a_coding_that_cannot_be_read_for_a_while_comes_back():
    assert amps(220, 220, 10, 10, 220, 220) == [32, 0, 32]


def test_a_contact_that_nobody_can_read_is_lost_after_a_second():
    assert amps(220, 220, None, None, 220, 220) == [32]
    assert changes(220, 220, *[None] * 5)[1:] == [(0, "the proximity contact cannot be read")]
    assert amps(220, 220, *[None] * 5, 220, 220) == [32, 0, 32]


def test_nothing_becomes_of_waiting():
    assert (Proximity().deadline, Proximity().tick(1e6)) == (None, [])
