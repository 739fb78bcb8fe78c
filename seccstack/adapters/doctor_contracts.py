"""What `seccstack doctor` sees of contracts: roots, lists of the revoked, who provides them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography import x509

from seccstack.adapters.certificate_files import read_file, read_lists, read_roots
from seccstack.config import Contract
from seccstack.doctor.finding import Finding, fail, ok, warn

CHECK = "contracts"
DAY = 86400.0
SOON = 30 * DAY  # before a root's end its successor is due
ROOTS = "contract.roots"


def examine_contracts(config: Contract, now: float) -> list[Finding]:
    """Look at every file that is named, and at the service's socket."""
    found = [finding for name in config.roots for finding in root_file(name, now)]
    for name in config.lists:
        found.append(list_file(name, config.revocation == "hard", now))
    if config.provisioning and not Path(config.provisioning).is_socket():
        why = f"there is no provisioning service at {config.provisioning}"
        found.append(warn(CHECK, why, "start it; until then vehicles are given no contract"))
    return found


def root_file(name: str, now: float, check: str = CHECK, key: str = ROOTS) -> Iterator[Finding]:
    """Look at a file of roots; ``key``: where it is named."""
    try:
        roots = read_roots(read_file(name))
    except (OSError, ValueError) as error:
        remedy = f"name a file of certificates in PEM in {key}"
        yield fail(check, f"{name} is of no use: {error}", remedy)
        return
    for root in roots:
        yield _root(root, now, check, f"give {key} its successor")


def _root(root: x509.Certificate, now: float, check: str, renew: str) -> Finding:
    name, left = root.subject.rfc4514_string(), root.not_valid_after_utc.timestamp() - now
    if left < 0:
        return fail(check, f"root {name} has expired", renew)
    said = f"root {name} is valid for {left / DAY:.0f} days"
    return warn(check, said, renew) if left < SOON else ok(check, said)


def list_file(name: str, needed: bool, now: float, check: str = CHECK) -> Finding:
    """Look at a list of the revoked; ``needed``: one that it says nothing of is refused."""
    verdict = fail if needed else warn
    remedy = "fetch it anew" if needed else "fetch it anew: what it does not name is taken"
    try:
        [listed] = read_lists(read_file(name))
    except (OSError, ValueError) as error:
        return verdict(check, f"{name} is of no use: {error}", remedy)
    until, issuer = listed.next_update_utc, listed.issuer.rfc4514_string()
    if until is None or until.timestamp() < now:
        return verdict(check, f"the list of {issuer} is out of date", remedy)
    days = (until.timestamp() - now) / DAY
    return ok(check, f"the list of {issuer} names {len(listed)}, good for {days:.0f} days")
