"""What a cipher suite is made of; its name tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from seccstack.tls.names import SUITES

_NAME = re.compile(
    r"TLS_(?:(?P<exchange>\w+)_WITH_)?(?:AES_(?P<bits>128|256)|CHACHA20)_"
    r"(?P<mode>CBC|GCM|CCM_8|CCM|POLY1305)(?:_(?P<hash>SHA\d*))?"
)
HASHES = {None: "sha256", "SHA": "sha1", "SHA256": "sha256", "SHA384": "sha384"}
OLDEST = "sha256"  # what derives keys for suites with an older hash (RFC 5246, section 5)


@dataclass(frozen=True, slots=True)
class Suite:
    """A cipher suite."""

    mode: str  # CBC, GCM, CCM, CCM_8, POLY1305
    key_size: int
    hash: str  # that derives keys
    mac: str  # of CBC; of the others, none is needed
    tls_1_3: bool


def suite_of(number: int) -> Suite | None:
    """Return what a suite is made of, if it is one that can be read here."""
    found = _NAME.fullmatch(SUITES.get(number, ""))
    if found is None:
        return None
    mac = HASHES[found["hash"]]
    return Suite(
        mode=found["mode"],
        key_size=int(found["bits"] or 256) // 8,
        hash=OLDEST if mac == "sha1" else mac,
        mac=mac,
        tls_1_3=found["exchange"] is None,
    )
