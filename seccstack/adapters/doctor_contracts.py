"""What `seccstack doctor` sees of contracts: roots, lists of the revoked, who provides them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from seccstack.adapters.verification import read_file, read_lists, read_roots
from seccstack.config import Contract
from seccstack.doctor.finding import Finding, fail, ok, warn

CHECK = "contracts"
DAY = 86400.0
SOON = 30 * DAY  # before a root's end its successor is due
RENEW = "give contract.roots the operator's new root"


def examine_contracts(config: Contract, now: float) -> list[Finding]:
    """Look at every file that is named, and at the service's socket."""
    found = [finding for name in config.roots for finding in _root_file(name, now)]
    for name in config.lists:
        found.append(_list_file(name, config.revocation == "hard", now))
    if config.provisioning and not Path(config.provisioning).is_socket():
        why = f"there is no provisioning service at {config.provisioning}"
        found.append(warn(CHECK, why, "start it; until then vehicles are given no contract"))
    return found


def _root_file(name: str, now: float) -> Iterator[Finding]:
    try:
        roots = read_roots(read_file(name))
    except (OSError, ValueError) as error:
        remedy = "name a file of certificates in PEM in contract.roots"
        yield fail(CHECK, f"{name} is of no use: {error}", remedy)
        return
    for root in roots:
        yield _root(root, now)


def _root(root: x509.Certificate, now: float) -> Finding:
    name, left = root.subject.rfc4514_string(), root.not_valid_after_utc.timestamp() - now
    if left < 0:
        return fail(CHECK, f"root {name} has expired", RENEW)
    said = f"root {name} is valid for {left / DAY:.0f} days"
    return warn(CHECK, said, RENEW) if left < SOON else ok(CHECK, said)


def _list_file(name: str, needed: bool, now: float) -> Finding:
    verdict = fail if needed else warn
    remedy = "fetch it anew" if needed else "fetch it anew: what it does not name is taken"
    try:
        [listed] = read_lists(read_file(name))
    except (OSError, ValueError) as error:
        return verdict(CHECK, f"{name} is of no use: {error}", remedy)
    until, issuer = listed.next_update_utc, listed.issuer.rfc4514_string()
    if until is None or until.timestamp() < now:
        return verdict(CHECK, f"the list of {issuer} is out of date", remedy)
    days = (until.timestamp() - now) / DAY
    return ok(CHECK, f"the list of {issuer} names {len(listed)}, good for {days:.0f} days")
