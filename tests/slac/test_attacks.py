"""Seven cases that ISO 15118-5 lacks, found by attacking other implementations.

The suite's own cases are in `tests/slac/suite`.
"""

import pytest

from seccstack.errors import MalformedError
from seccstack.homeplug.frame import Frame, decode_frame, encode_frame
from seccstack.homeplug.messages import AttenCharInd, MnbcSoundInd, SlacParmReq
from seccstack.slac.events import Heard
from seccstack.slac.evse import Matched
from tests.slac.bench import EV, EVSE, OTHER, RUN, Bench, choice, response, start


@pytest.fixture
def tester():
    return Bench()


def test_x1_a_second_car_while_the_first_is_sounding_is_served_too(tester):
    tester.ask()
    tester.say(start())
    tester.hear(5)
    assert tester.get_report(OTHER).source_address == OTHER
    [report] = tester.hear(5)
    assert report.source_address == EV


def test_x2_after_the_match_a_strangers_choice_is_not_confirmed(tester):
    tester.match()
    for message in (choice(), choice(OTHER)):
        assert tester.say(message, mac=OTHER) == []


def test_x3_the_right_run_from_a_strangers_address_is_not_confirmed(tester):
    tester.get_chosen()
    for message in (choice(), choice(OTHER)):
        assert tester.say(message, mac=OTHER) == []
    assert not any(isinstance(action, Matched) for _, action in tester.done)


def test_x4_without_a_sound_no_attenuation_is_made_up(tester):
    tester.ask()
    tester.say(start())
    tester.wait(2)
    assert tester.said(AttenCharInd) == []


def test_x5_sounds_of_another_address_count_for_nobody(tester):
    tester.ask()
    tester.say(start())
    tester.hear(mac=OTHER)
    tester.wait(2)
    assert tester.said(AttenCharInd) == []


def test_x6_messages_cut_short_at_any_length_do_no_harm(tester):
    sound = MnbcSoundInd(remaining=9, run_id=RUN, random=bytes(16))
    for message in (SlacParmReq(run_id=RUN), start(), sound, response(), choice()):
        octets = encode_frame(Frame(EVSE, EV, message))
        for length in range(60):
            try:
                frame = decode_frame(octets[:length])
            except MalformedError:
                continue
            tester.tell(Heard(frame.destination, frame.source, frame.message))
    assert tester.match()


def test_x7_the_report_follows_the_last_sound_at_once(tester):
    tester.ask()
    tester.say(start())
    for _ in range(10):
        tester.wait(0.04)
        last = tester.now
        tester.hear(1)
    assert tester.said(AttenCharInd) == [last]
