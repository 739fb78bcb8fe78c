"""The alerts of TLS (RFC 5246, 6066, 8446), and what each means at a charging cable."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from seccstack.tls.cursor import Cursor

WARNING, FATAL = 1, 2
LEVELS: Mapping[int, str] = {WARNING: "warning", FATAL: "fatal"}

CLOSE_NOTIFY, USER_CANCELED, NO_RENEGOTIATION = 0, 90, 100
PEACEFUL = frozenset({CLOSE_NOTIFY, USER_CANCELED, NO_RENEGOTIATION})

UNKNOWN_CA = 48

# Name, and what its sender found. "It" is the sender, "the other side" who receives it.
ALERTS: Mapping[int, tuple[str, str]] = {
    0: ("close_notify", "it has nothing more to say"),
    10: ("unexpected_message", "it got a message that does not belong there"),
    20: ("bad_record_mac", "it got a record that its keys do not open"),
    21: ("decryption_failed", "it could not decrypt a record"),
    22: ("record_overflow", "it got a record that is too long"),
    30: ("decompression_failure", "it could not decompress a record"),
    40: (
        "handshake_failure",
        "it has no cipher suite, group or signature scheme in common with the other side, "
        "or misses its certificate",
    ),
    41: ("no_certificate", "it has no certificate to show"),
    42: ("bad_certificate", "a certificate of the other side is damaged or wrongly signed"),
    43: (
        "unsupported_certificate",
        "a certificate of the other side is of a kind it can't use",
    ),
    44: ("certificate_revoked", "a certificate of the other side is revoked"),
    45: (
        "certificate_expired",
        "a certificate of the other side has expired, or its clock is wrong",
    ),
    46: (
        "certificate_unknown",
        "it does not accept the other side's certificate, and doesn't say why",
    ),
    47: ("illegal_parameter", "it got a field that contradicts the standard or other fields"),
    48: ("unknown_ca", "it knows no root that the other side's certificates lead to"),
    49: ("access_denied", "it accepts the certificate, but won't let its owner in"),
    50: ("decode_error", "it could not read a message"),
    51: ("decrypt_error", "a signature or the handshake's checksum did not verify"),
    60: ("export_restriction", "it refuses for an export rule that no longer exists"),
    70: ("protocol_version", "it speaks no version of TLS that the other side offers"),
    71: ("insufficient_security", "all that the other side offers is too weak for it"),
    80: ("internal_error", "it failed for a reason of its own"),
    86: ("inappropriate_fallback", "the other side tries an older version than it needs to"),
    90: ("user_canceled", "it gives up, for no reason of TLS"),
    100: ("no_renegotiation", "it does not want to negotiate anew"),
    109: ("missing_extension", "it misses an extension that must be there"),
    110: ("unsupported_extension", "it got an extension that it did not ask for"),
    111: ("certificate_unobtainable", "it could not fetch a certificate"),
    112: ("unrecognized_name", "it is not the host that the other side asks for"),
    113: (
        "bad_certificate_status_response",
        "the OCSP response for the other side's certificate is missing, stale or wrong",
    ),
    114: ("bad_certificate_hash_value", "a certificate is not the one that was announced"),
    115: ("unknown_psk_identity", "it does not know the other side's pre-shared key"),
    116: ("certificate_required", "the other side must show a certificate, and did not"),
    120: ("no_application_protocol", "it speaks no application protocol that is offered"),
}


@dataclass(frozen=True, slots=True)
class Alert:
    """Alert: its sender closes the connection, or complains."""

    level: int
    description: int

    @staticmethod
    def decode(fragment: bytes) -> Alert:
        """Take a record's content."""
        cursor = Cursor(fragment, "Alert")
        alert = Alert(cursor.number(1), cursor.number(1))
        cursor.finish()
        return alert

    @property
    def name(self) -> str:
        """What the standard calls it."""
        return ALERTS[self.description][0] if self.known else f"alert {self.description}"

    @property
    def meaning(self) -> str:
        """What its sender found, as a clause with "it" for the sender."""
        return ALERTS[self.description][1] if self.known else "it found something unheard of"

    @property
    def known(self) -> bool:
        """Whether the standard has it."""
        return self.description in ALERTS

    @property
    def fatal(self) -> bool:
        """Whether it ends the connection for a fault. TLS 1.3 ignores the level."""
        return self.level == FATAL or self.description not in PEACEFUL
