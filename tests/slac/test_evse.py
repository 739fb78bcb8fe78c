"""What a charger does when EVs ask to be matched, beyond what ISO 15118-5 tests."""

import pytest

from seccstack.homeplug.frame import BROADCAST
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenProfileInd,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacParmCnf,
    SlacParmReq,
    ValidateReq,
)
from seccstack.homeplug.vendor import PlLinkStatusCnf
from seccstack.slac import timing
from seccstack.slac.events import Heard, Ignored, KeyInForce, KeyLost, LinkChanged, ModemLearned
from seccstack.slac.evse import (
    LinkLost,
    LinkReady,
    Matched,
    MatchingFailed,
    VehicleArrived,
    VehicleLeft,
)
from seccstack.slac.validation import Validation
from tests.slac.bench import (
    EV,
    EVSE,
    KEY,
    KEY_2,
    MODEM,
    OTHER,
    PROFILE,
    RUN,
    Bench,
    choice,
    reasons,
    response,
    sent,
    start,
)

ANOTHER_RUN = b"\x07" * 8


@pytest.fixture
def bench():
    return Bench()


def failures(bench):
    return [(at, a.reason) for at, a in bench.done if isinstance(a, MatchingFailed)]


# Who is believed.


def test_nobody_is_answered_before_a_vehicle_is_there(bench):
    bench.tell(VehicleLeft())
    bench.tell(KeyInForce(KEY))
    actions = bench.tell(Heard(BROADCAST, EV, SlacParmReq(run_id=RUN)))
    assert actions == [Ignored("CM_SLAC_PARM.REQ", "no vehicle is at our outlet")]


def test_nobody_is_answered_before_a_key_is_in_force():
    bench = Bench(ready=False)
    bench.tell(VehicleArrived())
    assert reasons(bench.tell(Heard(BROADCAST, EV, SlacParmReq(run_id=RUN)))) == [
        ("CM_SLAC_PARM.REQ", "no key is in force")
    ]
    bench.tell(KeyInForce(KEY))
    assert bench.ask()


def test_a_key_serves_one_plug_in(bench):
    bench.match()
    bench.tell(VehicleLeft())
    bench.tell(VehicleArrived())
    assert bench.ask() == []
    bench.tell(KeyInForce(KEY_2))
    [confirmation] = bench.match()
    assert confirmation.network_key == KEY_2


def test_only_our_own_modem_is_believed_about_attenuation(bench):
    bench.ask()
    bench.say(start())
    assert bench.hear(modem=OTHER) == []
    assert bench.hear(modem=MODEM)


def test_before_our_modem_is_known_no_attenuation_is_believed():
    bench = Bench(ready=False)
    bench.tell(VehicleArrived())
    bench.tell(KeyInForce(KEY))
    bench.ask()
    bench.say(start())
    assert bench.hear() == []
    bench.tell(ModemLearned(MODEM))
    assert bench.hear()


def test_a_sound_that_lost_nothing_on_its_way_is_a_fault_of_the_modem(bench):
    bench.ask()
    bench.say(start())
    assert bench.hear(profile=bytes(58)) == []
    bench.wait(1)
    assert bench.said(AttenCharInd) == []


@pytest.mark.parametrize("to", [OTHER, BROADCAST])
def test_a_choice_not_sent_to_us_is_not_ours(bench, to):
    bench.get_chosen()
    assert bench.say(choice(), to=to) == []


@pytest.mark.parametrize("source", [EVSE, bytes(6), BROADCAST, bytes.fromhex("33330000000a")])
def test_nobody_is_answered_at_an_address_no_ev_can_have(bench, source):
    assert bench.ask(mac=source) == []


def test_a_start_may_name_no_other_station_to_report_to(bench):
    bench.ask()
    assert reasons(bench.tell(Heard(BROADCAST, EV, start(forwarding_station=OTHER)))) == [
        (
            "CM_START_ATTEN_CHAR.IND",
            f"forwarding_station is {OTHER.hex()}, not {EV.hex()}",
        )
    ]


