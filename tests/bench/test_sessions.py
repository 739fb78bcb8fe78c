"""Many sessions at once, measured in small."""

import pytest

from seccstack.bench import certificates
from seccstack.bench.sessions import BOUND_MS, CLOSE_ENOUGH, Level, borne, level


def of(sessions, most=1000):
    """A level of a charger that bears so many at most."""
    wait = BOUND_MS / 2 if sessions <= most else BOUND_MS * 2
    return Level(sessions, [wait], 0.1, 0.0, 10.0, 5.0)


@pytest.mark.parametrize("most", [100, 150, 777, 1000])
def test_the_largest_number_that_is_borne_is_closed_in_on(most):
    best, note = borne(of(100, most), 6400, lambda sessions: of(sessions, most))
    assert most / CLOSE_ENOUGH <= best.sessions <= most
    assert "p99 200 ms" in note


def test_no_more_are_tried_than_files_can_be_open():
    best, note = borne(of(100), 300, of)
    assert best.sessions == 300
    assert note == "p99 50 ms; more were not tried"


def test_where_the_first_are_too_many_there_is_no_such_number():
    assert borne(of(100, 50), 6400, of) == (None, "with 100: p99 200 ms")


def test_cars_that_do_not_get_through_are_too_many():
    def attempt(sessions):
        raise TimeoutError("2 of 200 cars did not get through")

    best, note = borne(of(100), 200, attempt)
    assert best.sessions == 100
    assert note.endswith("cars did not get through")


def test_what_is_not_the_chargers_doing_is_said():
    assert Level(1, [1.0], 0.1, 0.38, 0.0, 0.0).odd.endswith("the processor 38% of it")


@pytest.mark.parametrize("tls", [False, True])
def test_cars_charge_at_once_and_are_answered(tmp_path, tls):
    chain = certificates.make(tmp_path / "made")[0] if tls else None
    found = level(2, chain, haste=5.0)
    assert len(found.answers) >= 10
    assert found.cpu >= 0


def test_cars_that_speak_iso_15118_20_turn_their_loops():
    found = level(2, haste=5.0, newest=True)
    assert len(found.turns) >= 4
    assert len(found.turns) < len(found.answers) + 4
