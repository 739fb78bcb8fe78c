"""The certificate that a vehicle shows in the TLS handshake: a proof, not a claim."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleCertificate:
    """One whose chain led to a root of ours, and whose key the vehicle holds.

    ``name``: the common name of its subject, whatever it says; ``issuer``: of whom it is;
    ``root``: whose certificate the chain ends at; ``digest``: SHA-512 of the certificate in
    DER; ``ends``: in seconds since 1970. ``holder``: whose it is, in hexadecimal: that is the
    same when a certificate is renewed below the same root.
    """

    name: str
    issuer: str
    digest: bytes
    ends: float
    root: str = ""
    holder: str = ""
