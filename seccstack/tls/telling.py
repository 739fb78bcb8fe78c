"""TLS in words: what each message of a handshake says to people, and why one failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from seccstack.tls import extensions as ext
from seccstack.tls import handshake, names
from seccstack.tls.alerts import CLOSE_NOTIFY, LEVELS, UNKNOWN_CA, Alert
from seccstack.tls.certificates import CertificateText, read_certificate, read_name
from seccstack.tls.extensions import Extensions, TrustedAuthority
from seccstack.tls.handshake import (
    Certificate,
    CertificateRequest,
    CertificateStatus,
    CertificateVerify,
    ClientHello,
    EncryptedExtensions,
    KeyUpdate,
    ServerHello,
    ServerKeyExchange,
)
from seccstack.tls.observer import AlertSeen, HandshakeSeen

MAX_CERTIFICATES = 16  # described of a chain; V2G has four
MAX_LISTED = 64  # of anything else in a list
MAX_NAME = 255  # characters of a host; no more are a host name
ALERT = "Alert"


@dataclass(frozen=True, slots=True)
class Told:
    """A message in words."""

    name: str
    says: str
    details: Mapping[str, str] = field(default_factory=dict)
    fatal: bool = False


class Teller:
    """Tells the messages of one connection; remembers what explains a later alert."""

    def __init__(self) -> None:
        self._trusted: dict[str, tuple[TrustedAuthority, ...]] = {}  # by who said so
        self._chains: dict[str, tuple[CertificateText, ...]] = {}
        self._offered: ClientHello | None = None

    def handshake(self, seen: HandshakeSeen, who: str, other: str, time: float) -> Told:
        """Tell a handshake message; ``who`` has sent it to ``other``."""
        name = handshake.name_of(seen.kind)
        if seen.problem:
            return Told(name, f"can't be read: {seen.problem}", {"problem": seen.problem})
        match seen.message:
            case ClientHello() as hello:
                self._offered = hello
                self._trusted[who] = hello.extensions.trusted_ca_keys
                return Told(name, _offers(hello), _of_client_hello(hello))
            case ServerHello() as hello:
                return _server_hello(hello)
            case Certificate() as certificate:
                return self._certificate(name, certificate, who, time)
            case CertificateStatus(responses=responses):
                sizes = ", ".join(
                    f"{len(r)} octets" if r else "none" for r in responses[:MAX_LISTED]
                )
                says = f"proves by OCSP that its certificates are not revoked: {sizes}"
                return Told(name, says, {"responses": sizes})
            case CertificateRequest() as request:
                return _certificate_request(name, request)
            case ServerKeyExchange(group=group, signature=signature):
                return _key_exchange(name, group, signature)
            case CertificateVerify(signature=signature):
                scheme = names.name(names.SIGNATURES, signature)
                says = f"proves that it has its certificate's key, with {scheme}"
                return Told(name, says, {"signature": scheme})
            case EncryptedExtensions(extensions=found):
                details = {
                    "extensions": names.listed(names.EXTENSIONS, found.kinds[:MAX_LISTED])
                }
                return Told(name, f"adds {details['extensions'] or 'nothing'}", details)
            case KeyUpdate(requested=requested):
                more = f", and wants {other} to do so too" if requested else ""
                return Told(name, f"takes new keys{more}")
            case _:
                return Told(name, _plain(seen))

    def alert(self, seen: AlertSeen, who: str, other: str) -> Told:
        """Tell an alert; ``who`` has sent it to ``other``."""
        alert = seen.alert
        if alert is None:
            return Told(ALERT, "can't be read, for it is encrypted")
        level = LEVELS.get(alert.level, f"level {alert.level}")
        details = {"level": level, "description": alert.name}
        if alert.description == CLOSE_NOTIFY:
            return Told(ALERT, "close_notify: ends TLS in an orderly way", details)
        meaning = alert.meaning.replace("the other side", other)
        kind = "breaks off, for" if alert.fatal else "complains that"
        why = self._why(alert, who, other)
        return Told(ALERT, f"{alert.name}: {kind} {meaning}{why}", details, alert.fatal)

    def _certificate(self, name: str, message: Certificate, who: str, time: float) -> Told:
        if not message.chain:
            return Told(name, "shows no certificate", {"certificates": "0"})
        details = {"certificates": str(len(message.chain))}
        readable, faults = [], []
        for number, der in enumerate(message.chain[:MAX_CERTIFICATES], 1):
            found = read_certificate(der)
            key = f"certificate {number}"
            if found is None:
                details[key] = f"{len(der)} octets that can't be read"
                faults.append(f"no. {number} can't be read")
                continue
            readable.append(found)
            details |= _certificate_details(key, found)
            if fault := found.fault_at(time):
                details[f"{key} fault"] = fault
                faults.append(f"{found.owner} is {fault}")
        stapled = [len(status) for status in message.statuses if status]
        if stapled:
            details["ocsp"] = ", ".join(f"{size} octets" for size in stapled[:MAX_LISTED])
        self._chains[who] = tuple(readable)
        return Told(name, _shows(len(message.chain), readable, len(stapled), faults), details)

    def _why(self, alert: Alert, who: str, other: str) -> str:
        """Say what the messages before tell about the cause."""
        chain = self._chains.get(other, ())
        if alert.description == UNKNOWN_CA and chain:
            return self._unknown_ca(who, chain[-1])
        if alert.name == "certificate_expired" and chain:
            return "; " + ", ".join(f"{c.owner} is valid from {c.period}" for c in chain)
        if alert.name in ("handshake_failure", "protocol_version") and self._offered:
            offer = self._offered
            what = f"{names.listed(names.VERSIONS, offer.versions)} with " + names.listed(
                names.SUITES, offer.cipher_suites[:MAX_LISTED]
            )
            return f"; on offer were {what}"
        return ""

    def _unknown_ca(self, who: str, last: CertificateText) -> str:
        ends = f"; they end with {last.owner}, issued by {last.issued_by}"
        roots = self._trusted.get(who, ())
        if not roots:
            return ends
        listed = ", ".join(told_root(root) for root in roots[:MAX_LISTED])
        if any(last.leads_to(root) for root in roots):
            return f"{ends}, though that is among the roots that it has named ({listed})"
        return f"{ends}; it has named these roots: {listed}"


def told_root(root: TrustedAuthority) -> str:
    """Return what trusted_ca_keys names a root by, in words."""
    return read_name(root.octets) if root.kind == ext.X509_NAME else str(root)


def _server_hello(hello: ServerHello) -> Told:
    details = {
        "version": names.name(names.VERSIONS, hello.version),
        "cipher_suite": names.name(names.SUITES, hello.cipher_suite),
        "extensions": names.listed(names.EXTENSIONS, hello.extensions.kinds[:MAX_LISTED]),
    }
    group = names.listed(names.GROUPS, hello.extensions.key_shares)
    if group:
        details["group"] = group
    if hello.retry:
        return Told("HelloRetryRequest", f"asks for a share in {group or 'no group'}", details)
    with_group = f", {group}" if group else ""
    says = f"chooses {details['version']}, {details['cipher_suite']}{with_group}"
    return Told("ServerHello", says, details)


def _key_exchange(name: str, group: int | None, signature: int | None) -> Told:
    if group is None or signature is None:
        return Told(name, "sends its share of the secret")
    details = {
        "group": names.name(names.GROUPS, group),
        "signature": names.name(names.SIGNATURES, signature),
    }
    says = f"sends its share of the secret in {details['group']}, signed with "
    return Told(name, says + details["signature"], details)


def _certificate_request(name: str, request: CertificateRequest) -> Told:
    details = {
        "signature_algorithms": names.listed(
            names.SIGNATURES, request.signature_algorithms[:MAX_LISTED]
        ),
        "certificate_authorities": "; ".join(map(read_name, request.authorities[:MAX_LISTED])),
    }
    says = "asks for a certificate"
    if request.authorities:
        says += f" of {details['certificate_authorities']}"
    return Told(name, says, details)


def _of_client_hello(hello: ClientHello) -> dict[str, str]:
    """Return the fields of a ClientHello that are there, in words."""
    found = hello.extensions
    fields = {
        "versions": names.listed(names.VERSIONS, hello.versions[:MAX_LISTED]),
        "cipher_suites": names.listed(names.SUITES, hello.cipher_suites[:MAX_LISTED]),
        "supported_groups": names.listed(names.GROUPS, found.supported_groups[:MAX_LISTED]),
        "signature_algorithms": names.listed(
            names.SIGNATURES, found.signature_algorithms[:MAX_LISTED]
        ),
        "key_share": names.listed(names.GROUPS, found.key_shares[:MAX_LISTED]),
        "server_name": found.server_name[:MAX_NAME],
        "trusted_ca_keys": "; ".join(map(told_root, found.trusted_ca_keys[:MAX_LISTED])),
        "certificate_authorities": "; ".join(
            map(read_name, found.certificate_authorities[:MAX_LISTED])
        ),
        "status_request": _statuses(found),
        "extensions": names.listed(names.EXTENSIONS, found.kinds[:MAX_LISTED]),
    }
    return {key: value for key, value in fields.items() if value}


def _statuses(found: Extensions) -> str:
    kinds = {ext.OCSP: "ocsp", ext.OCSP_MULTI: "ocsp_multi"}
    return ", ".join(kinds.get(kind, str(kind)) for kind in found.status_request[:MAX_LISTED])


def _offers(hello: ClientHello) -> str:
    details = _of_client_hello(hello)
    parts = [f"offers {details['versions']} with {details.get('cipher_suites', 'no suite')}"]
    for key, says in (
        ("supported_groups", "groups"),
        ("trusted_ca_keys", "names the roots"),
        ("certificate_authorities", "names the authorities"),
        ("status_request", "wants to see that nothing is revoked, by"),
    ):
        if key in details:
            parts.append(f"{says} {details[key]}")
    if ext.TRUSTED_CA_KEYS in hello.extensions and not hello.extensions.trusted_ca_keys:
        parts.append("names no root (trusted_ca_keys is empty)")
    return "; ".join(parts)


def _certificate_details(key: str, found: CertificateText) -> dict[str, str]:
    return {
        f"{key} subject": found.subject,
        f"{key} issuer": found.issuer,
        f"{key} valid": found.period,
        f"{key} key": found.key,
        f"{key} serial": found.serial,
    }


def _shows(
    count: int, readable: Sequence[CertificateText], stapled: int, faults: Sequence[str]
) -> str:
    says = f"shows {count} certificate{'s' if count > 1 else ''}"
    if readable:
        says += f": {readable[0].owner}"
        own = readable[-1].self_signed
        says += ", up to the root" if own else f", up to one issued by {readable[-1].issued_by}"
    says += f", with {stapled} OCSP response{'s' if stapled > 1 else ''}" if stapled else ""
    return says + "".join(f"; {fault}" for fault in faults)


def _plain(seen: HandshakeSeen) -> str:
    """Tell a message that says nothing but that it is there."""
    if seen.message is None:
        return "ends its part of the handshake (encrypted)"
    return {
        handshake.FINISHED: "ends its part of the handshake",
        handshake.NEW_SESSION_TICKET: "gives a ticket for the next connection",
        16: "sends its share of the secret",
        14: "has said its part of the hello",
        0: "wants to negotiate anew",
        5: "ends its early data",
    }.get(seen.kind, "is sent")
