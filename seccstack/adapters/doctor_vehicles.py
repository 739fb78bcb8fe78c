"""What `seccstack doctor` sees of TLS 1.3, in which vehicles show certificates, too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cryptography import x509

from seccstack.adapters.certificate_files import read_file, read_roots
from seccstack.adapters.doctor_contracts import list_file, root_file
from seccstack.adapters.tls_chains import Chain
from seccstack.auth.chain import ISO20, curve_of
from seccstack.config_tls import Tls
from seccstack.doctor.finding import Finding, fail, ok, warn
from seccstack.tls import names

CHECK, ROOTS = "vehicles", "tls.vehicle_roots"
CURVES = " and ".join(ISO20.signatures)


def examine_vehicles(tls: Tls, chains: Sequence[Chain], now: float) -> list[Finding]:
    """Look at our own chains for it, and at whose certificates of vehicles are good."""
    ours = [chain for chain in chains if chain.offer.version == names.TLS_1_3]
    if not ours and not tls.vehicle_roots:
        why = "no chain is for TLS 1.3, so ISO 15118-20 is spoken to none of them"
        return [ok(CHECK, why)]
    found = [_chain(chain) for chain in ours]
    if not ours:
        why = f"{ROOTS} names roots, and no chain is for TLS 1.3, in which they count"
        found.append(warn(CHECK, why, "name a chain on secp521r1 or ed448 in tls.chains"))
    for name in tls.vehicle_roots:
        found += [*root_file(name, now, CHECK, ROOTS), *_curves(name)]
    hard = tls.vehicle_revocation == "hard"
    found += [list_file(name, hard, now, CHECK) for name in tls.vehicle_lists]
    return [*found, *_policy(tls)]


def _chain(chain: Chain) -> Finding:
    foreign = _foreign(chain.certificates)
    if foreign:
        why = f"{chain.offer.name} is for ISO 15118-20, and has {foreign}"
        return fail(CHECK, why, f"have a chain issued that is on {CURVES} throughout")
    if not chain.offer.anchor.certificate_sha1:
        why = f"{chain.offer.name} has no root.pem, by which vehicles may name its root"
        return ok(CHECK, why)
    return ok(CHECK, f"{chain.offer.name} is for ISO 15118-20, on curves that it has")


def _curves(name: str) -> Iterator[Finding]:
    """Say which roots no vehicle's chain of ISO 15118-20 can lead to."""
    try:
        roots = read_roots(read_file(name))
    except (OSError, ValueError):
        return  # said already
    if foreign := _foreign(roots):
        remedy = f"ask for the one that is on {CURVES}"
        yield warn(CHECK, f"{name} is of no use for ISO 15118-20: it has {foreign}", remedy)


def _foreign(certificates: Sequence[x509.Certificate]) -> str:
    found = {str(curve_of(one.public_key())) for one in certificates} - set(ISO20.signatures)
    return f"a certificate on {', '.join(sorted(found))}" if found else ""


def _policy(tls: Tls) -> Iterator[Finding]:
    if tls.profile == "lab":
        why = "ISO 15118-20 is spoken to who has shown nothing, as in a lab"
        yield warn(CHECK, why, 'set tls.profile = "standard" where vehicles are strangers')
    if tls.vehicle == "accept":
        why = "one without a certificate is served in TLS 1.3, in ISO 15118-2 alone"
        yield ok(CHECK, why)
    elif not tls.vehicle_roots:
        why = "in TLS 1.3 each has to show a certificate, and nobody's root is known here"
        remedy = f"name the roots of makers and of V2G in {ROOTS}"
        yield fail(CHECK, why, remedy)
