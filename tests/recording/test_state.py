"""A machine's state: written, read, and the same machine."""

from collections import deque
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.auth.decision import Granted
from seccstack.auth.judgement import Visit
from seccstack.chargepoint import ChargePoint
from seccstack.errors import MalformedError
from seccstack.messages.codec import Schema, decode
from seccstack.pilot.port import PilotState
from seccstack.recording.state import DEEPEST, IMPURE, UnstorableError, dump, restore
from seccstack.session.plant import Plant
from seccstack.v2gtp import Reader
from tests.session.vehicle import sap
from tests.strategies import ARRIVAL, EVENTS, SESSION
from tests.test_architecture import MAY_IMPORT, PURE
from tests.test_chargepoint import outlet


def through_json(value):
    return msgspec.json.decode(msgspec.json.encode(value))


def again(thing, fresh=None):
    return restore(through_json(dump(thing)), fresh)


def charging():
    machine = ChargePoint(outlet())
    for event in (*ARRIVAL, *SESSION):
        machine.receive(event, 1.0)
    return machine


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.0, 0.5, 20.0]), EVENTS), max_size=15))
def test_whatever_happened_a_machine_is_the_same_when_it_is_read_back(happened):
    machine, now = charging(), 1.0
    for wait, event in happened:
        now += wait
        machine.tick(now)
        machine.receive(event, now)
        try:
            twin = again(machine, ChargePoint(outlet()))
        except UnstorableError as error:
            if "resume" not in str(error):  # a response is owed
                raise
            continue
        assert dump(twin) == dump(machine)
        assert twin.deadline == machine.deadline


@pytest.mark.parametrize(
    "thing",
    [None, True, 3, "text", 1.5, b"\x01", bytearray(b"\x02"), PilotState.READY,
     (1, (2,)), [1], {1, 2}, frozenset({3}), deque([1]), {"a": [1], (1, 2): b""}],
    ids=repr,
)  # fmt: skip
def test_plain_values_keep_their_kind(thing):
    back = again(thing)
    assert (back, type(back)) == (thing, type(thing))


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_json_does_not_have_are_kept(number):
    assert str(again(number)) == str(number)


def test_a_message_is_kept():
    message = decode(Schema.APP_PROTOCOL, sap()[8:]).message
    assert again(message) == message


def test_what_is_one_object_in_two_places_stays_one():
    plant = Plant(decision=Granted("open", ()))
    one, [two] = again((plant, [plant]))
    assert one is two
    assert again([(1,), (1,)]) == [(1,), (1,)]


def test_a_method_stays_the_method_of_its_object():
    plant = Plant()
    owner, method = again((plant, plant.take))
    assert method.__self__ is owner
    assert method == owner.take


def test_a_function_is_written_by_nobody():
    with pytest.raises(UnstorableError, match=r"machine\.decision is a builtins.function"):
        dump(Plant(decision=lambda: None))


def test_nor_is_what_is_not_of_an_outlet():
    @dataclass
    class Local:
        pass

    for thing in (Local(), through_json, object()):
        with pytest.raises(UnstorableError):
            dump(thing)


def test_every_class_of_the_layers_with_io_is_out_of_reach():
    assert {layer for layer in MAY_IMPORT if layer.startswith(IMPURE)} == set(MAY_IMPORT) - PURE


def test_octets_are_written_as_one_is_told_to():
    assert dump(b"\x01", lambda octets: "FF") == {"bytes": "FF"}


# Other versions.


def lacking(thing, *names):
    """The state that a version wrote whose class did not have these yet."""
    for name in names:
        object.__delattr__(thing, name)
    return through_json(dump(thing))


def test_what_a_class_has_now_is_as_in_a_fresh_machine():
    old = lacking(Reader(900), "limit")
    assert vars(restore(old, Reader(900))) == vars(Reader(900))


def test_or_it_is_the_default_of_its_field():
    old = lacking(Plant(ready=True), "contactor_closed", "limit_amps")
    assert restore(old, None) == Plant(ready=True)
    visit = {"new": ["seccstack.auth.judgement:Visit", {"plug_in": 1}]}
    assert restore(visit, None) == Visit(1)


def test_where_there_is_neither_it_is_said_what_is_lacking():
    with pytest.raises(MalformedError, match="machine lacks plug_in"):
        restore({"new": ["seccstack.auth.judgement:Visit", {}]}, None)
    with pytest.raises(MalformedError, match="machine lacks plug_in"):
        restore({"new": ["seccstack.auth.judgement:Visit", {}]}, Plant())


@pytest.mark.parametrize(
    "value",
    [
        {"new": ["os:system", {}]},
        {"new": ["seccstack.adapters.app:App", {}]},
        {"new": ["seccstack.pilot.limits:nobody", {}]},
        {"new": ["seccstack.pilot.transitions:advance", {}]},
        {"new": ["seccstack.pilot.nowhere:Guard", {}]},
        {"new": ["seccstack:Guard", {}]},
        {"new": [7]},
        {"enum": ["seccstack.pilot.sequences:PilotLimits", "A"]},
        {"enum": ["seccstack.pilot.port:PilotState", "MANY"]},
        {"method": [{"tuple": []}, "count"]},
        {"method": [{"new": ["seccstack.session.plant:Plant", {}]}, "ready"]},
        {"method": [{"new": ["seccstack.session.plant:Plant", {}]}, "grant"]},
        {"same": 9},
        {"same": "x"},
        {"heap": []},
        {"tuple": 3},
        {"dict": [[1]]},
        {"dict": [[{"list": []}, 1]]},
        {"bytes": "XY"},
        {"float": "many"},
        {"list": [[1]]},
        {},
        {"list": [], "tuple": []},
        [1],
    ],
    ids=str,
)
def test_what_is_no_state_is_refused_and_runs_nothing(value):
    with pytest.raises(MalformedError):
        restore(value, None)


def test_a_state_that_is_nested_without_end_is_refused():
    value = {"list": []}
    for _ in range(DEEPEST + 1):
        value = {"list": [value]}
    with pytest.raises(MalformedError):
        restore(value, None)
