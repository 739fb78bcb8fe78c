"""What an operator may order, and what is refused."""

import math

import pytest

from seccstack.adapters.control import MisusedError
from seccstack.adapters.operator import MOST_SOURCES, Operator
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.adapters.steps import Steps
from seccstack.auth import enrolment_events
from seccstack.auth import events as auth_events
from seccstack.energy import arbiter as arbiter_events
from seccstack.energy.arbiter import INSTALLATION, Arbiter
from seccstack.errors import UsageError
from seccstack.events import LimitOffered, LimitPlanned
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState, Sensed
from seccstack.session.events import DischargeWanted
from tests.adapters.conftest import run


class Car:
    def __init__(self):
        self.done = []

    def plug_in(self):
        self.done.append("in")

    def unplug(self):
        self.done.append("out")


def orders(*orders, car=None, plugged_in=True, discharges=True):
    """Return what the outlet is told because of orders, and the last answer."""

    async def scenario():
        fed, pilot = [], SimulatedPilot()
        fine, there = lambda: {"status": "fine"}, lambda: plugged_in
        operator = Operator(fed.append, pilot, car, fine, there, Steps(), discharges=discharges)
        return fed, [operator.obey(order) for order in orders][-1]

    return run(scenario())


def order(*, car=None, plugged_in=True, **order):
    return orders(order, car=car, plugged_in=plugged_in)


def limit(source, value="10"):
    return {"do": "limit", "value": value, "source": source}


def test_a_card_is_presented_as_it_is_written_on_it():
    assert order(do="card", value="04:a2:b3:c4:d5:e6:80") == (
        [auth_events.CardPresented("04A2B3C4D5E680")],
        {},
    )


def test_a_lock_out_is_lifted():
    assert order(do="unlock") == ([auth_events.LockOutLifted()], {})


@pytest.mark.parametrize(
    ("value", "source", "amps"),
    [("10", None, 10.0), ("10", "", 10.0), ("0", "grid", 0.0), ("none", "owner", None)],
)
def test_a_limit_has_a_source(value, source, amps):
    fed, _ = order(do="limit", value=value, source=source)
    assert fed == [LimitOffered(source or "owner", amps)]


@pytest.mark.parametrize("value", ["", "ten", "-1", "1001", "nan", "inf"])
def test_a_limit_that_is_no_current_is_refused(value):
    with pytest.raises(MisusedError, match="number of amperes from 0 to 1000, or none"):
        order(do="limit", value=value)


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("installation", "the charger's own"),
        ("fail-safe", "the charger's own"),
        (5, "printable text"),
        (["owner"], "printable text"),
        ("a\nb", "printable text"),
        ("x" * 41, "at most 40"),
    ],
)
def test_a_source_that_cannot_set_a_limit_is_refused(source, why):
    with pytest.raises(MisusedError, match=why):
        order(**limit(source))


def test_no_more_sources_are_obeyed_than_the_outlet_can_keep():
    arbiter = Arbiter()
    arbiter.receive(arbiter_events.LimitOffered(INSTALLATION, 32), 0.0)
    names = [f"source {number}" for number in range(MOST_SOURCES)]
    fed, _ = orders(*map(limit, names), limit(names[0], "12"))
    for told in fed:
        arbiter.receive(arbiter_events.LimitOffered(told.source, told.amps), 0.0)
    with pytest.raises(UsageError, match=r"too many sources of limits; .*source 0"):
        orders(*map(limit, names), limit("one more"))


def test_a_source_that_sets_no_limit_any_more_makes_room_for_another():
    names = [f"source {number}" for number in range(MOST_SOURCES)]
    fed, _ = orders(*map(limit, names), limit(names[3], "none"), limit("one more"))
    assert fed[-1] == LimitOffered("one more", 10.0)


def test_a_stop_says_why():
    assert order(do="stop", value="dinner")[0] == [limits.StopWanted("dinner")]
    assert order(do="stop")[0] == [limits.StopWanted("the owner wants it")]


def test_where_nothing_is_plugged_in_there_is_nothing_to_stop():
    with pytest.raises(UsageError, match="no vehicle is plugged in"):
        order(do="stop", plugged_in=False)


