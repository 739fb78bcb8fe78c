"""Watching a visit for what its fingerprint is made of, as it happens.

Fed by whoever has frames, datagrams and messages with their times: a charge point of its own
events, a capture of its items. It decides nothing and answers nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from statistics import median
from typing import Any

from seccstack.auth.fingerprint import (
    FRESH,
    MAX_OFFERS,
    NOTHING,
    run_id_style,
)
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.messages import MnbcSoundInd, SlacParmReq, StartAttenCharInd
from seccstack.messages import iso2
from seccstack.messages.app_protocol import AppProtocol, SupportedAppProtocolReq

MAX_STATIONS = 8  # that are heard asking at once: neighbours too; the first to ask goes
MAX_TIMES = 16  # of one kind: sounds are 10, and more requests say nothing new of the pace
MAX_RUNS = 4  # run ids of one station that are told apart
SECURITY = {0x00: "TLS", 0x10: "none"}
HIGHEST = 60.0  # seconds; what takes longer was interrupted, and says nothing of anybody


@dataclass(slots=True)
class Heard:
    """One station's matching."""

    runs: list[bytes] = field(default_factory=list)
    asked_at: float = 0.0
    started_at: float | None = None
    sounds: list[float] = field(default_factory=list)
    doubled: str | None = None


class Watch:
    """One visit."""

    def __init__(self) -> None:
        self.fingerprint = NOTHING
        self.doubled: str | None = None  # why its address seems to have two stations
        self._stations: dict[bytes, Heard] = {}
        self._mac: bytes | None = None
        self._matched_at: float | None = None
        self._inquiries: list[float] = []
        self._responded_at: float | None = None
        self._requested: str | None = None
        self._paces: list[float] = []

    def frame(self, source: bytes, message: Mme, at: float) -> None:
        """Take a frame from the powerline."""
        heard = self._stations.get(source)
        match message:
            case SlacParmReq(run_id=run_id):
                self._asked(source, run_id, at)
            case StartAttenCharInd(run_id=run_id) if heard is not None:
                heard.started_at = heard.started_at or at
                self._resume(source, heard, run_id)
            case MnbcSoundInd(run_id=run_id) if heard is not None:
                if len(heard.sounds) < MAX_TIMES:
                    heard.sounds.append(at)
                self._resume(source, heard, run_id)
            case _:
                pass

    def _resume(self, source: bytes, heard: Heard, run_id: bytes) -> None:
        """Take note if a run goes on although the same address has begun another since."""
        if run_id in heard.runs[:-1]:
            now, then = heard.runs[-1].hex().upper(), run_id.hex().upper()
            heard.doubled = f"it is in two matchings at once, RunID {then} and {now}"
        if source == self._mac:
            self.doubled = self.doubled or heard.doubled

    def _asked(self, source: bytes, run_id: bytes, at: float) -> None:
        before = self._stations.pop(source, Heard())
        runs = [*(run for run in before.runs if run != run_id), run_id]
        self._stations[source] = Heard(runs[-MAX_RUNS:], at, doubled=before.doubled)
        if len(self._stations) > MAX_STATIONS:
            del self._stations[next(iter(self._stations))]

    def matched(self, mac: bytes, run_id: bytes, at: float) -> None:
        """Note which of the stations it was."""
        heard = self._stations.get(mac, Heard())
        style = run_id_style(run_id, mac)
        self._mac, self._matched_at = mac, at
        self.doubled = self.doubled or heard.doubled
        self._inquiries.clear()
        gaps = _gaps(heard.sounds)
        start = None if heard.started_at is None else heard.started_at - heard.asked_at
        self._learn(
            run_id=style,
            run_octets=run_id.hex().upper() if style == FRESH else None,
            sounds=_rounded(median(gaps)) if gaps else None,
            start=_rounded(start),
        )

    def asked(self, security: int, at: float) -> None:
        """Take an SDP request."""
        self._learn(security=SECURITY.get(security, f"{security:#04x}"))
        if not self._inquiries and self._matched_at is not None:
            self._learn(sdp=_rounded(at - self._matched_at))
        if len(self._inquiries) < MAX_TIMES:
            self._inquiries.append(at)
        if gaps := _gaps(self._inquiries):
            self._learn(sdp_again=_rounded(median(gaps)))

    def linked(self, modem_mac: bytes, firmware: str | None) -> None:
        """Note which modem is before it, and what that runs."""
        self._learn(modem=modem_mac.hex().upper(), firmware=firmware)

    def connected(self, tcp: str | None = None) -> None:
        """Note that it opened a connection, and how, where that can be seen."""
        self._inquiries.clear()  # another inquiry begins another waiting
        self._matched_at = self._responded_at = None
        if tcp is not None:
            self._learn(tcp=self.fingerprint.tcp or tcp)

    def responded(self, at: float) -> None:
        """Note that it was answered."""
        self._responded_at = at

    def requested(self, message: Any, at: float) -> None:
        """Take a request; one like the last is a poll, at a pace that we have a part in."""
        content = getattr(message, "body", message)
        kind = type(content).__name__
        polls, self._requested = kind == self._requested, kind
        since, self._responded_at = self._responded_at, None
        if since is not None and not polls and len(self._paces) < MAX_TIMES:
            self._paces.append(at - since)
            self._learn(pace=_rounded(median(self._paces)))
        match content:
            case SupportedAppProtocolReq(app_protocol=offers):
                self._learn(offer=tuple(map(_offer, offers[:MAX_OFFERS])))
            case iso2.ChargeParameterDiscoveryReq(
                ev_charge_parameter=iso2.AC_EVChargeParameter() as parameters
            ):
                self._learn(parameters=_parameters(content, parameters))
            case _ if kind == "SessionSetupReq":
                self._set_up(message)

    def _set_up(self, message: Any) -> None:
        session_id = message.header.session_id
        said = f"{len(session_id)} octets" if any(session_id) else f"{len(session_id)} zeros"
        if self.fingerprint.session_id is None:  # a later one goes on with what was paused
            self._learn(session_id=said)

    def _learn(self, **traits: Any) -> None:
        known = {name: value for name, value in traits.items() if value is not None}
        self.fingerprint = replace(self.fingerprint, **known)


