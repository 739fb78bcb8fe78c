"""How vehicles are greeted: at first as the standard has it, then as was learned of them."""

import pytest

from seccstack.experience import policy
from seccstack.experience.port import SILENT, Family, Vehicle
from seccstack.homeplug.messages import SlacParmCnf
from seccstack.messages.iso2 import EnergyTransferMode
from seccstack.pilot import limits
from seccstack.pilot.port import Digital, Steady
from seccstack.pilot.settings import Current, Start
from seccstack.pilot.signal import CONNECTED_OHMS
from seccstack.session.plant import DcSupply
from seccstack.sim.cars import KINDS, kind
from seccstack.sim.pilot import SHORT_OHMS, VehicleConnected
from tests.scenarios.scene import Scene, character, octets_of

AUTO = policy.Settings(policy.Policy.AUTO)
SPEAKS_TO_THE_END = ["Kona", "id.3", "Taycan", "Zoe", "sleepy VW"]


class House(Scene):
    """An outlet where cars come and go."""

    def __init__(self, access="open", start=AUTO, **more):
        super().__init__(access, start=start, **more)

    def come(self, name, visit=0):
        """Plug a car in; whatever was there is gone."""
        if self.noted("plugged in") and len(self.noted("plugged in")) > len(
            self.noted("unplugged")
        ):
            self.unplug().wait(30)
        self.world.car = kind(name).car(octets_of(visit + 7), visit)
        self.came_at = self.now
        return self.plug_in()

    def served(self, name, visit=0, within=120.0):
        """Let a car come and charge; return after how long it did."""
        self.come(name, visit)
        self.wait_until(lambda: self.drawing, within)
        took = self.now - self.came_at
        self.wait(20)
        return took

    @property
    def start(self):
        return self.noted("start")[-1]

    def known(self, key):
        return self.registry.experiences.recall(key)


@pytest.fixture
def house():
    return House()


@pytest.mark.parametrize("name", [one.name for one in KINDS if one.bears_five])
def test_each_kind_of_car_charges_at_first_contact_and_after_learning(house, name):
    first = house.served(name)
    later = [house.served(name, visit) for visit in range(1, 4)]
    assert min(later) <= first + 20
    assert bool(house.exchanged("ChargingStatusRes")) is (name in SPEAKS_TO_THE_END)


def test_one_that_does_not_bear_5_percent_charges_once_it_is_plugged_in_anew(house):
    house.come("Ioniq PHEV").wait(60)
    assert not house.drawing
    assert house.noted("stuck") == [{"seconds": 30.0}]
    assert house.served("Ioniq PHEV") < 2
    house.unplug().wait(5)
    known = house.known(SILENT)
    assert (known.faulted_at_five, known.needs_replug) == (1, True)


def test_and_is_never_shown_5_percent_again(house):
    house.come("Ioniq PHEV").wait(60)
    house.served("Ioniq PHEV")
    shown = len([1 for _, a in house.done(limits.Apply) if isinstance(a.signal, Digital)])
    assert max(house.served("Ioniq PHEV") for _ in range(15)) < 2
    signals = [a.signal for _, a in house.done(limits.Apply)]
    assert sum(isinstance(signal, Digital) for signal in signals) == shown
    assert house.start["why"] == "a vehicle that says nothing does not charge after 5 %"


def test_one_that_says_nothing_waits_10_seconds_once_and_then_never_again(house):
    assert house.served("plain") == pytest.approx(14.6, abs=0.5)
    assert house.served("plain") < 2
    assert house.start == {
        "greeting": "pulse width",
        "why": "those who come here say nothing",
    }


def test_one_that_speaks_late_is_still_known_by_its_late_word(house):
    house.served("id.3")  # after 30 s, when it has gone on by pulse width
    house.wait(30)
    assert house.noted("matched")
    house.unplug().wait(5)
    assert house.known(Family(b"\x00\x7d\xfa", "drawn at random")).patience > 20


def test_and_is_waited_for_at_its_next_visit_under_another_address(house):
    house.served("id.3")
    house.wait(30)
    house.served("id.3", 2)
    assert house.start["seconds"] > 40
    assert house.signal == Digital()


def test_what_is_known_of_a_vehicle_is_told_once_it_is_named(house):
    house.served("Taycan")
    house.served("Taycan")
    (told,) = house.noted("experience")
    assert told["says"][0] == "has been here once"


def test_without_an_authorisation_the_whole_window_is_given_and_the_reason_said():
    house = House("card").come("plain").wait(5)
    assert house.start["why"].startswith("no authorisation yet")
    house.wait(20).hold_card().wait(6)
    assert house.drawing


def test_where_an_authorisation_comes_in_the_meantime_who_speaks_late_has_its_time():
    house = House("card")
    for visit in (0, 2):
        house.come("id.3", visit).wait(40).hold_card().wait(20)
    house.come("id.3", 0).wait(12).hold_card().wait(25)
    assert house.signal == Digital()
    assert house.exchanged("ChargingStatusRes")


