"""What a recorded car did, read off staged scenes."""

from dataclasses import replace

import pytest

from seccstack.capture.items import Connected, Disconnected, Discovery, Powerline, V2gMessage
from seccstack.drive.script import ANY_SUPPLY, CONNECTION, SDP_ANSWER, name_of, script_of
from seccstack.homeplug.messages import (
    AttenProfileInd,
    SlacMatchReq,
    SlacParmCnf,
    SlacParmReq,
)
from seccstack.messages import iso2
from tests.capture.scene import (
    EV,
    EVSE,
    MODEM,
    RUN,
    SET_UP,
    SETUP,
    STOP,
    STOPPED,
    Scene,
    offer,
)
from tests.drive.recording import plug_in_of, recorded, scene_of_a_charge
from tests.session.dc_vehicle import dc_parameters
from tests.session.vehicle import value

KINDS = {Connected: "connect", Disconnected: "close", Discovery: "SDP", type(None): "end"}
OTHER_EVSE = bytes.fromhex("02BB00000002")


def read(scene):
    return script_of(plug_in_of(scene), EV)


def deed(step):
    item = step.item
    if isinstance(item, Powerline):
        return item.frame.message.name
    return item.name if isinstance(item, V2gMessage) else KINDS[type(item)]


def deeds(script):
    return [deed(step) for step in script.steps]


def step(script, name):
    [found] = [step for step in script.steps if deed(step) == name]
    return found


def talk(**how):
    scene, talking = scene_of_a_charge()
    return scene, talking.set_up()


def test_a_car_does_what_it_sent_in_its_order_and_then_is_at_the_end():
    scene, talking = scene_of_a_charge()
    talking.exchange(STOP, STOPPED)
    talking.close("ev")
    sounds = ["CM_START_ATTEN_CHAR.IND", *["CM_MNBC_SOUND.IND"] * 3, "CM_ATTEN_CHAR.RSP"]
    slac = ["CM_SLAC_PARM.REQ", *sounds, "CM_SLAC_MATCH.REQ"]
    assert deeds(read(scene)) == [*slac, "SDP", "connect", "SessionStopReq", "close", "end"]


def test_it_waits_for_what_the_charger_said_since_the_step_before():
    script = read(talk()[0])
    assert step(script, "CM_SLAC_MATCH.REQ").awaited == set()
    assert step(script, "CM_ATTEN_CHAR.RSP").awaited == {"CM_ATTEN_CHAR.IND"}
    assert step(script, "SDP").awaited == {"CM_SLAC_MATCH.CNF"}
    assert step(script, "connect").awaited == {SDP_ANSWER}
    assert step(script, "supportedAppProtocolReq").awaited == {CONNECTION}
    assert step(script, "SessionSetupReq").awaited == {"supportedAppProtocolRes"}


def test_it_keeps_what_of_that_can_be_compared():
    script = read(talk()[0])
    assert [name_of(reply) for reply in step(script, "connect").replies] == [SDP_ANSWER]
    assert [name_of(reply) for reply in step(script, "end").replies] == ["SessionSetupRes"]
    assert step(script, "SDP").replies == ()


def test_its_pace_runs_from_the_last_word_of_the_charger_or_the_step_before():
    script = read(talk()[0])
    assert step(script, "CM_SLAC_PARM.REQ").delay == 0
    assert step(script, "SessionSetupReq").delay == pytest.approx(0.1)
    assert step(script, "CM_SLAC_MATCH.REQ").delay == pytest.approx(0.1)
    assert step(script, "end").delay == 1.0


def test_a_clock_that_was_set_back_makes_nobody_wait():
    scene, _ = talk()
    *before, last = scene.packets
    scene.packets = [*before, replace(last, time=last.time - 500)]
    assert min(step.delay for step in read(scene).steps) == 0


def test_only_the_charger_that_was_chosen_has_a_say():
    scene = Scene()
    scene.ask()
    scene.answer(evse=OTHER_EVSE)
    scene.slac(EV, EVSE, SlacMatchReq(ev_mac=EV, evse_mac=EVSE, run_id=RUN))
    scene.confirm()
    assert step(read(scene), "CM_SLAC_MATCH.REQ").awaited == set()


def test_any_charger_has_a_say_where_nobody_knows_which_was_chosen():
    scene = Scene()
    scene.discover()
    scene.slac(EVSE, EV, SlacParmCnf(forwarding_station=EV, run_id=RUN))
    assert read(scene).evse_mac == EVSE


def test_frames_of_other_stations_about_the_car_are_not_its_own():
    scene = Scene()
    scene.match()
    script = read(scene)
    assert all(step.item.frame.source == EV for step in script.steps[:-1])


def test_a_connection_that_the_car_only_resets_is_a_leftover():
    scene = Scene()
    scene.match()
    scene.discover()
    stale = scene.connect(opened=False)
    stale.say("evse", STOPPED)
    stale.close("ev", "R")
    scene.connect().exchange(STOP, STOPPED)
    assert deeds(read(scene))[-4:] == ["SDP", "connect", "SessionStopReq", "end"]


