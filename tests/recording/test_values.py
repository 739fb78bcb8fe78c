"""Every event and action there is, written and read back."""

from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack import events
from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.vehicle import Evidence, Identity
from seccstack.energy.supply import OutputMeasured
from seccstack.errors import MalformedError
from seccstack.messages.codec import Schema, decode
from seccstack.outlet import Settings
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Limit, PilotState
from seccstack.recording import values
from seccstack.recording.values import action_of, event_of, read, settings_of, written
from seccstack.session.events import DischargeWanted, Exchanged, Meter
from seccstack.session.plant import Charger
from seccstack.slac import station
from tests.session.vehicle import sap

PLAIN = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5)
REAL = st.floats(allow_nan=False)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
SAP = sap()[8:]
MADE = {
    Meter: st.builds(Meter, st.text(max_size=9), st.integers(0, 10**9), st.none()),
    OutputMeasured: st.builds(OutputMeasured, FINITE, FINITE),
    DischargeWanted: st.builds(DischargeWanted, st.floats(0, 1e6)),
    Limit: st.builds(Limit, st.floats(6, 80)),
    Identity: st.builds(
        Identity, evidence=st.tuples(st.builds(Evidence, st.just("evccid"), at=REAL))
    ),
    VehicleRecord: st.just(VehicleRecord(mac=bytes(range(6)), label="my car")),
    CardRecord: st.just(CardRecord(uid="04A2B3C4")),
    Exchanged: st.just(
        Exchanged("ev", Schema.APP_PROTOCOL, "supportedAppProtocolReq", SAP,
                  decode(Schema.APP_PROTOCOL, SAP).message)
    ),
}  # fmt: skip
for kind, made in MADE.items():
    st.register_type_strategy(kind, made)
st.register_type_strategy(float, REAL)


def any_of(kind):
    """Any value of a class; where its field may have any JSON values, some of them."""
    hints = get_type_hints(kind)
    free = [name for name in hints if hints[name] == Mapping[str, Any]]
    details = st.dictionaries(st.text(max_size=5), PLAIN)
    return (
        MADE[kind]
        if kind in MADE
        else (st.builds(kind, **dict.fromkeys(free, details)) if free else st.from_type(kind))
    )


def through_json(value):
    return msgspec.json.decode(msgspec.json.encode(written(value)))


def names(classes):
    return [kind.__name__ for kind in classes]


EVENTS, ACTIONS = events.Event.__args__, events.Action.__args__


@pytest.mark.parametrize("kind", EVENTS, ids=names(EVENTS))
@given(data=st.data())
def test_every_event_is_read_back_as_it_was(kind, data):
    event = data.draw(any_of(kind))
    assert event_of(through_json(event)) == event


@pytest.mark.parametrize("kind", ACTIONS, ids=names(ACTIONS))
@given(data=st.data())
def test_every_action_is_read_back_as_it_was(kind, data):
    action = data.draw(any_of(kind))
    assert action_of(through_json(action)) == action


def test_no_two_events_and_no_two_actions_have_one_name():
    assert len(set(names(EVENTS))) == len(EVENTS)
    assert len(set(names(ACTIONS))) == len(ACTIONS)


def test_a_value_is_an_object_with_its_name_and_octets_are_hexadecimal():
    frame = station.FrameReceived(bytes.fromhex("0aff"))
    assert written(frame) == {"FrameReceived": {"octets": "0AFF"}}
    assert written(limits.Apply(Digital())) == {"Apply": {"signal": {"Digital": {}}}}
    assert written(limits.PilotChanged(PilotState.READY)) == {"PilotChanged": {"state": "C"}}


def test_a_message_is_not_written_beside_its_exi_stream():
    [content] = written(sample()).values()
    assert set(content) == {"direction", "schema", "name", "exi"}


def sample():
    message = decode(Schema.APP_PROTOCOL, SAP).message
    return Exchanged("ev", Schema.APP_PROTOCOL, "supportedAppProtocolReq", SAP, message)


@pytest.mark.parametrize("amps", [float("inf"), float("-inf"), float("nan")])
def test_numbers_that_json_does_not_have_are_kept(amps):
    back = event_of(through_json(events.LimitOffered("owner", amps)))
    assert str(back.amps) == str(amps)


def test_settings_are_read_back_and_what_is_new_is_as_by_default():
    settings = Settings(charger=Charger(evse_id="DE*SEC*E1"), rated_amps=20, safe_amps=0.0)
    value = through_json(settings)
    assert settings_of(value) == settings
    del value["Settings"]["safe_amps"]
    assert settings_of(value).safe_amps == Settings.__dataclass_fields__["safe_amps"].default


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"Unheard": {}}, "event: cannot be 'Unheard'"),
        ([], "event: cannot be"),
        ({"StreamClosed": {"stream": 1}, "Lost": {}}, "event: cannot be"),
        ({"StreamClosed": []}, "event.StreamClosed: cannot be"),
        ({"StreamClosed": {}}, "event.StreamClosed: lacks stream"),
        ({"StreamClosed": {"stream": True}}, "event.StreamClosed.stream: cannot be 'True'"),
        ({"FrameReceived": {"octets": "XY"}}, "FrameReceived.octets: is not hexadecimal"),
        ({"FrameReceived": {"octets": 7}}, "FrameReceived.octets: cannot be '7'"),
        ({"PilotChanged": {"state": "G"}}, "PilotChanged.state: cannot be 'G'"),
        ({"CurrentMeasured": {"amps": "many"}}, "CurrentMeasured.amps: cannot be 'many'"),
        ({"LimitOffered": {"source": "a", "amps": "x"}}, "LimitOffered.amps: cannot be 'x'"),
        ({"VehicleFound": {"mac": "", "record": 1}}, "VehicleFound.record: cannot be '1'"),
    ],
)
def test_what_is_no_event_is_refused_with_its_place(value, where):
    with pytest.raises(MalformedError) as caught:
        event_of(value)
    assert where in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        {"Apply": {"signal": {"Limit": {"amps": 5.0}}}},
        {"Noted": {"event": "x", "details": []}},
        {"RecordSighting": {"identity": {"Identity": {"evidence": {}}}}},
    ],
)
def test_what_is_no_action_is_refused(value):
    with pytest.raises(MalformedError):
        action_of(value)


def test_a_tuple_of_known_length_has_it():
    assert read(tuple[int, str], [1, "a"], "pair") == (1, "a")
    with pytest.raises(MalformedError):
        read(tuple[int, str], [1], "pair")


def test_a_union_takes_the_alternative_that_fits():
    assert read(int | tuple[int, ...], [1, 2], "db") == (1, 2)
    assert read(int | tuple[int, ...], 3, "db") == 3


def test_a_field_of_a_type_that_cannot_be_read_yet_is_a_fault_of_ours():
    with pytest.raises(TypeError, match=r"x: a field of type .* is not recorded yet"):
        read(complex, 1, "x")


def test_what_is_derived_is_of_fields_that_there_are():
    for kind, derived in values.DERIVED.items():
        assert set(derived) <= set(kind.__dataclass_fields__)
