"""How our own modem is given its key, watched, and noticed when it dies."""

import pytest

from seccstack.homeplug.messages import SetKeyCnf
from seccstack.homeplug.vendor import HostActionInd, HostActionRsp, PlLinkStatusCnf
from seccstack.slac import timing
from seccstack.slac.events import KeyInForce, KeyLost, LinkChanged, ModemLearned, Send
from seccstack.slac.modem_events import ModemAnswers, ModemSilent, UseKey, WatchLink
from tests.slac.desk import KEY, MODEM, NONCE, POLL, STRANGER, Desk, set_key


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def keyed(desk):
    desk.settle()
    return desk


def without_polls(done):
    return [(at, action) for at, action in done if action != POLL]


# The key.


def test_the_key_is_given_with_the_id_that_follows_from_it(desk):
    assert desk.tell(UseKey(KEY)) == [set_key()]


def test_another_network_id_can_be_given(desk):
    [send] = desk.tell(UseKey(KEY, network_id=bytes(7)))
    assert send.message.network_id == bytes(7)


def test_result_1_is_success_and_who_answers_is_our_modem(desk):
    desk.tell(UseKey(KEY))
    assert desk.confirm(1) == [ModemLearned(MODEM), KeyInForce(KEY), POLL]


def test_the_same_modem_is_not_learned_again(keyed):
    keyed.tell(UseKey(bytes(16)))
    assert keyed.confirm() == [KeyInForce(bytes(16)), POLL]


def test_another_modem_is(keyed):
    keyed.tell(UseKey(KEY))
    assert keyed.confirm(source=STRANGER)[0] == ModemLearned(STRANGER)


def test_result_0_is_a_refusal_and_the_key_is_given_again(desk):
    desk.tell(UseKey(KEY))
    assert desk.confirm(0) == []
    assert desk.wait(timing.SET_KEY) == [(0.5, set_key())]
    assert KeyInForce(KEY) in desk.confirm(1)


def test_result_0_is_success_only_if_said_so():
    desk = Desk(accept_zero=True)
    desk.tell(UseKey(KEY))
    assert KeyInForce(KEY) in desk.confirm(0)


def test_an_answer_that_does_not_return_our_nonce_is_not_our_modems(desk):
    assert desk.tell(UseKey(KEY, nonce=NONCE)) == [set_key(nonce=NONCE)]
    assert desk.confirm(source=STRANGER) == []
    assert desk.confirm(nonce=NONCE)[0] == ModemLearned(MODEM)


def test_a_silent_modem_is_asked_four_times_then_told_of_then_asked_on_and_on(desk):
    desk.tell(UseKey(KEY))
    desk.wait(4.5)
    silent = ModemSilent("it does not answer CM_SET_KEY.REQ")
    assert [at for at, action in desk.done if action == set_key()] == [0, 0.5, 1, 1.5, 2]
    assert [(at, a) for at, a in desk.done if a == silent] == [(2, silent)]
    assert desk.confirm() == [ModemAnswers(), ModemLearned(MODEM), KeyInForce(KEY), POLL]


def test_a_modem_that_refuses_on_and_on_is_told_of_as_such(desk):
    desk.tell(UseKey(KEY))
    for _ in range(4):
        desk.confirm(0)
        desk.wait(timing.SET_KEY)
    assert (2.0, ModemSilent("it refuses the key with result 0")) in desk.done


def test_a_tick_before_its_time_does_nothing(keyed):
    assert keyed.host.tick(keyed.now) == []


def test_an_answer_nobody_waits_for_changes_nothing(keyed):
    assert keyed.confirm(source=STRANGER) == []


def test_a_modem_is_nobody_before_it_is_given_a_key(desk):
    assert desk.host.deadline is None
    assert desk.tell(WatchLink(on=True)) == []
    assert desk.confirm() == desk.report(link=1) == desk.say(HostActionInd(action=0)) == []
    assert desk.wait(100) == []


# The link.


def test_the_link_is_asked_for_ten_times_a_second_while_it_is_awaited(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=0)
    keyed.wait(1, link=0)
    assert keyed.polls() == pytest.approx([n / 10 for n in range(11)])


