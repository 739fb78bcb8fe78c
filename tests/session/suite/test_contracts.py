"""Every case of `contract_cases.txt` about contracts and TLS, at the whole charger.

What a case does and wants is read off its line; cases of CMN run on AC and on DC.
"""

from dataclasses import replace

import pytest
from msgspec import structs

from pki.provisioning import Credential
from seccstack import sdp
from seccstack.auth.contract import Trust
from seccstack.events import DatagramReceived, SendDatagram
from seccstack.messages import iso2
from seccstack.messages.iso2 import PaymentOption
from seccstack.session.dialogue import SEQUENCE_TIMEOUT
from tests.session.suite import paper as papers
from tests.session.suite.charge import Charge, message, signed
from tests.session.suite.contract_cases import STEPS
from tests.session.suite.paper import credential, expired
from tests.session.suite.test_encrypted import ENCRYPTED
from tests.session.suite.test_endurance import LONG
from tests.session.suite.test_tariffs import TARIFFS
from tests.session.vehicle import ROOTS, SERVICE_DISCOVERY, UPDATE, selection

FOREIGN = bytes.fromhex("FEDCBA9876543210")
OTHER = "DE8AA9999999996"
LOOPS = (iso2.ChargingStatusRes, iso2.CurrentDemandRes)
GIVEN = (iso2.CertificateInstallationRes, iso2.CertificateUpdateRes)

# Which request of the car stands where the case's is due.
DUE = {
    "ServiceDetail": iso2.PaymentServiceSelectionReq,
    "PaymentServiceSelection": iso2.PaymentServiceSelectionReq,
    "CertificateInstallation": iso2.PaymentDetailsReq,
    "CertificateUpdate": iso2.PaymentDetailsReq,
    "PaymentDetails": iso2.PaymentDetailsReq,
    "Authorization": iso2.AuthorizationReq,
    "MeteringReceipt": iso2.MeteringReceiptReq,
}


@pytest.fixture(scope="module")
def paper():
    return papers.minted()


def family(name):
    return name.split("_")[4]


def sides(name):
    """Whether it runs on DC: both where a case is common."""
    return {"AC": [False], "DC": [True]}.get(name.split("_")[2], [False, True])


def cases(where):
    """The cases whose line matches; each has one test."""
    return pytest.mark.parametrize(
        "name", [n for n, line in STEPS.items() if family(n) in DUE and where(n, *line)]
    )


def installation(paper, car=None):
    request = iso2.CertificateInstallationReq(
        id="id1",
        oem_provisioning_cert=(car or paper.maker).chain[0],
        list_of_root_certificate_i_ds=ROOTS,
    )
    return request, car or paper.maker


def update(paper, car=None, emaid=None):
    car = car or paper.contract
    request = structs.replace(
        UPDATE, contract_signature_cert_chain=car.message(), emaid=emaid or paper.emaid
    )
    return request, car


def wish(name, paper, **how):
    """The case's own request, and with whose key it is signed."""
    match family(name):
        case "ServiceDetail":
            return iso2.ServiceDetailReq(service_id=3), None
        case "CertificateInstallation":
            return installation(paper, **how)
        case "CertificateUpdate":
            return update(paper, **how)
    return None, None


def replaced(request, signer=None, session_id=None):
    """Have this be said in place of what the car says."""

    def change(said):
        by = None if signer is None else signed(request, signer)
        return message(request, session_id or said.header.session_id, by)

    return change


def charge(name, paper, dc, change, **how):
    return Charge(paper, dc, DUE[family(name)], change, **how).run()


def assert_refused(charge, wanted, kind=None):
    """What was refused first has one of these codes, and the charger has closed the stream."""
    codes = [
        (type(body).__name__, body.response_code.value)
        for body in charge.bodies(object)
        if hasattr(body, "response_code") and body.response_code.value.startswith("FAILED")
    ]
    what, code = codes[0]
    assert code in wanted.split(";")[0].split(" or ")
    assert kind is None or what == f"{kind}Res"
    assert charge.closed() is not None
    assert charge.closed() <= charge.messages(object)[-1][0] + 5


