"""The charger's modem dies and comes back, between real interfaces."""

import signal

import pytest


@pytest.fixture
def linked(own_stage):
    """A charger and a car that have a link, long enough for the key to have settled."""
    stage = own_stage
    stage.lay_powerline("--join-seconds", "0.1", "--log")
    stage.start_charger()
    stage.charger.expect(event="modem", key="shown", coordinator="always")
    stage.turn("B")
    stage.match()
    stage.charger.expect(event="link ready")
    return stage


def test_a_modem_that_dies_is_told_of_soon_and_one_that_comes_back_is_used(linked):
    stage = linked
    before = len(stage.charger.lines)
    stage.modems.process.send_signal(signal.SIGUSR1)
    silent = stage.charger.expect(event="modem", state="silent", after=before)
    stage.charger.expect(event="powerline trouble", after=before)
    assert stage.status()["modem"]["state"] == "silent"
    stage.modems.process.send_signal(signal.SIGUSR2)
    back = stage.charger.expect(event="key", in_force=True, after=silent)
    stage.charger.expect(event="powerline recovered", after=silent)
    assert stage.charger.lines[back]["in_force"]


def test_meanwhile_the_car_goes_on_by_pulse_width(linked):
    stage = linked
    before = len(stage.charger.lines)
    stage.modems.process.send_signal(signal.SIGUSR1)
    stage.charger.expect(event="powerline trouble", after=before)
    stage.charger.expect(event="pulse width", after=before)


def test_a_modem_that_loses_power_for_a_moment_is_given_its_key_again(own_stage):
    stage = own_stage
    stage.lay_powerline("--log")
    stage.start_charger()
    keyed = stage.charger.expect(event="key", in_force=True)
    stage.modems.process.send_signal(signal.SIGUSR2)
    lost = stage.charger.expect(event="key", in_force=False, after=keyed)
    stage.charger.expect(event="key", in_force=True, after=lost)


def test_a_modem_as_slow_as_in_the_field_is_no_dead_one(own_stage):
    stage = own_stage
    stage.lay_powerline("--evse-shown-seconds", "6.5", "--evse-deaf-seconds", "5")
    stage.start_charger()
    stage.charger.expect(event="modem", key="taken")
    stage.charger.expect(event="modem", key="shown")
    assert not [x for x in stage.charger.lines if x.get("event") == "powerline trouble"]
