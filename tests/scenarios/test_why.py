"""Why it is not charging: whole charges, and what is said of each of them."""

from dataclasses import fields
from typing import get_args

import pytest

from seccstack.auth import events as auth_events
from seccstack.auth import judgement
from seccstack.auth.limiter import Limiter
from seccstack.explain.account import Accounts
from seccstack.pilot import phases
from seccstack.pilot.settings import Current, Start
from seccstack.pilot.signal import READY_OHMS
from seccstack.pilot.situation import Conditions
from seccstack.sim import pilot
from seccstack.sim.supply import Broken
from tests.scenarios.scene import CARD, MAC, STRANGE_CARD, Scene, character
from tests.scenarios.test_dc import charging, dc_scene
from tests.scenarios.test_registration import SETUP

LOOPING = character(wishes={"loops": 10_000})
SILENT = character(speaks=False)
DIN = character(wishes={"namespace": "urn:din:70121:2012:MsgDef"})
VAG = bytes.fromhex("007DFA060102")


def accounts(scene):
    dc = scene.world.charge_point._settings.pilot.current is Current.DC
    kept = Accounts(dc=dc)
    for step in scene.steps:
        kept.observe(*step)
    return kept.to_json(scene.now)


def answer(scene):
    return accounts(scene)[0]["answer"]


def steps(scene):
    return [step["says"] for step in accounts(scene)[0]["steps"]]


def broken_contactor(defect):
    scene = Scene(car=LOOPING)
    if defect is pilot.ContactorDefect.WELDED:
        scene.charge()
    scene.world.turn(pilot.DefectInjected(defect))
    if defect is pilot.ContactorDefect.WELDED:
        return scene.unplug().wait(5)
    return scene.plug_in().wait(15)


def line(*loads):
    """Somebody puts these on the line, one after the other."""
    scene = Scene(car=SILENT)
    for load in loads:
        scene.world.turn(load)
        scene.wait(1)
    return scene


def dc_broken(why="too hot"):
    scene = dc_scene().plug_in()
    scene.wait_until(lambda: charging(scene))
    for report in scene.world.supply.receive(Broken(why), scene.now):
        scene.tell(report)
    return scene.wait(5)


def uninsulated():
    scene = dc_scene()
    scene.world.supply.insulated = False
    return scene.plug_in().wait(10)


def stopped_by_card():
    scene = Scene("card", car=LOOPING).plug_in().wait(10).hold_card().wait(30)
    return scene.hold_card().wait(10)


def blocked_while_charging():
    scene = Scene("autocharge", car=LOOPING, known=[MAC]).charge()
    scene.registry.remove_vehicle(MAC)
    return scene.wait(60)


def idle(seconds):
    """A vehicle that is there, and no more."""
    scene = Scene(car=SILENT, pilot={"start": Start.NOMINAL})
    scene.world.turn(THERE)
    return scene.wait(seconds)


def ventilated():
    scene = idle(1)
    scene.world.turn(VENTILATED)
    return scene


def without_s2(**pilot_settings):
    scene = Scene(car=SILENT, pilot=pilot_settings)
    scene.world.turn(READY)
    return scene.wait(1)


def changing():
    start = {"when_authorised": Start.NOMINAL}
    scene = Scene("card", car=character(sdp_seconds=9.0), pilot=start).plug_in().wait(3)
    return scene.hold_card().wait(1)


def halting():
    scene = idle(5)
    scene.world.turn(READY)
    return scene.wait(5).limit(0).wait(1)


def registering():
    scene = Scene("open", enrolment={"setup_cards": (SETUP,)})
    return scene.hold_card(SETUP).wait(1)


