"""The laws of every machine, for those of this folder and the simulated line."""

import copy
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.homeplug.frame import BROADCAST, LOCAL_MODEM, Frame, encode_frame
from seccstack.homeplug.messages import SlacMatchCnf, SlacParmReq
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.powerline import FrameSent, LineSettings, ModemRestarted, Powerline
from seccstack.slac import ev, evse, modem, modem_events
from seccstack.slac.attempts import Attempts
from seccstack.slac.events import Heard, KeyInForce, KeyLost, LinkChanged, ModemLearned
from tests.homeplug.strategies import any_message
from tests.slac.bench import (
    EV,
    EVSE,
    KEY,
    MODEM,
    OTHER,
    RUN,
    Bench,
    choice,
    response,
    start,
)

MACS = st.sampled_from([EV, OTHER, EVSE, MODEM, BROADCAST, LOCAL_MODEM])
PLAUSIBLE = st.sampled_from([SlacParmReq(run_id=RUN), start(), response(), choice()])
MESSAGES = PLAUSIBLE | any_message()
HEARD = st.builds(Heard, MACS, MACS, MESSAGES) | st.builds(
    Heard, st.just(EVSE), st.just(EV), MESSAGES
)
KEYS = st.binary(min_size=16, max_size=16)
SETTLED = [ModemLearned(MODEM), KeyInForce(KEY), evse.VehicleArrived()]
EVSE_EVENTS = HEARD | st.sampled_from(
    [*SETTLED, evse.VehicleLeft(), KeyLost(), LinkChanged(up=True), LinkChanged(up=False)]
)
WATCHES = st.builds(modem_events.WatchLink, st.booleans(), st.none() | MACS)
MODEM_EVENTS = HEARD | st.builds(modem_events.UseKey, KEYS) | WATCHES
EV_EVENTS = HEARD | st.sampled_from([ev.PluggedIn(), ev.Unplugged()])
FRAMES = st.builds(Frame, MACS, MACS, MESSAGES).map(encode_frame) | st.binary(max_size=80)
PORTS = st.sampled_from(["evse", "ev", "nowhere"])
LINE_EVENTS = st.builds(FrameSent, PORTS, FRAMES) | st.builds(ModemRestarted, PORTS)


def ready_evse():
    machine = evse.SlacEvse(EVSE)
    for event in SETTLED:
        machine.receive(event, 0)
    return machine


def ready_modem():
    machine = modem.ModemHost()
    machine.receive(modem_events.UseKey(KEY), 0)
    return machine


def ready_ev():
    machine = ev.SlacEv(EV, bytes, ev.Character(run_id=RUN))
    machine.receive(ev.PluggedIn(), 0)
    return machine


def ready_line():
    chance = itertools.cycle([0.1, 0.9, 0.5])
    line = Powerline(LineSettings(mme_loss=0.2, profile_loss=0.2), chance)
    line.attach("evse", SimModem(MODEM, Role.EVSE))
    line.attach("ev", SimModem(OTHER, Role.EV))
    return line


def contents(machine):
    return {
        name: contents(value) if type(value) is Attempts else copy.copy(value)
        for name, value in vars(machine).items()
        if name != "_chance"
    }


@pytest.mark.parametrize(
    ("make", "events"),
    [
        (ready_evse, EVSE_EVENTS),
        (ready_modem, MODEM_EVENTS),
        (ready_ev, EV_EVENTS),
        (ready_line, LINE_EVENTS),
    ],
    ids=["evse", "modem", "ev", "line"],
)
@settings(max_examples=100)
@given(data=st.data())
def test_whatever_comes_the_machine_lives_and_keeps_its_word(make, events, data):
    machine, now = make(), 0.0
    for wait, event in data.draw(st.lists(st.tuples(st.floats(0, 30), events), max_size=20)):
        now += wait
        assert list(machine.receive(event, now)) is not None
        machine.tick(now)
        assert machine.deadline is None or machine.deadline > now
        before = contents(machine)
        assert list(machine.tick(now)) == []
        assert contents(machine) == before


CARS = {EV: RUN, OTHER: bytes(8)}
STEPS = st.tuples(
    st.sampled_from(["ask", "start", "hear", "respond", "choose", "wait", "link", "replug"]),
    st.sampled_from(sorted(CARS)),
)
WHOLE = [("ask", EV), ("start", EV), ("hear", EV), ("respond", EV), ("choose", EV)]


def step(bench, what, car):
    run = CARS[car]
    match what:
        case "ask":
            bench.ask(car, run)
        case "start":
            bench.say(start(car, run), car)
        case "hear":
            bench.hear(mac=car)
        case "respond":
            bench.say(response(car, run), car)
        case "choose":
            bench.say(choice(car, run), car)
        case "wait":
            bench.wait(0.3)
        case "link":
            bench.tell(LinkChanged(up=True))
        case "replug":
            for event in (evse.VehicleLeft(), evse.VehicleArrived(), KeyInForce(KEY)):
                bench.tell(event)


@given(steps=st.lists(STEPS, max_size=15), at=st.integers(0, 15))
def test_whatever_two_cars_do_no_key_is_given_but_to_one_that_did_everything_right(steps, at):
    bench, progress, holder = Bench(), dict.fromkeys(CARS, 0), None
    order = [what for what, _ in WHOLE]
    for what, car in [*steps[:at], *WHOLE, *steps[at:]]:
        given_before = len(bench.said(SlacMatchCnf))
        step(bench, what, car)
        if what == "replug":
            progress, holder = dict.fromkeys(CARS, 0), None
        elif what == "ask":
            progress[car] = max(progress[car], 1)
        elif what in order and progress[car] >= order.index(what):
            progress[car] = max(progress[car], order.index(what) + 1)
        if len(bench.said(SlacMatchCnf)) > given_before:
            assert what == "choose"
            assert progress[car] == len(order)
            assert holder in (None, car)
            holder = car
