"""Whether a limit was told, and obeyed."""

import pytest

from seccstack.energy.obedience import MAX_RECORDS, Followed, Obedience


@pytest.fixture
def ten_amps():
    obedience = Obedience()
    obedience.set(1.0, 10.0, "owner")
    return obedience


def last(obedience):
    return obedience.records[-1].told, obedience.records[-1].obeyed


def test_a_limit_is_neither_told_nor_obeyed_at_first(ten_amps):
    assert ten_amps.records[0].to_json() == {
        "t": 1.0,
        "amps": 10.0,
        "source": "owner",
        "told": None,
        "obeyed": None,
        "told_ms": None,
        "obeyed_ms": None,
    }


@pytest.mark.parametrize(("amps", "told"), [(10.0, 2.0), (9.9, 2.0), (0.0, 2.0), (10.1, None)])
def test_it_is_told_by_a_word_that_allows_no_more(ten_amps, amps, told):
    ten_amps.tell(amps, 2.0)
    assert last(ten_amps) == (told, None)


@pytest.mark.parametrize(("amps", "obeyed"), [(10.5, 3.0), (10.51, None), (0.0, 3.0)])
def test_it_is_obeyed_by_who_draws_no_more_by_a_meter_that_errs_a_little(
    ten_amps, amps, obeyed
):
    ten_amps.tell(10.0, 2.0)
    ten_amps.measure(amps, 3.0)
    assert last(ten_amps) == (2.0, obeyed)


def test_who_drew_less_before_it_was_told_obeys_it_when_it_is(ten_amps):
    ten_amps.measure(6.0, 2.0)
    assert last(ten_amps) == (None, None)
    ten_amps.tell(10.0, 3.0)
    assert last(ten_amps) == (3.0, 3.0)


def test_it_is_told_and_obeyed_once(ten_amps):
    for now in (2.0, 3.0):
        ten_amps.tell(10.0, now)
        ten_amps.measure(10.0, now)
    assert last(ten_amps) == (2.0, 2.0)


def test_a_limit_that_is_replaced_stays_as_it_is(ten_amps):
    ten_amps.set(2.0, 8.0, "owner")
    ten_amps.tell(8.0, 3.0)
    ten_amps.measure(8.0, 4.0)
    assert [(r.told, r.obeyed) for r in ten_amps.records] == [(None, None), (3.0, 4.0)]


def test_without_a_limit_there_is_nothing_to_obey():
    obedience = Obedience()
    obedience.tell(6.0, 1.0)
    obedience.measure(6.0, 2.0)
    assert obedience.records == []


def test_the_first_ones_are_kept_and_one_beyond_them_tells_none_of_them():
    obedience = Obedience()
    for number in range(MAX_RECORDS + 1):
        obedience.set(number, 6.0, "owner")
    obedience.tell(6.0, 0.0)
    assert len(obedience.records) == MAX_RECORDS
    assert {record.told for record in obedience.records} == {None}


# In milliseconds, and what the vehicle took of them.


def followed(drawn=16.0, amps=10.0, since=None):
    """A limit that a vehicle follows: told after 0.25 s, obeyed 2 s later."""
    obedience = Obedience()
    obedience.measure(drawn, 0.0)
    obedience.set(1.0, amps, "owner", since)
    obedience.tell(amps, 1.25)
    obedience.measure(amps, 3.25)
    return obedience.present


def test_both_are_counted_in_milliseconds_from_when_it_was_decided():
    assert (followed().told_ms, followed().obeyed_ms) == (250, 2250)


def test_or_from_when_the_vehicle_came_if_it_was_later():
    assert (followed(since=1.2).told_ms, followed(since=1.2).obeyed_ms) == (50, 2050)


def test_a_vehicle_that_had_to_follow_has_taken_what_lies_between():
    assert followed().reaction == 2.0


@pytest.mark.parametrize("drawn", [9.0, 10.5])
def test_one_that_drew_no_more_before_has_not_reacted(drawn):
    assert followed(drawn).reaction is None


def test_nor_has_one_that_has_not_obeyed_yet(ten_amps):
    assert ten_amps.present.reaction is None
    ten_amps.measure(16.0, 1.5)
    ten_amps.tell(10.0, 2.0)
    assert ten_amps.present.reaction is None


def test_nor_one_whose_power_was_taken():
    obedience = Obedience()
    obedience.force()
    obedience.measure(16.0, 0.0)
    obedience.set(1.0, 10.0, "owner")
    obedience.tell(10.0, 1.0)
    obedience.force()
    assert obedience.measure(0.0, 9.0) == (Followed.OBEYED,)
    assert obedience.present.reaction is None


def test_what_has_just_become_of_it_is_said_once(ten_amps):
    ten_amps.measure(16.0, 1.5)
    assert ten_amps.tell(10.0, 2.0) == (Followed.TOLD,)
    assert ten_amps.tell(10.0, 2.5) == ()
    assert ten_amps.measure(10.0, 3.0) == (Followed.OBEYED,)
    assert ten_amps.measure(9.0, 3.5) == ()


def test_a_current_that_was_made_watts_of_and_read_back_is_still_told(ten_amps):
    assert ten_amps.tell(10.0004, 2.0) == (Followed.TOLD,)
