"""Keeping our own modem configured: the key it uses, the link it has, whether it lives.

Theory of operation
-------------------
The modem takes its key with CM_SET_KEY. It may be slow after a cold boot, and may refuse for a
while, so the request is repeated; a modem that stays silent is asked for ever, but more slowly.
Whoever answers, and returns our nonce, is our modem: its address is learned from that answer,
and nothing is believed of any other station. (Give `UseKey` a random nonce, and no station on
the line can pass for our modem: it would have to return what it never heard.)

A key that is taken counts at once, though the modem needs seconds to be in the network that
follows from it: matching takes its time, too. Meanwhile CM_NW_INFO is asked for that network.
Where it has been seen and is gone again, the modem has forgotten the key, and is given it anew;
so is one that says it has restarted, or whose firmware is suddenly another.

With the key in force the modem is asked for its link all the time: often while somebody waits
for the link, once a second while it stands, rarely otherwise, because a dead modem should be
noticed before a driver does. Losing the answers does not lose the key: setting it again would
cut a link that may well stand, and so would a restart. What else is tried for a modem that is
silent is `seccstack.slac.modem_ladder`; what modem it is, `seccstack.slac.modem_survey`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import assert_never

from seccstack.homeplug.fields import Mme
from seccstack.homeplug.lumissil import NscmGetDLinkStatusCnf
from seccstack.homeplug.messages import NwInfoCnf, NwInfoReq, SetKeyCnf
from seccstack.homeplug.vendor import (
    HostActionInd,
    HostActionRsp,
    PlLinkStatusCnf,
    VsNwInfoCnf,
)
from seccstack.slac import modem_ladder, timing
from seccstack.slac.events import Heard, KeyInForce, KeyLost, LinkChanged, ModemLearned, Send
from seccstack.slac.modem_events import (
    Action,
    Event,
    ModemAnswers,
    ModemReported,
    ModemSilent,
    ReopenLine,
    UseKey,
    WatchLink,
)
from seccstack.slac.modem_ladder import Climb, Step
from seccstack.slac.modem_makers import (
    ANSWERS,
    LINK_ANSWERS,
    MAKERS,
    QUALCOMM,
    Maker,
    firmware_of,
    link_of,
)
from seccstack.slac.modem_states import (
    InForce,
    Setting,
    State,
    Unused,
    key_state,
    network_of,
    request,
    sends,
    strangers,
)
from seccstack.slac.modem_status import Condition, Status
from seccstack.slac.modem_survey import Survey, ask, learned, warnings

SUCCESS = 1  # CM_SET_KEY.CNF of every modem seen in the field
GREEN_PHY_SUCCESS = 0  # what the specification's text says; of those modems it is a refusal


class ModemHost:
    """The host's side of one modem.

    ``accept_zero``: its CM_SET_KEY.CNF 0 means success. ``supervises``: what kind of modem it
    is, and whether it keeps the key, is looked after too, and it is restarted if need be.
    """

    def __init__(self, *, accept_zero: bool = False, supervises: bool = True) -> None:
        self._successes = {SUCCESS, GREEN_PHY_SUCCESS} if accept_zero else {SUCCESS}
        self._supervises = supervises
        self._state: State = Unused()
        self._modem: bytes | None = None
        self._survey = Survey()
        self._surveyed: bytes | None = None  # who the survey is of
        self._climb: Climb | None = None  # while it is silent
        self._trouble: str | None = None
        self._watch = WatchLink(on=False)
        self._link = False
        self._link_told = False  # whether it answers when asked for the link
        self._foreign: frozenset[bytes] = frozenset()
        self._reported = Status()

    @property
    def deadline(self) -> float | None:
        """When `tick` must be called next, if nothing is received before."""
        climb = None if self._climb is None else self._climb.deadline
        deadlines = (self._state.deadline, climb)
        return min((d for d in deadlines if d is not None), default=None)

    @property
    def status(self) -> Status:
        """What is known of the modem."""
        condition = Condition.SOUGHT if self._modem is None else Condition.ANSWERS
        if self._climb is not None:
            condition = Condition.DEAD if self._climb.falls else Condition.SILENT
        survey, key, doubts = self._survey, *key_state(self._state)
        return Status(
            condition=condition,
            trouble=self._trouble,
            mac=self._modem,
            maker=None if survey.maker is None else survey.maker.name,
            firmware=survey.firmware,
            role=survey.role,
            coordinator=survey.coordinator,
            key=key,
            link=self._link,
            warnings=(*warnings(survey), *doubts),
        )

    def receive(self, event: Event, now: float) -> Sequence[Action]:
        """Take an event."""
        return self._report(self._take(event, now))

    def tick(self, now: float) -> Sequence[Action]:
        """Let every deadline up to now pass."""
        actions: list[Action] = []
        match self._state:
            case Setting(deadline=deadline) if deadline <= now:
                actions += self._try_again(self._state, now)
            case InForce(deadline=deadline) if deadline <= now:
                actions += self._poll(self._state, now)
            case _:
                pass
        climb = self._climb
        if climb is not None and climb.deadline <= now:
            self._climb = modem_ladder.above(climb, now)
            actions += self._step(climb.due, now)
        return self._report(actions)

    def _report(self, actions: Sequence[Action]) -> Sequence[Action]:
        """Tell of the modem's status, too, where it has changed."""
        status = self.status
        if status == self._reported or not self._supervises:
            return actions
        self._reported = status
        return [*actions, ModemReported(status)]

    def _take(self, event: Event, now: float) -> Sequence[Action]:
        match event:
            case Heard():
                return self._hear(event, now)
            case UseKey():
                return [*self._drop_link(), *self._set_key(event, now)]
            case WatchLink():
                self._watch, self._link, self._foreign = event, False, frozenset()
                if isinstance(self._state, InForce):
                    self._state = replace(self._state, doubts=0)
                    return self._poll(self._state, now)
                return []
            case _:
                assert_never(event)

    def _hear(self, heard: Heard, now: float) -> Sequence[Action]:
        source, message = heard.source, heard.message
        match self._state, message:
            case Setting(), SetKeyCnf() if message.your_nonce == self._state.use.nonce:
                return self._settle(self._state, source, message.result, now)
            case Setting(refused_by=refused_by), NwInfoCnf() if refused_by == source:
                if network_of(self._state.use) in [n.network_id for n in message.networks]:
                    return self._succeed(self._state, source, now)  # it has meant well
            case ((Setting() | InForce()), HostActionInd()) if source == self._modem:
                acknowledged = Send(source, HostActionRsp())
                return self._restarted(self._state, [acknowledged], now)
            case Setting(), _ if firmware_of(message) and self._modem in (None, source):
                self._survey, self._surveyed = learned(self._survey, message), source
            case InForce(), _ if source == self._modem:
                return self._follow(self._state, message, now)
            case _:
                pass
        return []

    # The key.

    def _set_key(self, use: UseKey, now: float, *, again: bool = False) -> Sequence[Action]:
        self._state = Setting(use, now + timing.SET_KEY, again=again)
        return [*sends(request(use)), *self._seek()]

    def _seek(self) -> Sequence[Action]:
        """Ask whoever it is what it is: a modem without firmware takes no key."""
        if not self._supervises or self._survey.firmware is not None:
            return []
        self._survey, questions = ask(self._survey)
        return sends(*questions)

    def _settle(
        self, setting: Setting, modem: bytes, result: int, now: float
    ) -> Sequence[Action]:
        if result in self._successes:
            return self._succeed(setting, modem, now)
        # It may take the key later: the retries stand. Or it has taken it, and says so its way.
        trouble = f"it refuses the key with result {result}"
        self._state = replace(setting, trouble=trouble, refused_by=modem)
        return sends(NwInfoReq()) if result == GREEN_PHY_SUCCESS else []

    def _succeed(self, setting: Setting, modem: bytes, now: float) -> Sequence[Action]:
        told = [] if modem == self._modem else [ModemLearned(modem)]
        self._modem = modem
        if self._surveyed != modem:
            self._survey, self._surveyed = Survey(), modem
        firmware_at = now + timing.FIRMWARE_WATCH
        self._state = InForce(
            setting.use, now, taken_at=now, again=setting.again, firmware_at=firmware_at
        )
        key = KeyInForce(setting.use.network_key)
        return [*self._found_alive(), *told, key, *self._poll(self._state, now)]

    def _try_again(self, setting: Setting, now: float) -> Sequence[Action]:
        asked = [*sends(request(setting.use)), *self._seek()]
        left = setting.retries_left
        if left:
            deadline = now + timing.SET_KEY
            self._state = replace(setting, deadline=deadline, retries_left=left - 1)
            return asked
        self._state = replace(setting, deadline=now + timing.SET_KEY_PATIENCE)
        trouble = setting.trouble
        if self._survey.is_boot_loader:
            trouble = "it has no firmware, only its boot loader"
        return [*self._found_silent(trouble, now), *asked]

    def _restarted(
        self, state: Setting | InForce, first: Sequence[Action], now: float
    ) -> Sequence[Action]:
        """The modem has forgotten the key: give it the key again."""
        lost = [KeyLost()] if isinstance(state, InForce) else []
        self._survey = Survey()
        return [*self._drop_link(), *lost, *first, *self._set_key(state.use, now)]

    def _compare(self, state: InForce, message: NwInfoCnf, now: float) -> Sequence[Action]:
        """See whether the modem is in the network of the key."""
        if network_of(state.use) in [network.network_id for network in message.networks]:
            self._state = replace(state, shown=True, missed=0)
            return []
        self._state = state = replace(state, missed=min(state.missed + 1, timing.KEYS_MISSED))
        if self._link:
            return []
        if state.shown and state.missed == timing.KEYS_MISSED:
            return self._restarted(state, [], now)
        late = now >= state.taken_at + timing.KEY_SHOWN
        if late and not state.shown and not state.again and not self._watch.on:
            return self._set_key(state.use, now, again=True)
        return []

    # Questions, and what is made of their answers.

    @property
    def _maker(self) -> Maker:
        return self._survey.maker or QUALCOMM

    def _poll(self, state: InForce, now: float) -> Sequence[Action]:
        silence: Sequence[Action] = []
        since = now if state.unanswered_since is None else state.unanswered_since
        settled = now >= state.taken_at + timing.KEY_SETTLING
        if settled and now - since >= timing.POLL_SILENCE:
            trouble = f"it does not answer {self._maker.link.name}"
            silence = self._found_silent(trouble, now)
        asked, further = self._further(state, now)
        pause = min(self._interval(state, now), timing.POLL_AGAIN)
        pause = timing.POLL_JOINED if self._climb is not None else pause
        self._state = replace(
            asked, unanswered_since=since, link_asked=True, deadline=now + pause
        )
        return [*silence, *sends(self._maker.link, *further)]

    def _further(self, state: InForce, now: float) -> tuple[InForce, Sequence[Mme]]:
        """Return what is to be asked beside the link now, and the state when it is."""
        questions: list[Mme] = []
        if not self._supervises:
            return state, questions
        stations, look = self._maker.stations, self._link and now >= state.stations_at
        if self._watch.on and stations is not None and (look or not self._link_told):
            questions.append(stations)
            state = replace(state, stations_at=now + timing.STATIONS_WATCH)
        if now >= state.survey_at:
            self._survey, asked = ask(self._survey)
            questions += asked
            state = replace(state, survey_at=now + timing.POLL_JOINED)
        if now >= state.firmware_at:
            questions.append(self._maker.version)
            state = replace(state, firmware_at=now + timing.FIRMWARE_WATCH)
        if now >= state.key_at and not self._link:
            questions.append(NwInfoReq())
            pause = timing.KEY_WATCH if state.shown else timing.POLL_JOINED
            state = replace(state, key_at=now + pause)
        return state, questions

    def _interval(self, state: InForce, now: float) -> float:
        if self._watch.on and (not self._link or state.doubts):
            return timing.POLL_JOINING
        settling = not state.shown and now < state.taken_at + timing.KEY_SHOWN
        if self._watch.on or (self._supervises and settling):
            return timing.POLL_JOINED
        return timing.POLL_IDLE

    def _follow(self, state: InForce, message: Mme, now: float) -> Sequence[Action]:
        if not isinstance(message, ANSWERS):
            return []
        if isinstance(message, LINK_ANSWERS) and not state.link_asked:
            return []  # nobody asked
        alive = self._found_alive()
        firmware, known = firmware_of(message), self._survey.firmware
        if firmware is not None and known is not None and firmware[1] != known:
            return [*alive, *self._restarted(state, [], now)]
        self._survey = learned(self._survey, message)
        self._state = state = replace(state, unanswered_since=None)
        match message:
            case NwInfoCnf():
                return [*alive, *self._compare(state, message, now)]
            case VsNwInfoCnf():
                return [*alive, *self._see_stations(state, message)]
            case PlLinkStatusCnf() | NscmGetDLinkStatusCnf():
                return [*alive, *self._see_link(state, link_of(message), now)]
            case _:
                return alive

    def _see_link(self, state: InForce, up: bool | None, now: float) -> Sequence[Action]:
        state, changes = replace(state, link_asked=False), list[Action]()
        if up is not None:
            self._link_told = True
            state, changes = self._link_is(state, up)
        self._state = replace(state, deadline=now + self._interval(state, now))
        return changes

    def _link_is(self, state: InForce, up: bool) -> tuple[InForce, list[Action]]:
        """Take what is said of the link; one word that it is down is not believed."""
        if not self._watch.on:
            return state, []
        if up and not self._link:
            self._link = True
            return replace(state, doubts=0, shown=True, missed=0), [LinkChanged(up=True)]
        doubts = state.doubts + 1 if self._link and not up else 0
        if doubts == timing.LINK_LOST_POLLS:
            return replace(state, doubts=0), self._drop_link()
        return replace(state, doubts=doubts), []

    def _see_stations(self, state: InForce, message: VsNwInfoCnf) -> Sequence[Action]:
        """Look for strangers; and for a link, of a modem that does not answer for it."""
        ours, changes = network_of(state.use), list[Action]()
        stations = [s for n in message.networks if n.network_id == ours for s in n.stations]
        if not self._link_told:
            self._state, changes = self._link_is(state, bool(stations))
        vehicle = self._watch.vehicle
        if vehicle is None or not self._link:
            return changes
        seen = strangers(stations, vehicle, self._foreign)
        self._foreign |= {stranger.modem_mac for stranger in seen}
        return [*changes, *seen]

    def _drop_link(self) -> list[Action]:
        was_up, self._link = self._link, False
        return [LinkChanged(up=False)] if was_up else []

    # Silence.

    def _found_silent(self, why: str, now: float) -> Sequence[Action]:
        self._trouble = why
        if self._climb is not None:
            return []
        self._climb = modem_ladder.begin(now)
        return [ModemSilent(why)]

    def _found_alive(self) -> Sequence[Action]:
        was_silent, self._climb, self._trouble = self._climb is not None, None, None
        return [ModemAnswers()] if was_silent else []

    def _step(self, step: Step, now: float) -> Sequence[Action]:
        match step:
            case Step.REOPEN if self._supervises:
                return [ReopenLine()]
            case Step.RESTART if self._supervises and not self._link:
                return self._restart(now)
            case _:  # it is dead, as its status says; or a link may stand all the same
                return []

    def _restart(self, now: float) -> Sequence[Action]:
        """Tell the modem to restart, which costs it its key."""
        lost: list[Action] = []
        if isinstance(self._state, InForce):
            lost = [KeyLost()]
            patience = now + timing.SET_KEY_PATIENCE
            self._state = Setting(self._state.use, patience, retries_left=0)
        makers = MAKERS if self._survey.maker is None else (self._survey.maker,)
        self._survey = Survey()
        return [*lost, *sends(*(maker.restart for maker in makers))]