def test_the_pilot_is_turned_by_a_letter():
    async def scenario():
        pilot = SimulatedPilot()
        operator = Operator(lambda event: None, pilot, None, dict, bool, Steps())
        operator.obey({"do": "pilot", "value": "c"})
        states = pilot.states()
        state = await anext(states)
        await states.aclose()
        return state

    assert run(scenario()) is PilotState.READY


def test_a_state_that_a_vehicle_cannot_make_is_refused():
    with pytest.raises(UsageError, match="cannot make state F"):
        order(do="pilot", value="F")


@pytest.mark.parametrize(
    ("what", "value", "why"), [("pilot", "Q", "one of A, B, C"), ("card", "ZZ", "not a card")]
)
def test_what_no_charger_could_do_is_misuse(what, value, why):
    with pytest.raises(MisusedError, match=why):
        order(do=what, value=value)


def test_the_simulated_car_is_plugged_in_and_out():
    car = Car()
    order(do="plug", car=car)
    order(do="unplug", car=car)
    assert car.done == ["in", "out"]


@pytest.mark.parametrize("what", ["plug", "unplug"])
def test_without_a_simulated_car_the_pilot_is_named_instead(what):
    with pytest.raises(UsageError, match="seccstack tell pilot B"):
        order(do=what)


def test_the_status_is_given():
    assert order(do="status") == ([], {"status": "fine"})


# Forecasts.


def foresee(*said, read=lambda text: ((1.0, 6.0), (2.0, None))):
    """Return what the outlet is told of these orders; ``read``: what a forecast says."""
    fed = []
    operator = Operator(fed.append, None, None, dict, bool, Steps(), read_plan=read)
    for one in said:
        operator.obey({"do": "forecast", "value": "22:00=6", **one})
    return fed


def test_a_forecast_is_a_plan_of_its_source():
    steps = ((1.0, 6.0), (2.0, None))
    assert foresee({}, {"source": "neighbourhood"}) == [
        LimitPlanned("owner", steps),
        LimitPlanned("neighbourhood", steps),
    ]


def test_it_is_taken_back_as_a_limit_is():
    assert foresee({"value": "none"}) == [LimitOffered("owner", None)]


@pytest.mark.parametrize("source", ["installation", "fail-safe", "schedule"])
def test_the_charger_s_own_sources_are_foreseen_by_nobody_else(source):
    with pytest.raises(MisusedError, match="the charger's own"):
        foresee({"source": source})


def test_what_is_no_forecast_is_misuse():
    def read(text):
        raise UsageError(f"{text} is none")

    with pytest.raises(MisusedError, match="22:00=6 is none"):
        foresee({}, read=read)
    with pytest.raises(MisusedError, match="a limit is at most 1000 A"):
        foresee({}, read=lambda text: ((1.0, 1001.0),))


def test_who_foresees_counts_among_the_sources():
    names = [{"source": f"source {number}"} for number in range(MOST_SOURCES)]
    assert len(foresee(*names, *names)) == 2 * MOST_SOURCES
    with pytest.raises(UsageError, match="too many sources of limits"):
        foresee(*names, {})
    assert len(foresee(*names, names[0] | {"value": "none"}, {})) == MOST_SOURCES + 2


def test_without_a_clock_nothing_is_foreseen():
    with pytest.raises(UsageError, match="there is no clock"):
        foresee({}, read=None)


@pytest.mark.parametrize("what", ["dance", None, 5])
def test_an_unknown_order_is_answered_with_those_there_are(what):
    there_are = "none of cable, card, discharge, forecast, house, learn, limit, network-limit"
    with pytest.raises(MisusedError, match=there_are):
        order(do=what)


def test_registration_mode_is_begun_with_what_is_to_be_noted_and_ended():
    wishes = {"wait": 9, "label": "i4", "expires": 5.0, "note": "blue", "once": True}
    begun = enrolment_events.BeginWanted(9, "i4", 5.0, "blue", True)
    assert order(do="learn", **wishes) == ([begun], {"steps": []})
    assert order(do="learn", value="off")[0] == [enrolment_events.EndWanted()]
    assert order(do="learn", value="on")[0] == [enrolment_events.BeginWanted()]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"value": "what"}, "on, off or steps"),
        ({"wait": 0}, "1 to 3600"),
        ({"wait": "soon"}, "1 to 3600"),
        ({"wait": float("nan")}, "1 to 3600"),
        ({"expires": "never"}, "seconds after 1970"),
        ({"label": "a\nb"}, "printable"),
        ({"note": "x" * 300}, "at most 200"),
        ({"label": 5}, "printable"),
        ({"value": "steps", "since": None}, "steps have numbers"),
    ],
)
def test_wishes_for_what_is_registered_that_make_no_sense_are_misuse(wrong, why):
    with pytest.raises(MisusedError, match=why):
        order(do="learn", **wrong)


