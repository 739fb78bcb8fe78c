"""What the watchdog of a limit is told, by who speaks; how it acts is in `test_ladder`."""

from types import SimpleNamespace

import pytest

from seccstack.energy import arbiter, supply
from seccstack.energy import watchdog_events as watchdog
from seccstack.events import CurrentLost, CurrentMeasured
from seccstack.experience.outcomes import Followed
from seccstack.experience.record import Experience
from seccstack.heeding import MOST_MEASURED, Heeding
from seccstack.outlet import Settings
from seccstack.parts import Parts
from seccstack.pilot import limits
from seccstack.pilot.port import Limit, Steady
from seccstack.session.plant import Charger, DcSupply

DC = DcSupply(max_volts=500, max_amps=125, max_watts=50_000)
AC_ONLY = [
    (limits.SetContactor(True), watchdog.Supplied(True)),
    (CurrentMeasured(9.0), watchdog.Measured(9.0)),
    (CurrentLost(), watchdog.MeasuringEnded()),
]
ALWAYS = [
    (limits.PluggedIn(1), watchdog.Arrived()),
    (arbiter.LimitChanged(8.0, "owner"), watchdog.LimitSet(8.0)),
    (limits.Apply(Limit(8.0)), watchdog.Told(8.0)),
    (supply.SetOutput(400.0, 10.0), watchdog.Supplied(True)),
]


def parts_of(dc=None):
    return Parts(Settings(charger=Charger(evse_id="DE*SEC*E000001", supply=dc), rated_amps=16))


def told(crossing, dc=None):
    """What comes of it, but for how the vehicle is told its limit."""
    parts, heard = parts_of(dc), []
    parts.feed = lambda machine, event, now: (
        heard.append(event) if machine is parts.watchdog else None
    )
    Heeding(parts).follow(crossing, 0.0)
    return [event for event in heard if not isinstance(event, watchdog.MeansChanged)]


@pytest.mark.parametrize(("crossing", "event"), [*AC_ONLY, *ALWAYS], ids=str)
def test_on_ac_the_contactor_and_the_meter_count(crossing, event):
    assert told(crossing) == [event]


@pytest.mark.parametrize("crossing", [crossing for crossing, _ in AC_ONLY], ids=str)
def test_on_dc_they_do_not(crossing):
    assert told(crossing, DC) == []


def test_but_the_power_of_the_output_in_amperes_per_phase():
    assert told(supply.OutputMeasured(690.0, 10.0), DC) == [watchdog.Measured(10.0)]


def test_whatever_else_crosses_the_outlet_is_no_matter_of_its():
    assert told(limits.Apply(Steady())) == []


# What is told of a limit.


def heard_of(*crossings, dc=None, number=1):
    """What is noted of a limit when this crosses the outlet, a second each."""
    parts = parts_of(dc)
    parts.plug_in.number = number
    heeding = Heeding(parts)
    for now, crossing in enumerate(crossings):
        heeding.follow(crossing, float(now))
    return [(noted.event, dict(noted.details)) for noted in parts.emitted()]


LIMIT = arbiter.LimitChanged(8.0, "owner")
OWNERS = {"amps": 8.0, "source": "owner", "told_ms": 1000}


def test_of_a_limit_that_falls_both_is_told_and_how_long_each_took():
    noted = heard_of(CurrentMeasured(16.0), LIMIT, limits.Apply(Limit(8.0)), CurrentMeasured(8))
    assert noted == [("limit told", OWNERS), ("limit obeyed", OWNERS | {"obeyed_ms": 2000})]


def test_of_one_that_is_obeyed_when_it_is_told_that_is_one_thing():
    noted = heard_of(CurrentMeasured(6.0), LIMIT, limits.Apply(Limit(8.0)))
    assert noted == [("limit obeyed", OWNERS | {"obeyed_ms": 1000})]


def test_the_limit_that_stands_counts_from_when_the_vehicle_came():
    steady = [limits.PluggedIn(1), CurrentMeasured(0.0), limits.Apply(Steady())]
    low = [arbiter.LimitChanged(3.0, "owner"), limits.Apply(Steady())]
    [(event, details)] = heard_of(*steady, *low)
    assert (event, details["amps"], details["told_ms"]) == ("limit obeyed", 3.0, 1000)


def test_on_dc_the_output_counts():
    noted = heard_of(
        supply.OutputMeasured(690.0, 16.0), LIMIT, supply.OutputMeasured(690.0, 8.0), dc=DC
    )
    assert noted == []  # it was not told


def test_where_nobody_is_plugged_in_nobody_is_told():
    crossings = [CurrentMeasured(0.0), LIMIT, limits.Apply(Limit(8.0))]
    assert heard_of(*crossings, number=0) == []


def test_without_a_limit_no_pulses_tell_one():
    assert heard_of(limits.Apply(Steady())) == []


def test_how_often_it_bears_to_be_woken_is_told_to_the_pilot_too():
    parts, heard = parts_of(), []
    parts.course = SimpleNamespace(known=Experience(wakes_refused=3))
    parts.feed = lambda machine, event, now: heard.append((machine, event))
    Heeding(parts).recall(0.0)
    assert (parts.pilot, limits.WakesKnown(3)) in heard


def test_a_day_in_the_sun_teaches_no_more_than_some_reactions():
    parts, plugged = parts_of(), limits.PluggedIn(1)
    heeding = Heeding(parts)
    for _ in range(2):
        heeding.follow(plugged, 0.0)
        for _ in range(MOST_MEASURED + 3):
            heeding._learn(2.0)
    learned = [each for each in parts.pending if isinstance(each, Followed)]
    assert len(learned) == 2 * MOST_MEASURED
