"""What cars and chargers of the field sent, and other codecs don't read or read wrongly.

Their messages are made here bit by bit; who sent each is said in its test.
"""

import pytest

from seccstack.errors import MalformedError
from seccstack.exi.finding import FindingKind
from seccstack.messages import app_protocol, codec, iso2
from seccstack.messages.codec import Schema
from tests.exi.splice import spliced

VOLTS = iso2.PhysicalValue(multiplier=0, unit=iso2.UnitSymbol.V, value=230)
STATUS = iso2.AC_EVSEStatus(
    notification_max_delay=0, evse_notification=iso2.EVSENotification.NONE, rcd=False
)


def encoded(body, session_id=bytes(8)):
    header = iso2.MessageHeader(session_id=session_id)
    return codec.encode(Schema.ISO2, iso2.V2G_Message(header=header, body=body))


def decoded(octets):
    found = codec.decode(Schema.ISO2, octets)
    return found.message, [(finding.kind, finding.path) for finding in found.findings]


def test_a_bmw_asks_for_services_in_a_scope_of_64_nul_characters():
    octets = encoded(iso2.ServiceDiscoveryReq(service_scope="x" * 64))
    message, findings = decoded(spliced(octets, f"{ord('x'):08b}" * 64, "0" * 512))
    assert message.body.service_scope == "\0" * 64
    path = "V2G_Message/Body/ServiceDiscoveryReq/ServiceScope"
    assert findings == [(FindingKind.CHARACTER, path)]


def test_a_seres_charges_on_four_phases_of_three():
    entry = iso2.ProfileEntry(
        charging_profile_entry_start=0,
        charging_profile_entry_max_power=VOLTS,
        charging_profile_entry_max_number_of_phases_in_use=3,
    )
    profile = iso2.ChargingProfile(profile_entry=(entry,))
    progress = iso2.ChargeProgress.START
    body = iso2.PowerDeliveryReq(
        charge_progress=progress, sa_schedule_tuple_id=1, charging_profile=profile
    )
    message, findings = decoded(spliced(encoded(body), "00 0 10 0 0 01", "00 0 11 0 0 01"))
    (read,) = message.body.charging_profile.profile_entry
    assert read.charging_profile_entry_max_number_of_phases_in_use == 4
    assert [kind for kind, _ in findings] == [FindingKind.RANGE]


def test_a_solterra_has_an_empty_session_id():
    octets = encoded(iso2.SessionSetupReq(evccid=bytes(6)), session_id=b"")
    message, findings = decoded(octets)
    assert (message.header.session_id, findings) == (b"", [])
    assert codec.encode(Schema.ISO2, message) == octets


def test_a_stack_on_xml_has_no_length_for_an_empty_session_id():
    octets = encoded(iso2.SessionSetupReq(evccid=b"\xff"), session_id=b"")
    header, body = "0 0 0 00000000 0 10", "0 011101"
    octets = spliced(octets, header + body, "0 0 1 000 10" + body, padding=6)
    message, findings = decoded(octets)
    assert message.header.session_id == b""
    assert findings == [(FindingKind.EMPTY, "V2G_Message/Header/SessionID")]


def test_a_charger_that_sends_the_abstract_schedules_themselves_is_not_understood():
    charge_parameter = iso2.AC_EVSEChargeParameter(
        ac_evse_status=STATUS, evse_nominal_voltage=VOLTS, evse_max_current=VOLTS
    )
    body = iso2.ChargeParameterDiscoveryRes(
        response_code=iso2.ResponseCode.OK,
        evse_processing=iso2.EVSEProcessing.FINISHED,
        evse_charge_parameter=charge_parameter,
    )
    start = "0 0 00000 0 0 0 00 0"
    octets = spliced(encoded(body), start + "010", start + "001")
    with pytest.raises(MalformedError, match="an abstract element") as caught:
        codec.decode(Schema.ISO2, octets)
    assert caught.value.path == "V2G_Message/Body/ChargeParameterDiscoveryRes/SASchedules"


def test_a_charger_may_refuse_all_protocols_without_a_schema_id():
    response_code = app_protocol.ResponseCode.FAILED_NO_NEGOTIATION
    response = app_protocol.SupportedAppProtocolRes(response_code=response_code)
    assert codec.encode(Schema.APP_PROTOCOL, response).hex() == "804880"


@pytest.mark.parametrize("count", [1, 5, 6])
def test_a_list_that_is_full_has_the_short_code_that_libcbv2g_forgets(count):
    modes = tuple(iso2.EnergyTransferMode)[:count]
    value = iso2.SupportedEnergyTransferMode(energy_transfer_mode=modes)
    octets = codec.encode_fragment(Schema.ISO2, value, "SupportedEnergyTransferMode")
    items = " 00 ".join(f"0 {index:03b} 0" for index in range(count))
    whole = f"{int.from_bytes(octets, 'big'):b}"
    end = "0" if count == 6 else "01"
    assert ("0" + items + end).replace(" ", "") in whole
    assert codec.decode_fragment(Schema.ISO2, octets).value == value