@cases(lambda name, does, wants: does.startswith("out-of-order"))
def test_what_is_out_of_order_is_refused_and_the_stream_closed(paper, name):
    for dc in sides(name):
        if family(name) in ("ServiceDetail",):
            kind, wrong = iso2.PaymentServiceSelectionReq, SERVICE_DISCOVERY
        else:
            kind, wrong = DUE[family(name)], SERVICE_DISCOVERY
        found = Charge(paper, dc, kind, replaced(wrong)).run()
        assert_refused(found, STEPS[name][1], "ServiceDiscovery")


@cases(lambda name, does, wants: does.startswith("foreign"))
def test_a_foreign_session_id_is_refused_and_the_stream_closed(paper, name):
    for dc in sides(name):
        request, signer = wish(name, paper)

        def change(said, request=request, signer=signer):
            if request is None:
                return message(said.body, FOREIGN, said.header.signature)
            return replaced(request, signer, FOREIGN)(said)

        assert_refused(charge(name, paper, dc, change), STEPS[name][1], family(name))


@cases(lambda name, does, wants: does.startswith("EV silent"))
def test_a_vehicle_that_falls_silent_is_hung_up_on(paper, name):
    for dc in sides(name):
        found = Charge(paper, dc, silent_at=DUE[family(name)].__name__).run(120.0)
        answered = max(now for now, _ in found.messages(object) if now < found.closed())
        assert found.closed() - answered == pytest.approx(SEQUENCE_TIMEOUT, abs=0.1)


@cases(lambda name, does, wants: does == "unknown ServiceID")
def test_a_service_that_is_not_there_is_refused(paper, name):
    for dc in sides(name):
        change = replaced(iso2.ServiceDetailReq(service_id=99))
        assert_refused(charge(name, paper, dc, change), STEPS[name][1], "ServiceDetail")


@cases(lambda name, does, wants: does == "payment option not offered")
def test_a_payment_that_is_not_offered_is_refused(paper, name):
    for dc in sides(name):
        change = replaced(selection(1, option=PaymentOption.CONTRACT))
        found = charge(name, paper, dc, change, own={"contracts": False})
        assert_refused(found, STEPS[name][1], family(name))


# Signatures.

SIGNED = ("signature made with wrong key", "body altered after signing")


@cases(lambda name, does, wants: does in SIGNED)
def test_a_signature_that_does_not_hold_is_refused(paper, name):
    does, wants = STEPS[name]
    for dc in sides(name):
        request, signer = wish(name, paper)

        def change(said, request=request, signer=signer):
            body = said.body if request is None else request
            by = credential(paper.again["mo/contract"]) if does == SIGNED[0] else signer
            signature = signed(body, by or paper.contract)
            if does == SIGNED[1]:
                body = altered(body)
            return message(body, said.header.session_id, signature)

        assert_refused(charge(name, paper, dc, change), wants, family(name))


def altered(body):
    """The same element in other words, whose digest is another."""
    if isinstance(body, iso2.MeteringReceiptReq):
        return structs.replace(body, sa_schedule_tuple_id=2)
    if isinstance(body, iso2.AuthorizationReq):
        return structs.replace(body, id="id1x")
    other = structs.replace(ROOTS.root_certificate_id[0], x509_serial_number=2)
    return structs.replace(
        body, list_of_root_certificate_i_ds=structs.replace(ROOTS, root_certificate_id=(other,))
    )


@cases(lambda name, does, wants: does == "wrong GenChallenge")
def test_another_challenge_is_refused(paper, name):
    for dc in sides(name):

        def change(said):
            body = structs.replace(said.body, gen_challenge=bytes(16))
            return replaced(body, paper.contract)(said)

        assert_refused(charge(name, paper, dc, change), STEPS[name][1], family(name))


