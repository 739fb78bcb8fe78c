"""What our own charger told, among what the capture shows."""

import pytest

from seccstack.capture.pilotlog import Reading
from seccstack.report.account import OUTLET, Happening, draw, draw_pilot, with_account
from seccstack.report.plots import MICRO, Plots
from seccstack.report.rows import FAILED, FINE, NOTE, ODD, SLAC, Row


def row(number, time):
    return Row(number, time, SLAC, "ev", f"frame {number}")


def happening(time, event, **told):
    return Happening(time, {"t": time, "event": event, **told}, f"said {event}")


def plots(*happenings):
    made = Plots()
    draw(happenings, 1000.0, made)
    return lines(made)


def lines(made):
    return {
        line["name"]: [
            (time, plot.get("words", {})[value] if "words" in plot else value)
            for time, value in zip(line["t"], line["v"], strict=True)
        ]
        for plot in made.to_json()
        for line in plot["lines"]
    }


def test_what_happened_at_the_outlet_stands_where_it_was():
    told = [
        happening(1001.5, "decision"),
        happening(999, "plugged in"),
        happening(1003, "limit"),
    ]
    merged = with_account([row(1, 1001), row(2, 1002), row(3, 1003)], told)
    assert [one.what for one in merged] == [
        OUTLET, "frame 1", OUTLET, "frame 2", "frame 3", OUTLET,
    ]  # fmt: skip
    assert [one.number for one in merged] == [1, 1, 1, 2, 3, 3]


def test_without_an_account_the_rows_are_as_they_were():
    rows = [row(1, 1001), row(2, 1002)]
    assert with_account(rows, []) == rows


@pytest.mark.parametrize(
    ("event", "level"),
    [("decision", FINE), ("pulse width", ODD), ("revoked", ODD), ("contactor fault", FAILED)],
)
def test_faults_and_troubles_of_the_outlet_are_told_apart(event, level):
    (told,) = [
        one for one in with_account([row(1, 1)], [happening(2, event)]) if one.lane == NOTE
    ]
    assert (told.level, told.note) == (level, f"said {event}")


def test_the_pilot_and_the_contactor_are_states_over_time():
    assert plots(
        happening(1000, "pilot", state="B"),
        happening(1001, "signal", says="5 %", duty=0.05),
        happening(1002, "pilot", state="C"),
        happening(1003, "contactor", closed=True),
        happening(1004, "contactor", closed=False),
    ) == {
        "pilot state": [(0, "B"), (2 * MICRO, "C")],
        "pilot carries": [(MICRO, "5 %")],
        "contactor": [(3 * MICRO, "closed"), (4 * MICRO, "open")],
    }


def test_limits_and_what_was_drawn_are_currents():
    assert plots(
        happening(1000, "limit", amps=16.0, source="owner"),
        happening(1001, "current", amps=15.5),
        happening(1002, "decision"),
    ) == {"limit set": [(0, 16.0)], "drawn current": [(MICRO, 15.5)]}


def reading(time, state=None, closed=None, amps=None, volts=None):
    return Reading(1, time, state, None, None, closed, amps, volts)


def test_what_was_measured_at_the_pilot_is_drawn_as_far_as_it_is_known():
    made = Plots()
    draw_pilot(
        [
            reading(999, "A1"),
            reading(1000, "B2", False),
            reading(1001, "C2", True, 10.0, 400.0),
        ],
        1000.0,
        made,
    )
    assert lines(made) == {
        "pilot state": [(-MICRO, "A1"), (0, "B2"), (MICRO, "C2")],
        "contactor": [(0, "open"), (MICRO, "closed")],
        "measured voltage": [(MICRO, 400.0)],
        "measured current": [(MICRO, 10.0)],
    }


def test_a_reading_that_tells_nothing_draws_nothing():
    made = Plots()
    draw_pilot([reading(1000)], 1000.0, made)
    assert made.to_json() == []
