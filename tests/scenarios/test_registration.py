"""The ritual of registration at a whole outlet: setup card, vehicles and cards, setup card."""

import pytest

from seccstack.auth.decision import CardRecord, VehicleRecord
from seccstack.auth.enrolling import RotatingVehicles
from seccstack.auth.enrolment_events import Beep, BeepPattern, BeginWanted, EndWanted
from seccstack.auth.limiter import MAX_STRANGERS
from seccstack.auth.port import RegistryError
from seccstack.auth.suspicion import FingerprintUse
from seccstack.pilot.settings import Start
from seccstack.sim.car import Car
from seccstack.sim.registry import SimRegistry
from tests import lab as labs
from tests.scenarios import test_contracts as contracts
from tests.scenarios.scene import CARD, MAC, Scene, character, octets_of
from tests.scenarios.test_dc import charging, dc_scene, orders

SETUP = "04FFFFFFFFFFFF"
NEW = "04010203"
ROTATING = bytes.fromhex("007DFA071234")
SHORT, TWO, LONG = BeepPattern.SHORT, BeepPattern.TWO_SHORT, BeepPattern.LONG


def outlet(policy="autocharge", enrolment=None, **others):
    """An outlet with a setup card."""
    return Scene(policy, enrolment={"setup_cards": (SETUP,), **(enrolment or {})}, **others)


def hold(scene, uid=SETUP):
    """Hold a card to the reader, and take it away again."""
    return scene.hold_card(uid).wait(4)


def beeps(scene):
    return [action.pattern for _, action in scene.done(Beep)]


def steps(scene):
    return [note["step"] for note in scene.noted("registration")]


def says(scene):
    return scene.noted("registration")[-1]["says"]


def register(scene, within=60):
    """Plug the car in, and wait for what is heard of it."""
    heard = len(beeps(scene))
    return scene.plug_in().wait_until(lambda: len(beeps(scene)) > heard, within)


def exchange(scene, car):
    """Let another car stand there."""
    scene.unplug().wait(3)
    scene.world.car = Car(car, octets_of(7))
    return scene


def test_vehicles_and_cards_are_registered_between_two_setup_cards():
    scene = hold(outlet(cards=()))
    hold(scene, NEW)
    register(scene)
    exchange(scene, character(mac=bytes.fromhex("DC442711BBAA")))
    register(scene).unplug().wait(3)
    hold(scene)
    assert beeps(scene) == [SHORT, TWO, TWO, TWO, LONG]
    assert [record.mac.hex().upper() for record in scene.registry.vehicles()] == [
        "DC442711BBAA",
        "EC65CC010203",
    ]
    assert [record.uid for record in scene.registry.cards()] == [NEW]
    assert not any(amps for _, amps in scene.draws)


def test_who_was_registered_charges_without_a_card_from_the_next_plug_in_on():
    scene = hold(outlet())
    register(scene).unplug().wait(3)
    hold(scene).charge()
    assert scene.decision["by"] == "autocharge"


def test_who_is_still_connected_when_it_ends_charges_in_the_same_session():
    scene = register(hold(outlet())).wait(10)
    assert scene.decision["granted"] is None
    assert scene.last("AuthorizationRes").evse_processing.value.startswith("Ongoing")
    hold(scene).wait_until(lambda: scene.drawing, 10)
    assert len(scene.exchanged("SessionSetupReq")) == 1
    assert scene.decision["by"] == "autocharge"


def test_who_has_waited_for_too_long_charges_all_the_same_when_it_ends():
    scene = register(hold(outlet())).wait(50)
    hold(scene, CARD).wait(30)  # which is known, and keeps the mode from ending
    assert any(decision["granted"] is False for decision in scene.noted("decision"))
    assert len(scene.ended()) == 1
    hold(scene).wait_until(lambda: scene.drawing, 60)


@pytest.mark.parametrize("policy", ["open", "card", "autocharge"])
def test_meanwhile_nobody_is_let_in_whatever_the_policy(policy):
    scene = hold(outlet(policy), CARD)  # that would have let the next one in
    hold(scene)
    register(scene).wait(3)
    hold(scene, CARD)
    assert beeps(scene) == [SHORT, SHORT, TWO, BeepPattern.KNOWN]  # the first: it is good
    assert not scene.world.pilot.closed
    assert scene.noted("decision")[-1]["granted"] is None


