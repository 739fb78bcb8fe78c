"""From a limit to the vehicle, measured in small."""

import asyncio

from seccstack.bench import limits


def test_each_change_is_told_to_a_vehicle_in_session():
    assert len(limits.by_message(1)) >= limits.CHANGES_EACH - 2


def test_each_change_reaches_the_pilot():
    assert len(asyncio.run(limits.by_pulses())) == limits.CHANGES


def test_a_day_is_as_long_as_it_is_wanted():
    assert len(limits.days(range(60))) == limits.DAYS
