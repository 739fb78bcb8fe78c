"""Cars and chargers on one simulated line: whole matches, with losses, neighbours, floods."""

import pytest

from seccstack.homeplug.frame import Frame, encode_frame
from seccstack.homeplug.messages import (
    BROADCAST,
    AttenCharRsp,
    MnbcSoundInd,
    SlacMatchCnf,
    SlacMatchReq,
    SlacParmReq,
    StartAttenCharInd,
)
from seccstack.sim.modem import Role, SimModem
from seccstack.sim.powerline import FrameSent, ModemRestarted
from seccstack.slac import timing
from seccstack.slac.ev import Character, Joined, MatchFailed, PluggedIn
from seccstack.slac.events import KeyLost
from seccstack.slac.evse import (
    LinkLost,
    LinkReady,
    Matched,
    MatchingFailed,
    VehicleArrived,
    VehicleLeft,
)
from seccstack.slac.modem_events import ModemAnswers, ModemSilent, UseKey, WatchLink
from tests.slac.world import EV, EVSE, KEY, World

OTHER_EV = bytes.fromhex("02aabbccdd02")
OTHER_EVSE = bytes.fromhex("021122334402")
OTHER_KEY = bytes.fromhex("50d3e4933f855b7040784df815aa8db7")


@pytest.fixture
def world():
    return World()


def test_a_car_alone_on_the_line_is_matched_in_less_than_800_ms(world):
    charger, car = world.add_evse(), world.add_ev()
    world.run(5)
    [(at, matched)] = charger.noted(Matched)
    assert at < 0.8
    assert (matched.ev_mac, matched.sounds, matched.attenuation_db) == (EV, 10, 20)
    [(_, joined)] = car.noted(Joined)
    assert joined.network_key == KEY
    [(ready, _)] = charger.noted(LinkReady)
    assert ready == pytest.approx(at + 1, abs=0.12)  # the line's own second, and one poll


def seconds_to_match(seed, **line):
    """From a car's first question to the key it was given, as quick as the norm lets it be."""
    brisk = Character(listen_seconds=0.05, interval_seconds=0.02)
    world = World(seed, **line)
    charger, car = world.add_evse(), world.add_ev(character=brisk)
    world.run(20)
    [(joined_at, _)] = car.noted(Joined)
    assert len(charger.noted(LinkReady)) == 1
    return joined_at


def test_two_hundred_cars_on_a_line_that_loses_a_tenth_of_all_are_all_matched_and_soon():
    took = sorted(
        seconds_to_match(seed, mme_loss=0.1, profile_loss=0.05) for seed in range(200)
    )
    assert len(took) == 200
    assert took[100] < 0.7
    assert took[198] < 7.0


def test_what_of_that_is_ours_is_next_to_nothing():
    quick = Character(
        listen_seconds=0.0, response_seconds=0.0, choice_seconds=0.0, interval_seconds=0.001
    )
    world = World(line_seconds=0.0, modem_seconds=0.0, profile_seconds=0.0)
    world.add_evse()
    car = world.add_ev(character=quick)
    world.run(5)
    [(joined_at, _)] = car.noted(Joined)
    assert joined_at - 12 * 0.001 < 0.010  # the car takes its time between 13 messages


def test_a_report_follows_the_last_of_ten_profiles_within_5_ms():
    world = World(line_seconds=0.0, modem_seconds=0.0, profile_seconds=0.0)
    charger = world.add_evse()
    world.add_ev()
    world.run(5)
    [(matched_at, _)] = charger.noted(Matched)
    last_sound = 0.2 + 12 * 0.04
    response_and_choice = 0.01 + 0.01
    assert matched_at - last_sound - response_and_choice < 0.005


def test_a_car_between_two_chargers_joins_the_nearer_and_the_other_is_free_again(world):
    near, far = world.add_evse(), world.add_evse("far", OTHER_EVSE, OTHER_KEY)
    world.line.attenuate("far", "ev", 35)
    world.add_ev()
    world.run(5)
    assert [m.ev_mac for _, m in near.noted(Matched)] == [EV]
    assert far.noted(Matched) == []
    world.add_ev("other", OTHER_EV)
    world.line.attenuate("evse", "other", 35)
    world.run(5)
    assert [m.ev_mac for _, m in far.noted(Matched)] == [OTHER_EV]


def test_a_neighbours_car_that_chose_its_own_charger_does_not_end_our_wait(world):
    ours, theirs = world.add_evse(), world.add_evse("theirs", OTHER_EVSE, OTHER_KEY)
    world.line.attenuate("evse", "ev", 35)
    world.add_ev()
    world.run(49)
    assert theirs.noted(Matched)
    assert ours.noted(Matched) == ours.noted(MatchingFailed) == []
    world.run(2)
    assert len(ours.noted(MatchingFailed)) == 1


def test_two_cars_at_once_at_one_charger_the_first_to_choose_is_matched(world):
    charger = world.add_evse()
    slow, quick = (
        world.add_ev(character=Character(choice_seconds=0.4)),
        world.add_ev("q", OTHER_EV),
    )
    world.run(20)
    assert [m.ev_mac for _, m in charger.noted(Matched)] == [OTHER_EV]
    assert quick.noted(Joined)
    assert slow.noted(MatchFailed)


