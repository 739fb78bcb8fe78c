"""The guard of a DC output."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.energy.output import (
    PRECHARGE_AMPS,
    PRECHARGE_SECONDS,
    SILENT_SECONDS,
    Authorised,
    EnergyAllowed,
    InsulationFound,
    InsulationWanted,
    Output,
    OutputWanted,
    PowerLimited,
    SupplyFailed,
    VehicleReady,
)
from seccstack.energy.supply import OFF, CheckInsulation, Limits, OutputMeasured, SetOutput
from seccstack.errors import UsageError

LIMITS = Limits(max_volts=500, max_amps=125, max_watts=50_000)
BEFORE = (PowerLimited(50_000), Authorised(True), VehicleReady(True), InsulationWanted())
SAFE = (*BEFORE, InsulationFound(True))
CHARGING = (*SAFE, EnergyAllowed(True))


def told(*events, now=0.0):
    output = Output(LIMITS)
    for event in events:
        output.receive(event, now)
    return output


def given_to(events, volts, amps):
    return told(*events, OutputWanted(volts, amps)).given


def test_the_insulation_is_checked_for_whom_it_may_be():
    output = told(PowerLimited(50_000), Authorised(True), VehicleReady(True))
    assert output.receive(InsulationWanted(), 0.0) == [CheckInsulation()]


@pytest.mark.parametrize("gone", [Authorised(False), VehicleReady(False), SupplyFailed("hot")])
def test_it_is_checked_for_nobody_else(gone):
    assert told(*SAFE, gone).receive(InsulationWanted(), 0.0) == []


def test_before_the_start_there_is_a_voltage_and_hardly_a_current():
    assert given_to(SAFE, 400, 100) == SetOutput(400, PRECHARGE_AMPS)


def test_before_the_insulation_is_good_there_is_nothing():
    assert given_to(BEFORE, 400, 1) == OFF
    assert given_to((*BEFORE, InsulationFound(False)), 400, 1) == OFF


def test_after_the_start_there_is_what_is_wanted():
    assert given_to(CHARGING, 400, 100) == SetOutput(400, 100)


@pytest.mark.parametrize(
    ("volts", "amps", "found"),
    [
        (1000, 10, SetOutput(500, 10)),
        (300, 500, SetOutput(300, 125)),
        (500, 125, SetOutput(500, 100)),
        (400, -5, SetOutput(400, 0)),
        (-1, 10, OFF),
    ],
)
def test_nothing_goes_beyond_the_supply(volts, amps, found):
    assert given_to(CHARGING, volts, amps) == found


def test_a_limit_holds_at_once():
    output = told(*CHARGING, OutputWanted(400, 100))
    assert output.receive(PowerLimited(4000), 1.0) == [SetOutput(400, 10)]
    assert output.receive(PowerLimited(-1), 1.0) == [SetOutput(400, 0)]


@pytest.mark.parametrize(
    "gone",
    [Authorised(False), VehicleReady(False), SupplyFailed("hot"), EnergyAllowed(False)],
)
def test_what_takes_the_right_away_takes_the_output_away(gone):
    output = told(*CHARGING, OutputWanted(400, 100))
    assert output.receive(gone, 1.0) == [OFF]


@pytest.mark.parametrize("on", [Authorised, VehicleReady])
def test_a_right_that_comes_back_needs_the_insulation_checked_again(on):
    output = told(*CHARGING, OutputWanted(400, 100), on(False), on(True))
    assert output.receive(OutputWanted(400, 100), 1.0) == []


def test_a_pre_charge_does_not_last_for_ever():
    output = told(*SAFE)
    for second in range(int(PRECHARGE_SECONDS)):
        output.receive(OutputWanted(400, 1), float(second))
    assert output.given == SetOutput(400, 1)
    assert output.deadline == PRECHARGE_SECONDS
    assert output.receive(OutputWanted(400, 1), PRECHARGE_SECONDS) == [OFF]
    assert output.receive(OutputWanted(400, 1), PRECHARGE_SECONDS + 1) == []


def test_a_vehicle_that_falls_silent_gets_nothing():
    output = told(*CHARGING, OutputWanted(400, 100))
    assert output.tick(SILENT_SECONDS - 0.1) == []
    assert output.tick(SILENT_SECONDS) == [OFF]
    assert output.deadline is None
    assert output.receive(OutputWanted(400, 100), 9.0) == [SetOutput(400, 100)]


def test_nothing_is_checked_while_energy_is_allowed():
    assert told(*CHARGING, OutputWanted(400, 9)).receive(InsulationWanted(), 1.0) == []


@pytest.mark.parametrize(
    "limits",
    [
        {"max_volts": 0, "max_amps": 1, "max_watts": 1},
        {"max_volts": 1, "max_amps": float("nan"), "max_watts": 1},
        {"max_volts": 1, "max_amps": 1, "max_watts": 1, "min_volts": 1},
    ],
)
def test_limits_that_are_none_are_refused(limits):
    with pytest.raises(UsageError):
        Limits(**limits)


FLAGS = st.booleans()
EVENTS = st.one_of(
    st.builds(Authorised, FLAGS),
    st.builds(VehicleReady, FLAGS),
    st.builds(EnergyAllowed, FLAGS),
    st.builds(InsulationFound, FLAGS),
    st.builds(PowerLimited, st.floats(-1, 1e6)),
    st.builds(OutputWanted, st.floats(-10, 2000), st.floats(-10, 1000)),
    st.just(InsulationWanted()),
    st.builds(SupplyFailed, st.sampled_from(["", "hot"])),
)


@given(st.lists(st.tuples(EVENTS, st.floats(0, 5)), max_size=40))
def test_no_order_of_events_gives_anything_without_the_right_to_it(steps):
    output, now = Output(LIMITS), 0.0
    authorised = ready = allowed = False
    for event, wait in steps:
        now += wait
        output.tick(now)
        output.receive(event, now)
        match event:
            case Authorised(on):
                authorised = on
            case VehicleReady(on):
                ready = on
            case EnergyAllowed(on):
                allowed = on
        given = output.given
        assert given == OFF or (authorised and ready)
        assert given.volts <= 500
        assert given.volts * given.amps <= 50_000.001
        assert allowed or given.amps <= PRECHARGE_AMPS


@pytest.mark.parametrize("reading", [(float("nan"), 1.0), (400.0, float("inf"))])
def test_a_measurement_that_is_none_is_refused(reading):
    with pytest.raises(UsageError):
        OutputMeasured(*reading)


# Energy that goes back.

BOTH_WAYS = Limits(
    max_volts=500, max_amps=125, max_watts=50_000, discharge_amps=40, discharge_watts=10_000
)


def taken(*events, volts=400, amps=-30, limits=BOTH_WAYS):
    output = Output(limits)
    for event in (*events, OutputWanted(volts, amps)):
        output.receive(event, 0.0)
    return output.given


def test_what_a_vehicle_gives_is_taken_within_what_the_supply_can_take():
    both = (*SAFE, EnergyAllowed(True, discharge=True))
    assert taken(*both, amps=-20) == SetOutput(400, -20)
    assert taken(*both, volts=200, amps=-100) == SetOutput(200, -40)
    assert taken(*both, amps=-30) == SetOutput(400, -25)


def test_a_limit_bounds_what_is_taken_as_it_bounds_what_is_given():
    both = (*SAFE, EnergyAllowed(True, discharge=True))
    assert taken(*both, PowerLimited(4000)) == SetOutput(400, -10)
    assert taken(*both, PowerLimited(0)) == SetOutput(400, 0)


@pytest.mark.parametrize(
    "events",
    [
        SAFE,
        (*SAFE, EnergyAllowed(True)),
        (*SAFE, EnergyAllowed(True, discharge=True), EnergyAllowed(False, discharge=True)),
        (*SAFE, EnergyAllowed(True, discharge=True), EnergyAllowed(True)),
    ],
)
def test_nothing_is_taken_that_was_not_allowed(events):
    assert taken(*events).amps == 0


@pytest.mark.parametrize("gone", [Authorised(False), VehicleReady(False), SupplyFailed("hot")])
def test_nothing_is_taken_without_a_right_to_it(gone):
    assert taken(*SAFE, EnergyAllowed(True, discharge=True), gone) == OFF


def test_a_supply_that_takes_nothing_takes_nothing():
    assert taken(*SAFE, EnergyAllowed(True, discharge=True), limits=LIMITS).amps == 0


@given(st.floats(-1e4, 0), st.floats(0, 600), st.floats(0, 1e5))
def test_no_more_is_taken_than_any_limit_has(amps, volts, watts):
    allowed = (*SAFE, PowerLimited(watts), EnergyAllowed(True, discharge=True))
    out = taken(*allowed, volts=volts, amps=amps)
    assert 0 <= -out.amps <= min(40, -amps)
    assert -out.amps * out.volts <= min(watts, 10_000) + 1e-6


@pytest.mark.parametrize("wrong", [{"discharge_amps": -1}, {"discharge_watts": float("nan")}])
def test_a_supply_that_takes_less_than_nothing_is_refused(wrong):
    with pytest.raises(UsageError):
        Limits(max_volts=500, max_amps=125, max_watts=50_000, **wrong)