def test_where_everybody_may_charge_so_does_who_was_registered_once_it_is_over():
    scene = hold(register(hold(outlet("open")))).wait_until(lambda: True)
    scene.wait_until(lambda: scene.drawing, 10)


def test_where_a_card_is_needed_it_still_is():
    scene = hold(register(hold(outlet("card")))).wait(5)
    assert not scene.drawing
    hold(scene, CARD).wait_until(lambda: scene.drawing, 10)


def test_a_charge_goes_on_when_a_setup_card_is_held_up():
    scene = outlet(known=[MAC]).charge()
    hold(scene)
    assert beeps(scene) == [BeepPattern.REFUSED]
    assert scene.drawing


def test_a_setup_card_of_the_registry_is_found_out_about_even_while_a_vehicle_charges():
    registry = SimRegistry([CardRecord(uid=SETUP, setup=True), VehicleRecord(mac=MAC)])
    scene = Scene("autocharge", registry=registry).charge()
    hold(scene, SETUP)
    assert beeps(scene) == [BeepPattern.REFUSED]
    scene.unplug().wait(3)
    assert beeps(hold(scene, SETUP)) == [BeepPattern.REFUSED, SHORT]
    assert beeps(hold(scene, SETUP))[-1] is LONG


def test_a_setup_card_lets_nobody_charge():
    registry = SimRegistry([CardRecord(uid=SETUP, setup=True)])
    scene = Scene("card", registry=registry).plug_in().wait(5)
    hold(scene, SETUP)
    assert not scene.drawing
    assert f"card {SETUP} is a setup card, which charges nothing" in scene.decision["reasons"]


def test_a_vehicle_without_iso_15118_is_told_when_it_has_been_silent():
    scene = register(hold(outlet(car=character(speaks=False))), within=60)
    assert beeps(scene) == [SHORT, BeepPattern.SILENT]
    assert "does not say who it is" in says(scene)
    assert scene.registry.vehicles() == []


def test_a_dead_modem_is_told_as_what_it_is():
    scene = hold(outlet(slac_init_seconds=20)).let_modem_live(False)
    register(scene, within=100)
    assert beeps(scene) == [SHORT, BeepPattern.SILENT]
    assert "modem" in says(scene)


def test_a_vehicle_that_changes_its_address_is_told_to_need_a_card():
    scene = register(hold(outlet(car=character(mac=ROTATING))))
    assert beeps(scene) == [SHORT, BeepPattern.ROTATING]
    assert scene.registry.vehicles() == []


def test_one_that_comes_with_the_same_address_again_is_registered_and_let_in_from_then_on():
    scene = register(hold(outlet(car=character(mac=ROTATING))))
    exchange(scene, character(mac=ROTATING))
    register(scene).unplug().wait(3)
    assert beeps(scene) == [SHORT, BeepPattern.ROTATING, TWO]
    hold(scene).charge()
    assert scene.decision["by"] == "autocharge"


def test_of_its_family_it_is_registered_if_wanted_and_known_the_next_time():
    family = {"rotating": RotatingVehicles.FAMILY}
    scene = register(hold(outlet(enrolment=family, car=character(mac=ROTATING))))
    exchange(scene, character(mac=bytes.fromhex("007DFA080001")))
    register(scene)
    assert beeps(scene) == [SHORT, TWO, BeepPattern.KNOWN]
    assert "probably vehicle 007DFA071234" in says(scene)
    assert len(scene.registry.vehicles()) == 1


def test_a_vehicle_whose_claims_disagree_is_not_registered():
    car = character(evccid=bytes.fromhex("DC442711BBAA"))
    scene = register(hold(outlet(car=car)))
    assert beeps(scene) == [SHORT, BeepPattern.DISAGREES]
    assert "different MAC addresses" in says(scene)


def test_a_made_up_address_is_not_registered():
    scene = register(hold(outlet(car=character(mac=bytes.fromhex("02005E100001")))))
    assert beeps(scene) == [SHORT, BeepPattern.ADDRESS]


def test_a_vehicle_that_is_there_already_is_known():
    scene = register(hold(outlet(known=[MAC])))
    assert beeps(scene) == [SHORT, BeepPattern.KNOWN]


