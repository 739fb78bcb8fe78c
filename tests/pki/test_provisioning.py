"""A lab's provisioning service: the right car gets the contract and its key, nobody else."""

import asyncio
import struct
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from pki.errors import PkiError
from pki.providing import contracts, listen, service_of
from pki.provisioning import decrypt, encrypt, read_credential, read_trusted
from seccstack.auth import chain, ecdsa
from seccstack.messages import iso2
from seccstack.messages.codec import Schema, decode, encode
from seccstack.session.signature import made, statement
from tests import lab as labs
from tests.session.vehicle import ROOTS

SESSION = bytes(range(8))
EMAID = "DE8AA1A2B3C4D5V"
PARTS = {
    "ContractSignatureCertChain": "contract_signature_cert_chain",
    "ContractSignatureEncryptedPrivateKey": "contract_signature_encrypted_private_key",
    "DHpublickey": "dh_public_key",
    "eMAID": "emaid",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    return labs.minted(tmp_path_factory.mktemp("pki") / "lab")


def written(request, key, session_id=SESSION):
    elements = {request.id: (type(request).__name__, request)}
    signature = None if key is None else made(elements, lambda o: ecdsa.sign(key, o))
    header = iso2.MessageHeader(session_id=session_id, signature=signature)
    return encode(Schema.ISO2, iso2.V2G_Message(header=header, body=request))


def installation(certificate):
    return iso2.CertificateInstallationReq(
        id="id1", oem_provisioning_cert=certificate, list_of_root_certificate_i_ds=ROOTS
    )


def update(credential, emaid=EMAID, subs=None):
    subs = credential.chain[1:] if subs is None else subs
    shown = iso2.CertificateChain(
        certificate=credential.chain[0],
        sub_certificates=iso2.SubCertificates(certificate=subs) if subs else None,
    )
    return iso2.CertificateUpdateReq(
        id="id1",
        contract_signature_cert_chain=shown,
        emaid=emaid,
        list_of_root_certificate_i_ds=ROOTS,
    )


def answered(lab, request, key, days=0):
    octets = service_of(lab).answer(
        written(request, key), (labs.NOW + timedelta(days)).timestamp()
    )
    return decode(Schema.ISO2, octets).message


def code(lab, request, key, days=0):
    return answered(lab, request, key, days).body.response_code.value


def maker(lab):
    return read_credential(lab / "chains/oem.oem_provisioning")


def holder(lab, place="chains/mo.contract"):
    return read_credential(lab / place)


def assert_whole(lab, message, receiver):
    """The answer is signed in its four parts, and its key is the contract's."""
    body = message.body
    parts = {
        getattr(body, field).id: (name, getattr(body, field)) for name, field in PARTS.items()
    }
    about = statement(message.header.signature, parts)
    signer = body.sa_provisioning_certificate_chain
    roots = read_trusted(lab / "chains/v2g-a.cps").roots
    leaf, _ = chain.follow_to_root(
        signer.certificate, signer.sub_certificates.certificate, roots, labs.NOW.timestamp()
    )
    assert ecdsa.holds(ecdsa.point_of(leaf.public_key()), about.signed, about.value)
    key = decrypt(
        body.contract_signature_encrypted_private_key.value, body.dh_public_key.value, receiver
    )
    certificate = body.contract_signature_cert_chain.certificate
    assert key.public_key() == x509.load_der_x509_certificate(certificate).public_key()


def test_a_car_with_its_maker_s_certificate_gets_the_contract_and_its_key(lab):
    car = maker(lab)
    message = answered(lab, installation(car.chain[0]), car.key)
    assert isinstance(message.body, iso2.CertificateInstallationRes)
    assert (message.body.response_code.value, message.body.emaid.value) == ("OK", EMAID)
    assert message.header.session_id == SESSION
    assert_whole(lab, message, car.key)


def test_a_car_with_a_contract_gets_another_in_its_place(lab):
    car = holder(lab)
    message = answered(lab, update(car), car.key)
    assert isinstance(message.body, iso2.CertificateUpdateRes)
    assert_whole(lab, message, car.key)


def test_without_the_signature_of_the_certificate_s_key_there_is_no_contract(lab):
    car, stranger = maker(lab), ec.generate_private_key(ec.SECP256R1())
    assert code(lab, installation(car.chain[0]), stranger) == "FAILED_SignatureError"
    assert code(lab, installation(car.chain[0]), None) == "FAILED_SignatureError"
    assert code(lab, update(holder(lab)), stranger) == "FAILED_SignatureError"


def test_a_certificate_that_has_expired_gets_none(lab):
    car = maker(lab)
    assert code(lab, installation(car.chain[0]), car.key, 1461) == "FAILED_CertificateExpired"
    car = holder(lab)
    assert code(lab, update(car), car.key, 731) == "FAILED_CertificateExpired"


def test_a_certificate_of_another_curve_or_none_at_all_gets_none(lab):
    odd = read_credential(lab / "specimens/contract-wrong-curve")
    assert code(lab, installation(b"certificate"), maker(lab).key) == "FAILED_CertChainError"
    assert code(lab, installation(odd.chain[0]), maker(lab).key) == "FAILED_CertChainError"


def test_a_certificate_of_another_tree_gets_none(lab):
    car = holder(lab)
    assert code(lab, installation(car.chain[0]), car.key) == "FAILED_CertChainError"
    secc = read_credential(lab / "chains/v2g-a.secc")
    assert code(lab, update(secc), secc.key) == "FAILED_CertChainError"
    foreign = (secc.chain[1], car.chain[2])
    assert code(lab, update(car, subs=foreign), car.key) == "FAILED_CertChainError"


def test_the_authorities_of_a_contract_have_to_be_in_their_order(lab):
    car = holder(lab)
    turned = update(car, subs=car.chain[:0:-1])
    assert code(lab, turned, car.key) == "FAILED_CertChainError"


@pytest.mark.parametrize("emaid", ["DE8AA1A2B3C4D6", "nothing at all"])
def test_another_contract_s_name_gets_none(lab, emaid):
    car = holder(lab)
    assert code(lab, update(car, emaid), car.key) == "FAILED_NoCertificateAvailable"


def test_a_contract_with_a_name_that_is_none_gets_none(lab):
    car = holder(lab, "specimens/contract-no-emaid")
    assert code(lab, update(car), car.key) == "FAILED_NoCertificateAvailable"


@pytest.mark.parametrize("octets", [b"", b"\x80\x98", None])
def test_what_is_no_request_for_a_contract_is_not_answered(lab, octets):
    header = iso2.MessageHeader(session_id=SESSION)
    other = iso2.V2G_Message(header=header, body=iso2.ChargingStatusReq())
    octets = encode(Schema.ISO2, other) if octets is None else octets
    with pytest.raises(PkiError, match="what came is no"):
        service_of(lab).answer(octets, 0.0)


def test_a_key_is_encrypted_anew_each_time_and_for_one_receiver():
    secret, receiver = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    first, second = (encrypt(secret, receiver.public_key()) for _ in range(2))
    assert first != second
    assert (len(first[0]), len(first[1])) == (65, 48)
    for point, octets in (first, second):
        got = decrypt(octets, point, receiver)
        assert got.private_numbers() == secret.private_numbers()


def test_a_folder_without_what_is_needed_is_named(lab, tmp_path):
    with pytest.raises(PkiError, match="is no chain with its key"):
        read_credential(tmp_path)
    with pytest.raises(PkiError, match="is not of a curve"):
        read_credential(lab / "chains/v2g-20-ed448.secc")
    (tmp_path / "chain.pem").write_bytes((lab / "chains/mo.contract/chain.pem").read_bytes())
    (tmp_path / "key.pem").write_bytes((lab / "chains/mo.contract/key.pem").read_bytes())
    with pytest.raises(PkiError, match="has no root"):
        read_trusted(tmp_path)


# Over a socket.


async def exchanged(lab, socket, octets):
    server = await listen(contracts(service_of(lab)), socket)
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(octets)
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    server.close()
    return answer


def test_over_a_socket_request_and_answer_come_behind_their_lengths(lab, tmp_path):
    car = maker(lab)
    request = written(installation(car.chain[0]), car.key)
    asked = struct.pack(">I", len(request)) + request
    answer = asyncio.run(exchanged(lab, tmp_path / "socket", asked))
    assert len(answer) == 4 + int.from_bytes(answer[:4])
    assert decode(Schema.ISO2, answer[4:]).message.body.response_code.value == "OK"


@pytest.mark.parametrize("octets", [b"", b"\0\0\0\0", b"\xff" * 4, b"\0\0\0\2xx"])
def test_over_a_socket_what_is_no_request_is_not_answered(lab, tmp_path, capsys, octets):
    assert asyncio.run(exchanged(lab, tmp_path / "socket", octets)) == b""
    assert capsys.readouterr().err.startswith("pki: ")


def test_a_socket_that_cannot_be_is_named(lab, tmp_path):
    with pytest.raises(PkiError, match="cannot serve"):
        asyncio.run(listen(contracts(service_of(lab)), tmp_path / "none" / "socket"))


def test_the_key_file_is_the_certificate_s(lab):
    key = load_pem_private_key((lab / "chains/mo.contract/key.pem").read_bytes(), None)
    [leaf, *_] = x509.load_pem_x509_certificates(
        (lab / "chains/mo.contract/chain.pem").read_bytes()
    )
    assert key.public_key() == leaf.public_key()
    assert holder(lab).chain[0] == leaf.public_bytes(Encoding.DER)
