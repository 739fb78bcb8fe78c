"""Recorded vehicles, with one MAC address for all: whom their fingerprint tells apart."""

from pathlib import Path

import pytest

from seccstack.auth.fingerprint import ALIKE, Fingerprint, likeness
from tools.fingerprints import SIMULATORS, Visit, false_scores, laptops, table, visits_of
from tools.fingerprints import true_scores as own_scores

PAGE = Path(__file__).parent / "FINGERPRINTS.md"


@pytest.fixture(scope="module")
def visits(shared):
    return list(visits_of(shared / "captures"))


@pytest.fixture(scope="module")
def vehicles(visits):
    found = {}
    for visit in visits:
        found.setdefault(visit.vehicle, []).append(visit.shown)
    return found


def real(vehicles):
    return {name: prints for name, prints in vehicles.items() if name not in SIMULATORS}


def test_the_page_is_up_to_date(visits):
    assert PAGE.read_text() == table(visits)


def test_a_laptop_that_has_copied_an_address_scores_visibly_lower_than_any_vehicle(vehicles):
    highest = max(laptops(false_scores(name, vehicles)) for name in real(vehicles))
    lowest = min(min(own_scores(p)) for p in real(vehicles).values() if len(p) > 1)
    assert highest < 0.3 < 0.6 < lowest


def test_real_vehicles_are_like_themselves(vehicles):
    scores = [score for prints in real(vehicles).values() for score in own_scores(prints)]
    assert len(scores) > 40
    assert sum(score >= ALIKE for score in scores) >= len(scores) - 1


def test_vehicles_with_controllers_of_their_own_are_like_nobody_else(vehicles):
    for name in ("Tesla Model Y 11.1", "Mercedes-Benz EQE", "Opel Ampera-E"):
        assert max(score for score, _ in false_scores(name, vehicles)) < ALIKE


def test_the_reasons_name_what_differs(vehicles):
    [laptop] = [one for one in vehicles["Josev EV"] if one.sdp and one.sdp < 11]
    said = likeness(vehicles["Tesla Model Y 11.1"], laptop).words
    assert 'RunID differs: drawn at random, before the text "TESLA EV"' in said
    assert "SAP offer differs" in said


def test_a_page_of_few_vehicles_can_be_drawn_without_recordings():
    names = ("a car", SIMULATORS[0])
    page = table([Visit(name, Fingerprint(run_id=name, offer=(name,))) for name in names])
    assert "| a car | 1 |  |  | 1 | 0 |" in page