SHORT = pilot.VehicleConnected(pilot.SHORT_OHMS)
THERE = pilot.VehicleConnected(pilot.CONNECTED_OHMS)
READY = pilot.VehicleConnected(READY_OHMS)
VENTILATED = pilot.VehicleConnected(270.0)
CASES = {
    "no vehicle": (lambda: Scene(), "No vehicle is plugged in."),
    "contactor welded": (
        lambda: broken_contactor(pilot.ContactorDefect.WELDED),
        "The contactor is welded: it does not open, and the plug may be live.",
    ),
    "contactor stuck": (
        lambda: broken_contactor(pilot.ContactorDefect.STUCK_OPEN),
        "The contactor does not close: there is no power at the plug.",
    ),
    "supply fault": (dc_broken, "The power supply has a fault: too hot."),
    "insulation": (
        uninsulated,
        "The insulation of cable or vehicle is not good: no voltage is given.",
    ),
    "pilot E": (
        lambda: line(THERE, SHORT),
        "The pilot line is short-circuited, or its controller is lost (state E).",
    ),
    "after a fault": (
        lambda: line(THERE, SHORT, THERE),
        "The pilot line had a fault: it begins anew 10 s after that.",
    ),
    "pilot faults": (
        lambda: line(*[THERE, SHORT] * 4, THERE),
        "The pilot line had 4 faults in a row: it stays off until unplugged.",
    ),
    "registration on": (
        registering,
        "No vehicle is plugged in, and vehicles and cards are being registered.",
    ),
    "card awaited": (
        lambda: Scene("card").plug_in().wait(10),
        "It waits for a card to be held to the reader.",
    ),
    "card missing": (
        lambda: Scene("card", car=SILENT, access={"card_wait_seconds": 5}).plug_in().wait(60),
        "It may not charge: no card was held to the reader in 5 s; one that is held up now "
        "still counts; nobody can tell who it is, because SLAC never began within 50 s: this "
        "vehicle does not seem to speak ISO 15118.",
    ),
    "card unknown": (
        lambda: Scene("card").plug_in().wait(10).hold_card(STRANGE_CARD).wait(1),
        f"It waits for a card to be held to the reader: card {STRANGE_CARD} is not registered.",
    ),
    "not registered": (
        lambda: Scene("autocharge").plug_in().wait(10),
        "It waits for a card to be held to the reader: vehicle EC65CC010203 is not registered.",
    ),
    "address changes": (
        lambda: Scene("autocharge", car=character(mac=VAG), known=[VAG]).plug_in().wait(10),
        "It waits for a card to be held to the reader: its address is of those that Volkswagen "
        "group vehicles draw anew for every plug-in.",
    ),
    "confidence low": (
        lambda: Scene("autocharge", known=[MAC], access={"confidence": 0.9}).plug_in().wait(9),
        "It waits for a card to be held to the reader: it is less sure that it is that vehicle "
        "(0.70) than is wanted (0.90).",
    ),
    "stopped by a card": (
        stopped_by_card,
        f"The charge was stopped by card {CARD}, of who had started it.",
    ),
    "not registered any more": (
        blocked_while_charging,
        "The charge was stopped: vehicle EC65CC010203 is not registered.",
    ),
    "stopped": (
        lambda: Scene(car=LOOPING).charge().stop("holiday").wait(30),
        "The charge was stopped by the owner's command: holiday.",
    ),
    "limit": (
        lambda: Scene(car=LOOPING).limit(0, "back office").plug_in().wait(60),
        "The limit is 0 A, set by back office; the least that can be offered is 6 A.",
    ),
    "charging": (
        lambda: Scene(car=LOOPING).charge().wait(5),
        "It charges as it should, 16 A of 16 A (set by installation).",
    ),
    "charging by pulse width": (
        lambda: Scene(car=DIN).charge(30).wait(5),
        "It charges as it should, 16 A of 16 A (set by installation), by pulse width, because "
        "the vehicle speaks no protocol that is spoken here (which is ISO 15118-2).",
    ),
    "vehicle ended": (
        lambda: Scene().charge().wait(200),
        "The vehicle ended its session itself, after 20 s of charging (state B since 3 min).",
    ),
    "SLAC never began": (
        lambda: Scene(car=SILENT).plug_in().wait(51),
        "It is about to go on by pulse width, because SLAC never began within 50 s: this "
        "vehicle does not seem to speak ISO 15118.",
    ),
    "DC without ISO 15118": (
        lambda: dc_scene(car=SILENT).plug_in().wait(200),
        "Direct current needs ISO 15118, and SLAC never began within 50 s: this vehicle does "
        "not seem to speak ISO 15118.",
    ),
    "DC charging": (
        lambda: dc_scene(wishes={"loops": 10_000}).plug_in().wait(20),
        "It charges as it should, up to 72 A (set by installation).",
    ),
    "plugged in": (
        lambda: Scene(car=SILENT).plug_in().wait(20),
        "The vehicle was plugged in 20 s ago, and is asked to speak ISO 15118.",
    ),
    "matched": (
        lambda: Scene().plug_in().wait(1),
        "It is matched; the modems are linking.",
    ),
    "linked": (
        lambda: Scene(car=character(sdp_seconds=15.0)).plug_in().wait(4),
        "The modems are linked; the vehicle is to open a session.",
    ),
    "paused": (
        lambda: (
            Scene(car=character(pauses=1, pause_seconds=600.0, wishes={"loops": 10}))
            .charge()
            .wait(60)
        ),
        "The vehicle has paused its session (state B since 56 s), and wakes up by itself.",
    ),
    "ventilation": (
        ventilated,
        "The vehicle asks for ventilation (state D), and there is none here.",
    ),
    "offered": (lambda: idle(5), "The vehicle has just been offered 16 A."),
    "vehicle waits": (
        lambda: idle(14 * 60),
        "The vehicle waits for its own time, or needs no energy (state B since 14 min, though "
        "it has been offered 16 A).",
    ),
    "simplified pilot": (
        lambda: without_s2(simplified_pilot=False),
        "The vehicle has a simplified pilot (from state A to C at once).",
    ),
    "in session": (
        lambda: Scene().plug_in().wait(2.35),
        "An ISO 15118 session is under way; the vehicle's last request: SessionSetupReq.",
    ),
    "changing": (changing, "The modems are linked; the vehicle is to open a session."),
    "halting": (
        halting,
        "The limit is 0 A, set by owner; the least that can be offered is 6 A.",
    ),
    "modem dead": (
        lambda: Scene("card").let_modem_live(False).wait(60).plug_in().wait(20),
        "It waits for a card to be held to the reader: nobody can tell who it is, because the "
        "modem does not answer (it does not answer VS_PL_LINK_STATUS.REQ).",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_keeps_it_from_charging_is_said_in_a_sentence(name):
    scene, says = CASES[name]
    assert answer(scene())["says"] == says


# Whatever may keep a contactor open, and wherever a plug-in may stand, is among the cases.

OF_PHASE = {
    phases.Vacant: "no vehicle",
    phases.Talking: "linked",
    phases.Stepping: "SLAC never began",
    phases.Changing: "changing",
    phases.Offering: "vehicle waits",
    phases.Halting: "halting",
    phases.Rested: "vehicle ended",
    phases.Barred: "contactor stuck",
    phases.Welded: "contactor welded",
}
OF_CONDITION = {
    "vehicle_ready": "vehicle waits",
    "energy_allowed": "in session",
    "authorised": "card awaited",
    "limit_amps": "limit",
}


@pytest.mark.parametrize("phase", get_args(phases.Phase), ids=lambda phase: phase.__name__)
def test_in_every_phase_of_the_pilot_there_is_something_to_say(phase):
    scene, _ = CASES[OF_PHASE[phase]]
    assert isinstance(scene().world.charge_point._parts.pilot.phase, phase)


BESIDE = {"may_stay", "least_amps"}  # conditions of a condition
CONDITIONS = [field.name for field in fields(Conditions) if field.name not in BESIDE]


@pytest.mark.parametrize("condition", CONDITIONS)
def test_every_condition_for_energy_that_may_be_missing_is_said(condition):
    made = CASES[OF_CONDITION[condition]][0]()
    told = made.world.charge_point._parts.pilot.conditions(made.now)
    met = getattr(told, condition)
    assert met < 6 if condition == "limit_amps" else not met


def test_everything_is_told_in_one_sentence():
    for _, says in CASES.values():
        assert says[0].isupper()
        assert says.endswith(".")


# What else there is to an account.


def test_a_dead_modem_is_told_of_even_if_it_charges():
    [account, *_] = accounts(Scene().let_modem_live(False).wait(60).charge(60))
    assert account["answer"]["cause"] == "charging"
    assert account["also"] == ["the modem is dead, and is restarted again and again"]


def test_the_way_to_a_card_is_told_step_by_step():
    scene = Scene("autocharge", car=DIN).plug_in().wait(10)
    assert steps(scene)[:2] == [
        "a vehicle is plugged in",
        "we ask the vehicle to speak ISO 15118 (5 %)",
    ]
    assert "we refuse: Failed_NoNegotiation" in steps(scene)
    assert "the vehicle looks for us, without TLS" in steps(scene)
    assert steps(scene)[-1].startswith("not decided yet: ")


def test_of_who_is_gone_it_is_told_how_it_was_before():
    now, before = accounts(Scene("card").plug_in().wait(30).unplug().wait(5))
    assert (now["plug_in"], now["answer"]["cause"]) == (None, "no vehicle")
    assert (before["plug_in"], before["answer"]["cause"]) == (1, "card awaited")
    assert before["until"] == pytest.approx(31)
    assert before["steps"][-1]["says"] == "the vehicle is unplugged"


def test_how_long_it_has_had_power_is_told():
    [account] = accounts(Scene(car=LOOPING).charge().wait(60))
    assert account["charged"] == pytest.approx(60, abs=1)
    [_, dc] = accounts(dc_scene().plug_in().wait(60).unplug().wait(1))
    assert 15 < dc["charged"] < 25


def test_a_limit_below_what_there_is_and_why_is_told():
    access = {"confidence": 0.9, "below": judgement.Below.REDUCED}
    scene = Scene("autocharge", car=LOOPING, known=[MAC], access=access).charge().wait(5)
    told = answer(scene)
    assert told["cause"] == "charging unsure"
    assert told["says"] == (
        "It charges with 6 A of 6 A only: it is less sure that it is that vehicle (0.70) than "
        "is wanted (0.90)."
    )
    assert told["do"][0] == "hold a registered card to the reader"


def test_what_to_do_is_told_with_the_command():
    told = answer(Scene("autocharge").plug_in().wait(10))
    assert told["turn"] == "driver"
    assert told["do"] == [
        "hold a registered card to the reader",
        "register the vehicle: `seccstack vehicles add EC65CC010203`",
    ]


def test_strangers_lock_the_door_for_others():
    scene = Scene("autocharge", car=LOOPING, known=[MAC])
    scene.tell(auth_events.LockOutFound(Limiter((), 1, 900.0))).plug_in().wait(10)
    assert answer(scene)["cause"] == "locked out"
    assert "after too many strangers" in accounts(scene)[0]["also"][0]