@pytest.mark.parametrize("lost", [StartAttenCharInd, AttenCharRsp, SlacMatchReq, MnbcSoundInd])
def test_whatever_the_charger_never_hears_there_is_no_match(world, lost):
    world.line.deaf = frozenset({lost})
    charger, car = world.add_evse(), world.add_ev()
    world.run(200)
    assert charger.noted(Matched) == []
    assert len(charger.noted(MatchingFailed)) == len(car.noted(MatchFailed)) == 1


def test_a_car_that_never_hears_the_key_starts_anew_until_it_does(world):
    world.line.deaf = frozenset({SlacMatchCnf})
    charger, car = world.add_evse(), world.add_ev()
    world.run(3)
    world.line.deaf = frozenset()
    world.run(5)
    assert len(charger.noted(Matched)) > 1
    assert len(car.noted(Joined)) == len(charger.noted(LinkReady)) == 1


def test_a_car_that_takes_the_key_and_does_not_join_fails_after_12_s(world):
    charger = world.add_evse()
    world.add_ev()
    world.line.modems["ev"].silent = True
    world.line.modems["ev"].refusals = 100
    world.run(30)
    [(matched, _)], [(failed, _)] = charger.noted(Matched), charger.noted(MatchingFailed)
    assert failed == pytest.approx(matched + 12)


def test_a_slow_car_of_30_s_is_waited_for(world):
    charger = world.add_evse()
    world.add_ev(character=Character(start_seconds=30))
    world.run(40)
    assert charger.noted(LinkReady)


def test_unplugged_and_plugged_in_again_a_car_gets_another_key(world):
    charger, car = world.add_evse(), world.add_ev()
    world.run(5)
    world.tell("evse", charger.modem, WatchLink(on=False))
    world.tell("evse", charger.slac, VehicleLeft())
    world.tell("evse", charger.modem, UseKey(OTHER_KEY))
    world.run(0.1)
    assert world.line.linked("evse", world.now) == []
    world.tell("evse", charger.slac, VehicleArrived())
    world.tell("ev", car.slac, PluggedIn())
    world.run(5)
    assert [joined.network_key for _, joined in car.noted(Joined)] == [KEY, OTHER_KEY]
    assert len(charger.noted(LinkReady)) == 2


def test_after_the_link_is_lost_the_same_car_is_matched_again(world):
    charger, car = world.add_evse(), world.add_ev()
    world.run(5)
    world.tell("ev", car.modem, UseKey(OTHER_KEY))
    world.run(3)
    assert charger.noted(LinkLost)
    world.tell("ev", car.slac, PluggedIn())
    world.run(5)
    assert len(charger.noted(LinkReady)) == 2


def test_a_charger_whose_modem_restarts_sets_its_key_and_the_car_is_back(world):
    charger = world.add_evse()
    world.add_ev()
    world.run(5)
    world.line.receive(ModemRestarted("evse"), world.now)
    world.run(5)
    assert [len(charger.noted(kind)) for kind in (KeyLost, LinkLost, LinkReady)] == [1, 1, 2]


def test_a_modem_that_is_silent_for_a_while_is_told_of_and_used_when_it_answers(world):
    charger = world.add_evse()
    world.line.modems["evse"].silent = True
    world.run(10)
    assert [at for at, _ in charger.noted(ModemSilent)] == [pytest.approx(8.5, abs=0.5)]
    world.line.modems["evse"].silent = False
    world.run(6)
    assert charger.noted(ModemAnswers)
    world.add_ev()
    world.run(5)
    assert charger.noted(LinkReady)


def flood_frames(count, macs):
    """Frames of so many addresses, of every kind a car sends, with ever new runs."""
    for n in range(count):
        mac = bytes([6, 0, 0, 0, *(n % macs).to_bytes(2)])
        run = (n // 4).to_bytes(8)
        message = [
            SlacParmReq(run_id=run),
            StartAttenCharInd(forwarding_station=mac, run_id=run),
            MnbcSoundInd(remaining=9, run_id=run, random=bytes(16)),
            SlacMatchReq(ev_mac=mac, evse_mac=EVSE, run_id=run),
        ][n % 4]
        destination = EVSE if isinstance(message, SlacMatchReq) else BROADCAST
        yield encode_frame(Frame(destination, mac, message))


@pytest.mark.parametrize("every", [0.0005, 0.001, 0.002])
def test_a_car_is_matched_amid_10_000_frames_of_1000_strangers(world, every):
    charger = world.add_evse()
    world.line.attach("flood", SimModem(bytes.fromhex("06ffffffffff"), Role.EV))
    world.flood("flood", flood_frames(10_000, 1000), every)
    world.run(0.1)
    world.add_ev()
    most = 0
    while world.floods:
        world.run(0.1)
        most = max(most, len(charger.slac._attempts))
    world.run(5)
    [(at, matched)] = charger.noted(Matched)
    assert matched.ev_mac == EV
    assert at < 1  # at 2,000 frames a second as without any
    assert most <= timing.MAX_ATTEMPTS


def test_garbage_on_the_line_disturbs_nobody(world):
    charger = world.add_evse()
    world.add_ev()
    for length in range(0, 80, 3):
        junk = (BROADCAST + OTHER_EV + b"\x88\xe1\x01\x64\x60" + bytes(80))[:length]
        world.line.receive(FrameSent("ev", junk), world.now)
    world.run(5)
    assert charger.noted(LinkReady)
