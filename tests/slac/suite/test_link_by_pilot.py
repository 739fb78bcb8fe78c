"""PLCLinkStatus of either kind of outlet: what the pilot has to do with the link."""

import pytest

from seccstack.energy.output import PRECHARGE_AMPS
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.pilot.port import Digital, Fault, Limit, Steady
from seccstack.pilot.settings import Current, LinkLoss, Start
from seccstack.session.plant import DcSupply
from tests.scenarios.scene import Scene, character
from tests.slac.suite.tester import ANOTHER_RUN, FAULT, STEADY, Prober, case

AC, DC = "AC_VTB_PLCLinkStatus", "DC_VTB_PLCLinkStatus"
RESUME, MAX_COMM, RESETUP = 6.0, 8.0, 15.0  # T_conn_resume, T_conn_max_comm, T_conn_resetup
STEP_X1 = 3.0
NOMINAL = {"start": Start.NOMINAL}
AT_DC = {"current": Current.DC}
SUPPLY = DcSupply(max_volts=500, max_amps=125, max_watts=50_000)
DC_WISHES = {"mode": EnergyTransferMode.DC_EXTENDED, "max_amps": 100}
LETTER = {"when_authorised": Start.NOMINAL}
SLEEPER = {"pauses": 1, "pause_seconds": 10_000.0}


def outlet(pilot, loops, policy="open", **changes):
    """A car in a session of the outlet's kind, and the outlet."""
    dc = (pilot or {}).get("current") is Current.DC
    wishes = {"loops": loops} | (DC_WISHES if dc else {})
    given = {"supply": SUPPLY, "amps": 72.0} if dc else {}
    return Scene(car=character(wishes=wishes, **changes), pilot=pilot, policy=policy, **given)


def paused(pilot=None):
    """A tester in the place of a car that has just paused its session, and the time since."""
    scene = outlet(pilot, 10, **SLEEPER, wakes_by_pilot=False)
    scene.plug_in().wait(1).appetite(True)
    scene.wait_until(scene.ended)
    assert scene.ended() == ["paused"]
    tester = Prober.taking_over(scene).pilot("B")
    tester.wait_signal(Steady, within=1)
    return tester


def woken_by_toggle(tester):
    tester.toggle(1)
    return tester


# Authorised while it is being matched.


@case(f"{AC}_001")
@pytest.mark.parametrize("when", ["matching", "linked"])
def test_at_5_percent_the_line_goes_by_x1_to_nominal_and_the_link_stays(ac, when):
    tester = ac(pilot=LETTER).pilot("B").get_chosen()
    if when == "matching":
        tester.authorise()
    tester.choose().join(tester.answer_key()).wait_for("link ready", 12)
    if when == "linked":
        tester.authorise()
    tester.wait(STEP_X1)
    assert [type(signal) for _, signal in tester.signals()] == [Digital, Steady, Limit]
    [x1_at, nominal_at] = [at for at, _ in tester.signals()][1:]
    assert nominal_at - x1_at == pytest.approx(STEP_X1)
    assert tester.stations == 1
    tester.assert_sdp_works()


@case(f"{AC}_009")
def test_without_pulses_it_goes_to_nominal_and_the_link_stays(ac):
    tester = ac(pilot=NOMINAL).pilot("B").get_chosen()
    tester.authorise().choose().join(tester.answer_key()).wait_for("link ready", 12)
    assert tester.nominal
    assert tester.stations == 1


# Pause.


@case(f"{AC}_002")
def test_a_car_that_wakes_up_finds_its_pulses_and_its_link():
    tester = woken_by_toggle(paused(NOMINAL).wait(60))
    assert tester.wait_signal(Limit, within=RESUME) < RESUME
    assert tester.stations == 1
    assert tester.noted("key") == []


@case(f"{AC}_010")
def test_a_car_that_toggles_finds_its_secc():
    tester = woken_by_toggle(paused().wait(60))
    tester.wait_signal(Digital, within=RESUME)
    tester.assert_sdp_works()


@case(f"{DC}_001")
def test_at_a_dc_outlet_it_finds_5_percent_and_its_link():
    tester = woken_by_toggle(paused(AT_DC).wait(60))
    tester.wait_signal(Digital, within=RESUME)
    assert tester.stations == 1


@case(f"{DC}_006")
def test_at_a_dc_outlet_it_finds_its_secc():
    tester = woken_by_toggle(paused(AT_DC).wait(60))
    tester.wait_signal(Digital, within=RESUME)
    tester.assert_sdp_works()


def assert_woken_by_the_charger(pilot, kind):
    """A car that was sent to sleep by 0 A is woken when there is something again."""
    scene = outlet(pilot, 10_000, **SLEEPER).charge().limit(0)
    scene.wait_until(scene.ended, within=120).wait(60)
    scene.limit(16)
    assert_woken(scene, kind)


def assert_woken(scene, kind):
    assert scene.ended() == ["paused"]
    woken_at = scene.now
    scene.wait_until(lambda: isinstance(scene.signal, kind), within=5)
    scene.wait_until(lambda: len(scene.noted("SDP answered")) == 2, within=RESUME)
    assert len(scene.noted("matched")) == 1
    assert scene.now - woken_at < MAX_COMM


