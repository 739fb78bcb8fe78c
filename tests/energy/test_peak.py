"""What the operator of the network may order."""

import pytest
from hypothesis import strategies as st

from seccstack.energy.arbiter import NETWORK_OPERATOR, LimitOffered
from seccstack.energy.peak import (
    Contact,
    ContactLost,
    ContactRead,
    ContactTurned,
    NetworkLimited,
    Peak,
)

ON, OFF = ContactTurned(True), ContactTurned(False)


@pytest.mark.parametrize(
    ("orders", "amps", "reason"),
    [
        ([ON], 6.0, "its contact is on"),
        ([ON, OFF], None, ""),
        ([NetworkLimited(10.0)], 10.0, "it has ordered so"),
        ([NetworkLimited(10.0), ON], 6.0, "its contact is on"),
        ([ON, NetworkLimited(0.0)], 0.0, "it has ordered so"),
        ([NetworkLimited(10.0), ON, OFF], 10.0, "it has ordered so"),
        ([NetworkLimited(10.0), NetworkLimited(None)], None, ""),
        ([ContactLost()], 6.0, "its contact cannot be read"),
        ([ON, ContactLost()], 6.0, "its contact cannot be read"),
        ([ContactLost(), NetworkLimited(3.0)], 3.0, "it has ordered so"),
        ([ContactLost(), OFF], None, ""),
    ],
)
def test_the_lesser_of_contact_and_value_holds(orders, amps, reason):
    peak = Peak(6.0)
    for order in orders:
        offers = peak.receive(order, 0.0)
    assert offers == [LimitOffered(NETWORK_OPERATOR, amps, None, reason)]


def test_nothing_becomes_of_waiting():
    assert (Peak(6.0).deadline, Peak(6.0).tick(1e6)) == (None, [])


# The contact itself.

READINGS = st.builds(ContactRead, st.none() | st.booleans())


def told(*readings, step=0.25):
    contact = Contact()
    each = [contact.receive(ContactRead(on), n * step) for n, on in enumerate(readings)]
    return [said for events in each for said in events]


def test_a_contact_is_believed_once_it_has_lasted():
    assert told(True) == told(True, False, True, False) == []
    assert told(True, True, False, False) == [ON, OFF]


def test_one_that_is_off_from_the_start_is_no_news():
    assert told(False, False, False) == []


def test_one_that_cannot_be_read_for_a_while_is_lost_and_found():
    assert told(*[None] * 20, False, False) == []
    assert told(*[None] * 21, False, False) == [ContactLost(), OFF]


def test_nothing_becomes_of_waiting_for_it():
    assert (Contact().deadline, Contact().tick(1e6)) == (None, [])
