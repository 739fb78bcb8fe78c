"""The charger ends what has been Ongoing for long enough, whether it is asked again or not."""

import pytest

from seccstack.auth.decision import Denied, Granted
from seccstack.session.dialogue import SEQUENCE_TIMEOUT
from seccstack.session.events import (
    CloseStream,
    ContractRefused,
    Decided,
    LimitChanged,
    StopCharging,
)
from seccstack.session.waiting import LAST_CALL, ONGOING_LIMIT
from tests.session.vehicle import AUTHORIZATION, PROOF, Ev, parameters

DENIED = Decided(Denied(("no",)))
NO_CONTRACT = ContractRefused("FAILED_ContractCanceled", "it has ended")


def waiting():
    """A vehicle that waits for a card."""
    ev = Ev().select()
    assert ev.ask(AUTHORIZATION).evse_processing.value.startswith("Ongoing")
    return ev


def proving():
    """A vehicle whose contract is looked at."""
    ev = Ev().prove()
    ev.confirm()
    assert ev.wait(0.2)
    assert ev.answer().evse_processing.value == "Ongoing"
    return ev


def negotiating():
    """A vehicle that waits for a schedule."""
    ev = Ev().authorize()
    assert ev.ask(parameters()).evse_processing.value == "Ongoing"
    return ev


def hung_up(ev):
    return any(isinstance(action, CloseStream) for action in ev.done)


@pytest.mark.parametrize(
    ("way", "change"),
    [
        (waiting, DENIED),
        (waiting, StopCharging("the owner")),
        (proving, NO_CONTRACT),
        (proving, StopCharging("the owner")),
    ],
)
def test_a_vehicle_that_does_not_ask_again_after_it_was_refused_is_hung_up_on(way, change):
    ev = way().told(change)
    ev.wait(LAST_CALL - 0.1)
    assert not hung_up(ev)
    ev.wait(0.1)
    assert hung_up(ev)
    assert "does not ask" in ev.done[-1].how.why


@pytest.mark.parametrize("way", [proving, negotiating])
def test_nor_is_one_waited_for_that_was_told_ongoing_for_55_s(way):
    ev = way()
    ev.wait(ONGOING_LIMIT + LAST_CALL - 0.1)
    assert not hung_up(ev)
    ev.wait(0.1)
    assert hung_up(ev)


@pytest.mark.parametrize(
    ("way", "change"), [(waiting, DENIED), (proving, NO_CONTRACT)], ids=["card", "contract"]
)
def test_one_that_asks_in_time_is_told_why(way, change):
    ev = way().told(change)
    ev.wait(LAST_CALL - 0.1)
    assert ev.code(AUTHORIZATION).startswith("FAILED")


def test_more_news_of_the_same_kind_give_it_no_more_time():
    ev = waiting().told(DENIED)
    ev.wait(LAST_CALL / 2)
    ev.told(DENIED).wait(LAST_CALL / 2)
    assert hung_up(ev)


@pytest.mark.parametrize(
    ("way", "changes"),
    [
        (waiting, (DENIED, Decided(Granted("card")))),
        (proving, (NO_CONTRACT, Decided(Granted("card")))),
        (proving, (Decided(Granted("contract")),)),
        (negotiating, (LimitChanged(16.0),)),
    ],
)
def test_good_news_give_it_all_its_time(way, changes):
    ev = way()
    ev.wait(1)
    ev.tell(*changes)
    ev.wait(SEQUENCE_TIMEOUT - 1.3)
    assert not hung_up(ev)


def test_that_no_card_came_is_no_refusal_of_a_contract():
    ev = proving().told(DENIED)
    ev.wait(2 * LAST_CALL)
    assert ev.ask(AUTHORIZATION).evse_processing.value == "Ongoing"


def test_a_vehicle_that_has_not_asked_yet_is_not_hurried():
    for ev in (Ev().select().told(DENIED), Ev().identify().told(NO_CONTRACT)):
        ev.wait(SEQUENCE_TIMEOUT - 0.1)
        assert not hung_up(ev)
    assert Ev().identify().ask(PROOF) is None