@pytest.mark.parametrize(
    "message",
    [
        SlacParmCnf(forwarding_station=EV, run_id=RUN),
        PlLinkStatusCnf(link=1),
        MnbcSoundInd(remaining=9, run_id=RUN, random=bytes(16)),
    ],
)
def test_what_others_say_to_each_other_is_no_news(bench, message):
    assert bench.tell(Heard(EVSE, OTHER, message)) == []


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (start(), "belongs to no attempt"),
        (AttenProfileInd(ev_mac=EV, attenuations=PROFILE), "belongs to no attempt"),
        (choice(), "belongs to no attempt that awaits a choice"),
        (ValidateReq(), "belongs to no attempt that awaits a choice"),
    ],
)
def test_what_nobody_asked_for_is_ignored_and_said_so(bench, message, why):
    source = MODEM if isinstance(message, AttenProfileInd) else EV
    assert bench.tell(Heard(EVSE, source, message)) == [Ignored(message.name, why)]


def test_a_message_out_of_turn_names_the_state_it_came_in(bench):
    bench.ask()
    assert reasons(bench.tell(Heard(EVSE, EV, response()))) == [
        ("CM_ATTEN_CHAR.RSP", "not while AwaitingStart")
    ]


# The result.


def test_the_mean_is_rounded_half_up():
    bench = Bench()
    bench.ask()
    bench.say(start())
    bench.hear(5, profile=bytes([20]) * 58)
    [report] = bench.hear(5, profile=bytes([21]) * 58)
    assert set(report.attenuations) == {21}


@pytest.mark.parametrize(
    ("correction", "reported"), [(-3, 0), (3, 5), (255, 255)], ids=["down", "up", "far"]
)
def test_what_the_board_does_to_the_signal_is_made_good_within_an_octet(correction, reported):
    bench = Bench(correction_db=correction)
    bench.ask()
    bench.say(start())
    [report] = bench.hear(profile=bytes([2]) * 58)
    assert set(report.attenuations) == {reported}


def test_the_sounds_of_one_ev_go_to_its_newest_run(bench):
    for run in (RUN, ANOTHER_RUN):
        bench.ask(run=run)
        bench.say(start(run=run))
    [report] = bench.hear()
    assert report.run_id == ANOTHER_RUN


def test_a_start_is_sent_three_times_and_the_first_counts(bench):
    bench.ask()
    for _ in range(3):
        bench.say(start())
        bench.wait(0.02)
    bench.hear(7)
    bench.wait(1)
    assert bench.said(AttenCharInd)[0] == pytest.approx(0.6)


def test_a_response_repeated_does_not_prolong_the_wait(bench):
    bench.get_chosen()
    bench.wait(6)
    bench.say(response())
    bench.wait(4)
    assert bench.say(choice()) == []


# The match.


def test_a_match_says_who_and_how_near(bench):
    bench.match()
    [matched] = [a for _, a in bench.done if isinstance(a, Matched)]
    assert matched == Matched(
        ev_mac=EV,
        run_id=RUN,
        attenuation_db=sum(PROFILE) / 58,
        sounds=10,
        request_mac=EV,
        attenuations=PROFILE,
    )


def test_the_first_to_choose_is_matched_and_the_others_are_dropped(bench):
    cars = [bytes([2, 0, 0, 0, 0, n]) for n in range(5)]
    for car in cars:
        bench.get_chosen(car)
    assert bench.say(choice(cars[3]), cars[3])
    assert [bench.say(choice(car), car) for car in cars if car != cars[3]] == [[]] * 4


def test_a_choice_that_differs_from_the_one_confirmed_is_not_confirmed(bench):
    bench.match()
    assert bench.say(choice(reserved=b"\x01" * 8)) == []


def test_a_confirmed_choice_is_not_confirmed_once_the_link_stands(bench):
    bench.match()
    assert bench.tell(LinkChanged(up=True)) == [LinkReady(EV)]
    assert bench.say(choice()) == []


def test_an_ev_that_never_joins_fails_after_12_s_and_may_ask_again(bench):
    bench.match()
    assert bench.wait(20) == [
        (12.0, MatchingFailed("the EV has our key but did not join our network"))
    ]
    assert bench.ask()


def test_while_an_ev_joins_no_other_may_ask(bench):
    bench.match()
    assert reasons(bench.tell(Heard(BROADCAST, OTHER, SlacParmReq(run_id=RUN)))) == [
        ("CM_SLAC_PARM.REQ", "not while Joining")
    ]


