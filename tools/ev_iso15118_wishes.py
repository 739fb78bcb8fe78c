"""What the EVCC of `iso15118` can say and never wants: services, and another contract.

It asks for no service but the one that gives a contract, and has no state for an update of
that. Both are added here beside its own states: messages, codec, signatures and how a key is
decrypted are the package's. All but one thing: its codec cannot write a CertificateUpdateReq
alone, as it is signed (there is none in its list of fragments), so that is done by ours.
"""

from __future__ import annotations

import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from iso15118.evcc.states import iso15118_2_states as states  # type: ignore[import-not-found]
from iso15118.evcc.states.evcc_state import StateEVCC  # type: ignore[import-not-found]
from iso15118.shared import security  # type: ignore[import-not-found]
from iso15118.shared.exi_codec import EXI, CustomJSONEncoder  # type: ignore[import-not-found]
from iso15118.shared.messages.datatypes import (  # type: ignore[import-not-found]
    SelectedService,
)
from iso15118.shared.messages.enums import Namespace, Protocol  # type: ignore[import-not-found]
from iso15118.shared.messages.iso15118_2 import body  # type: ignore[import-not-found]
from iso15118.shared.messages.iso15118_2.datatypes import (  # type: ignore[import-not-found]
    RootCertificateIDList,
)
from iso15118.shared.messages.iso15118_2.timeouts import (  # type: ignore[import-not-found]
    Timeouts,
)
from iso15118.shared.messages.xmldsig import X509IssuerSerial  # type: ignore[import-not-found]
from iso15118.shared.security import (  # type: ignore[import-not-found]
    CertPath,
    KeyEncoding,
    KeyPath,
)

from seccstack.messages.for_iso15118 import SeccstackEXICodec


class ServiceDiscovery(states.ServiceDiscovery):  # type: ignore[misc]
    """The package's own state, in which a vehicle looks at services and takes them."""

    async def select_services(self, service_discovery_res: Any) -> None:
        """Select what is wanted, each with one of its parameter sets."""
        await super().select_services(service_discovery_res)
        for number, parameter_set in self.comm_session.ev_controller.services.items():
            wanted = SelectedService(service_id=number, parameter_set_id=parameter_set)
            self.comm_session.service_details_to_request.append(number)
            self.comm_session.selected_services.append(wanted)


class PaymentServiceSelection(states.PaymentServiceSelection):  # type: ignore[misc]
    """The package's own state; it goes on to an update, if the vehicle wants one."""

    async def process_message(self, message: Any, message_exi: bytes | None = None) -> None:
        """Ask for another contract for the one there is."""
        if not self.comm_session.ev_controller.updates:
            await super().process_message(message, message_exi)
        elif self.check_msg_v2(message, body.PaymentServiceSelectionRes):
            request = _update()
            self.create_next_message(
                CertificateUpdate,
                request,
                Timeouts.CERTIFICATE_UPDATE_REQ,
                Namespace.ISO_V2_MSG_DEF,
                signature=_signed(request),
            )


class CertificateUpdate(StateEVCC):  # type: ignore[misc]
    """Takes the new contract as the package takes its first one, and pays by it."""

    def __init__(self, comm_session: Any) -> None:
        super().__init__(comm_session, Timeouts.CERTIFICATE_UPDATE_REQ)

    async def process_message(self, message: Any, message_exi: bytes | None = None) -> None:
        """Verify the signature, decrypt the key, and tell what came of it."""
        found = self.check_msg_v2(message, body.CertificateUpdateRes)
        if not found:
            return
        response = found.body.certificate_update_res
        told = {
            "verified": _verified(response, found.header.signature),
            "fits": _fits(response),
        }
        print(json.dumps({"event": "updated", **told}), flush=True)
        self.create_next_message(
            states.PaymentDetails,
            body.PaymentDetailsReq(emaid=response.emaid.value, cert_chain=_chain()),
            Timeouts.PAYMENT_DETAILS_REQ,
            Namespace.ISO_V2_MSG_DEF,
        )


def install() -> None:
    """Have the package's states be these."""
    states.ServiceDiscovery = ServiceDiscovery
    states.PaymentServiceSelection = PaymentServiceSelection
    # Its model of the request has the type that the schema has in the response: with an Id.
    plain = body.PaymentDetailsReq.__fields__["emaid"]
    body.CertificateUpdateReq.__fields__["emaid"] = plain


def _chain(**how: str) -> Any:
    return security.load_cert_chain(
        protocol=Protocol.ISO_15118_2,
        leaf_path=CertPath.CONTRACT_LEAF_DER,
        sub_ca2_path=CertPath.MO_SUB_CA2_DER,
        sub_ca1_path=CertPath.MO_SUB_CA1_DER,
        **how,
    )


def _key() -> Any:
    password = security.KeyPasswordPath.CONTRACT_LEAF_KEY_PASSWORD
    return security.load_priv_key(KeyPath.CONTRACT_LEAF_PEM, KeyEncoding.PEM, password)


def _update() -> Any:
    issuer, serial = security.get_cert_issuer_serial(CertPath.V2G_ROOT_DER)
    root = X509IssuerSerial(x509_issuer_name=issuer, x509_serial_number=serial)
    name = security.get_cert_cn(security.load_cert(CertPath.CONTRACT_LEAF_DER))
    return body.CertificateUpdateReq(
        id="id1",
        contract_cert_chain=_chain(),
        emaid=name,
        list_of_root_cert_ids=RootCertificateIDList(x509_issuer_serials=[root]),
    )


def _signed(request: Any) -> Any:
    named = {"CertificateUpdateReq": request.dict(by_alias=True, exclude_none=True)}
    text = json.dumps(named, cls=CustomJSONEncoder)
    octets = SeccstackEXICodec().encode(text, Namespace.ISO_V2_MSG_DEF.value)
    return security.create_signature([(request.id, octets)], _key())


def _verified(response: Any, signature: Any) -> bool:
    parts = (
        response.contract_cert_chain,
        response.encrypted_private_key,
        response.dh_public_key,
        response.emaid,
    )
    chain = response.cps_cert_chain
    return bool(
        security.verify_signature(
            signature=signature,
            elements_to_sign=[
                (part.id, EXI().to_exi(part, Namespace.ISO_V2_MSG_DEF)) for part in parts
            ],
            leaf_cert=chain.certificate,
            sub_ca_certs=chain.sub_certificates.certificates,
            root_ca_cert=security.load_cert(CertPath.V2G_ROOT_DER),
        )
    )


def _fits(response: Any) -> bool:
    """Whether the key that came is the new certificate's."""
    secret = security.decrypt_priv_key(
        encrypted_priv_key_with_iv=response.encrypted_private_key.value,
        ecdh_priv_key=_key(),
        ecdh_pub_key=security.to_ec_pub_key(response.dh_public_key.value),
    )
    key = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
    certificate = load_der_x509_certificate(response.contract_cert_chain.certificate)
    return bool(certificate.public_key() == key.public_key())
