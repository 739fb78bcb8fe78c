"""The figures from plug to energy, of the cars that differ most."""

from seccstack.bench import start
from seccstack.bench.start import AUTO, FIXED, course
from seccstack.sim.cars import PLAIN, kind


def test_one_that_says_nothing_waits_its_54_seconds_each_time_where_times_are_fixed():
    assert [round(seconds) for seconds in course(PLAIN, FIXED, 2)] == [55, 55]
    assert [round(seconds) for seconds in course(PLAIN, AUTO, 3)] == [15, 1, 1]


def test_one_that_minds_5_percent_never_charges_there():
    assert course(kind("Ioniq PHEV"), FIXED, 1) == [None]
    first, second = course(kind("Ioniq PHEV"), AUTO, 2)
    assert first > 60 > 2 > second


def test_a_figure_says_what_it_is_beside(monkeypatch):
    monkeypatch.setattr(start, "KINDS", (PLAIN, kind("Ioniq PHEV")))
    plain, touchy = start.figures()
    assert (plain.name, plain.unit) == ("plug-in to energy, learned, plain", "s")
    assert plain.median < 1
    assert plain.note == "first contact 14.6 s, with fixed times 54.6 s"
    assert touchy.note.endswith("with fixed times not in 400 s")


def test_a_car_that_does_not_charge_has_no_figure(monkeypatch):
    monkeypatch.setattr(start, "KINDS", (kind("Ioniq PHEV"),))
    monkeypatch.setattr(start, "AUTO", FIXED)
    (figure,) = start.figures()
    assert figure.median is None
    assert figure.note.startswith("it does not charge")
