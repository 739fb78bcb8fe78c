"""Messages as JSON, and what is no message."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seccstack.errors import UsageError
from seccstack.messages import app_protocol, codec, din, infoset, iso2, xmldsig
from seccstack.messages.codec import Schema
from tests.messages.samples import any_message

MESSAGES = [schema for schema in Schema if schema is not Schema.XMLDSIG]
SESSION_SETUP = {
    "V2G_Message": {
        "Header": {"SessionID": "0000000000000000"},
        "Body": {"SessionSetupReq": {"EVCCID": "7DFA07000102"}},
    }
}


def iso2_body(body):
    return {"V2G_Message": {"Header": {"SessionID": "00"}, "Body": body}}


def body_of(value):
    return infoset.from_json(Schema.ISO2, iso2_body(value)).body


@pytest.mark.parametrize("schema", MESSAGES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_message_comes_back_from_json_as_it_went(schema, data):
    message = data.draw(any_message(codec.tables_of(schema)))
    text = json.dumps(infoset.to_json(schema, message))
    assert infoset.from_json(schema, json.loads(text)) == message


def test_names_and_hexadecimal_are_as_the_schema_writes_them():
    message = infoset.from_json(Schema.ISO2, SESSION_SETUP)
    assert message.body == iso2.SessionSetupReq(evccid=bytes.fromhex("7dfa07000102"))
    assert infoset.to_json(Schema.ISO2, message) == SESSION_SETUP


def test_an_empty_body_and_an_empty_element_are_objects_without_keys():
    message = iso2.V2G_Message(header=iso2.MessageHeader(session_id=b"\0"))
    assert infoset.to_json(Schema.ISO2, message) == iso2_body({})
    assert infoset.from_json(Schema.ISO2, iso2_body({})) == message
    assert body_of({"AuthorizationReq": {}}) == iso2.AuthorizationReq()


def test_what_may_come_more_than_once_is_an_array():
    request = {"SelectedService": [{"ServiceID": 1}]}
    value = {"SelectedPaymentOption": "Contract", "SelectedServiceList": request}
    body = body_of({"PaymentServiceSelectionReq": value})
    assert body.selected_service_list.selected_service == (iso2.SelectedService(service_id=1),)
    message = infoset.from_json(Schema.ISO2, iso2_body({"PaymentServiceSelectionReq": value}))
    assert infoset.to_json(Schema.ISO2, message) == iso2_body(
        {"PaymentServiceSelectionReq": value}
    )


def test_a_member_of_a_group_and_an_attribute_have_their_own_names():
    entry = {"RelativeTimeInterval": {"start": 0}, "EPriceLevel": 1}
    tariff = {"Id": "a", "SalesTariffID": 1, "SalesTariffEntry": [entry]}
    name, value = infoset.fragment_from_json(Schema.ISO2, {"SalesTariff": tariff})
    assert value.sales_tariff_entry[0].time_interval == iso2.RelativeTimeInterval(start=0)
    assert infoset.fragment_to_json(Schema.ISO2, name, value) == {"SalesTariff": tariff}


def test_simple_content_with_attributes_is_under_value():
    value = iso2.DiffieHellmanPublickey(id="a", value=b"\xff")
    shown = {"DHpublickey": {"Id": "a", "value": "/w=="}}
    assert infoset.fragment_to_json(Schema.ISO2, "DHpublickey", value) == shown
    assert infoset.fragment_from_json(Schema.ISO2, shown) == ("DHpublickey", value)


def test_an_element_with_two_types_is_told_by_its_value():
    with_id = iso2.EMAID(id="a", value="DE1234567890123")
    for value, shown in (
        ("DE1234567890123", "DE1234567890123"),
        (with_id, {"Id": "a", "value": "DE1234567890123"}),
    ):
        assert infoset.fragment_to_json(Schema.ISO2, "eMAID", value) == {"eMAID": shown}
        assert infoset.fragment_from_json(Schema.ISO2, {"eMAID": shown}) == ("eMAID", value)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "a message is a JSON object with one key"),
        ({"A": {}, "B": {}}, "a message is a JSON object with one key"),
        ({"SessionSetupReq": {}}, "SessionSetupReq is no message of schema iso2"),
        ({"V2G_Message": []}, "V2G_Message: a JSON object must be here"),
        ({"V2G_Message": {}}, "V2G_Message: Missing required argument"),
        (iso2_body({"Nothing": {}}), "V2G_Message/Body: has no Nothing"),
        (iso2_body({"BodyElement": {}}), "V2G_Message/Body/BodyElement: is abstract"),
        (iso2_body({"SessionSetupReq": {"EVCCID": "xy"}}), "EVCCID: non-hexadecimal"),
        (iso2_body({"SessionSetupReq": {"EVCCID": 5}}), "EVCCID: 5 is not of the right type"),
        (iso2_body({"AuthorizationReq": {"GenChallenge": "?"}}), "GenChallenge: "),
        (iso2_body({"AuthorizationReq": {"Id": 1}}), "AuthorizationReq/Id: 1 is not of the"),
        (iso2_body({"ServiceDetailReq": {"ServiceID": True}}), "ServiceID: True is not of"),
        (iso2_body({"SessionStopReq": {"ChargingSession": "Go"}}), "'Go' is not a valid Charg"),
    ],
)
def test_what_is_no_message_is_refused_with_its_path(value, words):
    with pytest.raises(UsageError, match=words):
        infoset.from_json(Schema.ISO2, value)


def test_a_list_that_is_no_array_and_a_missing_attribute_are_refused():
    with pytest.raises(UsageError, match="PaymentOption: a JSON array must be here"):
        infoset.fragment_from_json(Schema.ISO2, {"PaymentOptionList": {"PaymentOption": 1}})
    with pytest.raises(UsageError, match="Parameter: misses Name"):
        infoset.fragment_from_json(Schema.ISO2, {"Parameter": {"boolValue": True}})
    with pytest.raises(UsageError, match="DHpublickey: Missing required arg"):
        infoset.fragment_from_json(Schema.ISO2, {"DHpublickey": {"Id": "a"}})


def test_an_object_of_another_schema_is_refused():
    response_code = app_protocol.ResponseCode.FAILED_NO_NEGOTIATION
    message = app_protocol.SupportedAppProtocolRes(response_code=response_code)
    with pytest.raises(UsageError, match="ProtocolRes is no message of schema iso2"):
        infoset.to_json(Schema.ISO2, message)
    with pytest.raises(UsageError, match="schema iso2 has no element Nothing"):
        infoset.fragment_to_json(Schema.ISO2, "Nothing", message)
    with pytest.raises(UsageError, match="Header can't be a SupportedAppProtocolRes"):
        infoset.fragment_to_json(Schema.ISO2, "Header", message)
    interval = din.RelativeTimeInterval(start=0)
    entry = iso2.PMaxScheduleEntry(time_interval=interval, p_max=None)
    with pytest.raises(UsageError, match="time_interval can't be a RelativeTimeInterval"):
        infoset.fragment_to_json(Schema.ISO2, "PMaxScheduleEntry", entry)


def test_the_right_one_of_several_types_is_taken():
    shown = {"Exponent": "AQ=="}
    assert infoset.fragment_from_json(Schema.ISO20_AC, shown) == ("Exponent", b"\1")
    assert infoset.fragment_from_json(Schema.ISO20_AC, {"Exponent": -1}) == ("Exponent", -1)
    with pytest.raises(UsageError, match="Exponent: None is not of the right type"):
        infoset.fragment_from_json(Schema.ISO20_AC, {"Exponent": None})


def test_a_choice_that_has_the_same_element_twice_has_one_field_for_it():
    value = xmldsig.PGPData(pgp_key_packet=b"\1")
    shown = {"PGPData": {"PGPKeyPacket": "AQ=="}}
    assert infoset.fragment_to_json(Schema.XMLDSIG, "PGPData", value) == shown
    assert infoset.fragment_from_json(Schema.XMLDSIG, shown) == ("PGPData", value)
