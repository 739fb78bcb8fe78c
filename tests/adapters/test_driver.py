"""Machines in real time: order, deadlines, and a loop whose timers are early."""

import asyncio
from collections import deque

import pytest

from seccstack.adapters.driver import Driver
from tests.adapters.conftest import run, until


class Machine:
    """Answers an event with what `answers` says; its deadlines are given."""

    def __init__(self, deadlines=(), answers=None):
        self.seen = []
        self._deadlines = deque(deadlines)
        self._answers = answers or {}

    @property
    def deadline(self):
        return self._deadlines[0] if self._deadlines else None

    def receive(self, event, now):
        self.seen.append((event, now))
        return self._answers.get(event, [])

    def tick(self, now):
        while self._deadlines and self._deadlines[0] <= now:
            self.seen.append((self._deadlines.popleft(), now))
        return ["ticked"]

    @property
    def events(self):
        return [event for event, _ in self.seen]


class EarlyLoop(asyncio.SelectorEventLoop):
    """Fires timers a quarter of a second early, as a loop with so coarse a clock may."""

    def call_at(self, when, callback, *args, context=None):
        return super().call_at(when - 0.25, callback, *args, context=context)


def test_actions_are_carried_out_in_order_and_at_once():
    async def scenario():
        done = []
        driver = Driver(Machine(answers={"a": [1, 2, 3]}), done.append)
        driver.feed("a")
        return done

    assert run(scenario()) == [1, 2, 3]


def test_an_event_fed_by_an_action_waits_for_the_actions_before_it():
    async def scenario():
        done = []

        def carry_out(action):
            done.append(action)
            if action == "feed b":
                driver.feed("b")

        answers = {"a": ["feed b", "after a"], "b": ["b's"]}
        driver = Driver(Machine(answers=answers), carry_out)
        driver.feed("a")
        return done

    assert run(scenario()) == ["feed b", "after a", "b's"]


def test_ten_thousand_events_that_feed_each_other_do_not_recurse():
    async def scenario():
        machine = Machine(answers={n: [n + 1] for n in range(10_000)})
        driver = Driver(machine, lambda action: driver.feed(action))
        driver.feed(0)
        return machine

    assert run(scenario()).events == list(range(10_001))


def test_a_deadline_is_kept_without_any_event():
    async def scenario():
        machine, done = Machine(), []
        driver = Driver(machine, done.append)
        machine._deadlines.append(asyncio.get_running_loop().time() + 0.02)
        driver.feed("begin")
        await until(lambda: done)
        return machine

    machine = run(scenario())
    (_, _), (deadline, ticked_at) = machine.seen
    assert deadline <= ticked_at < deadline + 1


def test_an_event_fed_by_a_tick_is_received_after_it():
    async def scenario():
        machine = Machine([asyncio.get_running_loop().time()])
        driver = Driver(
            machine, lambda action: driver.feed("late") if action == "ticked" else None
        )
        driver.feed("begin")
        await until(lambda: len(machine.seen) == 3)
        return machine

    machine = run(scenario())
    assert machine.events[0] == "begin"
    assert machine.events[2] == "late"


def test_a_timer_that_fires_early_still_passes_the_deadline_once():
    async def scenario():
        loop = asyncio.get_running_loop()
        deadlines = [loop.time() + 0.3, loop.time() + 0.4]
        machine = Machine(deadlines)
        steps = []
        driver = Driver(machine, lambda action: None, lambda *step: steps.append(step))
        driver.feed("begin")
        await until(lambda: len(machine.seen) == 3)
        driver.feed("afterwards")
        return deadlines, machine, steps

    with asyncio.Runner(loop_factory=EarlyLoop) as runner:
        deadlines, machine, steps = runner.run(scenario())
    assert machine.seen[1:3] == [(deadline, deadline) for deadline in deadlines]
    assert [event for _, event, _ in steps] == ["begin", None, None, "afterwards"]


def test_time_never_runs_backwards_for_a_machine_whose_timer_was_early():
    async def scenario():
        machine = Machine([asyncio.get_running_loop().time() + 0.3])
        driver = Driver(machine, lambda action: driver.feed("at once"))
        driver.feed("begin")
        await until(lambda: len(machine.seen) == 3)
        return [now for _, now in machine.seen]

    with asyncio.Runner(loop_factory=EarlyLoop) as runner:
        times = runner.run(scenario())
    assert times == sorted(times)


async def let_pass(seconds):
    """Let time pass in which nothing is to happen."""
    loop = asyncio.get_running_loop()
    passed = loop.create_future()
    loop.call_later(seconds, passed.set_result, None)
    await passed


def test_a_closed_driver_keeps_no_deadline_and_takes_no_event():
    async def scenario():
        machine = Machine([asyncio.get_running_loop().time() + 0.01])
        driver = Driver(machine, lambda action: None)
        driver.feed("begin")
        driver.close()
        driver.feed("too late")
        await let_pass(0.05)
        return machine

    assert run(scenario()).events == ["begin"]


def test_an_action_may_close_the_driver_in_the_middle_of_things():
    async def scenario():
        deadline = asyncio.get_running_loop().time() + 0.01
        machine = Machine([deadline], {"a": ["feed", "close"]})

        def carry_out(action):
            driver.feed("b") if action == "feed" else driver.close()

        driver = Driver(machine, carry_out)
        driver.feed("a")
        await let_pass(0.05)
        return machine

    assert run(scenario()).events == ["a"]


def test_a_machine_that_fails_is_heard_of_and_does_not_block_the_next_event():
    class Broken(Machine):
        def receive(self, event, now):
            super().receive(event, now)
            if event == "break":
                raise ZeroDivisionError
            return []

    async def scenario():
        machine = Broken()
        driver = Driver(machine, lambda action: None)
        with pytest.raises(ZeroDivisionError):
            driver.feed("break")
        driver.feed("go on")
        return machine

    assert run(scenario()).events == ["break", "go on"]
