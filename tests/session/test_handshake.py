"""Which protocol a session speaks."""

import json
import lzma

import pytest

from seccstack.auth.certificate import VehicleCertificate
from seccstack.messages.app_protocol import SupportedAppProtocolReq
from seccstack.messages.codec import Schema, decode
from seccstack.session.handshake import ISO2, Served, negotiate, refused, served
from seccstack.session.opening import Opening
from seccstack.session.plant import Charger, DcSupply, Protocol
from tests.session.vehicle import NAMESPACE, offer

OK = "OK_SuccessfulNegotiation"
MINOR = "OK_SuccessfulNegotiationWithMinorDeviation"
NOTHING = "Failed_NoNegotiation"
DIN = Served("urn:din:70121:2012:MsgDef", 2, 0, Schema.DIN)


def chosen(*offers, served=(ISO2,)):
    response, protocol = negotiate(SupportedAppProtocolReq(app_protocol=offers), served)
    assert (protocol is None) == (response.response_code.value == NOTHING)
    return response.response_code.value, response.schema_id


def test_what_both_speak_is_chosen_by_its_schema_id():
    assert chosen(offer(schema_id=7)) == (OK, 7)


def test_another_minor_version_is_good_enough():
    assert chosen(offer(minor=1)) == (MINOR, 1)


@pytest.mark.parametrize(
    "offers",
    [
        (),
        (offer(namespace="urn:din:70121:2012:MsgDef"),),
        (offer(namespace=NAMESPACE + "x"),),
        (offer(major=1),),
        (offer(major=3),),
    ],
)
def test_with_nothing_in_common_there_is_no_protocol(offers):
    assert chosen(*offers) == (NOTHING, None)


def test_the_least_priority_number_wins_wherever_it_stands():
    served = (ISO2, DIN)
    din = offer(namespace=DIN.namespace, schema_id=2, priority=5)
    assert chosen(din, offer(priority=1), served=served) == (OK, 1)
    assert chosen(din, offer(priority=9), served=served) == (OK, 2)


def test_what_we_do_not_serve_does_not_count_whatever_its_priority():
    tesla = offer(namespace="urn:tesla:din:2018:MsgDef", major=0, minor=7, schema_id=2)
    assert chosen(tesla, offer(priority=20)) == (OK, 1)


def test_of_equal_priorities_the_first_wins():
    assert chosen(offer(schema_id=3), offer(schema_id=4)) == (OK, 3)
    assert chosen(offer(schema_id=3, major=1), offer(schema_id=3)) == (OK, 3)


def test_twenty_offers_with_long_namespaces_are_looked_through():
    offers = [offer(namespace="urn:" + "x" * 96, priority=1) for _ in range(19)]
    assert chosen(*offers, offer(priority=20, schema_id=9)) == (OK, 9)


def test_every_recorded_car_gets_iso_15118_2_if_it_offers_it(shared):
    with lzma.open(shared / "corpus" / "v2g_messages.jsonl.xz", "rt") as lines:
        messages = [json.loads(line) for line in lines]
    requests = [m for m in messages if m["message"] == "supportedAppProtocolReq"]
    for recorded in requests:
        request = decode(Schema.APP_PROTOCOL, bytes.fromhex(recorded["exi_hex"])).message
        ours = [o for o in request.app_protocol if o.protocol_namespace == NAMESPACE]
        wanted = (OK, ours[0].schema_id) if ours else (NOTHING, None)
        assert chosen(*request.app_protocol) == wanted
    assert len(requests) > 10


# ISO 15118-20 on which streams.

VEHICLE = VehicleCertificate(name="WMIV1", issuer="CN=sub", digest=bytes(64), ends=0.0)


@pytest.mark.parametrize(
    ("version", "vehicle", "lab", "spoken"),
    [
        ("TLSv1.3", VEHICLE, False, True),
        ("TLSv1.3", None, False, False),
        ("TLSv1.2", None, False, False),
        (None, None, False, False),
        (None, None, True, True),
        ("TLSv1.3", None, True, True),
    ],
)
def test_iso_15118_20_is_spoken_only_where_a_vehicle_has_shown_its_certificate_in_tls_1_3(
    version, vehicle, lab, spoken
):
    charger = Charger(evse_id="DE*ABC*E1", protocols=(Protocol.ISO20,), iso20_in_plain=lab)
    opening = Opening(
        charger=charger,
        session_id=b"12345678",
        timestamp=0,
        at=0.0,
        tls=version is not None,
        tls_version=version,
        vehicle=vehicle,
    )
    assert [one.namespace[-2:] for one in served(opening)] == ["AC"] * spoken


def of_a_supply(**more):
    supply = DcSupply(max_volts=500, max_amps=125, max_watts=50_000)
    charger = Charger(evse_id="DE*ABC*E1", supply=supply)
    return Opening(charger=charger, session_id=b"12345678", timestamp=0, at=0.0, **more)


def test_what_has_failed_with_a_vehicle_is_not_spoken_where_it_offers_another():
    opening = of_a_supply(avoided=frozenset({Protocol.ISO2}))
    offers = offer(schema_id=1, priority=1), offer(DIN.namespace, schema_id=2, priority=2)
    assert chosen(*offers, served=served(opening)) == (OK, 2)
    assert chosen(*offers, served=served(of_a_supply())) == (OK, 1)


def test_who_offers_nothing_else_is_refused_and_it_is_known_why():
    opening = of_a_supply(avoided=frozenset({Protocol.ISO2}))
    request = SupportedAppProtocolReq(app_protocol=(offer(),))
    assert negotiate(request, served(opening))[1] is None
    assert refused(request, opening) is Protocol.ISO2


def test_what_has_failed_is_no_reason_where_it_is_not_offered():
    request = SupportedAppProtocolReq(app_protocol=(offer("urn:other"),))
    opening = of_a_supply(avoided=frozenset({Protocol.ISO2}))
    assert refused(request, opening) is None


def test_a_contract_keeps_to_the_protocols_that_know_one():
    encrypted = {one.protocol for one in served(of_a_supply(tls=True))}
    assert encrypted == {Protocol.ISO2}  # in plain DIN, too, which has no contracts
    assert {one.protocol for one in served(of_a_supply())} == {Protocol.ISO2, Protocol.DIN}
