"""The fingerprint of a recorded plug-in: what our charger would have seen, and TCP besides."""

from __future__ import annotations

from collections.abc import Iterable

from seccstack.auth.fingerprint import Fingerprint
from seccstack.auth.watch import Watch
from seccstack.capture.items import Connected, Discovery, Item, Link, Powerline, V2gMessage
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import SlacMatchCnf
from seccstack.sdp import SdpRequest


def fingerprint_of(items: Iterable[Item]) -> Fingerprint:
    """Return what the items of a plug-in show of its vehicle."""
    watch = Watch()
    for item in items:
        match item:
            case Powerline(frame=Frame(message=SlacMatchCnf() as confirmed)):
                watch.matched(confirmed.ev_mac, confirmed.run_id, item.time)
            case Powerline(frame=Frame() as frame):
                watch.frame(frame.source, frame.message, item.time)
            case Discovery(sender="ev", message=SdpRequest(security=security)):
                watch.asked(security, item.time)
            case Connected(link=Link(opening=opening)):
                watch.connected(opening or None)
            case V2gMessage(sender="ev", message=message) if message is not None:
                watch.requested(message, item.time)
            case V2gMessage(sender="evse"):
                watch.responded(item.time)
            case _:
                pass
    return watch.fingerprint