def test_an_ev_that_missed_the_confirmation_starts_anew_and_joins(bench):
    bench.match()
    bench.wait(0.6)
    assert bench.match()
    assert bench.tell(LinkChanged(up=True)) == [LinkReady(EV)]


def test_an_ev_that_joins_after_all_is_joined_though_it_has_asked_again(bench):
    bench.match()
    bench.ask()
    assert bench.tell(LinkChanged(up=True)) == [LinkReady(EV)]
    assert bench.wait(30) == []


def test_an_attempt_of_before_the_link_stood_ends_with_it(bench):
    bench.match()
    bench.get_chosen()
    bench.tell(LinkChanged(up=True))
    assert bench.say(choice()) == []


def test_an_ev_at_it_again_when_its_time_to_join_is_over_has_not_failed(bench):
    bench.match()
    bench.wait(11.8)
    bench.get_chosen()
    bench.wait(1)
    assert bench.say(choice())
    assert failures(bench) == []


def test_a_key_changed_while_an_ev_joins_leaves_it_nothing_to_join(bench):
    bench.match()
    assert bench.tell(KeyInForce(KEY)) == []
    assert bench.tell(KeyInForce(KEY_2)) == [
        MatchingFailed("our key was changed while the EV was joining")
    ]
    [confirmation] = bench.match()
    assert confirmation.network_key == KEY_2


def test_a_link_that_was_not_expected_is_no_news(bench):
    assert bench.tell(LinkChanged(up=True)) == []
    assert bench.tell(LinkChanged(up=False)) == []


def test_after_a_lost_link_the_same_ev_is_served_and_no_other(bench):
    bench.match()
    bench.tell(LinkChanged(up=True))
    assert bench.tell(LinkChanged(up=False)) == [LinkLost()]
    assert bench.ask(mac=OTHER) == []
    assert bench.match(run=ANOTHER_RUN)
    assert bench.tell(LinkChanged(up=True)) == [LinkReady(EV)]


def test_a_link_that_comes_back_by_itself_is_ready_again(bench):
    bench.match()
    for up in (True, False, True):
        actions = bench.tell(LinkChanged(up=up))
    assert actions == [LinkReady(EV)]


def test_after_a_lost_link_an_attempt_that_fails_changes_nothing(bench):
    bench.match()
    bench.tell(LinkChanged(up=True))
    bench.tell(LinkChanged(up=False))
    bench.ask()
    assert bench.wait(100) == []
    assert bench.ask()


def test_a_further_go_after_a_lost_link_is_open_to_all(bench):
    bench.match()
    bench.tell(LinkChanged(up=True))
    bench.tell(LinkChanged(up=False))
    bench.tell(VehicleArrived())
    assert bench.match(OTHER)


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 4], ids=lambda n: f"after-{n}-messages")
def test_a_car_that_starts_anew_in_any_state_is_served(bench, steps):
    script = [start(), *[None] * (steps > 1), response(), choice()]
    bench.ask()
    for message in script[:steps]:
        bench.hear() if message is None else bench.say(message)
    assert bench.match()


# When nobody comes.


def test_an_attempt_that_fails_leaves_time_to_try_again(bench):
    bench.wait(45)
    bench.ask()
    bench.wait(20)
    why = "no CM_START_ATTEN_CHAR.IND followed CM_SLAC_PARM.CNF"
    assert failures(bench) == [(pytest.approx(45 + 0.4 + 10), why)]
    assert bench.ask()  # it has asked before: it is let in again


def test_an_attempt_that_fails_early_does_not_shorten_the_wait_for_the_first(bench):
    bench.ask()
    bench.wait(49.9)
    assert failures(bench) == []
    bench.wait(0.2)
    assert [at for at, _ in failures(bench)] == [50]


def test_while_another_attempt_goes_on_a_failed_one_ends_nothing(bench):
    bench.get_chosen()
    bench.wait(5)
    bench.ask(mac=OTHER)
    bench.wait(1)
    assert bench.say(choice())


def test_a_stranger_that_asks_on_and_on_does_not_hold_matching_open(bench):
    while not failures(bench) and bench.now < 1000:
        bench.get_chosen(mac=OTHER)
        bench.wait(0.2)
    assert bench.now == pytest.approx(timing.EVSE_SLAC_INIT + timing.MATCHING_LIMIT, abs=0.3)
    assert bench.say(choice(OTHER), OTHER) == []