@cases(lambda name, does, wants: does == "receipt with altered meter reading")
def test_a_receipt_for_another_reading_is_refused(paper, name):
    for dc in sides(name):

        def change(said):
            info = structs.replace(said.body.meter_info, meter_reading=78)
            return replaced(structs.replace(said.body, meter_info=info), paper.contract)(said)

        assert_refused(charge(name, paper, dc, change), STEPS[name][1], family(name))


# Certificates.


def leaf_of(paper, member, **changes):
    return credential(paper.anew(member, lambda order: replace(order, **changes)))


def odd(paper, does):
    """The credential that a case is about."""
    good, strange = paper.contract, credential(paper.again["mo/contract"])
    match does:
        case "Sub-CAs in wrong order":
            return Credential((good.chain[0], *good.chain[:0:-1]), good.key)
        case "leaf from foreign PKI":
            return Credential((strange.chain[0], *good.chain[1:]), strange.key)
        case "Sub-CA2 from foreign PKI":
            return Credential((good.chain[0], strange.chain[1], good.chain[2]), good.key)
        case "Sub-CA1 from foreign PKI":
            return Credential((*good.chain[:2], strange.chain[2]), good.key)
        case "whole chain from foreign PKI":
            return strange
        case "EMAID of another contract in certificate":
            return leaf_of(paper, "mo/contract", common_name=OTHER)
        case "malformed EMAID in certificate":
            return leaf_of(paper, "mo/contract", common_name="somebody")
        case "expired leaf certificate":
            return credential(paper.anew("mo/contract", expired))
        case "leaf with an extra country RDN":
            return paper.with_country()
        case "chain with expired Sub-CA1":
            return paper.below("mo/mo_sub1")
        case "chain with expired Sub-CA2":
            return paper.below("mo/mo_sub2")
    return good


OF_CERTIFICATES = ("expired", "leaf", "Sub-", "SUB", "chain", "whole", "EMAID", "malf", "OEM")


@cases(lambda name, does, wants: does.startswith(OF_CERTIFICATES))
def test_a_certificate_that_is_wrong_is_refused(paper, name):
    does, wants = STEPS[name]
    for dc in sides(name):
        if family(name) == "PaymentDetails":
            found = Charge(paper, dc, credential=odd(paper, does)).run()
        elif family(name) == "CertificateUpdate":
            body = {
                "EMAID of another contract in body": OTHER,
                "malformed EMAID in body": "!" * 14,
            }
            change = replaced(*update(paper, odd(paper, does), body.get(does)))
            found = charge(name, paper, dc, change)
        else:
            wrong = {"domain": "MO"} if "domain" in does else {}
            car = leaf_of(paper, "oem/oem_provisioning", **wrong)
            if not wrong:
                car = credential(paper.anew("oem/oem_provisioning", expired))
            found = charge(name, paper, dc, replaced(*installation(paper, car)))
        assert_refused(found, wants, family(name))


# What is good.

BEFORE = {"002": installation, "003": update, "012": installation, "013": update}
BEFORE |= {"016": installation, "017": update}


@cases(
    lambda name, does, wants: (
        does == "valid request" and family(name) in ("PaymentDetails", "Authorization")
    )
)
def test_a_contract_is_shown_and_proven(paper, name):
    make = BEFORE.get(name[-3:]) if not name.endswith("Authorization_002") else None
    before = None if make is None else replaced(*make(paper))
    waits = "55-60 s" in STEPS[name][1]
    for dc in sides(name):
        trust = Trust.OFFICE if waits else Trust.CHAIN
        found = Charge(paper, dc, before=before, trust=trust).run(90.0 if waits else 40.0)
        assert found.codes(*GIVEN) == ([] if make is None else ["OK"])
        details = found.bodies(iso2.PaymentDetailsRes)[0]
        assert details.response_code.value == "OK"
        assert len(details.gen_challenge) == 16
        answers = found.messages(iso2.AuthorizationRes)
        if waits:
            end = next(n for n, m in answers if m.body.response_code.value == "FAILED")
            assert 55 <= end - answers[0][0] < 60
            assert found.closed() <= end + 5
        else:
            assert answers[-1][1].body.evse_processing.value == "Finished"
            assert found.codes(*LOOPS)[:1] == ["OK"]


