"""Frames that a capture has twice, because it was made at two places or put together of two.

A frame of the same content within `WITHIN` of the first is the same frame: what really is sent
again comes later. The exceptions are CM_START_ATTEN_CHAR.IND, which some vehicles send three
times in no time, and what a host and its own modem say to each other, which crosses no line:
these count as one of a pair only where other frames come in pairs too.
"""

from __future__ import annotations

from collections import OrderedDict

from seccstack.capture.frames import Datagram, Frame, PowerlineFrame, Segment

WITHIN = 0.002  # s; vehicles leave 19 ms at least, TCP waits 200 ms until it sends again
STILL_PAIRED = 2.0  # s since the last pair: as long as a matching lasts
MAX_RECENT = 256  # frames; more than a powerline can carry within that time
MMTYPE = slice(15, 17)  # of a frame without VLAN tag, little endian
SLAC = range(0x6064, 0x6087)  # from CM_SLAC_PARM.REQ to CM_ATTEN_PROFILE.IND
START_ATTEN = 0x606A  # CM_START_ATTEN_CHAR.IND

Content = tuple[object, ...]


class Doubles:
    """Tells whether a frame is another's double, and counts."""

    def __init__(self) -> None:
        self.count = 0
        self.first: tuple[int, float] | None = None  # number and time of the first double
        self._recent: OrderedDict[Content, float] = OrderedDict()
        self._paired_at: float | None = None

    def again(self, frame: Frame) -> bool:
        """Whether this very frame was there a moment ago; acknowledgements never count."""
        content = _content(frame)
        if content is None:
            return False
        seen = self._recent.pop(content, None)
        self._recent[content] = frame.time
        while len(self._recent) > MAX_RECENT:
            self._recent.popitem(last=False)
        if seen is None or abs(frame.time - seen) > WITHIN or not self._believed(frame):
            return False
        del self._recent[content]  # a third one is the first of another pair
        self.count += 1
        self.first = self.first or (frame.number, frame.time)
        self._paired_at = frame.time
        return True

    def _believed(self, frame: Frame) -> bool:
        if not isinstance(frame, PowerlineFrame) or _comes_once(frame.octets):
            return True
        at = self._paired_at
        return at is not None and abs(frame.time - at) <= STILL_PAIRED

    def told(self) -> str:
        """Say in words what was found."""
        frames = "1 frame is" if self.count == 1 else f"{self.count} frames are"
        return f"{frames} twice in the capture, within {WITHIN * 1000:.0f} ms; counted once"


def _comes_once(frame: bytes) -> bool:
    kind = int.from_bytes(frame[MMTYPE], "little")
    return kind in SLAC and kind != START_ATTEN


def _content(frame: Frame) -> Content | None:
    match frame:
        case PowerlineFrame():
            return (frame.octets,)
        case Datagram():
            return (frame.source, frame.destination, frame.octets)
        case Segment() if frame.octets:
            return (frame.source, frame.destination, frame.sequence, frame.octets)
        case _:
            return None
