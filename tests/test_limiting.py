"""How the arbiter's word reaches the rest of an outlet."""

from dataclasses import replace

from seccstack import events
from seccstack.auth.contract import ContractAccepted, ContractWithdrawn
from seccstack.energy.arbiter import PhasesUsed
from seccstack.energy.balance import OwnMeasured
from seccstack.energy.phases import Phases
from seccstack.energy.power_return import plan_of
from seccstack.events import LimitOffered, LimitPlanned
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.pilot import limits
from tests.scenarios.scene import Scene, character
from tests.test_chargepoint import ARRIVAL, Bench, outlet

UNEVEN = LimitOffered("house", 7.0, None, "others draw", (13.0, 7.0, 9.0))


def noted(bench, name="limit"):
    return [dict(a.details) for a in bench.done if getattr(a, "event", "") == name]


def test_a_limit_of_each_phase_is_noted_where_they_differ():
    [*_, last] = noted(Bench().tell(UNEVEN))
    assert (last["amps"], last["source"], last["why"]) == (7.0, "house", "others draw")
    assert [phase["amps"] for phase in last["phases"]] == [13.0, 7.0, 9.0]
    assert "phases" not in noted(Bench().tell(LimitOffered("house", 7.0)))[-1]


def test_a_vehicle_that_is_seen_on_one_phase_has_that_phases_limit():
    bench = Bench().tell(UNEVEN, PhasesUsed((0,)))
    assert [(n["amps"], n["source"]) for n in noted(bench)][-1] == (13.0, "house")


def test_a_plan_has_its_reason_from_who_made_it():
    bench = Bench().tell(LimitPlanned("power return", ((0.0, 0.0), (9.0, None)), "no power"))
    assert noted(bench)[-1]["why"] == "no power"


def test_who_says_too_many_phases_is_not_believed():
    bench = Bench().tell(LimitOffered("house", 7.0, None, "", (7.0, 8.0)))
    assert [a.what for a in bench.done if isinstance(a, events.Ignored)] == ["limit of house"]


def test_nobody_outside_speaks_for_the_outlet_itself():
    bench = Bench().tell(LimitOffered("phase count", 7.0))
    assert [a.why for a in bench.done if isinstance(a, events.Ignored)] == [
        "it is the outlet's own"
    ]


def test_a_vehicle_that_pays_by_contract_may_have_a_limit_of_its_own():
    bench = Bench(replace(outlet(), contract_amps=10.0)).tell(*ARRIVAL)
    for action in (ContractAccepted(1, ()), ContractWithdrawn(1, "")):
        bench.machine._parts.pending.append(action)
        bench.tell(LimitOffered("owner", None))
    said = [(n["amps"], n["source"]) for n in noted(bench)]
    assert said[-2:] == [(10.0, "contract"), (16.0, "installation")]


# With a car.


def limits_of(scene):
    return [(noted["amps"], noted["source"]) for noted in scene.noted("limit")]


def test_a_cable_that_goes_while_it_charges_opens_the_contactor_at_once():
    scene = Scene().charge()
    scene.tell(LimitOffered("cable", 0.0, None, "no cable is plugged in"))
    scene.wait(0.1)
    assert not scene.world.pilot.closed
    assert [a.closed for _, a in scene.done(limits.SetContactor)] == [False, True, False]


def test_one_that_is_too_hot_asks_the_car_to_stop_and_goes_on_by_itself():
    scene = Scene().charge()
    scene.tell(LimitOffered("thermal", 0.0, None, "hot")).wait(5)
    assert not scene.drawing
    scene.tell(LimitOffered("thermal", None)).wait(10)
    assert scene.drawing


def test_while_it_is_hot_the_car_draws_less():
    scene = Scene().charge()
    scene.tell(LimitOffered("thermal", 9.0, None, "hot")).wait(8)
    assert limits_of(scene)[-1] == (9.0, "thermal")
    assert scene.draws[-1][1] == 9.0


def test_after_a_power_cut_energy_is_withheld_and_then_comes_by_itself():
    scene = Scene()
    plan = plan_of(40.0, scene.now)
    scene.tell(LimitPlanned(plan.source, plan.steps, plan.reason)).plug_in().wait(35)
    assert not scene.drawing
    assert limits_of(scene)[-1] == (0.0, "power return")
    assert scene.wait(15).drawing


def test_a_car_that_charges_on_one_phase_has_that_phases_limit():
    mode = EnergyTransferMode.AC_SINGLE_PHASE_CORE
    scene = Scene(car=character(wishes={"mode": mode})).tell(UNEVEN).charge().wait(5)
    assert limits_of(scene)[-1] == (13.0, "house")
    scene.unplug().wait(2)
    assert limits_of(scene)[-1] == (7.0, "house")


def test_a_cable_that_goes_while_the_sun_leaves_nothing_opens_the_contactor_at_once():
    scene = Scene().charge().tell(LimitOffered("solar", 0.0)).wait(1)
    assert scene.world.pilot.closed
    scene.tell(LimitOffered("cable", 0.0, None, "no cable is plugged in")).wait(0.1)
    assert not scene.world.pilot.closed


def test_one_that_says_it_charges_on_one_phase_and_draws_from_all_has_the_limit_of_all():
    mode = EnergyTransferMode.AC_SINGLE_PHASE_CORE
    scene = Scene(car=character(wishes={"mode": mode})).tell(UNEVEN).charge().wait(5)
    [used] = Phases().receive(OwnMeasured((13.0, 13.0, 13.0)), scene.now)
    assert limits_of(scene.tell(used))[-1] == (7.0, "house")
