"""Less current while it is hot, none while it is too hot, and by itself again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.arbiter import THERMAL
from seccstack.energy.thermal import Settings, TemperatureMeasured, Thermal
from seccstack.errors import ConfigError

HOT = Settings(rated_amps=32.0, derate_celsius=60, stop_celsius=86, resume_celsius=70)
EVENTS = st.builds(TemperatureMeasured, st.floats(-100, 300))


def offers(*celsius, settings=HOT):
    """Return what is offered at temperatures that come a second after each other."""
    thermal = Thermal(settings)
    each = [thermal.receive(TemperatureMeasured(c), float(n)) for n, c in enumerate(celsius)]
    return [offer for told in each for offer in told]


def amps(*celsius, settings=HOT):
    return [offer.amps for offer in offers(*celsius, settings=settings)]


def test_a_charger_that_is_not_hot_sets_no_limit():
    assert [(o.source, o.amps, o.until, o.reason) for o in offers(20)] == [
        (THERMAL, None, 10, "")
    ]


def test_it_falls_in_whole_amperes_to_the_least_just_below_the_stop():
    assert amps(60, 60.1, 73, 85.9) == [None, 31, 19, 6]


def test_it_ends_at_its_bound_and_goes_on_by_itself_once_it_has_cooled():
    assert amps(85, 86, 90, 84, 71, 70) == [7, 0, 20]


def test_what_trembles_is_told_once():
    assert amps(70, 69, 68.1, 70, 69) == [22]
    assert amps(70, 67.9) == [22]
    assert amps(70, 66.9) == [22, 23]


def test_why_is_said():
    hot, stopped = offers(70, 90)
    assert hot.reason == "the charger is at 70 degrees Celsius, and stops at 86"
    assert stopped.reason == (
        "the charger is at 90 degrees Celsius, and goes on by itself at 70"
    )


def test_what_stays_is_said_again_before_nobody_believes_it_any_more():
    assert [o.until for o in offers(*[70.0] * 11)] == [10, 15, 20]


def test_a_rating_below_the_least_makes_no_more_of_it():
    assert amps(61, settings=Settings(rated_amps=0.0, derate_celsius=60)) == [6]


@given(st.lists(st.floats(-50, 120), min_size=1, max_size=20))
def test_it_never_gives_more_than_its_line_allows(course):
    thermal, given = Thermal(HOT), None
    for now, celsius in enumerate(course):
        for offer in thermal.receive(TemperatureMeasured(celsius), float(now)):
            given = offer.amps
        line = 6 + (86 - celsius) / 26 * 26
        assert celsius <= 60 or (given is not None and given <= max(line, 6))
        assert celsius < 86 or given == 0


@pytest.mark.parametrize(
    ("wrong", "key"),
    [
        ({"derate_celsius": 80, "stop_celsius": 80}, "temperature.derate_celsius"),
        ({"resume_celsius": 79, "stop_celsius": 80}, "temperature.resume_celsius"),
    ],
)
def test_bounds_that_do_not_go_together_are_no_configuration(wrong, key):
    with pytest.raises(ConfigError, match=key):
        Settings(rated_amps=32.0, **wrong)


@pytest.mark.parametrize("celsius", [-101, 301, float("nan")])
def test_what_no_charger_can_be_is_no_temperature(celsius):
    with pytest.raises(ValueError, match="no temperature"):
        TemperatureMeasured(celsius)


def test_nothing_becomes_of_waiting():
    assert (Thermal(HOT).deadline, Thermal(HOT).tick(1e6)) == (None, [])
