"""What a session begins with, whatever protocol the vehicle then speaks."""

from __future__ import annotations

from dataclasses import dataclass, field

from seccstack.auth.certificate import VehicleCertificate
from seccstack.errors import UsageError
from seccstack.session.events import Paused
from seccstack.session.plant import Charger, Plant, Protocol

SESSION_ID = 8  # octets
CHALLENGE = 16  # octets of a GenChallenge
TLS_1_3 = "TLSv1.3"  # as OpenSSL names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """``at``: when the stream was opened; ``timestamp``: the wall clock then (since 1970).

    ``session_id`` is 8 random octets; ``challenge`` 16, without which no contract can be
    proven. ``plant`` is what is known already; it is kept and changed. ``resumable``: what the
    last session of this plug-in ended with, if it was paused. ``tls``: whether the stream is
    encrypted, and ``tls_version`` how; ``vehicle``: whose certificate the vehicle has shown in
    the handshake, and holds the key of. ``avoided``: what has not worked with it, while another
    protocol has.
    """

    charger: Charger
    session_id: bytes
    timestamp: int
    at: float
    plant: Plant = field(default_factory=Plant)
    resumable: Paused | None = None
    tls: bool = False
    tls_version: str | None = None
    challenge: bytes = field(default=b"", repr=False)
    vehicle: VehicleCertificate | None = None
    avoided: frozenset[Protocol] = frozenset()

    def __post_init__(self) -> None:
        if len(self.session_id) != SESSION_ID or not any(self.session_id):
            raise UsageError("a session id is 8 octets, and not 0")

    @property
    def contracts(self) -> bool:
        """Whether a contract can be proven."""
        return self.charger.contracts and self.tls and len(self.challenge) == CHALLENGE