def test_a_vehicle_said_to_be_there_again_has_a_further_go(bench):
    bench.wait(60)
    bench.tell(VehicleArrived())
    assert bench.ask()


def test_a_vehicle_said_to_be_there_again_while_it_matches_is_no_news(bench):
    bench.get_chosen()
    bench.tell(VehicleArrived())
    assert bench.say(choice())
    bench.tell(VehicleArrived())
    assert bench.ask(mac=OTHER) == []
    bench.tell(LinkChanged(up=True))
    bench.tell(VehicleArrived())
    assert bench.ask() == []


def test_the_wait_can_be_shorter_and_late_cars_be_served():
    bench = Bench(init_seconds=10, serve_late=True)
    assert bench.wait(20) == [(10, MatchingFailed("no CM_SLAC_PARM.REQ came within 10 s"))]
    assert bench.match()


def test_unplugging_forgets_everything(bench):
    bench.get_chosen()
    bench.ask(mac=OTHER)
    assert bench.tell(VehicleLeft()) == []
    assert bench.charger.deadline is None
    bench.tell(VehicleArrived())
    bench.tell(KeyInForce(KEY))
    assert bench.say(choice()) == []


# The modem.


def test_a_modem_that_lost_its_key_ends_every_attempt_and_no_plug_in(bench):
    bench.get_chosen()
    bench.tell(KeyLost())
    assert bench.say(choice()) == []
    bench.tell(KeyInForce(KEY))
    assert bench.say(choice()) == []
    assert bench.match()


def test_a_modem_that_lost_its_key_while_an_ev_joins_may_still_be_joined(bench):
    bench.match()
    bench.tell(KeyLost())
    bench.tell(KeyInForce(KEY))
    assert bench.tell(LinkChanged(up=True)) == [LinkReady(EV)]


# Validation.


def test_validation_can_be_said_not_to_be_required():
    bench = Bench(validation=Validation.OFF)
    bench.get_chosen()
    [answer] = bench.say(ValidateReq())
    assert answer.result == 4
    assert bench.say(choice())


@pytest.mark.parametrize("validation", Validation)
@pytest.mark.parametrize("wrong", [{"signal_type": 1}, {"timer": 3}, {"result": 0}])
def test_a_wrong_request_for_validation_is_ignored(validation, wrong):
    bench = Bench(validation=validation)
    bench.get_chosen()
    assert bench.say(ValidateReq(**wrong)) == []


def test_validation_is_for_those_who_have_our_report(bench):
    bench.get_report()
    assert bench.say(ValidateReq()) == []


# Floods.


def test_no_more_attempts_are_kept_than_their_bound(bench):
    for n in range(10_000):
        assert bench.ask(mac=bytes([2, 0, 0, 0, *(n % 1000).to_bytes(2)]), run=n.to_bytes(8))
        bench.wait(0.0001)
    assert len(bench.charger._attempts) == timing.MAX_ATTEMPTS


def crowd(bench, run):
    for n in range(timing.MAX_ATTEMPTS - 1):
        bench.ask(mac=bytes([6, 0, 0, 0, *n.to_bytes(2)]), run=bytes([run]) * 8)


def test_a_newcomer_finds_a_place_however_many_have_asked(bench):
    for run in range(3):
        crowd(bench, run)
    assert bench.match()


def test_a_car_that_moves_on_keeps_its_place_among_strangers(bench):
    bench.ask()
    for run, message in enumerate([start(), response(), choice()]):
        crowd(bench, run)
        answers = bench.say(message)
        if message == start():
            bench.hear()
        bench.now += 0.1
    assert isinstance(answers[0], SlacMatchCnf)


def test_the_network_key_is_in_no_repr(bench):
    [confirmation] = bench.match()
    shown = repr(bench.done) + repr(bench.charger._phase) + repr(KeyInForce(KEY))
    assert confirmation.network_key == KEY
    assert repr(KEY) not in shown
    assert "network_key" not in shown


def test_what_is_sent_goes_to_the_one_who_asked(bench):
    bench.match()
    assert sent([a for _, a in bench.done])
    assert {a.destination for _, a in bench.done if hasattr(a, "destination")} == {EV}
