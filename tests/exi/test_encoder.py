"""What the encoder by the grammar refuses, and where it says the fault is."""

import pytest

from seccstack.errors import UsageError
from seccstack.exi.encoder import encode_document, encode_element, encode_fragment
from seccstack.exi.limits import MAX_UNBOUNDED
from seccstack.exi.schema import Element
from seccstack.exi.writer import Writer
from seccstack.messages import app_protocol, din, iso2, xmldsig
from seccstack.messages.generated import (
    app_protocol_tables,
    din_tables,
    iso2_tables,
    xmldsig_tables,
)
from tests.exi.splice import packed

ISO2 = iso2_tables.SCHEMA
HEADER = iso2.MessageHeader(session_id=bytes(8))
VOLTS = iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.V, value=400)
TARIFF = iso2.RelativeTimeInterval(start=0)


def refused(value, words, name="", tables=iso2_tables):
    element = Element(
        name or type(value).__name__, getattr(tables, name or type(value).__name__)
    )
    with pytest.raises(UsageError, match=words):
        encode_element(Writer(), element, value)


def test_a_child_of_the_wrong_class_is_refused():
    profile = iso2.ProfileEntry(
        charging_profile_entry_start=0, charging_profile_entry_max_power=TARIFF
    )
    words = (
        "ProfileEntry/ChargingProfileEntryMaxPower: is a RelativeTimeInterval, not a PhysicalV"
    )
    refused(profile, words)


def test_a_member_of_another_substitution_group_is_refused():
    entry = iso2.PMaxScheduleEntry(time_interval=VOLTS, p_max=VOLTS)
    refused(entry, "PMaxScheduleEntry: time_interval can't be a PhysicalValue")


def test_a_missing_value_is_named():
    refused(iso2.PMaxScheduleEntry(time_interval=TARIFF, p_max=None), "ends where PMax must be")
    value = iso2.PhysicalValue(multiplier=0, unit=None, value=1)
    refused(value, "PhysicalValue: Value where Unit must be")


def test_one_of_many_missing_values_is_named_by_the_first_of_them():
    words = "ends where boolValue or byteValue or shortValue or intValue or ... must be"
    refused(iso2.Parameter(name="a"), words)


def test_a_missing_attribute_is_named():
    refused(iso2.Parameter(name=None, bool_value=True), "Parameter/Name: is not a str")


def test_two_branches_of_a_choice_are_refused():
    both = iso2.Parameter(name="a", bool_value=True, int_value=1)
    refused(both, "Parameter: intValue where the end must be")


def test_a_list_must_be_a_tuple_of_legal_length():
    refused(iso2.PaymentOptionList(payment_option=[]), "payment_option is not a tuple")
    refused(iso2.PaymentOptionList(payment_option=()), "ends where PaymentOption must be")
    three = (iso2.PaymentOption.CONTRACT,) * 3
    refused(
        iso2.PaymentOptionList(payment_option=three), "3 of payment_option, at most 2 may be"
    )


def test_a_list_without_bound_has_ours():
    entry = din.Cost(cost_kind=din.CostKind.CARBON_DIOXIDE_EMISSION, amount=0)
    cost = din.ConsumptionCost(start_value=0, cost=(entry,) * (MAX_UNBOUNDED + 1))
    refused(cost, f"at most {MAX_UNBOUNDED} may be", tables=din_tables)


def test_simple_content_is_checked_too():
    refused(iso2.EMAID(id="a", value="short"), "EMAID: has 5 characters, not 14 to 15")


def test_an_abstract_element_is_refused():
    with pytest.raises(UsageError, match="BodyElement: is abstract"):
        encode_fragment(ISO2, "BodyElement", VOLTS)


def test_only_messages_of_the_schema_are_documents():
    with pytest.raises(UsageError, match="MessageHeader is no message of schema iso2"):
        encode_document(ISO2, HEADER)


def test_each_message_of_a_schema_is_found_by_its_class():
    response_code = app_protocol.ResponseCode.FAILED_NO_NEGOTIATION
    message = app_protocol.SupportedAppProtocolRes(response_code=response_code)
    assert encode_document(app_protocol_tables.SCHEMA, message).hex() == "804880"


def test_a_foreign_element_can_not_be_given():
    value = xmldsig.SignatureProperty(target="a")
    refused(value, "ends where an element of another schema must be", tables=xmldsig_tables)


def test_a_name_of_two_namespaces_is_the_first_that_can_hold_the_value():
    assert encode_fragment(ISO2, "SessionID", b"")[1] == 196
    with pytest.raises(UsageError, match="SessionID: is not bytes"):
        encode_fragment(ISO2, "SessionID", "")


def test_only_elements_of_the_schema_are_fragments():
    with pytest.raises(UsageError, match="schema iso2 has no element Nothing"):
        encode_fragment(ISO2, "Nothing", VOLTS)


def test_an_emaid_is_checked_in_both_of_its_forms():
    with pytest.raises(UsageError, match="eMAID: has 5 characters"):
        encode_fragment(ISO2, "eMAID", iso2.EMAID(id="a", value="short"))
    with pytest.raises(UsageError, match="eMAID: is not a str"):
        encode_fragment(ISO2, "eMAID", VOLTS)


def test_what_may_come_in_any_order_is_written_in_that_of_the_schema():
    info = xmldsig.KeyInfo(mgmt_data=("b",), key_name=("a",))
    writer = Writer()
    encode_element(writer, Element("KeyInfo", xmldsig_tables.KeyInfo), info)
    name, data = "0 00000011 01100001 0", "0 00000011 01100010 0"
    assert writer.octets() == packed("0001" + name + "0110" + data + "1000")