def test_a_card_beforehand_goes_by_pulse_width_at_once_as_its_owner_has_it():
    house = House("card").hold_card().wait(1).come("Kona").wait(3)
    assert house.start["why"] == "its authorisation was there before it"
    assert house.drawing


def test_pulse_width_for_everybody_is_as_its_owner_has_it():
    house = House(pilot={"start": Start.NOMINAL}).come("Kona").wait(3)
    assert house.start["why"] == "its owner wants it so (pilot.start)"
    assert house.drawing


def test_fixed_times_are_those_of_the_settings_and_what_is_learned_changes_nothing():
    house = House(start=policy.FIXED)
    for _ in range(3):
        assert house.served("plain") == pytest.approx(54.6, abs=0.5)
    assert house.noted("start") == []
    house.unplug().wait(5)
    assert house.known(SILENT).never_spoke == 3


def test_a_registration_asks_everybody_who_it_is():
    house = House("autocharge", enrolment={"setup_cards": ("04FFFFFF",)})
    house.hold_card("04FFFFFF").wait(1).come("Kona").wait(1)
    assert house.start["why"] == "it is to say who it is"


def test_a_neighbours_frames_hold_nobody_up_for_much_longer_than_the_window(house):
    house.come("plain")
    for _ in range(12):
        house.wait(4).ask_as(bytes.fromhex("02AABBCCDD02"))
    assert not house.drawing
    assert house.wait(15).drawing


def test_what_was_learned_outlives_a_restart():
    house = House()
    house.served("plain")
    house.unplug().wait(5)
    again = House(registry=house.registry)
    assert again.served("plain") < 2


def test_a_memory_that_is_reset_begins_anew(house):
    house.served("plain")
    house.unplug().wait(5).registry.experiences.forget()
    again = House(registry=house.registry)
    assert again.served("plain") > 10


def test_a_vehicle_that_contradicts_itself_teaches_nothing(house):
    house.world.car = kind("Taycan").car(octets_of(1))
    house.come("Taycan")
    house.world.car.mac = bytes.fromhex("EC65CC0A0B0C")
    house.wait(20).unplug().wait(5)
    assert house.registry.experiences.all() == []


def test_what_fails_twice_in_a_row_is_not_tried_a_third_time(house):
    assert house.served("Mokka-e") > 10
    assert house.served("Mokka-e") > 10
    assert house.served("Mokka-e") < 2
    house.unplug().wait(5)
    assert house.known(Vehicle(kind("Mokka-e").mac(0))).hopeless


def test_of_several_who_share_an_outlet_the_silent_one_waits_as_long_as_it_is_worth(house):
    for _ in range(3):
        house.served("Taycan")
        house.served("plain")
    assert house.served("plain") < 10
    house.served("Taycan")
    assert house.signal == Digital()


def test_without_an_authorisation_one_that_minds_5_percent_waits_at_x1():
    house = House("card")
    house.come("Ioniq PHEV").wait(2).hold_card().wait(60)
    house.come("Ioniq PHEV").wait(2)
    assert house.signal == Steady()
    assert house.hold_card().wait(6).drawing
    house.come("Ioniq PHEV").wait(2)
    assert "nobody here speaks" in house.start["why"]


def test_a_line_that_faults_at_5_percent_is_not_shown_it_when_it_is_sound_again(house):
    house.come("plain").wait(1).world.turn(VehicleConnected(SHORT_OHMS))
    house.wait(1).world.turn(VehicleConnected(CONNECTED_OHMS))
    house.wait(12)
    assert house.start["why"].startswith("the last one did not charge after 5 %")


def test_on_dc_there_is_nothing_to_choose_and_something_to_learn():
    car = character(wishes={"mode": EnergyTransferMode.DC_EXTENDED})
    dc = {
        "pilot": {"current": Current.DC},
        "supply": DcSupply(max_volts=500, max_amps=125, max_watts=5e4),
    }
    house = House(car=car, **dc).plug_in().wait(40)
    house.unplug().wait(5)
    assert house.noted("start") == []
    assert house.known(Vehicle(car.mac)).protocol("iso2").worked == 1


def test_with_fixed_times_a_vehicle_that_is_named_is_told_of_and_treated_as_ever():
    house = House(start=policy.FIXED)
    assert house.served("Taycan") == pytest.approx(house.served("Taycan"))
    assert len(house.noted("experience")) > 0


def test_one_that_asks_very_often_gets_through_once_the_charger_is_ready(house):
    house.world.line.deaf = frozenset({SlacParmCnf})
    house.come("Kona").wait(35)
    house.world.line.deaf = frozenset()
    house.wait_until(lambda: house.drawing)
    assert house.signal == Digital()


def test_a_visit_while_the_powerline_is_away_teaches_nothing_of_who_speaks(house):
    house.world.lose_powerline("eth1 went down")
    house.served("Taycan")
    house.unplug().world.open_powerline()
    assert house.wait(5).registry.experiences.all() == []
    house.served("Taycan")
    assert house.signal == Digital()