def test_all_steps_are_told_to_who_says_no_number():
    assert order(do="learn", value="steps") == ([], {"steps": []})


def test_steps_that_are_new_are_told_and_a_refusal_is_one():
    async def scenario():
        steps = Steps()
        refuse = {"on": False, "step": "refused", "says": "unplug it first"}

        def feed(event):
            steps.add(refuse)

        operator = Operator(feed, SimulatedPilot(), None, dict, bool, steps)
        with pytest.raises(UsageError, match="unplug it first"):
            operator.obey({"do": "learn"})
        return operator.obey({"do": "learn", "value": "steps", "since": 0})

    assert run(scenario())["steps"] == [
        {"number": 1, "on": False, "step": "refused", "says": "unplug it first"}
    ]


def test_a_real_pilot_line_cannot_be_turned_by_an_order():
    operator = Operator([].append, None, None, dict, bool, Steps())
    with pytest.raises(UsageError, match="a real one"):
        operator.obey({"do": "pilot", "value": "B"})


# What a simulated board senses, and limits that end.


def sensed(*orders, pilot=True):
    class Board:
        sensed = Sensed()

    board, told = Board(), []
    operator = Operator(
        told.append, board if pilot else None, None, dict, bool, Steps(), clock=lambda: 100.0
    )
    for each in orders:
        operator.obey(each)
    return board.sensed, told


def test_a_simulated_board_senses_what_it_is_told():
    cable, heat = {"do": "cable", "value": "220"}, {"do": "temperature", "value": "41.5"}
    assert sensed(cable, heat)[0] == Sensed(220.0, 41.5)
    assert sensed({"do": "cable", "value": "open"})[0] == Sensed(math.inf)
    none = [{"do": what, "value": "none"} for what in ("cable", "temperature")]
    assert sensed(cable, heat, *none)[0] == Sensed()


def test_a_real_board_senses_what_there_is():
    with pytest.raises(UsageError, match="a real one"):
        sensed({"do": "cable", "value": "220"}, pilot=False)


@pytest.mark.parametrize(
    ("what", "value"),
    [("cable", "-1"), ("cable", "thick"), ("temperature", "hot"), ("temperature", "nan")],
)
def test_what_nobody_can_sense_is_misuse(what, value):
    with pytest.raises(MisusedError, match=value):
        sensed({"do": what, "value": value})


def test_a_limit_may_be_believed_for_a_while():
    limit = {"do": "limit", "value": "10", "source": "back office", "seconds": 60}
    assert sensed(limit)[1] == [LimitOffered("back office", 10.0, 160.0)]


@pytest.mark.parametrize("seconds", [0, -1, 1e9, "60", True])
def test_a_while_is_some_seconds(seconds):
    with pytest.raises(MisusedError, match="believed for"):
        sensed({"do": "limit", "value": "10", "seconds": seconds})


@pytest.mark.parametrize("source", ["cable", "thermal", "power return", "phase count"])
def test_no_operator_speaks_for_the_box(source):
    with pytest.raises(MisusedError, match="the charger's own"):
        sensed({"do": "limit", "value": "10", "source": source})


def test_energy_is_wanted_of_a_vehicle_and_no_longer():
    assert order(do="discharge", value="4000")[0] == [DischargeWanted(4000.0)]
    assert order(do="discharge", value="0")[0] == [DischargeWanted(0.0)]


def test_where_nothing_may_be_taken_out_of_vehicles_who_wants_it_is_told():
    with pytest.raises(UsageError, match="set discharge_amps"):
        orders({"do": "discharge", "value": "4000"}, discharges=False)
    none = {"do": "discharge", "value": "0"}
    assert orders(none, discharges=False)[0] == [DischargeWanted(0.0)]


@pytest.mark.parametrize("value", ["", "-1", "much", "1500001", "nan"])
def test_what_is_wanted_of_a_vehicle_is_a_power(value):
    with pytest.raises(MisusedError, match="watts from 0"):
        order(do="discharge", value=value)
