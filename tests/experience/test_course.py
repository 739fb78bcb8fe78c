import pytest
from hypothesis import strategies as st

from seccstack.auth.fingerprint import NOTHING, Fingerprint
from seccstack.experience.course import (
    MAX_ASKED,
    MAX_OUTCOMES,
    REPLUGGED_WITHIN,
    STUCK_AFTER,
    Course,
    Stuck,
)
from seccstack.experience.events import (
    ExperienceFound,
    HouseholdFound,
    KeepExperience,
    LookUpExperience,
)
from seccstack.experience.household import Guest, Household
from seccstack.experience.outcomes import (
    FaultedAtFive,
    Followed,
    ProtocolTried,
    Spoke,
    Started,
    StayedSilent,
)
from seccstack.experience.policy import Greeting
from seccstack.experience.port import SILENT, Vehicle, keys
from seccstack.experience.record import UNKNOWN, Experience
from seccstack.experience.seen import (
    LISTENED,
    Arrived,
    Asked,
    Carries,
    Deaf,
    Did,
    GotEnergy,
    Left,
    LineFaulted,
    Named,
    SessionFailed,
    Spoken,
    WantedEnergy,
)

CAR, OTHER = bytes.fromhex("9012A1000001"), bytes.fromhex("DC4427100002")
SEEN = Fingerprint(run_id="MAC+0000")
FIVE, PULSES, NO_PULSES = map(Carries, (Greeting.FIVE, Greeting.PULSES, None))
BEGUN = (Arrived(), FIVE)
EVENTS = st.one_of(
    st.sampled_from([Arrived(True), Left(), FIVE, PULSES, NO_PULSES, LineFaulted(), Deaf()]),
    st.sampled_from([Asked(CAR), Named(CAR), Named(CAR, SEEN), WantedEnergy(), GotEnergy()]),
    st.sampled_from([Spoken("iso2"), SessionFailed("it left"), Did(Followed(2.0))]),
    st.sampled_from(
        [ExperienceFound(keys(CAR, NOTHING), UNKNOWN), HouseholdFound(Household())]
    ),
)


class Outlet:
    """A course that is told what happens, each thing with its time."""

    def __init__(self):
        self.course, self.actions = Course(), []

    def tell(self, now, *happened):
        for event in happened:
            self.actions += self.course.tick(now)
            self.actions += self.course.receive(event, now)
        return self

    @property
    def kept(self):
        return [a for a in self.actions if isinstance(a, KeepExperience)][-1]

    @property
    def keeps(self):
        return any(isinstance(a, KeepExperience) for a in self.actions)

    @property
    def stuck(self):
        return Stuck(STUCK_AFTER) in self.actions


@pytest.fixture
def outlet():
    return Outlet().tell(0, *BEGUN)


def test_what_a_vehicle_did_is_kept_when_it_leaves(outlet):
    outlet.tell(2, Asked(CAR)).tell(3, Named(CAR)).tell(9, Spoken("iso2"), GotEnergy(), Left())
    assert outlet.kept == KeepExperience(
        (Vehicle(CAR),), (Spoke(2), ProtocolTried("iso2", True), Started(True)), five=True
    )


def test_who_spoke_first_is_not_taken_for_the_vehicle(outlet):
    outlet.tell(1, Asked(OTHER)).tell(7, Asked(CAR), Asked(CAR)).tell(8, Named(CAR), Left())
    assert outlet.kept.outcomes == (Spoke(7),)


def test_a_second_match_says_nothing_of_how_soon_it_spoke(outlet):
    outlet.tell(1, Asked(CAR), Named(CAR), Named(CAR)).tell(30, Asked(OTHER), Named(OTHER))
    assert outlet.tell(40, Left()).kept.outcomes == (Spoke(1),)


def test_of_very_many_that_ask_the_first_is_forgotten_and_has_spoken_all_the_same(outlet):
    outlet.tell(1, Asked(CAR))
    for number in range(MAX_ASKED):
        outlet.tell(2, Asked(bytes([number])))
    assert outlet.tell(3, Named(CAR), Left()).kept.outcomes == (Spoke(3),)


def test_it_is_looked_up_by_its_address_and_again_once_its_family_is_known(outlet):
    outlet.tell(1, Named(CAR), Named(CAR), Named(CAR, SEEN), Named(bytes(6)))
    asked = [a.names for a in outlet.actions if isinstance(a, LookUpExperience)]
    assert asked == [keys(CAR, NOTHING), keys(CAR, SEEN)]


def test_what_is_known_of_it_is_what_was_found_and_what_it_did_since(outlet):
    outlet.tell(1, Named(CAR)).tell(
        2, ExperienceFound(keys(CAR, NOTHING), Experience(visits=7))
    )
    outlet.tell(3, ExperienceFound(keys(OTHER, NOTHING), Experience(visits=9)))
    outlet.tell(4, Did(Followed(2.5)))
    assert (outlet.course.known.visits, outlet.course.known.follows) == (7, (2.5,))
    assert Course().known == UNKNOWN


def test_one_that_never_spoke_is_one_of_the_silent(outlet):
    outlet.tell(LISTENED, NO_PULSES, PULSES).tell(20, GotEnergy()).tell(99, Left())
    assert outlet.kept.names == (SILENT,)
    assert outlet.kept.outcomes == (Started(True), StayedSilent())


def test_who_was_not_asked_for_long_may_be_anybody(outlet):
    assert not outlet.tell(2, PULSES).tell(9, GotEnergy(), Left()).keeps


def test_but_for_as_long_as_it_was_meant_to_be_asked_will_do():
    outlet = Outlet().tell(0, Arrived(listened=3.0), FIVE).tell(3, PULSES).tell(9, Left())
    assert outlet.kept.outcomes == (StayedSilent(),)


