"""What an operator may order, and what is refused."""

import pytest

from seccstack.adapters.operator import Operator
from seccstack.adapters.pilot_simulated import SimulatedPilot
from seccstack.auth import authorisation
from seccstack.errors import UsageError
from seccstack.events import LimitOffered
from seccstack.pilot import limits
from seccstack.pilot.port import PilotState
from tests.adapters.conftest import run


class Car:
    def __init__(self):
        self.done = []

    def plug_in(self):
        self.done.append("in")

    def unplug(self):
        self.done.append("out")


def order(*, car=None, **order):
    """Return what the outlet is told because of an order, and the answer."""

    async def scenario():
        fed = []
        operator = Operator(fed.append, SimulatedPilot(), car, lambda: {"status": "fine"})
        return fed, operator.obey(order)

    return run(scenario())


def test_a_card_is_presented_as_it_is_written_on_it():
    assert order(do="card", value="04:a2:b3:c4:d5:e6:80") == (
        [authorisation.CardPresented("04A2B3C4D5E680")],
        {},
    )


@pytest.mark.parametrize(
    ("value", "source", "amps"),
    [("10", None, 10.0), ("0", "grid", 0.0), ("none", "owner", None)],
)
def test_a_limit_has_a_source(value, source, amps):
    fed, _ = order(do="limit", value=value, source=source)
    assert fed == [LimitOffered(source or "owner", amps)]


@pytest.mark.parametrize("value", ["", "ten", "-1", "1001", "nan", "inf"])
def test_a_limit_that_is_no_current_is_refused(value):
    with pytest.raises(UsageError, match="number of amperes from 0, or none"):
        order(do="limit", value=value)


def test_a_stop_says_why():
    assert order(do="stop", value="dinner")[0] == [limits.StopWanted("dinner")]
    assert order(do="stop")[0] == [limits.StopWanted("the owner wants it")]


def test_the_pilot_is_turned_by_a_letter():
    async def scenario():
        pilot = SimulatedPilot()
        Operator(lambda event: None, pilot, None, dict).obey({"do": "pilot", "value": "c"})
        states = pilot.states()
        state = await anext(states)
        await states.aclose()
        return state

    assert run(scenario()) is PilotState.READY


@pytest.mark.parametrize(
    ("value", "why"), [("G", "one of A, B, C"), ("F", "cannot make state F")]
)
def test_a_state_that_a_vehicle_cannot_make_is_refused(value, why):
    with pytest.raises(UsageError, match=why):
        order(do="pilot", value=value)


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


@pytest.mark.parametrize("what", ["dance", None, 5])
def test_an_unknown_order_is_answered_with_those_there_are(what):
    with pytest.raises(
        UsageError, match="none of card, limit, pilot, plug, unplug, stop, status"
    ):
        order(do=what)
