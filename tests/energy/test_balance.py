"""What of a house's current is the vehicle's."""

import math

import pytest

from seccstack.energy.balance import Balance, Balanced, HouseMeasured, OwnMeasured


def seen(*readings):
    """Return what follows of readings of the house (H) and of the vehicle, in amperes of L1."""
    balance, followed = Balance(), []
    for which, *amps in readings:
        if which == "house":
            balance.house(tuple(amps))
        elif (balanced := balance.own(tuple(amps))) is not None:
            followed.append(balanced.others)
    return followed


def test_nothing_follows_of_one_meter_alone():
    assert seen(("house", 10.0), ("own", 6.0), ("own", 6.0)) == []


def test_what_the_vehicle_does_not_draw_others_do():
    assert seen(("own", 6.0, 6.0), ("house", 10.0, 5.0), ("own", 6.0, 6.0)) == [(4.0, -1.0)]


def test_each_reading_of_the_house_counts_once():
    assert len(seen(("own", 6.0), ("house", 10.0), ("own", 6.0), ("own", 6.0))) == 1


def test_at_first_the_vehicle_counts_as_drawing_the_least_of_both():
    assert seen(("own", 0.0), ("house", 20.0), ("own", 16.0)) == [(20.0,)]


STEADY = [("own", 6.0), ("house", 10.0), ("own", 6.0)]


@pytest.mark.parametrize("house", [10.0, 14.0, 20.0])
def test_a_vehicle_that_rises_while_the_house_is_read_is_no_oven(house):
    assert seen(*STEADY, ("house", house), ("own", 16.0))[-1] == (4.0,)


def test_what_it_cannot_have_done_others_did():
    assert seen(*STEADY, ("house", 29.0), ("own", 16.0))[-1] == (13.0,)
    assert seen(*STEADY, ("house", 8.0), ("own", 16.0))[-1] == (2.0,)


def test_a_vehicle_that_falls_leaves_no_more_to_others():
    assert seen(*STEADY, ("house", 4.0), ("own", 0.0))[-1] == (4.0,)


def test_a_meter_that_has_fewer_phases_of_a_sudden_begins_anew():
    assert seen(("own", 6.0), ("house", 1.0, 1.0), ("own", 6.0)) == []
    assert seen(("own", 6.0), ("house", 9.0), ("own", 6.0, 6.0)) == []
    grown = [*STEADY, ("own", 6.0, 6.0), ("house", 9.0, 9.0), ("own", 7.0, 7.0)]
    assert seen(*grown)[-1] == (3.0, 3.0)


@pytest.mark.parametrize("kind", [HouseMeasured, OwnMeasured])
@pytest.mark.parametrize("amps", [(), (1.0,) * 4, (math.nan,), (1001.0,), (1.0, -math.inf)])
def test_what_are_no_currents_is_refused(kind, amps):
    with pytest.raises(ValueError, match="no currents of one to three phases"):
        kind(amps)


def test_the_vehicle_is_told_beside_the_others():
    balance = Balance()
    balance.own((6.0,))
    balance.house((10.0,))
    assert balance.own((6.5,)) == Balanced((4.0,), (6.5,))
