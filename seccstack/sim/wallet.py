"""What a simulated vehicle pays with: a contract's certificates, and who signs with its key."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from seccstack.messages import iso2
from seccstack.messages.iso2 import PaymentOption
from seccstack.messages.xmldsig import Signature
from seccstack.session import signature

ID = "id1"  # of the only element that a message of a vehicle signs
SIGNED = (iso2.AuthorizationReq, iso2.MeteringReceiptReq)


@dataclass(frozen=True, slots=True)
class Wallet:
    """A contract; ``chain`` in DER, its own certificate first; ``sign`` makes r and s, raw."""

    emaid: str
    chain: tuple[bytes, ...]
    sign: Callable[[bytes], bytes] = field(repr=False)

    def details(self) -> iso2.PaymentDetailsReq:
        """Show the contract."""
        subs = iso2.SubCertificates(certificate=self.chain[1:]) if self.chain[1:] else None
        shown = iso2.CertificateChain(certificate=self.chain[0], sub_certificates=subs)
        return iso2.PaymentDetailsReq(emaid=self.emaid, contract_signature_cert_chain=shown)

    def signature(self, request: Any) -> Signature | None:
        """Sign a request, if it is one that has to be, and has its Id."""
        if not isinstance(request, SIGNED) or request.id is None:
            return None
        return signature.made({request.id: (type(request).__name__, request)}, self.sign)


def accepted(wallet: Wallet | None, response: iso2.ServiceDiscoveryRes) -> bool:
    """Whether the vehicle has a contract, and the charger takes one."""
    options = response.payment_option_list.payment_option
    return wallet is not None and PaymentOption.CONTRACT in options


def proof(response: iso2.PaymentDetailsRes) -> iso2.AuthorizationReq:
    """Give the challenge back, to be signed."""
    return iso2.AuthorizationReq(id=ID, gen_challenge=response.gen_challenge)


def receipt(
    session_id: bytes, response: iso2.ChargingStatusRes | iso2.CurrentDemandRes
) -> iso2.MeteringReceiptReq | None:
    """Give the meter's reading back, to be signed, if that is wanted."""
    if not response.receipt_required or response.meter_info is None:
        return None
    return iso2.MeteringReceiptReq(
        id=ID,
        session_id=session_id,
        sa_schedule_tuple_id=response.sa_schedule_tuple_id,
        meter_info=response.meter_info,
    )
