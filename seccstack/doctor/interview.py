"""Asking a modem what it is and how it is, without changing anything of it.

Only questions are put that change nothing, one after the other, each a few times. The first
that tells its firmware is the modem, and nothing is believed of any other station.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from seccstack.homeplug.fields import Mme
from seccstack.homeplug.frame import LOCAL_MODEM
from seccstack.homeplug.messages import NwInfoCnf, NwInfoReq
from seccstack.homeplug.vendor import VsNwInfoCnf
from seccstack.slac.events import Heard, Send
from seccstack.slac.modem_makers import firmware_of, link_of
from seccstack.slac.modem_survey import Survey, ask, learned

PATIENCE = 0.4  # seconds for each answer; a modem takes milliseconds, a cold one 180
TRIES = 2  # of the questions that come last


@dataclass(frozen=True, slots=True)
class Begun:
    """The modem can be asked now."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the modem said of itself; None: nothing.

    ``networks`` are the ids of those it is in, ``others`` how many stations are there with it.
    """

    mac: bytes | None = None
    survey: Survey = Survey()  # noqa: RUF009 - frozen
    link: bool | None = None
    networks: tuple[bytes, ...] | None = None
    others: int | None = None


class Interview:
    """One interview, done when there is no deadline any more."""

    def __init__(self) -> None:
        self.deadline: float | None = None
        self._mac: bytes | None = None
        self._survey = Survey()
        self._left: deque[Mme] = deque()
        self._put: Mme | None = None
        self._surveyed = False
        self._link: bool | None = None
        self._networks: tuple[bytes, ...] | None = None
        self._others: int | None = None

    @property
    def found(self) -> Found:
        """What is known by now."""
        return Found(self._mac, self._survey, self._link, self._networks, self._others)

    def receive(self, event: Begun | Heard, now: float) -> Sequence[Send]:
        """Take an event."""
        if isinstance(event, Begun):
            return self._ask(now)
        if self.deadline is None or not self._is_news(event):
            return []
        return self._ask(now)

    def tick(self, now: float) -> Sequence[Send]:
        """Let every deadline up to now pass."""
        if self.deadline is None or now < self.deadline:
            return []
        return self._ask(now)

    def _ask(self, now: float) -> Sequence[Send]:
        self._survey, questions = ask(self._survey)
        if not questions:
            questions = self._last_question()
        self.deadline = now + PATIENCE if questions else None
        return [Send(LOCAL_MODEM, question) for question in questions]

    def _last_question(self) -> tuple[Mme, ...]:
        maker = self._survey.maker
        if not self._surveyed:
            self._surveyed = True
            if maker is not None and not self._survey.is_boot_loader:
                last = (maker.link, NwInfoReq(), *([maker.stations] if maker.stations else []))
                self._left.extend(question for question in last for _ in range(TRIES))
        self._put = self._left.popleft() if self._left else None
        return () if self._put is None else (self._put,)

    def _is_news(self, heard: Heard) -> bool:
        """Take what the modem says; whether the next question can be put."""
        message = heard.message
        if self._mac is None and firmware_of(message) is not None:
            self._mac = heard.source
        if heard.source != self._mac:
            return False
        before, self._survey = self._survey, learned(self._survey, message)
        match message:
            case NwInfoCnf(networks=networks) if self._networks is None:
                self._networks = tuple(network.network_id for network in networks)
            case VsNwInfoCnf(networks=joined) if self._others is None:
                self._others = sum(len(network.stations) for network in joined)
            case _ if self._link is None and link_of(message) is not None:
                self._link = link_of(message)
            case _:
                return self._survey != before
        while self._left and self._left[0] == self._put:  # it need not be repeated
            self._left.popleft()
        return True
