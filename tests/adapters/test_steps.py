"""The steps that an operator follows."""

from seccstack.adapters.steps import MAX_STEPS, Steps


def test_who_has_seen_some_is_shown_the_others():
    steps = Steps()
    for says in "abc":
        steps.add({"says": says})
    assert steps.since(1) == [{"number": 2, "says": "b"}, {"number": 3, "says": "c"}]
    assert steps.since(3) == []


def test_who_does_not_look_misses_the_oldest():
    steps = Steps()
    for says in range(MAX_STEPS + 5):
        steps.add({"says": says})
    assert next(iter(steps.since(0)))["number"] == 6
    assert len(steps.since(0)) == MAX_STEPS
