"""What is seen and heard at the front of an outlet."""

import pytest

from seccstack.auth.decision import CardRecord
from seccstack.auth.enrolment_events import BeepPattern, PassOn
from seccstack.auth.events import CardFound, CardPresented
from seccstack.energy.supply import SetOutput, SupplyFault
from seccstack.front import Front
from seccstack.indication import words
from seccstack.pilot.limits import Apply, PilotChanged, SetContactor
from seccstack.pilot.phases import Barred, Vacant, Welded
from seccstack.pilot.port import Fault, PilotState, Steady

A, B, C, D, E, F = PilotState
UID = "04A1B2C3"
KNOWN = CardRecord(uid=UID)
QUIET = {"registering": False, "starting": False, "mute": False, "suspended": False}


def front(*crossings):
    made = Front()
    for crossing in crossings:
        made.follow(crossing)
    return made


def shown(*crossings, phase=None, **seen):
    return words(front(*crossings).show(phase or Vacant(), **{**QUIET, **seen}))


def answer(found, ask=True, uid=UID):
    return front(PassOn(CardPresented(uid), ask)).found(found)


def test_until_the_pilot_has_spoken_it_starts():
    assert shown() == "blue, running"
    assert shown(PilotChanged(A)) == "blue"


def test_a_modem_that_was_not_there_yet_is_no_dead_one():
    assert shown(PilotChanged(A), starting=True, mute=True) == "blue, running"
    assert shown(PilotChanged(A), mute=True) == "S1-S3 blue; S4 red"


@pytest.mark.parametrize("on", [SetContactor(True), SetOutput(400.0, 10.0)])
def test_it_breathes_while_a_vehicle_that_wants_it_is_given_energy(on):
    assert shown(PilotChanged(C), on) == "blue, breathing"
    assert shown(PilotChanged(D), on) == "blue, breathing"
    assert shown(PilotChanged(B), on) == "blue"


@pytest.mark.parametrize("off", [SetContactor(False), SetOutput(0.0, 0.0)])
def test_it_does_not_breathe_without_energy(off):
    assert shown(PilotChanged(C), SetContactor(True), off) == "blue"


def test_a_fault_of_the_line_is_red():
    assert shown(PilotChanged(E)) == "red"
    assert shown(PilotChanged(F), Apply(Steady())) == "red"


def test_the_f_that_we_drive_ourselves_is_no_fault():
    assert shown(Apply(Fault()), PilotChanged(F)) == "blue"


@pytest.mark.parametrize("phase", [Barred(), Welded(1.0)])
def test_a_contactor_that_does_not_obey_is_red(phase):
    assert shown(Apply(Fault()), PilotChanged(F), phase=phase) == "red"


def test_a_supply_is_red_as_long_as_it_has_a_fault():
    assert shown(PilotChanged(A), SupplyFault("hot")) == "red"
    assert shown(PilotChanged(A), SupplyFault("hot"), SupplyFault("")) == "blue"


def test_only_news_is_shown():
    outside = front(PilotChanged(A))
    assert outside.show(Vacant(), **QUIET) is not None
    assert outside.show(Vacant(), **QUIET) is None


@pytest.mark.parametrize(
    ("found", "heard"),
    [
        (CardFound(UID, KNOWN), BeepPattern.SHORT),
        (CardFound(UID, None), BeepPattern.REFUSED),
        (CardFound(UID, CardRecord(uid=UID, enabled=False)), BeepPattern.REFUSED),
        (CardFound(UID, None, failed=True), BeepPattern.REGISTRY),
        (CardFound(UID, CardRecord(uid=UID, setup=True)), None),
    ],
)
def test_a_card_is_answered_with_what_the_registry_says_of_it(found, heard):
    assert answer(found) is heard


def test_a_card_is_answered_once():
    outside = front(PassOn(CardPresented(UID), True))
    assert outside.found(CardFound(UID, KNOWN)) is BeepPattern.SHORT
    assert outside.found(CardFound(UID, KNOWN)) is None


def test_a_card_that_nobody_has_just_held_up_is_not_answered():
    assert answer(CardFound("0A0B0C0D", KNOWN)) is None
    assert answer(CardFound(UID, KNOWN), ask=False) is None
