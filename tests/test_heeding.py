"""What the watchdog of a limit is told, by who speaks; how it acts is in `test_ladder`."""

import pytest

from seccstack.energy import arbiter, supply
from seccstack.energy import watchdog_events as watchdog
from seccstack.events import CurrentLost, CurrentMeasured
from seccstack.heeding import Heeding
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


def told(crossing, dc=None):
    """What comes of it, but for how the vehicle is told its limit."""
    charger = Charger(evse_id="DE*SEC*E000001", supply=dc)
    parts, heard = Parts(Settings(charger=charger, rated_amps=16)), []
    parts.feed = lambda machine, event, now: heard.append(event)
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