def test_a_registry_without_room_is_told():
    scene = register(hold(outlet(enrolment={"most": 1})))
    assert beeps(scene) == [SHORT, BeepPattern.FULL]
    assert "no room for more" in says(scene)


class Broken(SimRegistry):
    """A registry on a disk that takes nothing."""

    def enrol(self, record, most):
        raise RegistryError("the disk is full")


def test_a_registry_that_cannot_be_written_is_told():
    scene = register(hold(outlet(registry=Broken())))
    assert beeps(scene) == [SHORT, BeepPattern.REGISTRY]
    assert "cannot be written" in says(scene)


def test_a_vehicle_that_is_unplugged_too_soon_is_not_registered():
    scene = hold(outlet()).plug_in().wait(2).unplug().wait(2)
    assert beeps(scene) == [SHORT, BeepPattern.LEFT]
    assert register(scene).registry.vehicle(MAC) is not None


def test_it_ends_by_itself_and_the_vehicle_that_is_connected_charges():
    scene = register(hold(outlet(enrolment={"wait_seconds": 10.0})))
    scene.wait_until(lambda: scene.drawing, 20)
    assert beeps(scene) == [SHORT, TWO, LONG]
    assert "nothing has happened for 10 s" in says(scene)


def test_those_who_come_to_be_registered_are_no_strangers():
    scene = hold(outlet())
    for number in range(MAX_STRANGERS + 1):
        exchange(register(scene), character(mac=bytes([0, 1, 2, 3, 4, number])))
    assert scene.noted("locked out") == []


def test_its_fingerprint_is_learned_once_though_it_charges_in_the_same_plug_in():
    scene = hold(register(hold(outlet())))
    scene.wait_until(lambda: scene.drawing, 10).unplug().wait(3)
    [first] = scene.registry.prints(MAC)
    assert first.offer is not None
    scene.charge().unplug().wait(3)
    assert len(scene.registry.prints(MAC)) == 2


def test_who_changes_its_address_does_not_prove_to_keep_it_by_being_registered():
    scene = outlet(enrolment={"rotating": RotatingVehicles.FAMILY}, car=character(mac=ROTATING))
    hold(register(hold(scene))).wait(1)
    hold(scene, CARD).wait_until(lambda: scene.drawing, 20).unplug().wait(3)
    assert len(scene.registry.prints(ROTATING)) == 1


def test_fingerprints_that_are_required_are_not_of_who_was_registered_just_now():
    scene = hold(register(hold(outlet(access={"fingerprint": FingerprintUse.REQUIRE}))))
    scene.wait_until(lambda: scene.drawing, 10)


def test_how_often_it_was_here_counts_the_visit_in_which_it_was_registered():
    scene = hold(register(hold(outlet()))).unplug().wait(3)
    assert scene.registry.vehicle(MAC).times_seen == 1
    scene.charge().unplug().wait(3)
    assert scene.registry.vehicle(MAC).times_seen == 2


def test_where_charging_begins_at_pulse_width_vehicles_are_identified_on_top_of_it():
    scene = register(hold(outlet(pilot={"start": Start.NOMINAL})))
    assert beeps(scene) == [SHORT, TWO]


def test_a_contract_lets_nobody_in_either_until_it_is_over(tmp_path):
    lab = labs.minted(tmp_path / "lab")
    scene = contracts.Scene(lab, contracts.wallet(lab))
    scene.world.at(0.8, lambda: scene.world.tell(BeginWanted()))
    scene.world.at(20.0, lambda: scene.world.tell(EndWanted()))
    session = scene.run()
    assert contracts.charged(session)
    assert min(one["t"] for one in session["contactor"] if one["closed"]) > 20.0
    assert session["decision"]["by"] == "contract"
    assert scene.world.registry.vehicle(MAC) is not None


def test_a_dc_outlet_registers_and_gives_no_voltage_meanwhile():
    scene = dc_scene(policy="autocharge", enrolment={"setup_cards": (SETUP,)})
    register(hold(scene)).wait(20)
    assert beeps(scene) == [SHORT, TWO]
    assert orders(scene) == []
    hold(scene).wait_until(lambda: charging(scene), 60)
