"""How long a vehicle is told Ongoing."""

from seccstack.session.waiting import LAST_CALL, ONGOING_LIMIT, last_call, over


def test_a_vehicle_has_waited_enough_before_its_own_60_s_are_over():
    assert not over(10.0, 10.0 + ONGOING_LIMIT - 0.001)
    assert over(10.0, 10.0 + ONGOING_LIMIT)
    assert ONGOING_LIMIT + LAST_CALL < 60


def test_who_was_told_nothing_is_not_hung_up_on():
    assert last_call(None) is None
    assert last_call(1.0) == 1.0 + ONGOING_LIMIT + LAST_CALL
