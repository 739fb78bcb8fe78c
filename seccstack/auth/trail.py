"""What is told of one outlet, condensed to what its owner will want to know of it later.

Of all that is noted as it happens, the trail keeps who was let in, who was not and whose charge
was ended, with the reasons and with what the vehicle had said of itself by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seccstack.auth import emaid
from seccstack.auth.audit import AuditEntry, AuditKind
from seccstack.auth.decision import CONTRACT
from seccstack.auth.vehicle import NAMES

# Of one plug-in: a vehicle that asks again and again fills no trail. Nobody decides as often
# about one that means well; and who is let in at last, or stopped, is kept all the same.
MOST_DENIALS = 16
MOST_PER_PLUG_IN = 64
MAX_CARDS = 8  # that were held to the reader last, as many as authorisation looks at


class Trail:
    """The entries of one box."""

    def __init__(self, box: str) -> None:
        self._box = box
        self._cards: list[str] = []
        self._plug_in: int | None = None
        self._written = self._denials = 0
        self._identity: Mapping[str, Any] = {}
        self._recognition: Mapping[str, Any] = {}
        self._emaid: str | None = None

    def presented(self, uid: str) -> None:
        """Take a card that was held to the reader: a decision may rest on it."""
        others = [card for card in self._cards if card != uid]
        self._cards = [*others, uid][-MAX_CARDS:]

    def noted(self, event: str, details: Mapping[str, Any], at: float) -> AuditEntry | None:
        """Take what happened; return what is to be kept of it."""
        match event:
            case "plugged in":
                self._plug_in, self._written, self._denials = details["plug_in"], 0, 0
                self._identity, self._recognition, self._emaid = {}, {}, None
            case "identity":
                self._identity = details
            case "recognition":
                self._recognition = details
            case "contract":
                self._emaid = emaid.normal(details["emaid"])
            case "decision" if details["granted"] is not None:
                kind = AuditKind.GRANTED if details["granted"] else AuditKind.DENIED
                return self._entry(at, kind, details["by"] or "", details["reasons"])
            case "contract refused":
                return self._entry(at, AuditKind.DENIED, CONTRACT, [details["why"]])
            case "revoked":
                return self._entry(at, AuditKind.REVOKED, "", details["reasons"])
            case "halted":
                return self._entry(at, AuditKind.REVOKED, "", [details["why"]])
            case _:
                pass
        return None

    def _entry(
        self, at: float, kind: AuditKind, by: str, reasons: list[str]
    ) -> AuditEntry | None:
        denied = kind is AuditKind.DENIED
        if self._written == MOST_PER_PLUG_IN or (denied and self._denials == MOST_DENIALS):
            return None
        self._written, self._denials = self._written + 1, self._denials + denied
        return AuditEntry(
            at=at,
            kind=kind,
            box=self._box,
            plug_in=self._plug_in,
            by=by,
            mac=self._mac(),
            uid=self._uid(reasons),
            emaid=self._emaid,
            reasons=tuple(reasons),
            evidence=self._evidence(),
        )

    def _mac(self) -> bytes | None:
        """Return the MAC address that was claimed first, whatever came later."""
        said = (self._identity.get(claim) for claim in NAMES if claim != "evccid")
        return next((bytes.fromhex(mac) for mac in said if mac), None)

    def _uid(self, reasons: list[str]) -> str | None:
        """Return the card that this is about, if one is named."""
        text = " ".join(reasons)
        return next((uid for uid in self._cards if f"card {uid}" in text), None)

    def _evidence(self) -> tuple[str, ...]:
        """Say what the vehicle was known by."""
        claims = [f"{NAMES[c]} {self._identity[c]}" for c in NAMES if self._identity.get(c)]
        proofs = [f"{p['kind']} {p['value']} proven" for p in self._identity.get("proofs", ())]
        known = self._recognition
        sure = [f"{known['stage']}, confidence {known['confidence']}"] if known else []
        return (*claims, *proofs, *sure)