def test_a_connection_whose_beginning_the_capture_lacks_is_one_if_the_car_speaks_on_it():
    scene = Scene()
    scene.match()
    scene.connect(opened=False).exchange(STOP, STOPPED)
    assert deeds(read(scene))[-3:] == ["connect", "SessionStopReq", "end"]


def test_a_tls_connection_is_one_although_it_cannot_be_read():
    scene = Scene()
    scene.match()
    scene.discover()
    talking = scene.connect(opened=False)
    talking.send("ev", bytes.fromhex("16030100050000000000"))
    talking.close("ev")
    assert deeds(read(scene))[-3:] == ["connect", "close", "end"]


def test_an_answer_to_what_the_capture_lacks_is_not_waited_for():
    scene, talking = scene_of_a_charge()
    talking.say("evse", SET_UP)
    talking.exchange(STOP, STOPPED)
    script = read(scene)
    assert step(script, "SessionStopReq").awaited == {CONNECTION}
    assert step(script, "end").awaited == {"SessionStopRes"}


def test_a_fin_that_overtakes_an_answer_comes_after_it():
    scene, talking = talk()
    talking.say("ev", STOP)
    talking.close("ev")
    talking.say("evse", STOPPED)
    script = read(scene)
    assert deeds(script)[-3:] == ["SessionStopReq", "close", "end"]
    assert step(script, "close").awaited == {"SessionStopRes"}
    assert step(script, "end").awaited == set()


def test_a_fin_of_something_that_goes_on_is_none():
    scene, talking = talk()
    talking.close("ev")
    talking.exchange(STOP, STOPPED)
    assert "close" not in deeds(read(scene))


def test_a_fin_of_the_charger_is_not_the_cars():
    scene, talking = talk()
    talking.close("evse")
    assert "close" not in deeds(read(scene))


def test_who_asks_twice_is_heard_twice():
    scene, talking = scene_of_a_charge()
    talking.say("ev", offer())
    talking.say("ev", SETUP)
    talking.say("ev", SETUP)
    assert deeds(read(scene))[-3:] == ["SessionSetupReq", "SessionSetupReq", "end"]


def test_the_attenuation_is_what_the_charger_reported():
    scene = Scene()
    scene.match()
    assert read(scene).attenuation == bytes([20]) * 58


def test_without_a_report_it_is_what_a_modem_heard_first():
    scene = Scene()
    scene.ask()
    scene.answer()
    for db in (30, 40):
        profile = AttenProfileInd(ev_mac=EV, attenuations=bytes([db]) * 58)
        scene.slac(MODEM, EV, profile)
    assert read(scene).attenuation == bytes([30]) * 58


def test_another_chargers_report_is_not_ours():
    scene = Scene()
    scene.ask()
    scene.answer()
    scene.report(evse=OTHER_EVSE, db=50)
    scene.report(db=25)
    scene.choose()
    scene.confirm()
    assert read(scene).attenuation == bytes([25]) * 58


def test_without_any_sound_nothing_is_known_of_the_attenuation():
    scene = Scene()
    scene.slac(EV, b"\xff" * 6, SlacParmReq(run_id=RUN))
    assert read(scene).attenuation is None


def test_what_the_charger_offered_is_known_from_its_parameters():
    script = read(recorded())
    assert (script.amps, script.volts) == (pytest.approx(16.0), 230)


def test_nothing_is_known_of_an_offer_that_was_not_made():
    script = read(talk()[0])
    assert (script.amps, script.volts) == (None, None)


def test_a_script_begins_with_the_recording_and_does_not_show_its_frames():
    script = read(recorded())
    assert script.began == pytest.approx(1000.1)
    assert "steps" not in repr(script)


def parameters_of_dc(watts=1):
    amps, volts = (value(1, unit) for unit in ("A", "V"))
    status = iso2.DC_EVSEStatus(
        notification_max_delay=0,
        evse_notification=iso2.EVSENotification.NONE,
        evse_status_code=iso2.DC_EVSEStatusCode.EVSE_READY,
    )
    offered = iso2.DC_EVSEChargeParameter(
        dc_evse_status=status,
        evse_maximum_current_limit=amps,
        evse_maximum_power_limit=value(watts, "W"),
        evse_maximum_voltage_limit=volts,
        evse_minimum_current_limit=amps,
        evse_minimum_voltage_limit=volts,
        evse_peak_current_ripple=amps,
    )
    return iso2.ChargeParameterDiscoveryRes(
        response_code=iso2.ResponseCode.OK,
        evse_processing=iso2.EVSEProcessing.ONGOING,
        evse_charge_parameter=offered,
    )


def test_a_dc_chargers_offer_is_none_of_ac():
    scene, talking = talk()
    talking.say("evse", parameters_of_dc())
    assert read(scene).amps is None


def test_a_dc_charger_that_offers_nothing_is_taken_for_one_that_can_do_all():
    scene, talking = talk()
    talking.say("ev", dc_parameters())
    assert read(scene).supply == ANY_SUPPLY


def test_a_car_on_ac_met_no_supply():
    assert read(recorded()).supply is None


def test_a_dc_charger_that_offers_no_power_tells_nothing_of_its_supply():
    scene, talking = talk()
    talking.say("evse", parameters_of_dc(watts=0))
    assert read(scene).supply is None
