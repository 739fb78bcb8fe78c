"""Whether to believe a message: every field of it has to be what its sender may say.

An EV that gets one wrong is treated as if it had said nothing, as ISO 15118-5 tests it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seccstack.homeplug.messages import (
    BROADCAST,
    NO_STATION,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SlacMatchReq,
    SlacParmReq,
    StartAttenCharInd,
    ValidateReq,
)
from seccstack.slac.events import Heard

FromEv = (
    SlacParmReq | StartAttenCharInd | MnbcSoundInd | AttenCharRsp | ValidateReq | SlacMatchReq
)
ToAll = SlacParmReq | StartAttenCharInd | MnbcSoundInd | AttenProfileInd

PLAIN = {"application_type": 0, "security_type": 0}  # EV and charger matching, unsecured


def complaint(heard: Heard, our_mac: bytes) -> str | None:
    """Say what is wrong with a message, or None."""
    message = heard.message
    if heard.destination != our_mac and not (
        heard.destination == BROADCAST and isinstance(message, ToAll)
    ):
        return f"sent to {heard.destination.hex()}"
    if heard.source[0] & 1 or heard.source in (our_mac, bytes(6)):
        return f"sent from {heard.source.hex()}, which no EV can be"
    for name, right in _right_values(heard, our_mac).items():
        value = getattr(message, name)
        if value != right:
            return f"{name} is {_shown(value)}, not {_shown(right)}"
    if isinstance(message, StartAttenCharInd):
        if message.num_sounds == 0:
            return "num_sounds is 0"
        if message.timeout == 0:
            return "timeout is 0"
    if isinstance(message, AttenProfileInd) and not any(message.attenuations):
        return "nothing is attenuated by nothing"
    return None


def _right_values(heard: Heard, our_mac: bytes) -> Mapping[str, Any]:
    match heard.message:
        case SlacParmReq() | MnbcSoundInd():
            return PLAIN
        case StartAttenCharInd():
            return PLAIN | {"response_type": 1, "forwarding_station": heard.source}
        case AttenCharRsp():
            return PLAIN | {
                "source_address": heard.source,
                "source_id": NO_STATION,
                "response_id": NO_STATION,
                "result": 0,
            }
        case ValidateReq():
            return {"signal_type": 0}
        case SlacMatchReq():
            return PLAIN | {
                "length": 62,
                "ev_id": NO_STATION,
                "ev_mac": heard.source,
                "evse_id": NO_STATION,
                "evse_mac": our_mac,
            }
        case _:
            return {}


def _shown(value: int | bytes) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)
