"""ISO 15118-20, ScheduleExchange: what is offered, and that profiles keep to it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from seccstack.messages.iso20_common import EVPowerProfileEntryList
from seccstack.session.events import (
    ContactorChanged,
    ForecastChanged,
    LimitChanged,
    PilotChanged,
)
from seccstack.session.iso20 import schedules
from seccstack.session.iso20.rational import plain
from seccstack.session.iso20.record import State, Stretch
from tests.session.iso20.vehicle import (
    CHARGER,
    DYNAMIC,
    OUR_ID,
    Ev,
    number,
    power,
    profile,
    scheduled,
)

DAY = 86_400


def entries_of(one):
    schedule = one.charging_schedule.power_schedule
    return schedule.power_schedule_entries.power_schedule_entry


def offered(response):
    """Return the schedules as lists of (seconds, watts of L1)."""
    return [
        [(entry.duration, plain(entry.power)) for entry in entries_of(one)]
        for one in response.scheduled_se_res_control_mode.schedule_tuple
    ]


def ask(ev, request=None, amps=16.0, *steps):
    ev.negotiate()
    ev.tell(LimitChanged(amps), ForecastChanged(tuple((ev.now + at, a) for at, a in steps)))
    return ev.ask(request or scheduled())


def test_an_even_limit_is_one_schedule_for_a_day_or_until_departure():
    """E-10."""
    assert offered(ask(Ev())) == [[(DAY, 3680)]]
    assert offered(ask(Ev(), scheduled(departure_time=7200))) == [[(7200, 3680)]]


def test_a_forecast_is_a_schedule_of_its_steps_and_an_even_one():
    """E-10."""
    found = offered(ask(Ev(), None, 16.0, (600, 10.0), (3600, 16.0)))
    assert found == [[(600, 3680), (3000, 2300), (DAY - 3600, 3680)], [(DAY, 2300)]]


def test_what_does_not_change_is_no_step_and_what_has_begun_no_forecast():
    found = offered(
        ask(Ev(), scheduled(departure_time=900), 16.0, (-5, 6.0), (60, 16.0), (900, 6.0))
    )
    assert found == [[(900, 3680)]]


def test_each_phase_has_its_power_and_the_price_is_the_same_throughout():
    response = ask(Ev())
    (one,) = response.scheduled_se_res_control_mode.schedule_tuple
    (entry,) = entries_of(one)
    assert plain(entry.power_l3) == 3680
    prices = one.charging_schedule.price_level_schedule.price_level_schedule_entries
    (level,) = prices.price_level_schedule_entry
    assert (level.duration, level.price_level) == (DAY, 0)


def test_more_steps_than_the_vehicle_takes_are_the_least_of_the_rest():
    steps = [(60 * n, 6.0 + n) for n in range(1, 20)]
    (following, _) = offered(ask(Ev(), scheduled(12), 16.0, *steps))
    assert len(following) == 12
    assert following[-1][1] == (6.0 + 11) * 230


def test_in_dynamic_mode_nothing_is_offered():
    """E-10."""
    ev = Ev().negotiate(2)
    ev.tell(LimitChanged(16.0))
    response = ev.ask(DYNAMIC)
    assert response.dynamic_se_res_control_mode is not None
    assert response.scheduled_se_res_control_mode is None
    assert ev.session.state is State.AGREED


@pytest.mark.parametrize(("parameter_set", "request_"), [(1, DYNAMIC), (2, scheduled())])
def test_another_control_mode_than_the_selected_one_is_refused(parameter_set, request_):
    """E-10."""
    ev = Ev().negotiate(parameter_set)
    ev.tell(LimitChanged(16.0))
    assert ev.code(request_) == "FAILED"


@pytest.mark.parametrize(("parameter_set", "request_"), [(1, scheduled()), (2, DYNAMIC)])
def test_until_the_limit_is_known_the_vehicle_is_told_ongoing_but_not_for_ever(
    parameter_set, request_
):
    """E-10."""
    ev = Ev().negotiate(parameter_set)
    for _ in range(11):
        response = ev.ask(request_)
        assert response.evse_processing.value == "Ongoing"
        ev.wait(5)
    assert ev.code(request_) == "FAILED"


def test_a_vehicle_that_does_not_ask_again_is_hung_up_on():
    ev = Ev().negotiate()
    ev.ask(scheduled())
    ev.wait(57)
    assert ev.session.over


STRETCHES = (Stretch(0, 9000.0), Stretch(600, 3000.0))


@pytest.mark.parametrize(
    ("entries", "good"),
    [
        ([(600, 9000), (60, 3000)], True),
        ([(601, 9000)], False),
        ([(600, 3000)], True),
        ([(1000, 3002), (1, 0)], False),
        ([(0, 9000), (600, 9000), (0, 3000)], True),
    ],
)
def test_a_profile_keeps_to_what_was_offered(entries, good):
    ev = Ev().agree()
    session = ev.session._dialogue._session
    assert schedules.within(profile(*entries), STRETCHES, session) is good


def test_a_profile_may_begin_later_than_the_offer():
    ev = Ev().agree()
    session = ev.session._dialogue._session
    later = profile((60, 9000), anchor=int(session.wall_time) + 600)
    assert not schedules.within(later, STRETCHES, session)


STEPS = st.lists(
    st.tuples(st.integers(1, 90_000), st.floats(0, 80)), max_size=30, unique_by=lambda s: s[0]
)


@given(STEPS, st.floats(0, 80), st.integers(12, 1024), st.integers(0, 2**32 - 1))
def test_whatever_is_foreseen_the_offer_can_be_drawn_as_it_is(steps, amps, most, departure):
    ev = Ev().negotiate()
    ev.tell(LimitChanged(amps), ForecastChanged(tuple((ev.now + at, a) for at, a in steps)))
    response = ev.ask(scheduled(most, departure_time=departure))
    for place, one in enumerate(offered(response), start=1):
        assert len(one) <= most
        session = ev.session._dialogue._session
        drawn = profile(*((s, 0) for s, _ in one), tuple_id=place)
        assert schedules.within(drawn, session.offered[place], session)


def test_the_tuple_that_was_chosen_is_kept():
    ev = Ev()
    ask(ev, None, 16.0, (600, 10.0))
    ev.ask(power("Start", profile((60, 2300), tuple_id=2)))
    assert ev.session._dialogue._session.tuple_id == 2


def test_a_vehicle_may_send_as_long_a_profile_as_there_is():
    ev = Ev().agree()
    ev.tell(PilotChanged(True), ContactorChanged(True))
    long = profile(*((4_000_000_000, 1000) for _ in range(2048)))
    assert len(ev.framed(power("Start", long), OUR_ID)) > 16_384
    assert ev.code(power("Start", long)) == "OK"


BOTH_WAYS = replace(CHARGER, discharge_amps=10.0)  # 6.9 kW


def entry(*watts):
    names = ("power", "power_l2", "power_l3")
    lines = {name: number(one) for name, one in zip(names, watts, strict=False)}
    (only,) = profile().ev_power_profile_entries.ev_power_profile_entry
    listed = (structs.replace(only, **lines),)
    return structs.replace(
        profile(),
        ev_power_profile_entries=EVPowerProfileEntryList(ev_power_profile_entry=listed),
    )


@pytest.mark.parametrize(
    ("lines", "good"),
    [
        ((3000, 3000, 3000), True),
        ((3000, 0, 0), True),
        ((9000, 0, 0), False),
        ((9000, -6000, 0), False),
        ((-1,), False),
        ((0, 0, -1), False),
    ],
)
def test_no_phase_makes_up_for_another_and_nothing_goes_back(lines, good):
    session = Ev().agree().session._dialogue._session
    assert schedules.within(entry(*lines), STRETCHES[:1], session) is good


@pytest.mark.parametrize(("lines", "good"), [((-6900,), True), ((-6901,), False)])
def test_where_both_ways_were_selected_what_goes_back_is_within_what_may(lines, good):
    ev = Ev(BOTH_WAYS)
    ev.tell(LimitChanged(16.0))
    ev.select(service=5).ask(scheduled())
    session = ev.session._dialogue._session
    assert schedules.within(entry(*lines), STRETCHES[:1], session) is good


def test_nothing_goes_back_that_could_but_was_not_selected():
    session = Ev(BOTH_WAYS).agree().session._dialogue._session
    assert not schedules.within(entry(-1), STRETCHES[:1], session)
