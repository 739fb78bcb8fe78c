"""All that follows from what is measured in a house, and what is ordered of it."""

from seccstack.energy import household, solar
from seccstack.energy.arbiter import HOUSE, NETWORK_OPERATOR, SOLAR
from seccstack.energy.balance import HouseMeasured, OwnMeasured
from seccstack.energy.floor import FloorChanged
from seccstack.energy.peak import ContactTurned, NetworkLimited
from seccstack.energy.sharing import Settings, Sharing

STRICT = solar.Settings(mode=solar.Mode.STRICT)
BOTH = Settings(house=household.Settings(connection_amps=35.0), sun=STRICT, contact_amps=7.0)
READ = [OwnMeasured((0.0,) * 3), HouseMeasured((5.0,) * 3), OwnMeasured((0.0,) * 3)]


def sources(settings, events):
    sharing = Sharing(settings)
    return [(o.source, o.amps) for event in events for o in sharing.receive(event, 0.0)]


def test_what_both_meters_say_makes_an_offer_of_each_way_that_is_set_up():
    assert sources(BOTH, READ) == [(HOUSE, 27.0), (SOLAR, 0.0)]
    assert sources(Settings(sun=STRICT), READ) == [(SOLAR, 0.0)]
    assert sources(Settings(), READ) == []


def test_the_network_operator_needs_no_meter():
    orders = [ContactTurned(True), NetworkLimited(3.0)]
    assert sources(BOTH, orders) == [(NETWORK_OPERATOR, 7.0), (NETWORK_OPERATOR, 3.0)]


def test_what_is_worth_offering_is_told_to_the_sun():
    sharing = Sharing(BOTH)
    assert sharing.receive(FloorChanged(2.8), 0.0) == []
    surplus = [HouseMeasured((-4.0,) * 3), OwnMeasured((0.0,) * 3)]
    said = [o for now in range(90) for e in surplus for o in sharing.receive(e, float(now))]
    assert {o.amps for o in said if o.source == SOLAR} == {0.0, 4.0}


def test_what_is_worth_offering_is_told_to_the_house():
    sharing = Sharing(BOTH)
    assert sharing.receive(FloorChanged(2.8), 0.0) == []
    own = OwnMeasured((0.0,) * 3)
    full = [own, HouseMeasured((29.0,) * 3), own]
    said = [o for e in full for o in sharing.receive(e, 0.0)]
    assert [o.amps for o in said if o.source == HOUSE] == [3.0]


def test_nothing_becomes_of_waiting():
    assert (Sharing(BOTH).deadline, Sharing(BOTH).tick(1e6)) == (None, [])