@cases(
    lambda name, does, wants: (
        does == "valid request"
        and family(name) in ("ServiceDetail", "CertificateInstallation", "CertificateUpdate")
    )
)
def test_what_is_asked_for_is_given(paper, name):
    for dc in sides(name):
        found = charge(name, paper, dc, replaced(*wish(name, paper)))
        if family(name) == "ServiceDetail":
            [answer] = found.bodies(iso2.ServiceDetailRes)
            assert len(answer.service_parameter_list.parameter_set) == 2
        else:
            [(_, said)] = found.messages(*GIVEN)
            answer = said.body
            assert len(said.header.signature.signed_info.reference) == 4
            assert answer.emaid.value == paper.emaid
            assert answer.contract_signature_cert_chain.certificate == paper.contract.chain[0]
            assert answer.contract_signature_encrypted_private_key.value
        assert answer.response_code.value == "OK"


@cases(lambda name, does, wants: name.endswith("PaymentServiceSelection_003"))
def test_a_contract_may_be_chosen(paper, name):
    for dc in sides(name):
        found = Charge(paper, dc).run(20.0)
        [asked] = found.bodies(iso2.PaymentServiceSelectionReq)
        assert asked.selected_payment_option is PaymentOption.CONTRACT
        assert found.codes(iso2.PaymentServiceSelectionRes) == ["OK"]


@cases(lambda name, does, wants: does == "valid request" and family(name) == "MeteringReceipt")
def test_a_receipt_is_taken(paper, name):
    for dc in sides(name):
        found = Charge(paper, dc).run()
        codes = found.codes(iso2.MeteringReceiptRes)
        assert set(codes) == {"OK"}
        [status] = {
            type(body.evse_status).__name__ for body in found.bodies(iso2.MeteringReceiptRes)
        }
        assert status.startswith("DC") is dc


# The loops, SDP: of no family of requests above.

LOOP = [n for n in STEPS if family(n) in ("ChargingStatus", "CurrentDemand")]


@pytest.mark.parametrize("name", LOOP)
def test_the_loop_wants_a_receipt_where_it_should(paper, name):
    _, wants = STEPS[name]
    wanted, meter = "ReceiptRequired=true" in wants, "Meter" in wants
    for dc in sides(name):
        own = {} if wanted else {"receipt_seconds": None}
        found = Charge(paper, dc, own=own, meter=meter or wanted).run()
        first = found.bodies(*LOOPS)[0]
        assert first.response_code.value == "OK"
        assert bool(first.receipt_required) is wanted
        assert (first.meter_info is not None) is (meter or wanted)


def inquire(found):
    octets = sdp.SdpRequest(sdp.SECURITY_TLS).encode()
    car = found.world.car
    found.world.tell(DatagramReceived("fe80::2", 50000, octets, car.mac))
    found.world.run(found.world.now + 0.1)
    sent = [a for _, _, done in found.steps for a in done if isinstance(a, SendDatagram)]
    return sdp.SdpResponse.decode(sent[-1].octets)


@pytest.mark.parametrize("name", [n for n in STEPS if family(n) == "SDP"])
def test_sdp_says_that_the_charger_is_there_in_tls(paper, name):
    """Also late: whoever is plugged in may come back."""
    found = Charge(paper, silent_at="supportedAppProtocolReq")
    answer = inquire(found.run(60.0 if "waits" in STEPS[name][0] else 2.0))
    assert (answer.security, answer.address[:2]) == (sdp.SECURITY_TLS, b"\xfe\x80")
    assert 49152 <= answer.port <= 65535


def test_every_case_has_a_test_and_none_has_two(request):
    elsewhere = {*TARIFFS, *LONG, *ENCRYPTED}
    ran = [
        item.callspec.params["name"]
        for item in request.session.items
        if item.path == request.path and hasattr(item, "callspec")
    ]
    assert sorted(ran) == sorted(set(STEPS) - elsewhere)