def test_who_was_never_asked_is_taken_for_one_of_the_silent():
    outlet = Outlet().tell(0, Arrived(), PULSES).tell(2, GotEnergy(), Left())
    assert outlet.kept == KeepExperience((SILENT,), (Started(True),), five=False)


@pytest.mark.parametrize("greeted", [FIVE, PULSES])
def test_while_our_own_modem_is_dead_nobody_is_called_silent(greeted):
    outlet = Outlet().tell(0, Arrived(), Deaf(), greeted).tell(20, GotEnergy(), Left())
    assert not outlet.keeps


def test_a_plug_that_was_in_for_a_moment_teaches_nothing(outlet):
    assert not outlet.tell(2, Left()).keeps


def test_nor_does_one_that_contradicts_itself(outlet):
    assert not outlet.tell(2, Named(CAR), GotEnergy(), Left(consistent=False)).keeps


def test_one_that_asks_for_no_energy_after_5_percent_may_be_stuck(outlet):
    outlet.tell(10, NO_PULSES).tell(14, PULSES)
    assert outlet.course.deadline == 14 + STUCK_AFTER
    assert outlet.course.tick(20) == []
    assert outlet.course.tick(44) == [Stuck(STUCK_AFTER)]
    assert outlet.course.deadline is None


@pytest.mark.parametrize("sign", [WantedEnergy(), Named(CAR)])
def test_one_that_has_shown_a_sign_of_life_is_not(outlet, sign):
    assert not outlet.tell(9, sign).tell(14, PULSES).tell(99, Left()).stuck


def test_one_that_was_never_shown_5_percent_is_not():
    outlet = Outlet().tell(0, Arrived(), PULSES).tell(99, Left())
    assert not outlet.stuck


def test_if_it_charges_once_it_is_plugged_in_anew_without_5_percent_it_was(outlet):
    outlet.tell(10, PULSES).tell(60, Left())
    assert outlet.course.suspects(61)
    assert not outlet.course.suspects(60 + REPLUGGED_WITHIN)
    outlet.tell(70, Arrived(), PULSES).tell(72, GotEnergy()).tell(99, Left())
    assert FaultedAtFive(True) in outlet.kept.outcomes
    assert not outlet.course.suspects(99)


def test_if_it_charges_after_5_percent_it_was_not(outlet):
    outlet.tell(10, PULSES).tell(60, Left())
    outlet.tell(70, Arrived(), FIVE).tell(72, GotEnergy()).tell(99, Left())
    assert FaultedAtFive(True) not in outlet.kept.outcomes


def test_one_that_charges_late_after_all_is_not_suspected(outlet):
    outlet.tell(10, PULSES).tell(60, WantedEnergy(), Left())
    assert outlet.stuck
    assert not outlet.course.suspects(61)


def test_a_line_that_faults_at_5_percent_needs_no_replug(outlet):
    outlet.tell(1, LineFaulted(), Left())
    outlet.tell(12, Arrived(), PULSES).tell(15, GotEnergy(), Left())
    assert FaultedAtFive(False) in outlet.kept.outcomes


def test_a_line_that_faults_once_somebody_speaks_has_another_reason(outlet):
    assert not outlet.tell(1, Asked(CAR), LineFaulted(), Left()).course.suspects(2)


def test_a_line_that_faults_at_pulse_width_is_another_matter(outlet):
    assert not outlet.tell(10, PULSES).tell(11, LineFaulted(), Left()).course.suspects(12)


def test_a_session_that_ends_without_energy_has_failed_once(outlet):
    outlet.tell(1, Named(CAR), Spoken("iso2"), SessionFailed("it left"), SessionFailed("?"))
    expected = (ProtocolTried("iso2", False, "it left"),)
    assert outlet.tell(9, Left()).kept.outcomes == expected


def test_sessions_that_fail_one_after_the_other_in_one_plug_in_are_one_failure(outlet):
    for _ in range(5):
        outlet.tell(1, Named(CAR), Spoken("iso2"), SessionFailed("it asked out of order"))
    assert outlet.course.known.protocol("iso2").failed == 1


def test_one_that_has_led_to_energy_has_not_failed_whatever_comes_then(outlet):
    outlet.tell(1, Named(CAR), Spoken("iso2"), GotEnergy(), GotEnergy(), SessionFailed("?"))
    assert outlet.tell(9, Left()).kept.outcomes == (ProtocolTried("iso2", True), Started(True))


def test_a_bold_start_that_leads_to_nothing_has_failed():
    outlet = Outlet().tell(0, Arrived(bold=True), PULSES).tell(40, Named(CAR), Left())
    assert Started(False) in outlet.kept.outcomes


def test_a_cautious_one_has_not(outlet):
    outlet.tell(5, PULSES).tell(40, Named(CAR), Left())
    assert outlet.kept.outcomes == ()


def test_what_one_plug_in_teaches_has_an_end(outlet):
    outlet.tell(1, Named(CAR), *[Did(Followed(1.0))] * (MAX_OUTCOMES + 1))
    assert len(outlet.tell(9, Left()).kept.outcomes) == MAX_OUTCOMES


def test_who_comes_here_is_known_whether_somebody_is_there_or_not():
    house = Household((Guest("9012A1000001", 0.5),))
    assert Outlet().tell(0, HouseholdFound(house), Left(), *BEGUN).course.household == house


def test_a_signal_that_is_told_again_is_no_other(outlet):
    outlet.tell(5, FIVE).tell(LISTENED, NO_PULSES, Left())
    assert outlet.kept.outcomes == (StayedSilent(),)