@case(f"{AC}_003")
def test_a_car_is_woken_by_the_charger():
    assert_woken_by_the_charger({}, Digital)


@case(f"{DC}_002")
def test_a_car_is_woken_by_a_dc_outlet():
    """There, 0 A is no reason to sleep: the card that stopped it starts it again."""
    scene = outlet(AT_DC, 10_000, policy="card", **SLEEPER).hold_card().plug_in()
    scene.wait_until(lambda: scene.world.supply.given.amps > PRECHARGE_AMPS).hold_card()
    scene.wait_until(scene.ended).wait(60).hold_card()
    assert_woken(scene, Digital)


def assert_a_lost_link_is_given_up(tester):
    """A car that has forgotten our key while it slept is told so by E/F, and matched anew."""
    tester.leave().wait(60)
    woken_at = tester.now
    woken_by_toggle(tester).wait_signal(Fault, within=RESUME + STEP_X1 + 4)
    tester.wait(9)
    after = tester.fault_was_held(woken_at)
    assert isinstance(after, Digital | Limit)
    tester.link(run=ANOTHER_RUN)


@case(f"{AC}_004")
def test_a_car_that_wakes_up_without_its_link_is_told_by_f():
    assert_a_lost_link_is_given_up(paused())


@case(f"{DC}_003")
def test_a_car_that_wakes_up_without_its_link_is_told_by_f_at_a_dc_outlet():
    assert_a_lost_link_is_given_up(paused(AT_DC))


def assert_no_pulses_too_soon(tester, kind):
    since = tester.now
    woken_by_toggle(tester).wait_signal(kind, within=MAX_COMM)
    [(x1_at, _), (pulses_at, _)] = tester.signals(since - 1.0)[-2:]
    assert pulses_at - x1_at >= STEP_X1


@case(f"{AC}_012")
@pytest.mark.parametrize(("pilot", "kind"), [({}, Digital), (NOMINAL, Limit)], ids=["5", "100"])
def test_a_car_that_wakes_up_at_once_waits_for_x1_to_be_over(pilot, kind):
    assert_no_pulses_too_soon(paused(pilot), kind)


@case(f"{DC}_007")
def test_so_it_does_at_a_dc_outlet():
    assert_no_pulses_too_soon(paused(AT_DC), Digital)


# Connection loss.


def assert_told_by_x1_and_f(tester):
    """X1, E/F, and then anything; a new matching is there in time. Return what came after."""
    lost_at = tester.leave().wait_for("link lost", 5).now
    tester.wait(10)
    (_, first), (_, second), *_ = tester.signals(lost_at - 0.1)
    assert (first, second) == (STEADY, FAULT)
    after = tester.fault_was_held(lost_at - 0.1)
    tester.link(run=ANOTHER_RUN)
    assert tester.now - lost_at < RESETUP
    return after


@case(f"{AC}_005")
def test_a_connection_lost_at_5_percent_is_begun_anew(ac):
    after = assert_told_by_x1_and_f(ac().pilot("B").link())
    assert isinstance(after, Digital)


@case(f"{DC}_004")
def test_a_connection_lost_at_a_dc_outlet_is_begun_anew(ac):
    after = assert_told_by_x1_and_f(ac(current=Current.DC).pilot("B").link())
    assert isinstance(after, Digital)


@case(f"{AC}_011")
def test_a_connection_lost_at_x1_is_begun_anew(ac):
    tester = ac(pilot=NOMINAL).pilot("B").link()
    lost_at = tester.leave().wait_for("link lost", 5).now
    tester.wait(10)
    assert isinstance(tester.fault_was_held(lost_at - 0.1), Digital | Limit)
    tester.link(run=ANOTHER_RUN)


@case(f"{AC}_006")
def test_a_connection_lost_at_nominal_is_begun_anew_by_option_a(ac):
    pilot = NOMINAL | {"link_loss": LinkLoss.RESTART}
    tester = ac(pilot=pilot).authorise().pilot("B").link().pilot("C").wait(1)
    assert tester.world.pilot.closed
    tester.leave().wait_for("link lost", 5)
    lost_at = tester.now
    tester.wait(1)
    assert tester.world.pilot.closed  # X1: the car has its time
    tester.pilot("B").wait(10)
    assert isinstance(tester.fault_was_held(lost_at - 0.1), Limit)
    tester.link(run=ANOTHER_RUN)


@case(f"{AC}_007")
def test_a_connection_lost_at_nominal_changes_nothing_by_option_b(ac):
    tester = ac(pilot=NOMINAL).authorise().pilot("B").link().pilot("C").wait(1)
    before = len(tester.signals())
    tester.leave().wait_for("link lost", 5).wait(10)
    assert tester.world.pilot.closed
    assert len(tester.signals()) == before
    tester.link(run=ANOTHER_RUN)


# SessionStop.


def assert_left_after_the_stop(pilot):
    scene = outlet(pilot, 5).plug_in()
    scene.wait_until(scene.ended)
    assert scene.ended() == ["stopped"]
    Prober.taking_over(scene).wait_until_left(within=1.0)


@case(f"{AC}_008")
def test_after_the_session_the_network_is_left():
    assert_left_after_the_stop({})


@case(f"{DC}_005")
def test_after_the_session_the_network_is_left_at_a_dc_outlet():
    assert_left_after_the_stop(AT_DC)
