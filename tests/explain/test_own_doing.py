"""A vehicle that sleeps is told from one that wants nothing."""

from seccstack.pilot.limits import Apply
from seccstack.pilot.port import Limit
from tests.explain.test_rules import GRANTED, READY, answer, note

OFFERED = (GRANTED, Apply(Limit(16)))
WAKE = note("wake", by="state F")


def ended(worked, times=1):
    return note("wake ended", worked=worked, times=times)


def test_one_that_is_being_woken_is_waited_for():
    told = answer(*OFFERED, WAKE)
    assert (told["cause"], told["turn"]) == ("waking", "charger")
    assert told["says"] == (
        "The vehicle sleeps, though there is energy: it is woken by state F."
    )


def test_one_that_did_not_wake_up_is_for_its_driver_to_wake():
    told = answer(*OFFERED, WAKE, ended(False, 3))
    assert (told["cause"], told["turn"]) == ("asleep", "driver")
    assert "it was woken 3 times, and did not wake up" in told["says"]
    assert told["do"][0].startswith("wake the vehicle")
    assert "it was woken once," in answer(*OFFERED, WAKE, ended(False))["says"]


def test_one_that_is_awake_may_wait_for_reasons_of_its_own():
    assert answer(*OFFERED, WAKE, ended(True))["cause"] == "vehicle waits"


def test_one_that_has_asked_for_energy_since_is_not_asleep():
    again = note("pilot", state="B")
    for sleeping in ([WAKE], [WAKE, ended(False)]):
        told = answer(*OFFERED, *sleeping, READY, again)
        assert told["cause"] == "vehicle waits"


def test_nobody_is_woken_for_nothing():
    nothing = note("limit", amps=0.0, source="solar")
    assert answer(*OFFERED, WAKE, ended(False), nothing)["cause"] == "limit"


def test_in_a_session_nobody_sleeps():
    told = answer(*OFFERED, WAKE, note("stream opened", address="fe80::2"))
    assert told["cause"] == "in session"


def test_one_that_we_sent_to_rest_has_not_ended_its_session_itself():
    ended_so = note("session ended", how="stopped")
    none, some = (note("limit", amps=amps, source="solar") for amps in (0.0, 16.0))
    told = answer(GRANTED, none, ended_so, some)
    assert (told["cause"], told["turn"]) == ("left alone", "charger")
    assert answer(GRANTED, ended_so, none, some)["cause"] == "vehicle ended"
