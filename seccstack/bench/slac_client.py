"""The car's end of the SLAC measurements, and the charger's modem, in a namespace of its own.

    python -m seccstack.bench.slac_client INTERFACE CONTROL_SOCKET MATCHES

A car that waits for nothing is matched so often; prints a JSON line for each, with the
milliseconds that the charger took for each of its answers.
"""

from __future__ import annotations

import secrets
import socket
import sys
import time
from pathlib import Path

import msgspec

from seccstack.adapters.control import tell
from seccstack.adapters.powerline import mac_of
from seccstack.errors import UsageError
from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import ETHERTYPE, Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharInd,
    AttenCharRsp,
    AttenProfileInd,
    MnbcSoundInd,
    SetKeyCnf,
    SetKeyReq,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
    StartAttenCharInd,
)
from seccstack.homeplug.vendor import PlLinkStatusCnf, PlLinkStatusReq

MODEM = bytes.fromhex("02FEED0010C1")
SOUNDS = 10
LEVELS = bytes([20]) * 58
PATIENCE = 20.0


class Line:
    """A raw socket on which a car speaks, and the charger's modem."""

    def __init__(self, interface: str) -> None:
        self.mac = mac_of(interface)
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.bind((interface, ETHERTYPE))
        self._socket.settimeout(PATIENCE)

    def say(self, message: Mme, destination: bytes = BROADCAST, source: bytes = b"") -> None:
        """Say something, as the car unless told otherwise."""
        self._socket.send(encode_frame(Frame(destination, source or self.mac, message)))

    def hear(self, kind: type[Mme]) -> Frame:
        """Wait for such a message; meanwhile be the modem."""
        while True:
            octets, (_, _, direction, *_) = self._socket.recvfrom(1518)
            if direction == socket.PACKET_OUTGOING:
                continue
            frame = decode_frame(octets)
            match frame.message:
                case SetKeyReq(my_nonce=nonce):
                    answer = SetKeyCnf(result=1, your_nonce=nonce)
                    self.say(answer, frame.source, MODEM)
                case PlLinkStatusReq():
                    self.say(PlLinkStatusCnf(link=0), frame.source, MODEM)
                case _:
                    pass
            if isinstance(frame.message, kind):
                return frame


class Watch:
    """Adds up what the charger took for its answers."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.took: dict[str, float] = {}

    def answer(self, kind: type[Mme], since: float) -> Frame:
        """Wait for an answer to what was said at a time."""
        frame = self._line.hear(kind)
        self.took[kind.name] = (time.perf_counter() - since) * 1000
        return frame


def match(line: Line) -> dict[str, float]:
    """Be matched; return what the charger took for each answer."""
    watch, run = Watch(line), secrets.token_bytes(8)
    begun = time.perf_counter()
    line.say(SlacParmReq(run_id=run))
    evse = watch.answer(SlacParmCnf, begun).source
    for _ in range(3):
        line.say(StartAttenCharInd(forwarding_station=line.mac, run_id=run))
    for left in reversed(range(SOUNDS)):
        line.say(MnbcSoundInd(remaining=left, run_id=run, random=secrets.token_bytes(16)))
        begun = time.perf_counter()
        line.say(AttenProfileInd(ev_mac=line.mac, attenuations=LEVELS), BROADCAST, MODEM)
    watch.answer(AttenCharInd, begun)
    line.say(AttenCharRsp(source_address=line.mac, run_id=run), evse)
    begun = time.perf_counter()
    line.say(SlacMatchReq(ev_mac=line.mac, evse_mac=evse, run_id=run), evse)
    watch.answer(SlacMatchCnf, begun)
    return watch.took


def main(interface: str, control: Path, matches: int) -> None:
    """Be plugged in, matched and pulled out so often."""
    line = Line(interface)
    for _ in range(matches):
        line.hear(SetKeyReq)
        line.hear(PlLinkStatusReq)  # it has the key, and uses it
        _order(control, "B")
        print(msgspec.json.encode(match(line)).decode(), flush=True)
        _order(control, "A")


def _order(control: Path, state: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            tell(control, {"do": "pilot", "value": state})
            return
        except UsageError:
            if time.monotonic() > end:
                raise
            time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
