"""Keeping our own modem configured: the key it uses, the link it has, whether it lives.

Theory of operation
-------------------
The modem takes its key with CM_SET_KEY. It may be slow after a cold boot, and may refuse for a
while, so the request is repeated; a modem that stays silent is asked for ever, but more slowly.
Whoever answers, and returns our nonce, is our modem: its address is learned from that answer,
and nothing is believed of any other station. (Give `UseKey` a random nonce, and no station on
the line can pass for our modem: it would have to return what it never heard.)

With the key in force, VS_PL_LINK_STATUS is asked for all the time: often while somebody waits
for the link, once a second while it stands, rarely otherwise, because a dead modem should be
noticed before a driver does. Losing the answers does not lose the key: setting it again would
cut a link that may well stand. A modem that says it has restarted is given its key again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import assert_never

from seccstack.homeplug.frame import LOCAL_MODEM
from seccstack.homeplug.keys import network_id
from seccstack.homeplug.messages import NO_NONCE, SetKeyCnf, SetKeyReq
from seccstack.homeplug.vendor import (
    HostActionInd,
    HostActionRsp,
    PlLinkStatusCnf,
    PlLinkStatusReq,
)
from seccstack.slac import timing
from seccstack.slac.events import Heard, KeyInForce, KeyLost, LinkChanged, ModemLearned, Send

SUCCESS = 1  # CM_SET_KEY.CNF of every modem seen in the field
GREEN_PHY_SUCCESS = 0  # what the specification's text says; of those modems it is a refusal


@dataclass(frozen=True, slots=True)
class UseKey:
    """Give the modem this key; ``network_id`` None: the one that follows from it."""

    network_key: bytes = field(repr=False)
    network_id: bytes | None = None
    nonce: bytes = NO_NONCE


@dataclass(frozen=True, slots=True)
class WatchLink:
    """Tell of the link, as it is first seen from now on and as it changes; or no longer."""

    on: bool


@dataclass(frozen=True, slots=True)
class ModemSilent:
    """The modem does not do what it is asked to; asking goes on."""

    why: str


@dataclass(frozen=True, slots=True)
class ModemAnswers:
    """The modem that was silent is not any more."""


Event = Heard | UseKey | WatchLink
Action = Send | KeyInForce | KeyLost | ModemLearned | LinkChanged | ModemSilent | ModemAnswers


@dataclass(frozen=True, slots=True)
class Unused:
    """No key has been asked for yet."""

    deadline: None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """The modem has been given a key and has not taken it yet."""

    use: UseKey
    deadline: float
    retries_left: int = timing.SET_KEY_RETRIES
    trouble: str = "it does not answer CM_SET_KEY.REQ"


@dataclass(frozen=True, slots=True)
class InForce:
    """The modem uses the key, and is asked for its link.

    ``unanswered_since``: when the first poll was sent that has not been answered.
    ``doubts``: how many answers in a row have said that the link, reported up, is down.
    """

    use: UseKey
    deadline: float
    unanswered_since: float | None = None
    doubts: int = 0


State = Unused | Setting | InForce


class ModemHost:
    """The host's side of one modem; ``accept_zero`` if its CM_SET_KEY.CNF 0 means success."""

    def __init__(self, *, accept_zero: bool = False) -> None:
        self._successes = {SUCCESS, GREEN_PHY_SUCCESS} if accept_zero else {SUCCESS}
        self._state: State = Unused()
        self._modem: bytes | None = None
        self._silent = False
        self._watching = False
        self._link = False

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        return self._state.deadline

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        match event:
            case Heard():
                return self._hear(event, now)
            case UseKey():
                return [*self._drop_link(), *self._set_key(event, now)]
            case WatchLink(on):
                self._watching, self._link = on, False
                if isinstance(self._state, InForce):
                    self._state = replace(self._state, doubts=0)
                    return self._poll(self._state, now)
                return []
            case _:
                assert_never(event)

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        match self._state:
            case Setting(deadline=deadline) if deadline <= now:
                return self._try_again(self._state, now)
            case InForce(deadline=deadline) if deadline <= now:
                return self._poll(self._state, now)
            case _:
                return []

    def _hear(self, heard: Heard, now: float) -> Sequence[Action]:
        match self._state, heard.message:
            case Setting(), SetKeyCnf() as answer if answer.your_nonce == self._state.use.nonce:
                return self._settle(self._state, heard.source, answer.result, now)
            case ((Setting() | InForce()), HostActionInd()) if heard.source == self._modem:
                return self._restart(self._state, heard.source, now)
            case InForce(), PlLinkStatusCnf() as answer if heard.source == self._modem:
                return self._follow(self._state, answer, now)
            case _:
                return []

    def _set_key(self, use: UseKey, now: float) -> Sequence[Action]:
        self._state = Setting(use, now + timing.SET_KEY)
        return [_request(use)]

    def _settle(
        self, setting: Setting, modem: bytes, result: int, now: float
    ) -> Sequence[Action]:
        if result not in self._successes:  # it may take the key later: the retries stand
            trouble = f"it refuses the key with result {result}"
            self._state = replace(setting, trouble=trouble)
            return []
        learned = [] if modem == self._modem else [ModemLearned(modem)]
        self._modem = modem
        self._state = InForce(setting.use, now)
        key = KeyInForce(setting.use.network_key)
        return [*self._found_alive(), *learned, key, *self._poll(self._state, now)]

    def _restart(self, state: Setting | InForce, modem: bytes, now: float) -> Sequence[Action]:
        lost = [KeyLost()] if isinstance(state, InForce) else []
        acknowledged = Send(modem, HostActionRsp())
        return [*self._drop_link(), *lost, acknowledged, *self._set_key(state.use, now)]

    def _try_again(self, setting: Setting, now: float) -> Sequence[Action]:
        left = setting.retries_left
        if left:
            deadline = now + timing.SET_KEY
            self._state = replace(setting, deadline=deadline, retries_left=left - 1)
            return [_request(setting.use)]
        self._state = replace(setting, deadline=now + timing.SET_KEY_PATIENCE)
        return [*self._found_silent(setting.trouble), _request(setting.use)]

    def _poll(self, state: InForce, now: float) -> Sequence[Action]:
        silence: Sequence[Action] = []
        since = now if state.unanswered_since is None else state.unanswered_since
        if now - since >= timing.POLL_SILENCE:
            silence = self._found_silent("it does not answer VS_PL_LINK_STATUS.REQ")
        deadline = now + min(self._interval(state), timing.POLL_JOINED)
        self._state = replace(state, unanswered_since=since, deadline=deadline)
        return [*silence, Send(LOCAL_MODEM, PlLinkStatusReq())]

    def _interval(self, state: InForce) -> float:
        if self._silent:
            return timing.POLL_JOINED
        if self._watching and (not self._link or state.doubts):
            return timing.POLL_JOINING
        return timing.POLL_JOINED if self._watching else timing.POLL_IDLE

    def _follow(self, state: InForce, answer: PlLinkStatusCnf, now: float) -> Sequence[Action]:
        if state.unanswered_since is None:
            return []  # nobody asked
        alive = self._found_alive()
        believed = self._watching and answer.status == 0
        up = answer.link == 1
        doubts = state.doubts + 1 if believed and self._link and not up else 0
        changes: Sequence[Action] = []
        if believed and up and not self._link:
            self._link, changes = True, [LinkChanged(up=True)]
        elif doubts == timing.LINK_LOST_POLLS:
            doubts, changes = 0, self._drop_link()
        state = replace(state, unanswered_since=None, doubts=doubts)
        self._state = replace(state, deadline=now + self._interval(state))
        return [*alive, *changes]

    def _drop_link(self) -> Sequence[Action]:
        was_up, self._link = self._link, False
        return [LinkChanged(up=False)] if was_up else []

    def _found_silent(self, why: str) -> Sequence[Action]:
        was_silent, self._silent = self._silent, True
        return [] if was_silent else [ModemSilent(why)]

    def _found_alive(self) -> Sequence[Action]:
        was_silent, self._silent = self._silent, False
        return [ModemAnswers()] if was_silent else []


def _request(use: UseKey) -> Send:
    network = network_id(use.network_key) if use.network_id is None else use.network_id
    request = SetKeyReq(my_nonce=use.nonce, network_id=network, network_key=use.network_key)
    return Send(LOCAL_MODEM, request)
