"""The world around a charge point, where the scenarios do not show it."""

import pytest

from seccstack.events import BytesReceived, CloseStream, StreamClosed, StreamOpened
from seccstack.pilot.port import PilotState
from seccstack.sim.car import Multicast, SendFrame, StreamDown, StreamUp
from seccstack.sim.registry import SimRegistry
from seccstack.sim.world import World
from seccstack.slac import station
from tests.scenarios.scene import Scene, character


@pytest.fixture
def scene():
    return Scene()


def test_time_passes_though_nothing_happens(scene):
    scene.wait(1000)
    assert scene.now == 1001


def test_plans_of_one_moment_keep_their_order(scene):
    done = []
    for n in range(3):
        scene.world.at(5.0, lambda n=n: done.append(n))
    scene.wait(10)
    assert done == [0, 1, 2]


def test_a_plan_of_the_past_is_done_now(scene):
    times = []
    scene.world.at(0.5, lambda: times.append(scene.now))
    scene.wait(1)
    assert times == [1]


def test_a_world_that_does_not_come_to_rest_is_a_bug(scene):
    def again():
        scene.world.at(scene.now, again)

    again()
    with pytest.raises(RuntimeError, match="no rest after 100 steps"):
        scene.world.run(5.0, most_steps=100)


def test_the_pilots_state_is_told_before_anything_else(scene):
    assert scene.steps[0][1].state is PilotState.NO_VEHICLE


def test_an_event_that_comes_while_actions_are_carried_out_waits_for_the_end_of_them(scene):
    order = []
    scene.world.observers.append(lambda now, event, actions: order.append(event))
    scene.world.observers.append(
        lambda now, event, actions: (
            event == FIRST and scene.tell(SECOND) and order.append("done")
        )
    )
    scene.tell(FIRST)
    assert order[:3] == [FIRST, "done", SECOND]


FIRST, SECOND = StreamClosed(90), StreamClosed(91)


def test_a_connection_that_is_refused_is_closed_for_the_car_too(scene):
    scene.plug_in().wait(2.22)  # it was told where to connect, and is about to
    scene.tell(StreamOpened(50, "fe80::2", bytes(range(8)), 0))
    scene.wait(5)
    refused = [a.reason for _, a in scene.done(CloseStream)]
    assert refused == ["another session is active"]
    assert scene.world.drawn == 0
    assert scene.said == []


def test_what_the_charger_sends_on_a_stream_that_is_not_the_cars_goes_nowhere(scene):
    scene.plug_in().wait(0.1)
    scene.tell(StreamOpened(50, "fe80::2", bytes(range(8)), 0))
    scene.tell(BytesReceived(50, b"\x00" * 8)).wait(1)
    assert [a.stream for _, a in scene.done(CloseStream)] == [50]


def test_nothing_crosses_without_a_link(scene):
    scene.plug_in().wait(0.1)
    scene.world._carry_out_for_car(Multicast(b"hello"))
    scene.wait(0.5)
    assert not scene.ignored()


def test_nor_without_the_chargers_interface(scene):
    scene.charge()
    scene.world.lose_powerline("down")
    before = [type(event) for _, event, _ in scene.steps].count(station.FrameReceived)
    scene.world._carry_out_for_car(SendFrame(b"\xff" * 6 + bytes(54)))
    scene.world._carry_out_for_car(Multicast(b"hello"))
    scene.wait(1)
    after = [type(event) for _, event, _ in scene.steps].count(station.FrameReceived)
    assert before == after


def test_an_interface_that_is_lost_without_a_stream_closes_none(scene):
    scene.world.lose_powerline("down")
    assert not any(isinstance(event, StreamClosed) for _, event, _ in scene.steps)


def test_what_is_on_its_way_when_the_plug_is_pulled_reaches_nobody():
    scene = Scene(car=character(wishes={"loops": 100})).plug_in().wait(2.222)
    scene.unplug()
    scene.world.show(StreamUp())
    scene.world.show(StreamDown())
    scene.wait(10)
    assert scene.world.car.deadline is None
    assert scene.ended() == []


def test_a_sighting_bears_the_wall_clock(scene):
    scene.charge()
    [sighting] = scene.registry.sightings()
    assert 1_700_000_003 < sighting.at < 1_700_000_005


def test_a_world_may_have_another_address_and_no_powerline_yet():
    mac = bytes.fromhex("021122334401")
    settings = Scene().world.charge_point._settings
    car = Scene().world.car
    world = World(
        settings, car, registry=SimRegistry(), octets=bytes, evse_mac=mac, opens=False
    )
    steps = []
    world.observers.append(lambda *step: steps.append(step))
    world.run(1.0)
    assert not any(isinstance(event, station.Opened) for _, event, _ in steps)
    world.open_powerline()
    assert station.Opened(mac) in [event for _, event, _ in steps]
