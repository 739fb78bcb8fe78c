"""What the operator of the network may order."""

import pytest

from seccstack.energy.arbiter import NETWORK_OPERATOR, LimitOffered
from seccstack.energy.peak import ContactLost, ContactTurned, NetworkLimited, Peak

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
