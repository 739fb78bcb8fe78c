"""What the simulated kinds of car do is what was seen of the real ones."""

import pytest

from seccstack.auth.addresses import rotating
from seccstack.auth.fingerprint import run_id_style
from seccstack.homeplug.frame import decode_frame
from seccstack.homeplug.messages import SlacParmReq
from seccstack.pilot.port import Digital, Limit
from seccstack.pilot.signal import READY_OHMS
from seccstack.sim.car import PlugIn, PullPlug, SendFrame, SignalSeen
from seccstack.sim.cars import KINDS, kind
from seccstack.sim.pilot import VehicleConnected
from seccstack.slac.events import LinkChanged


def first_ask(name, visit=0):
    """When it first asks to be matched, and how."""
    car = kind(name).car(bytes, visit)
    car.receive(PlugIn(), 0.0)
    car.receive(SignalSeen(Digital()), 0.0)
    while (due := car.deadline) is not None and due < 60:
        for action in car.tick(due):
            frame = decode_frame(action.octets) if isinstance(action, SendFrame) else None
            if frame is not None and isinstance(frame.message, SlacParmReq):
                return due, frame
    return None


@pytest.mark.parametrize(
    ("name", "style"),
    [
        ("Tesla", 'the text "TESLA EV"'),
        ("Kona", "MAC+0000"),
        ("BYD", "MAC+0001"),
        ("Seres", "all zeros"),
    ],
)
def test_each_makes_its_run_id_in_its_own_way(name, style):
    _, frame = first_ask(name)
    assert run_id_style(frame.message.run_id, frame.source) == style


def test_two_makes_draw_from_the_same_stream():
    assert first_ask("Taycan")[1].message.run_id == first_ask("Mokka-e")[1].message.run_id


def test_one_speaks_at_once_and_one_may_take_half_a_minute():
    assert first_ask("Tesla")[0] < 0.4
    assert [round(first_ask("id.3", visit)[0]) for visit in range(2)] == [30, 4]


@pytest.mark.parametrize("name", ["plain", "Ioniq PHEV"])
def test_some_say_nothing(name):
    assert first_ask(name) is None


def test_some_have_another_address_each_time():
    assert {one.name for one in KINDS if one.mac(0) != one.mac(1)} == {"id.3", "sleepy VW"}
    assert all(rotating(one.mac(3)) for one in KINDS if one.rotates)


def ready_at_pulses(car):
    return VehicleConnected(READY_OHMS) in car.receive(SignalSeen(Limit(16)), 9.0)


def test_one_that_does_not_bear_5_percent_does_nothing_until_it_is_unplugged():
    car = kind("Ioniq PHEV").car(bytes)
    car.receive(PlugIn(), 0.0)
    car.receive(SignalSeen(Digital()), 0.0)
    assert not ready_at_pulses(car)
    car.receive(PullPlug(), 20.0)
    car.receive(PlugIn(), 21.0)
    assert ready_at_pulses(car)


def test_one_begins_matching_anew_once_when_it_is_linked():
    car = kind("BYD").car(bytes)
    car.receive(PlugIn(), 0.0)
    assert car._carry([LinkChanged(True)], 1.0) == []
    assert not car._linked
    car._carry([LinkChanged(True)], 3.0)
    assert car._linked
