"""Event codes, against what is known of them from the schemas' grammars."""

import pytest

from seccstack.exi.grammar import VALUE, VALUE_END, Grammar
from seccstack.exi.schema import (
    Attribute,
    ComplexType,
    Element,
    Group,
    Slot,
    Text,
    Wildcard,
    slots_of,
)
from seccstack.messages.generated import (
    app_protocol_tables,
    iso2_tables,
    xmldsig_tables,
)
from seccstack.messages.generated.iso2_tables import Body, ChargeParameterDiscoveryReq


def slot(name, *bounds):
    return Slot(name.lower(), (Element(name, Text()),), *bounds)


def grammar(*items, kind="sequence", bounds=(1, 1), attributes=(), mixed=False):
    return Grammar(ComplexType(None, Group(kind, items, *bounds), attributes, mixed))


def shown(state):
    """The events of a state, in words: attributes with an @, and the width of a code."""
    names = {"Characters": "CH", "End": "EE", "AnyElement": "SE(*)"}
    words = []
    for event in state.events:
        if isinstance(event, Attribute):
            words.append("@" + event.name)
        else:
            words.append(names.get(type(event).__name__) or event.element.name)
    return " ".join(words), state.bits


def test_the_body_of_a_message_has_a_code_of_six_bits_and_session_setup_is_29():
    start = Grammar(Body).start(0)
    names = shown(start)[0].split()
    assert (names.index("SessionSetupReq"), len(names), start.bits) == (29, 36, 6)


def test_an_abstract_head_keeps_a_code_of_its_own():
    after = Grammar(ChargeParameterDiscoveryReq).after(1, 1)
    assert shown(after) == ("AC_EVChargeParameter DC_EVChargeParameter EVChargeParameter", 2)


def test_optional_attributes_share_the_first_state_with_the_content():
    start = Grammar(xmldsig_tables.Reference).start(0)
    assert shown(start) == ("@Id @Type @URI Transforms DigestMethod", 3)
    assert shown(Grammar(xmldsig_tables.Reference).start(2)) == (
        "@URI Transforms DigestMethod",
        2,
    )


def test_a_required_attribute_comes_alone():
    transform = Grammar(xmldsig_tables.Transform)
    assert shown(transform.start(0)) == ("@Algorithm", 1)
    assert shown(transform.start(1)) == ("XPath SE(*) EE CH", 3)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("CanonicalizationMethod", ("SE(*) EE CH", 2)),
        ("DigestMethod", ("SE(*) EE CH", 2)),
        ("SignatureMethod", ("HMACOutputLength SE(*) EE CH", 3)),
    ],
)
def test_any_element_comes_after_the_named_ones_and_text_last(name, expected):
    assert shown(Grammar(getattr(xmldsig_tables, name)).start(1)) == expected


def test_a_full_list_has_a_shorter_code_than_one_that_may_grow():
    protocols = Grammar(app_protocol_tables.SupportedAppProtocolReq)
    assert shown(protocols.after(0, 19)) == ("AppProtocol EE", 2)
    assert shown(protocols.after(0, 20)) == ("EE", 1)


def test_a_list_that_is_too_short_can_only_grow():
    states = grammar(slot("A", 2, 3))
    assert shown(states.start(0)) == ("A", 1)
    assert shown(states.after(0, 1)) == ("A", 1)
    assert shown(states.after(0, 2)) == ("A EE", 2)


def test_a_list_without_bound_is_never_full():
    assert shown(grammar(slot("A", 0, None)).after(0, 5000)) == ("A EE", 2)


def test_simple_content_is_text_after_the_attributes():
    value = Grammar(xmldsig_tables.SignatureValue)
    assert shown(value.start(0)) == ("@Id CH", 2)
    assert shown(value.start(1)) == ("CH", 1)


def test_an_empty_type_only_ends():
    assert shown(grammar().start(0)) == ("EE", 1)


def test_an_optional_group_is_all_or_nothing():
    key = Grammar(xmldsig_tables.DSAKeyValue)
    assert shown(key.start(0)) == ("P G Y", 2)
    assert shown(key.after(0, 1)) == ("Q", 1)
    assert shown(key.after(3, 1)) == ("J Seed EE", 2)


def test_a_choice_gives_all_its_branches_one_state():
    states = grammar(slot("A"), slot("B", 0, 1), kind="choice")
    assert shown(states.start(0)) == ("A B EE", 2)
    assert shown(states.after(0, 1)) == ("EE", 1)


def test_a_repeated_choice_may_begin_again_after_each():
    states = grammar(slot("A"), Wildcard(1, 1), kind="choice", bounds=(1, None))
    assert shown(states.start(0)) == ("A SE(*)", 2)
    assert shown(states.after(0, 1)) == ("A SE(*) EE", 2)


def test_what_the_schema_does_not_foresee_has_names_on_the_second_level():
    assert VALUE.second_level[0] == "EE"
    assert len(VALUE.second_level) == 7
    assert VALUE_END.second_level == ("SE(*)", "CH[untyped]")
    assert grammar(slot("A")).after(0, 1).second_level == ("SE(*)", "CH[untyped]")
    assert grammar(slot("A", 2, 2)).after(0, 1).second_level == ("EE", "SE(*)", "CH[untyped]")


def test_the_codes_of_fragments_are_those_which_signatures_are_made_with():
    names = [name for name, _ in iso2_tables.SCHEMA.fragments]
    signed = {
        "AuthorizationReq": 4,
        "CertificateInstallationReq": 15,
        "CertificateUpdateReq": 17,
        "MeteringReceiptReq": 121,
        "ContractSignatureCertChain": 33,
        "ContractSignatureEncryptedPrivateKey": 34,
        "DHpublickey": 45,
        "SalesTariff": 174,
    }
    assert {name: names.index(name) for name in signed} == signed
    assert [name for name, _ in xmldsig_tables.SCHEMA.fragments].index("SignedInfo") == 32


def test_every_slot_of_a_group_is_found_in_order():
    inner = Group("choice", (slot("B"), Wildcard(), slot("C")))
    assert [found.field for found in slots_of(Group("sequence", (slot("A"), inner)))] == [
        "a",
        "b",
        "c",
    ]
