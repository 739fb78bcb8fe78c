"""Where our charger does otherwise than the recorded one, and what that means for the car."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from seccstack.messages.app_protocol import SupportedAppProtocolRes
from seccstack.sdp import SECURITY_NONE, SECURITY_TLS, SdpResponse

SILENCE = "our charger said nothing"
SECURITY = {SECURITY_TLS: "TLS", SECURITY_NONE: "no TLS"}


@dataclass(frozen=True, slots=True)
class Parting:
    """Our charger did otherwise than the recorded one: the car might have gone elsewhere."""

    t: float
    message: str
    ours: str | None
    theirs: str | None
    why: str

    def to_json(self) -> dict[str, Any]:
        """Return an element of a session's ``partings``."""
        return {
            "t": round(self.t, 6),
            "message": self.message,
            "ours": self.ours,
            "theirs": self.theirs,
            "why": self.why,
        }


def parting(t: float, name: str, ours: Any, theirs: Any) -> Parting | None:
    """Compare our charger's message with the recorded one of the same name."""
    if _alike(ours, theirs):
        return None
    return Parting(t, name, words(ours), words(theirs), _why(ours, theirs))


def words(message: Any) -> str:
    """Say what of a charger's message decides how the car goes on."""
    match message:
        case SdpResponse(security=security):
            return SECURITY.get(security, f"security {security:02X}")
        case SupportedAppProtocolRes(response_code=code, schema_id=int() as schema_id):
            return f"{code.value}, SchemaID {schema_id}"
        case _:
            pass
    content = _content(message)
    told = [getattr(content, name, None) for name in ("response_code", "evse_processing")]
    said = [str(value.value) for value in told if value is not None]
    # To a car that waits, it is all one what it is that it waits for.
    return ", ".join("Ongoing" if word.startswith("Ongoing") else word for word in said)


def elsewhere(ours: Any, theirs: Any) -> str:
    """Say where a car goes on that a recording of these messages has nothing of; or nothing."""
    if not isinstance(ours, SupportedAppProtocolRes) or not _chose_otherwise(ours, theirs):
        return ""
    return "the car would have gone on in another protocol, of which nothing is recorded"


def _content(message: Any) -> Any:
    return getattr(message, "body", message)


def _alike(ours: Any, theirs: Any) -> bool:
    if isinstance(ours, SupportedAppProtocolRes):
        same = ours.response_code is theirs.response_code
        return same and not _chose_otherwise(ours, theirs)
    return words(ours) == words(theirs)


def _chose_otherwise(ours: Any, theirs: Any) -> bool:
    """Whether both name a protocol, and not the same; where one is offered, none need be."""
    ids = [getattr(answer, "schema_id", None) for answer in (ours, theirs)]
    return None not in ids and ids[0] != ids[1]


def _why(ours: Any, theirs: Any) -> str:
    if isinstance(ours, SdpResponse):
        return "the car would have gone on with this kind of connection, or given up"
    refuses, refused = (_refuses(message) for message in (ours, theirs))
    if refuses and refused:
        return "both refuse it, each for a reason of its own"
    if refuses:
        return "ours refuses what theirs granted: the car would have ended the session"
    if refused and "Ongoing" in words(ours):
        return "theirs refused it where ours still waits: the car would have asked again"
    if refused:
        return "ours grants what theirs refused: the car might have gone on"
    if _chose_otherwise(ours, theirs):
        return "ours chose another protocol: the car would have gone on in that"
    if "Ongoing" in words(theirs):
        return "ours is done sooner: the car would not have had to ask again"
    if "Ongoing" in words(ours):
        return "theirs is done sooner: the car would have had to ask again"
    return "both grant it, in other words"


def _refuses(message: Any) -> bool:
    return str(_content(message).response_code.value).upper().startswith("FAILED")
