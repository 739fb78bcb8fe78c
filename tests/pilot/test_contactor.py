"""When a contactor counts as broken."""

import pytest

from seccstack.pilot.contactor import Contactor


def test_a_contactor_that_was_told_to_close_has_three_seconds():
    assert Contactor().order(True, 10.0).deadline == 13.0


def test_one_that_was_told_to_open_has_one():
    closed = Contactor().order(True, 0.0).report(True, 0.1)
    assert closed.order(False, 20.0).deadline == 21.0


@pytest.mark.parametrize("closed", [True, False])
def test_one_that_is_where_it_was_told_has_no_deadline(closed):
    assert Contactor().order(closed, 0.0).report(closed, 0.1).deadline is None


def test_a_report_that_changes_nothing_does_not_prolong_the_wait():
    assert Contactor().order(True, 0.0).report(False, 2.0).deadline == 3.0


def test_one_that_falls_open_by_itself_has_three_seconds_again():
    closed = Contactor().order(True, 0.0).report(True, 0.1)
    assert closed.report(False, 50.0).deadline == 53.0


def test_one_that_is_closed_before_it_was_told_anything_has_one_second():
    assert Contactor().report(True, 5.0).deadline == 6.0


def test_one_of_which_nothing_is_known_counts_as_open():
    assert Contactor().deadline is None
