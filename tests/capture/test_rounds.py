"""SLAC told whole: attempts, answers, crosstalk."""

import pytest

from seccstack.capture.sessions import sessions_of
from tests.capture.scene import EV, EVSE, RUN, Scene

OTHER_EV = bytes.fromhex("02AA00000002")
OTHER_EVSE = bytes.fromhex("02BB00000002")
SECOND = bytes.fromhex("1111111111111111")


@pytest.fixture
def scene():
    return Scene()


def slac(scene):
    [session] = sessions_of(scene.trace())
    return session.to_json()["slac"]


def test_an_attempt_is_told_with_all_that_was_said(scene):
    scene.match()
    assert slac(scene)["attempts"] == [
        {
            "run_id": RUN.hex().upper(),
            "started": 1000.1,
            "ended": 1001.3,
            "parm_req": 1,
            "start_atten": 1,
            "sounds": 3,
            "answers": [
                {
                    "evse_mac": "02BB00000001",
                    "t": 1000.2,
                    "attenuation_db": 20.0,
                    "sounds": 2,
                    "acknowledged": True,
                }
            ],
            "chosen": "02BB00000001",
            "matched": True,
            "outcome": "matched",
        }
    ]


def test_every_charger_that_answered_is_told_with_what_the_vehicle_heard(scene):
    scene.ask()
    for evse, db in ((OTHER_EVSE, 31), (EVSE, 23)):
        scene.answer(evse=evse)
        scene.report(evse=evse, db=db)
    scene.answer(evse=bytes.fromhex("02BB00000003"))
    scene.choose()
    scene.confirm()
    told = slac(scene)
    assert told["answered_by"] == [
        {"evse_mac": "02BB00000002", "attenuation_db": 31.0},
        {"evse_mac": "02BB00000001", "attenuation_db": 23.0},
        {"evse_mac": "02BB00000003", "attenuation_db": None},
    ]
    assert told["attempts"][0]["chosen"] == "02BB00000001"


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (["ask"], "nobody answered"),
        (["ask", "answer"], "the vehicle was answered and sent no sounds"),
        (["ask", "answer", "sound"], "no charger told an attenuation (CM_ATTEN_CHAR.IND)"),
        (["ask", "report"], "the vehicle acknowledged its attenuation and chose none"),
        (
            ["ask", "choose"],
            "the charger that the vehicle chose did not confirm (CM_SLAC_MATCH.CNF)",
        ),
    ],
)
def test_how_far_an_attempt_came_is_told(scene, steps, outcome):
    for step in steps:
        getattr(scene, step)()
    assert slac(scene)["attempts"][0]["outcome"] == outcome


def test_a_report_that_was_not_acknowledged_is_told_so(scene):
    scene.ask()
    scene.report()
    del scene.packets[-1]
    [attempt] = slac(scene)["attempts"]
    assert attempt["outcome"] == "the vehicle did not acknowledge its attenuation"
    assert attempt["answers"][0]["acknowledged"] is False


def test_attempts_come_in_their_order(scene):
    scene.ask(run=SECOND)
    scene.match()
    told = slac(scene)
    assert [a["matched"] for a in told["attempts"]] == [False, True]
    assert [a["run_id"] for a in told["attempts"]] == [SECOND.hex().upper(), RUN.hex().upper()]
    assert told["crosstalk"] == []


def test_another_vehicle_is_crosstalk_with_how_loud_it_was_here(scene):
    scene.match()
    scene.ask(ev=OTHER_EV, run=SECOND)
    scene.sound(ev=OTHER_EV, run=SECOND)
    scene.choose(ev=OTHER_EV, evse=OTHER_EVSE, run=SECOND)
    scene.discover()
    assert slac(scene)["crosstalk"] == [
        {
            "vehicle_mac": "02AA00000002",
            "t": 1001.4,
            "runs": 1,
            "parm_req": 1,
            "heard_db": 20.0,
            "evses": [{"evse_mac": "02BB00000002", "attenuation_db": None}],
            "outcome": "1 time in 1 run: it chose 02BB00000002",
        }
    ]


def test_crosstalk_is_told_with_whose_it_is(scene):
    scene.match()
    scene.discover()
    scene.connect().set_up()
    for ev in (OTHER_EV, EV):
        scene.ask(ev=ev, run=SECOND)
    [session] = sessions_of(scene.trace())
    assert [problem.what for problem in session.errors] == [
        "another vehicle, 02AA00000002, asked for a match 1 time in 1 run: nobody answered",
        "the vehicle, after its session, asked for a match 1 time in 1 run: nobody answered",
    ]
    assert [c.vehicle for c in session.plug_in.crosstalk] == [OTHER_EV, EV]


def test_the_vehicle_itself_at_another_charger_is_crosstalk_too(scene):
    scene.match()
    scene.discover()
    scene.connect().set_up()
    scene.ask(run=SECOND)
    scene.choose(evse=OTHER_EVSE, run=SECOND)
    [crosstalk] = slac(scene)["crosstalk"]
    assert crosstalk["vehicle_mac"] == EV.hex().upper()
    assert crosstalk["heard_db"] is None


def test_an_attempt_that_begins_with_a_modems_report_has_no_run_id(scene):
    scene.sound()
    scene.packets = [p for p in scene.packets if p.octets[15:17] == b"\x86\x60"]
    assert slac(scene)["attempts"][0]["run_id"] is None
