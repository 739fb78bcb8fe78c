"""The modem in the vehicle: its own address, its firmware, and whether there is only one.

Our modem names the stations of our network, each with the host behind it. The one before the
matched vehicle is the vehicle's; two before the same vehicle are one too many: one of them is a
copy. Its firmware is asked for once. Many vehicles' modems do not answer that, and modems of
other makers than Qualcomm's do not name stations at all: then nothing is known, as before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.homeplug.vendor import SwVerCnf, SwVerReq, VsNwInfoCnf
from seccstack.slac.amplitude import PeerLinked, PeerParted
from seccstack.slac.events import Heard, ModemLearned, Send

LONGEST_FIRMWARE = 64  # characters of it that are told; real ones have half as many
MAX_MODEMS = 4  # before one vehicle, that are told apart; the second is the alarm


@dataclass(frozen=True, slots=True)
class VehicleModemSeen:
    """This is the modem before the vehicle; ``firmware``: what it runs, once it has said so."""

    modem_mac: bytes
    firmware: str | None = None


@dataclass(frozen=True, slots=True)
class SecondModemSeen:
    """More than one modem says that the vehicle is behind it."""

    modem_macs: tuple[bytes, ...]


Event = Heard | ModemLearned | PeerLinked | PeerParted
Action = Send | VehicleModemSeen | SecondModemSeen


class VehicleModem:
    """What is known of the modem of the vehicle that is linked."""

    def __init__(self) -> None:
        self._ours: bytes | None = None  # whose word counts
        self._vehicle: bytes | None = None
        self._seen: tuple[bytes, ...] = ()
        self._firmware: str | None = None

    def receive(self, event: Event) -> Sequence[Action]:
        """Take an event."""
        match event:
            case ModemLearned(mac):
                self._ours = mac
            case PeerLinked(vehicle):
                self._vehicle, self._seen, self._firmware = vehicle, (), None
            case PeerParted():
                self._vehicle, self._seen, self._firmware = None, (), None
            case Heard(source=source, message=VsNwInfoCnf() as found) if source == self._ours:
                return self._see(found)
            case Heard(source=source, message=SwVerCnf(status=0, version=version)):
                return self._learn(source, version)
            case _:
                pass
        return []

    def _see(self, found: VsNwInfoCnf) -> list[Action]:
        stations = [station for network in found.networks for station in network.stations]
        behind = [s.mac for s in stations if s.bridged_mac == self._vehicle]
        new = [mac for mac in dict.fromkeys(behind) if mac not in self._seen]
        if not new or len(self._seen) == MAX_MODEMS:
            return []
        was_first, self._seen = not self._seen, (*self._seen, *new)[:MAX_MODEMS]
        told: list[Action] = []
        if was_first:
            told += [VehicleModemSeen(new[0]), Send(new[0], SwVerReq())]
        if len(self._seen) > 1:
            told.append(SecondModemSeen(self._seen))
        return told

    def _learn(self, source: bytes, version: bytes) -> list[Action]:
        if self._firmware is not None or self._seen[:1] != (source,):
            return []
        text = version.rstrip(b"\0").decode("ascii", "replace")[:LONGEST_FIRMWARE]
        self._firmware = text
        return [VehicleModemSeen(source, text)]
