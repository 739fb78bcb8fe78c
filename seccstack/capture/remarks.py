"""What our own flight recorder tells beside the packets: the pilot, and the plug being pulled.

Its words are those of `seccstack.timeline`, a line each, at the packet that came next. So a
recording that was sent without its sidecar still shows that a session ended because the
vehicle was unplugged. Others may write the same words: then they tell the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from seccstack.capture.packets import Packet
from seccstack.capture.pilotlog import MAX_READINGS, Reading

MAX_UNPLUGGED = 1000  # of a capture; our recordings have one each

_STATE = re.compile(r"pilot state ([A-F])")
_UNPLUGGED = re.compile(r"unplugged \(no\. \d+\)")


@dataclass(frozen=True, slots=True)
class Unplugged:
    """The vehicle was gone before this packet, ``time`` at the latest."""

    number: int
    time: float


@dataclass(slots=True)
class Remarks:
    """Collects what is told beside packets."""

    pilot: list[Reading] = field(default_factory=list)
    unplugged: list[Unplugged] = field(default_factory=list)

    def take(self, packet: Packet) -> None:
        """Take the lines beside a packet."""
        number, time = packet.number, packet.time
        for line in packet.remarks.split("\n"):
            if (found := _STATE.fullmatch(line)) and len(self.pilot) < MAX_READINGS:
                unsaid = (None,) * 5  # of all else that can be measured
                self.pilot.append(Reading(number, time, found[1], *unsaid))
            elif _UNPLUGGED.fullmatch(line) and len(self.unplugged) < MAX_UNPLUGGED:
                self.unplugged.append(Unplugged(number, time))
