"""SLAC as overheard: whose frame it is, and how far an attempt came."""

import pytest

from seccstack.capture.items import Powerline
from seccstack.capture.matching import matching_of, outcome_of, vehicle_of
from seccstack.capture.plugins import plug_ins_of
from seccstack.homeplug.frame import Frame
from seccstack.homeplug.messages import SetKeyCnf, ValidateCnf, ValidateReq
from tests.capture.scene import EV, EVSE, NID, RUN, Scene

OTHER = bytes.fromhex("02BB00000002")
SECOND = bytes.fromhex("1111111111111111")


@pytest.fixture
def scene():
    return Scene()


def attempts(scene):
    [plug_in] = plug_ins_of(scene.trace())
    return plug_in.attempts


def test_every_frame_of_a_matching_belongs_to_its_vehicle(scene):
    scene.match()
    frames = [item.frame for item in scene.trace().items if isinstance(item, Powerline)]
    assert {vehicle_of(frame) for frame in frames} == {EV}


def test_a_validation_belongs_to_its_vehicle():
    assert vehicle_of(Frame(EVSE, EV, ValidateReq())) == EV
    assert vehicle_of(Frame(EV, EVSE, ValidateCnf(result=4))) == EV


def test_what_a_modem_says_to_its_own_host_belongs_to_no_vehicle():
    assert vehicle_of(Frame(EVSE, EV, SetKeyCnf(result=1, your_nonce=bytes(4)))) is None


def test_a_match_is_summed_up(scene):
    scene.match()
    matching = matching_of(attempts(scene))
    assert matching.to_json() == {
        "run_id": "0102030405060708",
        "evse_mac": "02BB00000001",
        "nid": "A0A1A2A3A4A506",
        "parm_req": 1,
        "sounds": 2,  # of three, as the charger reports
        "attenuation_db": 20.0,
        "matched": True,
        "seconds": 1.2,
    }


def test_without_any_matching_there_is_nothing_to_sum_up():
    assert matching_of([]) is None


def test_only_the_report_of_the_charger_that_was_chosen_counts(scene):
    scene.ask()
    for evse, db in ((OTHER, 50), (EVSE, 10)):
        scene.answer(evse=evse)
        scene.report(evse=evse, db=db)
    scene.choose()
    scene.confirm()
    matching = matching_of(attempts(scene))
    assert (matching.evse_mac, matching.attenuation_db) == (EVSE, 10.0)


def test_requests_up_to_the_match_are_counted_over_all_runs(scene):
    scene.ask(run=SECOND)
    scene.answer(run=SECOND)
    scene.ask()
    scene.match()
    scene.ask(run=SECOND)
    matching = matching_of(attempts(scene))
    assert (matching.parm_req, matching.run_id, matching.seconds) == (3, RUN, 1.2)


def test_a_run_id_that_is_used_again_after_a_match_is_another_attempt(scene):
    scene.match()
    scene.match()
    assert [attempt.matched is not None for attempt in attempts(scene)] == [True, True]


def test_a_match_whose_request_is_not_captured_has_no_duration(scene):
    scene.choose()
    scene.confirm()
    matching = matching_of(attempts(scene))
    assert (matching.seconds, matching.parm_req, matching.nid) == (None, 0, NID)


def test_a_clock_that_was_set_back_in_between_measures_nothing(scene):
    scene.match()
    late = scene.packets[0]
    scene.packets[0] = type(late)(late.number, late.time + 60, 1, late.octets)
    assert matching_of(attempts(scene)).seconds is None


def test_without_a_report_the_sounds_are_counted(scene):
    scene.ask()
    scene.answer()
    scene.sound()
    matching = matching_of(attempts(scene))
    assert (matching.sounds, matching.attenuation_db, matching.evse_mac) == (3, None, EVSE)


def test_an_attempt_that_nobody_answered_knows_no_charger(scene):
    scene.ask()
    matching = matching_of(attempts(scene))
    assert (matching.evse_mac, matching.nid, matching.matched) == (None, None, False)


def test_an_attempt_that_ends_with_a_choice_knows_the_charger_that_was_chosen(scene):
    scene.ask()
    scene.choose(evse=OTHER)
    assert matching_of(attempts(scene)).evse_mac == OTHER


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (["ask", "ask"], "2 times in 1 run: nobody answered"),
        (["ask", "answer"], "1 time in 1 run: no match came of it"),
        (["ask", "choose"], "1 time in 1 run: it chose 02BB00000001"),
    ],
)
def test_an_outcome_is_told_in_words(scene, steps, outcome):
    for step in steps:
        getattr(scene, step)()
    assert outcome_of(attempts(scene)) == outcome


def test_a_sound_report_before_any_request_is_an_attempt_without_a_run_id(scene):
    scene.sound()
    frames = scene.packets
    scene.packets = [p for p in frames if p.octets[15:17] == b"\x86\x60"]
    [attempt] = attempts(scene)
    assert attempt.run_id is None
