"""Many EVs at once: each is served by itself, and none by another's right."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seccstack.errors import UsageError
from seccstack.homeplug.messages import (
    AttenCharInd,
    AttenProfileInd,
    SlacMatchCnf,
    SlacParmCnf,
)
from seccstack.slac import timing
from seccstack.slac.attempts import Attempts, per_group
from seccstack.slac.events import LinkChanged, Send
from seccstack.slac.validation import Validation
from tests.slac.bench import EV, KEY, OTHER, PROFILE, RUN, Bench, choice, response, start

PARALLEL = 5  # C_EVSE_match_parallel
CARS = [bytes([2, 0, 0, 0, 0, n]) for n in range(PARALLEL)]
RUNS = [bytes([n]) * 8 for n in range(PARALLEL)]
ANOTHER_RUN = b"\x07" * 8


def sounded(bench, kind):
    """To whom messages of this kind were sent."""
    return [
        a.destination for _, a in bench.done if isinstance(a, Send) and kind is type(a.message)
    ]


def interleaved(bench, cars):
    """Bring all these cars, step by step beside each other, to before their choice."""
    for mac, run in cars:
        bench.ask(mac, run)
    for mac, run in cars:
        bench.say(start(mac, run), mac)
    for _, (mac, _) in itertools.product(range(10), cars):
        bench.hear(1, mac)
        bench.wait(0.005)
    for mac, run in cars:
        bench.say(response(mac, run), mac)


@pytest.mark.parametrize("winner", range(PARALLEL))
def test_five_cars_are_matched_beside_each_other_and_one_is_given_the_key(winner):
    bench, cars = Bench(), list(zip(CARS, RUNS, strict=True))
    interleaved(bench, cars)
    assert sounded(bench, SlacParmCnf) == sounded(bench, AttenCharInd) == CARS
    mac, run = cars[winner]
    [confirmed] = bench.say(choice(mac, run), mac)
    assert (confirmed.ev_mac, confirmed.run_id, confirmed.network_key) == (mac, run, KEY)
    for other in CARS:
        assert other == mac or bench.say(choice(other, run), other) == []


def test_one_car_may_have_several_runs_and_each_is_its_own():
    bench, runs = Bench(), [(EV, run) for run in RUNS]
    for mac, run in runs:
        bench.get_chosen(mac, run)
    [confirmed] = bench.say(choice(run=RUNS[2]))
    assert confirmed.run_id == RUNS[2]


@given(order=st.permutations(list(range(PARALLEL))), winner=st.sampled_from(range(PARALLEL)))
def test_whatever_order_they_come_in_everybody_is_told_its_own_attenuation(order, winner):
    bench = Bench()
    for n in order:
        bench.ask(CARS[n], RUNS[n])
        bench.say(start(CARS[n], RUNS[n]), CARS[n])
    for n in reversed(order):
        [report] = bench.hear(mac=CARS[n], profile=bytes([10 + n]) * 58)
        assert (report.source_address, report.run_id) == (CARS[n], RUNS[n])
        assert set(report.attenuations) == {10 + n}
        bench.say(response(CARS[n], RUNS[n]), CARS[n])
    assert bench.say(choice(CARS[winner], RUNS[winner]), CARS[winner])


# A car that begins anew.


STEPS = {
    "asked": lambda bench: bench.ask(),
    "started": lambda bench: (bench.ask(), bench.say(start())),
    "sounding": lambda bench: (bench.ask(), bench.say(start()), bench.hear(5)),
    "reported": lambda bench: bench.get_report(),
    "choosing": lambda bench: bench.get_chosen(),
    "matched": lambda bench: bench.match(),
    "linked and parted": lambda bench: (
        bench.match(),
        bench.tell(LinkChanged(up=True)),
        bench.tell(LinkChanged(up=False)),
    ),
}


@pytest.mark.parametrize("run", [RUN, ANOTHER_RUN], ids=["same run", "another run"])
@pytest.mark.parametrize("step", STEPS)
def test_a_car_that_begins_anew_is_served_anew_wherever_it_was(step, run):
    bench = Bench()
    STEPS[step](bench)
    [confirmed] = bench.match(run=run)
    assert confirmed.run_id == run


@pytest.mark.parametrize("message", [response(), choice()])
def test_what_belonged_to_the_run_before_does_not_count_for_the_new(message):
    bench = Bench()
    bench.get_chosen()
    bench.ask()
    assert bench.say(message) == []


# Others' runs, and replays.


@pytest.mark.parametrize("mac", [EV, OTHER])
def test_a_choice_of_a_run_that_was_never_sounded_is_ignored(mac):
    bench = Bench()
    bench.get_chosen()
    assert bench.say(choice(mac, ANOTHER_RUN), mac) == []


def test_a_recorded_matching_that_is_played_back_gets_nobody_the_key():
    bench = Bench()
    bench.match()
    bench.tell(LinkChanged(up=True))
    for message in (start(), response(), choice()):
        assert bench.say(message) == []
    assert len(bench.said(SlacMatchCnf)) == 1


def test_the_key_is_repeated_to_its_owner_alone_and_not_once_the_link_stands():
    bench = Bench()
    bench.match()
    assert bench.say(choice()) != []
    for mac, run in ((OTHER, RUN), (EV, ANOTHER_RUN), (OTHER, ANOTHER_RUN)):
        assert bench.say(choice(EV, run), mac) == bench.say(choice(mac, run), mac) == []
    bench.tell(LinkChanged(up=True))
    assert bench.say(choice()) == []


def test_without_a_profile_nothing_is_reported_and_with_one_it_is():
    bench = Bench()
    bench.ask()
    bench.say(start())
    bench.hear(1, mac=OTHER)
    bench.wait(0.6)
    assert bench.said(AttenCharInd) == []
    bench.ask()
    bench.say(start())
    bench.hear(1)
    [(_, told)] = bench.wait(0.6)
    assert (told.message.num_sounds, told.message.attenuations) == (1, PROFILE)


# The correction of the board.


def test_each_group_is_corrected_by_its_own_number():
    correction = [n % 5 - 2 for n in range(58)]
    bench = Bench(correction_db=correction)
    report = bench.get_report()
    expected = [db + change for db, change in zip(PROFILE, correction, strict=True)]
    assert list(report.attenuations) == expected


@pytest.mark.parametrize("count", [0, 57, 59])
def test_a_table_of_another_size_is_refused(count):
    with pytest.raises(UsageError, match=f"58 groups to correct, not {count}"):
        per_group([0] * count)


def test_a_profile_of_nobody_is_ignored():
    attempts = Attempts(0, Validation.OFF)
    [ignored] = attempts.report(AttenProfileInd(ev_mac=EV, attenuations=PROFILE), 0.0)
    assert ignored.why == "belongs to no attempt"


def test_ours_is_the_same_bound_that_the_standard_wants_and_more():
    assert timing.MAX_ATTEMPTS > PARALLEL
