"""What the decoder by the grammar bears with, and what it doesn't."""

import pytest

from seccstack.errors import MalformedError
from seccstack.exi.decoder import decode_document, decode_element, decode_fragment
from seccstack.exi.encoder import encode_document, encode_element, encode_fragment
from seccstack.exi.finding import FindingKind
from seccstack.exi.limits import MAX_UNBOUNDED
from seccstack.exi.reader import Reader
from seccstack.exi.schema import Element
from seccstack.exi.writer import Writer
from seccstack.messages import iso2, xmldsig
from seccstack.messages.generated import app_protocol_tables, iso2_tables, xmldsig_tables
from tests.exi.splice import packed, spliced

ISO2 = iso2_tables.SCHEMA
HEADER = iso2.MessageHeader(session_id=bytes(8))
WIDTH = 8  # bits of a fragment's code in ISO 15118-2


def with_body(body):
    return encode_document(ISO2, iso2.V2G_Message(header=HEADER, body=body))


def decoded(octets, schema=ISO2):
    reader = Reader(schema.name, octets)
    _, message = decode_document(schema, reader)
    return message, [(finding.kind, finding.path) for finding in reader.findings]


def malformed(octets, words, schema=ISO2, decode=decode_document):
    with pytest.raises(MalformedError, match=words) as caught:
        decode(schema, Reader(schema.name, octets))
    return caught.value


def element(name, value):
    writer = Writer()
    encode_element(writer, Element(name, getattr(xmldsig_tables, name)), value)
    return writer.octets()


def read_element(name, octets):
    reader = Reader("xmldsig", octets)
    return decode_element(reader, Element(name, getattr(xmldsig_tables, name))), reader.findings


def test_an_empty_string_may_be_sent_as_the_end_of_its_element():
    body = iso2.ServiceDiscoveryReq(service_scope="")
    octets = spliced(with_body(body), "00 0 00000010 0 01", "00 1 000 01")
    message, findings = decoded(octets)
    assert message.body == body
    assert findings == [
        (FindingKind.EMPTY, "V2G_Message/Body/ServiceDiscoveryReq/ServiceScope")
    ]


def test_an_empty_binary_may_be_sent_as_the_end_of_its_element():
    body = iso2.SessionSetupReq(evccid=b"")
    octets = spliced(with_body(body), "011101 0 0 00000000 0", "011101 0 1 000")
    message, findings = decoded(octets)
    assert message.body == body
    assert [kind for kind, _ in findings] == [FindingKind.EMPTY]


def test_an_empty_value_that_may_not_be_empty_is_noted_twice():
    body = iso2.SessionSetupRes(response_code=iso2.ResponseCode.OK, evseid="DE*CPO*")
    value = "".join(f"{ord(char):08b}" for char in "DE*CPO*")
    octets = spliced(with_body(body), "0 00001001" + value + "0", "1 000")
    message, findings = decoded(octets)
    assert message.body.evseid == ""
    assert [kind for kind, _ in findings] == [FindingKind.EMPTY, FindingKind.LENGTH]


def test_an_enumeration_may_be_sent_as_text():
    body = iso2.SessionStopReq(charging_session=iso2.ChargingSession.PAUSE)
    text = "".join(f"{ord(char):08b}" for char in "Pause")
    code = "011111"  # SessionStopReq
    octets = spliced(with_body(body), code + "0 0 1 0", code + "0 1 110 00000111" + text + "0")
    message, findings = decoded(octets)
    assert message.body == body
    assert [kind for kind, _ in findings] == [FindingKind.UNTYPED]


@pytest.mark.parametrize(
    ("deviation", "words"),
    [
        ("1 001", "event xsi:type where a value must be"),
        ("1 101", r"event SE\(\*\) where a value must be"),
        ("1 111", "second event code 7 of 7"),
        ("1 000", "event EE where a value must be"),
    ],
)
def test_other_deviations_in_a_value_are_malformed(deviation, words):
    octets = with_body(iso2.SessionStopReq(charging_session=iso2.ChargingSession.TERMINATE))
    error = malformed(spliced(octets, "011111 0 0 0 0", "011111 0" + deviation), words)
    assert error.path == "V2G_Message/Body/SessionStopReq/ChargingSession"


def test_something_after_a_value_is_malformed():
    octets = with_body(iso2.SessionSetupReq(evccid=b"\xff"))
    malformed(spliced(octets, "11111111 0", "11111111 1 0"), "after a value")


def test_an_unforeseen_element_is_malformed():
    octets = with_body(iso2.SessionSetupReq(evccid=b"\xff"))
    error = malformed(spliced(octets, "011101", "100100 100"), r"event SE\(\*\) is none that")
    assert error.path == "V2G_Message/Body"


def test_an_abstract_element_is_malformed():
    octets = with_body(iso2.SessionSetupReq(evccid=b"\xff"))
    abstract = 2  # BodyElement
    malformed(spliced(octets, "011101", f"{abstract:06b}"), "only stands for others")


