"""Names that stand for vehicles, cards and contracts where others may read along.

A name is a keyed hash (HMAC-SHA256) of what it stands for: who has the key finds out whether it
is a vehicle they know, and nobody else does, though there are few enough addresses to try them
all. 65 bits of it are kept: that two of a million vehicles share a name has a chance of 10^-8.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from typing import Any

from seccstack.auth import emaid
from seccstack.auth.addresses import format_mac
from seccstack.auth.vehicle import mac_from_ipv6

KEY_OCTETS = 32
LETTERS = 13  # of 5 bits each
MAX_REMEMBERED = 64  # EVCCIDs of vehicles that were here last: they look like any text

# What each looks like inside a text.
NOT_AFTER, NOT_BEFORE = "(?<![0-9A-Za-z:-])", "(?![0-9A-Za-z:-])"
BARE_MAC = "(?<![0-9A-Za-z])[0-9A-Fa-f]{12}(?![0-9A-Za-z])"  # hyphens are in names of files
PAIRS = "[0-9A-Fa-f]{2}(?P<by>[:-])(?:[0-9A-Fa-f]{2}(?P=by)){4}[0-9A-Fa-f]{2}"
SPACED_MAC = f"{NOT_AFTER}{PAIRS}{NOT_BEFORE}"
IPV6 = f"{NOT_AFTER}[0-9A-Fa-f]{{0,4}}(?::[0-9A-Fa-f]{{0,4}}){{2,7}}{NOT_BEFORE}"
CARD = r"(?<=\bcard )(?:[0-9A-Fa-f]{20}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{8})(?![0-9A-Za-z])"
DIGIT_AHEAD = "(?=[A-Z0-9-]*[0-9])"  # words in capitals have none
EMAID_SHAPE = "[A-Z]{2}-?[A-Z0-9]{3}-?[A-Z0-9]{9}(?:-?[A-Z0-9])?"
EMAID = f"{NOT_AFTER}{DIGIT_AHEAD}{EMAID_SHAPE}{NOT_BEFORE}"
OWN_EMAID = f"(?<=contract )(?i:{EMAID_SHAPE}){NOT_BEFORE}"  # as certificates may write it
# Many vehicles make theirs of their MAC address.
RUN_ID = (
    r"(?<=RunID is )[0-9A-F]{16}|(?<=RunID )[0-9A-F]{16}|"
    r"(?<=RunID [0-9A-F]{16} and )[0-9A-F]{16}"
)
CERTIFICATE = r"(?<![0-9A-Za-z])[0-9A-Fa-f]{64}(?![0-9A-Za-z])"
# Octets or a text that a vehicle sends, where our own sentences quote it.
EVCCID = (
    r"(?<=EVCCID is )[^\s,;]+(?=,)|(?<=, registered is )[^\s,;]+|"
    r"(?<=EVCCID )[^\s,;]+(?= is not a MAC)|(?<=\bit calls itself )[^\s,;]+|"
    r"(?<=EVCCID changed within the plug-in: ).*"
)
# What a vehicle's certificate calls it, where that is refused: not what authorities are called.
COMMON_NAME = r"(?<=\bCN=)(?=[A-Z0-9]*[0-9])[A-Z0-9]{14,64}(?![^\s,;:+])"
NAME = re.compile(r"(?:mac|uid|emaid)-[a-z2-7]{13}")
UID_KEYS = frozenset({"uid", "card"})
EVCCID_KEYS = frozenset({"evccid"})
EMAID_KEYS = frozenset({"emaid"})
RUN_ID_KEYS = frozenset({"run_id"})


class Pseudonyms:
    """The names that one box gives."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._evccids: dict[str, None] = {}  # in the order in which they came
        self._patterns: list[tuple[re.Pattern[str], Callable[[str], str]]] = [
            (re.compile(IPV6), self._ipv6),
            (re.compile(SPACED_MAC), self.mac),
            (re.compile(EVCCID), self._quoted),
            (re.compile(CARD), self.uid),
            (re.compile(BARE_MAC), self.mac),
            (re.compile(OWN_EMAID), self.emaid),
            (re.compile(EMAID), self.emaid),
            (re.compile(COMMON_NAME), self.evccid),
            (re.compile(CERTIFICATE), self._certificate),
            (re.compile(RUN_ID), self._run_id),
        ]

    def mac(self, mac: str) -> str:
        """Name a MAC address, with separators or without."""
        return self._name("mac", re.sub("[:-]", "", mac).upper())

    def uid(self, uid: str) -> str:
        """Name a card."""
        return self._name("uid", uid.upper())

    def emaid(self, text: str) -> str:
        """Name a contract, however its eMAID is written."""
        return self._name("emaid", emaid.normal(text) or text)

    def evccid(self, text: str) -> str:
        """Name what a vehicle sends: the address, if it is one."""
        if re.fullmatch(BARE_MAC, text):
            return self.mac(text)
        return self._name("evccid", text) if text else text

    def hide(self, value: Any, key: str = "") -> Any:
        """Return a value with all that names somebody replaced; ``key``: what it is called."""
        if isinstance(value, str):
            return self._hidden(value, key)
        if isinstance(value, bytes):
            return self._hidden(value.hex().upper(), key)
        if isinstance(value, dict):
            return {name: self.hide(item, str(name)) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.hide(item, key) for item in value]
        return value

    def _hidden(self, text: str, key: str) -> str:
        if key in UID_KEYS:
            return self.uid(text)
        if key in EVCCID_KEYS:
            self._remember(text)
            return self.evccid(text)
        if key in EMAID_KEYS:
            return self.emaid(text)
        if key in RUN_ID_KEYS:
            return self._run_id(text)
        for pattern, name in self._patterns:
            text = pattern.sub(lambda found, name=name: name(found[0]), text)  # type: ignore[misc]
        for said in self._evccids:
            text = text.replace(said, self.evccid(said))
        return text

    def _remember(self, evccid: str) -> None:
        """Know an EVCCID again inside a text, unless words may have it in them."""
        if len(evccid) < 2 * 4 or re.fullmatch(BARE_MAC, evccid):
            return
        self._evccids.pop(evccid, None)
        self._evccids[evccid] = None
        if len(self._evccids) > MAX_REMEMBERED:
            del self._evccids[next(iter(self._evccids))]

    def _quoted(self, text: str) -> str:
        return ", then ".join(self.evccid(said) for said in text.split(", then "))

    def _ipv6(self, text: str) -> str:
        mac = mac_from_ipv6(text)
        return text if mac is None else f"fe80::({self.mac(format_mac(mac))})"

    def _run_id(self, text: str) -> str:
        return self._name("run", text)

    def _certificate(self, text: str) -> str:
        return self._name("certificate", text.upper())

    def _name(self, kind: str, value: str) -> str:
        digest = hmac.digest(self._key, f"{kind} {value}".encode(), hashlib.sha256)
        return f"{kind}-{b32encode(digest).decode().lower()[:LETTERS]}"
