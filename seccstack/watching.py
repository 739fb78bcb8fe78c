"""Watching how the vehicle speaks, for its fingerprint, and for a second one in its name."""

from __future__ import annotations

from seccstack import admission, sdp
from seccstack.auth.addresses import format_mac
from seccstack.errors import MalformedError
from seccstack.events import StreamOpened
from seccstack.experience.seen import Asked
from seccstack.homeplug.frame import decode_frame
from seccstack.homeplug.messages import MnbcSoundInd, SlacParmReq, StartAttenCharInd
from seccstack.parts import Parts
from seccstack.session import events as session_events
from seccstack.slac import evse, vehicle_modem

OVERHEARD = frozenset(
    kind.mmtype.to_bytes(2, "little") for kind in (SlacParmReq, StartAttenCharInd, MnbcSoundInd)
)


class Watching:
    """Hands what happens to the watch of the present plug-in, and tells what has come of it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def overhear(self, octets: bytes, now: float) -> None:
        """Watch how vehicles are matched."""
        if not self._parts.plug_in.number or octets[15:17] not in OVERHEARD:
            return
        try:
            frame = decode_frame(octets)
        except MalformedError:
            return  # whom it concerns counts it
        self._parts.plug_in.watch.frame(frame.source, frame.message, now)
        if isinstance(frame.message, SlacParmReq):
            self._parts.feed(self._parts.course, Asked(frame.source), now)
        self._watched(now)

    def inquired(self, octets: bytes, now: float) -> None:
        """It has asked for a SECC, and was answered."""
        self._parts.plug_in.watch.asked(sdp.SdpRequest.decode(octets).security, now)
        self._watched(now)

    def exchanged(self, exchanged: session_events.Exchanged, now: float) -> None:
        """A message has come, or is going."""
        watch = self._parts.plug_in.watch
        if exchanged.direction == "ev":
            watch.requested(exchanged.message, now)
            self._watched(now)
        else:
            watch.responded(now)

    def modem_seen(self, seen: vehicle_modem.VehicleModemSeen, now: float) -> None:
        """It is known which modem is in it."""
        self._parts.plug_in.watch.linked(seen.modem_mac, seen.firmware)
        self._parts.note(
            "vehicle modem", mac=format_mac(seen.modem_mac), firmware=seen.firmware
        )
        self._watched(now)

    def modem_doubled(self, seen: vehicle_modem.SecondModemSeen, now: float) -> None:
        """Two modems say that it is behind them."""
        names = " and ".join(map(format_mac, seen.modem_macs))
        why = f"modems {names} both say that it is behind them"
        self._parts.feed(self._parts.admission, admission.Doubled(why), now)

    def matched(self, matched: evse.Matched, now: float) -> None:
        """It was given our key: this one, of all that were heard, is the vehicle."""
        self._parts.plug_in.watch.matched(matched.ev_mac, matched.run_id, now)
        self._watched(now)

    def connected(self, opened: StreamOpened, now: float) -> None:
        """It has opened a connection in its way."""
        self._parts.plug_in.watch.connected(opened.opening or None)
        self._watched(now)

    def _watched(self, now: float) -> None:
        parts, watch = self._parts, self._parts.plug_in.watch
        parts.feed(parts.admission, admission.Watched(watch.fingerprint), now)
        if watch.doubled is not None:
            parts.feed(parts.admission, admission.Doubled(watch.doubled), now)