def test_an_event_code_beyond_the_escape_is_malformed():
    octets = with_body(iso2.SessionSetupReq(evccid=b"\xff"))
    malformed(spliced(octets, "011101", "111111"), "event code 63 of 36")


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"", "the message ends here"),
        (b"$EXI\x80", "EXI header 0x24, not 0x80"),
        (b"\x81" + with_body(None)[1:], "EXI header 0x81, not 0x80"),
        (b"\x80\xff", "root element 127 is no message"),
    ],
)
def test_a_document_that_does_not_begin_as_one_is_malformed(octets, words):
    malformed(octets, words)


def test_what_comes_after_the_document_is_noted():
    octets = with_body(iso2.SessionSetupReq(evccid=b"\xff"))
    for surplus in (octets + b"\0", octets[:-1] + bytes([octets[-1] | 1])):
        message, findings = decoded(surplus)
        assert message.body.evccid == b"\xff"
        assert findings == [(FindingKind.SURPLUS, "")]


def test_a_list_longer_than_its_schema_allows_has_no_code():
    number = "0 0 00000001 0"
    entry = "0 0 00000010 0" + number * 3 + "0 0 00000 0 0"
    message = "10000000 00 0" + f"{entry} 00" * 19 + entry
    assert decoded(packed(message + "0"), app_protocol_tables.SCHEMA)[1] == []
    malformed(packed(message + "1 0"), r"event SE\(\*\) is none", app_protocol_tables.SCHEMA)


def test_a_list_without_bound_has_ours():
    octets = element("X509Data", xmldsig.X509Data(x509_subject_name=("",) * 2))
    bits = f"{int.from_bytes(octets, 'big'):0{8 * len(octets)}b}"
    item = "010 0 00000010 0"
    whole = packed(item * (MAX_UNBOUNDED + 1) + bits[len(item.replace(" ", "")) * 2 :])
    with pytest.raises(MalformedError, match=f"more than {MAX_UNBOUNDED} of X509SubjectName"):
        read_element("X509Data", whole)


def test_a_repeated_choice_in_another_order_is_noted():
    info = xmldsig.KeyInfo(key_name=("a",), mgmt_data=("b",))
    name, data = "0 00000011 01100001 0", "0 00000011 01100010 0"
    in_order = packed("0001" + name + "0110" + data + "1000")
    assert element("KeyInfo", info) == in_order
    assert read_element("KeyInfo", in_order) == (info, [])
    read, findings = read_element("KeyInfo", packed("0111" + data + "0000" + name + "1000"))
    assert read == info
    assert [finding.kind for finding in findings] == [FindingKind.ORDER]


@pytest.mark.parametrize("code", ["00", "10"])  # any element; text between elements
def test_what_a_schema_leaves_to_others_is_malformed(code):
    with pytest.raises(MalformedError, match="content of a foreign schema"):
        read_element("DigestMethod", packed("0 00000010" + code))


def test_simple_content_comes_after_its_attributes():
    value = xmldsig.SignatureValue(id="a", value=b"\xff")
    octets = element("SignatureValue", value)
    assert octets == packed("00 00000011 01100001 0 00000001 11111111 0")
    assert read_element("SignatureValue", octets) == (value, [])


def test_simple_content_may_be_empty_or_text_too():
    value = xmldsig.SignatureValue(value=b"")
    assert read_element("SignatureValue", packed("10 000"))[0] == value
    with pytest.raises(MalformedError, match="no value of its type"):
        read_element("SignatureValue", packed("10 110 00000011 01100001"))
    with pytest.raises(MalformedError, match="event xsi:nil is none"):
        read_element("SignatureValue", packed("10 010"))


def test_simple_content_may_be_sent_as_text():
    emaid = Element("EMAID", iso2_tables.EMAID)
    text = "".join(f"{ord(char):08b}" for char in "DE1234567890123")
    bits = "0 00000011 01100001" + "1 110 00010001" + text + "0"
    reader = Reader("iso2", packed(bits))
    assert decode_element(reader, emaid) == iso2.EMAID(id="a", value="DE1234567890123")


def test_an_emaid_without_its_attribute_is_a_string():
    octets = encode_fragment(ISO2, "eMAID", "DE1234567890123")
    reader = Reader("iso2", octets)
    assert decode_fragment(ISO2, reader) == ("eMAID", "DE1234567890123")


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        ("11111111", "fragment 255 is no element"),
        ("11101100 000000101", "event 5 is none that is understood here"),
        ("11101100 100000000 00000010 00000000", "more than text"),
        ("00000100 10 00000100", "more than one element in a fragment"),
    ],
)
def test_a_fragment_that_is_none_is_malformed(bits, words):
    malformed(packed("10000000" + bits), words, decode=decode_fragment)


def test_a_fragment_of_a_simple_type_is_its_value():
    octets = encode_fragment(ISO2, "SessionID", b"\x01")
    assert decode_fragment(ISO2, Reader("iso2", octets)) == ("SessionID", b"\x01")
