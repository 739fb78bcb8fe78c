"""Interviewing the modem at the end of an interface."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from seccstack.adapters.driver import Driver
from seccstack.adapters.powerline import PacketPowerline
from seccstack.doctor.interview import Begun, Found, Interview
from seccstack.errors import MalformedError
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.slac.events import Heard, Send


async def interview(interface: str) -> Found:
    """Ask a modem what it is and how it is; UnavailableError if there is no way to it."""
    talk, done = Interview(), asyncio.Event()

    def observe(now: float, event: Begun | Heard | None, sends: Sequence[Send]) -> None:
        if talk.deadline is None:
            done.set()

    def hear(octets: bytes) -> None:
        try:
            frame = decode_frame(octets)
        except MalformedError:
            return
        driver.feed(Heard(frame.destination, frame.source, frame.message))

    def carry_out(send: Send) -> None:
        line.send(encode_frame(Frame(send.destination, opened.mac, send.message)))

    line = PacketPowerline(interface, hear)
    driver: Driver[Begun | Heard, Send] = Driver(talk, carry_out, observe)
    opened = await line.open()
    try:
        driver.feed(Begun())
        await done.wait()
    finally:
        driver.close()
        line.close()
    return talk.found