def _gaps(times: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(times)]


def _rounded(seconds: float | None) -> float | None:
    if seconds is None or not 0 <= seconds <= HIGHEST:
        return None  # a clock was set meanwhile, or something came between
    return round(seconds, 4)


def _offer(offer: AppProtocol) -> str:
    version = f"{offer.version_number_major}.{offer.version_number_minor}"
    namespace = offer.protocol_namespace
    return f"{namespace} {version} id {offer.schema_id} priority {offer.priority}"


def _parameters(
    request: iso2.ChargeParameterDiscoveryReq, parameters: iso2.AC_EVChargeParameter
) -> tuple[str, ...]:
    """Return what of a vehicle's parameters stays, whatever is left in its battery."""
    most = request.max_entries_sa_schedule_tuple
    return (
        f"mode {request.requested_energy_transfer_mode.value}",
        f"MaxEntries {'absent' if most is None else most}",
        f"DepartureTime {'absent' if parameters.departure_time is None else 'given'}",
        f"EAmount in {_scale(parameters.e_amount)}",
        f"EVMaxVoltage {_value(parameters.ev_max_voltage)}",
        f"EVMaxCurrent {_value(parameters.ev_max_current)}",
        f"EVMinCurrent {_value(parameters.ev_min_current)}",
    )


def _scale(value: iso2.PhysicalValue) -> str:
    return f"10^{value.multiplier} {value.unit.value}"


def _value(value: iso2.PhysicalValue) -> str:
    return f"{value.value}x{_scale(value)}"
