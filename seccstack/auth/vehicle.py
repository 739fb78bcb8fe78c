"""Who a vehicle says it is, and, kept apart from that, what it has proven.

A vehicle names itself five times before it charges, in three layers: twice in SLAC, twice in
the frames of its IPv6 stack, once in SessionSetupReq. Real vehicles give one and the same MAC
address each time, so a difference is an alarm. `Identity` keeps what was said first, and all
that was said differently later: within a plug-in, nothing said can be taken back. All of that
is claimed, as anybody could. A `Proof` is what somebody has verified with a key.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, Literal

from seccstack.auth import addresses
from seccstack.auth.addresses import MAC_OCTETS, format_mac
from seccstack.errors import UsageError

Claim = Literal["slac_mac", "match_mac", "ethernet_mac", "ipv6_mac", "evccid"]

NAMES: Mapping[Claim, str] = {
    "slac_mac": "SLAC",
    "match_mac": "SLAC match",
    "ethernet_mac": "Ethernet",
    "ipv6_mac": "IPv6",
    "evccid": "EVCCID",
}
MAX_VALUES = 4  # per claim: the first, and three that contradict it prove enough
MAX_PROOFS = 4  # a vehicle has one certificate, and one contract per session
MAX_ALARMS = 4  # kinds of them are few; more say nothing new
MAX_EVCCID = 255  # octets: identifierType of ISO 15118-20, the longest of the schemas
HEX_EVCCID = 8  # octets: the most that DIN 70121's hexBinary holds; longer ones are text of -20


class Source(Enum):
    """The three layers in which a vehicle names itself, each in software of its own."""

    SLAC = "SLAC"
    ETHERNET = "Ethernet"
    EVCCID = "EVCCID"


SOURCES: Mapping[Claim, Source] = {
    "slac_mac": Source.SLAC,
    "match_mac": Source.SLAC,
    "ethernet_mac": Source.ETHERNET,
    "ipv6_mac": Source.ETHERNET,
    "evccid": Source.EVCCID,
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value of one claim: where it stood, and when it came first.

    ``value``: its octets in upper-case hexadecimal, as sent. ``ipv6_address`` is no claim: it
    is an address in which no MAC is.
    """

    claim: Claim | Literal["ipv6_address"]
    value: str
    source: str
    at: float