def test_the_link_is_told_once_when_it_stands_and_then_asked_for_every_second(keyed):
    keyed.tell(WatchLink(on=True))
    assert keyed.report(link=1) == [LinkChanged(up=True)]
    assert without_polls(keyed.wait(5, link=1)) == []
    assert keyed.polls() == pytest.approx([0, 1, 2, 3, 4, 5])


def test_a_link_is_lost_when_three_answers_in_a_row_say_so(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    assert without_polls(keyed.wait(3, link=0)) == [(1.2, LinkChanged(up=False))]


def test_one_answer_that_the_link_is_down_is_doubted(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    keyed.wait(1.1, link=0)
    assert without_polls(keyed.wait(5, link=1)) == []


def test_an_answer_with_an_error_says_nothing_of_the_link(keyed):
    keyed.tell(WatchLink(on=True))
    assert keyed.report(link=1, status=1) == []
    keyed.wait(0.1)
    assert keyed.report(link=1) == [LinkChanged(up=True)]


def test_watching_anew_tells_of_the_link_anew(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    assert keyed.tell(WatchLink(on=True)) == [POLL]
    assert keyed.report(link=1) == [LinkChanged(up=True)]


def test_unwatched_the_link_is_not_told_of(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.tell(WatchLink(on=False))
    assert keyed.report(link=1) == []


def test_a_new_key_drops_the_link(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    assert keyed.tell(UseKey(bytes(16))) == [LinkChanged(up=False), set_key(bytes(16))]


@pytest.mark.parametrize("message", [PlLinkStatusCnf(link=1), HostActionInd(action=0)])
def test_nothing_is_believed_of_a_stranger(keyed, message):
    keyed.tell(WatchLink(on=True))
    assert keyed.say(message, source=STRANGER) == []


def test_an_answer_to_no_question_is_not_believed(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=0)
    assert keyed.report(link=1) == []


def test_what_the_modem_says_besides_is_no_news(keyed):
    assert keyed.say(SetKeyCnf(result=1, your_nonce=NONCE)) == []


# Whether it lives.


def test_idle_the_modem_is_asked_every_five_seconds_whether_it_lives(keyed):
    keyed.wait(16, link=0)
    assert keyed.polls() == pytest.approx([5, 10, 15])


@pytest.mark.parametrize("watching", [False, True])
def test_a_modem_that_dies_is_noticed_after_two_seconds_without_an_answer(keyed, watching):
    keyed.tell(WatchLink(on=watching))
    keyed.report(link=1)
    asked = 1 if watching else 5
    told = without_polls(keyed.wait(asked + 2))
    silent = ModemSilent("it does not answer VS_PL_LINK_STATUS.REQ")
    assert told == [(asked + 2, silent)]


def test_a_silent_modem_is_not_asked_ten_times_a_second(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    keyed.wait(20)
    assert len([at for at in keyed.polls() if 9.5 < at < 19.5]) == 10


def test_a_modem_that_answers_again_keeps_its_key_and_its_link(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    keyed.wait(20)
    assert keyed.report(link=1) == [ModemAnswers()]


def test_one_lost_answer_is_no_silence(keyed):
    keyed.wait(5.5)
    keyed.wait(1, link=0)
    assert without_polls(keyed.done) == []


def test_a_restarted_modem_is_given_its_key_again(keyed):
    keyed.tell(WatchLink(on=True))
    keyed.report(link=1)
    assert keyed.say(HostActionInd(action=0)) == [
        LinkChanged(up=False),
        KeyLost(),
        Send(MODEM, HostActionRsp()),
        set_key(),
    ]
    assert keyed.confirm() == [KeyInForce(KEY), POLL]


def test_a_modem_that_says_twice_that_it_restarted_has_lost_its_key_once(keyed):
    keyed.say(HostActionInd(action=0))
    again = keyed.say(HostActionInd(action=0))
    assert again == [Send(MODEM, HostActionRsp()), set_key()]


def test_the_key_is_in_no_repr(desk):
    shown = repr(desk.tell(UseKey(KEY))) + repr(UseKey(KEY)) + repr(desk.host._state)
    assert repr(KEY) not in shown
    assert "network_key" not in shown
