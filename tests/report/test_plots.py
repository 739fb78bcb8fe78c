"""Lines over time."""

import pytest

from seccstack.report.plots import MICRO, PRODUCT, Plots, role_of
from seccstack.report.quantities import Quantity


def lines(*steps):
    """The lines after these steps: time and quantities."""
    plots = Plots()
    for time, *told in steps:
        plots.add(time, "evse", [Quantity(*one) for one in told])
    return {
        line["name"]: list(zip(line["t"], line["v"], strict=True))
        for plot in plots.to_json()
        for line in plot["lines"]
    }


def current(amps):
    return ("EVSEMaxCurrent", amps, "A")


def test_a_line_has_a_point_for_each_message():
    assert lines((0, current(16)), (5, current(10))) == {"EVSEMaxCurrent": [(0, 16), (5, 10)]}


def test_of_equal_values_the_first_and_the_last_are_kept():
    steps = [(time, current(16)) for time in range(5)]
    assert lines(*steps, (5, current(10)))["EVSEMaxCurrent"] == [(0, 16), (4, 16), (5, 10)]


def test_there_is_a_plot_for_each_unit():
    plots = Plots()
    plots.add(0, "ev", [Quantity("EVRESSSOC", 50, "%"), Quantity("EVTargetVoltage", 400, "V")])
    told = plots.to_json()
    assert [(plot["title"], plot["unit"]) for plot in told] == [
        ("Voltage", "V"), ("State of charge", "%"),
    ]  # fmt: skip
    assert told[0]["lines"][0] == {
        "name": "EVTargetVoltage", "from": "ev", "role": "target", "t": [0], "v": [400],
    }  # fmt: skip


def test_present_voltage_times_present_current_is_power():
    both = (("EVSEPresentVoltage", 400, "V"), ("EVSEPresentCurrent", 100, "A"))
    assert lines((7, *both))[PRODUCT] == [(7, 40000)]
    assert PRODUCT not in lines((7, both[0]))


def test_a_schedule_says_what_will_be():
    told = [("start", 0, "s"), ("PMax", 11000, "W"), ("start", 60, "s"), ("PMax", 3000, "W")]
    assert lines((5, *told)) == {"PMax": [(5, 11000), (5 + 60 * MICRO, 3000)]}


def test_of_several_schedules_the_first_is_drawn():
    told = [("start", 0, "s"), ("PMax", 11000, "W"), ("start", 0, "s"), ("PMax", 3000, "W")]
    assert lines((5, *told)) == {"PMax": [(5, 11000)]}


def test_a_new_schedule_takes_the_place_of_what_was_to_come():
    first = [("start", 0, "s"), ("PMax", 11000, "W"), ("start", 60, "s"), ("PMax", 3000, "W")]
    second = [("start", 0, "s"), ("PMax", 7000, "W")]
    told = lines((0, *first), (30 * MICRO, *second))
    assert told == {"PMax": [(0, 11000), (30 * MICRO, 7000)]}


def test_iso_15118_20_says_how_long_an_entry_lasts():
    told = [
        ("Duration", 60, "s"),
        ("Power", 11000, "W"),
        ("Duration", 9, "s"),
        ("Power", 1, "W"),
    ]
    assert lines((0, *told)) == {"Power": [(0, 11000), (60 * MICRO, 1)]}


@pytest.mark.parametrize(
    ("name", "role"),
    [("EVPresentVoltage", "is"), ("EVRESSSOC", "is"), ("EVTargetCurrent", "target"),
     ("EVSEMaxCurrent", "limit"), ("PMax", "limit"), (PRODUCT, "is")],
)  # fmt: skip
def test_what_is_measured_wished_for_or_a_bound_is_told_apart(name, role):
    assert role_of(name) == role


def test_states_are_a_plot_of_words():
    plots = Plots()
    for time, word in enumerate(["B", "C", "C", "C", "B"]):
        plots.state(time, "pilot state", word)
    (told,) = plots.to_json()
    assert (told["title"], told["unit"], told["words"]) == ("States", "", ["B", "C"])
    assert (told["lines"][0]["t"], told["lines"][0]["v"]) == ([0, 1, 3, 4], [0, 1, 1, 0])