class Proven(Enum):
    """What a vehicle can prove."""

    CONTRACT = "contract"  # that it may charge on somebody's account; the value is its eMAID
    CERTIFICATE = "vehicle certificate"  # which vehicle it is; the value is its holder


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that was verified: what, how, and when."""

    kind: Proven
    value: str
    source: str
    at: float


@dataclass(frozen=True, slots=True)
class Identity:
    """What a vehicle has said of itself in one plug-in. The fields hold what it said first.

    ``alarms``: what others have done with its address.
    """

    slac_mac: bytes | None = None  # Ethernet source of CM_SLAC_PARM.REQ
    match_mac: bytes | None = None  # PEV_MAC in CM_SLAC_MATCH.REQ
    ethernet_mac: bytes | None = None  # Ethernet source of its IPv6, SDP and TCP frames
    ipv6_mac: bytes | None = None  # EUI-64 of its link-local address, if it is made so
    evccid: bytes | None = None  # as SessionSetupReq has it, whatever its length
    evidence: tuple[Evidence, ...] = ()
    proofs: tuple[Proof, ...] = ()
    alarms: tuple[str, ...] = ()

    def prove(self, kind: Proven, value: str, source: str, at: float) -> Identity:
        """Return what is known after this was proven too."""
        known = any((proof.kind, proof.value) == (kind, value) for proof in self.proofs)
        if known or len(self.proofs) == MAX_PROOFS:
            return self
        return replace(self, proofs=(*self.proofs, Proof(kind, value, source, at)))

    @property
    def holders(self) -> tuple[str, ...]:
        """Whose certificates it has shown: of one vehicle, there is one."""
        return tuple(p.value for p in self.proofs if p.kind is Proven.CERTIFICATE)

    def alarm(self, why: str) -> Identity:
        """Return what is known after something was seen that only a second station does."""
        if why in self.alarms or len(self.alarms) == MAX_ALARMS:
            return self
        return replace(self, alarms=(*self.alarms, why))

    def learn(self, claim: Claim, value: bytes, source: str, at: float) -> Identity:
        """Return what is known after this was said too; what was said before stays."""
        if claim != "evccid" and len(value) != MAC_OCTETS:
            raise UsageError(f"{claim} of {len(value)} octets")
        kept = value[: MAX_EVCCID + 1]  # one more than is legal, so that it stays visible
        if kept in self.values(claim):
            return self
        learned: dict[str, Any] = {} if self._first(claim) is not None else {claim: kept}
        return replace(self._noting(claim, kept.hex().upper(), source, at), **learned)

    def learn_address(self, address: str, source: str, at: float) -> Identity:
        """Learn an IPv6 address: the claim of the MAC in it; only evidence if there is none."""
        mac = mac_from_ipv6(address)
        if mac is not None:
            return self.learn("ipv6_mac", mac, source, at)
        return self._noting("ipv6_address", address, source, at)

    def joined(self, other: Identity) -> Identity:
        """Add all that ``other`` has been told to this; so a caller can't make us forget."""
        identity = self
        for said in other.evidence:
            if said.claim == "ipv6_address":
                identity = identity.learn_address(said.value, said.source, said.at)
            else:
                value = bytes.fromhex(said.value)
                identity = identity.learn(said.claim, value, said.source, said.at)
        for claim in NAMES:
            first = other._first(claim)
            identity = identity if first is None else identity.learn(claim, first, "", 0.0)
        for proof in other.proofs:
            identity = identity.prove(proof.kind, proof.value, proof.source, proof.at)
        for why in other.alarms:
            identity = identity.alarm(why)
        return identity

    def values(self, claim: Claim) -> tuple[bytes, ...]:
        """Return every different value this claim has had, the first one first."""
        first = self._first(claim)
        later = [bytes.fromhex(e.value) for e in self.evidence if e.claim == claim]
        return tuple(dict.fromkeys([*([] if first is None else [first]), *later]))

    @property
    def conflicts(self) -> tuple[str, ...]:
        """MAC addresses that differ, claims that changed, alarms, each as a sentence."""
        said = self._macs()
        differ = []
        if len(said) > 1:
            parts = [f"{format_mac(mac)} ({_and(by)})" for mac, by in said.items()]
            differ = [f"the vehicle goes by different MAC addresses: {', '.join(parts)}"]
        changed = [
            f"{NAMES[claim]} changed within the plug-in: {', then '.join(map(show, values))}"
            for claim in NAMES
            if len(values := self.values(claim)) > 1
        ]
        alarms = [f"another station uses this vehicle's address: {why}" for why in self.alarms]
        return (*differ, *changed, *self._stations(), *alarms)

    @property
    def foreign_evccid(self) -> str | None:
        """Say it, if the EVCCID is not one that can be compared with a MAC address."""
        if not self.evccid or mac_from_evccid(self.evccid) is not None:
            return None
        return f"EVCCID {show(self.evccid)} is not a MAC address ({len(self.evccid)} octets)"

    @property
    def called(self) -> str | None:
        """What the vehicle calls itself in ISO 15118-20, where an EVCCID is a name, no address.

        There is nothing that it could agree with, or not.
        """
        name = self.foreign_evccid and show(self.evccid or b"")
        return name if name and len(name) == len(self.evccid or b"") else None

    @property
    def disagreements(self) -> tuple[str, ...]:
        """Everything that keeps the claims from being one, each as a sentence."""
        foreign = self.foreign_evccid if self._macs() and self.called is None else None
        return (*self.conflicts, *([foreign] if foreign else []))

    @property
    def consistent(self) -> bool | None:
        """Whether all claims are one MAC address; None while fewer than two have been made."""
        if self.disagreements:
            return False
        made = sum(1 for claim in NAMES if self._first(claim)) - (self.called is not None)
        return True if made > 1 else None

    @property
    def mac(self) -> bytes | None:
        """The MAC address that is claimed throughout; None if claims disagree, or are none."""
        return None if self.disagreements else self.common_mac

    @property
    def common_mac(self) -> bytes | None:
        """`mac`, but an EVCCID that is not a MAC address is left out of account."""
        return None if self.conflicts else next(iter(self._macs()), None)

    @property
    def first_mac(self) -> bytes | None:
        """The MAC address that was claimed first, whatever came later."""
        return next(iter(self._macs()), None)

    @property
    def sources(self) -> frozenset[Source]:
        """The layers that claim `common_mac`."""
        agreeing = self._macs().get(self.common_mac, ()) if self.common_mac else ()
        return frozenset(SOURCES[claim] for claim in agreeing)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the claims without being a disagreement."""
        said = ("EVCCID was sent empty",) if self.evccid == b"" else ()
        if self.called is not None:
            said = (f"it calls itself {self.called}, which is no MAC address",)
        return (*(note for mac in self._macs() for note in addresses.notes(mac)), *said)

    def to_json(self) -> dict[str, Any]:
        """Return the ``identity`` object of a session; ``proofs`` where there are any."""
        proofs = [
            {"kind": p.kind.value, "value": p.value, "source": p.source, "at": p.at}
            for p in self.proofs
        ]
        return {
            **{claim: _json(self._first(claim)) for claim in NAMES},
            "consistent": self.consistent,
            "evidence": [
                {"claim": e.claim, "value": e.value, "source": e.source, "at": e.at}
                for e in self.evidence
            ],
            **({"proofs": proofs} if proofs else {}),
        }

    def _first(self, claim: Claim) -> bytes | None:
        value: bytes | None = getattr(self, claim)
        return value

    def _macs(self) -> dict[bytes, list[Claim]]:
        """Return each MAC address claimed first, with the claims that say it."""
        said: dict[bytes, list[Claim]] = {}
        for claim in NAMES:
            value = self._first(claim)
            mac = mac_from_evccid(value) if claim == "evccid" and value is not None else value
            if mac is not None:
                said.setdefault(mac, []).append(claim)
        return said

    def _stations(self) -> tuple[str, ...]:
        """Say it, if SDP and TCP came from stations with different IPv6 addresses."""
        own = [e for e in self.evidence if e.claim == "ipv6_address"]
        if not own or len(own) + (self.ipv6_mac is not None) < 2:
            return ()
        spoke = [e for e in self.evidence if e.claim in ("ipv6_address", "ipv6_mac")]
        said = ", then ".join(f"{e.value} ({e.source})" for e in spoke)
        return (f"it speaks from different IPv6 addresses: {said}",)

    def _noting(
        self, claim: Claim | Literal["ipv6_address"], value: str, source: str, at: float
    ) -> Identity:
        same = [e.value for e in self.evidence if e.claim == claim]
        if value in same or len(same) == MAX_VALUES:
            return self
        return replace(self, evidence=(*self.evidence, Evidence(claim, value, source, at)))


def mac_from_evccid(evccid: bytes) -> bytes | None:
    """Return the MAC address an EVCCID is: of 6 octets as it stands, or its text.

    Nothing is ever cut to fit: 7 or 8 octets are another identifier, whatever they begin with.
    """
    if len(evccid) == MAC_OCTETS:
        return evccid
    try:  # ISO 15118-20 sends a text
        return addresses.parse_mac(evccid.decode("ascii"))
    except (UnicodeDecodeError, UsageError):
        return None


def mac_from_ipv6(address: str) -> bytes | None:
    """Return the MAC address inside a link-local address, if it was made from one (EUI-64)."""
    try:
        parsed = ipaddress.IPv6Address(address)
    except ValueError:
        return None
    octets = parsed.packed
    if not parsed.is_link_local or octets[11:13] != b"\xff\xfe":
        return None
    return bytes([octets[8] ^ addresses.LOCAL_BIT]) + octets[9:11] + octets[13:]


def show(octets: bytes) -> str:
    """Write a MAC address or an EVCCID for people and JSON: hexadecimal, or the text it is."""
    if len(octets) > HEX_EVCCID and all(0x20 < octet < 0x7F for octet in octets):
        return octets.decode("ascii")
    return octets.hex().upper() or "(empty)"


def _json(value: bytes | None) -> str | None:
    return None if value is None else show(value) if value else ""


def _and(claims: list[Claim]) -> str:
    *some, last = [NAMES[claim] for claim in claims]
    return f"{', '.join(some)} and {last}" if some else last
